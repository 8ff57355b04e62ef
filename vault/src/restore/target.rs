//! The target's file system: the only code of a restore that touches it.
//!
//! Everything goes through a [`Folder`]: a directory below the target, and names in it. A folder is opened from its
//! parent, never by a longer path, and never through a symbolic link, so nothing here can reach outside the target.

use super::Ownership;
use crate::error::{Error, Result};
use crate::tree::{NodeKind, NodeTime, Xattr};

#[cfg(unix)]
mod metadata;
#[cfg(unix)]
mod unix;
#[cfg(unix)]
mod way;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(super) use unix::Folder;
#[cfg(windows)]
pub(super) use windows::Folder;

/// Which links on the way to a target are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Links {
    /// All: whoever named the target may write wherever they lead.
    #[default]
    All,
    /// Only those that none but the machine's administrator, or the account that restores, can have made: whoever named the
    /// target may write there, and not everywhere.
    Trusted,
}

/// What lies in the target under some name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) kind: NodeKind,
    pub(super) size: u64,
    pub(super) mtime: NodeTime,
    /// Permission bits (07777).
    pub(super) mode: u16,
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// The device that a device node stands for.
    pub(super) device: u64,
}

/// What a node says about itself beside its content.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(windows, expect(dead_code, reason = "Windows is given neither owners nor attributes"))]
pub(super) struct Metadata<'a> {
    /// Permission bits (07777).
    pub(super) mode: u16,
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// Whether it is to be given to that user and group.
    pub(super) ownership: Ownership,
    pub(super) atime: NodeTime,
    pub(super) mtime: NodeTime,
    pub(super) xattrs: &'a [Xattr],
}

/// What is said when times cannot be set.
const TIMES_FAILED: &str = "set its times";

/// Does all steps whatever becomes of the others, and remembers the first failure.
#[derive(Debug, Default)]
struct Steps {
    fault: Option<Error>,
}

impl Steps {
    /// The step's outcome; `what` says what failed.
    fn step<T, W: Into<String>, E: Into<std::io::Error>>(
        &mut self,
        what: impl FnOnce() -> W,
        result: std::result::Result<T, E>,
    ) -> Option<T> {
        match result {
            Ok(outcome) => Some(outcome),
            Err(error) => {
                self.fault.get_or_insert_with(|| Error::io(what(), error.into()));
                None
            }
        }
    }

    fn end(self) -> Result<()> {
        match self.fault {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}
