//! New jobs.

use bygone_common::job::{FailureCode, JobSpec, JobState, Outcome, RunsOn};
use bygone_common::{AgentUid, JobUid, OrgUid, PlanUid, RunUid, SourceUid};
use jiff::Timestamp;
use serde_json::json;

use crate::actor::Actor;
use crate::database::Tx;
use crate::error::{Doing, Error, Result};
use crate::events::EventKind;
use crate::rights::{Action, Resource, Right};

use super::{Job, Jobs};

/// Bytes of a job's spec at most.
pub const SPEC_BYTES_MAX: usize = 1 << 20;

/// Jobs that a job may wait for.
pub const DEPENDENCIES_MAX: usize = 1_000;

/// What a new job is made of.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// What is to be done.
    pub spec: JobSpec,
    /// The machine that does it; none for the server's own.
    pub agent: Option<AgentUid>,
    /// The plan, and which version of it.
    pub plan: Option<(PlanUid, i64)>,
    /// The run that makes it.
    pub run: Option<RunUid>,
    /// What it protects.
    pub source: Option<SourceUid>,
    /// How often it is tried at most.
    pub attempts_max: i64,
    /// When it may begin; none: now.
    pub available_at: Option<Timestamp>,
    /// When it may begin no more.
    pub closes_at: Option<Timestamp>,
    /// What it waits for, and whether that must succeed.
    pub depends_on: Vec<(JobUid, bool)>,
    /// The job that it does again.
    pub retry_of: Option<JobUid>,
}

impl NewJob {
    /// A job that waits for nothing, and is tried three times.
    pub const fn new(spec: JobSpec, agent: Option<AgentUid>) -> Self {
        Self {
            spec,
            agent,
            plan: None,
            run: None,
            source: None,
            attempts_max: 3,
            available_at: None,
            closes_at: None,
            depends_on: Vec::new(),
            retry_of: None,
        }
    }
}

impl Jobs<'_> {
    /// Makes a job.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`: the actor; `Invalid`: a job for an agent without one, or the other way round.
    pub async fn create(&self, actor: &Actor, org: OrgUid, new: NewJob) -> Result<Job> {
        let org = actor.in_org(org)?;
        match actor.right(Action::Create, Resource::Job) {
            Right::Allowed | Right::Own => {}
            Right::Denied => actor.require(Action::Create, Resource::Job)?,
        }
        let mut tx = self.store.begin().await?;
        let job = tx.create_job(actor, org, new).await?;
        let details =
            json!({ "kind": job.kind(), "repository": job.repository(), "plan": job.plan, "agent": job.agent });
        tx.audit(actor, Action::Create, Resource::Job, job.uid, details).await?;
        tx.commit().await?;
        Ok(job)
    }
}

impl Tx {
    /// Makes a job by this transaction.
    pub(crate) async fn create_job(&mut self, actor: &Actor, org: OrgUid, new: NewJob) -> Result<Job> {
        let kind = new.spec.kind();
        match (kind.runs_on(), new.agent) {
            (RunsOn::Agent, Some(_)) | (RunsOn::Server, None) => {}
            (RunsOn::Agent, None) => return Err(Error::invalid("agent", format!("a {kind} is done by an agent"))),
            (RunsOn::Server, Some(_)) => {
                return Err(Error::invalid("agent", format!("a {kind} is done by the server")));
            }
        }
        if new.depends_on.len() > DEPENDENCIES_MAX {
            return Err(Error::invalid("depends_on", format!("a job waits for {DEPENDENCIES_MAX} others at most")));
        }
        let now = self.store().now();
        let (plan, plan_version) = new.plan.unzip();
        let mut job = Job {
            uid: self.store().uid(JobUid::new),
            org,
            state: JobState::Queued,
            priority: kind.priority(),
            agent: new.agent,
            plan,
            plan_version,
            run: new.run,
            source: new.source,
            attempt: 0,
            attempts_max: new.attempts_max.max(1),
            available_at: new.available_at.unwrap_or(now),
            closes_at: new.closes_at,
            waits: 0,
            lease: None,
            cancel_requested: false,
            pause_requested: false,
            outcome: None,
            progress: None,
            retry_of: new.retry_of,
            correlation: actor.correlation(),
            created_by_kind: actor.who().kind().to_owned(),
            created_by: actor.who().user().map_or_else(|| actor.who().to_string(), |user| user.to_string()),
            created_at: now,
            leased_at: None,
            started_at: None,
            ended_at: None,
            version: 1,
            spec: new.spec,
        };
        let mut failed = None;
        for (on, must_succeed) in &new.depends_on {
            let on = self.job(org, *on).await?;
            job.waits += i64::from(!on.state.is_final());
            self.add_dependency(&job, &on, *must_succeed).await?;
            if *must_succeed && matches!(on.state, JobState::Failed | JobState::Cancelled) {
                failed = Some(on.uid);
            }
        }
        insert(self, &job).await?;
        if let Some(on) = failed {
            let sentence = format!("job {on}, which it should have waited for, has failed");
            return self.end_job(job, &Outcome::failed(FailureCode::DependencyFailed, sentence)).await;
        }
        self.happens(org, job.happening(EventKind::JobQueued)).await?;
        Ok(job)
    }

    /// Lets a job wait for another, unless that is over.
    async fn add_dependency(&mut self, job: &Job, on: &Job, must_succeed: bool) -> Result<()> {
        sqlx::query(
            "insert into job_dependencies (org_id, job_id, on_id, must_succeed, met) values ($1, $2, $3, $4, $5) \
             on conflict (on_id, job_id) do nothing",
        )
        .bind(job.org.to_string())
        .bind(job.uid.to_string())
        .bind(on.uid.to_string())
        .bind(i64::from(must_succeed))
        .bind(i64::from(on.state.is_final()))
        .execute(self.connection())
        .await
        .doing("let a job wait for another")?;
        Ok(())
    }
}

async fn insert(tx: &mut Tx, job: &Job) -> Result<()> {
    let spec = serde_json::to_string(&job.spec).map_err(|_| super::unwritable("spec"))?;
    if spec.len() > SPEC_BYTES_MAX {
        return Err(Error::invalid("spec", format!("a job's spec has {SPEC_BYTES_MAX} bytes at most")));
    }
    let kind = job.kind();
    sqlx::query(
        "insert into jobs (uid, org_id, kind, state, priority, runs_on, exclusivity, agent_id, repository_id, plan_id, \
         plan_version, run_id, source_id, spec, attempt, attempts_max, available_at, closes_at, waits, cancel_requested, \
         log_lines, log_base, retry_of, correlation, created_by_kind, created_by, created_at, version) values ($1, $2, $3, $4, $5, \
         $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, 0, 0, 0, $20, $21, $22, $23, $24, 1)",
    )
    .bind(job.uid.to_string())
    .bind(job.org.to_string())
    .bind(kind.name())
    .bind(job.state.name())
    .bind(job.priority)
    .bind(kind.runs_on().name())
    .bind(kind.exclusivity().name())
    .bind(job.agent.map(|agent| agent.to_string()))
    .bind(job.repository().to_string())
    .bind(job.plan.map(|plan| plan.to_string()))
    .bind(job.plan_version)
    .bind(job.run.map(|run| run.to_string()))
    .bind(job.source.map(|source| source.to_string()))
    .bind(spec)
    .bind(job.attempt)
    .bind(job.attempts_max)
    .bind(job.available_at.as_microsecond())
    .bind(job.closes_at.map(Timestamp::as_microsecond))
    .bind(job.waits)
    .bind(job.retry_of.map(|of| of.to_string()))
    .bind(job.correlation.map(|correlation| correlation.to_string()))
    .bind(&job.created_by_kind)
    .bind(&job.created_by)
    .bind(job.created_at.as_microsecond())
    .execute(tx.connection())
    .await
    .doing("create a job")?;
    Ok(())
}
