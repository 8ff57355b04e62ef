//! Filling a table, in the order of the walk.

use bygone_common::{BlobId, PackId};

use super::interner::Interner;
use super::rows::{Dir, Entry, Piece, Place, What, XattrSet};
use super::{ROOT, Table, at, next};
use crate::error::{Error, ErrorKind, Result};
use crate::restore::plan::Action;
use crate::tree::{Node, NodeKind, NodeTime};

impl Table {
    /// Adds the target itself, whose metadata is `node`'s if the source is a directory with one.
    pub(crate) fn add_root(&mut self, node: Option<Node<'_>>, exists: bool) -> Result<u32> {
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

    pub(crate) fn add_dir(&mut self, parent: u32, name: &[u8], node: Node<'_>, action: Action) -> Result<u32> {
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
    pub(crate) fn add_entry(
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
    pub(crate) fn blob(&self, id: &BlobId) -> Option<u32> {
        self.blobs.find(id)
    }

    pub(crate) fn add_blob(&mut self, id: BlobId, pack: PackId, offset: u32, length: u32) -> Result<u32> {
        let pack = self.packs.add(pack)?;
        let position = self.blobs.add(id)?;
        self.places.push(Place { pack, offset, length });
        Ok(position)
    }

    /// Adds a blob to the end of the last entry's content.
    pub(crate) fn add_piece(&mut self, blob: u32, offset: u64) -> Result<()> {
        next(self.pieces.len())?;
        let entry = next(self.entries.len().saturating_sub(1))?;
        self.pieces.push(Piece { offset, blob, entry });
        if let Some(entry) = self.entries.last_mut() {
            entry.pieces += 1;
        }
        Ok(())
    }

    /// Takes the last entry's content back.
    pub(crate) fn withdraw_pieces(&mut self) {
        if let Some(entry) = self.entries.last_mut() {
            self.pieces.truncate(at(entry.detail));
            entry.pieces = 0;
        }
    }

    /// Takes the last entry, a file, back: it cannot be restored.
    pub(crate) fn withdraw_entry(&mut self) {
        self.withdraw_pieces();
        self.entries.pop();
    }

    /// The plan is made: gives back what only making it needed.
    pub(crate) fn seal(&mut self) -> Vec<BlobId> {
        self.packs = Interner::default();
        self.entries.shrink_to_fit();
        self.pieces.shrink_to_fit();
        self.names.shrink_to_fit();
        std::mem::take(&mut self.blobs).into_values()
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

fn permissions(node: Node<'_>) -> u16 {
    u16::try_from(node.mode() & 0o7777).unwrap_or(0)
}
