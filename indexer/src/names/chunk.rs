//! One file of names.
//!
//! ```text
//! header   magic (8), names (4), bytes of text (4), bytes of shown (4), bytes of grams (4), bytes of words (4), zero (4)
//! text     folded names, each ended by a zero byte
//! shown    stored names where they differ from the folded ones, each (empty too) ended by a zero byte
//! blocks   per 16 names: where they begin in text (4), in shown (4)
//! order    numbers of names within the chunk, sorted by folded name, then by stored name (4 each)
//! grams    see `grams`
//! words    see `words`
//! ```
//! Integers are little-endian. Its length and checksum are in the state that names it.

use std::path::Path;

use memchr::memchr;
use tantivy::directory::OwnedBytes;

use super::ChunkRef;
use super::grams::{self, Grams};
use super::words::{self, Words};
use crate::error::{Error, ErrorKind, Result};
use crate::files::{self, FileRef};

const MAGIC: &[u8; 8] = b"bygnam02";
const HEADER_BYTES: usize = 32;
/// Names that share one entry of the table of blocks.
pub(super) const BLOCK_NAMES: u32 = 16;
/// Bytes of text or shown names of one chunk: places in them are 32-bit.
pub(super) const SECTION_BYTES_MAX: usize = 1 << 30;

/// An open chunk. Its bytes are mapped.
#[derive(Debug)]
pub(crate) struct Chunk {
    reference: ChunkRef,
    bytes: OwnedBytes,
    text: (usize, usize),
    shown: (usize, usize),
    blocks: usize,
    order: usize,
    grams: Grams,
    words: Words,
}

/// Names that are to become a chunk.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) text: Vec<u8>,
    pub(super) shown: Vec<u8>,
    /// Where each name begins in text and shown.
    pub(super) places: Vec<(u32, u32)>,
}

impl Draft {
    pub(super) fn push(&mut self, shown: &[u8], folded: &[u8]) -> Result<()> {
        if self.text.len() + folded.len() >= SECTION_BYTES_MAX || self.shown.len() + shown.len() >= SECTION_BYTES_MAX {
            return Err(too_large());
        }
        self.places.push((small(self.text.len())?, small(self.shown.len())?));
        self.text.extend_from_slice(folded);
        self.text.push(0);
        if shown != folded {
            self.shown.extend_from_slice(shown);
        }
        self.shown.push(0);
        Ok(())
    }

    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.places.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn folded(&self, index: u32) -> &[u8] {
        self.places.get(index as usize).map_or(&[], |(start, _)| ended(&self.text, *start as usize))
    }

    pub(super) fn stored(&self, index: u32) -> &[u8] {
        let shown = self.places.get(index as usize).map_or(&[][..], |(_, start)| ended(&self.shown, *start as usize));
        if shown.is_empty() { self.folded(index) } else { shown }
    }

    /// Numbers in the order of the names.
    pub(super) fn sorted(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.count()).collect();
        order.sort_unstable_by(|left, right| {
            let folded = self.folded(*left).cmp(self.folded(*right));
            folded.then_with(|| self.stored(*left).cmp(self.stored(*right)))
        });
        order
    }

    /// Writes the file.
    pub(super) fn write(&self, folder: &Path, name: &str, first: u32, order: &[u32]) -> Result<ChunkRef> {
        let grams = grams::build(&self.text, &self.block_starts());
        let names = (0..self.count()).map(|index| self.folded(index));
        let words = words::build(names).ok_or_else(too_large)?;
        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.extend_from_slice(MAGIC);
        for length in [self.places.len(), self.text.len(), self.shown.len(), grams.len(), words.len()] {
            header.extend_from_slice(&small(length)?.to_le_bytes());
        }
        header.resize(HEADER_BYTES, 0);
        let mut blocks = Vec::with_capacity(self.places.len() / 2);
        for (text, shown) in self.places.iter().step_by(BLOCK_NAMES as usize) {
            blocks.extend_from_slice(&text.to_le_bytes());
            blocks.extend_from_slice(&shown.to_le_bytes());
        }
        let order: Vec<u8> = order.iter().flat_map(|index| index.to_le_bytes()).collect();
        let parts = [&header[..], &self.text, &self.shown, &blocks, &order, &grams, &words];
        let file: FileRef = files::write(folder, name, &parts)?;
        Ok(ChunkRef { first, count: self.count(), file })
    }

    fn block_starts(&self) -> Vec<u32> {
        self.places.iter().step_by(BLOCK_NAMES as usize).map(|(text, _)| *text).collect()
    }
}

fn small(length: usize) -> Result<u32> {
    u32::try_from(length).map_err(|_| too_large())
}

fn too_large() -> Error {
    Error::new(ErrorKind::TooLarge, "a file of names is full")
}

/// The bytes from `start` up to the next zero byte.
fn ended(bytes: &[u8], start: usize) -> &[u8] {
    let rest = bytes.get(start..).unwrap_or_default();
    memchr(0, rest).and_then(|end| rest.get(..end)).unwrap_or(rest)
}

impl Chunk {
    pub(super) fn open(folder: &Path, reference: &ChunkRef, verify: bool) -> Result<Self> {
        let bytes = files::map(folder, &reference.file, verify)?;
        let fault = || Error::damaged(format!("the file of names {} is not one", reference.file.name));
        let length = |at: usize| files::u32_at(&bytes, at).map(|length| length as usize);
        if bytes.get(..8) != Some(MAGIC) || files::u32_at(&bytes, 8) != Some(reference.count) {
            return Err(fault());
        }
        let length = |at: usize| length(at).ok_or_else(fault);
        let (text, shown, gram_bytes, word_bytes) = (length(12)?, length(16)?, length(20)?, length(24)?);
        let count = reference.count as usize;
        let text = (HEADER_BYTES, HEADER_BYTES + text);
        let shown = (text.1, text.1 + shown);
        let blocks = shown.1;
        let order = blocks + count.div_ceil(BLOCK_NAMES as usize) * 8;
        let grams = order + count * 4;
        let words = grams + gram_bytes;
        if bytes.len() != words + word_bytes {
            return Err(fault());
        }
        let grams = Grams::open(bytes.slice(grams..words)).ok_or_else(fault)?;
        let words = Words::open(bytes.slice(words..bytes.len())).ok_or_else(fault)?;
        Ok(Self { reference: reference.clone(), bytes, text, shown, blocks, order, grams, words })
    }

    pub(super) fn reference(&self) -> &ChunkRef {
        &self.reference
    }

    pub(crate) fn first(&self) -> u32 {
        self.reference.first
    }

    pub(crate) fn count(&self) -> u32 {
        self.reference.count
    }

    pub(super) fn grams(&self) -> &Grams {
        &self.grams
    }

    pub(super) fn words(&self) -> &Words {
        &self.words
    }

    /// All folded names, each ended by a zero byte.
    pub(super) fn text(&self) -> &[u8] {
        self.bytes.get(self.text.0..self.text.1).unwrap_or_default()
    }

    fn shown_text(&self) -> &[u8] {
        self.bytes.get(self.shown.0..self.shown.1).unwrap_or_default()
    }

    pub(super) fn blocks(&self) -> u32 {
        self.count().div_ceil(BLOCK_NAMES)
    }

    /// Where a block begins in the text; its end for the block after the last.
    pub(super) fn block_start(&self, block: u32) -> usize {
        if block >= self.blocks() {
            return self.text.1 - self.text.0;
        }
        files::u32_at(&self.bytes, self.blocks + block as usize * 8).map_or(0, |start| start as usize)
    }

    fn shown_start(&self, block: u32) -> usize {
        files::u32_at(&self.bytes, self.blocks + block as usize * 8 + 4).map_or(0, |start| start as usize)
    }

    /// The block that a place in the text lies in, `first` or one after it: the nearer, the sooner.
    pub(super) fn block_from(&self, first: u32, place: usize) -> u32 {
        let (mut low, mut step) = (first, 1);
        while low + step < self.blocks() && self.block_start(low + step) <= place {
            low += step;
            step *= 2;
        }
        let mut high = (low + step).min(self.blocks());
        while low + 1 < high {
            let middle = low + (high - low) / 2;
            if self.block_start(middle) <= place { low = middle } else { high = middle }
        }
        low
    }

    pub(crate) fn folded(&self, index: u32) -> &[u8] {
        nth(self.text(), self.block_start(index / BLOCK_NAMES), index % BLOCK_NAMES)
    }

    pub(crate) fn shown(&self, index: u32) -> &[u8] {
        let shown = nth(self.shown_text(), self.shown_start(index / BLOCK_NAMES), index % BLOCK_NAMES);
        if shown.is_empty() { self.folded(index) } else { shown }
    }

    /// Calls for every name as it was stored, in the order of their numbers.
    pub(super) fn each_shown(&self, mut call: impl FnMut(&[u8])) {
        let (mut folded, mut shown) = (0, 0);
        for _ in 0..self.count() {
            let (one, other) = (ended(self.text(), folded), ended(self.shown_text(), shown));
            (folded, shown) = (folded + one.len() + 1, shown + other.len() + 1);
            call(if other.is_empty() { one } else { other });
        }
    }

    /// The number, within the chunk, of the name at a position in the order of names.
    pub(crate) fn at(&self, position: u32) -> u32 {
        files::u32_at(&self.bytes, self.order + position as usize * 4).unwrap_or(0)
    }

    /// The first position in the order of names whose name is not `before`.
    pub(super) fn position(&self, before: impl Fn(u32) -> bool) -> u32 {
        let (mut low, mut high) = (0, self.count());
        while low < high {
            let middle = low + (high - low) / 2;
            if before(self.at(middle)) { low = middle + 1 } else { high = middle }
        }
        low
    }

    pub(super) fn find(&self, shown: &[u8], folded: &[u8]) -> Option<u32> {
        let position = self.position(|index| match self.folded(index).cmp(folded) {
            std::cmp::Ordering::Less => true,
            std::cmp::Ordering::Greater => false,
            std::cmp::Ordering::Equal => self.shown(index) < shown,
        });
        let index = (position < self.count()).then(|| self.at(position))?;
        (self.shown(index) == shown && self.folded(index) == folded).then(|| self.first() + index)
    }

    pub(super) fn beginning(&self, prefix: &[u8], max: usize) -> impl Iterator<Item = u32> {
        let from = self.position(|index| self.folded(index) < prefix);
        let fits = move |index: &u32| self.folded(*index).starts_with(prefix);
        (from..self.count()).map(|position| self.at(position)).take_while(fits).take(max).map(|at| self.first() + at)
    }
}

/// The bytes of the name that is `skip` names after a place.
fn nth(section: &[u8], start: usize, skip: u32) -> &[u8] {
    let mut start = start;
    for _ in 0..skip {
        let rest = section.get(start..).unwrap_or_default();
        start += memchr(0, rest).map_or(rest.len(), |end| end + 1);
    }
    ended(section, start)
}
