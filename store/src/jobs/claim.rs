//! Who gets which job.
//!
//! One transaction counts what runs and takes one more; on PostgreSQL no other replica takes a job of the same organization
//! meanwhile. So limits are exact, two never get the same, and what must be alone in a repository is.

use bygone_common::job::{Exclusivity, Failure, FailureCode, JobState, Outcome};
use bygone_common::{AgentUid, LeaseUid, OrgUid};
use jiff::{SignedDuration, Timestamp};
use sqlx::any::AnyRow;

use crate::actor::Actor;
use crate::database::Tx;
use crate::dialect::skip_locked;
use crate::error::{Doing, ErrorKind, Result};
use crate::events::EventKind;
use crate::rights::{Action, Resource};
use crate::row::Columns;

use super::{Job, Jobs, LEASE, Lease, QueueLimits, from_row};

/// Jobs that are looked at before one is taken: those before it may have to wait for a repository.
const CANDIDATES_MAX: i64 = 32;

/// Organizations that a worker looks at before it goes without.
const ORGS_MAX: i64 = 64;

/// How long a job that must be alone waits before others let it through.
pub const PATIENCE: SignedDuration = SignedDuration::from_mins(15);

/// Who asks for a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimer<'a> {
    /// An agent, for a job that is its own.
    Agent(OrgUid, AgentUid),
    /// A worker of the server, by its name, for anybody's.
    Worker(&'a str),
}

impl Jobs<'_> {
    /// Takes the next job, if there is one that may run.
    ///
    /// # Errors
    /// `NotFound`: an agent of another organization; `Unavailable`: the database.
    pub async fn claim(&self, actor: &Actor, claimer: Claimer<'_>, limits: &QueueLimits) -> Result<Option<Job>> {
        actor.require(Action::Run, Resource::Job)?;
        match claimer {
            Claimer::Agent(org, agent) => {
                let org = actor.in_org(org)?;
                if !self.agent_has_some(agent).await? {
                    return Ok(None);
                }
                self.claim_in(org, claimer, limits).await
            }
            Claimer::Worker(_) => {
                for org in self.orgs_in_turn().await? {
                    let org = actor.in_org(org)?;
                    match self.claim_in(org, claimer, limits).await {
                        Ok(None) => {}
                        Ok(Some(job)) => return Ok(Some(job)),
                        Err(error) if *error.kind() == ErrorKind::Unavailable => return Err(error),
                        // What is wrong with one organization's jobs is no reason to do nobody's.
                        Err(error) => tracing::error!(%org, %error, "no job of an organization can be taken"),
                    }
                }
                Ok(None)
            }
        }
    }

    /// Asks before a transaction is begun: most who ask get nothing.
    async fn agent_has_some(&self, agent: AgentUid) -> Result<bool> {
        let row = sqlx::query(
            "select uid from jobs where agent_id = $1 and state = 'queued' and waits = 0 and available_at <= $2 limit 1",
        )
        .bind(agent.to_string())
        .bind(self.store.now().as_microsecond())
        .fetch_optional(self.store.pool())
        .await
        .doing("look for a job")?;
        Ok(row.is_some())
    }

    /// Organizations that have something for the server to do: who has the fewest running goes first, then who waits longest.
    async fn orgs_in_turn(&self) -> Result<Vec<OrgUid>> {
        let rows = sqlx::query(
            "select ready.org_id, ready.since, (select count(*) from jobs where jobs.org_id = ready.org_id and runs_on = \
             'server' and state in ('leased', 'running')) as running from (select org_id, min(available_at) as since \
             from jobs where state = 'queued' and waits = 0 and runs_on = 'server' and available_at <= $1 group by org_id) \
             as ready order by running, ready.since limit $2",
        )
        .bind(self.store.now().as_microsecond())
        .bind(ORGS_MAX)
        .fetch_all(self.store.pool())
        .await
        .doing("look for jobs of the server")?;
        rows.iter().map(|row| row.parsed("org_id")).collect()
    }

    async fn claim_in(&self, org: OrgUid, claimer: Claimer<'_>, limits: &QueueLimits) -> Result<Option<Job>> {
        if !limits.has_room(self.store, org).await? {
            return Ok(None);
        }
        let mut tx = self.store.begin().await?;
        tx.lock_claims(org).await?;
        let has_room = match claimer {
            Claimer::Agent(_, agent) => tx.agent_has_room(agent, limits.agent_max).await?,
            Claimer::Worker(_) => true,
        };
        if !has_room || !tx.org_has_room(org, limits.org_max).await? {
            tx.rollback().await?;
            return Ok(None);
        }
        let mut has_changed = false;
        let mut taken = None;
        for job in tx.candidates(org, claimer).await? {
            if job.closes_at.is_some_and(|closes_at| closes_at <= tx.store().now()) {
                let late = Failure::new(FailureCode::WindowClosed, "the window in which it could begin has closed");
                tx.end_job(job, &Outcome::Failed(late)).await?;
                has_changed = true;
                continue;
            }
            if tx.may_run(&job, limits).await? {
                taken = Some(tx.take(job, claimer).await?);
                break;
            }
        }
        if has_changed || taken.is_some() {
            tx.commit().await?;
        } else {
            tx.rollback().await?;
        }
        if taken.is_some() {
            limits.took(org);
        }
        Ok(taken)
    }
}

impl Tx {
    async fn candidates(&mut self, org: OrgUid, claimer: Claimer<'_>) -> Result<Vec<Job>> {
        let now = self.store().now().as_microsecond();
        let dialect = self.store().dialect();
        let rows: Vec<AnyRow> = match claimer {
            Claimer::Agent(_, agent) => sqlx::query(skip_locked!(
                dialect,
                "select * from jobs where org_id = $1 and agent_id = $2 and state = 'queued' and waits = 0 and \
                 available_at <= $3 order by priority, available_at, uid limit $4"
            ))
            .bind(org.to_string())
            .bind(agent.to_string()),
            Claimer::Worker(_) => sqlx::query(skip_locked!(
                dialect,
                "select * from jobs where org_id = $1 and runs_on = $2 and state = 'queued' and waits = 0 and \
                 available_at <= $3 order by priority, available_at, uid limit $4"
            ))
            .bind(org.to_string())
            .bind("server"),
        }
        .bind(now)
        .bind(CANDIDATES_MAX)
        .fetch_all(self.connection())
        .await
        .doing("look for a job")?;
        rows.iter().map(from_row).collect()
    }

    /// Whether nothing in its repository is in the way. What is asked last may write that the job is the one to try.
    async fn may_run(&mut self, job: &Job, limits: &QueueLimits) -> Result<bool> {
        let is_free = match job.kind().exclusivity() {
            Exclusivity::None => true,
            Exclusivity::Shared => {
                let is_kept_waiting = self.runs_in(job, "exclusive").await?
                    || (job.kind().is_one_at_a_time() && self.alike_runs(job).await?)
                    || self.somebody_lost_patience(job).await?;
                !is_kept_waiting
            }
            Exclusivity::Exclusive => !self.runs_in(job, "exclusive").await? && !self.runs_in(job, "shared").await?,
        };
        Ok(is_free
            && self.repository_has_room(job.repository(), limits.repository_max).await?
            && self.passes_breaker(job).await?)
    }

    async fn runs_in(&mut self, job: &Job, exclusivity: &'static str) -> Result<bool> {
        let row = sqlx::query(
            "select uid from jobs where repository_id = $1 and exclusivity = $2 and state in ('leased', 'running') limit 1",
        )
        .bind(job.repository().to_string())
        .bind(exclusivity)
        .fetch_optional(self.connection())
        .await
        .doing("look what runs in a repository")?;
        Ok(row.is_some())
    }

    /// Whether one of the same kind runs in its repository.
    async fn alike_runs(&mut self, job: &Job) -> Result<bool> {
        let row = sqlx::query(
            "select uid from jobs where repository_id = $1 and kind = $2 and state in ('leased', 'running') limit 1",
        )
        .bind(job.repository().to_string())
        .bind(job.kind().name())
        .fetch_optional(self.connection())
        .await
        .doing("look what runs in a repository")?;
        Ok(row.is_some())
    }

    /// Whether a job that must be alone has waited for so long that others let it through.
    async fn somebody_lost_patience(&mut self, job: &Job) -> Result<bool> {
        let since = self.store().now().checked_sub(PATIENCE).unwrap_or(Timestamp::UNIX_EPOCH);
        let row = sqlx::query(
            "select uid from jobs where repository_id = $1 and state = 'queued' and waits = 0 and exclusivity = 'exclusive' \
             and available_at <= $2 limit 1",
        )
        .bind(job.repository().to_string())
        .bind(since.as_microsecond())
        .fetch_optional(self.connection())
        .await
        .doing("look who waits for a repository")?;
        Ok(row.is_some())
    }

    async fn take(&mut self, mut job: Job, claimer: Claimer<'_>) -> Result<Job> {
        let now = self.store().now();
        let by = match claimer {
            Claimer::Agent(_, agent) => agent.to_string(),
            Claimer::Worker(name) => name.to_owned(),
        };
        let uid = self.store().uid(LeaseUid::new);
        job.lease = Some(Lease { uid, by, expires_at: now.checked_add(LEASE).ok() });
        job.state = JobState::Leased;
        job.attempt += 1;
        job.leased_at = Some(now);
        job.started_at = None;
        self.keep_job(&job).await?;
        job.version += 1;
        self.happens(job.org, job.happening(EventKind::JobLeased)).await?;
        Ok(job)
    }
}
