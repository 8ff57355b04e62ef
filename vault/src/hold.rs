//! Holding snapshots: no rule and no person forgets one that is held, until it is released.
//!
//! What a hold is and how it lies in a snapshot's tags says [`bygone_common::hold`].

use bygone_common::SnapshotId;
use bygone_common::hold::{Hold, HoldTag};
use jiff::Timestamp;

use crate::backend::Storage;
use crate::error::Result;
use crate::repository::Repository;
use crate::snapshot::Snapshot;
use crate::snapshot::rewrite::{Retagged, retag};

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
pub fn is_of_case(hold: &HoldTag, case: &str) -> bool {
    match hold {
        HoldTag::Read(hold) => hold.case() == case,
        HoldTag::Unreadable(tag) => tag == case,
    }
}

fn without(tags: &[String], case: &str) -> Vec<String> {
    let of_case = |tag: &str| HoldTag::of(tag).is_some_and(|hold| is_of_case(&hold, case));
    tags.iter().filter(|tag| !of_case(tag)).cloned().collect()
}
