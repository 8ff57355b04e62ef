//! Paths inside a snapshot. Names are bytes, as on the systems they came from.

use std::fmt;

/// Bytes allowed in one name (what Linux, restic and the mount agree on).
pub const NAME_BYTES_MAX: usize = 255;

/// Before the bytes of a path that is not UTF-8, where it is written as text.
const HEX: &str = "hex:";

/// Why a text cannot be a path inside a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotPathError {
    path: String,
    why: &'static str,
}

impl fmt::Display for SnapshotPathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not a path in a snapshot: {}", self.path, self.why)
    }
}

impl std::error::Error for SnapshotPathError {}

/// An absolute path inside a snapshot, as a list of names.
///
/// Invariant: no name is empty, `.`, `..`, or holds `/` or a zero byte.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SnapshotPath {
    names: Vec<Box<[u8]>>,
}

impl SnapshotPath {
    /// The snapshot's root.
    pub fn root() -> Self {
        Self::default()
    }

    /// Parses `a/b`, `/a/b` or `/a//b/`: leading, double and trailing slashes and `.` do not count.
    ///
    /// # Errors
    /// `..` and zero bytes are refused: a snapshot has no place outside itself.
    pub fn parse(path: &[u8]) -> Result<Self, SnapshotPathError> {
        let mut parsed = Self::root();
        for name in path.split(|byte| *byte == b'/') {
            if name.is_empty() || name == b"." {
                continue;
            }
            parsed
                .push(name)
                .map_err(|error| SnapshotPathError { path: String::from_utf8_lossy(path).into_owned(), ..error })?;
        }
        Ok(parsed)
    }

    /// The path as text that [`from_text`](Self::from_text) reads, whatever its bytes: as it is, or `hex:` and its bytes where
    /// it is not UTF-8.
    pub fn to_text(&self) -> String {
        String::from_utf8(self.to_bytes()).unwrap_or_else(|error| format!("{HEX}{}", hex::encode(error.as_bytes())))
    }

    /// Reads what [`to_text`](Self::to_text) wrote, or any other text of a path.
    ///
    /// # Errors
    /// As for [`parse`](Self::parse); and what is no hexadecimal.
    pub fn from_text(text: &str) -> Result<Self, SnapshotPathError> {
        let Some(digits) = text.strip_prefix(HEX) else { return Self::parse(text.as_bytes()) };
        let no_digits = |_| SnapshotPathError { path: text.to_owned(), why: "what follows hex: is no hexadecimal" };
        Self::parse(&hex::decode(digits).map_err(no_digits)?)
    }

    /// Appends one name.
    ///
    /// # Errors
    /// The name breaks the invariant of this type.
    pub fn push(&mut self, name: &[u8]) -> Result<(), SnapshotPathError> {
        match name_fault(name) {
            Some(why) => Err(SnapshotPathError { path: String::from_utf8_lossy(name).into_owned(), why }),
            None => {
                self.names.push(name.into());
                Ok(())
            }
        }
    }

    /// Removes and returns the last name.
    pub fn pop(&mut self) -> Option<Box<[u8]>> {
        self.names.pop()
    }

    /// The names from the root down.
    pub fn names(&self) -> impl DoubleEndedIterator<Item = &[u8]> + ExactSizeIterator {
        self.names.iter().map(|name| name.as_ref())
    }

    /// Whether this is the snapshot's root.
    pub fn is_root(&self) -> bool {
        self.names.is_empty()
    }

    /// The last name; `None` for the root.
    pub fn file_name(&self) -> Option<&[u8]> {
        self.names.last().map(|name| name.as_ref())
    }

    /// The path as bytes, starting with `/`.
    pub fn to_bytes(&self) -> Vec<u8> {
        if self.names.is_empty() {
            return b"/".to_vec();
        }
        let mut bytes = Vec::with_capacity(self.names.iter().map(|name| name.len() + 1).sum());
        for name in &self.names {
            bytes.push(b'/');
            bytes.extend_from_slice(name);
        }
        bytes
    }
}

/// Why `name` cannot be a single name in a directory; `None` when it can.
///
/// Names in a tree are untrusted: whoever wrote the repository chose them. Everything that turns a name into a path of
/// the operating system asks here first.
pub fn name_fault(name: &[u8]) -> Option<&'static str> {
    match name {
        b"" => Some("a name is empty"),
        b"." | b".." => Some("it leaves its directory"),
        _ if name.contains(&b'/') => Some("a name holds a slash"),
        _ if name.contains(&0) => Some("a name holds a zero byte"),
        _ => None,
    }
}

impl fmt::Display for SnapshotPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.to_bytes()))
    }
}

impl fmt::Debug for SnapshotPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.to_bytes()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn check(text: &str, expected: Result<&str, &str>) {
        let parsed =
            SnapshotPath::parse(text.as_bytes()).map(|path| path.to_string()).map_err(|error| error.to_string());
        assert_eq!(parsed, expected.map(str::to_owned).map_err(str::to_owned));
    }

    #[test]
    fn slashes_and_dots_that_say_nothing_do_not_count() {
        check("a/b", Ok("/a/b"));
        check("//a/./b/", Ok("/a/b"));
        check("", Ok("/"));
    }

    #[test]
    fn a_path_that_leaves_the_snapshot_is_refused() {
        check("/a/../b", Err("\"/a/../b\" is not a path in a snapshot: it leaves its directory"));
    }

    #[test]
    fn a_path_of_any_bytes_comes_back_from_its_text() {
        for bytes in [&b"/"[..], b"/a b/\xd0\x96", b"/a/\xff\xfe", b"/hex:00"] {
            let path = SnapshotPath::parse(bytes).unwrap();
            assert_eq!(SnapshotPath::from_text(&path.to_text()), Ok(path));
        }
        assert_eq!(SnapshotPath::parse(b"/a/\xff").unwrap().to_text(), "hex:2f612fff");
        for wrong in ["hex:2", "hex:zz", "hex:2f2e2e", "/a/../b"] {
            assert!(SnapshotPath::from_text(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_pushed_name_with_a_slash_is_refused() {
        assert!(SnapshotPath::root().push(b"../x").is_err());
    }
}
