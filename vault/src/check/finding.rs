//! What a check can find.

use std::fmt;

use bygone_common::{IndexId, KeyId, PackId, SnapshotId};

use crate::error::Error;

/// Something that is wrong, or worth knowing.
#[derive(Debug, Clone)]
pub enum Finding {
    /// A key file cannot be read.
    Key {
        /// Which.
        id: KeyId,
        /// Why.
        why: Error,
    },
    /// An index file cannot be read.
    IndexFile {
        /// Which.
        id: IndexId,
        /// Why.
        why: Error,
    },
    /// A snapshot file cannot be read.
    Snapshot {
        /// Which.
        id: SnapshotId,
        /// Why.
        why: Error,
    },
    /// A pack is named by an index file, but not there.
    PackMissing {
        /// Which.
        pack: PackId,
        /// Blobs that it should hold.
        blobs: u64,
    },
    /// A pack has another size than its blobs and its header.
    PackSize {
        /// Which.
        pack: PackId,
        /// Its size.
        stored_bytes: u64,
        /// What it should be.
        expected_bytes: u64,
    },
    /// The bytes of a pack are not those that were written.
    PackDamaged {
        /// Which.
        pack: PackId,
        /// What is wrong with it: one sentence each.
        faults: Vec<String>,
    },
    /// A pack could not be read.
    PackUnread {
        /// Which.
        pack: PackId,
        /// Why.
        why: Error,
    },
    /// No index file names a pack. A writer was killed, or is at work.
    PackUnindexed {
        /// Which.
        pack: PackId,
        /// Its size.
        stored_bytes: u64,
    },
    /// A folder cannot be read.
    Folder {
        /// The newest snapshot that has it.
        snapshot: SnapshotId,
        /// Its path there.
        path: String,
        /// Why.
        why: Error,
    },
    /// A file cannot be read as a whole.
    File {
        /// The newest snapshot that has it.
        snapshot: SnapshotId,
        /// Its path there.
        path: String,
        /// Why.
        why: Error,
    },
    /// A folder holds a name that is none, such as `..`; the entry is left out everywhere.
    Name {
        /// The newest snapshot that has it.
        snapshot: SnapshotId,
        /// The folder's path there.
        path: String,
        /// The name.
        name: String,
    },
    /// What rustic_core found.
    SecondOpinion {
        /// In its words.
        text: String,
        /// Whether it calls it an error.
        is_error: bool,
    },
}

impl Finding {
    /// Whether something cannot be read because of it. Otherwise it is only worth knowing.
    pub fn is_error(&self) -> bool {
        match self {
            Self::PackUnindexed { .. } => false,
            Self::SecondOpinion { is_error, .. } => *is_error,
            Self::Key { .. }
            | Self::IndexFile { .. }
            | Self::Snapshot { .. }
            | Self::PackMissing { .. }
            | Self::PackSize { .. }
            | Self::PackDamaged { .. }
            | Self::PackUnread { .. }
            | Self::Folder { .. }
            | Self::File { .. }
            | Self::Name { .. } => true,
        }
    }

    /// A stable name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Key { .. } => "key",
            Self::IndexFile { .. } => "index-file",
            Self::Snapshot { .. } => "snapshot",
            Self::PackMissing { .. } => "pack-missing",
            Self::PackSize { .. } => "pack-size",
            Self::PackDamaged { .. } => "pack-damaged",
            Self::PackUnread { .. } => "pack-unread",
            Self::PackUnindexed { .. } => "pack-unindexed",
            Self::Folder { .. } => "folder",
            Self::File { .. } => "file",
            Self::Name { .. } => "name",
            Self::SecondOpinion { .. } => "second-opinion",
        }
    }

    /// The pack that is wrong, if a pack is.
    pub fn pack(&self) -> Option<PackId> {
        match self {
            Self::PackMissing { pack, .. }
            | Self::PackSize { pack, .. }
            | Self::PackDamaged { pack, .. }
            | Self::PackUnread { pack, .. } => Some(*pack),
            Self::PackUnindexed { .. }
            | Self::Key { .. }
            | Self::IndexFile { .. }
            | Self::Snapshot { .. }
            | Self::Folder { .. }
            | Self::File { .. }
            | Self::Name { .. }
            | Self::SecondOpinion { .. } => None,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key { id, why } => write!(f, "key {}: {}", id.short(), why.chain()),
            Self::IndexFile { id, why } => write!(f, "index file {}: {}", id.short(), why.chain()),
            Self::Snapshot { id, why } => write!(f, "snapshot {}: {}", id.short(), why.chain()),
            Self::PackMissing { pack, blobs } => {
                write!(f, "pack {pack} is missing, and with it {blobs} blobs")
            }
            Self::PackSize { pack, stored_bytes, expected_bytes } => {
                write!(f, "pack {pack} has {stored_bytes} bytes, and should have {expected_bytes}")
            }
            Self::PackDamaged { pack, faults } => write!(f, "pack {pack} is damaged: {}", faults.join("; ")),
            Self::PackUnread { pack, why } => write!(f, "pack {pack}: {}", why.chain()),
            Self::PackUnindexed { pack, stored_bytes } => {
                write!(f, "pack {pack} ({stored_bytes} bytes) is in no index file: a prune will remove it")
            }
            Self::Folder { snapshot, path, why } => {
                write!(f, "folder {path} of snapshot {}: {}", snapshot.short(), why.chain())
            }
            Self::File { snapshot, path, why } => {
                write!(f, "file {path} of snapshot {}: {}", snapshot.short(), why.chain())
            }
            Self::Name { snapshot, path, name } => {
                write!(f, "folder {path} of snapshot {} holds an entry named {name:?}", snapshot.short())
            }
            Self::SecondOpinion { text, .. } => write!(f, "rustic_core says: {text}"),
        }
    }
}
