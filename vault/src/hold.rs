//! Holding snapshots: no rule and no person forgets one that is held, until it is released.
//!
//! What a hold is and how it lies in a snapshot's tags says [`bygone_common::hold`]. Where the storage locks files, a hold is
//! its legal hold too: [`change`] sees to the snapshot's own file, and [`worm::follow_holds`] to all that it needs.

use bygone_common::SnapshotId;
use bygone_common::hold::{Hold, HoldTag};
use jiff::Timestamp;

use crate::backend::{FileId, FileKind, ObjectLock, Storage};
use crate::error::{ErrorKind, Result};
use crate::repository::Repository;
use crate::snapshot::Snapshot;
use crate::snapshot::rewrite::{Retagged, retag};
use crate::worm;

/// What happens to the holds of a snapshot.
#[derive(Debug, Clone)]
pub enum Change {
    /// One is put there, or takes the place of the one of its case.
    Add(Hold),
    /// Those of a case end. One that cannot be read is named by its whole tag.
    Release(String),
}

/// Changes the holds of a snapshot; answers its new id, or `None` when it was held so already, or not at all.
///
/// Where the storage locks files, the snapshot's own file is under legal hold afterwards if it was before, or is held from now
/// on: whoever asks which snapshots are held asks for that. To lift it is the last that [`worm::follow_holds`] does.
///
/// # Errors
/// As [`retag`]. Afterwards there may be two files of the snapshot, never none.
pub fn change(
    repository: &Repository,
    storage: &dyn Storage,
    object_lock: Option<&ObjectLock>,
    snapshot: SnapshotId,
    change: &Change,
) -> Result<Option<SnapshotId>> {
    let (done, is_held_now) = match change {
        Change::Add(hold) => (add(repository, storage, snapshot, hold)?, true),
        Change::Release(case) => (release(repository, storage, snapshot, case)?, false),
    };
    let Some(Retagged { id, old_stays }) = done else { return Ok(None) };
    let (old, new) = (FileId::new(FileKind::Snapshot, snapshot), FileId::new(FileKind::Snapshot, id));
    let Some(object_lock) = object_lock else { return old_stays.map_or(Ok(Some(id)), Err) };
    let mut old_stays = old_stays;
    if worm::in_force(object_lock) {
        let was_held = old_stays.is_some() && object_lock.protection(old)?.has_legal_hold;
        // The new file is held before the old one is let go.
        if is_held_now || was_held {
            legal_hold(object_lock, new, true);
        }
        if was_held {
            legal_hold(object_lock, old, false);
            old_stays = storage.remove(old).err();
        }
    }
    // Where the storage keeps the old file all the same, it is hidden, so that the snapshot is not listed twice.
    match old_stays {
        None => {}
        Some(why) if why.kind() == ErrorKind::Retained => object_lock.hide(old)?,
        Some(why) => return Err(why),
    }
    Ok(Some(id))
}

/// Puts the file of a snapshot under legal hold, or lifts that. What keeps that from being done is told by whoever does the
/// same with all that the snapshot needs; its tags say already whether it is held.
fn legal_hold(object_lock: &ObjectLock, file: FileId, on: bool) {
    if let Err(error) = object_lock.set_legal_hold(file, on) {
        tracing::warn!(error = error.chain(), on, "the legal hold of a snapshot's file stays as it is");
    }
}

/// Holds a snapshot; one of the same case is replaced. Answers `None` when it is held so already.
///
/// # Errors
/// As [`retag`].
pub fn add(
    repository: &Repository,
    storage: &dyn Storage,
    snapshot: SnapshotId,
    hold: &Hold,
) -> Result<Option<Retagged>> {
    retag(repository, storage, snapshot, |tags| {
        let tag = hold.to_tag();
        if tags.contains(&tag) {
            return tags.to_vec();
        }
        let mut tags = without(tags, hold.case());
        tags.push(tag);
        tags
    })
}

/// Ends the holds of a case. One that cannot be read is named by its whole tag. Answers `None` when it
/// had none of that case.
///
/// # Errors
/// As [`retag`].
pub fn release(
    repository: &Repository,
    storage: &dyn Storage,
    snapshot: SnapshotId,
    case: &str,
) -> Result<Option<Retagged>> {
    retag(repository, storage, snapshot, |tags| without(tags, case))
}

/// The holds of a snapshot, also those that have ended.
pub fn of(snapshot: &Snapshot) -> Vec<HoldTag> {
    snapshot.tags.iter().filter_map(|tag| HoldTag::of(tag)).collect()
}

/// The holds of a snapshot that hold at `now`.
pub fn holding(snapshot: &Snapshot, now: Timestamp) -> Vec<HoldTag> {
    of(snapshot).into_iter().filter(|hold| hold.holds_at(now)).collect()
}

/// Whether a hold is of this case.
fn is_of_case(hold: &HoldTag, case: &str) -> bool {
    match hold {
        HoldTag::Read(hold) => hold.case() == case,
        HoldTag::Unreadable(tag) => tag == case,
    }
}

fn without(tags: &[String], case: &str) -> Vec<String> {
    let of_case = |tag: &str| HoldTag::of(tag).is_some_and(|hold| is_of_case(&hold, case));
    tags.iter().filter(|tag| !of_case(tag)).cloned().collect()
}
