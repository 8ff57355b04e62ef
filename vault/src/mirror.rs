//! Mirroring a repository: the same files at another place, byte by byte, which open with the same passwords.
//!
//! Nothing is decrypted: every file but the config is named by the SHA-256 of its bytes, which is checked on the way. What
//! names other files is copied after what it names, so that a mirror that was cut off is a valid repository as of some
//! moment before, or, the first time, none yet: the config comes last.
//!
//! Read in this order: `survey` (what lies at both places, and what follows), `copy` (one file), `delete` (what is gone at
//! the source), `seen` (telling a mirror from a repository of its own).

mod copy;
mod delete;
mod seen;
mod survey;

use bygone_common::SnapshotId;

use crate::backend::{Backend, CancelToken, FileId, FileKind, Storage};
use crate::error::{Error, Result};
use crate::progress::Progress;

pub use delete::Delete;
pub use seen::Seen;
pub use survey::{MirrorPlan, is_mirror};

/// Kinds of files, in the order in which they are copied: what is named comes before what names it.
const ORDER: [FileKind; 4] = [FileKind::Pack, FileKind::Index, FileKind::Snapshot, FileKind::Key];
/// Files that are copied at once; each is held in memory.
const COPIES: usize = 4;

/// How to mirror.
#[derive(Debug, Clone, Default)]
pub struct MirrorOptions {
    /// Reads also what lies at the mirror already, and replaces what is damaged.
    pub verify: bool,
    /// What becomes of files at the mirror that the source does not have.
    pub delete: Delete,
    /// Snapshots that the source is known to have had: those at the mirror that are neither there nor here were put there
    /// by somebody else.
    pub seen: Vec<SnapshotId>,
}

/// Files and their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Count {
    fn add(&mut self, bytes: u64) {
        self.files += 1;
        self.bytes += bytes;
    }
}

/// What was done.
#[derive(Debug, Clone, Default)]
pub struct Mirrored {
    /// Files that were copied.
    pub copied: Count,
    /// Files that lay at the mirror already.
    pub present: Count,
    /// Of these, those that were read and found damaged; they are among the copied.
    pub repaired: Count,
    /// Files at the mirror that the source does not have, and that stay.
    pub extra: Count,
    /// Files that were deleted at the mirror.
    pub deleted: Count,
    /// Files of the source that are damaged, and were not copied. The mirror may have them from before.
    pub damaged: Vec<(FileId, Error)>,
}

/// Copies what the plan names, then deletes if that was asked for.
///
/// `token` is asked before each file.
///
/// # Errors
/// `Cancelled`; what either storage answers. What was copied stays, and is not copied again.
pub fn execute(
    plan: &MirrorPlan,
    from: &dyn Backend,
    to: &dyn Storage,
    token: &CancelToken,
    progress: &dyn Progress,
) -> Result<Mirrored> {
    let mut mirrored = copy::all(plan, from, to, token, progress)?;
    delete::all(plan, to, token, progress, &mut mirrored)?;
    Ok(mirrored)
}
