//! A plan's compact form: 64 bytes and the name for each file, 48 for each distinct blob, 16 for each place a blob goes.
//!
//! Everything points at everything else by 32-bit positions, and what many nodes share is stored once.
//!
//! Here what can be asked of a table; [`rows`] are what it holds, [`fill`] is how they come into it.

mod fill;
mod interner;
mod rows;

use bygone_common::{BlobId, PackId};

use super::Ownership;
use super::target::Metadata;
use crate::error::{Error, ErrorKind, Result};
use crate::tree::NodeTime;
use interner::Interner;
use rows::XattrSet;

pub(super) use rows::{Dir, Entry, Piece, Place, What};

/// The position of the target itself among the directories.
pub(super) const ROOT: u32 = 0;

/// A position as an index.
pub(super) fn at(position: u32) -> usize {
    position as usize
}

/// The next position of a list, unless the plan is too large for 32 bits.
fn next(length: usize) -> Result<u32> {
    u32::try_from(length).map_err(|_| {
        let sentence =
            "the restore is too large for one plan (over 4 billion names or blobs): restore a part at a time";
        Error::new(ErrorKind::InvalidInput, sentence)
    })
}

/// Everything a plan knows.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) dirs: Vec<Dir>,
    pub(super) entries: Vec<Entry>,
    pub(super) pieces: Vec<Piece>,
    pub(super) blobs: Interner<BlobId>,
    /// One for each blob.
    pub(super) places: Vec<Place>,
    packs: Interner<PackId>,
    names: Vec<u8>,
    ownership: Ownership,
    owners: Interner<(u32, u32)>,
    xattrs: Interner<XattrSet>,
    targets: Vec<Box<[u8]>>,
    devices: Vec<u64>,
}

impl Table {
    pub(super) fn new(ownership: Ownership) -> Self {
        Self { ownership, ..Self::default() }
    }

    /// The files of a directory.
    pub(super) fn entries_of(&self, dir: &Dir) -> &[Entry] {
        self.entries.get(at(dir.entries_start)..at(dir.entries_end)).unwrap_or_default()
    }

    pub(super) fn dir_name(&self, dir: &Dir) -> &[u8] {
        self.name(dir.name_start, dir.name_len)
    }

    pub(super) fn entry_name(&self, entry: &Entry) -> &[u8] {
        self.name(entry.name_start, entry.name_len)
    }

    /// The pieces of a file, in the order of its content.
    pub(super) fn pieces_of(&self, entry: &Entry) -> &[Piece] {
        let start = at(entry.detail);
        match entry.what {
            What::File => self.pieces.get(start..start + at(entry.pieces)).unwrap_or_default(),
            What::HardLink | What::Symlink | What::BlockDevice | What::CharDevice | What::Fifo | What::Socket => &[],
        }
    }

    pub(super) fn link_target(&self, entry: &Entry) -> &[u8] {
        self.targets.get(at(entry.detail)).map_or(&[], |target| target)
    }

    pub(super) fn device(&self, entry: &Entry) -> u64 {
        self.devices.get(at(entry.detail)).copied().unwrap_or(0)
    }

    pub(super) fn entry_metadata(&self, entry: &Entry) -> Metadata<'_> {
        let atime = NodeTime { seconds: entry.atime_seconds, nanos: entry.atime_nanos };
        let mtime = NodeTime { seconds: entry.mtime_seconds, nanos: entry.mtime_nanos };
        self.metadata(entry.mode, entry.owner, entry.xattrs, atime, mtime)
    }

    pub(super) fn dir_metadata(&self, dir: &Dir) -> Metadata<'_> {
        self.metadata(dir.mode, dir.owner, dir.xattrs, dir.atime, dir.mtime)
    }

    /// A directory's path below the source, beginning with a slash; empty for the root.
    pub(super) fn dir_path(&self, dir: u32) -> Vec<u8> {
        let mut names = Vec::new();
        let mut position = dir;
        while position != ROOT
            && let Some(dir) = self.dirs.get(at(position))
        {
            names.push(self.dir_name(dir));
            position = dir.parent;
        }
        names.into_iter().rev().fold(Vec::new(), join)
    }

    pub(super) fn entry_path(&self, entry: &Entry) -> Vec<u8> {
        join(self.dir_path(entry.dir), self.entry_name(entry))
    }

    fn metadata(&self, mode: u16, owner: u32, xattrs: u32, atime: NodeTime, mtime: NodeTime) -> Metadata<'_> {
        let (uid, gid) = self.owners.get(owner).copied().unwrap_or_default();
        let xattrs = self.xattrs.get(xattrs).map_or(&[][..], |set| &set.0);
        Metadata { mode, uid, gid, ownership: self.ownership, atime, mtime, xattrs }
    }

    fn name(&self, start: u32, len: u8) -> &[u8] {
        self.names.get(at(start)..at(start) + usize::from(len)).unwrap_or_default()
    }
}

/// `path` and a name below it.
pub(super) fn join(mut path: Vec<u8>, name: &[u8]) -> Vec<u8> {
    path.push(b'/');
    path.extend_from_slice(name);
    path
}
