//! A query's pieces: a sign, a key and a value each.

use super::error::{QueryError, QueryFault};

/// One piece.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub(super) negated: bool,
    /// With where it stands.
    pub(super) key: Option<(&'a str, (usize, usize))>,
    pub(super) value: &'a str,
    /// Whether the value stood in quotation marks.
    pub(super) quoted: bool,
    /// Where the value stands.
    pub(super) at: (usize, usize),
    /// Where the piece stands, without its sign.
    pub(super) span: (usize, usize),
}

/// Letters that a key has at least: `C:` is a drive.
const KEY_CHARS_MIN: usize = 2;

pub(super) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, QueryError> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let gap = rest.len() - rest.trim_start().len();
        at += gap;
        if gap == rest.len() {
            break;
        }
        let (piece, end) = piece(text, at)?;
        pieces.push(piece);
        at = end;
    }
    Ok(pieces)
}

fn piece(text: &str, start: usize) -> Result<(Piece<'_>, usize), QueryError> {
    let rest = text.get(start..).unwrap_or_default();
    let unsigned = rest.strip_prefix(['-', '!']);
    let negated = unsigned.is_some_and(|rest| rest.chars().next().is_some_and(|c| !c.is_whitespace() && c != '-'));
    let begin = start + usize::from(negated);
    let rest = text.get(begin..).unwrap_or_default();
    let word = rest.split(char::is_whitespace).next().unwrap_or_default();
    let key = word.split_once(':').map(|(key, _)| key).filter(|key| {
        key.chars().count() >= KEY_CHARS_MIN && key.chars().all(|c| c.is_alphabetic() || c == '_' || c == '-')
    });
    let from = begin + key.map_or(0, |key| key.len() + 1);
    let key = key.map(|key| (key, (begin, begin + key.len())));
    let rest = text.get(from..).unwrap_or_default();
    let quote = rest.chars().next().and_then(|open| closing(open).map(|close| (open, close)));
    let (value, at, end) = match quote {
        Some((open, close)) => {
            let inner = from + open.len_utf8();
            let length = text.get(inner..).and_then(|rest| rest.find(close)).ok_or_else(|| {
                let message = format!("the quotation mark {open} is never closed");
                QueryError::new(
                    QueryFault::UnclosedQuote,
                    (from, text.len()),
                    message,
                    format!("add {close} at its end"),
                )
            })?;
            (text.get(inner..inner + length), (inner, inner + length), inner + length + close.len_utf8())
        }
        None => {
            let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
            (text.get(from..from + length), (from, from + length), from + length)
        }
    };
    let value = value.unwrap_or_default();
    Ok((Piece { negated, key, value, quoted: quote.is_some(), at, span: (begin, end) }, end))
}

fn closing(open: char) -> Option<char> {
    match open {
        '"' => Some('"'),
        '“' => Some('”'),
        '„' => Some('“'),
        '«' => Some('»'),
        _ => None,
    }
}
