//! A sorted table of records in one file, memory-mapped: looked up without being read.
//!
//! Layout, numbers little-endian: a header of [`HEADER_BYTES`]; the ids of the index files it was made of; the ids of
//! packs; 65,537 positions of 4 bytes, the first record of each two-byte prefix; the records.
//!
//! A table is written under a temporary name, synced and renamed, and never changed afterwards. One that is torn, foreign
//! or of another version is not trusted: [`Table::open`] answers `None`, and it is made anew.
//!
//! Here reading; [`writer`] makes tables.

mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use bygone_common::id::ID_BYTES;
use bygone_common::{BlobId, Id, IndexId, PackId, RepositoryId};
use memmap2::Mmap;
use sha2::{Digest, Sha256};

use super::record::{BlobKind, BlobLocation, RECORD_BYTES, Record};

pub(super) use writer::{TableParts, TableWriter};

const MAGIC: &[u8; 8] = b"BYGONEBM";
const VERSION: u32 = 1;
/// Magic 8, version 4, reserved 4, repository 32, sources 8, packs 8, records 8, trees 8, checksum 32.
const HEADER_BYTES: usize = 112;
const CHECKED_BYTES: usize = HEADER_BYTES - 32;
/// Positions of the first record of each two-byte prefix, and one past the last.
const FANOUT: usize = 65_537;
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

    /// A table in memory; `None` when it is not a whole table of this repository.
    pub(super) fn from_bytes(bytes: Vec<u8>, repository: RepositoryId) -> Option<Self> {
        Self::check(Bytes::Owned(bytes), None, repository)
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
        self.count_lookup();
        let start = self.first_position(id);
        (start..)
            .map_while(|position| self.record(position))
            .take_while(move |record| record.id == *id)
            .filter_map(|record| Some(record.location(self.pack(record.pack_number())?)))
    }

    /// Whether a blob lies in a pack that is not marked for deletion.
    pub(super) fn holds(&self, kind: BlobKind, id: &BlobId) -> bool {
        self.count_lookup();
        let start = self.first_position(id);
        (start..)
            .map_while(|position| self.record(position))
            .take_while(|record| record.id == *id)
            .any(|record| record.kind() == kind && !record.is_marked())
    }

    /// The first record not below `id`.
    fn first_position(&self, id: &BlobId) -> usize {
        let prefix = prefix(id);
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

    fn count_lookup(&self) {
        if self.bytes.len() > RESIDENT_TABLE_BYTES_MAX
            && self.lookups.fetch_add(1, Ordering::Relaxed) % LOOKUPS_BEFORE_RELEASE == LOOKUPS_BEFORE_RELEASE - 1
        {
            self.release_pages();
        }
    }

    /// Gives back the memory of the pages that were looked at; the next look at them maps them again.
    pub(super) fn release_pages(&self) {
        #[cfg(unix)]
        if let Bytes::Mapped(map) = &self.bytes {
            // SAFETY: the mapping is shared and read-only, and its file does not change: pages that are dropped come
            // back from the file with the same bytes.
            let _ = unsafe { map.unchecked_advise(memmap2::UncheckedAdvice::DontNeed) };
        }
    }
}

/// The slot of the fan-out that an id belongs to.
fn prefix(id: &BlobId) -> usize {
    let [high, low, ..] = *id.as_bytes();
    usize::from(high) << 8 | usize::from(low)
}

/// Of the header's other fields and the sources: what says which index files a table may stand for.
fn checksum(header: &[u8], sources: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(header).chain_update(sources).finalize().into()
}
