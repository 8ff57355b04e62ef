//! The table of names: every distinct name of the organization's files once. Versions refer to it by number.
//!
//! Numbers are given in the order in which names are first seen and never change. The table is a few immutable files
//! (`chunk`), each a range of numbers; small neighbors are merged. A text of letters is looked for among the distinct
//! runs of letters that names hold (`words`); of a phrase, only names that hold the runs of all its words are read. Any other
//! reads the folded names of a chunk, as one run of bytes, with the processor's widest instructions; `grams` says which parts
//! need not be read.

mod chunk;
mod filter;
pub(crate) mod grams;
mod hits;
mod scan;
mod varint;
mod words;
mod writer;

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub(crate) use chunk::Chunk;
pub(crate) use hits::NameHits;
pub(crate) use scan::{READ_NAME_BYTES, Search, among, scan};
pub(crate) use writer::NamesWriter;

use crate::error::Result;
use crate::files::FileRef;

/// One chunk, as the state of the index names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChunkRef {
    pub(crate) first: u32,
    pub(crate) count: u32,
    pub(crate) file: FileRef,
}

/// All names of a commit. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    chunks: Arc<[Arc<Chunk>]>,
}

impl Names {
    /// Opens the chunks of a state.
    pub(crate) fn open(folder: &Path, chunks: &[ChunkRef], verify: bool) -> Result<Self> {
        let chunks: Result<Vec<_>> =
            chunks.iter().map(|chunk| Chunk::open(folder, chunk, verify).map(Arc::new)).collect();
        Ok(Self::of(chunks?))
    }

    pub(crate) fn of(chunks: Vec<Arc<Chunk>>) -> Self {
        Self { chunks: chunks.into() }
    }

    pub(crate) fn chunks(&self) -> &[Arc<Chunk>] {
        &self.chunks
    }

    /// Names in all.
    pub(crate) fn count(&self) -> u32 {
        self.chunks.last().map_or(0, |chunk| chunk.first() + chunk.count())
    }

    fn chunk(&self, id: u32) -> Option<&Chunk> {
        let at = self.chunks.partition_point(|chunk| chunk.first() <= id).checked_sub(1)?;
        self.chunks.get(at).map(Arc::as_ref)
    }

    /// The folded name; empty for a number that was never given.
    pub(crate) fn folded(&self, id: u32) -> &[u8] {
        self.chunk(id).map_or(&[], |chunk| chunk.folded(id - chunk.first()))
    }

    /// The name as it was stored.
    pub(crate) fn shown(&self, id: u32) -> &[u8] {
        self.chunk(id).map_or(&[], |chunk| chunk.shown(id - chunk.first()))
    }

    /// The number of a name.
    pub(crate) fn find(&self, shown: &[u8], folded: &[u8]) -> Option<u32> {
        self.chunks.iter().find_map(|chunk| chunk.find(shown, folded))
    }

    /// Calls for the distinct runs of letters that hold a text of letters, once for each chunk that has them; with about
    /// how many names do.
    pub(crate) fn runs_with(&self, text: &[u8], mut call: impl FnMut(&[u8], usize)) {
        for words in self.chunks.iter().map(|chunk| chunk.words()) {
            words.holding(text).into_iter().for_each(|word| call(words.text(word), words.list_bytes(word)));
        }
    }

    /// Numbers of names whose folded form begins so, at most `max` of each chunk, in the order of the folded names.
    pub(crate) fn beginning(&self, prefix: &[u8], max: usize) -> Vec<u32> {
        self.chunks.iter().flat_map(|chunk| chunk.beginning(prefix, max)).collect()
    }
}
