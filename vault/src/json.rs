//! A cursor over JSON text that may end in the middle: for the parsers of trees and index files, which must be fast, and of
//! which the former need not hold the whole text.

use bygone_common::Id;

/// Why the cursor stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The text ended inside a value: give more and begin again.
    Incomplete,
    /// The text is not what it should be, at this offset.
    Malformed(usize),
}

pub(crate) type Scan<T> = Result<T, Stop>;

/// Levels of nesting that an unknown value may have.
const SKIP_DEPTH_MAX: usize = 64;

/// A position in a text.
pub(crate) struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a [u8], at: usize) -> Self {
        Self { text, at }
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn malformed<T>(&self) -> Scan<T> {
        Err(Stop::Malformed(self.at))
    }

    /// The next byte that is not white space, without passing it.
    #[inline]
    pub(crate) fn peek(&mut self) -> Scan<u8> {
        loop {
            match self.text.get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                Some(byte) => return Ok(*byte),
                None => return Err(Stop::Incomplete),
            }
        }
    }

    #[inline]
    pub(crate) fn expect(&mut self, byte: u8) -> Scan<()> {
        if self.peek()? != byte {
            return self.malformed();
        }
        self.at += 1;
        Ok(())
    }

    /// Passes `byte` if it is next.
    #[inline]
    pub(crate) fn accept(&mut self, byte: u8) -> Scan<bool> {
        let found = self.peek()? == byte;
        self.at += usize::from(found);
        Ok(found)
    }

    /// A string's raw text between its quotes, escapes untouched, and whether it holds any.
    #[inline]
    pub(crate) fn raw_string(&mut self) -> Scan<(&'a [u8], bool)> {
        self.expect(b'"')?;
        let start = self.at;
        let mut from = start;
        let mut escaped = false;
        loop {
            let rest = self.text.get(from..).unwrap_or_default();
            let Some(found) = memchr::memchr2(b'"', b'\\', rest) else { return Err(Stop::Incomplete) };
            let at = from + found;
            if self.text.get(at) == Some(&b'"') {
                self.at = at + 1;
                return Ok((self.text.get(start..at).unwrap_or_default(), escaped));
            }
            escaped = true;
            from = at + 2;
        }
    }

    /// A string, its escapes resolved into `space` when it has any.
    #[inline]
    pub(crate) fn string<'s>(&mut self, space: &'s mut Vec<u8>) -> Scan<&'s [u8]>
    where
        'a: 's,
    {
        let start = self.at;
        let (raw, escaped) = self.raw_string()?;
        if !escaped {
            return Ok(raw);
        }
        space.clear();
        match unescape(raw, space) {
            Some(()) => Ok(space),
            None => Err(Stop::Malformed(start)),
        }
    }

    /// A string or `null`.
    #[inline]
    pub(crate) fn string_or_null<'s>(&mut self, space: &'s mut Vec<u8>) -> Scan<&'s [u8]>
    where
        'a: 's,
    {
        if self.peek()? == b'n' {
            self.skip()?;
            return Ok(&[]);
        }
        self.string(space)
    }

    /// An unsigned number; `null` counts as zero, a number that does not fit is malformed.
    #[inline]
    pub(crate) fn number(&mut self) -> Scan<u64> {
        if self.peek()? == b'n' {
            self.skip()?;
            return Ok(0);
        }
        let start = self.at;
        let mut value = 0_u64;
        loop {
            match self.text.get(self.at) {
                Some(digit @ b'0'..=b'9') => {
                    let next = value.checked_mul(10).and_then(|value| value.checked_add(u64::from(digit - b'0')));
                    match next {
                        Some(next) => value = next,
                        None => return self.malformed(),
                    }
                    self.at += 1;
                }
                Some(b'.' | b'e' | b'E' | b'-' | b'+') => return self.malformed(),
                Some(_) if self.at > start => return Ok(value),
                Some(_) => return self.malformed(),
                None => return Err(Stop::Incomplete),
            }
        }
    }

    /// An id in hexadecimal digits.
    #[inline]
    pub(crate) fn id(&mut self) -> Scan<Id> {
        let start = self.at;
        Id::from_hex(self.raw_string()?.0).ok_or(Stop::Malformed(start))
    }

    /// An object: `field` reads the value of each key.
    #[inline]
    pub(crate) fn object(&mut self, mut field: impl FnMut(&mut Self, &[u8]) -> Scan<()>) -> Scan<()> {
        self.expect(b'{')?;
        let mut more = !self.accept(b'}')?;
        while more {
            let (key, _) = self.raw_string()?;
            self.expect(b':')?;
            field(self, key)?;
            more = !self.accept(b'}')?;
            if more {
                self.expect(b',')?;
            }
        }
        Ok(())
    }

    /// A list, each of its elements read by `element`; `null` is an empty one.
    #[inline]
    pub(crate) fn array(&mut self, mut element: impl FnMut(&mut Self) -> Scan<()>) -> Scan<()> {
        if self.peek()? == b'n' {
            return self.skip();
        }
        self.expect(b'[')?;
        let mut more = !self.accept(b']')?;
        while more {
            element(self)?;
            more = !self.accept(b']')?;
            if more {
                self.expect(b',')?;
            }
        }
        Ok(())
    }

    /// Passes any value.
    pub(crate) fn skip(&mut self) -> Scan<()> {
        self.skip_nested(0)
    }

    fn skip_nested(&mut self, depth: usize) -> Scan<()> {
        if depth > SKIP_DEPTH_MAX {
            return self.malformed();
        }
        match self.peek()? {
            b'"' => self.raw_string().map(drop),
            open @ (b'{' | b'[') => {
                let close = if open == b'{' { b'}' } else { b']' };
                self.at += 1;
                if self.accept(close)? {
                    return Ok(());
                }
                loop {
                    if open == b'{' {
                        self.raw_string()?;
                        self.expect(b':')?;
                    }
                    self.skip_nested(depth + 1)?;
                    if self.accept(close)? {
                        return Ok(());
                    }
                    self.expect(b',')?;
                }
            }
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => loop {
                match self.text.get(self.at) {
                    Some(b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z') => self.at += 1,
                    Some(_) => return Ok(()),
                    None => return Err(Stop::Incomplete),
                }
            },
            _ => self.malformed(),
        }
    }
}

/// Resolves JSON's escapes; `None` when one is malformed. Unpaired surrogates become U+FFFD, as in Go.
fn unescape(raw: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut rest = raw;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let (&kind, tail) = rest.split_first()?;
        rest = tail;
        let plain = match kind {
            b'"' | b'\\' | b'/' => kind,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let (unit, tail) = hex_unit(rest)?;
                rest = tail;
                let mut code = u32::from(unit);
                if (0xd800..0xdc00).contains(&unit)
                    && let Some((low, tail)) = rest.strip_prefix(b"\\u").and_then(hex_unit)
                    && (0xdc00..0xe000).contains(&low)
                {
                    rest = tail;
                    code = 0x10000 + ((u32::from(unit) - 0xd800) << 10) + (u32::from(low) - 0xdc00);
                }
                let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                continue;
            }
            _ => return None,
        };
        out.push(plain);
    }
    Some(())
}

fn hex_unit(text: &[u8]) -> Option<(u16, &[u8])> {
    let (digits, rest) = text.split_at_checked(4)?;
    let digits = std::str::from_utf8(digits).ok()?;
    Some((u16::from_str_radix(digits, 16).ok()?, rest))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn check(text: &str, expected: &[u8]) {
        assert_eq!(Cursor::new(text.as_bytes(), 0).string(&mut Vec::new()).unwrap(), expected, "{text}");
    }

    #[test]
    fn escapes_are_resolved() {
        check(r#""plain""#, b"plain");
        check(r#""a\"b\\c\n""#, b"a\"b\\c\n");
        check("\"\\u00e9\\ud83d\\ude00\\ud800\"", "é😀\u{fffd}".as_bytes());
    }

    #[test]
    fn a_text_that_ends_inside_a_value_is_incomplete_at_every_byte() {
        let text = br#"{"a":[1,"x",{"b":null}],"c":-1.5e3} "#;
        for end in 0..text.len() - 2 {
            assert_eq!(Cursor::new(&text[..end], 0).skip(), Err(Stop::Incomplete), "{end}");
        }
        assert_eq!(Cursor::new(text, 0).skip(), Ok(()));
    }

    #[test]
    fn nesting_without_end_is_refused() {
        assert!(matches!(Cursor::new(&[b'['; 1000], 0).skip(), Err(Stop::Malformed(_))));
    }
}
