//! Names in a zip: whoever unpacks it, on whatever system, gets files inside the folder that they chose.
//!
//! Names in trees are untrusted bytes, made by whoever wrote the repository. A zip is unpacked by programs that take `\` for
//! `/`, `C:x` for a drive, `NUL` for a device and `A` for `a`.

use std::collections::HashSet;
use std::sync::Arc;

use bygone_vault::Directory;

/// Names that Windows takes for devices, with any extension.
const DEVICES: [&str; 8] = ["con", "prn", "aux", "nul", "conin$", "conout$", "clock$", "$mft"];
/// Bytes of one name at most, as file systems hold them; a number in brackets may come on top.
const NAME_BYTES_MAX: usize = 240;
/// Numbers that are tried for a name that is taken.
const TRIES_MAX: u64 = 1_000_000;

/// One name as a zip may hold it.
pub(super) fn safe(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(name);
    let mut safe: String = text.chars().map(|char| if is_kept(char) { char } else { '_' }).collect();
    // Windows drops these from the end, and then the name is another.
    let kept = safe.trim_end_matches(['.', ' ']).len();
    safe = format!("{}{}", safe.get(..kept).unwrap_or_default(), "_".repeat(safe.len() - kept));
    if safe.is_empty() {
        return "_".to_owned();
    }
    if is_device(&safe) {
        safe.insert(0, '_');
    }
    shortened(safe)
}

fn is_kept(char: char) -> bool {
    !char.is_control() && !matches!(char, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let numbered = |prefix: &str| {
        let rest = stem.strip_prefix(prefix);
        // Windows takes the superscripts for digits too.
        rest.is_some_and(|rest| {
            matches!(rest, "¹" | "²" | "³") || (rest.len() == 1 && rest.chars().all(|c| c.is_ascii_digit()))
        })
    };
    DEVICES.contains(&stem.as_str()) || numbered("com") || numbered("lpt")
}

fn shortened(name: String) -> String {
    if name.len() <= NAME_BYTES_MAX {
        return name;
    }
    let (stem, end) = split(&name);
    let mut cut = NAME_BYTES_MAX.saturating_sub(end.len()).min(stem.len());
    while !stem.is_char_boundary(cut) {
        cut -= 1;
    }
    format!("{}{end}", stem.get(..cut).unwrap_or_default())
}

/// A name without its extension, and the extension with its dot.
fn split(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(at) if at > 0 && name.len() - at <= 20 => name.split_at(at),
        Some(_) | None => (name, ""),
    }
}

/// The names of one folder, each once, also for systems that know no case. What is taken gets a number: `a (2).txt`.
#[derive(Debug, Clone)]
pub(super) struct Names {
    /// Those that are not simply [`safe`]: by position, in order.
    changed: Arc<[(usize, Box<str>)]>,
}

impl Names {
    /// The names of a directory's entries.
    pub(super) fn of(directory: &Directory) -> Self {
        Self::new(directory.iter().map(|node| node.name()))
    }

    /// Names in an order that is always the same.
    pub(super) fn new<'a>(names: impl Iterator<Item = &'a [u8]>) -> Self {
        // Hashes alone: the names of a million entries would be a hundred megabytes. Two that share a hash by chance would
        // only get a number.
        let mut taken = Taken { hashes: HashSet::new() };
        let mut changed = Vec::new();
        for (position, name) in names.enumerate() {
            let first = safe(name);
            if taken.take(&first) {
                continue;
            }
            let (stem, end) = split(&first);
            let numbered = (2..TRIES_MAX).map(|number| format!("{stem} ({number}){end}"));
            // A folder has fewer entries than there are numbers.
            let free = numbered.into_iter().find(|name| taken.take(name)).unwrap_or(first);
            changed.push((position, free.into_boxed_str()));
        }
        Self { changed: changed.into() }
    }

    /// The name of the entry at a position.
    pub(super) fn get(&self, position: usize, name: &[u8]) -> String {
        match self.changed.binary_search_by_key(&position, |(at, _)| *at) {
            Ok(found) => self.changed.get(found).map(|(_, name)| name.to_string()).unwrap_or_default(),
            Err(_) => safe(name),
        }
    }
}

struct Taken {
    hashes: HashSet<u64>,
}

impl Taken {
    /// Takes a name; `false` when it is taken.
    fn take(&mut self, name: &str) -> bool {
        self.hashes.insert(hash(&name.to_lowercase()))
    }
}

/// The same in every process, as the same tree must always give the same archive.
fn hash(text: &str) -> u64 {
    use sha2::{Digest, Sha256};
    let hash = Sha256::digest(text);
    hash.iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_that_escape_are_tamed() {
        for (name, expected) in [
            (b"..".as_slice(), "__"),
            (b".", "_"),
            (b"...", "___"),
            (b"", "_"),
            (b"..\\..\\evil.exe", ".._.._evil.exe"),
            (b"/etc/passwd", "_etc_passwd"),
            (b"C:evil", "C_evil"),
            (b"a\0b", "a_b"),
            (b"new\nline\x7f", "new_line_"),
            (b"trailing. ", "trailing__"),
            (b"NUL", "_NUL"),
            (b"nul.txt", "_nul.txt"),
            (b"com7.tar.gz", "_com7.tar.gz"),
            ("LPT²".as_bytes(), "_LPT²"),
            (b"CON .x", "_CON .x"),
            (b"console", "console"),
            (b"\xff\xfe", "\u{fffd}\u{fffd}"),
            ("Отчёт ё.docx".as_bytes(), "Отчёт ё.docx"),
        ] {
            assert_eq!(safe(name), expected);
        }
    }

    fn check(names: &[&[u8]], expected: &[&str]) {
        let kept = Names::new(names.iter().copied());
        let found: Vec<String> = names.iter().enumerate().map(|(at, name)| kept.get(at, name)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn duplicates_get_a_number_before_their_extension() {
        check(&[b"A.txt", b"a (2).txt", b"a.txt"], &["A.txt", "a (2).txt", "a (3).txt"]);
        check(&[b"a:b", b"a?b", b"a_b"], &["a_b", "a_b (2)", "a_b (3)"]);
        check(&[b"\xff", b"\xfe"], &["\u{fffd}", "\u{fffd} (2)"]);
        check(&[b".x", b".X"], &[".x", ".X (2)"]);
    }

    proptest! {
        #[test]
        fn no_name_is_a_path_or_taken_twice(names in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..30)) {
            let kept = Names::new(names.iter().map(Vec::as_slice));
            let mut seen = HashSet::new();
            for (at, name) in names.iter().enumerate() {
                let safe = kept.get(at, name);
                prop_assert!(!safe.is_empty() && safe.len() <= 255);
                prop_assert!(!safe.contains(['/', '\\', ':', '\0']) && !matches!(safe.as_str(), "." | ".."));
                prop_assert!(seen.insert(safe.to_lowercase()));
            }
        }
    }
}
