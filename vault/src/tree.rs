//! A directory of a snapshot, compact: what a tree blob says, in 64 bytes an entry plus its name and 32 bytes a blob id.
//!
//! Trees are untrusted input: whoever wrote the repository chose every name in them. Names that cannot be names
//! (`..`, one with a slash) never become entries; they are kept aside in [`Directory::rejected`].
//!
//! Here the tables of a directory; [`node`] views one entry of them, [`parse`] fills them.

mod name;
mod node;
mod parse;
mod time;

use std::mem::size_of;

use bygone_common::{BlobId, Sid};

pub(crate) use name::unquoted;
pub use node::{Node, NodeKind, WindowsAttributes, Xattr};
pub(crate) use parse::DirectoryBuilder;
pub use time::NodeTime;

/// The part of a node that most nodes share with their neighbors.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct Shared {
    links: u32,
    uid: u32,
    gid: u32,
    device_id: u64,
    user: Box<str>,
    group: Box<str>,
    /// On Windows: owner, group and access lists, and the owner that they name.
    descriptor: Box<[u8]>,
    sid: Option<Sid>,
}

/// The part of a node that few nodes have.
#[derive(Debug, Clone, Default)]
struct Extra {
    link_target: Box<[u8]>,
    xattrs: Box<[Xattr]>,
    device: u64,
    atime: Option<NodeTime>,
    creation_time: Option<u64>,
    file_attributes: Option<u32>,
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
            + self.shared.iter().map(|shared| size_of::<Shared>() + shared.descriptor.len()).sum::<usize>()
            + extras;
        bytes as u64
    }

    #[inline]
    fn name(&self, entry: &Entry) -> &[u8] {
        let start = entry.name_start as usize;
        self.names.get(start..start + entry.name_len as usize).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
