//! One node of a tree: a view of an entry in the tables of its directory.

use bygone_common::access::OwnedBy;
use bygone_common::{BlobId, Sid, TreeId};

use super::{Directory, Entry, Extra, NodeTime, Shared};

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum NodeKind {
    /// A regular file.
    File,
    /// A directory.
    Dir,
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
    /// A type that this program does not know: listed, never opened.
    #[default]
    Unknown,
}

impl NodeKind {
    /// restic's word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Dir => "dir",
            Self::Symlink => "symlink",
            Self::BlockDevice => "dev",
            Self::CharDevice => "chardev",
            Self::Fifo => "fifo",
            Self::Socket => "socket",
            Self::Unknown => "irregular",
        }
    }

    /// The type bits of `st_mode`.
    pub fn mode_bits(self) -> u32 {
        match self {
            Self::File | Self::Unknown => 0o100_000,
            Self::Dir => 0o040_000,
            Self::Symlink => 0o120_000,
            Self::BlockDevice => 0o060_000,
            Self::CharDevice => 0o020_000,
            Self::Fifo => 0o010_000,
            Self::Socket => 0o140_000,
        }
    }
}

/// One extended attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Xattr {
    /// Its full name, such as `user.comment` or `system.posix_acl_access`.
    pub name: Box<[u8]>,
    /// Its value.
    pub value: Box<[u8]>,
}

/// What Windows keeps of a file beside what every system does, as restic stores it (`generic_attributes`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WindowsAttributes {
    /// When it was made, in units of 100 ns since 1601.
    pub creation_time: Option<u64>,
    /// Its `FILE_ATTRIBUTE_…` bits.
    pub file_attributes: Option<u32>,
    /// Owner, group and access lists: a self-relative security descriptor; empty where none is stored.
    pub security_descriptor: Box<[u8]>,
}

/// A view of one entry.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    pub(super) directory: &'a Directory,
    pub(super) entry: &'a Entry,
    pub(super) index: usize,
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Node({:?} {:?})", self.kind(), String::from_utf8_lossy(self.name()))
    }
}

impl<'a> Node<'a> {
    /// Its position in the order of names.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Its name: any bytes but zero and slash.
    #[inline]
    pub fn name(&self) -> &'a [u8] {
        self.directory.name(self.entry)
    }

    /// What it is.
    #[inline]
    pub fn kind(&self) -> NodeKind {
        self.entry.kind
    }

    /// `st_mode`: type and permission bits.
    #[inline]
    pub fn mode(&self) -> u32 {
        self.entry.kind.mode_bits() | u32::from(self.entry.mode)
    }

    /// Size in bytes, as stored.
    #[inline]
    pub fn size(&self) -> u64 {
        self.entry.size
    }

    /// Number of the owner.
    pub fn uid(&self) -> u32 {
        self.shared().map_or(0, |shared| shared.uid)
    }

    /// Number of the group.
    pub fn gid(&self) -> u32 {
        self.shared().map_or(0, |shared| shared.gid)
    }

    /// Name of the owner, empty when none was stored.
    pub fn user(&self) -> &'a str {
        self.shared().map_or("", |shared| &shared.user)
    }

    /// The owner by security identifier, where a Windows machine stored one.
    pub fn owner_sid(&self) -> Option<&'a Sid> {
        self.shared().and_then(|shared| shared.sid.as_ref())
    }

    /// Whose it is.
    pub fn owned_by(&self) -> OwnedBy<'a> {
        OwnedBy { uid: self.uid(), name: self.user(), sid: self.owner_sid() }
    }

    /// What a Windows machine stored of it.
    pub fn windows(&self) -> WindowsAttributes {
        WindowsAttributes {
            creation_time: self.extra().and_then(|extra| extra.creation_time),
            file_attributes: self.extra().and_then(|extra| extra.file_attributes),
            security_descriptor: self.shared().map(|shared| shared.descriptor.clone()).unwrap_or_default(),
        }
    }

    /// Name of the group, empty when none was stored.
    pub fn group(&self) -> &'a str {
        self.shared().map_or("", |shared| &shared.group)
    }

    /// Last change of the content.
    pub fn mtime(&self) -> NodeTime {
        NodeTime { seconds: self.entry.mtime_seconds, nanos: self.entry.mtime_nanos }
    }

    /// Last access.
    pub fn atime(&self) -> NodeTime {
        self.extra().and_then(|extra| extra.atime).unwrap_or_else(|| self.mtime())
    }

    /// Last change of the metadata.
    pub fn ctime(&self) -> NodeTime {
        NodeTime { seconds: self.entry.ctime_seconds, nanos: self.entry.ctime_nanos }
    }

    /// Inode number on the machine of origin.
    pub fn inode(&self) -> u64 {
        self.entry.inode
    }

    /// File system it came from, as that machine numbered it; 0 when unknown.
    pub fn device_id(&self) -> u64 {
        self.shared().map_or(0, |shared| shared.device_id)
    }

    /// Hard links on the machine of origin; 0 or 1 when it had one name only.
    pub fn links(&self) -> u32 {
        self.shared().map_or(0, |shared| shared.links)
    }

    /// The blobs of a file, in order. Empty for everything else.
    #[inline]
    pub fn content(&self) -> &'a [BlobId] {
        if self.entry.kind == NodeKind::Dir { &[] } else { self.ids() }
    }

    /// The tree of a directory.
    #[inline]
    pub fn subtree(&self) -> Option<TreeId> {
        let ids = if self.entry.kind == NodeKind::Dir { self.ids() } else { &[] };
        ids.first().map(|id| TreeId(id.0))
    }

    /// Where a symbolic link points; empty for everything else.
    pub fn link_target(&self) -> &'a [u8] {
        self.extra().map_or(&[], |extra| &extra.link_target)
    }

    /// The device a device node stands for, as Linux packs it in `st_rdev`.
    pub fn device(&self) -> u64 {
        self.extra().map_or(0, |extra| extra.device)
    }

    /// Extended attributes, ACLs included.
    pub fn xattrs(&self) -> &'a [Xattr] {
        self.extra().map_or(&[], |extra| &extra.xattrs)
    }

    fn ids(&self) -> &'a [BlobId] {
        let start = self.entry.content_start as usize;
        self.directory.ids.get(start..start + self.entry.content_count as usize).unwrap_or_default()
    }

    fn shared(&self) -> Option<&'a Shared> {
        self.directory.shared.get(self.entry.shared as usize)
    }

    fn extra(&self) -> Option<&'a Extra> {
        let position = (self.entry.extra as usize).checked_sub(1)?;
        self.directory.extras.get(position)
    }
}
