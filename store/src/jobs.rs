//! The queue of jobs: what is to be done, who has taken it, how it ended.
//!
//! A job goes from queued to leased to running to one of its ends. Whoever takes one holds a lease, and says everything by
//! it; a lease that runs out puts the job back, with one attempt counted, and what its former holder says later is refused.
//!
//! Read in this order: here [`Job`]; [`create`], [`claim`] (who gets which), [`limits`] and [`breaker`] (what waits), [`held`]
//! (start, renew, progress), [`log`], [`finish`] and [`after`] (what an end sets going), [`cancel`], [`expire`], [`backoff`],
//! [`legal_hold`] (those that holds make).

pub mod after;
pub mod backoff;
pub mod breaker;
pub mod cancel;
pub mod claim;
pub mod create;
pub mod days;
pub mod expire;
pub mod finish;
pub mod held;
pub mod legal_hold;
pub mod limits;
pub mod list;
pub mod log;
pub mod measure;
mod pause;

use bygone_common::job::{JobKind, JobSpec, JobState, Outcome, Progress};
use bygone_common::{AgentUid, CorrelationUid, JobUid, LeaseUid, OrgUid, PlanUid, RepositoryUid, RunUid, SourceUid};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;
use sqlx::any::AnyRow;

use crate::actor::Actor;
use crate::database::{Store, Tx};
use crate::error::{Doing, Error, Result};
use crate::events::{EventKind, Happening};
use crate::rights::{Action, Resource, Right};
use crate::row::Columns;

pub use cancel::Cancelled;
pub use claim::Claimer;
pub use create::NewJob;
pub use limits::QueueLimits;
pub use list::JobFilter;

/// How long a job stays taken without a word from whoever has it.
pub const LEASE: SignedDuration = SignedDuration::from_secs(90);

/// How often a lease is to be renewed, in seconds: two answers may be lost.
pub const RENEW_SECONDS: u32 = 30;

/// A job.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its uid.
    pub uid: JobUid,
    /// Whose.
    pub org: OrgUid,
    /// What is to be done.
    pub spec: JobSpec,
    /// Where it stands.
    pub state: JobState,
    /// The smaller number goes first.
    pub priority: i64,
    /// The machine that does it; none: the server.
    pub agent: Option<AgentUid>,
    /// The plan that it is a run of.
    pub plan: Option<PlanUid>,
    /// The version of the plan that counted.
    pub plan_version: Option<i64>,
    /// The run that made it.
    pub run: Option<RunUid>,
    /// What it protects.
    pub source: Option<SourceUid>,
    /// How often it was taken.
    pub attempt: i64,
    /// How often it is taken at most.
    pub attempts_max: i64,
    /// When it may begin.
    pub available_at: Timestamp,
    /// When it may begin no more.
    pub closes_at: Option<Timestamp>,
    /// How many jobs it waits for.
    pub waits: i64,
    /// Who has taken it, or had last.
    pub lease: Option<Lease>,
    /// Somebody wants it to be given up.
    pub cancel_requested: bool,
    /// Whether it is to wait until it may go on.
    pub pause_requested: bool,
    /// How it ended, or how its last attempt did.
    pub outcome: Option<Outcome>,
    /// How far it is.
    pub progress: Option<Progress>,
    /// The job that it does again.
    pub retry_of: Option<JobUid>,
    /// What it has in common with a request, and their logs.
    pub correlation: Option<CorrelationUid>,
    /// `user`, `token`, `agent` or `system`.
    pub created_by_kind: String,
    /// Whose uid, or which part of the server.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was taken last.
    pub leased_at: Option<Timestamp>,
    /// When it was begun last.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Changes with every change.
    pub version: i64,
}

/// The time for which a job stays taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lease {
    /// Its uid, by which everything is said.
    pub uid: LeaseUid,
    /// Who has it: an agent's uid, or a worker's name.
    pub by: String,
    /// When it ends; none once the job is no longer taken.
    pub expires_at: Option<Timestamp>,
}

impl Job {
    /// What kind it is.
    pub const fn kind(&self) -> JobKind {
        self.spec.kind()
    }

    /// The repository that it works on.
    pub fn repository(&self) -> RepositoryUid {
        self.spec.repository()
    }

    /// What listeners are told of it.
    pub(crate) fn happening(&self, kind: EventKind) -> Happening {
        let data = json!({
            "kind": self.kind(),
            "state": self.state,
            "plan": self.plan,
            "repository": self.repository(),
            "attempt": self.attempt,
            "outcome": self.outcome,
        });
        Happening { kind, job: Some(self.uid), agent: self.agent, data }
    }
}

/// Jobs.
#[derive(Debug, Clone, Copy)]
pub struct Jobs<'a> {
    pub(crate) store: &'a Store,
}

impl Store {
    /// Jobs.
    pub const fn jobs(&self) -> Jobs<'_> {
        Jobs { store: self }
    }
}

impl Jobs<'_> {
    /// One job.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get(&self, actor: &Actor, org: OrgUid, uid: JobUid) -> Result<Job> {
        let org = actor.in_org(org)?;
        let row = sqlx::query("select * from jobs where org_id = $1 and uid = $2")
            .bind(org.to_string())
            .bind(uid.to_string())
            .fetch_optional(self.store.pool())
            .await
            .doing("read a job")?;
        let job = from_row(&row.ok_or_else(|| missing(uid))?)?;
        may_see(actor, &job)?;
        Ok(job)
    }
}

/// One's own are those that one made.
fn may_see(actor: &Actor, job: &Job) -> Result<()> {
    let is_own = || actor.who().user().is_some_and(|user| user.to_string() == job.created_by);
    match actor.right(Action::See, Resource::Job) {
        Right::Allowed => Ok(()),
        Right::Own if is_own() => Ok(()),
        Right::Own | Right::Denied => Err(missing(job.uid)),
    }
}

pub(crate) fn missing(uid: JobUid) -> Error {
    Error::not_found(format_args!("job {uid}"))
}

impl Tx {
    /// A job, as this transaction sees it; on PostgreSQL nobody else changes it until it ends.
    pub(crate) async fn job(&mut self, org: OrgUid, uid: JobUid) -> Result<Job> {
        let statement = match self.store().dialect() {
            crate::database::Dialect::Sqlite => "select * from jobs where org_id = $1 and uid = $2",
            crate::database::Dialect::Postgres => "select * from jobs where org_id = $1 and uid = $2 for update",
        };
        let row = sqlx::query(statement)
            .bind(org.to_string())
            .bind(uid.to_string())
            .fetch_optional(self.connection())
            .await
            .doing("read a job")?;
        from_row(&row.ok_or_else(|| missing(uid))?)
    }

    /// Writes what may change of a job.
    pub(crate) async fn keep_job(&mut self, job: &Job) -> Result<()> {
        let text = |value: &Option<Outcome>| value.as_ref().map(serde_json::to_string).transpose();
        let outcome = text(&job.outcome).map_err(|_| crate::jobs::unwritable("outcome"))?;
        let lease = job.lease.as_ref();
        sqlx::query(
            "update jobs set state = $3, attempt = $4, available_at = $5, waits = $6, lease_id = $7, leased_by = $8, \
             lease_expires_at = $9, cancel_requested = $10, outcome = $11, leased_at = $12, started_at = $13, \
             ended_at = $14, version = version + 1, \
             log_base = case when $3 = 'leased' then log_lines else log_base end where org_id = $1 and uid = $2",
        )
        .bind(job.org.to_string())
        .bind(job.uid.to_string())
        .bind(job.state.name())
        .bind(job.attempt)
        .bind(job.available_at.as_microsecond())
        .bind(job.waits)
        .bind(lease.map(|lease| lease.uid.to_string()))
        .bind(lease.map(|lease| lease.by.clone()))
        .bind(lease.and_then(|lease| lease.expires_at).map(Timestamp::as_microsecond))
        .bind(i64::from(job.cancel_requested))
        .bind(outcome)
        .bind(job.leased_at.map(Timestamp::as_microsecond))
        .bind(job.started_at.map(Timestamp::as_microsecond))
        .bind(job.ended_at.map(Timestamp::as_microsecond))
        .execute(self.connection())
        .await
        .doing("change a job")?;
        Ok(())
    }
}

pub(crate) fn unwritable(what: &str) -> Error {
    Error::new(crate::error::ErrorKind::Failed, format!("write the {what} of a job as JSON"))
}

pub(crate) fn from_row(row: &AnyRow) -> Result<Job> {
    let lease = match row.parsed_opt("lease_id")? {
        Some(uid) => Some(Lease {
            uid,
            by: row.text_opt("leased_by")?.unwrap_or_default(),
            expires_at: row.time_opt("lease_expires_at")?,
        }),
        None => None,
    };
    let json = |column: &str| -> Result<bool> { Ok(row.text_opt(column)?.is_some()) };
    Ok(Job {
        uid: row.parsed("uid")?,
        org: row.parsed("org_id")?,
        spec: row.json("spec")?,
        state: row.parsed("state")?,
        priority: row.int("priority")?,
        agent: row.parsed_opt("agent_id")?,
        plan: row.parsed_opt("plan_id")?,
        plan_version: row.int_opt("plan_version")?,
        run: row.parsed_opt("run_id")?,
        source: row.parsed_opt("source_id")?,
        attempt: row.int("attempt")?,
        attempts_max: row.int("attempts_max")?,
        available_at: row.time("available_at")?,
        closes_at: row.time_opt("closes_at")?,
        waits: row.int("waits")?,
        lease,
        cancel_requested: row.flag("cancel_requested")?,
        pause_requested: row.flag("pause_requested")?,
        outcome: if json("outcome")? { Some(row.json("outcome")?) } else { None },
        progress: if json("progress")? { Some(row.json("progress")?) } else { None },
        retry_of: row.parsed_opt("retry_of")?,
        correlation: row.parsed_opt("correlation")?,
        created_by_kind: row.text("created_by_kind")?,
        created_by: row.text("created_by")?,
        created_at: row.time("created_at")?,
        leased_at: row.time_opt("leased_at")?,
        started_at: row.time_opt("started_at")?,
        ended_at: row.time_opt("ended_at")?,
        version: row.int("version")?,
    })
}
