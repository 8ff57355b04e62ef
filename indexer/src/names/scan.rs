//! Finding all names that fit a pattern: by the runs of letters that names hold, or by reading the names.

use std::sync::atomic::{AtomicUsize, Ordering};

use memchr::{memchr, memchr_iter, memrchr};

use super::chunk::{BLOCK_NAMES, Chunk};
use super::grams::PART_BLOCKS;
use super::{NameHits, Names, words};
use crate::pattern::{Finder, Fit, Pattern};

/// Bytes to read below which a second thread costs more than it saves.
const THREAD_BYTES_MIN: usize = 1 << 20;
/// Text that one thread takes at once.
const PIECE_BYTES: usize = 1 << 20;
/// A name that a list of a run of letters tells of costs as much as reading so many bytes of text, when it has to be
/// read to see whether it fits.
pub(crate) const READ_NAME_BYTES: usize = 256;
/// A byte of such a list costs as much as reading so many bytes of text, even when no name is read.
const LISTED_BYTES: usize = 16;
/// Bytes of such a list for a name, mostly.
const LISTED_NAME_BYTES: usize = 2;
/// Names that one thread reads at once, one by one.
const PIECE_NAMES: usize = 4096;

/// What one thread does at once.
enum Piece<'a> {
    /// Blocks of one chunk are read.
    Text { chunk: &'a Chunk, from: u32, to: u32 },
    /// The names that hold a run of letters; those of them are read that the run says too little of.
    Word { chunk: &'a Chunk, word: u32 },
    /// Names, by their numbers within the chunk, are read.
    Names { chunk: &'a Chunk, names: Vec<u32> },
}

/// What is looked for.
struct Sought<'a> {
    finder: Finder<'a>,
    /// The longest run of letters that every name holds.
    letters: &'a [u8],
    asked: Asked<'a>,
}

/// What is asked of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Asked<'a> {
    /// That it holds the letters, in one of the ways a pattern can want it.
    Letters,
    /// That it is anything, a dot, and the letters: `*.jpg`.
    Ending,
    /// That it holds the letters as a word.
    Word,
    /// That it holds all these runs of letters, each whole, and more than that.
    Runs(Vec<&'a [u8]>),
    /// More than how the letters stand in it can tell.
    More,
}

impl<'a> Asked<'a> {
    fn of(pattern: &'a Pattern, letters: &[u8]) -> Self {
        match pattern {
            Pattern::Part(text) | Pattern::Beginning(text) if !letters.is_empty() && **text == *letters => {
                Self::Letters
            }
            Pattern::Glob(glob) if !letters.is_empty() && glob.strip_prefix(b"*.") == Some(letters) => Self::Ending,
            Pattern::Phrase(words) if matches!(&**words, [word] if !letters.is_empty() && **word == *letters) => {
                Self::Word
            }
            // Its words are whole, so that no letter stands beside a run of theirs.
            Pattern::Phrase(words) if !letters.is_empty() => {
                Self::Runs(words.iter().map(|word| words::longest(word)).filter(|run| !run.is_empty()).collect())
            }
            Pattern::Part(_) | Pattern::Beginning(_) | Pattern::Phrase(_) | Pattern::Glob(_) => Self::More,
        }
    }
}

/// A pattern, and what is to be done to find all names that fit.
pub(crate) struct Search<'a> {
    names: &'a Names,
    sought: Sought<'a>,
    pieces: Vec<Piece<'a>>,
}

impl<'a> Search<'a> {
    pub(crate) fn new(names: &'a Names, pattern: &'a Pattern) -> Self {
        let letters = words::longest(pattern.needle());
        let sought = Sought { finder: Finder::new(pattern), letters, asked: Asked::of(pattern, letters) };
        let pieces = names.chunks().iter().flat_map(|chunk| sought.pieces(chunk)).collect();
        Self { names, sought, pieces }
    }

    /// About how much work it is, in bytes to read.
    pub(crate) fn work(&self) -> usize {
        self.pieces.iter().map(|piece| self.sought.bytes(piece)).sum()
    }

    /// About how many names fit at least; 0 when that is not known before they are read.
    pub(crate) fn hits_min(&self) -> usize {
        let names = |piece: &Piece<'_>| match piece {
            Piece::Word { chunk, word } if !self.sought.reads_names() => {
                chunk.words().list_bytes(*word) / LISTED_NAME_BYTES
            }
            _ => 0,
        };
        self.pieces.iter().map(names).sum()
    }

    /// All names that fit.
    pub(crate) fn run(&self, threads: usize) -> NameHits {
        let threads = if self.work() < THREAD_BYTES_MIN { 1 } else { threads.max(1) };
        let next = AtomicUsize::new(0);
        let work = || {
            let mut hits = Vec::new();
            while let Some(piece) = self.pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
                self.sought.look(piece, &mut hits);
            }
            hits
        };
        let found: Vec<Vec<(u32, Fit)>> = std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mut found = vec![work()];
            for other in others {
                match other.join() {
                    Ok(more) => found.push(more),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            found
        });
        NameHits::new(&found, self.names.count(), threads)
    }
}

/// All names that fit.
pub(crate) fn scan(names: &Names, pattern: &Pattern, threads: usize) -> NameHits {
    Search::new(names, pattern).run(threads)
}

/// Those of some names that fit.
pub(crate) fn among(names: &Names, pattern: &Pattern, some: &[u32]) -> NameHits {
    let finder = Finder::new(pattern);
    let found = some.iter().map(|name| (*name, finder.fit(names.folded(*name)))).filter(|(_, fit)| *fit > Fit::None);
    NameHits::new(&[found.collect()], names.count(), 1)
}

impl Sought<'_> {
    /// Whether lists say too little of the names in them.
    fn reads_names(&self) -> bool {
        matches!(self.asked, Asked::Runs(_) | Asked::More)
    }

    /// About how much work it is, in bytes of text to read.
    fn bytes(&self, piece: &Piece<'_>) -> usize {
        match piece {
            Piece::Text { chunk, from, to } => chunk.block_start(*to) - chunk.block_start(*from),
            Piece::Word { chunk, word } => {
                chunk.words().list_bytes(*word) * if self.reads_names() { READ_NAME_BYTES } else { LISTED_BYTES }
            }
            Piece::Names { names, .. } => names.len() * READ_NAME_BYTES,
        }
    }

    /// What is to be done to find the names of a chunk: whichever is less work.
    fn pieces<'c>(&self, chunk: &'c Chunk) -> Vec<Piece<'c>> {
        let words = chunk.words();
        let of_words = |found: Vec<u32>| found.into_iter().map(|word| Piece::Word { chunk, word }).collect();
        match &self.asked {
            Asked::Letters => return of_words(words.holding(self.letters)),
            Asked::Word | Asked::Ending => return of_words(words.find(self.letters).into_iter().collect()),
            Asked::Runs(runs) => return self.sharing(chunk, runs),
            Asked::More => {}
        }
        let holding = if self.letters.is_empty() { Vec::new() } else { words.holding(self.letters) };
        if !self.letters.is_empty() && holding.is_empty() {
            return Vec::new();
        }
        let of_text = texts(chunk, self.finder.needle());
        let names: usize = holding.iter().map(|word| words.list_bytes(*word)).sum();
        let is_less = names * READ_NAME_BYTES < of_text.iter().map(|piece| self.bytes(piece)).sum();
        if is_less && !holding.is_empty() { of_words(holding) } else { of_text }
    }

    /// The same when names hold all these runs: only those are read.
    fn sharing<'c>(&self, chunk: &'c Chunk, runs: &[&[u8]]) -> Vec<Piece<'c>> {
        let words: Option<Vec<u32>> = runs.iter().map(|run| chunk.words().find(run)).collect();
        let shared = words.map(|words| chunk.words().shared(words)).unwrap_or_default();
        let of_text = texts(chunk, self.finder.needle());
        if shared.len() * READ_NAME_BYTES < of_text.iter().map(|piece| self.bytes(piece)).sum() {
            shared.chunks(PIECE_NAMES).map(|names| Piece::Names { chunk, names: names.to_vec() }).collect()
        } else {
            of_text
        }
    }

    fn look(&self, piece: &Piece<'_>, hits: &mut Vec<(u32, Fit)>) {
        let (Piece::Text { chunk, .. } | Piece::Word { chunk, .. } | Piece::Names { chunk, .. }) = piece;
        let mut found = |index: u32, fit: Fit| {
            if fit > Fit::None {
                hits.push((chunk.first() + index, fit));
            }
        };
        let word = match piece {
            Piece::Text { from, to, .. } => return read(chunk, *from, *to, &self.finder, hits),
            Piece::Names { names, .. } => {
                return names.iter().for_each(|index| found(*index, self.finder.fit(chunk.folded(*index))));
            }
            Piece::Word { word, .. } => *word,
        };
        match self.asked {
            Asked::Letters | Asked::Word => {
                chunk.words().each(word, self.letters, |index, fit| found(index, self.finder.sift(fit)))
            }
            Asked::Ending => chunk.words().each_ending(word, found),
            Asked::Runs(_) | Asked::More => chunk.words().each(word, self.letters, |index, _| {
                found(index, self.finder.fit(chunk.folded(index)));
            }),
        }
    }
}

/// What of a chunk's text must be read.
fn texts<'a>(chunk: &'a Chunk, needle: &[u8]) -> Vec<Piece<'a>> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    match chunk.grams().parts(needle) {
        None => runs.push((0, chunk.blocks())),
        Some(parts) => {
            for part in parts {
                let (from, to) = (part * PART_BLOCKS, ((part + 1) * PART_BLOCKS).min(chunk.blocks()));
                match runs.last_mut() {
                    Some(last) if last.1 == from => last.1 = to,
                    Some(_) | None => runs.push((from, to)),
                }
            }
        }
    }
    let mut pieces = Vec::with_capacity(runs.len());
    for (mut from, to) in runs {
        while from < to {
            let middle = chunk.block_from(from, chunk.block_start(from) + PIECE_BYTES).clamp(from + 1, to);
            pieces.push(Piece::Text { chunk, from, to: middle });
            from = middle;
        }
    }
    pieces
}

/// Where a name is: its number within the chunk and its place in the text.
struct Cursor {
    index: u32,
    start: usize,
}

fn read(chunk: &Chunk, from: u32, to: u32, finder: &Finder<'_>, hits: &mut Vec<(u32, Fit)>) {
    let mut cursor = Cursor { index: from * BLOCK_NAMES, start: chunk.block_start(from) };
    let to = chunk.block_start(to);
    let Some(text) = chunk.text().get(..to) else { return };
    let mut at = cursor.start;
    while at < to {
        let Some(found) = text.get(at..).and_then(|rest| finder.find(rest)) else { return };
        cursor.move_to(chunk, text, at + found);
        let end = memchr(0, text.get(cursor.start..).unwrap_or_default()).map_or(to, |end| cursor.start + end);
        let fit = finder.fit(text.get(cursor.start..end).unwrap_or_default());
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
            let block = chunk.block_from(next, place);
            *self = Self { index: block * BLOCK_NAMES, start: chunk.block_start(block) };
        }
        let between = text.get(self.start..place).unwrap_or_default();
        if let Some(last) = memrchr(0, between) {
            self.index += u32::try_from(memchr_iter(0, between).count()).unwrap_or(u32::MAX);
            self.start += last + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::names::NamesWriter;

    proptest! {
        #[test]
        fn what_lists_and_text_say_is_what_reading_every_name_says(
            names in proptest::collection::vec("[ab1é ._-]{1,12}", 1..80),
            words in proptest::collection::vec("[ab1é]{1,2}", 1..4),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let mut writer = NamesWriter::new(folder.path(), 1, &Names::default());
            for name in &names {
                writer.number(name.as_bytes()).unwrap();
            }
            let (all, _) = writer.finish().unwrap();
            let bytes = |text: &String| Box::<[u8]>::from(crate::fold::fold(text).as_bytes());
            let word = || bytes(&words[0]);
            let phrase = Pattern::Phrase(words.iter().map(bytes).collect());
            let ending = Pattern::Glob([b"*.", &*word()].concat().into());
            for pattern in [phrase, Pattern::Phrase([word()].into()), Pattern::Part(word()), Pattern::Beginning(word()), ending] {
                let hits = scan(&all, &pattern, 2);
                let fits: Vec<Fit> = (0..all.count()).map(|id| pattern.fit(all.folded(id))).collect();
                let found: Vec<Fit> = (0..all.count()).map(|id| hits.fit(id)).collect();
                prop_assert_eq!(&found, &fits, "{:?} in {:?}", &pattern, &names);
                prop_assert_eq!(Some(hits.best()), fits.into_iter().max());
            }
        }
    }
}
