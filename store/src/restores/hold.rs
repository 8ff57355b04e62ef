//! Giving restores up, letting them wait, and letting them go on.

use bygone_common::{JobUid, OrgUid, RestoreUid};
use serde_json::json;

use super::{Followed, RestoreState, Restores, may_change, not_in_state};
use crate::actor::Actor;
use crate::error::Result;
use crate::rights::Action;

impl Restores<'_> {
    /// Gives a restore up. Wished twice, it is given up once.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`: the actor; `Conflict`: it is over already.
    pub async fn cancel(&self, actor: &Actor, org: OrgUid, uid: RestoreUid) -> Result<Followed> {
        let org = actor.in_org(org)?;
        let mut tx = self.store.begin().await?;
        let followed = tx.restore(org, uid).await?;
        may_change(actor, &followed.restore)?;
        match followed.state() {
            RestoreState::Cancelled => return Ok(followed),
            RestoreState::Denied | RestoreState::Done | RestoreState::DoneWithErrors | RestoreState::Failed => {
                return Err(not_in_state(&followed, "given up"));
            }
            RestoreState::Checking
            | RestoreState::Ready
            | RestoreState::Approval
            | RestoreState::Queued
            | RestoreState::Running
            | RestoreState::Paused => {}
        }
        let mut restore = followed.restore;
        let now = tx.store().now();
        // What its machine has begun ends when that says so; until then it is not over.
        let is_over = match followed.job.or(followed.check) {
            Some(job) if !job.state.is_final() => {
                let job = tx.job(org, job.uid).await?;
                tx.cancel_job(job).await?.job().state.is_final()
            }
            Some(_) | None => true,
        };
        if is_over {
            restore.cancelled_at = Some(now);
        }
        tx.keep_restore(&restore).await?;
        tx.audit_restore(actor, Action::Change, &restore, json!({ "cancel": true })).await?;
        tx.restore_changes(&restore).await?;
        tx.commit().await?;
        self.get(actor, org, uid).await
    }

    /// Lets a restore wait, or go on.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`: the actor; `Conflict`: it is not being done.
    pub async fn pause(&self, actor: &Actor, org: OrgUid, uid: RestoreUid, waits: bool) -> Result<Followed> {
        let org = actor.in_org(org)?;
        let mut tx = self.store.begin().await?;
        let followed = tx.restore(org, uid).await?;
        may_change(actor, &followed.restore)?;
        let job: JobUid = match (followed.state(), &followed.job) {
            (RestoreState::Queued | RestoreState::Running | RestoreState::Paused, Some(job)) => job.uid,
            (_, _) => return Err(not_in_state(&followed, if waits { "held up" } else { "let go on" })),
        };
        if (followed.state() == RestoreState::Paused) == waits {
            return Ok(followed);
        }
        let job = tx.job(org, job).await?;
        tx.pause_job(job, waits).await?;
        tx.audit_restore(actor, Action::Change, &followed.restore, json!({ "pause": waits })).await?;
        tx.restore_changes(&followed.restore).await?;
        tx.commit().await?;
        self.get(actor, org, uid).await
    }
}
