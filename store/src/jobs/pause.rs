//! Letting a job wait, and letting it go on.

use bygone_common::job::{JobKind, JobState};
use bygone_common::{JobUid, OrgUid};
use serde_json::json;

use crate::actor::Actor;
use crate::database::Tx;
use crate::error::{Doing, Error, ErrorKind, Result};
use crate::rights::{Action, Resource};

use super::{Job, Jobs};

impl Jobs<'_> {
    /// Lets a restore wait, or go on. Whoever has it is told with the next that he says of it, and keeps it meanwhile.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`: the actor; `Conflict`: it is over, or no job of a kind that can wait.
    pub async fn pause(&self, actor: &Actor, org: OrgUid, uid: JobUid, waits: bool) -> Result<Job> {
        let org = actor.in_org(org)?;
        self.get(actor, org, uid).await?;
        actor.require(Action::Change, Resource::Job)?;
        let mut tx = self.store.begin().await?;
        let job = tx.job(org, uid).await?;
        let was_waiting = job.pause_requested;
        let job = tx.pause_job(job, waits).await?;
        if was_waiting == waits {
            return Ok(job);
        }
        tx.audit(actor, Action::Change, Resource::Job, uid, json!({ "pause": waits })).await?;
        tx.commit().await?;
        Ok(job)
    }
}

impl Tx {
    /// Lets a restore that this transaction read wait, or go on.
    pub(crate) async fn pause_job(&mut self, mut job: Job, waits: bool) -> Result<Job> {
        let uid = job.uid;
        if job.kind() != JobKind::Restore {
            return Err(Error::new(ErrorKind::Conflict, format!("job {uid} is no restore: only those can wait")));
        }
        match job.state {
            JobState::Queued | JobState::Leased | JobState::Running => {}
            JobState::Succeeded | JobState::Partial | JobState::Failed | JobState::Cancelled => {
                return Err(Error::new(ErrorKind::Conflict, format!("job {uid} is over: it has {}", job.state)));
            }
        }
        if job.pause_requested == waits {
            return Ok(job);
        }
        // One column of its own: whoever keeps the rest of the row at the same time does not undo it.
        sqlx::query("update jobs set pause_requested = $3, version = version + 1 where org_id = $1 and uid = $2")
            .bind(job.org.to_string())
            .bind(uid.to_string())
            .bind(i64::from(waits))
            .execute(self.connection())
            .await
            .doing("let a job wait or go on")?;
        job.pause_requested = waits;
        job.version += 1;
        Ok(job)
    }
}
