//! Finding all names that fit a pattern.

use memchr::{memchr, memmem};

use super::Names;
use super::chunk::{BLOCK_NAMES, Chunk};
use super::grams::PART_BLOCKS;
use crate::pattern::{Fit, Pattern};

/// Text below which a second thread costs more than it saves.
const THREAD_TEXT_BYTES_MIN: usize = 2 << 20;
/// More names are a byte for every name there is: looking one up in a list is too slow to do for every document.
const FEW_MAX: usize = 1024;

/// Names that fit, and how well.
#[derive(Debug, Clone)]
pub(crate) enum NameHits {
    /// Numbers, ascending.
    Few(Vec<(u32, Fit)>),
    /// By number; how many.
    Many(Vec<Fit>, usize),
}

impl NameHits {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Few(hits) => hits.len(),
            Self::Many(_, count) => *count,
        }
    }

    /// How well a name fits.
    #[inline]
    pub(crate) fn fit(&self, id: u32) -> Fit {
        match self {
            Self::Few(hits) => hits
                .binary_search_by_key(&id, |(id, _)| *id)
                .ok()
                .and_then(|at| hits.get(at))
                .map_or(Fit::None, |(_, fit)| *fit),
            Self::Many(fits, _) => fits.get(id as usize).copied().unwrap_or(Fit::None),
        }
    }

    /// The numbers, ascending.
    pub(crate) fn ids(&self) -> Vec<u32> {
        match self {
            Self::Few(hits) => hits.iter().map(|(id, _)| *id).collect(),
            Self::Many(fits, _) => (0_u32..).zip(fits).filter(|(_, fit)| **fit > Fit::None).map(|(id, _)| id).collect(),
        }
    }
}

/// A run of blocks of one chunk.
struct Run<'a> {
    chunk: &'a Chunk,
    from: u32,
    to: u32,
}

/// All names that fit.
pub(crate) fn scan(names: &Names, pattern: &Pattern, threads: usize) -> NameHits {
    let needle = pattern.needle();
    let runs: Vec<Run<'_>> = names.chunks().iter().flat_map(|chunk| runs(chunk, needle)).collect();
    let bytes: usize = runs.iter().map(Run::bytes).sum();
    let hits = if threads > 1 && bytes >= THREAD_TEXT_BYTES_MIN {
        in_parallel(&halves(runs, bytes), pattern)
    } else {
        search_all(&runs, pattern)
    };
    if hits.len() <= FEW_MAX {
        return NameHits::Few(hits);
    }
    let mut fits = vec![Fit::None; names.count() as usize];
    for (id, fit) in &hits {
        if let Some(place) = fits.get_mut(*id as usize) {
            *place = *fit;
        }
    }
    NameHits::Many(fits, hits.len())
}

impl Run<'_> {
    fn bytes(&self) -> usize {
        self.chunk.block_start(self.to) - self.chunk.block_start(self.from)
    }
}

/// What of a chunk must be read.
fn runs<'a>(chunk: &'a Chunk, needle: &[u8]) -> Vec<Run<'a>> {
    let Some(parts) = chunk.grams().parts(needle) else {
        return vec![Run { chunk, from: 0, to: chunk.blocks() }];
    };
    let mut runs: Vec<Run<'a>> = Vec::new();
    for part in parts {
        let (from, to) = (part * PART_BLOCKS, ((part + 1) * PART_BLOCKS).min(chunk.blocks()));
        match runs.last_mut() {
            Some(last) if last.to == from => last.to = to,
            Some(_) | None if from < to => runs.push(Run { chunk, from, to }),
            Some(_) | None => {}
        }
    }
    runs
}

/// The runs as two lists of about equal length, the second after the first.
fn halves(runs: Vec<Run<'_>>, bytes: usize) -> [Vec<Run<'_>>; 2] {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    let mut seen = 0;
    for run in runs {
        let length = run.bytes();
        if seen >= bytes / 2 {
            second.push(run);
        } else if seen + length <= bytes / 2 {
            first.push(run);
        } else {
            let middle = run.chunk.block_at(run.chunk.block_start(run.from) + bytes / 2 - seen).clamp(run.from, run.to);
            first.push(Run { to: middle, ..run });
            second.push(Run { from: middle, ..run });
        }
        seen += length;
    }
    [first, second]
}

fn in_parallel(halves: &[Vec<Run<'_>>; 2], pattern: &Pattern) -> Vec<(u32, Fit)> {
    let [first, second] = halves;
    std::thread::scope(|scope| {
        let other = scope.spawn(|| search_all(second, pattern));
        let mut hits = search_all(first, pattern);
        match other.join() {
            Ok(more) => hits.extend(more),
            Err(panic) => std::panic::resume_unwind(panic),
        }
        hits
    })
}

fn search_all(runs: &[Run<'_>], pattern: &Pattern) -> Vec<(u32, Fit)> {
    let finder = memmem::Finder::new(pattern.needle());
    let mut hits = Vec::new();
    for run in runs {
        search(run, &finder, pattern, &mut hits);
    }
    hits
}

/// Where a name is: its number within the chunk and its place in the text.
struct Cursor {
    index: u32,
    start: usize,
}

fn search(run: &Run<'_>, finder: &memmem::Finder<'_>, pattern: &Pattern, hits: &mut Vec<(u32, Fit)>) {
    let chunk = run.chunk;
    let (from, to) = (chunk.block_start(run.from), chunk.block_start(run.to));
    let Some(text) = chunk.text().get(..to) else { return };
    let mut cursor = Cursor { index: run.from * BLOCK_NAMES, start: from };
    let mut at = from;
    while at < to {
        let Some(found) = text.get(at..).and_then(|rest| finder.find(rest)) else { return };
        cursor.move_to(chunk, text, at + found);
        let end = memchr(0, text.get(cursor.start..).unwrap_or_default()).map_or(to, |end| cursor.start + end);
        let fit = pattern.fit(text.get(cursor.start..end).unwrap_or_default());
        if fit > Fit::None {
            hits.push((chunk.first() + cursor.index, fit));
        }
        cursor = Cursor { index: cursor.index + 1, start: end + 1 };
        at = end + 1;
    }
}

impl Cursor {
    /// Goes on to the name that holds a place.
    fn move_to(&mut self, chunk: &Chunk, text: &[u8], place: usize) {
        let next = self.index / BLOCK_NAMES + 1;
        if chunk.block_start(next) <= place {
            let block = if chunk.block_start(next + 1) > place { next } else { chunk.block_at(place) };
            *self = Self { index: block * BLOCK_NAMES, start: chunk.block_start(block) };
        }
        while let Some(end) = text.get(self.start..place).and_then(|before| memchr(0, before)) {
            self.start += end + 1;
            self.index += 1;
        }
    }
}
