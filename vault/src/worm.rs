//! Repositories whose files cannot be removed before a time (WORM: write once, read many), by S3 Object Lock.
//!
//! The policy stands in the config, so that every writer of ours goes by it: see [`apply`]. A file is retained from when
//! it was written. A later snapshot that uses it again does not prolong that: [`extend`] does, for what the snapshots that
//! live need and for nothing else, so that the rest of the bucket becomes free in its time.
//!
//! Other programs write to such a repository without retention: [`status`] counts what is not retained, and [`extend`]
//! makes up for it.

mod each;
mod extend;
mod legal_hold;
mod needed;
mod status;

use crate::backend::ObjectLock;
use crate::backend::object_lock::{Probed, RetentionPolicy};
use crate::config::Config;
use crate::error::Result;

pub use each::Missing;
pub use extend::{Extended, extend};
pub use legal_hold::{Followed, LegallyHeld, follow_holds, hold_legally, release_legally};
pub use status::{KindStatus, status};

/// What became of a repository's policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// It has none.
    None,
    /// What is written from now on is retained.
    Protected(RetentionPolicy),
    /// The storage cannot retain anything: a copy of the repository on a disk, or a server in between.
    InVain(RetentionPolicy),
}

/// Whether what is written to this storage is retained. Only then a hold of a snapshot is a legal hold too.
pub fn in_force(object_lock: &ObjectLock) -> bool {
    object_lock.policy().is_some()
}

/// Makes storage retain what is written to a repository, as its config says. To be called before anything is written.
///
/// # Errors
/// `Unsupported` when this machine's clock is wrong; whatever the server answers.
pub fn apply(config: &Config, object_lock: Option<&ObjectLock>) -> Result<Applied> {
    match (config.bygone.worm, object_lock) {
        (None, _) => Ok(Applied::None),
        (Some(policy), None) => Ok(Applied::InVain(policy)),
        (Some(policy), Some(object_lock)) => {
            object_lock.check_clock()?;
            object_lock.protect(policy);
            Ok(Applied::Protected(policy))
        }
    }
}

/// Makes ready for a new repository whose files are to be retained: the bucket, if there is none; then nothing is taken on
/// trust of what it says about itself. From then on what is written is retained. Takes some seconds.
///
/// # Errors
/// `Unsupported` with what is missing, or for a server that takes Object Lock and does not keep it; `Denied` for keys that
/// may not do what is needed; whatever else the server answers.
pub fn prepare(object_lock: &ObjectLock, policy: RetentionPolicy) -> Result<Probed> {
    object_lock.create_bucket()?;
    object_lock.check_bucket()?;
    let probed = object_lock.probe(policy.mode)?;
    object_lock.protect(policy);
    Ok(probed)
}
