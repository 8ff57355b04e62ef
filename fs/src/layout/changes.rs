//! What a kernel that keeps everything must forget when one layout follows another.

use super::{Children, Layout, What};
use crate::core::inode::Inode;

/// Something that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// A name in a directory means something else, is gone, or is new (and was perhaps known not to exist).
    Name {
        /// The directory.
        directory: Inode,
        /// The name.
        name: Box<[u8]>,
    },
    /// A directory's listing and attributes.
    Directory(Inode),
}

/// Everything that differs between two layouts, in a fixed order: names before listings.
///
/// The kernel takes a directory's lock to forget a name, and so waits for listings of the old layout that are under way;
/// to forget a listing it takes none. In the other order it could keep a listing that began before the refresh.
pub fn changes(before: &Layout, after: &Layout) -> Vec<Change> {
    let mut changes = Vec::new();
    for (inode, entry) in before.iter() {
        let What::Directory(old) = &entry.what else { continue };
        let empty = Children::default();
        let (new, attributes) = match after.get(inode).map(|entry| (&entry.what, entry.attributes)) {
            Some((What::Directory(new), attributes)) => (new, Some(attributes)),
            Some((What::Snapshot(_) | What::Link(_), _)) | None => (&empty, None),
        };
        let names = changed_names(old, new);
        if !names.is_empty() || attributes != Some(entry.attributes) {
            changes.push(Change::Directory(inode));
        }
        changes.extend(names.into_iter().map(|name| Change::Name { directory: inode, name }));
    }
    changes.sort();
    changes
}

fn changed_names(old: &Children, new: &Children) -> Vec<Box<[u8]>> {
    let gone_or_moved =
        old.after(0).iter().filter(|child| new.find(&child.name).map(|now| now.inode) != Some(child.inode));
    let added = new.after(0).iter().filter(|child| old.find(&child.name).is_none());
    gone_or_moved.chain(added).map(|child| child.name.clone()).collect()
}
