//! Some documents of a segment, and those of their columns that were asked for.

use std::ops::Range;

use tantivy::DocId;

use crate::marks::Marks;
use crate::versions::{COLUMNS, Column, Segment};

/// Documents looked at together: their columns fit the fast caches of a processor.
pub(super) const BLOCK_DOCS: usize = 1024;
/// When fewer than one of so many is left, values are read one by one.
const SPARSE_RATIO: usize = 4;

/// What a directory says of the documents in it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Placed {
    /// None of them passes.
    Nothing,
    /// All of them pass.
    Everything,
    /// Those pass whose names are marked.
    Marked,
    /// It takes the directory and the name together.
    Each,
}

impl Placed {
    /// Everything, or nothing.
    #[inline]
    pub(super) fn of(passes: bool) -> Self {
        if passes { Self::Everything } else { Self::Nothing }
    }

    #[inline]
    fn passes(self, name: u32, marks: &Marks, by_both: impl Fn() -> bool) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Marked => marks.has(name),
            Self::Each => by_both(),
        }
    }
}

/// A block. Values are read once, for the documents that are left then.
pub(super) struct Block<'a> {
    segment: &'a Segment,
    docs: Vec<DocId>,
    /// Whether the documents follow each other without a gap.
    is_range: bool,
    /// Positions of documents that have passed so far.
    left: Vec<u32>,
    values: Vec<Vec<u64>>,
    is_read: [bool; COLUMNS.len()],
    /// Documents whose values are read one by one, and those values.
    picked: (Vec<DocId>, Vec<u64>),
}

impl<'a> Block<'a> {
    pub(super) fn new(segment: &'a Segment) -> Self {
        let values = vec![Vec::new(); COLUMNS.len()];
        let (docs, left) = (Vec::new(), Vec::new());
        let picked = (Vec::new(), Vec::new());
        Self { segment, docs, is_range: false, left, values, is_read: [false; COLUMNS.len()], picked }
    }

    pub(super) fn segment(&self) -> &'a Segment {
        self.segment
    }

    fn begin(&mut self, is_range: bool) {
        self.is_range = is_range;
        self.is_read = [false; COLUMNS.len()];
        self.left.clear();
        self.left.extend(0..u32::try_from(self.docs.len()).unwrap_or(u32::MAX));
    }

    /// Keeps documents that are not deleted. Asked last: few of all are, and most have not passed by then.
    pub(super) fn keep_living(&mut self) {
        if let Some(alive) = self.segment.reader.alive_bitset() {
            let docs = &self.docs;
            self.left.retain(|at| docs.get(*at as usize).is_some_and(|doc| alive.is_alive(*doc)));
        }
    }

    /// At most [`BLOCK_DOCS`] documents from `start` on.
    pub(super) fn fill_range(&mut self, start: DocId, end: DocId) {
        self.docs.clear();
        self.docs.extend(start..end);
        self.begin(true);
    }

    /// At most [`BLOCK_DOCS`] documents, ascending.
    pub(super) fn fill_list(&mut self, docs: &[DocId]) {
        self.docs.clear();
        self.docs.extend_from_slice(docs);
        // Documents of one directory do, mostly.
        let span = docs.first().zip(docs.last()).map(|(first, last)| (last - first) as usize + 1);
        self.begin(span == Some(docs.len()));
    }

    pub(super) fn clear(&mut self) {
        self.left.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.left.len()
    }

    /// No document of it was changed later, as a value of the column.
    pub(super) fn newest(&self) -> u64 {
        match self.docs.first() {
            Some(first) if self.is_range => self.segment.newest_of(*first, self.docs.len()),
            Some(_) | None => u64::MAX,
        }
    }

    fn read(&mut self, column: Column) {
        let at = column as usize;
        if self.is_read.get(at).copied().unwrap_or(true) {
            return;
        }
        if let Some(flag) = self.is_read.get_mut(at) {
            *flag = true;
        }
        let Some(values) = self.values.get_mut(at) else { return };
        let count = self.docs.len();
        if values.len() < count {
            values.resize(count, 0);
        }
        if self.is_range && self.left.len() * SPARSE_RATIO > count {
            if let (Some(first), Some(values)) = (self.docs.first(), values.get_mut(..count)) {
                self.segment.fill(column, *first, values);
            }
            return;
        }
        let (docs, read) = &mut self.picked;
        docs.clear();
        docs.extend(self.left.iter().filter_map(|position| self.docs.get(*position as usize)));
        read.resize(docs.len(), 0);
        self.segment.pick(column, docs, read);
        for (position, read) in self.left.iter().zip(read) {
            if let Some(value) = values.get_mut(*position as usize) {
                *value = *read;
            }
        }
    }

    fn column(&self, column: Column) -> &[u64] {
        self.values.get(column as usize).map_or(&[], Vec::as_slice)
    }

    /// Keeps documents whose value passes.
    pub(super) fn keep(&mut self, column: Column, passes: impl Fn(u64) -> bool) {
        self.read(column);
        let mut left = std::mem::take(&mut self.left);
        let values = self.column(column);
        match values.get(..left.len()).filter(|_| self.is_whole(&left)) {
            Some(values) => sift_whole(&mut left, values.iter().map(|value| passes(*value))),
            None => sift(&mut left, |at| passes(value(values, at))),
        }
        self.left = left;
    }

    /// Keeps documents that lie in directories that pass.
    pub(super) fn keep_dirs(&mut self, passes: impl Fn(u32) -> bool) {
        self.keep_placed(&Marks::default(), |dir| Placed::of(passes(dir)), |_, _| false);
    }

    /// Keeps documents by what their directories say, or, of some, by name, or by directory and name.
    pub(super) fn keep_placed(
        &mut self,
        marks: &Marks,
        by_dir: impl Fn(u32) -> Placed,
        by_both: impl Fn(u32, u32) -> bool,
    ) {
        let segment = self.segment;
        let places = self.docs.first().filter(|_| self.is_range).and_then(|first| {
            let docs = self.docs.len();
            Some((segment.names(*first, docs)?, segment.places(*first, docs)?))
        });
        let Some((names, places)) = places else {
            let small = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
            let passes = |dir, name| by_dir(dir).passes(name, marks, || by_both(dir, name));
            return self.keep_both(Column::Dir, Column::Name, |dir, name| passes(small(dir), small(name)));
        };
        let mut left = std::mem::take(&mut self.left);
        if self.is_whole(&left) {
            left.clear();
            fill_placed(&mut left, names, places, marks, by_dir, by_both);
        } else {
            sift_placed(&mut left, places, marks, by_dir, by_both);
        }
        self.left = left;
    }

    /// Whether nothing has been dropped yet.
    fn is_whole(&self, left: &[u32]) -> bool {
        left.len() == self.docs.len()
    }

    /// Keeps documents whose values pass together.
    pub(super) fn keep_both(&mut self, one: Column, other: Column, passes: impl Fn(u64, u64) -> bool) {
        self.read(one);
        self.read(other);
        let mut left = std::mem::take(&mut self.left);
        let (one, other) = (self.column(one), self.column(other));
        match (one.get(..left.len()), other.get(..left.len())) {
            (Some(one), Some(other)) if self.is_whole(&left) => {
                sift_whole(&mut left, one.iter().zip(other).map(|(one, other)| passes(*one, *other)));
            }
            _ => sift(&mut left, |at| passes(value(one, at), value(other, at))),
        }
        self.left = left;
    }

    /// Keeps documents whose values pass together.
    pub(super) fn keep_all<const N: usize>(&mut self, columns: [Column; N], passes: impl Fn([u64; N]) -> bool) {
        columns.iter().for_each(|column| self.read(*column));
        let mut left = std::mem::take(&mut self.left);
        let columns = columns.map(|column| self.column(column));
        sift(&mut left, |at| passes(columns.map(|values| value(values, at))));
        self.left = left;
    }

    /// Calls for every document that is left with the values of these columns.
    pub(super) fn each<const N: usize>(&mut self, columns: [Column; N], mut call: impl FnMut(DocId, [u64; N])) {
        columns.iter().for_each(|column| self.read(*column));
        let columns = columns.map(|column| self.column(column));
        for at in &self.left {
            call(self.docs.get(*at as usize).copied().unwrap_or_default(), columns.map(|values| value(values, *at)));
        }
    }
}

/// Puts down what passes of documents that follow each other: their names, and their directories, each with the names in it.
#[inline]
fn fill_placed<'n>(
    left: &mut Vec<u32>,
    names: &[u32],
    places: impl Iterator<Item = (u32, &'n [u32])>,
    marks: &Marks,
    by_dir: impl Fn(u32) -> Placed,
    by_both: impl Fn(u32, u32) -> bool,
) {
    // Most names decide for themselves, and are asked in one go; then come directories that know better.
    let mut passing = BlockMarks::of(marks, names);
    let mut start = 0;
    for (dir, names) in places {
        let end = start + names.len();
        match by_dir(dir) {
            Placed::Marked => {}
            Placed::Nothing => passing.set(start..end, false),
            Placed::Everything => passing.set(start..end, true),
            Placed::Each => {
                for (at, name) in (start..end).zip(names) {
                    passing.set(at..at + 1, by_both(dir, *name));
                }
            }
        }
        start = end;
    }
    passing.put_down(left);
}

/// Which documents of a block pass.
struct BlockMarks([u64; BLOCK_DOCS.div_ceil(WORD_DOCS)]);

/// Documents whose marks are in one word.
const WORD_DOCS: usize = u64::BITS as usize;

impl BlockMarks {
    /// Those whose names are marked.
    fn of(marks: &Marks, names: &[u32]) -> Self {
        let mut passing = Self([0; _]);
        if !marks.is_empty() {
            let words = passing.0.iter_mut().zip(names.chunks(WORD_DOCS));
            words.for_each(|(word, names)| *word = marks.among(names));
        }
        passing
    }

    #[inline]
    fn set(&mut self, range: Range<usize>, passes: bool) {
        let (mut start, end) = (range.start, range.end);
        while start < end {
            let (at, bit) = (start / WORD_DOCS, start % WORD_DOCS);
            let count = (end - start).min(WORD_DOCS - bit);
            let bits = (u64::MAX >> (WORD_DOCS - count)) << bit;
            if let Some(word) = self.0.get_mut(at) {
                *word = if passes { *word | bits } else { *word & !bits };
            }
            start += count;
        }
    }

    /// Puts down the positions.
    fn put_down(&self, left: &mut Vec<u32>) {
        for (first, word) in (0..).step_by(WORD_DOCS).zip(self.0) {
            let mut word = word;
            while word != 0 {
                left.push(first + word.trailing_zeros());
                word &= word - 1;
            }
        }
    }
}

/// The same where some have been dropped before.
#[inline]
fn sift_placed<'n>(
    left: &mut Vec<u32>,
    places: impl Iterator<Item = (u32, &'n [u32])>,
    marks: &Marks,
    by_dir: impl Fn(u32) -> Placed,
    by_both: impl Fn(u32, u32) -> bool,
) {
    let (mut start, mut read, mut kept) = (0, 0, 0);
    for (dir, names) in places {
        let end = start + u32::try_from(names.len()).unwrap_or(u32::MAX);
        let mut placed = None;
        while let Some(at) = left.get(read).copied().filter(|at| *at < end) {
            let name = names.get((at - start) as usize).copied().unwrap_or_default();
            let placed = placed.get_or_insert_with(|| by_dir(dir));
            if let Some(place) = left.get_mut(kept) {
                *place = at;
            }
            kept += usize::from(placed.passes(name, marks, || by_both(dir, name)));
            read += 1;
        }
        start = end;
    }
    left.truncate(kept);
}

/// Keeps what passes. Whether one does is anybody's guess, so nothing here depends on guessing it.
#[inline]
fn sift(left: &mut Vec<u32>, passes: impl Fn(u32) -> bool) {
    let mut kept = 0;
    for at in 0..left.len() {
        let Some(value) = left.get(at).copied() else { break };
        if let Some(place) = left.get_mut(kept) {
            *place = value;
        }
        kept += usize::from(passes(value));
    }
    left.truncate(kept);
}

/// The same where nothing has been dropped yet, so that positions need not be looked up.
#[inline]
fn sift_whole(left: &mut Vec<u32>, passes: impl Iterator<Item = bool>) {
    let mut kept = 0;
    for (at, passes) in (0..).zip(passes) {
        if let Some(place) = left.get_mut(kept) {
            *place = at;
        }
        kept += usize::from(passes);
    }
    left.truncate(kept);
}

#[inline]
fn value(values: &[u64], at: u32) -> u64 {
    values.get(at as usize).copied().unwrap_or_default()
}
