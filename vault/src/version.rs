//! When two nodes are the same version of something.

use crate::tree::Node;

/// Whether a person would call the metadata the same: kind, permissions, owner, size, time of change, target, device
/// and attributes. Times of access and of inode changes, inode numbers and link counts are not part of a version:
/// they change without anybody editing.
pub(crate) fn same_metadata(left: Node<'_>, right: Node<'_>) -> bool {
    left.mode() == right.mode()
        && left.kind() == right.kind()
        && left.uid() == right.uid()
        && left.gid() == right.gid()
        && left.size() == right.size()
        && left.mtime() == right.mtime()
        && left.link_target() == right.link_target()
        && left.device() == right.device()
        && left.xattrs() == right.xattrs()
}

/// Whether everything that was stored is the same, as restic compares it: also times of access and of inode changes,
/// owners' names, inode numbers, link counts, and what is below a directory.
pub(crate) fn same_stored(left: Node<'_>, right: Node<'_>) -> bool {
    same_metadata(left, right)
        && left.name() == right.name()
        && left.content() == right.content()
        && left.subtree() == right.subtree()
        && left.atime() == right.atime()
        && left.ctime() == right.ctime()
        && left.user() == right.user()
        && left.group() == right.group()
        && left.inode() == right.inode()
        && left.device_id() == right.device_id()
        && left.links() == right.links()
}

/// Whether the bytes are the same: of a file its blobs, of a directory all that is below it.
pub(crate) fn same_content(left: Node<'_>, right: Node<'_>) -> bool {
    left.kind() == right.kind()
        && left.content() == right.content()
        && left.subtree() == right.subtree()
        && left.link_target() == right.link_target()
        && left.device() == right.device()
}
