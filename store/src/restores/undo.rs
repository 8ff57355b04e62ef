//! Putting back what a restore replaced.

use bygone_common::job::{JobState, Outcome, RestoreSpec, RestoreUndo, Restored};
use bygone_common::{OrgUid, RestoreUid};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{Followed, RestoreState, Restores, is_own, may_change, missing, not_in_state};
use crate::actor::Actor;
use crate::error::{Error, ErrorKind, Result};
use crate::rights::Action;

/// For how long after its end a restore can be undone: agents keep what was replaced for as long.
pub const UNDO_WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Followed {
    /// What there is to put back: what its job replaced and kept; none if nothing, or not any more.
    pub fn undoable(&self, now: Timestamp) -> Option<RestoreUndo> {
        let job = self.job.as_ref()?;
        let restored: &Restored = job.outcome.as_ref().and_then(Outcome::done)?.restore.as_deref()?;
        let is_kept = job.ended_at.is_some_and(|ended_at| now.duration_since(ended_at) < UNDO_WITHIN);
        let was_undone = self.undo.as_ref().is_some_and(|undo| match undo.state {
            JobState::Queued | JobState::Leased | JobState::Running | JobState::Succeeded => true,
            // What could not be put back may be tried again.
            JobState::Partial | JobState::Failed | JobState::Cancelled => false,
        });
        let folder = restored.safety_folder.as_deref()?;
        let name = folder.strip_prefix(&restored.target)?.trim_start_matches(['/', '\\']);
        let undo = RestoreUndo { target: restored.target.clone(), safety_folder: name.to_owned() };
        (is_kept && !was_undone).then_some(undo)
    }
}

impl Restores<'_> {
    /// Has a restore's machine put back what was replaced. What the restore brought is kept there in its turn. `confined`: as
    /// for a restore.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`: the actor; `Conflict`: nothing was replaced, it is back already, or was removed.
    pub async fn undo(&self, actor: &Actor, org: OrgUid, uid: RestoreUid, confined: bool) -> Result<Followed> {
        let org = actor.in_org(org)?;
        let mut tx = self.store.begin().await?;
        let followed = tx.restore(org, uid).await?;
        may_change(actor, &followed.restore)?;
        if !is_own(actor, &followed.restore) {
            return Err(missing(uid));
        }
        match followed.state() {
            RestoreState::Done | RestoreState::DoneWithErrors => {}
            RestoreState::Checking
            | RestoreState::Ready
            | RestoreState::Approval
            | RestoreState::Denied
            | RestoreState::Queued
            | RestoreState::Running
            | RestoreState::Paused
            | RestoreState::Failed
            | RestoreState::Cancelled => return Err(not_in_state(&followed, "undone")),
        }
        let Some(undo) = followed.undoable(self.store.now()) else {
            let sentence = format!("restore {uid} replaced nothing that could be put back now");
            return Err(Error::new(ErrorKind::Conflict, sentence));
        };
        let mut restore = followed.restore;
        let spec = RestoreSpec { undo: Some(Box::new(undo)), confined, dry_run: false, ..restore.spec.clone() };
        restore.undo = Some(tx.job_of_restore(actor, &restore, spec).await?);
        tx.keep_restore(&restore).await?;
        tx.audit_restore(actor, Action::Run, &restore, json!({ "undo": true })).await?;
        tx.restore_changes(&restore).await?;
        tx.commit().await?;
        self.get(actor, org, uid).await
    }
}
