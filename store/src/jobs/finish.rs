//! The end of an attempt: all of it is one transaction, so that a server that is killed between any two of its writes has
//! written none of them.

use bygone_common::job::{Failure, FailureCode, JobKind, JobState, Outcome};
use bygone_common::{JobUid, LeaseUid, OrgUid};
use jiff::SignedDuration;
use serde_json::json;

use crate::actor::Actor;
use crate::database::Tx;
use crate::error::Result;
use crate::events::EventKind;
use crate::rights::{Action, Resource};

use super::backoff::backoff;
use super::held::{is_of, lease_lost};
use super::{Job, Jobs};

/// How long a job may wait for storage that is down, from when it was made.
pub const STORAGE_WAIT_MAX: SignedDuration = SignedDuration::from_hours(24);

impl Jobs<'_> {
    /// The job's attempt ended so. Told twice, it ended once; the answer is the job as it is then: over, or in the queue again.
    ///
    /// # Errors
    /// `NotFound`: no such job, or another agent's; `Conflict`: the lease is lost, and somebody else has the job by now.
    pub async fn finish(
        &self,
        actor: &Actor,
        org: OrgUid,
        uid: JobUid,
        lease: LeaseUid,
        outcome: &Outcome,
    ) -> Result<Job> {
        let org = actor.in_org(org)?;
        let mut tx = self.store.begin().await?;
        let job = tx.job(org, uid).await?;
        is_of(actor, &job)?;
        if job.lease.as_ref().is_none_or(|held| held.uid != lease) {
            return Err(lease_lost(uid));
        }
        match job.state {
            JobState::Leased | JobState::Running => {}
            // The lease ran out, and nobody has begun anew: what was done counts. A failure has been counted already.
            JobState::Queued if outcome.done().is_some() => {}
            JobState::Queued => return Ok(job),
            // The answer to the first telling was lost.
            JobState::Succeeded | JobState::Partial | JobState::Failed | JobState::Cancelled => return Ok(job),
        }
        let kind = job.kind();
        let job = tx.end_attempt(job, outcome).await?;
        if matches!(kind, JobKind::Forget | JobKind::Prune | JobKind::Restore) && job.state.is_final() {
            let details = json!({ "kind": kind, "repository": job.repository(), "outcome": job.outcome });
            tx.audit(actor, Action::Run, Resource::Job, job.uid, details).await?;
        }
        tx.commit().await?;
        Ok(job)
    }
}

impl Jobs<'_> {
    /// Whoever has the job stops in good order and leaves it to others: it goes back into the queue, and costs no attempt.
    ///
    /// # Errors
    /// As [`finish`](Self::finish).
    pub async fn give_back(&self, actor: &Actor, org: OrgUid, uid: JobUid, lease: LeaseUid) -> Result<Job> {
        let org = actor.in_org(org)?;
        let mut tx = self.store.begin().await?;
        let mut job = tx.held_job(actor, org, uid, lease).await?;
        // If it was the one to try a storage, it has proved nothing.
        tx.teach_breaker(&job, &Outcome::Cancelled).await?;
        let job = if job.cancel_requested {
            tx.end_job(job, &Outcome::Cancelled).await?
        } else {
            job.attempt -= 1;
            let left = Failure::new(FailureCode::LeaseLost, "whoever did it has stopped, and left it to others");
            tx.put_back(job, &left).await?
        };
        tx.commit().await?;
        Ok(job)
    }
}

impl Tx {
    /// Ends an attempt: for good, or until the next one.
    pub(crate) async fn end_attempt(&mut self, job: Job, outcome: &Outcome) -> Result<Job> {
        self.teach_breaker(&job, outcome).await?;
        if job.cancel_requested && outcome.done().is_none() {
            return self.end_job(job, &Outcome::Cancelled).await;
        }
        match outcome {
            Outcome::Failed(failure) if self.tries_again(&job, failure) => self.put_back(job, failure).await,
            Outcome::Failed(_) | Outcome::Cancelled | Outcome::Succeeded(_) | Outcome::Partial(_) => {
                self.end_job(job, outcome).await
            }
        }
    }

    fn tries_again(&self, job: &Job, failure: &Failure) -> bool {
        let now = self.store().now();
        let waited = now.duration_since(job.created_at);
        // Storage that is down is nobody's fault: it costs no attempt, but there is an end to waiting.
        let has_attempts =
            job.attempt < job.attempts_max || (failure.code.blames_storage() && waited < STORAGE_WAIT_MAX);
        failure.code.may_pass() && has_attempts
    }

    /// Puts a job back into the queue.
    async fn put_back(&mut self, mut job: Job, failure: &Failure) -> Result<Job> {
        let now = self.store().now();
        let wait = match failure.code {
            // Whoever had it went away: nothing is known against trying at once.
            FailureCode::LeaseLost => SignedDuration::ZERO,
            _ => backoff(job.uid, job.attempt),
        };
        job.available_at = now.checked_add(wait).unwrap_or(now);
        job.state = JobState::Queued;
        job.outcome = Some(Outcome::Failed(failure.clone()));
        job.started_at = None;
        if failure.code.blames_storage() {
            job.attempt -= 1;
        }
        if let Some(lease) = job.lease.as_mut() {
            lease.expires_at = None;
        }
        self.keep_job(&job).await?;
        job.version += 1;
        self.happens(job.org, job.happening(EventKind::JobQueued)).await?;
        Ok(job)
    }

    /// Ends a job for good, with all that follows from it.
    pub(crate) async fn end_job(&mut self, mut job: Job, outcome: &Outcome) -> Result<Job> {
        job.state = outcome.state();
        job.outcome = Some(outcome.clone());
        job.ended_at = Some(self.store().now());
        if let Some(lease) = job.lease.as_mut() {
            lease.expires_at = None;
        }
        self.keep_job(&job).await?;
        job.version += 1;
        self.happens(job.org, job.happening(EventKind::JobEnded)).await?;
        self.follow(&job).await?;
        Ok(job)
    }
}
