//! Giving numbers to names while snapshots are ingested.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::chunk::Draft;
use super::filter::Filter;
use super::{Chunk, ChunkRef, Names};
use crate::error::Result;
use crate::fold::fold_name;
use crate::limits::NAMES_BATCH_BYTES;

/// Text above which neighbors stay apart: they are merged in memory.
const MERGED_BYTES_MAX: usize = 32 << 20;

/// When more than one of so many names was asked for, looking for the next ones takes longer than making filters does.
const FILTERS_SHARE: u32 = 256;

/// The names of the last commit, and new ones.
pub(crate) struct NamesWriter {
    folder: PathBuf,
    /// Makes the names of files unique.
    stamp: u64,
    chunks: Vec<Known>,
    draft: Draft,
    new: HashMap<Box<[u8]>, u32>,
    next: u32,
    /// Names that were looked for in the chunks.
    asked: u32,
}

/// A chunk, and what tells quickly that a name is not in it.
struct Known {
    chunk: Arc<Chunk>,
    filter: OnceCell<Filter>,
}

impl From<Arc<Chunk>> for Known {
    fn from(chunk: Arc<Chunk>) -> Self {
        Self { chunk, filter: OnceCell::new() }
    }
}

impl Known {
    fn may_have(&self, shown: &[u8]) -> bool {
        self.filter.get_or_init(|| Filter::new(&self.chunk)).may_have(shown)
    }
}

impl NamesWriter {
    pub(crate) fn new(folder: &Path, stamp: u64, names: &Names) -> Self {
        Self {
            folder: folder.to_path_buf(),
            stamp,
            chunks: names.chunks().iter().cloned().map(Known::from).collect(),
            draft: Draft::default(),
            new: HashMap::new(),
            next: names.count(),
            asked: 0,
        }
    }

    /// The number of a name, a new one if it has none.
    pub(crate) fn number(&mut self, shown: &[u8]) -> Result<u32> {
        if let Some(id) = self.new.get(shown) {
            return Ok(*id);
        }
        let folded = fold_name(shown);
        self.asked = self.asked.saturating_add(1);
        let are_many = self.asked > self.next / FILTERS_SHARE;
        let mut chunks = self.chunks.iter().rev().filter(|known| !are_many || known.may_have(shown));
        if let Some(id) = chunks.find_map(|known| known.chunk.find(shown, &folded)) {
            return Ok(id);
        }
        if self.draft.text.len() + self.draft.shown.len() >= NAMES_BATCH_BYTES {
            self.flush()?;
        }
        let id = self.next;
        self.draft.push(shown, &folded)?;
        self.new.insert(shown.into(), id);
        self.next += 1;
        Ok(id)
    }

    /// The folded form of a name that has a number.
    pub(crate) fn folded(&self, id: u32) -> &[u8] {
        match id.checked_sub(self.next - self.draft.count()) {
            Some(index) => self.draft.folded(index),
            None => self.chunk(id).map_or(&[], |chunk| chunk.folded(id - chunk.first())),
        }
    }

    /// A name that has a number, as it was stored.
    pub(crate) fn shown(&self, id: u32) -> &[u8] {
        match id.checked_sub(self.next - self.draft.count()) {
            Some(index) => self.draft.stored(index),
            None => self.chunk(id).map_or(&[], |chunk| chunk.shown(id - chunk.first())),
        }
    }

    fn chunk(&self, id: u32) -> Option<&Chunk> {
        let at = self.chunks.partition_point(|known| known.chunk.first() <= id).checked_sub(1)?;
        self.chunks.get(at).map(|known| known.chunk.as_ref())
    }

    fn flush(&mut self) -> Result<()> {
        let draft = std::mem::take(&mut self.draft);
        self.new.clear();
        if draft.count() == 0 {
            return Ok(());
        }
        let order = draft.sorted();
        self.add(&draft, self.next - draft.count(), &order)
    }

    fn add(&mut self, draft: &Draft, first: u32, order: &[u32]) -> Result<()> {
        let name = format!("names-{}-{first}-{}", self.stamp, draft.count());
        let reference = draft.write(&self.folder, &name, first, order)?;
        self.chunks.push(Arc::new(Chunk::open(&self.folder, &reference, false)?).into());
        Ok(())
    }

    /// Writes what is new and merges small neighbors, so that chunks stay few: each is more than twice as large as the
    /// one after it, or too large to be merged.
    pub(crate) fn finish(mut self) -> Result<(Names, Vec<ChunkRef>)> {
        self.flush()?;
        while let [.., older, newer] = self.chunks.as_slice() {
            let (older, newer) = (&older.chunk, &newer.chunk);
            if older.count() / 2 > newer.count() || older.text().len() + newer.text().len() >= MERGED_BYTES_MAX {
                break;
            }
            let (older, newer) = (Arc::clone(older), Arc::clone(newer));
            self.chunks.truncate(self.chunks.len() - 2);
            let (draft, order) = merged(&older, &newer)?;
            self.add(&draft, older.first(), &order)?;
        }
        let chunks: Vec<Arc<Chunk>> = self.chunks.into_iter().map(|known| known.chunk).collect();
        let references = chunks.iter().map(|chunk| chunk.reference().clone()).collect();
        Ok((Names::of(chunks), references))
    }
}

/// Two neighbors as one, and its order, merged from theirs.
fn merged(older: &Chunk, newer: &Chunk) -> Result<(Draft, Vec<u32>)> {
    let mut draft = Draft::default();
    for chunk in [older, newer] {
        for index in 0..chunk.count() {
            draft.push(chunk.shown(index), chunk.folded(index))?;
        }
    }
    let mut order = Vec::with_capacity(draft.places.len());
    let (mut left, mut right) = (0, 0);
    let key = |index: u32| (draft.folded(index), draft.stored(index));
    while left < older.count() && right < newer.count() {
        let (one, other) = (older.at(left), older.count() + newer.at(right));
        if key(one) <= key(other) {
            order.push(one);
            left += 1;
        } else {
            order.push(other);
            right += 1;
        }
    }
    order.extend((left..older.count()).map(|position| older.at(position)));
    order.extend((right..newer.count()).map(|position| older.count() + newer.at(position)));
    Ok((draft, order))
}
