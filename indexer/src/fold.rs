//! Folding: what a person types finds what a machine named, whatever its case, accents, `ё` or Unicode form.
//!
//! Text is decomposed, diacritics are dropped, the rest is lower-cased. `й` and `ў` are letters of their own and stay.

use unicode_normalization::char::{canonical_combining_class, decompose_compatible};

/// The breve that makes `й` of `и`.
const BREVE: char = '\u{306}';
/// Combining classes from here on are marks above, below and beside a letter.
const DIACRITIC_CLASS_MIN: u8 = 200;
/// The Arabic vowel marks.
const HARAKAT_CLASSES: std::ops::RangeInclusive<u8> = 27..=36;

/// Folded text, and where each of its bytes came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Folded {
    pub(crate) text: String,
    /// By byte of `text`: the byte of the original at which the character it came from begins; one more at the end.
    pub(crate) origin: Vec<u32>,
}

/// Folds text.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    for character in text.chars() {
        fold_character(character, &mut folded);
    }
    folded
}

/// Folds a name; bytes that are not UTF-8 become U+FFFD.
pub(crate) fn fold_name(name: &[u8]) -> Vec<u8> {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    fold(&String::from_utf8_lossy(name)).into_bytes()
}

/// Folds text and remembers where every byte came from.
pub(crate) fn fold_mapped(text: &str) -> Folded {
    let mut folded = Folded { text: String::with_capacity(text.len()), origin: Vec::with_capacity(text.len() + 1) };
    for (at, character) in text.char_indices() {
        let before = folded.text.len();
        fold_character(character, &mut folded.text);
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        // A breve replaces the letter before it by one of the same length.
        folded.origin.resize(folded.text.len().max(before), at);
    }
    folded.origin.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
    folded
}

fn fold_character(character: char, folded: &mut String) {
    if character.is_ascii() {
        folded.push(character.to_ascii_lowercase());
        return;
    }
    decompose_compatible(character, |part| {
        if part == BREVE {
            let letter = match folded.chars().next_back() {
                Some('и') => 'й',
                Some('у') => 'ў',
                Some(_) | None => return,
            };
            folded.pop();
            folded.push(letter);
            return;
        }
        for lower in part.to_lowercase() {
            match lower {
                'ß' => folded.push_str("ss"),
                'æ' => folded.push_str("ae"),
                'œ' => folded.push_str("oe"),
                'þ' => folded.push_str("th"),
                'ø' => folded.push('o'),
                'ł' => folded.push('l'),
                'đ' | 'ð' => folded.push('d'),
                'ı' => folded.push('i'),
                _ if is_diacritic(lower) => {}
                // Separators of the tables of names; neither can be in a name, but a decomposition is not ours.
                '\0' | '/' => folded.push('\u{FFFD}'),
                _ => folded.push(lower),
            }
        }
    });
}

fn is_diacritic(character: char) -> bool {
    let class = canonical_combining_class(character);
    class >= DIACRITIC_CLASS_MIN || HARAKAT_CLASSES.contains(&class)
}

/// Whether a byte of folded text belongs to a word: letters and digits, and all that is not ASCII.
pub(crate) fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// Whether a byte of folded text belongs to a letter.
pub(crate) fn is_letter_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || !byte.is_ascii()
}

/// The extension of a folded name: what follows its last dot, unless that is first, last or too long.
pub(crate) fn extension(folded: &[u8]) -> Option<&str> {
    let dot = memchr::memrchr(b'.', folded).filter(|at| *at > 0)?;
    let extension = folded.get(dot + 1..)?;
    let fits = !extension.is_empty() && extension.len() <= crate::limits::EXTENSION_BYTES_MAX;
    let plain = fits && extension.iter().all(|byte| is_word_byte(*byte));
    std::str::from_utf8(extension).ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(fold(text), expected);
        let mapped = fold_mapped(text);
        assert_eq!(mapped.text, expected);
        assert_eq!(mapped.origin.len(), expected.len() + 1);
        assert!(mapped.origin.iter().all(|at| text.is_char_boundary(*at as usize)));
    }

    #[test]
    fn case_accents_and_unicode_forms_do_not_count() {
        check("README.md", "readme.md");
        check("Résumé", "resume");
        check("Re\u{301}sume\u{301}", "resume");
        check("Straße Ångström Łódź İzmir", "strasse angstrom lodz izmir");
        check("Ｆｕｌｌ", "full");
    }

    #[test]
    fn russian_letters_fold_as_russians_expect() {
        check("Отчёт", "отчет");
        check("Йод", "йод");
        check("И\u{306}од", "йод");
        assert_ne!(fold("мой"), fold("мои"));
    }

    #[test]
    fn a_place_in_folded_text_leads_to_its_character() {
        let mapped = fold_mapped("aßб");
        assert_eq!(mapped.text, "assб");
        assert_eq!(mapped.origin, [0, 1, 1, 3, 3, 5]);
    }

    #[test]
    fn an_extension_is_short_and_follows_something() {
        assert_eq!(extension(b"report.xlsx"), Some("xlsx"));
        assert_eq!(extension(b"a.tar.gz"), Some("gz"));
        assert_eq!(extension(b".bashrc"), None);
        assert_eq!(extension(b"dot."), None);
        assert_eq!(extension(b"v1.2 of something long"), None);
    }
}
