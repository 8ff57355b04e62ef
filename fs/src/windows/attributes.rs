//! Attributes and times in Windows's words.

use bygone_vault::NodeTime;

use crate::core::attributes::{Attributes, Kind};
use crate::core::inode::Place;

/// `FILE_ATTRIBUTE_READONLY`.
pub const READ_ONLY: u32 = 0x1;
/// `FILE_ATTRIBUTE_SYSTEM`: what cannot be opened here, such as a device of the machine that was saved.
pub const SYSTEM: u32 = 0x4;
/// `FILE_ATTRIBUTE_DIRECTORY`.
pub const DIRECTORY: u32 = 0x10;
/// `FILE_ATTRIBUTE_REPARSE_POINT`: a symbolic link.
pub const REPARSE_POINT: u32 = 0x400;

/// Seconds from 1601, where Windows's clock begins, to 1970.
const EPOCH_SECONDS: i64 = 11_644_473_600;
/// Windows counts in 100 nanoseconds.
const TICKS_PER_SECOND: i64 = 10_000_000;
/// How sizes on disk are rounded up.
const ALLOCATION_BYTES: u64 = 4096;

/// The attribute bits of a thing.
pub fn bits(of: &Attributes) -> u32 {
    match of.kind {
        // Not read-only: of a directory that means that it has a look of its own, which Explorer would go and read.
        Kind::Directory => DIRECTORY,
        Kind::File => READ_ONLY,
        // Links of the layout lead to snapshots. Where others lead is not known before they are followed.
        Kind::Symlink if of.inode.place() == Place::Layout => REPARSE_POINT | DIRECTORY,
        Kind::Symlink => REPARSE_POINT | READ_ONLY,
        Kind::BlockDevice | Kind::CharDevice | Kind::Fifo | Kind::Socket => SYSTEM | READ_ONLY,
    }
}

/// Bytes that can be read: a link's target is no content.
pub fn size(of: &Attributes) -> u64 {
    match of.kind {
        Kind::File => of.size,
        Kind::Directory | Kind::Symlink | Kind::BlockDevice | Kind::CharDevice | Kind::Fifo | Kind::Socket => 0,
    }
}

/// Bytes that it would take on a disk.
pub fn allocated(of: &Attributes) -> u64 {
    size(of).checked_next_multiple_of(ALLOCATION_BYTES).unwrap_or(u64::MAX)
}

/// 100 nanoseconds since 1601; earlier times become its first moment.
pub fn file_time(time: NodeTime) -> u64 {
    let ticks = time.seconds.saturating_add(EPOCH_SECONDS).saturating_mul(TICKS_PER_SECOND);
    u64::try_from(ticks.saturating_add(i64::from(time.nanos / 100))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::inode::{DirectoryId, Inode};

    #[test]
    fn links_to_snapshots_are_links_to_directories() {
        let link = |inode| Attributes::of_symlink(inode, b"x", NodeTime::default(), (0, 0));
        assert_eq!(bits(&link(Inode::of_layout(7))), REPARSE_POINT | DIRECTORY);
        let entry = Inode::of_entry(DirectoryId::preferred(Inode::ROOT, 0), 3);
        assert_eq!(bits(&link(entry)), REPARSE_POINT | READ_ONLY);
        assert_eq!(size(&link(entry)), 0);
    }

    #[test]
    fn times_count_from_1601() {
        assert_eq!(file_time(NodeTime { seconds: 0, nanos: 0 }), 116_444_736_000_000_000);
        assert_eq!(file_time(NodeTime { seconds: -EPOCH_SECONDS, nanos: 199 }), 1);
        assert_eq!(file_time(NodeTime { seconds: i64::MIN, nanos: 0 }), 0);
        assert_eq!(file_time(NodeTime { seconds: i64::MAX, nanos: 999_999_999 }), u64::try_from(i64::MAX).unwrap_or(0));
    }
}
