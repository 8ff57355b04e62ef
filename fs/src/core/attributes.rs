//! What `stat` tells of a thing, in no operating system's words.

use bygone_vault::{Node, NodeKind, NodeTime};

use super::inode::Inode;
use crate::options::Owner;

/// Size of a block in `st_blocks`.
pub const BLOCK_BYTES: u64 = 512;

/// What a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A regular file, or something of a type that we do not know.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A block device.
    BlockDevice,
    /// A character device.
    CharDevice,
    /// A named pipe.
    Fifo,
    /// A socket.
    Socket,
}

impl From<NodeKind> for Kind {
    fn from(kind: NodeKind) -> Self {
        match kind {
            NodeKind::File | NodeKind::Unknown => Self::File,
            NodeKind::Dir => Self::Directory,
            NodeKind::Symlink => Self::Symlink,
            NodeKind::BlockDevice => Self::BlockDevice,
            NodeKind::CharDevice => Self::CharDevice,
            NodeKind::Fifo => Self::Fifo,
            NodeKind::Socket => Self::Socket,
        }
    }
}

/// The attributes of one thing. They never change while a number lives, save those of the layout's directories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attributes {
    /// Its number.
    pub inode: Inode,
    /// What it is.
    pub kind: Kind,
    /// The bits of `07777`.
    pub permissions: u16,
    /// Bytes of a file, or of a link's target; 0 otherwise.
    pub size: u64,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Names. Always 1 for directories of a snapshot, which tells `find` to count subdirectories itself: knowing
    /// better would mean reading every directory before its parent can be listed.
    pub links: u32,
    /// Device number, as Linux encodes it in 32 bits; 0 unless it is a device.
    pub device: u32,
    /// Last change of content.
    pub modified: NodeTime,
    /// Last access, as far as it was recorded.
    pub accessed: NodeTime,
    /// Last change of anything.
    pub changed: NodeTime,
}

impl Attributes {
    /// Blocks of [`BLOCK_BYTES`] that the content would take.
    pub fn blocks(&self) -> u64 {
        match self.kind {
            Kind::File => self.size.div_ceil(BLOCK_BYTES),
            Kind::Directory | Kind::Symlink | Kind::BlockDevice | Kind::CharDevice | Kind::Fifo | Kind::Socket => 0,
        }
    }

    /// Of an entry of a snapshot's directory.
    pub fn of_node(node: Node<'_>, inode: Inode, owner: Owner) -> Self {
        let kind = Kind::from(node.kind());
        let (uid, gid) = owner.of(node.uid(), node.gid());
        let size = match kind {
            Kind::File => node.size(),
            Kind::Symlink => node.link_target().len() as u64,
            Kind::Directory | Kind::BlockDevice | Kind::CharDevice | Kind::Fifo | Kind::Socket => 0,
        };
        let links = match kind {
            Kind::Directory => 1,
            Kind::File | Kind::Symlink | Kind::BlockDevice | Kind::CharDevice | Kind::Fifo | Kind::Socket => {
                node.links().max(1)
            }
        };
        let device = match kind {
            Kind::BlockDevice | Kind::CharDevice => device_32(node.device()),
            Kind::File | Kind::Directory | Kind::Symlink | Kind::Fifo | Kind::Socket => 0,
        };
        Self {
            inode,
            kind,
            permissions: permissions(node.mode()),
            size,
            uid,
            gid,
            links,
            device,
            modified: node.mtime(),
            accessed: node.atime(),
            changed: node.ctime(),
        }
    }

    /// Of a directory that no tree describes: one of the layout, or the root of a snapshot.
    pub fn of_directory(inode: Inode, subdirectories: u32, time: NodeTime, owner: (u32, u32)) -> Self {
        Self {
            inode,
            kind: Kind::Directory,
            permissions: 0o555,
            size: 0,
            uid: owner.0,
            gid: owner.1,
            links: subdirectories.saturating_add(2),
            device: 0,
            modified: time,
            accessed: time,
            changed: time,
        }
    }

    /// Of a symbolic link of the layout.
    pub fn of_symlink(inode: Inode, target: &[u8], time: NodeTime, owner: (u32, u32)) -> Self {
        Self {
            kind: Kind::Symlink,
            permissions: 0o777,
            size: target.len() as u64,
            links: 1,
            ..Self::of_directory(inode, 0, time, owner)
        }
    }
}

impl Owner {
    /// Whom something belongs to that is stored as belonging to `uid` and `gid`.
    pub(crate) fn of(self, uid: u32, gid: u32) -> (u32, u32) {
        match self {
            Self::AsStored => (uid, gid),
            Self::As { uid, gid } => (uid, gid),
        }
    }
}

fn permissions(mode: u32) -> u16 {
    u16::try_from(mode & 0o7777).unwrap_or(0)
}

/// Linux keeps the low 32 bits of what `makedev(3)` makes: 12 bits of major, 20 of minor, which is all it uses.
fn device_32(device: u64) -> u32 {
    u32::try_from(device & u64::from(u32::MAX)).unwrap_or(0)
}
