//! A sorted table of records in one file, memory-mapped: looked up without being read.
//!
//! Layout, numbers little-endian: a header of [`HEADER_BYTES`]; the ids of the index files it was made of; the ids of
//! packs; 65,537 positions of 4 bytes, the first record of each two-byte prefix; the records.
//!
//! A table is written under a temporary name, synced and renamed, and never changed afterwards. One that is torn, foreign
//! or of another version is not trusted: [`Table::open`] answers `None`, and it is made anew.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use bygone_common::{BlobId, Id, IndexId, PackId, RepositoryId};
use memmap2::Mmap;
use sha2::{Digest, Sha256};

use super::record::{BlobLocation, RECORD_BYTES, Record};

const MAGIC: &[u8; 8] = b"BYGONEBM";
const VERSION: u32 = 1;
/// Magic 8, version 4, reserved 4, repository 32, sources 8, packs 8, records 8, trees 8, checksum 32.
const HEADER_BYTES: usize = 112;
const CHECKED_BYTES: usize = HEADER_BYTES - 32;
const FANOUT: usize = 65_537;
const ID_BYTES: usize = 32;
/// Look-ups after which the pages of a large table are given back. A look-up maps up to 64 KiB around what it touches,
/// so this bounds what a table holds resident to some tens of megabytes, however large it is.
const LOOKUPS_BEFORE_RELEASE: u32 = 512;
/// Tables up to this size stay resident.
const RESIDENT_TABLE_BYTES_MAX: usize = 24 << 20;

/// Where a table's bytes are.
#[derive(Debug)]
enum Bytes {
    Mapped(Mmap),
    Owned(Vec<u8>),
}

impl std::ops::Deref for Bytes {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Owned(bytes) => bytes,
        }
    }
}

/// One table.
#[derive(Debug)]
pub(super) struct Table {
    bytes: Bytes,
    path: Option<PathBuf>,
    sources: usize,
    packs: usize,
    records: usize,
    trees: u64,
    lookups: AtomicU32,
}

impl Table {
    /// Maps a table file; `None` when it is not a whole table of this repository.
    pub(super) fn open(path: &Path, repository: RepositoryId) -> Option<Self> {
        let file = File::open(path).ok()?;
        // SAFETY: the file lies in our own cache folder and is never written after it got its name; replacing it makes
        // a new file. Whoever truncates it from outside may end this process, as with any mapped file.
        let map = unsafe { Mmap::map(&file) }.ok()?;
        Self::check(Bytes::Mapped(map), Some(path.to_owned()), repository)
    }

    fn check(bytes: Bytes, path: Option<PathBuf>, repository: RepositoryId) -> Option<Self> {
        let header = bytes.get(..HEADER_BYTES)?;
        let number = |at: usize| -> Option<u64> { Some(u64::from_le_bytes(header.get(at..at + 8)?.try_into().ok()?)) };
        let magic = header.get(..8)? == MAGIC && header.get(8..12)? == VERSION.to_le_bytes();
        let ours = header.get(16..48)? == repository.as_bytes();
        let (sources, packs, records) = (
            usize::try_from(number(48)?).ok()?,
            usize::try_from(number(56)?).ok()?,
            usize::try_from(number(64)?).ok()?,
        );
        let trees = number(72)?;
        let whole = sources
            .checked_add(packs)?
            .checked_mul(ID_BYTES)?
            .checked_add(HEADER_BYTES + FANOUT * 4)?
            .checked_add(records.checked_mul(RECORD_BYTES)?)?;
        if !magic || !ours || bytes.len() != whole {
            return None;
        }
        let checked =
            checksum(header.get(..CHECKED_BYTES)?, bytes.get(HEADER_BYTES..HEADER_BYTES + sources * ID_BYTES)?);
        if header.get(CHECKED_BYTES..)? != checked {
            return None;
        }
        #[cfg(unix)]
        if let Bytes::Mapped(map) = &bytes {
            let _ = map.advise(memmap2::Advice::Random);
        }
        Some(Self { bytes, path, sources, packs, records, trees, lookups: AtomicU32::new(0) })
    }

    /// The index files it was made of.
    pub(super) fn sources(&self) -> impl ExactSizeIterator<Item = IndexId> {
        self.ids(HEADER_BYTES, self.sources).map(IndexId)
    }

    /// Its packs, in the order of their numbers.
    pub(super) fn packs(&self) -> impl ExactSizeIterator<Item = PackId> {
        self.ids(HEADER_BYTES + self.sources * ID_BYTES, self.packs).map(PackId)
    }

    /// Records.
    pub(super) fn len(&self) -> usize {
        self.records
    }

    /// Records of trees.
    pub(super) fn trees(&self) -> u64 {
        self.trees
    }

    /// The file it is mapped from.
    pub(super) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The record at a position.
    pub(super) fn record(&self, position: usize) -> Option<Record> {
        self.raw_records().get(position).map(Record::from_bytes)
    }

    /// All places of a blob, best first.
    pub(super) fn find(&self, id: &BlobId) -> impl Iterator<Item = BlobLocation> {
        self.release_pages();
        let start = self.first_position(id);
        (start..)
            .map_while(|position| self.record(position))
            .take_while(move |record| record.id == *id)
            .filter_map(|record| Some(record.location(self.pack(record.pack_number())?)))
    }

    /// The first record not below `id`.
    fn first_position(&self, id: &BlobId) -> usize {
        let [high, low, ..] = *id.as_bytes();
        let prefix = usize::from(high) << 8 | usize::from(low);
        let (start, end) = (self.fanout(prefix), self.fanout(prefix + 1));
        let records = self.raw_records().get(start..end).unwrap_or_default();
        start + records.partition_point(|record| record.split_at(ID_BYTES).0 < id.as_bytes().as_slice())
    }

    fn fanout(&self, slot: usize) -> usize {
        let at = HEADER_BYTES + (self.sources + self.packs) * ID_BYTES + slot * 4;
        let bytes = self.bytes.get(at..at + 4).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
        bytes.map_or(0, |bytes| u32::from_le_bytes(bytes) as usize).min(self.records)
    }

    fn raw_records(&self) -> &[[u8; RECORD_BYTES]] {
        let at = HEADER_BYTES + (self.sources + self.packs) * ID_BYTES + FANOUT * 4;
        self.bytes.get(at..).unwrap_or_default().as_chunks().0
    }

    fn pack(&self, number: u32) -> Option<PackId> {
        let at = HEADER_BYTES + self.sources * ID_BYTES;
        let end = at + self.packs * ID_BYTES;
        let ids = self.bytes.get(at..end)?.as_chunks::<ID_BYTES>().0;
        ids.get(number as usize).map(|bytes| PackId(Id::new(*bytes)))
    }

    fn ids(&self, at: usize, count: usize) -> impl ExactSizeIterator<Item = Id> {
        let bytes = self.bytes.get(at..at + count * ID_BYTES).unwrap_or_default();
        bytes.as_chunks::<ID_BYTES>().0.iter().map(|bytes| Id::new(*bytes))
    }

    fn release_pages(&self) {
        if self.bytes.len() <= RESIDENT_TABLE_BYTES_MAX {
            return;
        }
        if self.lookups.fetch_add(1, Ordering::Relaxed) % LOOKUPS_BEFORE_RELEASE == LOOKUPS_BEFORE_RELEASE - 1 {
            #[cfg(unix)]
            if let Bytes::Mapped(map) = &self.bytes {
                // SAFETY: the mapping is shared and read-only, and its file does not change: pages that are dropped come
                // back from the file with the same bytes.
                let _ = unsafe { map.unchecked_advise(memmap2::UncheckedAdvice::DontNeed) };
            }
        }
    }
}

fn checksum(header: &[u8], sources: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(header).chain_update(sources).finalize().into()
}

/// What a table is made of, beside its records.
pub(super) struct TableParts<'a> {
    pub(super) repository: RepositoryId,
    pub(super) sources: &'a [IndexId],
    pub(super) packs: &'a [PackId],
}

/// A table file takes shape under a temporary name.
pub(super) struct TableWriter {
    fanout: Vec<u32>,
    records: u64,
    trees: u64,
    out: BufWriter<tempfile::NamedTempFile>,
}

impl TableWriter {
    /// Begins a table in `folder`.
    pub(super) fn create(folder: &Path, parts: &TableParts<'_>) -> std::io::Result<Self> {
        let mut out = BufWriter::with_capacity(1 << 20, tempfile::NamedTempFile::new_in(folder)?);
        // The header and the fan-out are known at the end; their place is kept.
        out.write_all(&[0; HEADER_BYTES])?;
        for source in parts.sources {
            out.write_all(source.as_bytes())?;
        }
        for pack in parts.packs {
            out.write_all(pack.as_bytes())?;
        }
        out.write_all(&vec![0; FANOUT * 4])?;
        Ok(Self { fanout: vec![0; FANOUT], records: 0, trees: 0, out })
    }

    /// Appends a record; they come in order.
    pub(super) fn push(&mut self, record: &Record) -> std::io::Result<()> {
        let [high, low, ..] = *record.id.as_bytes();
        let next = (usize::from(high) << 8 | usize::from(low)) + 1;
        if let Some(count) = self.fanout.get_mut(next) {
            *count += 1;
        }
        self.records += 1;
        self.trees += u64::from(record.kind() == super::record::BlobKind::Tree);
        self.out.write_all(&record.to_bytes())
    }

    /// Makes the table durable under its name.
    pub(super) fn finish(mut self, parts: &TableParts<'_>) -> std::io::Result<PathBuf> {
        use std::io::{Seek as _, SeekFrom};
        let mut sum = 0;
        for slot in &mut self.fanout {
            sum += *slot;
            *slot = sum;
        }
        self.out.flush()?;
        let mut file = self.out.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        let sources: Vec<u8> = parts.sources.iter().flat_map(|id| *id.as_bytes()).collect();
        let header = header(parts, self.records, self.trees, &sources);
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&header)?;
        let fanout_at = HEADER_BYTES + (parts.sources.len() + parts.packs.len()) * ID_BYTES;
        file.seek(SeekFrom::Start(fanout_at as u64))?;
        let fanout: Vec<u8> = self.fanout.iter().flat_map(|position| position.to_le_bytes()).collect();
        file.write_all(&fanout)?;
        file.as_file().sync_all()?;
        let name = hex::encode(Sha256::digest(&sources).get(..8).unwrap_or_default());
        let folder = file.path().parent().map(Path::to_owned).unwrap_or_default();
        let path = folder.join(format!("{name}.table"));
        file.persist(&path).map_err(|error| error.error)?;
        crate::disk::sync_folder(&folder)?;
        Ok(path)
    }
}

fn header(parts: &TableParts<'_>, records: u64, trees: u64, sources: &[u8]) -> Vec<u8> {
    let mut header = Vec::with_capacity(HEADER_BYTES);
    header.extend_from_slice(MAGIC);
    header.extend_from_slice(&VERSION.to_le_bytes());
    header.extend_from_slice(&[0; 4]);
    header.extend_from_slice(parts.repository.as_bytes());
    for number in [parts.sources.len() as u64, parts.packs.len() as u64, records, trees] {
        header.extend_from_slice(&number.to_le_bytes());
    }
    let checksum = checksum(&header, sources);
    header.extend_from_slice(&checksum);
    header
}

/// A table in memory, for those who have no cache folder.
pub(super) fn in_memory(parts: &TableParts<'_>, records: &[Record]) -> Option<Table> {
    let mut fanout = vec![0_u32; FANOUT];
    let mut trees = 0;
    for record in records {
        let [high, low, ..] = *record.id.as_bytes();
        if let Some(count) = fanout.get_mut((usize::from(high) << 8 | usize::from(low)) + 1) {
            *count += 1;
        }
        trees += u64::from(record.kind() == super::record::BlobKind::Tree);
    }
    let sources: Vec<u8> = parts.sources.iter().flat_map(|id| *id.as_bytes()).collect();
    let mut bytes = header(parts, records.len() as u64, trees, &sources);
    bytes.reserve_exact(sources.len() + parts.packs.len() * ID_BYTES + FANOUT * 4 + records.len() * RECORD_BYTES);
    bytes.extend_from_slice(&sources);
    bytes.extend(parts.packs.iter().flat_map(|id| *id.as_bytes()));
    let mut sum = 0_u32;
    for count in &fanout {
        sum += count;
        bytes.extend_from_slice(&sum.to_le_bytes());
    }
    for record in records {
        bytes.extend_from_slice(&record.to_bytes());
    }
    Table::check(Bytes::Owned(bytes), None, parts.repository)
}
