//! Inode numbers that say where a thing is, so that no table holds one line per file.
//!
//! | bits 63…0 | what |
//! |---|---|
//! | 1 | the mount point |
//! | `1`, 63 bits of hash | a file with several names: all of them have this number |
//! | `01`, 62 bits of hash | a thing of the layout: a directory of snapshots, a snapshot, `latest` |
//! | `00`, 42 bits of directory, 20 bits of position | an entry of a directory inside a snapshot |
//!
//! The number follows from where a thing lies and nothing else, so it is the same in the next mount. The one exception
//! are directories whose hashes collide, where the first one visited keeps the hash.

use std::fmt;

/// Bits of the position in a directory, or in one part of a directory of more entries.
pub const INDEX_BITS: u32 = 20;
/// Entries that share one directory id.
pub const ENTRIES_PER_ID: usize = 1 << INDEX_BITS;

const DIRECTORY_BITS: u32 = 42;
const LINK: u64 = 1 << 63;
const LAYOUT: u64 = 1 << 62;
const DIRECTORY_MASK: u64 = (1 << DIRECTORY_BITS) - 1;
const INDEX_MASK: u64 = (1 << INDEX_BITS) - 1;

/// A file's number, for the kernel and for `st_ino`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Inode(pub u64);

/// The number of (a part of) a directory inside a snapshot. Never zero, so that no entry has the mount point's number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct DirectoryId(u64);

/// What a number says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The mount point, or a thing of the layout: ask the layout.
    Layout,
    /// Any one of the names of a file that has several: ask the table of links.
    Link,
    /// The entry at a position of a directory: ask the table of directories.
    Entry {
        /// The directory, or the part of it.
        directory: DirectoryId,
        /// Position in that part.
        index: u32,
    },
}

impl Inode {
    /// The mount point.
    pub const ROOT: Self = Self(1);

    /// Takes the number apart.
    pub fn place(self) -> Place {
        if self == Self::ROOT {
            return Place::Layout;
        }
        if self.0 & LINK != 0 {
            return Place::Link;
        }
        if self.0 & LAYOUT != 0 {
            return Place::Layout;
        }
        let index = u32::try_from(self.0 & INDEX_MASK).unwrap_or(0);
        Place::Entry { directory: DirectoryId((self.0 >> INDEX_BITS) & DIRECTORY_MASK), index }
    }

    /// The number of a thing of the layout.
    pub fn of_layout(hash: u64) -> Self {
        Self(LAYOUT | (hash & (LAYOUT - 1)))
    }

    /// The number of a file with several names.
    pub fn of_link(hash: u64) -> Self {
        Self(LINK | (hash & (LINK - 1)))
    }

    /// The number of an entry. `index` is the position in that part of the directory.
    pub fn of_entry(directory: DirectoryId, index: u32) -> Self {
        Self((directory.0 << INDEX_BITS) | (u64::from(index) & INDEX_MASK))
    }
}

impl fmt::Debug for Inode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "inode {:#x}", self.0)
    }
}

impl DirectoryId {
    /// The first choice for a part of the directory with that number.
    pub fn preferred(directory: Inode, part: u32) -> Self {
        Self::from_hash(hash(&[directory.0, u64::from(part)]))
    }

    /// What to try when it is taken.
    #[must_use]
    pub fn next(self) -> Self {
        Self::from_hash(self.0 + 1)
    }

    fn from_hash(hash: u64) -> Self {
        Self((hash & DIRECTORY_MASK).max(1))
    }
}

/// A hash that is the same in every version of this program and on every machine.
pub fn hash(words: &[u64]) -> u64 {
    words.iter().fold(0x9e37_79b9_7f4a_7c15, |state, word| mix(state ^ mix(*word)))
}

/// The same for bytes.
pub fn hash_bytes(bytes: &[u8]) -> u64 {
    let words = bytes.chunks(8).map(|chunk| {
        let mut word = [0; 8];
        for (to, from) in word.iter_mut().zip(chunk) {
            *to = *from;
        }
        u64::from_le_bytes(word)
    });
    let state = words.fold(0x9e37_79b9_7f4a_7c15, |state, word| mix(state ^ mix(word)));
    mix(state ^ bytes.len() as u64)
}

/// The finalizer of SplitMix64: every bit of the result depends on every bit of `word`.
fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_number_says_its_directory_and_position() {
        let directory = DirectoryId::preferred(Inode::ROOT, 0);
        let place = Inode::of_entry(directory, 0xf_ffff).place();
        assert_eq!(place, Place::Entry { directory, index: 0xf_ffff });
    }

    #[test]
    fn every_kind_of_number_is_told_apart() {
        assert_eq!(Inode::ROOT.place(), Place::Layout);
        assert_eq!(Inode::of_layout(u64::MAX).place(), Place::Layout);
        assert_eq!(Inode::of_link(u64::MAX).place(), Place::Link);
        assert_eq!(Inode::of_link(0).place(), Place::Link);
    }

    #[test]
    fn no_entry_has_the_number_of_the_mount_point() {
        assert_ne!(Inode::of_entry(DirectoryId::from_hash(0), 1), Inode::ROOT);
    }

    #[test]
    fn hashes_are_the_same_for_ever() {
        assert_eq!(hash(&[1, 2]), 0x762f_1a81_3139_b4b2);
        assert_ne!(hash_bytes(b"a"), hash_bytes(b"a\0"));
    }
}
