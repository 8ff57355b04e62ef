//! Kinds of a query.

use bygone_vault::NodeKind;

use super::error::{QueryError, QueryFault};
use super::families;

/// What a file may have to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KindTest {
    /// A kind of node.
    Node(NodeKind),
    /// Neither file, nor directory, nor link.
    Other,
    /// A file of one of these extensions.
    Family(&'static [&'static str]),
}

impl KindTest {
    pub(super) fn parse(text: &str, at: (usize, usize)) -> Result<Self, QueryError> {
        let lower = text.to_lowercase();
        match lower.as_str() {
            "file" | "files" | "файл" => Ok(Self::Node(NodeKind::File)),
            "dir" | "folder" | "directory" | "папка" => Ok(Self::Node(NodeKind::Dir)),
            "link" | "symlink" | "ссылка" => Ok(Self::Node(NodeKind::Symlink)),
            "other" | "special" => Ok(Self::Other),
            name => families::extensions(name).map(Self::Family).ok_or_else(|| {
                let families = families::FAMILIES.iter().filter_map(|(names, _)| names.first().copied());
                let known: Vec<&str> = ["file", "folder", "link", "other"].into_iter().chain(families).collect();
                let hint = format!("kinds are {}", known.join(", "));
                QueryError::new(QueryFault::BadKind, at, format!("“{text}” is not a kind"), hint)
            }),
        }
    }
}
