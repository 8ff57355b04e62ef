//! Text as Go writes it, byte for byte: `strconv.Quote` for names, `encoding/json` around everything. A tree's id is the
//! hash of its text, so that the same directory gives the same tree whoever saves it.

use std::sync::OnceLock;

use regex::Regex;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends a name as a JSON string: first quoted by Go's `strconv.Quote` without its outer quotes, then as JSON.
pub(super) fn push_name(out: &mut Vec<u8>, name: &[u8]) {
    out.push(b'"');
    if name.iter().all(|byte| is_plain(*byte)) {
        out.extend_from_slice(name);
    } else {
        let mut quoted = Vec::with_capacity(name.len() + 16);
        quote(&mut quoted, name);
        // What is quoted is text without control characters.
        escape(out, &quoted);
    }
    out.push(b'"');
}

/// Appends any other text as a JSON string. Bytes that are not UTF-8 become U+FFFD.
pub(super) fn push_text(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    if text.iter().all(|byte| is_plain(*byte)) {
        out.extend_from_slice(text);
    } else {
        escape(out, text);
    }
    out.push(b'"');
}

/// Whether a byte stands for itself in both forms.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\' | b'<' | b'>' | b'&')
}

/// Go's `strconv.Quote` without the outer quotes.
fn quote(out: &mut Vec<u8>, name: &[u8]) {
    for piece in name.utf8_chunks() {
        for character in piece.valid().chars() {
            match character {
                '"' | '\\' => out.extend_from_slice(&[b'\\', character as u8]),
                ' '..='~' => out.push(character as u8),
                '\x07' => out.extend_from_slice(b"\\a"),
                '\x08' => out.extend_from_slice(b"\\b"),
                '\x0c' => out.extend_from_slice(b"\\f"),
                '\n' => out.extend_from_slice(b"\\n"),
                '\r' => out.extend_from_slice(b"\\r"),
                '\t' => out.extend_from_slice(b"\\t"),
                '\x0b' => out.extend_from_slice(b"\\v"),
                '\0'..='\x7f' => push_escape(out, b'x', character as u32, 2),
                _ if is_printable(character) => {
                    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                '\u{80}'..='\u{ffff}' => push_escape(out, b'u', character as u32, 4),
                '\u{10000}'.. => push_escape(out, b'U', character as u32, 8),
            }
        }
        piece.invalid().iter().for_each(|byte| push_escape(out, b'x', u32::from(*byte), 2));
    }
}

/// A backslash, a letter, and a number of so many hexadecimal digits.
fn push_escape(out: &mut Vec<u8>, letter: u8, number: u32, digits: u32) {
    out.extend_from_slice(&[b'\\', letter]);
    for place in (0..digits).rev() {
        out.push(HEX[(number >> (4 * place)) as usize & 15]);
    }
}

/// Go's `unicode.IsPrint` beyond ASCII: letters, marks, numbers, punctuation and symbols.
fn is_printable(character: char) -> bool {
    static PRINTABLE: OnceLock<Option<Regex>> = OnceLock::new();
    let printable = PRINTABLE.get_or_init(|| Regex::new(r"^[\p{L}\p{M}\p{N}\p{P}\p{S}]$").ok());
    printable.as_ref().is_some_and(|printable| printable.is_match(character.encode_utf8(&mut [0; 4])))
}

/// The inside of a JSON string by Go's `encoding/json`, which also escapes what HTML would not bear.
fn escape(out: &mut Vec<u8>, text: &[u8]) {
    for piece in text.utf8_chunks() {
        for character in piece.valid().chars() {
            match character {
                '"' | '\\' => out.extend_from_slice(&[b'\\', character as u8]),
                '\x08' => out.extend_from_slice(b"\\b"),
                '\x0c' => out.extend_from_slice(b"\\f"),
                '\n' => out.extend_from_slice(b"\\n"),
                '\r' => out.extend_from_slice(b"\\r"),
                '\t' => out.extend_from_slice(b"\\t"),
                '\0'..='\x1f' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                    push_escape(out, b'u', character as u32, 4);
                }
                _ => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        piece.invalid().iter().for_each(|_| out.extend_from_slice(b"\\ufffd"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_name(name: &[u8], expected: &str) {
        let mut out = Vec::new();
        push_name(&mut out, name);
        assert_eq!(String::from_utf8_lossy(&out), format!("\"{expected}\""));
    }

    #[test]
    fn names_are_quoted_as_restic_quotes_them() {
        check_name(b"plain name.txt", "plain name.txt");
        check_name(b"say \"hi\"", r#"say \\\"hi\\\""#);
        check_name(b"back\\slash", r"back\\\\slash");
        check_name(b"<&>", r"\u003c\u0026\u003e");
        check_name(b"\n\x01\x7f\xff\xfe", r"\\n\\x01\\x7f\\xff\\xfe");
        check_name("é😀".as_bytes(), "é😀");
        check_name("\u{a0}\u{2028}\u{ad}\u{e000}\u{10ffff}".as_bytes(), r"\\u00a0\\u2028\\u00ad\\ue000\\U0010ffff");
    }

    #[test]
    fn names_come_back() {
        for name in [b"a\x07\x08\x0c\n\r\t\x0b\\'\"".as_slice(), b"\xff\xc3\x28", "\u{a0}\u{fffd}é".as_bytes()] {
            let mut out = b"{\"nodes\":[{\"name\":".to_vec();
            push_name(&mut out, name);
            out.extend_from_slice(b",\"type\":\"file\"}]}");
            let directory = crate::Directory::parse(&out);
            let names: Vec<Vec<u8>> =
                directory.iter().flat_map(crate::Directory::iter).map(|node| node.name().to_vec()).collect();
            assert_eq!(names, [name.to_vec()]);
        }
    }

    #[test]
    fn text_is_written_as_go_writes_it() {
        let mut out = Vec::new();
        push_text(&mut out, b"/x<&>\n\x01\x7f\xff\xe2\x80\xa8");
        assert_eq!(String::from_utf8_lossy(&out), "\"/x\\u003c\\u0026\\u003e\\n\\u0001\x7f\\ufffd\\u2028\"");
    }
}
