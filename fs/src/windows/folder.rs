//! The names of a directory as Windows sees them: without regard to case, and without two that differ only by it.

use std::collections::HashMap;

use super::names::{decode, encode, encode_all, fold};

/// The names of one directory, in the order of its listing.
#[derive(Debug, Default)]
pub struct Folder {
    names: Vec<Name>,
    /// Position by folded form, of the first name with that form.
    folded: HashMap<Box<[u16]>, usize>,
    /// Position by the name itself.
    exact: HashMap<Box<[u8]>, usize>,
}

/// A name, stored and shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// As it is in the snapshot.
    pub stored: Box<[u8]>,
    /// As Windows sees it.
    pub shown: Box<[u16]>,
}

impl Folder {
    /// Of these names. The first of several that differ only by case keeps its form; of the others every byte is
    /// replaced, so that each can be reached.
    pub fn new<'a>(stored: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut folder = Self::default();
        for name in stored {
            let position = folder.names.len();
            let form = encode(name);
            let folded = fold(&form);
            let shown = if folder.folded.contains_key(&folded) { encode_all(name) } else { form };
            folder.folded.entry(folded).or_insert(position);
            folder.exact.insert(name.into(), position);
            folder.names.push(Name { stored: name.into(), shown: shown.into() });
        }
        folder
    }

    /// Where a name stands that a program asks for: exactly that one, else one that differs by case only.
    pub fn find(&self, shown: &[u16]) -> Option<usize> {
        let exact = decode(shown).and_then(|name| self.exact.get(name.as_slice()).copied());
        exact.or_else(|| self.folded.get(&fold(shown)).copied())
    }

    /// The name at a position.
    pub fn get(&self, position: usize) -> Option<&Name> {
        self.names.get(position)
    }

    /// Names.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn wide(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    fn found(folder: &Folder, shown: &str) -> Option<String> {
        let position = folder.find(&wide(shown))?;
        Some(String::from_utf8_lossy(&folder.get(position).unwrap().stored).into_owned())
    }

    #[test]
    fn case_does_not_matter_where_it_is_clear_what_is_meant() {
        let folder = Folder::new([b"Makefile".as_slice(), b"readme"]);
        assert_eq!(found(&folder, "MAKEFILE").as_deref(), Some("Makefile"));
        assert_eq!(found(&folder, "ReadMe").as_deref(), Some("readme"));
        assert_eq!(found(&folder, "makefil"), None);
    }

    #[test]
    fn of_names_that_differ_by_case_each_can_be_reached() {
        let stored = [b"Makefile".as_slice(), b"makefile", b"MAKEFILE"];
        let folder = Folder::new(stored);
        let shown: Vec<_> = (0..3).map(|position| folder.get(position).unwrap().shown.clone()).collect();
        assert_eq!(shown[0].as_ref(), wide("Makefile"));
        for (position, form) in shown.iter().enumerate() {
            assert_eq!(folder.find(form), Some(position));
            for other in shown.iter().filter(|other| *other != form) {
                assert_ne!(fold(form), fold(other), "Windows takes these for one");
            }
        }
        assert_eq!(found(&folder, "makefile").as_deref(), Some("makefile"), "what is spelled exactly is meant");
        assert_eq!(found(&folder, "mAKEFILE").as_deref(), Some("Makefile"));
    }

    #[test]
    fn replaced_names_are_found_by_what_is_shown() {
        let folder = Folder::new([b"a:b".as_slice(), b"\xff"]);
        assert_eq!(found(&folder, "a\u{f03a}b").as_deref(), Some("a:b"));
        assert_eq!(found(&folder, "A\u{f03a}B").as_deref(), Some("a:b"));
        assert_eq!(folder.find(&[0xf0ff]), Some(1));
    }
}
