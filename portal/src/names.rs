//! Names and paths in requests and answers. They are bytes; JSON and URLs hold text. What is not UTF-8 travels twice: for
//! people, with a sign in the place of what cannot be shown, and whole, in base64.

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use bygone_common::SnapshotPath;
use bygone_common::snapshot_path::NAME_BYTES_MAX;
use bygone_http::{Problem, ProblemCode, Result};
use serde::Serialize;
use utoipa::ToSchema;

/// Bytes of a path at most.
pub const PATH_BYTES_MAX: usize = 16 << 10;

/// Base64 as URLs like it, with or without padding.
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A name in an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NameBody {
    name: String,
    /// Its bytes in base64, where it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    name_base64: Option<String>,
}

impl From<&[u8]> for NameBody {
    fn from(name: &[u8]) -> Self {
        let (name, name_base64) = both(name);
        Self { name, name_base64 }
    }
}

/// A path in an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PathBody {
    path: String,
    /// Its bytes in base64, where it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    path_base64: Option<String>,
}

impl From<&[u8]> for PathBody {
    fn from(path: &[u8]) -> Self {
        let (path, path_base64) = both(path);
        Self { path, path_base64 }
    }
}

impl From<&SnapshotPath> for PathBody {
    fn from(path: &SnapshotPath) -> Self {
        Self::from(path.to_bytes().as_slice())
    }
}

fn both(bytes: &[u8]) -> (String, Option<String>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), None),
        Err(_) => (String::from_utf8_lossy(bytes).into_owned(), Some(STANDARD.encode(bytes))),
    }
}

/// The path that a request names, as text or in base64: the root when it names none.
///
/// # Errors
/// `Malformed`, with the field: not base64, `..`, a zero byte, too long, or given twice.
pub fn path_of(path: Option<&str>, path_base64: Option<&str>) -> Result<SnapshotPath> {
    match (path, path_base64) {
        (None, None) => Ok(SnapshotPath::root()),
        (Some(text), None) => {
            // What a URL held that is not UTF-8 was replaced before it came here.
            if text.contains(char::REPLACEMENT_CHARACTER) {
                return Err(refused("path", "a path that is not UTF-8 goes into path_base64"));
            }
            parsed("path", text.as_bytes())
        }
        (None, Some(text)) => {
            let standard = text.replace('+', "-").replace('/', "_");
            let bytes = URL_SAFE.decode(standard).map_err(|_| refused("path_base64", "this is not base64"))?;
            parsed("path_base64", &bytes)
        }
        (Some(_), Some(_)) => Err(refused("path_base64", "a path is given as text or in base64, not both")),
    }
}

fn parsed(field: &'static str, bytes: &[u8]) -> Result<SnapshotPath> {
    if bytes.len() > PATH_BYTES_MAX {
        return Err(refused(field, &format!("a path has at most {PATH_BYTES_MAX} bytes")));
    }
    let path = SnapshotPath::parse(bytes).map_err(|error| refused(field, &error.to_string()))?;
    if path.names().any(|name| name.len() > NAME_BYTES_MAX) {
        return Err(refused(field, &format!("a name has at most {NAME_BYTES_MAX} bytes")));
    }
    Ok(path)
}

fn refused(field: &'static str, why: &str) -> Problem {
    Problem::new(ProblemCode::Malformed, why).about(field)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_path_comes_as_text_or_in_base64_of_either_alphabet() {
        assert_eq!(path_of(None, None).unwrap(), SnapshotPath::root());
        assert_eq!(path_of(Some("a/b/"), None).unwrap().to_bytes(), b"/a/b");
        for text in ["L//-L2E=", "L__-L2E=", "L__-L2E"] {
            assert_eq!(path_of(None, Some(text)).unwrap().to_bytes(), b"/\xff\xfe/a", "{text}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused_by_its_field() {
        let long = "x".repeat(NAME_BYTES_MAX + 1);
        let deep = "x/".repeat(PATH_BYTES_MAX);
        for path in ["/a/../b", "..", "/a\0", "/\u{fffd}", long.as_str(), deep.as_str()] {
            let refused = path_of(Some(path), None).unwrap_err();
            assert_eq!((refused.code(), refused.field()), (ProblemCode::Malformed, Some("path")), "{path:?}");
        }
        for base64 in ["*", "Li4", "YQBi"] {
            assert_eq!(path_of(None, Some(base64)).unwrap_err().field(), Some("path_base64"), "{base64}");
        }
        assert_eq!(path_of(Some("/"), Some("")).unwrap_err().field(), Some("path_base64"));
    }

    #[test]
    fn what_is_not_utf8_travels_whole() {
        let body = serde_json::to_value(NameBody::from(b"a\xff".as_slice())).unwrap();
        assert_eq!(body, serde_json::json!({ "name": "a\u{fffd}", "name_base64": "Yf8=" }));
        assert_eq!(serde_json::to_value(NameBody::from(b"a".as_slice())).unwrap(), serde_json::json!({ "name": "a" }));
    }
}
