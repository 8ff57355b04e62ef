//! Go's `filepath.Match` for one part of a path: `*`, `?`, `[a-z]`, `[^a-z]`, and a backslash before what is meant as it is.
//! Source: the documentation of Go's `path/filepath`.

/// Whether a text without slashes fits. `None` when the glob is malformed.
pub(super) fn fits(glob: &[u8], text: &[u8]) -> Option<bool> {
    let mut tokens = Vec::new();
    let mut rest = glob;
    while !rest.is_empty() {
        let (token, after) = token(rest)?;
        // Stars that follow each other are one: otherwise they would multiply the work.
        if !(token == Token::Any && tokens.last() == Some(&Token::Any)) {
            tokens.push(token);
        }
        rest = after;
    }
    Some(fits_tokens(&tokens, text))
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    /// `*`.
    Any,
    /// `?`.
    One,
    Byte(u8),
    /// Ranges of characters, both ends within; `true` when everything else is meant.
    Class(Vec<(char, char)>, bool),
}

/// The first token of a glob that is not empty, and what follows.
fn token(glob: &[u8]) -> Option<(Token, &[u8])> {
    let (&first, rest) = glob.split_first()?;
    match first {
        b'*' => Some((Token::Any, rest)),
        b'?' => Some((Token::One, rest)),
        b'[' => class(rest),
        b'\\' if cfg!(not(windows)) => rest.split_first().map(|(&byte, rest)| (Token::Byte(byte), rest)),
        byte => Some((Token::Byte(byte), rest)),
    }
}

fn class(mut rest: &[u8]) -> Option<(Token, &[u8])> {
    let is_negated = rest.first() == Some(&b'^');
    if is_negated {
        rest = rest.get(1..)?;
    }
    let mut ranges = Vec::new();
    loop {
        if !ranges.is_empty()
            && let Some(after) = rest.strip_prefix(b"]")
        {
            return Some((Token::Class(ranges, is_negated), after));
        }
        let (low, after) = class_character(rest)?;
        let (high, after) = match after.strip_prefix(b"-") {
            Some(after) => class_character(after)?,
            None => (low, after),
        };
        ranges.push((low, high));
        rest = after;
    }
}

/// A character of a class; something must follow it.
fn class_character(rest: &[u8]) -> Option<(char, &[u8])> {
    let rest = match rest.first()? {
        b'-' | b']' => return None,
        b'\\' if cfg!(not(windows)) => rest.get(1..)?,
        _ => rest,
    };
    let (character, length) = first_character(rest)?;
    let after = rest.get(length..)?;
    (character != char::REPLACEMENT_CHARACTER || length > 1).then_some(())?;
    (!after.is_empty()).then_some((character, after))
}

/// The first character and its bytes; a byte that is not UTF-8 is U+FFFD of one byte.
fn first_character(text: &[u8]) -> Option<(char, usize)> {
    let first = text.first()?;
    if first.is_ascii() {
        return Some((char::from(*first), 1));
    }
    let chunk = text.get(..text.len().min(4))?.utf8_chunks().next()?;
    Some(chunk.valid().chars().next().map_or((char::REPLACEMENT_CHARACTER, 1), |found| (found, found.len_utf8())))
}

fn fits_tokens(tokens: &[Token], text: &[u8]) -> bool {
    let (mut at, mut position) = (0, 0);
    // Where to go on when the rest does not fit: after the last star, one more character taken by it.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        let rest = text.get(position..).unwrap_or_default();
        let taken = match tokens.get(at) {
            None if rest.is_empty() => return true,
            None => None,
            Some(Token::Any) => {
                retry = Some((at + 1, position));
                Some(0)
            }
            Some(Token::One) => first_character(rest).map(|(_, length)| length),
            Some(Token::Byte(byte)) => (rest.first() == Some(byte)).then_some(1),
            Some(Token::Class(ranges, is_negated)) => first_character(rest).and_then(|(character, length)| {
                let is_in = ranges.iter().any(|(low, high)| (*low..=*high).contains(&character));
                (is_in != *is_negated).then_some(length)
            }),
        };
        match (taken, retry) {
            (Some(taken), _) => {
                at += 1;
                position += taken;
            }
            (None, Some((after_star, start))) if start < text.len() => {
                retry = Some((after_star, start + 1));
                (at, position) = (after_star, start + 1);
            }
            (None, _) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(glob: &str, text: &str, expected: Option<bool>) {
        assert_eq!(fits(glob.as_bytes(), text.as_bytes()), expected, "{glob} {text}");
    }

    #[test]
    fn globs_fit_as_in_go() {
        // From the tests of Go's path/filepath, without those about slashes.
        for (glob, text, expected) in [
            ("abc", "abc", true),
            ("*", "abc", true),
            ("*c", "abc", true),
            ("a*", "a", true),
            ("a*", "abc", true),
            ("a*b*c*d*e*", "axbxcxdxe", true),
            ("a*b?c*x", "abxbbxdbxebxczzx", true),
            ("a*b?c*x", "abxbbxdbxebxczzy", false),
            ("ab[c]", "abc", true),
            ("ab[b-d]", "abc", true),
            ("ab[e-g]", "abc", false),
            ("ab[^c]", "abc", false),
            ("ab[^b-d]", "abc", false),
            ("ab[^e-g]", "abc", true),
            ("a?b", "a☺b", true),
            ("a[^a]b", "a☺b", true),
            ("a???b", "a☺b", false),
            ("a[^a][^a][^a]b", "a☺b", false),
            ("[a-ζ]*", "α", true),
            ("*[a-ζ]", "A", false),
            ("*x", "xxx", true),
            ("", "", true),
            ("*", "", true),
        ] {
            check(glob, text, Some(expected));
        }
    }

    // On Windows a backslash stands between names, in Go as here, and takes no meaning away.
    #[cfg(not(windows))]
    #[test]
    fn a_backslash_takes_the_meaning_of_what_follows() {
        for (glob, text, expected) in [
            ("a\\*b", "a*b", true),
            ("a\\*b", "ab", false),
            ("[\\]a]", "]", true),
            ("[\\-]", "-", true),
            ("[x\\-]", "x", true),
            ("[x\\-]", "-", true),
            ("[x\\-]", "z", false),
            ("[\\-x]", "x", true),
        ] {
            check(glob, text, Some(expected));
        }
        check("\\", "a", None);
    }

    #[test]
    fn malformed_globs_are_refused() {
        for glob in ["[]a]", "[-]", "[x-]", "[-x]", "[a-b-c]", "[", "[^", "[^bc", "a["] {
            check(glob, "a", None);
        }
    }
}
