//! In which order a folder is listed: folders first, then as people sort names, by their language's rules and with numbers
//! as numbers; or by size or time, and by name where those are equal.

use std::cmp::Ordering;

use bygone_common::TreeId;
use bygone_http::{Problem, ProblemCode, Result};
use bygone_vault::{Directory, Node, NodeKind, NodeTime};
use icu_collator::options::CollatorOptions;
use icu_collator::preferences::CollationNumericOrdering;
use icu_collator::{Collator, CollatorBorrowed, CollatorPreferences};
use icu_locale_core::Locale;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// By what a folder is sorted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SortBody {
    /// By name.
    #[default]
    Name,
    /// By size; folders by name.
    Size,
    /// By the time of the last change.
    Mtime,
}

/// An order.
pub(crate) struct Order {
    sort: SortBody,
    descending: bool,
    language: String,
    collator: CollatorBorrowed<'static>,
}

/// What tells two orders of one folder apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct OrderKey {
    tree: TreeId,
    sort: SortBody,
    descending: bool,
    language: String,
}

/// What is compared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rank<'a> {
    pub(crate) is_folder: bool,
    pub(crate) size: u64,
    pub(crate) mtime: NodeTime,
    pub(crate) name: &'a [u8],
}

impl<'a> From<Node<'a>> for Rank<'a> {
    fn from(node: Node<'a>) -> Self {
        let is_folder = node.kind() == NodeKind::Dir;
        // Sizes of folders are their file system's business.
        Self { is_folder, size: if is_folder { 0 } else { node.size() }, mtime: node.mtime(), name: node.name() }
    }
}

impl Order {
    /// # Errors
    /// `Malformed`: no language.
    pub(crate) fn new(sort: SortBody, descending: bool, language: Option<&str>) -> Result<Self> {
        let refused = || Problem::new(ProblemCode::Malformed, "a language is written as in en or ru-RU").about("lang");
        let language = language.unwrap_or("und");
        let locale = Locale::try_from_str(language).map_err(|_| refused())?;
        let mut preferences = CollatorPreferences::from(&locale);
        preferences.numeric_ordering = Some(CollationNumericOrdering::True);
        let collator = Collator::try_new(preferences, CollatorOptions::default()).map_err(|_| refused())?;
        Ok(Self { sort, descending, language: language.to_ascii_lowercase(), collator })
    }

    /// What this order of a folder is kept by.
    pub(crate) fn key(&self, tree: TreeId) -> OrderKey {
        OrderKey { tree, sort: self.sort, descending: self.descending, language: self.language.clone() }
    }

    /// The positions of a folder's entries, in order.
    pub(crate) fn positions(&self, directory: &Directory) -> Box<[u32]> {
        let mut rows: Vec<(u32, Vec<u8>)> = Vec::with_capacity(directory.len());
        for (at, node) in (0_u32..).zip(directory.iter()) {
            // Names are compared many times: their keys are made once.
            let mut key = Vec::with_capacity(2 * node.name().len());
            let Ok(()) = self.collator.write_sort_key_utf8_to(node.name(), &mut key);
            rows.push((at, key));
        }
        let rank = |at: u32| directory.get(at as usize).map(Rank::from);
        rows.sort_unstable_by(|(left, left_key), (right, right_key)| {
            let (Some(left), Some(right)) = (rank(*left), rank(*right)) else { return Ordering::Equal };
            self.compare_with(left, right, || left_key.cmp(right_key))
        });
        rows.into_iter().map(|(at, _)| at).collect()
    }

    /// Which comes first.
    pub(crate) fn compare(&self, left: Rank<'_>, right: Rank<'_>) -> Ordering {
        self.compare_with(left, right, || self.collator.compare_utf8(left.name, right.name))
    }

    fn compare_with(&self, left: Rank<'_>, right: Rank<'_>, names: impl FnOnce() -> Ordering) -> Ordering {
        let within = || {
            let first = match self.sort {
                SortBody::Name => Ordering::Equal,
                SortBody::Size => left.size.cmp(&right.size),
                SortBody::Mtime => left.mtime.cmp(&right.mtime),
            };
            first.then_with(names).then_with(|| left.name.cmp(right.name))
        };
        // Folders stay first, whichever way it goes.
        right.is_folder.cmp(&left.is_folder).then_with(|| if self.descending { within().reverse() } else { within() })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn rank(name: &str, size: u64) -> Rank<'_> {
        let (name, is_folder) = name.strip_suffix('/').map_or((name, false), |name| (name, true));
        Rank { is_folder, size, mtime: NodeTime { seconds: 0, nanos: 0 }, name: name.as_bytes() }
    }

    fn check(sort: SortBody, descending: bool, language: &str, given: &[(&str, u64)], expected: &[&str]) {
        let order = Order::new(sort, descending, Some(language)).unwrap();
        let mut rows = given.to_vec();
        rows.sort_by(|left, right| order.compare(rank(left.0, left.1), rank(right.0, right.1)));
        assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn names_are_sorted_as_people_do() {
        let names = [("b10", 0), ("B2", 0), ("a", 0), ("Ä", 0), ("z/", 0), ("ёж", 0), ("ель", 0), ("жук", 0)];
        check(SortBody::Name, false, "und", &names, &["z/", "a", "Ä", "B2", "b10", "ёж", "ель", "жук"]);
        check(SortBody::Name, false, "ru", &names, &["z/", "ёж", "ель", "жук", "a", "Ä", "B2", "b10"]);
        check(SortBody::Name, true, "und", &[("a", 0), ("b", 0), ("c/", 0), ("d/", 0)], &["d/", "c/", "b", "a"]);
    }

    #[test]
    fn sizes_are_sorted_with_names_where_they_are_equal() {
        check(SortBody::Size, false, "en", &[("b", 1), ("a", 1), ("c", 0), ("d/", 9)], &["d/", "c", "a", "b"]);
    }

    #[test]
    fn what_is_no_language_is_refused() {
        for wrong in ["", "-", "x", "toolongalanguage", "ru_RU_"] {
            assert_eq!(
                Order::new(SortBody::Name, false, Some(wrong)).err().unwrap().field(),
                Some("lang"),
                "{wrong:?}"
            );
        }
    }
}
