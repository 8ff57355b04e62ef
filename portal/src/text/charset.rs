//! Which encoding a text is in, and where it may be cut.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Of so many characters one may be a control character that no text holds.
const CONTROLS_PER: usize = 200;
/// Of so many bytes of a text in UTF-16, one at least is zero: ASCII is all over even where letters are not Latin.
const ZEROS_PER: usize = 16;

/// The encoding of a text that begins so; none of what is no text. `is_whole`: nothing follows.
pub(super) fn of(sample: &[u8], is_whole: bool) -> Option<&'static Encoding> {
    if let Some((encoding, _)) = Encoding::for_bom(sample) {
        return Some(encoding);
    }
    if sample.contains(&0) {
        return wide(sample);
    }
    let is_odd = |byte: &&u8| matches!(**byte, 0x01..=0x08 | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f);
    if sample.iter().filter(is_odd).count() > sample.len() / CONTROLS_PER {
        return None;
    }
    if is_utf8(sample, is_whole) {
        return Some(UTF_8);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, is_whole);
    Some(detector.guess(None, Utf8Detection::Deny))
}

/// UTF-16 without a mark: of what is ASCII every other byte is zero, and no unit is.
fn wide(sample: &[u8]) -> Option<&'static Encoding> {
    let (mut high, mut low, mut both) = (0, 0, 0);
    for unit in sample.chunks_exact(2) {
        match unit {
            [0, 0] => both += 1,
            [0, _] => high += 1,
            [_, 0] => low += 1,
            _ => {}
        }
    }
    let least = sample.len() / ZEROS_PER;
    match (high, low, both) {
        (_, _, 1..) => None,
        (0, low, _) if low >= least => Some(UTF_16LE),
        (high, 0, _) if high >= least => Some(UTF_16BE),
        _ => None,
    }
}

fn is_utf8(sample: &[u8], is_whole: bool) -> bool {
    match std::str::from_utf8(sample) {
        Ok(_) => true,
        // A sample may end within a character.
        Err(fault) => fault.error_len().is_none() && !is_whole,
    }
}

/// Bytes of the mark at the beginning of a text.
pub(super) fn mark_len(encoding: &'static Encoding, text: &[u8]) -> usize {
    Encoding::for_bom(text).filter(|(of, _)| *of == encoding).map_or(0, |(_, len)| len)
}

/// How many bytes of a piece that something follows are a page: none of its characters is cut in two.
pub(super) fn cut(encoding: &'static Encoding, piece: &[u8]) -> usize {
    let whole = if encoding == UTF_8 {
        utf8_cut(piece)
    } else if encoding == UTF_16LE || encoding == UTF_16BE {
        wide_cut(encoding, piece)
    } else if encoding.is_single_byte() {
        piece.len()
    } else {
        // In the other encodings of several bytes none but the end of a line is surely not the middle of a character.
        piece.iter().rposition(|byte| *byte == b'\n').map_or(piece.len(), |at| at + 1)
    };
    // A page of nothing would have no next one.
    if whole == 0 { piece.len() } else { whole }
}

fn utf8_cut(piece: &[u8]) -> usize {
    match std::str::from_utf8(piece.get(piece.len().saturating_sub(4)..).unwrap_or_default()) {
        Ok(_) => piece.len(),
        Err(_) => {
            let begins = |byte: &u8| *byte & 0b1100_0000 != 0b1000_0000;
            let last = piece.iter().rposition(begins).unwrap_or(piece.len());
            let wanted = match piece.get(last) {
                Some(0b1100_0000..=0b1101_1111) => 2,
                Some(0b1110_0000..=0b1110_1111) => 3,
                Some(0b1111_0000..) => 4,
                Some(_) | None => 1,
            };
            if piece.len() - last < wanted { last } else { piece.len() }
        }
    }
}

fn wide_cut(encoding: &'static Encoding, piece: &[u8]) -> usize {
    let even = piece.len() & !1;
    let last = match piece.get(even.saturating_sub(2)..even) {
        Some([first, second]) if encoding == UTF_16LE => u16::from_le_bytes([*first, *second]),
        Some([first, second]) => u16::from_be_bytes([*first, *second]),
        Some(_) | None => 0,
    };
    // The first half of a pair goes with the second.
    if (0xd800..0xdc00).contains(&last) { even - 2 } else { even }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const RUSSIAN: &str = "Съешь же ещё этих мягких французских булок, да выпей чаю. Отчёт за март готов.\n";

    fn check(sample: &[u8], expected: Option<&str>) {
        assert_eq!(of(sample, true).map(|encoding| encoding.name()), expected);
    }

    #[test]
    fn encodings_are_told_from_what_is_written_in_them() {
        check(RUSSIAN.as_bytes(), Some("UTF-8"));
        check(b"plain\n", Some("UTF-8"));
        check(b"", Some("UTF-8"));
        for label in ["windows-1251", "koi8-r", "ibm866", "iso-8859-5"] {
            let encoding = Encoding::for_label(label.as_bytes()).unwrap();
            let (bytes, _, _) = encoding.encode(RUSSIAN);
            let told = of(&bytes.repeat(3), true).unwrap();
            assert_eq!(told.decode_without_bom_handling(&bytes).0, RUSSIAN, "{label} was taken for {}", told.name());
        }
        let japanese = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。";
        let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(japanese);
        check(&bytes, Some("Shift_JIS"));
    }

    #[test]
    fn wide_characters_are_told_with_and_without_a_mark() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        check(&[&[0xff, 0xfe][..], &wide(RUSSIAN)].concat(), Some("UTF-16LE"));
        check(&wide(RUSSIAN), Some("UTF-16LE"));
        let big: Vec<u8> = "one two".encode_utf16().flat_map(u16::to_be_bytes).collect();
        check(&big, Some("UTF-16BE"));
    }

    #[test]
    fn what_is_no_text_is_told_too() {
        check(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0", None);
        check(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x10\0", None);
        check(&[1, 2, 3, 4, 5, 6], None);
    }

    #[test]
    fn no_character_is_cut_in_two() {
        let euro = "aa€".as_bytes();
        for len in 3..5 {
            assert_eq!(cut(UTF_8, &euro[..len]), 2);
        }
        assert_eq!(cut(UTF_8, euro), 5);
        let face: Vec<u8> = "a😀".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(cut(UTF_16LE, &face[..4]), 2);
        assert_eq!(cut(UTF_16LE, &face[..5]), 2);
        assert_eq!(cut(UTF_16LE, &face), 6);
        assert_eq!(cut(encoding_rs::SHIFT_JIS, b"one\n\x83"), 4);
        assert_eq!(cut(encoding_rs::WINDOWS_1251, b"one"), 3);
        assert_eq!(cut(UTF_8, &[0x80, 0x80]), 2);
    }
}
