//! Writing index files anew, pack by pack.

use std::collections::HashSet;

use bygone_common::PackId;

use super::index::{IndexFile, IndexPack};
use super::{INDEX_BLOBS_MAX, Writer};
use crate::error::Result;

/// Collects packs, and writes an index file whenever they are many.
pub(crate) struct IndexRewriter<'a> {
    writer: &'a Writer,
    file: IndexFile,
    blobs: usize,
    /// Packs that were written, and whether as marked ones: several old index files may name the same.
    named: HashSet<(PackId, bool)>,
}

impl<'a> IndexRewriter<'a> {
    pub(crate) fn new(writer: &'a Writer) -> Self {
        Self { writer, file: IndexFile::default(), blobs: 0, named: HashSet::new() }
    }

    /// Names a pack: one with a time as marked for deletion.
    pub(crate) fn push(&mut self, pack: IndexPack) -> Result<()> {
        let marked = pack.time.is_some();
        if !self.named.insert((pack.id, marked)) {
            return Ok(());
        }
        self.blobs += pack.blobs.len();
        if marked {
            self.file.packs_to_delete.push(pack);
        } else {
            self.file.packs.push(pack);
        }
        if self.blobs >= INDEX_BLOBS_MAX { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<()> {
        self.blobs = 0;
        self.writer.write_index_file(&std::mem::take(&mut self.file)).map(drop)
    }

    /// Writes what is left.
    pub(crate) fn finish(mut self) -> Result<()> {
        if self.file.packs.is_empty() && self.file.packs_to_delete.is_empty() { Ok(()) } else { self.write() }
    }
}
