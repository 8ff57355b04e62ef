//! Attributes and lifetimes in fuser's words.

use std::cell::RefCell;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bygone_vault::{NodeTime, Pieces};
use fuser::{FileAttr, FileType, INodeNo, ReplyData};

use crate::core::attributes::{Attributes, Kind};
use crate::core::inode::Inode;

/// As good as for ever: 34 years. The kernel computes with it, so it must not be the largest number there is.
pub(super) const FOREVER: Duration = Duration::from_secs(1 << 30);
/// Bytes that the kernel asks for at once, and the block size that programs are advised to use.
const BLOCK_BYTES: u32 = 4096;

thread_local! {
    /// Bytes of a read that spans several blobs; a reply is one slice.
    static JOINED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Attributes as the kernel wants them.
pub(super) fn attributes(of: &Attributes) -> FileAttr {
    FileAttr {
        ino: INodeNo(of.inode.0),
        size: of.size,
        blocks: of.blocks(),
        atime: time(of.accessed),
        mtime: time(of.modified),
        ctime: time(of.changed),
        crtime: time(of.changed),
        kind: kind(of.kind),
        perm: of.permissions,
        nlink: of.links,
        uid: of.uid,
        gid: of.gid,
        rdev: of.device,
        blksize: BLOCK_BYTES,
        flags: 0,
    }
}

/// An entry that says: there is no such name, and you may remember that.
pub(super) fn nothing() -> FileAttr {
    let time = NodeTime::default();
    attributes(&Attributes::of_directory(Inode(0), 0, time, (0, 0)))
}

pub(super) fn kind(kind: Kind) -> FileType {
    match kind {
        Kind::File => FileType::RegularFile,
        Kind::Directory => FileType::Directory,
        Kind::Symlink => FileType::Symlink,
        Kind::BlockDevice => FileType::BlockDevice,
        Kind::CharDevice => FileType::CharDevice,
        Kind::Fifo => FileType::NamedPipe,
        Kind::Socket => FileType::Socket,
    }
}

/// Sends the bytes of a read.
pub(super) fn bytes(reply: ReplyData, pieces: &Pieces) {
    match pieces.as_single() {
        Some(slice) => reply.data(slice),
        None => JOINED.with_borrow_mut(|joined| {
            joined.clear();
            pieces.copy_to(joined);
            reply.data(joined);
        }),
    }
}

/// Times no system knows become its epoch.
fn time(of: NodeTime) -> SystemTime {
    let nanos = Duration::from_nanos(u64::from(of.nanos));
    let seconds = Duration::from_secs(of.seconds.unsigned_abs());
    let time = if of.seconds >= 0 { UNIX_EPOCH.checked_add(seconds) } else { UNIX_EPOCH.checked_sub(seconds) };
    time.and_then(|time| time.checked_add(nanos)).unwrap_or(UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn times_before_1970_keep_their_fraction() {
        let before = time(NodeTime { seconds: -2, nanos: 750_000_000 });
        assert_eq!(UNIX_EPOCH.duration_since(before).unwrap(), Duration::from_millis(1250));
    }

    #[test]
    fn a_time_that_no_clock_holds_does_not_end_the_program() {
        time(NodeTime { seconds: i64::MIN, nanos: 0 });
        time(NodeTime { seconds: i64::MAX, nanos: 999_999_999 });
    }
}
