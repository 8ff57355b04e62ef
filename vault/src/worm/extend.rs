//! Prolonging the retention of what snapshots need.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bygone_common::TreeId;

use super::each::{Missing, each};
use super::needed::needed;
use crate::backend::object_lock::{Prolonged, Retention};
use crate::backend::{CancelToken, FileId, FileKind, ObjectLock};
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::repository::Repository;
use crate::snapshot::Snapshot;

/// What was prolonged.
#[derive(Debug, Default)]
pub struct Extended {
    /// Files that the snapshots need.
    pub needed: u64,
    /// Those that are retained for longer now.
    pub prolonged: u64,
    /// Those that were retained for long enough.
    pub already: u64,
    /// Files that are not there.
    pub missing: Vec<Missing>,
    /// Blobs that no index file knows of.
    pub missing_blobs: u64,
    /// Directories that cannot be read, and why: what only they need was not prolonged.
    pub broken: Vec<(TreeId, Error)>,
}

/// Retains for at least so long what `snapshots` need: the packs that they use, the index files that name these, the
/// snapshots themselves, and all keys and the config. Never shortens anything; a retention that is not over keeps its mode.
///
/// # Errors
/// What the storage answers; `Cancelled`. To call it again goes on where it ended.
pub fn extend(
    repository: &Repository,
    object_lock: &ObjectLock,
    snapshots: &[Arc<Snapshot>],
    retention: Retention,
    token: &CancelToken,
    progress: &dyn Progress,
) -> Result<Extended> {
    object_lock.check_clock()?;
    let needed = needed(repository, snapshots, token, progress)?;
    let mut files = needed.files;
    let keys = repository.backend().list(FileKind::Key)?;
    files.extend(keys.iter().map(|key| FileId::new(FileKind::Key, key.id)));
    files.push(FileId::CONFIG);
    let (prolonged, already) = (AtomicU64::new(0), AtomicU64::new(0));
    let missing = each("lock files", &files, token, progress, |file| {
        let counter = match object_lock.extend(file, retention)? {
            Prolonged::Now => &prolonged,
            Prolonged::Already => &already,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(())
    })?;
    Ok(Extended {
        needed: files.len() as u64,
        prolonged: prolonged.into_inner(),
        already: already.into_inner(),
        missing,
        missing_blobs: needed.missing_blobs,
        broken: needed.broken,
    })
}
