//! What a restore tells at its end: the plan that was made against the machine as it was, and what became of it.

use serde::{Deserialize, Serialize};

/// Entries of a plan that are told one by one; the numbers count all of them.
pub const ENTRIES_TOLD_MAX: usize = 500;
/// Bytes of the paths of all entries that are told.
pub const ENTRIES_BYTES_MAX: usize = 256 << 10;
/// Problems that are told one by one.
pub const PROBLEMS_TOLD_MAX: usize = 100;

/// What a restore found and did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Restored {
    /// The folder that everything is in, or would be.
    pub target: String,
    /// The folder of the snapshot whose entries go there.
    pub folder: String,
    /// What was planned.
    pub plan: RestorePlan,
    /// Files that were read back and are as in the snapshot; none when nobody asked for that.
    pub verified: Option<u64>,
    /// Files left alone because the conflict rule said so.
    pub skipped: u64,
    /// The folder in which what was replaced lies now, if anything was set aside.
    pub safety_folder: Option<String>,
    /// What could not be restored: the first of it.
    pub problems: Vec<RestoreProblem>,
}

/// A restore, thought through before the first byte is written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct RestorePlan {
    /// Files to make where nothing is.
    pub create: u64,
    /// Files to put in place of others.
    pub replace: u64,
    /// Files to put beside others.
    pub beside: u64,
    /// Files that are as in the snapshot.
    pub unchanged: u64,
    /// Files that the conflict rule leaves as they are.
    pub skip: u64,
    /// What is in the way and may not be touched.
    pub conflict: u64,
    /// Folders to make.
    pub folders: u64,
    /// What cannot be restored at all.
    pub errors: u64,
    /// Bytes to write.
    pub bytes: u64,
    /// Bytes to fetch for them.
    pub bytes_fetched: u64,
    /// Bytes that are free where they go, if the system tells.
    pub bytes_free: Option<u64>,
    /// The entries that are not as in the snapshot already, conflicts first.
    pub entries: Vec<PlannedEntry>,
    /// How many more there are.
    pub entries_untold: u64,
}

/// What will become of one file or folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PlannedEntry {
    /// Its path below the target.
    pub path: String,
    /// What it is: `file`, `dir`, `symlink` and so on.
    pub kind: String,
    /// `create`, `replace`, `create-beside`, `renew`, `skip` or `conflict`.
    pub action: String,
    /// Bytes of its content.
    pub bytes: u64,
}

/// What could not be restored, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RestoreProblem {
    /// Its path below the target.
    pub path: String,
    /// Why.
    pub why: String,
}
