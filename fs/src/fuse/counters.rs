//! How many messages of each kind the kernel sent: what makes a mount fast is what is never asked.

use std::sync::atomic::{AtomicU64, Ordering};

/// Kinds of messages that are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Message {
    /// A name is looked up.
    Lookup,
    /// Attributes.
    GetAttr,
    /// A link's target.
    ReadLink,
    /// A file is opened.
    Open,
    /// Content.
    Read,
    /// A file is closed by one of its users.
    Flush,
    /// A file is closed by the last.
    Release,
    /// A directory is opened.
    OpenDir,
    /// Names.
    ReadDir,
    /// Names with attributes.
    ReadDirPlus,
    /// A directory is closed.
    ReleaseDir,
    /// Totals.
    StatFs,
    /// One extended attribute.
    GetXattr,
    /// Names of extended attributes.
    ListXattr,
    /// Anything else that is answered.
    Other,
    /// Content that we gave without being asked.
    Store,
}

/// All kinds with their names.
const NAMES: [&str; 16] = [
    "lookup",
    "getattr",
    "readlink",
    "open",
    "read",
    "flush",
    "release",
    "opendir",
    "readdir",
    "readdirplus",
    "releasedir",
    "statfs",
    "getxattr",
    "listxattr",
    "other",
    "store",
];

/// Counts since the mount was made.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    counts: [AtomicU64; NAMES.len()],
}

impl Counters {
    /// Counts one.
    pub(crate) fn add(&self, message: Message) {
        if let Some(count) = self.counts.get(message as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// All counts by name.
    pub(crate) fn get(&self) -> Vec<(&'static str, u64)> {
        NAMES.iter().zip(&self.counts).map(|(name, count)| (*name, count.load(Ordering::Relaxed))).collect()
    }
}
