//! What the operating system tells of files: the part of a capture that differs between systems.
//!
//! Nothing here follows a symbolic link, except where a folder above what is saved is asked for.

#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::io;

use bygone_common::Sid;

use super::node::Metadata;
#[cfg(unix)]
use crate::tree::Xattr;

#[cfg(not(unix))]
pub(super) use other::{Folder, Names, current_user, lower_priority, stat_path};
#[cfg(unix)]
pub(super) use unix::{Folder, Names, current_user, lower_priority, stat_path};

/// How much else in the machine goes before a capture's reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IoClass {
    /// As other programs of its priority.
    BestEffort,
    /// Only when nobody else reads.
    Idle,
}

/// Who takes a snapshot.
#[derive(Debug, Clone, Default)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// On Windows, where there are no numbers.
    pub(super) sid: Option<Sid>,
}

/// What could not be had of an entry that is there.
#[derive(Debug)]
pub(super) struct Lacking {
    /// What it is that lacks, such as an attribute's name.
    pub(super) what: String,
    pub(super) error: io::Error,
}

/// Fills in what `stat` does not tell: names of users, the target of a link, attributes.
pub(super) type Completed = (Metadata, Vec<Lacking>);

/// Attributes, and those that could not be read.
#[cfg(unix)]
pub(super) type Xattrs = (Vec<Xattr>, Vec<Lacking>);
