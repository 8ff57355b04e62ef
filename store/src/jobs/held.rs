//! What is said of a job by whoever has it: begun, still at it, how far.

use bygone_common::job::{JobState, Progress};
use bygone_common::{JobUid, LeaseUid, OrgUid};
use jiff::Timestamp;
use serde_json::json;

use crate::actor::{Actor, Who};
use crate::database::Tx;
use crate::error::{Doing, Error, ErrorKind, Result};
use crate::events::{EventKind, Happening};
use crate::row::Columns;

use super::{Job, Jobs, LEASE};

/// Where a job stands for whoever has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// When the lease ends now.
    pub expires_at: Timestamp,
    /// Whether to give it up.
    pub cancel: bool,
    /// Whether to wait until it may go on.
    pub pause: bool,
}

/// The lease was lost: somebody else has the job, or it is over.
pub(crate) fn lease_lost(uid: JobUid) -> Error {
    Error::new(ErrorKind::Conflict, format!("the lease of job {uid} is lost"))
}

impl Jobs<'_> {
    /// The job is begun. Said twice, it is begun once.
    ///
    /// # Errors
    /// `NotFound`: no such job, or another agent's; `Conflict`: the lease is lost.
    pub async fn start(&self, actor: &Actor, org: OrgUid, uid: JobUid, lease: LeaseUid) -> Result<Standing> {
        let org = actor.in_org(org)?;
        let mut tx = self.store.begin().await?;
        let mut job = tx.held_job(actor, org, uid, lease).await?;
        let expires_at = renewed(&tx);
        let was_running = job.state == JobState::Running;
        job.state = JobState::Running;
        job.started_at = job.started_at.or(Some(tx.store().now()));
        if let Some(lease) = job.lease.as_mut() {
            lease.expires_at = Some(expires_at);
        }
        tx.keep_job(&job).await?;
        if !was_running {
            tx.happens(org, job.happening(EventKind::JobRunning)).await?;
        }
        tx.commit().await?;
        Ok(Standing { expires_at, cancel: job.cancel_requested, pause: job.pause_requested })
    }

    /// Whoever has the job is still at it.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn renew(&self, actor: &Actor, org: OrgUid, uid: JobUid, lease: LeaseUid) -> Result<Standing> {
        self.still(actor, org, uid, lease, None).await
    }

    /// How far the job is; renews the lease as well.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn progress(
        &self,
        actor: &Actor,
        org: OrgUid,
        uid: JobUid,
        lease: LeaseUid,
        progress: &Progress,
    ) -> Result<Standing> {
        self.still(actor, org, uid, lease, Some(progress)).await
    }

    /// One statement: thousands say it every half minute.
    async fn still(
        &self,
        actor: &Actor,
        org: OrgUid,
        uid: JobUid,
        lease: LeaseUid,
        progress: Option<&Progress>,
    ) -> Result<Standing> {
        let org = actor.in_org(org)?;
        let mut tx = self.store.begin().await?;
        let expires_at = renewed(&tx);
        let text = progress.map(serde_json::to_string).transpose().map_err(|_| super::unwritable("progress"))?;
        let row = sqlx::query(
            "update jobs set lease_expires_at = $5, progress = coalesce($6, progress) where org_id = $1 and uid = $2 and \
             lease_id = $3 and ($4 = '' or agent_id = $4) and state in ('leased', 'running') \
             returning cancel_requested, pause_requested, agent_id",
        )
        .bind(org.to_string())
        .bind(uid.to_string())
        .bind(lease.to_string())
        .bind(agent_of(actor))
        .bind(expires_at.as_microsecond())
        .bind(text)
        .fetch_optional(tx.connection())
        .await
        .doing("renew a lease")?;
        let Some(row) = row else {
            drop(tx);
            return Err(self.why_not(actor, org, uid).await?);
        };
        if let Some(progress) = progress {
            let data = json!(progress);
            let agent = row.parsed_opt("agent_id")?;
            let happening = Happening { kind: EventKind::JobProgress, job: Some(uid), agent, data };
            tx.happens(org, happening).await?;
        }
        let (cancel, pause) = (row.flag("cancel_requested")?, row.flag("pause_requested")?);
        let standing = Standing { expires_at, cancel, pause };
        tx.commit().await?;
        Ok(standing)
    }

    /// Why a lease could not be renewed.
    async fn why_not(&self, actor: &Actor, org: OrgUid, uid: JobUid) -> Result<Error> {
        let mut tx = self.store.begin().await?;
        let job = tx.job(org, uid).await?;
        is_of(actor, &job)?;
        Ok(lease_lost(uid))
    }

    /// Of these jobs, those that whoever has them should give up: cancelled, or no longer theirs.
    ///
    /// # Errors
    /// `NotFound`: another organization.
    pub async fn to_give_up(&self, actor: &Actor, org: OrgUid, held: &[(JobUid, LeaseUid)]) -> Result<Vec<JobUid>> {
        let org = actor.in_org(org)?;
        let mut give_up = Vec::new();
        for (uid, lease) in held {
            let row = sqlx::query(
                "select cancel_requested from jobs where org_id = $1 and uid = $2 and lease_id = $3 and \
                 state in ('leased', 'running')",
            )
            .bind(org.to_string())
            .bind(uid.to_string())
            .bind(lease.to_string())
            .fetch_optional(self.store.pool())
            .await
            .doing("look for jobs to give up")?;
            let goes_on = row.map(|row| row.flag("cancel_requested")).transpose()?.is_some_and(|cancel| !cancel);
            if !goes_on {
                give_up.push(*uid);
            }
        }
        Ok(give_up)
    }
}

fn renewed(tx: &Tx) -> Timestamp {
    let now = tx.store().now();
    now.checked_add(LEASE).unwrap_or(now)
}

/// The agent's uid that statements compare with; empty for the server itself.
fn agent_of(actor: &Actor) -> String {
    match actor.who() {
        Who::Agent(agent) => agent.to_string(),
        Who::User(_) | Who::Token(..) | Who::System(_) => String::new(),
    }
}

/// An agent says something of its own jobs only.
pub(crate) fn is_of(actor: &Actor, job: &Job) -> Result<()> {
    match actor.who() {
        Who::Agent(agent) if job.agent == Some(*agent) => Ok(()),
        Who::System(_) => Ok(()),
        Who::Agent(_) | Who::User(_) | Who::Token(..) => Err(super::missing(job.uid)),
    }
}

impl Tx {
    /// A job that is taken by this lease.
    pub(crate) async fn held_job(&mut self, actor: &Actor, org: OrgUid, uid: JobUid, lease: LeaseUid) -> Result<Job> {
        let job = self.job(org, uid).await?;
        is_of(actor, &job)?;
        let is_held = matches!(job.state, JobState::Leased | JobState::Running);
        if is_held && job.lease.as_ref().is_some_and(|held| held.uid == lease) { Ok(job) } else { Err(lease_lost(uid)) }
    }
}
