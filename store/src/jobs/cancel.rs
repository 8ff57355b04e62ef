//! Giving jobs up, and doing them again.

use bygone_common::job::{JobState, Outcome};
use bygone_common::{AgentUid, JobUid, OrgUid};
use serde_json::json;

use crate::actor::Actor;
use crate::database::Tx;
use crate::error::{Doing, Error, ErrorKind, Result};
use crate::events::EventKind;
use crate::rights::{Action, Resource};
use crate::row::Columns;

use super::{Job, Jobs, NewJob};

/// What became of the wish.
#[derive(Debug, Clone, PartialEq)]
pub enum Cancelled {
    /// Nobody had taken it: it is over.
    AtOnce(Job),
    /// Whoever has it was told, and gives it up.
    Asked(Job),
}

impl Cancelled {
    /// The job.
    pub const fn job(&self) -> &Job {
        match self {
            Self::AtOnce(job) | Self::Asked(job) => job,
        }
    }
}

impl Jobs<'_> {
    /// Gives a job up. Wished twice, it is given up once.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`: the actor; `Conflict`: it is over already.
    pub async fn cancel(&self, actor: &Actor, org: OrgUid, uid: JobUid) -> Result<Cancelled> {
        let org = actor.in_org(org)?;
        self.get(actor, org, uid).await?;
        actor.require(Action::Change, Resource::Job)?;
        let mut tx = self.store.begin().await?;
        let job = tx.job(org, uid).await?;
        let was_wished = job.cancel_requested;
        let done = tx.cancel_job(job).await?;
        if was_wished {
            return Ok(done);
        }
        tx.audit(actor, Action::Change, Resource::Job, uid, json!({ "cancel": true })).await?;
        tx.commit().await?;
        Ok(done)
    }

    /// Does a job again that is over: a new one of the same content.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`: the actor; `Conflict`: it is not over yet, or has succeeded.
    pub async fn retry(&self, actor: &Actor, org: OrgUid, uid: JobUid) -> Result<Job> {
        let org = actor.in_org(org)?;
        let old = self.get(actor, org, uid).await?;
        actor.require(Action::Run, Resource::Job)?;
        match old.state {
            JobState::Failed | JobState::Cancelled | JobState::Partial => {}
            JobState::Succeeded | JobState::Queued | JobState::Leased | JobState::Running => {
                return Err(Error::new(ErrorKind::Conflict, format!("job {uid} has not failed: it is {}", old.state)));
            }
        }
        let mut tx = self.store.begin().await?;
        let mut new = NewJob::new(old.spec, old.agent);
        new.plan = old.plan.zip(old.plan_version);
        new.source = old.source;
        new.attempts_max = old.attempts_max;
        new.retry_of = Some(uid);
        let job = tx.create_job(actor, org, new).await?;
        tx.audit(actor, Action::Run, Resource::Job, job.uid, json!({ "retry_of": uid })).await?;
        tx.commit().await?;
        Ok(job)
    }
}

impl Tx {
    /// Gives up what an agent was to do: it asks for no work any more.
    pub(crate) async fn cancel_jobs_of(&mut self, org: OrgUid, agent: AgentUid) -> Result<()> {
        let rows = sqlx::query(
            "select uid from jobs where org_id = $1 and agent_id = $2 and state in ('queued', 'leased', 'running') order by uid",
        )
        .bind(org.to_string())
        .bind(agent.to_string())
        .fetch_all(self.connection())
        .await
        .doing("look for an agent's jobs")?;
        for row in rows {
            // One may have ended with another that it waited for.
            let job = self.job(org, row.parsed("uid")?).await?;
            if !job.state.is_final() {
                self.cancel_job(job).await?;
            }
        }
        Ok(())
    }

    /// Gives a job up that this transaction read. One that is given up already stays as it is.
    pub(crate) async fn cancel_job(&mut self, mut job: Job) -> Result<Cancelled> {
        Ok(match job.state {
            JobState::Cancelled => Cancelled::AtOnce(job),
            JobState::Succeeded | JobState::Partial | JobState::Failed => {
                let sentence = format!("job {} is over: it has {}", job.uid, job.state);
                return Err(Error::new(ErrorKind::Conflict, sentence));
            }
            JobState::Leased | JobState::Running if job.cancel_requested => Cancelled::Asked(job),
            JobState::Leased | JobState::Running => {
                job.cancel_requested = true;
                self.keep_job(&job).await?;
                job.version += 1;
                self.happens(job.org, job.happening(EventKind::JobCancel)).await?;
                Cancelled::Asked(job)
            }
            JobState::Queued => {
                job.cancel_requested = true;
                Cancelled::AtOnce(self.end_job(job, &Outcome::Cancelled).await?)
            }
        })
    }
}
