//! Runs of letters: for every distinct one, the names of a chunk that hold it, and how it stands in them.
//!
//! Names share few runs of letters (`report`, `jpg`) and many digits. A text of letters lies within one run wherever it
//! occurs, so looking for it among the distinct runs finds all names that have it without reading a name, and how a run
//! stands in a name says how well the name fits.
//!
//! ```text
//! header   runs (4), bytes of text (4)
//! text     the runs, each ended by a zero byte
//! places   per run: where it begins in text (4), where its list begins in lists (4); one more at the end
//! lists    per run and name: variable-length integers, names since the one before << 4 | standing
//! ```
//! Integers are little-endian.

use std::collections::HashMap;

use memchr::memmem;
use tantivy::directory::OwnedBytes;

use super::varint;
use crate::files::u32_at;
use crate::fold::{is_letter_byte, is_word_byte};
use crate::needle::finder;
use crate::pattern::Fit;

const HEADER_BYTES: usize = 8;
const PLACE_BYTES: usize = 8;
const STANDING_BITS: u32 = 4;

/// The runs of letters of a folded text, as ranges.
fn runs(text: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text.get(at..)?.iter().position(|byte| is_letter_byte(*byte))?;
        let length = text.get(start..)?.iter().position(|byte| !is_letter_byte(*byte));
        at = length.map_or(text.len(), |length| start + length);
        Some((start, at))
    })
}

/// The longest run of letters of a text; empty when it has none.
pub(super) fn longest(text: &[u8]) -> &[u8] {
    let longest = runs(text).max_by_key(|(start, end)| end - start);
    longest.and_then(|(start, end)| text.get(start..end)).unwrap_or_default()
}

/// What lies before a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Word,
    Separator,
    Dot,
    Nothing,
}

/// What lies behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Behind {
    Word,
    Separator,
    Extension,
    Nothing,
}

/// How a run stands in a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    before: Before,
    behind: Behind,
}

impl Standing {
    fn of(name: &[u8], start: usize, end: usize) -> Self {
        let before = match start.checked_sub(1).and_then(|before| name.get(before)) {
            None => Before::Nothing,
            Some(b'.') => Before::Dot,
            Some(byte) if is_word_byte(*byte) => Before::Word,
            Some(_) => Before::Separator,
        };
        let behind = match name.get(end) {
            None => Behind::Nothing,
            Some(b'.') if memchr::memrchr(b'.', name) == Some(end) => Behind::Extension,
            Some(byte) if is_word_byte(*byte) => Behind::Word,
            Some(_) => Behind::Separator,
        };
        Self { before, behind }
    }

    fn bits(self) -> u32 {
        let before = match self.before {
            Before::Word => 0,
            Before::Separator => 1,
            Before::Dot => 2,
            Before::Nothing => 3,
        };
        let behind = match self.behind {
            Behind::Word => 0,
            Behind::Separator => 1,
            Behind::Extension => 2,
            Behind::Nothing => 3,
        };
        before << 2 | behind
    }

    fn from_bits(bits: u32) -> Self {
        let before = match bits >> 2 & 3 {
            0 => Before::Word,
            1 => Before::Separator,
            2 => Before::Dot,
            _ => Before::Nothing,
        };
        let behind = match bits & 3 {
            0 => Behind::Word,
            1 => Behind::Separator,
            2 => Behind::Extension,
            _ => Behind::Nothing,
        };
        Self { before, behind }
    }

    /// Whether a name is anything, a dot, and the run.
    fn is_after_last_dot(self) -> bool {
        self.before == Before::Dot && self.behind == Behind::Nothing
    }

    /// How well a name fits of which a text makes up a part of the run. The same rule as `pattern`'s, which reads names.
    fn fit(self, is_start: bool, is_end: bool) -> Fit {
        let starts_name = is_start && self.before == Before::Nothing;
        let starts_word = is_start && self.before != Before::Word;
        let ends_word = is_end && self.behind != Behind::Word;
        match (starts_name, starts_word, ends_word) {
            (true, _, true) if self.behind == Behind::Nothing => Fit::Exact,
            (true, _, true) if self.behind == Behind::Extension => Fit::Stem,
            (_, true, true) => Fit::Word,
            (true, _, false) => Fit::Start,
            (_, true, false) => Fit::WordStart,
            (_, false, _) => Fit::Inside,
        }
    }
}

/// The runs of names that are to become a chunk.
pub(super) fn build<'a>(names: impl Iterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    /// Its list, and the name it ends with.
    struct List {
        bytes: Vec<u8>,
        last: u32,
    }
    let mut numbers: HashMap<&[u8], usize> = HashMap::new();
    let mut words: Vec<(&[u8], List)> = Vec::new();
    for (index, name) in (0_u32..).zip(names) {
        for (start, end) in runs(name) {
            let run = name.get(start..end).unwrap_or_default();
            let number = *numbers.entry(run).or_insert_with(|| {
                words.push((run, List { bytes: Vec::new(), last: 0 }));
                words.len() - 1
            });
            let Some((_, list)) = words.get_mut(number) else { continue };
            let step = u64::from(index - list.last) << STANDING_BITS;
            varint::push(&mut list.bytes, step | u64::from(Standing::of(name, start, end).bits()));
            list.last = index;
        }
    }
    let text_bytes: usize = words.iter().map(|(run, _)| run.len() + 1).sum();
    let list_bytes: usize = words.iter().map(|(_, list)| list.bytes.len()).sum();
    let small = |length: usize| u32::try_from(length).ok().map(u32::to_le_bytes);
    let mut bytes = Vec::with_capacity(HEADER_BYTES + text_bytes + (words.len() + 1) * PLACE_BYTES + list_bytes);
    bytes.extend_from_slice(&small(words.len())?);
    bytes.extend_from_slice(&small(text_bytes)?);
    for (run, _) in &words {
        bytes.extend_from_slice(run);
        bytes.push(0);
    }
    let (mut text, mut lists) = (0, 0);
    for (run, list) in &words {
        bytes.extend_from_slice(&small(text)?);
        bytes.extend_from_slice(&small(lists)?);
        text += run.len() + 1;
        lists += list.bytes.len();
    }
    bytes.extend_from_slice(&small(text)?);
    bytes.extend_from_slice(&small(lists)?);
    words.iter().for_each(|(_, list)| bytes.extend_from_slice(&list.bytes));
    Some(bytes)
}

/// The runs of an open chunk.
#[derive(Debug)]
pub(crate) struct Words {
    bytes: OwnedBytes,
    count: u32,
    places: usize,
    lists: usize,
}

impl Words {
    /// `None` when the bytes are no runs.
    pub(super) fn open(bytes: OwnedBytes) -> Option<Self> {
        let (count, text) = (u32_at(&bytes, 0)?, u32_at(&bytes, 4)? as usize);
        let places = HEADER_BYTES.checked_add(text)?;
        let lists = places.checked_add((count as usize + 1) * PLACE_BYTES)?;
        let words = Self { count, places, lists, bytes };
        (words.bytes.len() == lists + words.place(count).1).then_some(words)
    }

    /// Where a run begins in the text, and its list in the lists.
    fn place(&self, word: u32) -> (usize, usize) {
        let at = self.places + word as usize * PLACE_BYTES;
        let field = |at| u32_at(&self.bytes, at).map_or(0, |place| place as usize);
        (field(at), field(at + 4))
    }

    /// The runs that hold a text of letters.
    pub(super) fn holding(&self, text: &[u8]) -> Vec<u32> {
        let all = self.bytes.get(HEADER_BYTES..self.places).unwrap_or_default();
        let finder = finder(text);
        let (mut holding, mut at, mut next) = (Vec::new(), 0, 0);
        while let Some(found) = all.get(at..).and_then(|rest| finder.find(rest)) {
            let word = self.word_at(next, at + found);
            holding.push(word);
            next = word + 1;
            at = self.place(next).0;
        }
        holding
    }

    /// A run, if names hold it.
    pub(super) fn find(&self, run: &[u8]) -> Option<u32> {
        self.holding(run).into_iter().find(|word| self.text(*word) == run)
    }

    /// The names that hold all of these runs, by their numbers in the chunk, ascending.
    pub(super) fn shared(&self, mut words: Vec<u32>) -> Vec<u32> {
        words.sort_unstable_by_key(|word| self.list_bytes(*word));
        let mut names: Option<Vec<u32>> = None;
        for word in words {
            let (before, mut at, mut both) = (names.take(), 0, Vec::new());
            self.each_as(
                word,
                |index, _| {
                    let is_new = both.last() != Some(&index);
                    let is_shared = before.as_ref().is_none_or(|before| {
                        while before.get(at).is_some_and(|name| *name < index) {
                            at += 1;
                        }
                        before.get(at) == Some(&index)
                    });
                    if is_new && is_shared {
                        both.push(index);
                    }
                },
                |_| Fit::None,
            );
            names = Some(both);
        }
        names.unwrap_or_default()
    }

    /// The run, `first` or a later one, that a place in the text lies in.
    fn word_at(&self, first: u32, place: usize) -> u32 {
        let (mut low, mut step) = (first, 1);
        while low + step < self.count && self.place(low + step).0 <= place {
            low += step;
            step *= 2;
        }
        let mut high = (low + step).min(self.count);
        while low + 1 < high {
            let middle = low + (high - low) / 2;
            if self.place(middle).0 <= place { low = middle } else { high = middle }
        }
        low
    }

    /// A run.
    pub(super) fn text(&self, word: u32) -> &[u8] {
        let (start, end) = (HEADER_BYTES + self.place(word).0, HEADER_BYTES + self.place(word + 1).0);
        self.bytes.get(start..end.saturating_sub(1)).unwrap_or_default()
    }

    /// Bytes of a run's list: at least one for every name.
    pub(super) fn list_bytes(&self, word: u32) -> usize {
        self.place(word + 1).1.saturating_sub(self.place(word).1)
    }

    /// Calls for every name that holds a run, by its number in the chunk, ascending; with how well it fits a text that
    /// lies in the run.
    pub(super) fn each(&self, word: u32, text: &[u8], call: impl FnMut(u32, Fit)) {
        let run = self.text(word);
        let places: Vec<(bool, bool)> =
            memmem::find_iter(run, text).map(|at| (at == 0, at + text.len() == run.len())).collect();
        self.each_as(word, call, |standing| {
            places.iter().map(|(is_start, is_end)| standing.fit(*is_start, *is_end)).max().unwrap_or(Fit::None)
        });
    }

    /// Calls for every name that is anything, a dot, and the run.
    pub(super) fn each_ending(&self, word: u32, call: impl FnMut(u32, Fit)) {
        self.each_as(word, call, |standing| if standing.is_after_last_dot() { Fit::Start } else { Fit::None });
    }

    fn each_as(&self, word: u32, mut call: impl FnMut(u32, Fit), fit: impl Fn(Standing) -> Fit) {
        let ((_, list), (_, list_end)) = (self.place(word), self.place(word + 1));
        let fits: Vec<Fit> = (0..1 << STANDING_BITS).map(|bits| fit(Standing::from_bits(bits))).collect();
        let mut index = 0_u32;
        varint::each(self.bytes.get(self.lists + list..self.lists + list_end).unwrap_or_default(), |value| {
            index = index.wrapping_add((value >> STANDING_BITS) as u32);
            let standing = (value & ((1 << STANDING_BITS) - 1)) as usize;
            call(index, fits.get(standing).copied().unwrap_or(Fit::None));
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::pattern::Pattern;

    fn check(names: &[String], text: &str) {
        let bytes = build(names.iter().map(|name| name.as_bytes())).unwrap();
        let words = Words::open(OwnedBytes::new(bytes)).unwrap();
        let mut found: BTreeMap<u32, Fit> = BTreeMap::new();
        for word in words.holding(text.as_bytes()) {
            words.each(word, text.as_bytes(), |index, fit| {
                let best = found.entry(index).or_insert(Fit::None);
                *best = fit.max(*best);
            });
        }
        let pattern = Pattern::Part(text.as_bytes().into());
        let expected: BTreeMap<u32, Fit> = (0..)
            .zip(names)
            .map(|(index, name)| (index, pattern.fit(name.as_bytes())))
            .filter(|(_, fit)| *fit > Fit::None)
            .collect();
        assert_eq!(found, expected, "{text} in {names:?}");
    }

    proptest! {
        #[test]
        fn runs_say_of_names_what_reading_them_says(
            names in proptest::collection::vec("[ab1é ._-]{1,9}", 1..40),
            text in "[abé]{1,3}",
        ) {
            check(&names, &text);
        }
    }

    #[test]
    fn names_end_in_a_dot_and_a_run() {
        let names = ["a.jpg", ".jpg", "jpg", "a.jpgx", "a.xjpg", "a_jpg", "a.jpg.jpg", "b.1jpg", "é.jpg"];
        let bytes = build(names.iter().map(|name| name.as_bytes())).unwrap();
        let words = Words::open(OwnedBytes::new(bytes)).unwrap();
        let (mut found, pattern) = (Vec::new(), Pattern::Glob(b"*.jpg".as_slice().into()));
        if let Some(word) = words.find(b"jpg") {
            words.each_ending(word, |index, fit| {
                if fit > Fit::None {
                    found.push(names[index as usize]);
                }
            });
        }
        let expected = names.into_iter().filter(|name| pattern.fit(name.as_bytes()) > Fit::None);
        assert_eq!(found, expected.collect::<Vec<_>>());
    }

    #[test]
    fn a_chunk_may_have_no_letters() {
        check(&["2026".to_owned(), "12.34".to_owned()], "a");
        check(&[], "a");
    }

    #[test]
    fn the_longest_run_of_a_text() {
        assert_eq!(longest(b"img_2026.jpeg"), b"jpeg");
        assert_eq!(longest("42 отчёт".as_bytes()), "отчёт".as_bytes());
        assert_eq!(longest(b"2026"), b"");
    }

    #[test]
    fn what_is_no_table_is_refused() {
        let bytes = build([&b"report"[..]].into_iter()).unwrap();
        for length in 0..bytes.len() {
            assert!(Words::open(OwnedBytes::new(bytes[..length].to_vec())).is_none(), "{length} bytes");
        }
    }
}
