//! The kernel's table of mounts, read without touching any of them: a dead one would not answer.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use bygone_vault::{Error, Result};

use crate::options::OURS;

const TABLE: &str = "/proc/self/mountinfo";

/// A line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// Major and minor number, as `/sys/class/bdi/` names it.
    pub(crate) device: String,
    /// Where it is mounted.
    pub(crate) mountpoint: PathBuf,
    /// The file system's type, such as `fuse.bygone`.
    pub(crate) kind: String,
    /// What is mounted: a device, or whatever its program calls it.
    pub(crate) source: String,
}

impl Line {
    /// Whether Bygone mounted it.
    pub(crate) fn is_ours(&self) -> bool {
        let ours = format!("fuse.{OURS}");
        self.kind == ours || (self.kind.starts_with("fuse") && self.source == OURS)
    }

    /// Whether its program is gone.
    pub(crate) fn is_dead(&self) -> bool {
        // Not stat: the kernel may know the root's attributes and answer for the dead.
        matches!(rustix::fs::statfs(&self.mountpoint), Err(rustix::io::Errno::NOTCONN))
    }
}

/// What is mounted at exactly this path, if anything: the topmost of several.
///
/// # Errors
/// The table cannot be read.
pub(crate) fn at(mountpoint: &Path) -> Result<Option<Line>> {
    let table = std::fs::read(TABLE).map_err(|error| Error::io(format!("read {TABLE}"), error))?;
    Ok(table.split(|byte| *byte == b'\n').filter_map(parse).rfind(|line| line.mountpoint == mountpoint))
}

/// `36 35 98:0 / /mnt rw,noatime shared:1 - fuse.bygone bygone rw`, with any number of fields before the dash.
fn parse(line: &[u8]) -> Option<Line> {
    let mut fields = line.split(|byte| *byte == b' ');
    let device = text(fields.nth(2)?);
    let mountpoint = PathBuf::from(OsString::from_vec(unescape(fields.nth(1)?)));
    let mut after = fields.skip_while(|field| *field != b"-").skip(1);
    Some(Line { device, mountpoint, kind: text(after.next()?), source: text(after.next()?) })
}

fn text(field: &[u8]) -> String {
    String::from_utf8_lossy(&unescape(field)).into_owned()
}

/// Space, tab, line feed and backslash are written as three octal digits after a backslash.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, tail)) = rest.split_first() {
        let digits =
            tail.get(..3).filter(|digits| *first == b'\\' && digits.iter().all(|digit| (b'0'..=b'7').contains(digit)));
        match digits {
            Some(digits) => {
                let value = digits.iter().fold(0_u32, |value, digit| value * 8 + u32::from(digit - b'0'));
                bytes.push(u8::try_from(value).unwrap_or(b'?'));
                rest = tail.get(3..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_line_of_the_table_is_taken_apart() {
        let line =
            parse(b"36 35 0:98 / /mnt/my\\040drive rw,noatime shared:1 master:2 - fuse.bygone bygone rw,user_id=0")
                .unwrap();
        let expected = Line {
            device: "0:98".into(),
            mountpoint: "/mnt/my drive".into(),
            kind: "fuse.bygone".into(),
            source: "bygone".into(),
        };
        assert_eq!(line, expected);
        assert!(line.is_ours());
    }

    #[test]
    fn mounts_of_others_are_not_ours() {
        assert!(!parse(b"36 35 0:98 / /mnt rw - fuse.sshfs host:/ rw").unwrap().is_ours());
        assert!(!parse(b"36 35 0:98 / /mnt rw - ext4 bygone rw").unwrap().is_ours());
        assert!(parse(b"36 35 0:98 / /mnt rw - fuse bygone rw").unwrap().is_ours());
    }

    #[test]
    fn the_root_is_mounted_and_a_fresh_folder_is_not() {
        assert!(at(Path::new("/")).unwrap().is_some());
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(at(folder.path()).unwrap(), None);
    }
}
