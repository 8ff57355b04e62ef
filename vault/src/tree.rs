//! A directory of a snapshot, compact: what a tree blob says, in 64 bytes an entry plus its name and 32 bytes a blob id.
//!
//! Trees are untrusted input: whoever wrote the repository chose every name in them. Names that cannot be names
//! (`..`, one with a slash) never become entries; they are kept aside in [`Directory::rejected`].

mod name;
mod parse;
mod time;

use std::mem::size_of;

use bygone_common::{BlobId, TreeId};

pub use parse::DirectoryBuilder;
pub use time::NodeTime;

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    Unknown,
}

impl NodeKind {
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

/// The part of a node that most nodes share with their neighbours.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct Shared {
    links: u32,
    uid: u32,
    gid: u32,
    device_id: u64,
    user: Box<str>,
    group: Box<str>,
}

/// The part of a node that few nodes have.
#[derive(Debug, Clone, Default)]
struct Extra {
    link_target: Box<[u8]>,
    xattrs: Box<[Xattr]>,
    device: u64,
    atime: Option<NodeTime>,
}

/// One node; what is not here lies in the tables of its directory.
#[derive(Debug, Clone, Copy)]
struct Entry {
    size: u64,
    inode: u64,
    mtime_seconds: i64,
    ctime_seconds: i64,
    mtime_nanos: u32,
    ctime_nanos: u32,
    /// Where the name begins in the arena of names.
    name_start: u32,
    content_start: u32,
    content_count: u32,
    /// Position in the table of what is shared.
    shared: u32,
    /// Position in the table of extras, plus one; 0 is none.
    extra: u32,
    /// Permission bits (07777).
    mode: u16,
    name_len: u8,
    kind: NodeKind,
}

const _: () = assert!(size_of::<Entry>() == 64);

/// The entries of one directory, sorted by the bytes of their names. Immutable.
#[derive(Debug)]
pub struct Directory {
    names: Box<[u8]>,
    entries: Box<[Entry]>,
    ids: Box<[BlobId]>,
    shared: Box<[Shared]>,
    extras: Box<[Extra]>,
    rejected: Box<[Box<[u8]>]>,
    subdirectories: u32,
    has_xattrs: bool,
}

impl Directory {
    /// Parses a whole tree blob.
    ///
    /// # Errors
    /// A sentence that says where the text is not a tree.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        let mut builder = DirectoryBuilder::default();
        builder.feed(text, true)?;
        builder.finish()
    }

    /// Entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entry at a position in the order of names.
    #[inline]
    pub fn get(&self, index: usize) -> Option<Node<'_>> {
        self.entries.get(index).map(|entry| Node { directory: self, entry, index })
    }

    /// The entry of that name.
    pub fn find(&self, name: &[u8]) -> Option<Node<'_>> {
        let index = self.entries.binary_search_by(|entry| self.name(entry).cmp(name)).ok()?;
        self.get(index)
    }

    /// All entries in the order of their names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Node<'_>> {
        self.entries.iter().enumerate().map(|(index, entry)| Node { directory: self, entry, index })
    }

    /// Entries that are directories.
    pub fn subdirectories(&self) -> u32 {
        self.subdirectories
    }

    /// Whether any entry has extended attributes.
    pub fn has_xattrs(&self) -> bool {
        self.has_xattrs
    }

    /// Names that cannot be names of files, and were left out.
    pub fn rejected(&self) -> &[Box<[u8]>] {
        &self.rejected
    }

    /// Bytes of memory held.
    pub fn weight_bytes(&self) -> u64 {
        let extras: usize = self
            .extras
            .iter()
            .map(|extra| {
                let xattrs: usize = extra.xattrs.iter().map(|xattr| xattr.name.len() + xattr.value.len() + 32).sum();
                size_of::<Extra>() + extra.link_target.len() + xattrs
            })
            .sum();
        let bytes = size_of::<Self>()
            + self.names.len()
            + self.entries.len() * size_of::<Entry>()
            + self.ids.len() * size_of::<BlobId>()
            + self.shared.len() * size_of::<Shared>()
            + extras;
        bytes as u64
    }

    #[inline]
    fn name(&self, entry: &Entry) -> &[u8] {
        let start = entry.name_start as usize;
        self.names.get(start..start + entry.name_len as usize).unwrap_or_default()
    }
}

/// A view of one entry.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    directory: &'a Directory,
    entry: &'a Entry,
    index: usize,
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
        match self.entry.kind {
            NodeKind::Dir => &[],
            _ => self.ids(),
        }
    }

    /// The tree of a directory.
    #[inline]
    pub fn subtree(&self) -> Option<TreeId> {
        match self.entry.kind {
            NodeKind::Dir => self.ids().first().map(|id| TreeId(id.0)),
            _ => None,
        }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const TREE: &str = r#"{"nodes":[
        {"name":"b","type":"file","mode":420,"mtime":"2026-11-20T10:00:00Z","atime":"2026-11-20T11:00:00Z",
         "ctime":"2026-11-20T10:00:01.5Z","uid":1000,"gid":1001,"user":"ann","group":"staff","inode":42,"device_id":7,
         "size":5,"links":2,"content":["0101010101010101010101010101010101010101010101010101010101010101"],
         "extended_attributes":[{"name":"user.x","value":"aGk="}]},
        {"name":"../up","type":"file","mode":420,"content":null},
        {"name":"a\\xff","type":"dir","mode":2147484141,"content":null,
         "subtree":"0202020202020202020202020202020202020202020202020202020202020202"},
        {"name":"l","type":"symlink","mode":134218239,"linktarget":"lossy","linktarget_raw":"/w=="},
        {"name":"odd","type":"irregular","mode":524708,"generic_attributes":{"x":{"y":[1,2]}},"content":null},
        {"name":"tty","type":"chardev","mode":69206416,"device":1280}
    ]}"#;

    fn directory() -> Directory {
        Directory::parse(TREE.as_bytes()).unwrap()
    }

    #[test]
    fn entries_are_sorted_by_the_bytes_of_their_names() {
        let directory = directory();
        let names: Vec<_> = directory.iter().map(|node| node.name().to_vec()).collect();
        assert_eq!(names, [b"a\xff".to_vec(), b"b".to_vec(), b"l".to_vec(), b"odd".to_vec(), b"tty".to_vec()]);
        assert_eq!(directory.subdirectories(), 1);
    }

    #[test]
    fn every_field_of_a_file_survives() {
        let directory = directory();
        let node = directory.find(b"b").unwrap();
        assert_eq!((node.kind(), node.mode(), node.size(), node.links()), (NodeKind::File, 0o100_644, 5, 2));
        assert_eq!((node.uid(), node.gid(), node.user(), node.group()), (1000, 1001, "ann", "staff"));
        assert_eq!((node.inode(), node.device_id()), (42, 7));
        assert_eq!((node.mtime().seconds, node.atime().seconds), (1_795_168_800, 1_795_172_400));
        assert_eq!((node.ctime().seconds, node.ctime().nanos), (1_795_168_801, 500_000_000));
        assert_eq!(node.content(), [BlobId(bygone_common::Id::new([1; 32]))]);
        assert_eq!(node.xattrs(), [Xattr { name: (*b"user.x").into(), value: (*b"hi").into() }]);
        assert_eq!(node.subtree(), None);
    }

    #[test]
    fn a_directory_knows_its_tree_and_a_link_its_raw_target() {
        let directory = directory();
        let folder = directory.find(b"a\xff").unwrap();
        assert_eq!((folder.kind(), folder.mode()), (NodeKind::Dir, 0o040_755));
        assert_eq!(folder.subtree(), Some(TreeId(bygone_common::Id::new([2; 32]))));
        assert_eq!(directory.find(b"l").unwrap().link_target(), b"\xff");
        let device = directory.find(b"tty").unwrap();
        assert_eq!((device.mode(), device.device()), (0o020_620, 1280));
    }

    #[test]
    fn a_type_nobody_knows_is_listed() {
        assert_eq!(directory().find(b"odd").unwrap().kind(), NodeKind::Unknown);
    }

    #[test]
    fn a_name_that_leaves_its_directory_is_left_out_and_reported() {
        assert_eq!(directory().rejected(), [Box::from(*b"../up")]);
    }

    #[test]
    fn a_text_fed_byte_by_byte_gives_the_same_directory() {
        let mut builder = DirectoryBuilder::default();
        let mut pending = Vec::new();
        for byte in TREE.bytes() {
            pending.push(byte);
            let used = builder.feed(&pending, false).unwrap();
            pending.drain(..used);
        }
        builder.feed(&pending, true).unwrap();
        let fed = builder.finish().unwrap();
        assert!(fed.iter().map(|node| node.name().to_vec()).eq(directory().iter().map(|node| node.name().to_vec())));
    }

    #[test]
    fn a_truncated_tree_is_an_error() {
        for end in 0..TREE.len() - 1 {
            assert!(Directory::parse(&TREE.as_bytes()[..end]).is_err(), "{end}");
        }
    }
}
