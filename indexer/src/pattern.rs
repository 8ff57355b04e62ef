//! How a text of the query fits a name, and how well.

use memchr::memmem;

use crate::fold::is_word_byte;
use crate::needle::finder;

/// How well a name fits, the better the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Fit {
    /// Not at all.
    None = 0,
    /// A directory on the way to it fits.
    Path = 1,
    /// Somewhere in the name.
    Inside = 2,
    /// A word of the name begins so.
    WordStart = 3,
    /// The name begins so.
    Start = 4,
    /// A word of the name.
    Word = 5,
    /// The name without its extension.
    Stem = 6,
    /// The whole name.
    Exact = 7,
}

/// A folded text that names are compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// `report`: anywhere in a name.
    Part(Box<[u8]>),
    /// `"annual report"`: these words in this order, with nothing but separators between them.
    Phrase(Box<[Box<[u8]>]>),
    /// `rep*`: a word of the name begins so.
    Beginning(Box<[u8]>),
    /// `img_*.jp?g`: the whole name.
    Glob(Box<[u8]>),
}

impl Pattern {
    /// What must be in every name that fits.
    pub(crate) fn needle(&self) -> &[u8] {
        match self {
            Self::Part(text) | Self::Beginning(text) => text,
            Self::Phrase(words) => words.iter().max_by_key(|word| word.len()).map_or(&[], |word| word),
            Self::Glob(glob) => {
                glob.split(|byte| matches!(byte, b'*' | b'?')).max_by_key(|part| part.len()).unwrap_or_default()
            }
        }
    }

    /// How well a folded name fits.
    pub(crate) fn fit(&self, name: &[u8]) -> Fit {
        Finder::new(self).fit(name)
    }

    /// Where a folded name fits, as ranges of its bytes, from left to right.
    pub(crate) fn places(&self, name: &[u8]) -> Vec<(usize, usize)> {
        match self {
            Self::Part(text) => {
                memmem::find_iter(name, text).take(PLACES_MAX).map(|at| (at, at + text.len())).collect()
            }
            Self::Beginning(text) => memmem::find_iter(name, text)
                .filter(|at| starts_word(name, *at))
                .take(PLACES_MAX)
                .map(|at| (at, at + text.len()))
                .collect(),
            Self::Phrase(words) => phrase_at(words, name).into_iter().collect(),
            Self::Glob(glob) if fits_glob(glob, name) => {
                let needle = self.needle();
                let found = memmem::find(name, needle).filter(|_| !needle.is_empty());
                found.map(|at| (at, at + needle.len())).into_iter().collect()
            }
            Self::Glob(_) => Vec::new(),
        }
    }
}

/// A pattern made ready to be looked for in many names.
pub(crate) struct Finder<'a> {
    pattern: &'a Pattern,
    needle: memmem::Finder<'a>,
}

impl<'a> Finder<'a> {
    pub(crate) fn new(pattern: &'a Pattern) -> Self {
        Self { pattern, needle: finder(pattern.needle()) }
    }

    /// The first place in a text of many names where one may fit.
    pub(crate) fn find(&self, text: &[u8]) -> Option<usize> {
        self.needle.find(text)
    }

    /// How well a folded name fits.
    pub(crate) fn fit(&self, name: &[u8]) -> Fit {
        match self.pattern {
            Pattern::Part(_) | Pattern::Beginning(_) => self.sift(self.part(name)),
            Pattern::Phrase(words) => phrase(words, name),
            Pattern::Glob(glob) if fits_glob(glob, name) => Fit::Start,
            Pattern::Glob(_) => Fit::None,
        }
    }

    /// What is left of how well a name fits the text of the pattern, by what the pattern asks beside it.
    #[inline]
    pub(crate) fn sift(&self, fit: Fit) -> Fit {
        match (self.pattern, fit) {
            (Pattern::Beginning(_), Fit::Inside) => Fit::None,
            (Pattern::Phrase(_), Fit::Inside | Fit::WordStart | Fit::Start) => Fit::None,
            (_, fit) => fit,
        }
    }

    /// What must be in every name that fits.
    pub(crate) fn needle(&self) -> &[u8] {
        self.needle.needle()
    }

    fn part(&self, name: &[u8]) -> Fit {
        let length = self.needle.needle().len();
        self.needle.find_iter(name).map(|at| occurrence(name, at, length)).max().unwrap_or(Fit::None)
    }
}

/// Places of one text in one name that are shown.
const PLACES_MAX: usize = 16;

fn starts_word(name: &[u8], at: usize) -> bool {
    at.checked_sub(1).and_then(|before| name.get(before)).is_none_or(|byte| !is_word_byte(*byte))
}

fn ends_word(name: &[u8], end: usize) -> bool {
    name.get(end).is_none_or(|byte| !is_word_byte(*byte))
}

/// Whether what follows `end` is nothing but an extension.
fn is_stem(name: &[u8], end: usize) -> bool {
    name.get(end) == Some(&b'.') && memchr::memrchr(b'.', name) == Some(end)
}

fn occurrence(name: &[u8], at: usize, length: usize) -> Fit {
    let end = at + length;
    match (at, starts_word(name, at), ends_word(name, end)) {
        (0, _, _) if end == name.len() => Fit::Exact,
        (0, _, _) if is_stem(name, end) => Fit::Stem,
        (_, true, true) => Fit::Word,
        (0, _, _) => Fit::Start,
        (_, true, false) => Fit::WordStart,
        (_, false, _) => Fit::Inside,
    }
}

fn phrase(words: &[Box<[u8]>], name: &[u8]) -> Fit {
    phrase_at(words, name).map_or(Fit::None, |(start, end)| occurrence(name, start, end - start))
}

/// The first place of the words, whole and in this order.
fn phrase_at(words: &[Box<[u8]>], name: &[u8]) -> Option<(usize, usize)> {
    let (first, others) = words.split_first()?;
    memmem::find_iter(name, first).filter(|at| starts_word(name, *at)).find_map(|start| {
        let mut end = start + first.len();
        for word in others {
            let gap = name.get(end..)?.iter().take_while(|byte| !is_word_byte(**byte)).count();
            let rest = name.get(end + gap..)?;
            if gap == 0 || !rest.starts_with(word) {
                return None;
            }
            end += gap + word.len();
        }
        ends_word(name, end).then_some((start, end))
    })
}

/// `*` is any text, `?` any character. Never looks further back than the last star, so it is quadratic at worst.
fn fits_glob(glob: &[u8], name: &[u8]) -> bool {
    // What most people ask: `*.jpg`.
    if let Some((b'*', end)) = glob.split_first()
        && !end.iter().any(|byte| matches!(byte, b'*' | b'?'))
    {
        return name.ends_with(end);
    }
    let (mut at, mut position) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while position < name.len() {
        match glob.get(at) {
            Some(b'*') => {
                star = Some((at + 1, position));
                at += 1;
            }
            Some(b'?') => {
                position += 1;
                while name.get(position).is_some_and(|byte| byte & 0xc0 == 0x80) {
                    position += 1;
                }
                at += 1;
            }
            Some(byte) if name.get(position) == Some(byte) => {
                at += 1;
                position += 1;
            }
            _ => {
                let Some((after, from)) = star else { return false };
                star = Some((after, from + 1));
                (at, position) = (after, from + 1);
            }
        }
    }
    glob.get(at..).unwrap_or_default().iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &Pattern, name: &str, expected: Fit) {
        assert_eq!(pattern.fit(name.as_bytes()), expected, "{name}");
        assert_eq!(pattern.places(name.as_bytes()).is_empty(), expected == Fit::None, "{name}");
        let needle = memmem::find(name.as_bytes(), pattern.needle());
        assert!(expected == Fit::None || needle.is_some(), "{name} does not hold the needle");
    }

    #[test]
    fn whole_names_fit_better_than_words_and_words_better_than_parts() {
        let pattern = Pattern::Part(b"report".as_slice().into());
        check(&pattern, "report", Fit::Exact);
        check(&pattern, "report.docx", Fit::Stem);
        check(&pattern, "annual report.docx", Fit::Word);
        check(&pattern, "report.docx.bak", Fit::Word);
        check(&pattern, "reporting.doc", Fit::Start);
        check(&pattern, "my_reporting.doc", Fit::WordStart);
        check(&pattern, "unreported", Fit::Inside);
        check(&pattern, "repo", Fit::None);
    }

    #[test]
    fn a_phrase_is_whole_words_between_separators() {
        let words: [Box<[u8]>; 2] = [b"annual".as_slice().into(), b"report".as_slice().into()];
        let pattern = Pattern::Phrase(words.into());
        check(&pattern, "the annual_report 2.doc", Fit::Word);
        check(&pattern, "annual - report.doc", Fit::Stem);
        check(&pattern, "annualreport", Fit::None);
        check(&pattern, "annual reports", Fit::None);
        check(&pattern, "semiannual report", Fit::None);
    }

    #[test]
    fn a_beginning_is_that_of_a_word() {
        let pattern = Pattern::Beginning(b"rep".as_slice().into());
        check(&pattern, "reply", Fit::Start);
        check(&pattern, "my-report", Fit::WordStart);
        check(&pattern, "grep", Fit::None);
    }

    #[test]
    fn a_glob_is_the_whole_name() {
        let pattern = Pattern::Glob(b"img_*.jp?g".as_slice().into());
        check(&pattern, "img_01.jpeg", Fit::Start);
        check(&pattern, "img_01.jpg", Fit::None);
        check(&pattern, "my_img_01.jpeg", Fit::None);
        check(&Pattern::Glob("?т*".as_bytes().into()), "отчет", Fit::Start);
    }

    #[test]
    fn a_glob_of_many_stars_ends_soon() {
        let pattern = Pattern::Glob("*a".repeat(500).into_bytes().into());
        assert_eq!(pattern.fit("b".repeat(255).as_bytes()), Fit::None);
    }
}
