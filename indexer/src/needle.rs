//! Looking for a text in folded names.

use memchr::arch::all::packedpair::HeuristicFrequencyRank;
use memchr::memmem::{Finder, FinderBuilder};

/// A finder that looks where the bytes of the text are rarest that names have fewest of. The usual ones know of English
/// prose: they take digits, separators and the first bytes of other alphabets' letters, of which names are full, for rare.
pub(crate) fn finder(text: &[u8]) -> Finder<'_> {
    FinderBuilder::new().build_forward_with_ranker(InNames, text)
}

/// How frequent bytes are in folded names.
struct InNames;

/// Letters of Latin alphabets, the most frequent first.
const LETTERS: &[u8] = b"eatironscldpmuhgfbywvkxzjq";
/// Second bytes of the most frequent Cyrillic letters.
const LATER_BYTES: &[u8] = "оеаинтсрвл".as_bytes();

impl HeuristicFrequencyRank for InNames {
    fn rank(&self, byte: u8) -> u8 {
        match byte {
            b'0'..=b'9' => 245,
            b' ' | b'-' | b'_' | b'.' => 240,
            0xc0.. => 250,
            0x80.. if LATER_BYTES.contains(&byte) => 200,
            0x80.. => 150,
            _ => match (0_u8..).zip(LETTERS).find(|(_, letter)| **letter == byte) {
                Some((place, _)) => 230 - 5 * place,
                None => 50,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_wherever_it_is() {
        for text in
            ["a", "зая", "0445", "entзая", "résumé", "_", "写真", "annual report 2026 of a company that is long"]
        {
            for before in ["", "и ", "000 ", "документы-отчёты-и-письма-", "IMG_0000000."] {
                let name = format!("{before}{text}{before}");
                assert_eq!(finder(text.as_bytes()).find(name.as_bytes()), name.find(text), "{text} in {name}");
            }
            assert_eq!(finder(text.as_bytes()).find("01234 отец".as_bytes()), None);
        }
    }
}
