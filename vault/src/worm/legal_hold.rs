//! Legal hold of snapshots, in the storage itself: on their files, the packs they use, and the index files that name these.

use std::collections::HashSet;
use std::sync::Arc;

use bygone_common::TreeId;
use jiff::Timestamp;
use parking_lot::Mutex;

use super::each::{Missing, each};
use super::needed::{Needed, needed};
use crate::backend::{CancelToken, FileId, FileKind, ObjectLock};
use crate::error::{Error, Result};
use crate::hold;
use crate::progress::Progress;
use crate::repository::Repository;
use crate::snapshot::Snapshot;

/// What was put under legal hold, or was released from it.
#[derive(Debug, Default)]
pub struct LegallyHeld {
    /// Files of which that was asked.
    pub files: u64,
    /// Files that the snapshots need and that stay under hold, because others that are held need them too.
    pub still_needed: u64,
    /// Files that are not there.
    pub missing: Vec<Missing>,
    /// Directories that cannot be read, and why: what only they need was not touched.
    pub broken: Vec<(TreeId, Error)>,
}

/// What became of what a snapshot needs.
#[derive(Debug)]
pub struct Followed {
    /// Whether the snapshot is held: the files were put under legal hold then, and released from it otherwise.
    pub is_held: bool,
    /// The files.
    pub files: LegallyHeld,
}

/// Brings the storage in line with the holds that a snapshot has at `now`: what it needs is under legal hold while one of them
/// holds it, and no longer.
///
/// # Errors
/// What the storage answers; `Cancelled`. To call it again goes on.
pub fn follow_holds(
    repository: &Repository,
    object_lock: &ObjectLock,
    snapshot: &Arc<Snapshot>,
    now: Timestamp,
    token: &CancelToken,
    progress: &dyn Progress,
) -> Result<Followed> {
    let is_held = !hold::holding(snapshot, now).is_empty();
    let follow = if is_held { hold_legally } else { release_legally };
    let files = follow(repository, object_lock, std::slice::from_ref(snapshot), token, progress)?;
    Ok(Followed { is_held, files })
}

/// Puts `snapshots` under legal hold: whatever they need cannot be removed by anybody until that is lifted.
///
/// # Errors
/// What the storage answers; `Cancelled`. To call it again goes on.
pub fn hold_legally(
    repository: &Repository,
    object_lock: &ObjectLock,
    snapshots: &[Arc<Snapshot>],
    token: &CancelToken,
    progress: &dyn Progress,
) -> Result<LegallyHeld> {
    let Needed { files, broken, missing_blobs: _ } = needed(repository, snapshots, token, progress)?;
    // Looked at first: where only a marker hides a file, some servers take the hold, and nobody can read it all the same.
    let hold = |file: FileId| match object_lock.protection(file)?.has_legal_hold {
        true => Ok(()),
        false => object_lock.set_legal_hold(file, true),
    };
    let missing = each("hold files", &files, token, progress, hold)?;
    Ok(LegallyHeld { files: files.len() as u64, still_needed: 0, missing, broken })
}

/// Lifts the legal hold of `snapshots`, save from what other snapshots need that are held. A snapshot is held when its own
/// file is.
///
/// # Errors
/// What the storage answers; `Cancelled`. To call it again goes on: the files of the snapshots are released last.
pub fn release_legally(
    repository: &Repository,
    object_lock: &ObjectLock,
    snapshots: &[Arc<Snapshot>],
    token: &CancelToken,
    progress: &dyn Progress,
) -> Result<LegallyHeld> {
    let released: HashSet<_> = snapshots.iter().map(|snapshot| snapshot.id).collect();
    let all = repository.snapshots();
    let others: Vec<Arc<Snapshot>> = all.iter().filter(|snapshot| !released.contains(&snapshot.id)).cloned().collect();
    let others = held(object_lock, &others, token, progress)?;
    let kept = needed(repository, &others, token, progress)?;
    let wanted = needed(repository, snapshots, token, progress)?;
    let kept_files: HashSet<FileId> = kept.files.into_iter().collect();
    let (still, free): (Vec<FileId>, Vec<FileId>) =
        wanted.files.into_iter().partition(|file| kept_files.contains(file));
    let (last, first): (Vec<FileId>, Vec<FileId>) = free.into_iter().partition(|file| file.kind == FileKind::Snapshot);
    // What a held snapshot's unreadable directory needs is not known: nothing is released then.
    let mut broken = kept.broken;
    let mut report = LegallyHeld { still_needed: still.len() as u64, ..LegallyHeld::default() };
    if broken.is_empty() {
        for files in [first, last] {
            let release = |file: FileId| object_lock.set_legal_hold(file, false);
            report.missing.extend(each("release files", &files, token, progress, release)?);
            report.files += files.len() as u64;
        }
    }
    broken.extend(wanted.broken);
    Ok(LegallyHeld { broken, ..report })
}

/// Those of `snapshots` whose files are under legal hold.
fn held(
    object_lock: &ObjectLock,
    snapshots: &[Arc<Snapshot>],
    token: &CancelToken,
    progress: &dyn Progress,
) -> Result<Vec<Arc<Snapshot>>> {
    let held = Mutex::new(HashSet::new());
    let files: Vec<FileId> = snapshots.iter().map(|snapshot| FileId::new(FileKind::Snapshot, snapshot.id)).collect();
    each("look for other holds", &files, token, progress, |file| {
        if object_lock.protection(file)?.has_legal_hold {
            held.lock().insert(file.id);
        }
        Ok(())
    })?;
    let held = held.into_inner();
    Ok(snapshots.iter().filter(|snapshot| held.contains(&snapshot.id.0)).cloned().collect())
}
