//! The two forms of a listing.

use bygone_common::Id;
use serde::Deserialize;

use crate::backend::{Listed, layout};
use crate::error::{Error, ErrorKind, Result};

/// A file of a listing.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Version 2 tells the size.
    Sized(Listed),
    /// Version 1 tells the name alone.
    Named(Id),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Wire {
    Sized { name: String, size: u64 },
    Named(String),
}

/// Reads a listing of either version, told apart by its content: some servers send version 2 under version 1's type.
/// Names that are not ids are left out.
pub(super) fn parse(doing: &str, text: &[u8]) -> Result<Vec<Line>> {
    // An empty list of a server written in Go may be `null`.
    let lines: Option<Vec<Wire>> = serde_json::from_slice(text)
        .map_err(|error| Error::new(ErrorKind::Damaged, format!("{doing}: malformed listing")).because(error))?;
    let line = |wire| match wire {
        Wire::Sized { name, size } => layout::id_of(&name).map(|id| Line::Sized(Listed { id, size })),
        Wire::Named(name) => layout::id_of(&name).map(Line::Named),
    };
    Ok(lines.unwrap_or_default().into_iter().filter_map(line).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn both_versions_are_read_and_foreign_names_left_out() {
        let (hex, id) = ("ab".repeat(32), Id::new([0xab; 32]));
        let v2 = format!(r#"[{{"name":"{hex}","size":7}},{{"name":"README","size":1}}]"#);
        assert_eq!(parse("list", v2.as_bytes()).unwrap(), [Line::Sized(Listed { id, size: 7 })]);
        let v1 = format!(r#"["{hex}","x"]"#);
        assert_eq!(parse("list", v1.as_bytes()).unwrap(), [Line::Named(id)]);
        assert_eq!(parse("list", b"null").unwrap(), []);
    }

    #[test]
    fn a_listing_that_was_cut_is_an_error_and_not_a_short_one() {
        for text in [&b"["[..], b"", b"{}", br#"[{"name":"ab"}]"#, br#"[{"name":"ab","size":-1}]"#] {
            assert_eq!(parse("list", text).unwrap_err().kind(), ErrorKind::Damaged, "{text:?}");
        }
    }
}
