//! Writing a table: to a file, under a temporary name until it is whole, or to memory for those who have no cache folder.

use std::io::{self, BufWriter, Cursor, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use bygone_common::id::ID_BYTES;
use bygone_common::{IndexId, PackId, RepositoryId};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::{FANOUT, HEADER_BYTES, MAGIC, VERSION, checksum, prefix};
use crate::blob_map::record::{BlobKind, RECORD_BYTES, Record};

/// Bytes that are collected before they are written to a file.
const WRITE_BYTES: usize = 1 << 20;

/// What a table is made of, beside its records.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TableParts<'a> {
    pub(crate) repository: RepositoryId,
    pub(crate) sources: &'a [IndexId],
    pub(crate) packs: &'a [PackId],
}

impl TableParts<'_> {
    fn source_bytes(&self) -> Vec<u8> {
        self.sources.iter().flat_map(|id| *id.as_bytes()).collect()
    }

    /// Where the fan-out begins.
    fn fanout_at(&self) -> usize {
        HEADER_BYTES + (self.sources.len() + self.packs.len()) * ID_BYTES
    }

    fn header(&self, records: u64, trees: u64) -> Vec<u8> {
        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.extend_from_slice(MAGIC);
        header.extend_from_slice(&VERSION.to_le_bytes());
        header.extend_from_slice(&[0; 4]);
        header.extend_from_slice(self.repository.as_bytes());
        for number in [self.sources.len() as u64, self.packs.len() as u64, records, trees] {
            header.extend_from_slice(&number.to_le_bytes());
        }
        let checksum = checksum(&header, &self.source_bytes());
        header.extend_from_slice(&checksum);
        header
    }
}

/// A table that takes shape, record by record.
#[derive(Debug)]
pub(crate) struct TableWriter<'a, W> {
    parts: TableParts<'a>,
    /// Records of each prefix, one slot late.
    counts: Vec<u32>,
    records: u64,
    trees: u64,
    out: W,
}

impl<'a, W: Write + Seek> TableWriter<'a, W> {
    fn begin(mut out: W, parts: TableParts<'a>) -> io::Result<Self> {
        // The header and the fan-out are known at the end; their place is kept.
        out.write_all(&[0; HEADER_BYTES])?;
        for source in parts.sources {
            out.write_all(source.as_bytes())?;
        }
        for pack in parts.packs {
            out.write_all(pack.as_bytes())?;
        }
        out.write_all(&vec![0; FANOUT * 4])?;
        Ok(Self { parts, counts: vec![0; FANOUT], records: 0, trees: 0, out })
    }

    /// Appends a record; they come in order.
    pub(crate) fn push(&mut self, record: &Record) -> io::Result<()> {
        if let Some(count) = self.counts.get_mut(prefix(&record.id) + 1) {
            *count += 1;
        }
        self.records += 1;
        self.trees += u64::from(record.kind() == BlobKind::Tree);
        self.out.write_all(&record.to_bytes())
    }

    /// Fills in what only all records could tell.
    fn end(mut self) -> io::Result<W> {
        self.out.seek(SeekFrom::Start(0))?;
        self.out.write_all(&self.parts.header(self.records, self.trees))?;
        self.out.seek(SeekFrom::Start(self.parts.fanout_at() as u64))?;
        let mut position = 0_u32;
        for count in &self.counts {
            position += count;
            self.out.write_all(&position.to_le_bytes())?;
        }
        self.out.flush()?;
        Ok(self.out)
    }
}

impl<'a> TableWriter<'a, BufWriter<NamedTempFile>> {
    /// Begins a table in `folder`.
    pub(crate) fn in_folder(folder: &Path, parts: TableParts<'a>) -> io::Result<Self> {
        Self::begin(BufWriter::with_capacity(WRITE_BYTES, NamedTempFile::new_in(folder)?), parts)
    }

    /// Makes the table durable under its name, which follows from its sources.
    pub(crate) fn save(self) -> io::Result<PathBuf> {
        let name = hex::encode(Sha256::digest(self.parts.source_bytes()).get(..8).unwrap_or_default());
        let file = self.end()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        let folder = file.path().parent().map(Path::to_owned).unwrap_or_default();
        let path = folder.join(format!("{name}.table"));
        file.persist(&path).map_err(|error| error.error)?;
        crate::disk::sync_folder(&folder)?;
        Ok(path)
    }
}

impl<'a> TableWriter<'a, Cursor<Vec<u8>>> {
    /// Begins a table in memory that will have so many records.
    pub(crate) fn in_memory(parts: TableParts<'a>, records: usize) -> io::Result<Self> {
        let bytes = parts.fanout_at() + FANOUT * 4 + records * RECORD_BYTES;
        Self::begin(Cursor::new(Vec::with_capacity(bytes)), parts)
    }

    /// The table's bytes.
    pub(crate) fn into_bytes(self) -> io::Result<Vec<u8>> {
        Ok(self.end()?.into_inner())
    }
}
