//! Text that was typed while the keyboard was switched to the other alphabet: `jnxtn` for `отчет`, and back.

const LATIN: &str = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`";
const CYRILLIC: &str = "йцукенгшщзхъфывапролджэячсмитьбюё";

/// The text as the same keys give it in the other layout; `None` when it has no letter of either, or of both.
pub fn other_layout(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let has_latin = lower.chars().any(|c| c.is_ascii_lowercase());
    let has_cyrillic = lower.chars().any(|c| CYRILLIC.contains(c));
    let (from, to) = match (has_latin, has_cyrillic) {
        (true, false) => (LATIN, CYRILLIC),
        (false, true) => (CYRILLIC, LATIN),
        (true, true) | (false, false) => return None,
    };
    let swap = |c: char| from.chars().position(|key| key == c).and_then(|at| to.chars().nth(at)).unwrap_or(c);
    Some(lower.chars().map(swap).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_keys_in_the_other_alphabet() {
        assert_eq!(other_layout("jnxtn").as_deref(), Some("отчет"));
        assert_eq!(other_layout("кузщке").as_deref(), Some("report"));
        assert_eq!(other_layout("2026"), None);
        assert_eq!(other_layout("отчет report"), None);
    }
}
