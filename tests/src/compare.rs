//! Whether one tree is the other: names, content and everything that `lstat` and extended attributes tell.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Bytes compared at once.
const CHUNK_BYTES: usize = 1 << 20;

/// What is compared beside names, kinds, content, link targets, modes, sizes and times.
#[derive(Debug, Clone, Copy)]
pub struct Aspects {
    /// Owner and group.
    pub owners: bool,
    /// Extended attributes, access control lists among them.
    pub xattrs: bool,
    /// Time of the last change of attributes; a restored copy cannot have it.
    pub changed: bool,
}

impl Aspects {
    /// All of them: what a mount must show.
    pub const ALL: Self = Self { owners: true, xattrs: true, changed: true };
}

/// Fails the test when the tree `actual` is not the tree `expected`; names every difference.
pub fn assert_same(expected: &Path, actual: &Path, aspects: Aspects) {
    let differences = differences(expected, actual, aspects);
    assert!(
        differences.is_empty(),
        "{} differs from {} in {} places:\n{}",
        actual.display(),
        expected.display(),
        differences.len(),
        differences.join("\n")
    );
}

/// Every difference between two trees, as sentences.
pub fn differences(expected: &Path, actual: &Path, aspects: Aspects) -> Vec<String> {
    let mut comparison = Comparison { aspects, found: Vec::new(), names: [BTreeMap::new(), BTreeMap::new()] };
    comparison.nodes(Path::new(""), expected, actual);
    comparison.hard_links();
    comparison.found
}

struct Comparison {
    aspects: Aspects,
    found: Vec<String>,
    /// The names of each inode number with several, on both sides.
    names: [BTreeMap<u64, Vec<PathBuf>>; 2],
}

impl Comparison {
    fn differ(&mut self, path: &Path, what: &str, expected: impl std::fmt::Debug, actual: impl std::fmt::Debug) {
        self.found.push(format!("{}: {what} should be {expected:?} but is {actual:?}", path.display()));
    }

    fn same<T: PartialEq + std::fmt::Debug>(&mut self, path: &Path, what: &str, expected: T, actual: T) {
        if expected != actual {
            self.differ(path, what, expected, actual);
        }
    }

    fn nodes(&mut self, path: &Path, expected: &Path, actual: &Path) {
        let (left, right) = match (fs::symlink_metadata(expected), fs::symlink_metadata(actual)) {
            (Ok(left), Ok(right)) => (left, right),
            (left, right) => return self.differ(path, "stat", left.map(|_| ()), right.map(|_| ())),
        };
        if kind(&left) != kind(&right) {
            return self.differ(path, "kind", kind(&left), kind(&right));
        }
        self.metadata(path, &left, &right);
        if self.aspects.xattrs {
            self.same(path, "extended attributes", xattrs(expected), xattrs(actual));
        }
        if left.is_dir() {
            self.directories(path, expected, actual);
        } else {
            for (names, metadata) in self.names.iter_mut().zip([&left, &right]) {
                if metadata.nlink() > 1 {
                    names.entry(metadata.ino()).or_default().push(path.to_owned());
                }
            }
        }
        if left.is_symlink() {
            self.same(path, "target", fs::read_link(expected).ok(), fs::read_link(actual).ok());
        }
        if left.is_file() {
            match content(expected, actual) {
                Ok(None) => {}
                Ok(Some(offset)) => self.differ(path, "content", "the same", format!("different at {offset}")),
                Err(error) => self.differ(path, "content", "readable", error),
            }
        }
    }

    fn metadata(&mut self, path: &Path, left: &Metadata, right: &Metadata) {
        self.same(path, "mode", format!("{:o}", left.mode()), format!("{:o}", right.mode()));
        self.same(path, "modification time", (left.mtime(), left.mtime_nsec()), (right.mtime(), right.mtime_nsec()));
        if self.aspects.changed {
            self.same(path, "change time", (left.ctime(), left.ctime_nsec()), (right.ctime(), right.ctime_nsec()));
        }
        if self.aspects.owners {
            self.same(path, "owner", (left.uid(), left.gid()), (right.uid(), right.gid()));
        }
        if !left.is_dir() {
            self.same(path, "size", left.size(), right.size());
            self.same(path, "links", left.nlink(), right.nlink());
        }
        if left.file_type().is_block_device() || left.file_type().is_char_device() {
            self.same(path, "device number", left.rdev(), right.rdev());
        }
    }

    fn directories(&mut self, path: &Path, expected: &Path, actual: &Path) {
        let (left, right) = (listing(expected), listing(actual));
        self.same(path, "names", left.as_ref().ok(), right.as_ref().ok());
        if let (Ok(left), Ok(right)) = (left, right) {
            for name in left.iter().filter(|name| right.contains(name)) {
                self.nodes(&path.join(name), &expected.join(name), &actual.join(name));
            }
        }
    }

    fn hard_links(&mut self) {
        let groups = |names: &BTreeMap<u64, Vec<PathBuf>>| {
            let mut groups: Vec<_> = names.values().cloned().collect();
            groups.sort();
            groups
        };
        let (left, right) = (groups(&self.names[0]), groups(&self.names[1]));
        self.same(Path::new("/"), "names of one file", left, right);
    }
}

fn kind(metadata: &Metadata) -> u32 {
    metadata.mode() & 0o170_000
}

fn listing(folder: &Path) -> Result<Vec<OsString>, String> {
    let entries = fs::read_dir(folder).map_err(|error| error.to_string())?;
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry.map_err(|error| error.to_string())?.file_name());
    }
    names.sort();
    Ok(names)
}

fn xattrs(path: &Path) -> BTreeMap<OsString, Vec<u8>> {
    let mut names = vec![0; 65_536];
    let len = rustix::fs::llistxattr(path, &mut names[..]).unwrap_or(0);
    let names = names[..len].split(|byte| *byte == 0).filter(|name| !name.is_empty());
    names
        .map(|name| {
            let mut value = vec![0; 65_536];
            let len = rustix::fs::lgetxattr(path, OsStr::from_bytes(name), &mut value[..]).unwrap();
            value.truncate(len);
            (OsString::from(OsStr::from_bytes(name)), value)
        })
        .collect()
}

/// Where two files first differ.
fn content(expected: &Path, actual: &Path) -> std::io::Result<Option<u64>> {
    let (mut left, mut right) = (File::open(expected)?, File::open(actual)?);
    let (mut expected, mut actual) = (Vec::new(), Vec::new());
    let mut at = 0;
    loop {
        expected.clear();
        actual.clear();
        (&mut left).take(CHUNK_BYTES as u64).read_to_end(&mut expected)?;
        (&mut right).take(CHUNK_BYTES as u64).read_to_end(&mut actual)?;
        if expected != actual {
            let same = expected.iter().zip(&actual).take_while(|(left, right)| left == right).count();
            return Ok(Some(at + same as u64));
        }
        if expected.is_empty() {
            return Ok(None);
        }
        at += expected.len() as u64;
    }
}
