//! What may have been meant when nothing was found: the other keyboard layout, or a word that differs by a letter or
//! two. A suggestion is a query that finds something which the asker may see.

use std::collections::HashMap;

use crate::edit::distance;
use crate::error::Result;
use crate::fold::{fold, is_letter_byte, is_word_byte};
use crate::index::Index;
use crate::layout::other_layout;
use crate::limits::CORRECTION_RUNS_MAX;
use crate::pattern::Pattern;
use crate::query::{Clause, Query, Test};
use crate::scope::Scope;
use crate::view::View;

/// Shorter words are not corrected: too many others are near.
const WORD_CHARS_MIN: usize = 4;
/// Words of so many letters may differ by two.
const WORD_CHARS_LONG: usize = 8;
/// Corrections of one word that are tried.
const CORRECTIONS_TRIED_MAX: usize = 3;

/// Why something else may have been meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuggestionKind {
    /// The keyboard was switched to the other alphabet.
    Layout,
    /// A word was mistyped.
    Spelling,
}

/// A query that finds something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// Why it is suggested.
    pub kind: SuggestionKind,
    /// The query.
    pub query: String,
    /// Versions that it finds.
    pub total: u64,
}

impl Index {
    pub(crate) fn suggest(&self, view: &View, query: &Query, scope: &Scope) -> Result<Vec<Suggestion>> {
        let mut suggestions = Vec::new();
        let words: Vec<&Clause> = query.clauses.iter().filter(|clause| word(clause).is_some()).collect();
        let switched: Vec<(&Clause, String)> =
            words.iter().filter_map(|clause| Some((*clause, other_layout(word(clause)?)?))).collect();
        let is_plain = |word: &String| word.bytes().all(is_word_byte);
        if !switched.is_empty() && switched.iter().all(|(_, word)| is_plain(word)) {
            self.add(view, query, scope, &switched, SuggestionKind::Layout, &mut suggestions)?;
        }
        if suggestions.is_empty() {
            let mut corrected = Vec::new();
            for clause in words {
                if let Some(correction) = self.correction(view, query, scope, clause)? {
                    corrected.push((clause, correction));
                }
            }
            if !corrected.is_empty() {
                self.add(view, query, scope, &corrected, SuggestionKind::Spelling, &mut suggestions)?;
            }
        }
        Ok(suggestions)
    }

    fn add(
        &self,
        view: &View,
        query: &Query,
        scope: &Scope,
        words: &[(&Clause, String)],
        kind: SuggestionKind,
        suggestions: &mut Vec<Suggestion>,
    ) -> Result<()> {
        let Some(other) = query.with_words(words) else { return Ok(()) };
        let total = self.count(view, &other, scope)?;
        if total > 0 {
            suggestions.push(Suggestion { kind, query: other.text, total });
        }
        Ok(())
    }

    /// A word near one that nothing has; none when something has it, or nothing near it may be seen.
    fn correction(&self, view: &View, query: &Query, scope: &Scope, clause: &Clause) -> Result<Option<String>> {
        let Some(word) = word(clause) else { return Ok(None) };
        let length = word.chars().count();
        // Numbers are not misspelled in a way that anybody could guess.
        if length < WORD_CHARS_MIN || !word.bytes().all(is_letter_byte) {
            return Ok(None);
        }
        // Nothing has what is asked for alone: that is why we are here.
        let is_alone = query.clauses.len() == 1;
        let alone = || Query { clauses: vec![clause.clone()], ..query.clone() };
        if !is_alone && self.has_any(view, &alone(), scope)? {
            return Ok(None);
        }
        let max = if length < WORD_CHARS_LONG { 1 } else { 2 };
        let mut near: Vec<((usize, std::cmp::Reverse<usize>), String)> = nearest(view, word, max)
            .into_iter()
            .map(|(word, (distance, count))| ((distance, std::cmp::Reverse(count)), word))
            .collect();
        near.sort_unstable();
        for (_, word) in near.into_iter().take(CORRECTIONS_TRIED_MAX) {
            let test = match clause.test {
                Test::Name(_) => Test::Name(Pattern::Part(word.as_bytes().into())),
                _ => Test::Anywhere(Pattern::Part(word.as_bytes().into())),
            };
            let other = Query { clauses: vec![Clause { test, ..clause.clone() }], ..query.clone() };
            if self.has_any(view, &other, scope)? {
                return Ok(Some(word));
            }
        }
        Ok(None)
    }
}

/// The text of a condition that is one plain word.
fn word(clause: &Clause) -> Option<&str> {
    match &clause.test {
        Test::Anywhere(Pattern::Part(text)) | Test::Name(Pattern::Part(text)) if !clause.negated => {
            std::str::from_utf8(text).ok()
        }
        _ => None,
    }
}

/// Runs of letters near a word: by how many letters, and about how many names hold each. One with at most `max`
/// differences has one of `max + 1` pieces of the word unchanged, so only runs that hold a piece are looked at.
fn nearest(view: &View, word: &str, max: usize) -> HashMap<String, (usize, usize)> {
    let letters: Vec<char> = word.chars().collect();
    let piece_chars = letters.len().div_ceil(max + 1);
    let pieces = letters.chunks(piece_chars).map(|piece| piece.iter().collect::<String>());
    // By run: its distance, when it is near, and how often it was come across.
    let mut seen: HashMap<String, (Option<usize>, usize)> = HashMap::new();
    for piece in pieces {
        view.names.runs_with(piece.as_bytes(), |run, names| {
            let Ok(run) = std::str::from_utf8(run) else { return };
            if let Some((_, count)) = seen.get_mut(run) {
                *count += names;
            } else if seen.len() < CORRECTION_RUNS_MAX {
                seen.insert(run.to_owned(), (distance(word, run, max), names));
            }
        });
    }
    seen.into_iter().filter_map(|(run, (distance, count))| Some((run, (distance?, count)))).collect()
}

impl Query {
    /// The query with other words in place of some of its own.
    fn with_words(&self, words: &[(&Clause, String)]) -> Option<Self> {
        let mut text = self.text.clone();
        let mut words: Vec<&(&Clause, String)> = words.iter().collect();
        // From the end, so that places before stay where they are.
        words.sort_by_key(|(clause, _)| std::cmp::Reverse(clause.span));
        for (clause, word) in words {
            let (start, end) = clause.span;
            let key = match clause.test {
                Test::Name(_) => "name:",
                _ => "",
            };
            text.get(start..end)?;
            text.replace_range(start..end, &format!("{key}{}", fold(word)));
        }
        Self::parse(&text, self.now, &self.zone).ok()
    }

    pub(crate) fn of_content(content: u64) -> Self {
        Self {
            clauses: vec![Clause { negated: false, test: Test::Content(content), span: (0, 0) }],
            text: format!("content:{content:016x}"),
            now: jiff::Timestamp::UNIX_EPOCH,
            zone: jiff::tz::TimeZone::UTC,
        }
    }
}
