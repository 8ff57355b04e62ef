//! The rows of a plan's table: directories, files, pieces of files, places of blobs.

use std::hash::Hash;

use crate::restore::plan::Action;
use crate::tree::{NodeKind, NodeTime, Xattr};

/// What a file of the plan is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    File,
    /// Another name of a file that comes earlier in the plan.
    HardLink,
    Symlink,
    BlockDevice,
    CharDevice,
    Fifo,
    Socket,
}

impl What {
    pub(crate) fn of(kind: NodeKind) -> Option<Self> {
        match kind {
            NodeKind::File => Some(Self::File),
            NodeKind::Symlink => Some(Self::Symlink),
            NodeKind::BlockDevice => Some(Self::BlockDevice),
            NodeKind::CharDevice => Some(Self::CharDevice),
            NodeKind::Fifo => Some(Self::Fifo),
            NodeKind::Socket => Some(Self::Socket),
            NodeKind::Dir | NodeKind::Unknown => None,
        }
    }

    pub(crate) fn kind(self) -> NodeKind {
        match self {
            Self::File | Self::HardLink => NodeKind::File,
            Self::Symlink => NodeKind::Symlink,
            Self::BlockDevice => NodeKind::BlockDevice,
            Self::CharDevice => NodeKind::CharDevice,
            Self::Fifo => NodeKind::Fifo,
            Self::Socket => NodeKind::Socket,
        }
    }
}

/// One thing that is not a directory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    /// Bytes of content.
    pub(crate) size: u64,
    pub(super) mtime_seconds: i64,
    pub(super) atime_seconds: i64,
    pub(super) mtime_nanos: u32,
    pub(super) atime_nanos: u32,
    pub(crate) dir: u32,
    pub(super) name_start: u32,
    /// The number of pieces of a file.
    pub(crate) pieces: u32,
    /// A file's first piece; a hard link's file; a symbolic link's target; a device's number.
    pub(crate) detail: u32,
    pub(super) owner: u32,
    pub(super) xattrs: u32,
    pub(super) mode: u16,
    pub(super) name_len: u8,
    pub(crate) what: What,
    pub(crate) action: Action,
}

const _: () = assert!(size_of::<Entry>() == 64);

/// One directory. Parents come before their children.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dir {
    pub(super) mtime: NodeTime,
    pub(super) atime: NodeTime,
    pub(crate) parent: u32,
    pub(super) name_start: u32,
    pub(super) owner: u32,
    pub(super) xattrs: u32,
    /// Its files: they lie together.
    pub(crate) entries_start: u32,
    pub(crate) entries_end: u32,
    pub(super) mode: u16,
    pub(super) name_len: u8,
    pub(crate) action: Action,
    /// Something in it is meant, so that it has to be there.
    pub(crate) needed: bool,
    /// The snapshot knows its metadata, and it is meant itself.
    pub(crate) has_metadata: bool,
    /// It was there before.
    pub(crate) exists: bool,
}

/// A blob at a place in a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    /// Where it begins in the file.
    pub(crate) offset: u64,
    pub(crate) blob: u32,
    pub(crate) entry: u32,
}

/// Where a blob lies and how long it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// Position of its pack in the order in which packs were met.
    pub(crate) pack: u32,
    pub(crate) offset: u32,
    /// Bytes of plaintext.
    pub(crate) length: u32,
}

/// The extended attributes of a node.
#[derive(Debug, PartialEq, Eq, Default)]
pub(super) struct XattrSet(pub(super) Box<[Xattr]>);

impl Hash for XattrSet {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        for xattr in &self.0 {
            (&xattr.name, &xattr.value).hash(state);
        }
    }
}
