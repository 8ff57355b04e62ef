//! Texts of a query as patterns.

use crate::fold::{fold, is_word_byte};
use crate::pattern::Pattern;

/// A text as typed: quoted it is a phrase, with `*` or `?` a glob, otherwise a part of a name.
pub(super) fn pattern(text: &str, quoted: bool) -> Option<Pattern> {
    let folded = fold(text.trim());
    if folded.is_empty() {
        return None;
    }
    if quoted {
        let words: Vec<Box<[u8]>> = folded
            .as_bytes()
            .split(|byte| !is_word_byte(*byte))
            .filter(|word| !word.is_empty())
            .map(Box::from)
            .collect();
        return Some(if words.is_empty() { part(&folded) } else { Pattern::Phrase(words.into()) });
    }
    if !folded.contains(['*', '?']) {
        return Some(part(&folded));
    }
    let inner = folded.trim_matches('*');
    let is_plain = !inner.is_empty() && !inner.contains(['*', '?']);
    Some(match (folded.starts_with('*'), folded.ends_with('*')) {
        (true, true) if is_plain => part(inner),
        (false, true) if is_plain => Pattern::Beginning(inner.as_bytes().into()),
        _ => Pattern::Glob(folded.into_bytes().into()),
    })
}

fn part(text: &str) -> Pattern {
    Pattern::Part(text.as_bytes().into())
}
