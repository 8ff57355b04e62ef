//! Names in trees: written by Go's `strconv.Quote` without the outer quotes, so that any bytes survive JSON.

/// The bytes of a name as it stands in a tree's JSON; `None` when an escape is malformed.
pub(crate) fn unquoted(quoted: &str) -> Option<Vec<u8>> {
    let mut space = Vec::new();
    unquote(quoted.as_bytes(), &mut space).map(<[u8]>::to_vec)
}

/// Resolves Go's escapes. `None` when one is malformed.
pub(super) fn unquote<'a>(quoted: &'a [u8], space: &'a mut Vec<u8>) -> Option<&'a [u8]> {
    if !quoted.contains(&b'\\') {
        return Some(quoted);
    }
    space.clear();
    let mut rest = quoted;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'\\' {
            space.push(byte);
            continue;
        }
        let (&kind, tail) = rest.split_first()?;
        rest = tail;
        match kind {
            b'a' => space.push(7),
            b'b' => space.push(8),
            b'f' => space.push(12),
            b'n' => space.push(b'\n'),
            b'r' => space.push(b'\r'),
            b't' => space.push(b'\t'),
            b'v' => space.push(11),
            b'\\' | b'\'' | b'"' => space.push(kind),
            b'x' => {
                let (value, tail) = digits(rest, 2, 16)?;
                space.push(u8::try_from(value).ok()?);
                rest = tail;
            }
            b'0'..=b'7' => {
                let (value, tail) = digits(quoted.get(quoted.len() - rest.len() - 1..)?, 3, 8)?;
                space.push(u8::try_from(value).ok()?);
                rest = tail;
            }
            b'u' | b'U' => {
                let (value, tail) = digits(rest, if kind == b'u' { 4 } else { 8 }, 16)?;
                space.extend_from_slice(char::from_u32(value)?.encode_utf8(&mut [0; 4]).as_bytes());
                rest = tail;
            }
            _ => return None,
        }
    }
    Some(space)
}

fn digits(text: &[u8], count: usize, radix: u32) -> Option<(u32, &[u8])> {
    let (digits, rest) = text.split_at_checked(count)?;
    Some((u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(quoted: &str, expected: Option<&[u8]>) {
        assert_eq!(unquote(quoted.as_bytes(), &mut Vec::new()), expected, "{quoted}");
    }

    #[test]
    fn every_escape_of_go_is_resolved() {
        check("plain é", Some("plain é".as_bytes()));
        check(r"\a\b\f\n\r\t\v\\\'", Some(b"\x07\x08\x0c\n\r\t\x0b\\'"));
        check(r#"say \"hi\""#, Some(b"say \"hi\""));
        check(r"\xff\xfe", Some(b"\xff\xfe"));
        check(r"\u00a0\U0001f600", Some("\u{a0}\u{1f600}".as_bytes()));
        check(r"\101", Some(b"A"));
    }

    #[test]
    fn malformed_escapes_are_refused() {
        for quoted in [r"\", r"\q", r"\x4", r"\ud800"] {
            check(quoted, None);
        }
    }
}
