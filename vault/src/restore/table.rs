//! A plan's compact form: 64 bytes and the name for each file, 48 for each distinct blob, 16 for each place a blob goes.
//!
//! Everything points at everything else by 32-bit positions, and what many nodes share is stored once.

use std::hash::{BuildHasher, Hash};

use bygone_common::{BlobId, PackId};
use hashbrown::{DefaultHashBuilder, HashTable};

use super::Ownership;
use super::plan::Action;
use super::target::Metadata;
use crate::error::{Error, ErrorKind, Result};
use crate::tree::{Node, NodeKind, NodeTime, Xattr};

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

/// Values that are stored once each, in the order in which they came.
#[derive(Debug)]
pub(super) struct Interner<T> {
    values: Vec<T>,
    positions: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self { values: Vec::new(), positions: HashTable::new(), hasher: DefaultHashBuilder::default() }
    }
}

impl<T: Eq + Hash> Interner<T> {
    pub(super) fn find(&self, value: &T) -> Option<u32> {
        let same = |position: &u32| self.values.get(at(*position)) == Some(value);
        self.positions.find(self.hasher.hash_one(value), same).copied()
    }

    /// The value's position; it is added when it is new.
    pub(super) fn add(&mut self, value: T) -> Result<u32> {
        if let Some(position) = self.find(&value) {
            return Ok(position);
        }
        let position = next(self.values.len())?;
        let Self { values, positions, hasher } = self;
        let hash = hasher.hash_one(&value);
        values.push(value);
        positions.insert_unique(hash, position, |position| {
            values.get(at(*position)).map_or(0, |value| hasher.hash_one(value))
        });
        Ok(position)
    }

    /// The values alone: nobody looks for positions any more.
    pub(super) fn into_values(self) -> Vec<T> {
        self.values
    }
}

/// What a file of the plan is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
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
    pub(super) fn of(kind: NodeKind) -> Option<Self> {
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

    pub(super) fn kind(self) -> NodeKind {
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
pub(super) struct Entry {
    /// Bytes of content.
    pub(super) size: u64,
    mtime_seconds: i64,
    atime_seconds: i64,
    mtime_nanos: u32,
    atime_nanos: u32,
    pub(super) dir: u32,
    name_start: u32,
    /// The number of pieces of a file.
    pub(super) pieces: u32,
    /// A file's first piece; a hard link's file; a symbolic link's target; a device's number.
    pub(super) detail: u32,
    owner: u32,
    xattrs: u32,
    mode: u16,
    name_len: u8,
    pub(super) what: What,
    pub(super) action: Action,
}

const _: () = assert!(size_of::<Entry>() == 64);

/// One directory. Parents come before their children.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dir {
    mtime: NodeTime,
    atime: NodeTime,
    pub(super) parent: u32,
    name_start: u32,
    owner: u32,
    xattrs: u32,
    /// Its files: they lie together.
    pub(super) entries_start: u32,
    pub(super) entries_end: u32,
    mode: u16,
    name_len: u8,
    pub(super) action: Action,
    /// Something in it is meant, so that it has to be there.
    pub(super) needed: bool,
    /// The snapshot knows its metadata, and it is meant itself.
    pub(super) has_metadata: bool,
    /// It was there before.
    pub(super) exists: bool,
}

/// A blob at a place in a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    /// Where it begins in the file.
    pub(super) offset: u64,
    pub(super) blob: u32,
    pub(super) entry: u32,
}

/// Where a blob lies and how long it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Position of its pack in the order in which packs were met.
    pub(super) pack: u32,
    pub(super) offset: u32,
    /// Bytes of plaintext.
    pub(super) length: u32,
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

#[derive(Debug, PartialEq, Eq, Default)]
struct XattrSet(Box<[Xattr]>);

impl Hash for XattrSet {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        for xattr in &self.0 {
            (&xattr.name, &xattr.value).hash(state);
        }
    }
}

impl Table {
    pub(super) fn new(ownership: Ownership) -> Self {
        Self { ownership, ..Self::default() }
    }

    /// Adds the target itself, whose metadata is `node`'s if the source is a directory with one.
    pub(super) fn add_root(&mut self, node: Option<Node<'_>>, exists: bool) -> Result<u32> {
        let action = if exists { Action::Merge } else { Action::Create };
        match node {
            Some(node) => {
                let root = self.add_dir(ROOT, b"", node, action)?;
                // A target that the user made keeps what the user gave it.
                if let Some(dir) = self.dirs.get_mut(at(root)) {
                    dir.has_metadata = !exists;
                }
                Ok(root)
            }
            None => {
                let (owner, xattrs) = (self.owners.add((0, 0))?, self.xattrs.add(XattrSet::default())?);
                let (mtime, atime) = (NodeTime::default(), NodeTime::default());
                let dir = Dir {
                    mtime,
                    atime,
                    parent: ROOT,
                    name_start: 0,
                    owner,
                    xattrs,
                    mode: 0,
                    name_len: 0,
                    action,
                    needed: false,
                    has_metadata: false,
                    exists,
                    entries_start: 0,
                    entries_end: 0,
                };
                self.dirs.push(dir);
                Ok(ROOT)
            }
        }
    }

    pub(super) fn add_dir(&mut self, parent: u32, name: &[u8], node: Node<'_>, action: Action) -> Result<u32> {
        let position = next(self.dirs.len())?;
        let (name_start, name_len) = self.add_name(name)?;
        let dir = Dir {
            mtime: node.mtime(),
            atime: node.atime(),
            parent,
            name_start,
            owner: self.owners.add((node.uid(), node.gid()))?,
            xattrs: self.add_xattrs(node)?,
            entries_start: 0,
            entries_end: 0,
            mode: permissions(node),
            name_len,
            action,
            needed: false,
            has_metadata: true,
            exists: action == Action::Merge,
        };
        self.dirs.push(dir);
        Ok(position)
    }

    /// Adds a file without its detail. Its content, if it needs any, follows by [`Table::add_piece`].
    pub(super) fn add_entry(
        &mut self,
        dir: u32,
        name: &[u8],
        node: Node<'_>,
        what: What,
        action: Action,
    ) -> Result<u32> {
        let position = next(self.entries.len())?;
        let (name_start, name_len) = self.add_name(name)?;
        let (mtime, atime) = (node.mtime(), node.atime());
        let detail = match what {
            What::File | What::HardLink => next(self.pieces.len())?,
            What::Symlink => {
                let target = next(self.targets.len())?;
                self.targets.push(node.link_target().into());
                target
            }
            What::BlockDevice | What::CharDevice => {
                let device = next(self.devices.len())?;
                self.devices.push(node.device());
                device
            }
            What::Fifo | What::Socket => 0,
        };
        let size = if what.kind() == NodeKind::File { node.size() } else { 0 };
        let entry = Entry {
            size,
            mtime_seconds: mtime.seconds,
            atime_seconds: atime.seconds,
            mtime_nanos: mtime.nanos,
            atime_nanos: atime.nanos,
            dir,
            name_start,
            pieces: 0,
            detail,
            owner: self.owners.add((node.uid(), node.gid()))?,
            xattrs: self.add_xattrs(node)?,
            mode: permissions(node),
            name_len,
            what,
            action,
        };
        self.entries.push(entry);
        Ok(position)
    }

    /// The position of a blob that is known already.
    pub(super) fn blob(&self, id: &BlobId) -> Option<u32> {
        self.blobs.find(id)
    }

    pub(super) fn add_blob(&mut self, id: BlobId, pack: PackId, offset: u32, length: u32) -> Result<u32> {
        let pack = self.packs.add(pack)?;
        let position = self.blobs.add(id)?;
        self.places.push(Place { pack, offset, length });
        Ok(position)
    }

    /// Adds a blob to the end of the last entry's content.
    pub(super) fn add_piece(&mut self, blob: u32, offset: u64) -> Result<()> {
        next(self.pieces.len())?;
        let entry = next(self.entries.len().saturating_sub(1))?;
        self.pieces.push(Piece { offset, blob, entry });
        if let Some(entry) = self.entries.last_mut() {
            entry.pieces += 1;
        }
        Ok(())
    }

    /// Takes the last entry's content back.
    pub(super) fn withdraw_pieces(&mut self) {
        if let Some(entry) = self.entries.last_mut() {
            self.pieces.truncate(at(entry.detail));
            entry.pieces = 0;
        }
    }

    /// Takes the last entry, a file, back: it cannot be restored.
    pub(super) fn withdraw_entry(&mut self) {
        self.withdraw_pieces();
        self.entries.pop();
    }

    /// The plan is made: gives back what only making it needed.
    pub(super) fn seal(&mut self) -> Vec<BlobId> {
        self.packs = Interner::default();
        self.entries.shrink_to_fit();
        self.pieces.shrink_to_fit();
        self.names.shrink_to_fit();
        std::mem::take(&mut self.blobs).into_values()
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
        let mut path = Vec::new();
        for name in names.into_iter().rev() {
            path.push(b'/');
            path.extend_from_slice(name);
        }
        path
    }

    pub(super) fn entry_path(&self, entry: &Entry) -> Vec<u8> {
        join(self.dir_path(entry.dir), self.entry_name(entry))
    }

    fn metadata(&self, mode: u16, owner: u32, xattrs: u32, atime: NodeTime, mtime: NodeTime) -> Metadata<'_> {
        let (uid, gid) = self.owners.values.get(at(owner)).copied().unwrap_or_default();
        let xattrs = self.xattrs.values.get(at(xattrs)).map_or(&[][..], |set| &set.0);
        Metadata { mode, uid, gid, ownership: self.ownership, atime, mtime, xattrs }
    }

    fn name(&self, start: u32, len: u8) -> &[u8] {
        self.names.get(at(start)..at(start) + usize::from(len)).unwrap_or_default()
    }

    fn add_name(&mut self, name: &[u8]) -> Result<(u32, u8)> {
        let start = next(self.names.len())?;
        let len = u8::try_from(name.len())
            .map_err(|_| Error::new(ErrorKind::InvalidInput, "a name is longer than 255 bytes"))?;
        self.names.extend_from_slice(name);
        Ok((start, len))
    }

    fn add_xattrs(&mut self, node: Node<'_>) -> Result<u32> {
        self.xattrs.add(XattrSet(node.xattrs().into()))
    }
}

/// `path` and a name below it.
pub(super) fn join(mut path: Vec<u8>, name: &[u8]) -> Vec<u8> {
    path.push(b'/');
    path.extend_from_slice(name);
    path
}

fn permissions(node: Node<'_>) -> u16 {
    u16::try_from(node.mode() & 0o7777).unwrap_or(0)
}
