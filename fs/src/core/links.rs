//! Files with several names: one number for all of them, and one of the names for each number.

use std::collections::HashMap;

use bygone_vault::{Node, NodeKind};
use parking_lot::RwLock;

use super::inode::{DirectoryId, Inode, hash};

/// Any one name of each file with several names that somebody has seen.
#[derive(Debug, Default)]
pub struct Links {
    names: RwLock<HashMap<Inode, (DirectoryId, u32)>>,
}

impl Links {
    /// Remembers a name of the file with that number, unless one is known.
    pub fn note(&self, inode: Inode, directory: DirectoryId, index: u32) {
        if !self.names.read().contains_key(&inode) {
            self.names.write().insert(inode, (directory, index));
        }
    }

    /// A name of the file with that number.
    pub fn get(&self, inode: Inode) -> Option<(DirectoryId, u32)> {
        self.names.read().get(&inode).copied()
    }
}

/// The number that all names of this file share; `None` when it has one name only.
///
/// Numbers of the source count within one snapshot, whose root is `root`. A file that changed between the moments when
/// two of its names were saved is two files: content, mode, owner and modification time are part of the hash, so that
/// names with one number never differ in what a reader gets.
pub fn shared_inode(node: Node<'_>, root: Inode) -> Option<Inode> {
    if node.kind() == NodeKind::Dir || node.links() <= 1 || node.inode() == 0 {
        return None;
    }
    let id = |blob: Option<&bygone_common::BlobId>| match blob {
        Some(blob) => super::inode::hash_bytes(blob.as_bytes()),
        None => 0,
    };
    let content = node.content();
    Some(Inode::of_link(hash(&[
        root.0,
        node.device_id(),
        node.inode(),
        u64::from(node.mode()),
        (u64::from(node.uid()) << 32) | u64::from(node.gid()),
        node.size(),
        node.mtime().seconds.cast_unsigned(),
        u64::from(node.mtime().nanos),
        content.len() as u64,
        id(content.first()),
        id(content.last()),
        super::inode::hash_bytes(node.link_target()),
    ])))
}
