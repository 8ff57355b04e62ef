//! Jobs: runs with a state and an outcome.

use axum::extract::State;
use axum::http::StatusCode;
use bygone_common::job::{ConflictRule, JobKind, JobSpec, JobState, LogLevel, Outcome, Progress, WordError};
use bygone_common::{AgentUid, JobUid, OrgUid, PlanUid, RepositoryUid, RunUid, SourceUid};
use bygone_store::jobs::log::Numbered;
use bygone_store::jobs::{Cancelled, Job, JobFilter, NewJob};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ListBody, PageQuery};
use crate::app::App;
use crate::conditional::Tagged;
use crate::extract::{Json, Path, Query};
use crate::identity::step_up;
use crate::problem::{Problem, ProblemCode, Result};
use crate::signed::{Me, Signed};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get))
        .routes(routes!(cancel))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(retry))
        .routes(routes!(log))
}

/// A job.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobBody {
    #[schema(value_type = uuid::Uuid)]
    uid: JobUid,
    kind: JobKind,
    state: JobState,
    /// What is to be done. No secret is in it.
    spec: JobSpec,
    /// The machine that does it; null: the server.
    #[schema(value_type = Option<uuid::Uuid>)]
    agent: Option<AgentUid>,
    #[schema(value_type = uuid::Uuid)]
    repository: RepositoryUid,
    #[schema(value_type = Option<uuid::Uuid>)]
    plan: Option<PlanUid>,
    plan_version: Option<i64>,
    /// The run that made it.
    #[schema(value_type = Option<uuid::Uuid>)]
    run: Option<RunUid>,
    #[schema(value_type = Option<uuid::Uuid>)]
    source: Option<SourceUid>,
    /// How often it was taken, and how often at most.
    attempt: i64,
    attempts_max: i64,
    /// How many jobs it waits for.
    waits: i64,
    /// When it may begin.
    available_at: jiff::Timestamp,
    /// When it may begin no more.
    closes_at: Option<jiff::Timestamp>,
    /// Somebody wants it to be given up.
    cancel_requested: bool,
    /// Somebody wants it to wait.
    pause_requested: bool,
    progress: Option<Progress>,
    /// How it ended, or how its last attempt did.
    outcome: Option<Outcome>,
    /// The job that it does again.
    #[schema(value_type = Option<uuid::Uuid>)]
    retry_of: Option<JobUid>,
    /// What it has in common with a request, and their logs.
    correlation: Option<String>,
    /// `user`, `token`, `agent` or `system`.
    created_by_kind: String,
    created_by: String,
    created_at: jiff::Timestamp,
    started_at: Option<jiff::Timestamp>,
    ended_at: Option<jiff::Timestamp>,
}

impl From<Job> for JobBody {
    fn from(job: Job) -> Self {
        Self {
            uid: job.uid,
            kind: job.kind(),
            state: job.state,
            repository: job.repository(),
            agent: job.agent,
            plan: job.plan,
            plan_version: job.plan_version,
            run: job.run,
            source: job.source,
            attempt: job.attempt,
            attempts_max: job.attempts_max,
            waits: job.waits,
            available_at: job.available_at,
            closes_at: job.closes_at,
            cancel_requested: job.cancel_requested,
            pause_requested: job.pause_requested,
            progress: job.progress,
            outcome: job.outcome,
            retry_of: job.retry_of,
            correlation: job.correlation.map(|correlation| correlation.to_string()),
            created_by_kind: job.created_by_kind,
            created_by: job.created_by,
            created_at: job.created_at,
            started_at: job.started_at,
            ended_at: job.ended_at,
            spec: job.spec,
        }
    }
}

/// Which jobs are meant.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct JobsQuery {
    /// Items at most: 1 to 500, 50 if not said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
    kind: Option<JobKind>,
    /// In one of these states: `failed,partial`.
    state: Option<String>,
    /// Made at this time or later.
    since: Option<jiff::Timestamp>,
    /// Made before.
    before: Option<jiff::Timestamp>,
    #[param(value_type = Option<uuid::Uuid>)]
    source: Option<SourceUid>,
    #[param(value_type = Option<uuid::Uuid>)]
    plan: Option<PlanUid>,
    #[param(value_type = Option<uuid::Uuid>)]
    run: Option<RunUid>,
    #[param(value_type = Option<uuid::Uuid>)]
    agent: Option<AgentUid>,
    #[param(value_type = Option<uuid::Uuid>)]
    repository: Option<RepositoryUid>,
}

/// A new job that no plan makes: a restore, or work of the server on a repository.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewJobBody {
    spec: JobSpec,
    /// The machine that restores.
    #[serde(default)]
    #[schema(value_type = Option<uuid::Uuid>)]
    agent: Option<AgentUid>,
}

/// A line of a job's log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LogLineBody {
    /// Its place, from 1 on.
    seq: i64,
    at: jiff::Timestamp,
    level: LogLevel,
    text: String,
}

impl From<Numbered> for LogLineBody {
    fn from(numbered: Numbered) -> Self {
        let Numbered { seq, line } = numbered;
        Self { seq, at: line.at, level: line.level, text: line.text }
    }
}

/// Lists jobs, the newest first. Who sees only their own sees those that they made.
#[utoipa::path(
    get, path = "/orgs/{org}/jobs", tag = "jobs", params(("org" = uuid::Uuid, Path), JobsQuery),
    responses((status = 200, body = ListBody<JobBody>), (status = "default", body = Problem))
)]
async fn list(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Query(query): Query<JobsQuery>,
) -> Result<Json<ListBody<JobBody>>> {
    let page = super::page(query.limit, query.after.as_deref())?;
    let JobsQuery { kind, state, since, before, source, plan, run, agent, repository, limit: _, after: _ } = query;
    let word = |word: &str| {
        word.parse().map_err(|error: WordError| Problem::new(ProblemCode::Malformed, error.to_string()).about("state"))
    };
    let states = state.iter().flat_map(|text| text.split(',')).map(word).collect::<Result<_>>()?;
    let filter = JobFilter { kind, states, since, before, source, plan, run, agent, repository };
    let jobs = app.store.jobs().list(&actor, org, &filter, &page).await?;
    Ok(Json(ListBody::of(jobs, JobBody::from)))
}

/// Whether a job takes away what does not come back, or what keeps it: snapshots, packs, files of a machine, a legal hold.
fn destroys(spec: &JobSpec) -> bool {
    match spec {
        JobSpec::Forget(_) | JobSpec::Prune(_) | JobSpec::LegalHold(_) => true,
        JobSpec::Restore(spec) => match spec.on_conflict {
            ConflictRule::Overwrite | ConflictRule::Newer | ConflictRule::SetAside => !spec.dry_run,
            ConflictRule::Fail | ConflictRule::Skip | ConflictRule::KeepBoth => false,
        },
        JobSpec::Mirror(spec) => spec.delete,
        JobSpec::Backup(_) | JobSpec::Catalog(_) | JobSpec::Verify(_) | JobSpec::Copy(_) => false,
    }
}

/// Makes a job: a catalog refresh, a forget, a prune, a verify, a copy, a mirror or a legal hold. Backups are made by running a
/// plan. What removes something (a forget, a prune, a mirror that deletes) or may lift a legal hold asks for the second factor.
#[utoipa::path(
    post, path = "/orgs/{org}/jobs", tag = "jobs", request_body = NewJobBody, params(("org" = uuid::Uuid, Path)),
    responses((status = 201, body = JobBody), (status = "default", body = Problem))
)]
async fn create(
    State(app): State<App>,
    me: Me,
    Path(org): Path<OrgUid>,
    Json(body): Json<NewJobBody>,
) -> Result<(StatusCode, Tagged<Json<JobBody>>)> {
    if destroys(&body.spec) {
        step_up::require(&app, &me.proven)?;
    }
    let job = crate::jobs::create(&app, &me.actor, org, NewJob::new(body.spec, body.agent)).await?;
    Ok((StatusCode::CREATED, Tagged { version: job.version, body: Json(job.into()) }))
}

/// Shows a job.
#[utoipa::path(
    get, path = "/orgs/{org}/jobs/{job}", tag = "jobs",
    params(("org" = uuid::Uuid, Path), ("job" = uuid::Uuid, Path)),
    responses((status = 200, body = JobBody), (status = "default", body = Problem))
)]
async fn get(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, job)): Path<(OrgUid, JobUid)>,
) -> Result<Tagged<Json<JobBody>>> {
    let job = app.store.jobs().get(&actor, org, job).await?;
    Ok(Tagged { version: job.version, body: Json(job.into()) })
}

/// Gives a job up: at once when nobody has taken it (200), otherwise as soon as whoever has it was told (202).
#[utoipa::path(
    post, path = "/orgs/{org}/jobs/{job}/cancel", tag = "jobs",
    params(("org" = uuid::Uuid, Path), ("job" = uuid::Uuid, Path)),
    responses((status = 200, body = JobBody), (status = 202, body = JobBody), (status = "default", body = Problem))
)]
async fn cancel(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, job)): Path<(OrgUid, JobUid)>,
) -> Result<(StatusCode, Json<JobBody>)> {
    Ok(match app.store.jobs().cancel(&actor, org, job).await? {
        Cancelled::AtOnce(job) => (StatusCode::OK, Json(job.into())),
        Cancelled::Asked(job) => (StatusCode::ACCEPTED, Json(job.into())),
    })
}

/// Lets a restore wait: whoever does it keeps it, and writes nothing until it may go on.
#[utoipa::path(
    post, path = "/orgs/{org}/jobs/{job}/pause", tag = "jobs",
    params(("org" = uuid::Uuid, Path), ("job" = uuid::Uuid, Path)),
    responses((status = 200, body = JobBody), (status = "default", body = Problem))
)]
async fn pause(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, job)): Path<(OrgUid, JobUid)>,
) -> Result<Json<JobBody>> {
    Ok(Json(app.store.jobs().pause(&actor, org, job, true).await?.into()))
}

/// Lets a restore go on that was made to wait.
#[utoipa::path(
    post, path = "/orgs/{org}/jobs/{job}/resume", tag = "jobs",
    params(("org" = uuid::Uuid, Path), ("job" = uuid::Uuid, Path)),
    responses((status = 200, body = JobBody), (status = "default", body = Problem))
)]
async fn resume(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, job)): Path<(OrgUid, JobUid)>,
) -> Result<Json<JobBody>> {
    Ok(Json(app.store.jobs().pause(&actor, org, job, false).await?.into()))
}

/// Does a job again that has failed or was given up: a new one of the same content.
#[utoipa::path(
    post, path = "/orgs/{org}/jobs/{job}/retry", tag = "jobs",
    params(("org" = uuid::Uuid, Path), ("job" = uuid::Uuid, Path)),
    responses((status = 201, body = JobBody), (status = "default", body = Problem))
)]
async fn retry(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, job)): Path<(OrgUid, JobUid)>,
) -> Result<(StatusCode, Json<JobBody>)> {
    let job = app.store.jobs().retry(&actor, org, job).await?;
    Ok((StatusCode::CREATED, Json(job.into())))
}

/// Shows a job's log, a page at a time, from its first line on.
#[utoipa::path(
    get, path = "/orgs/{org}/jobs/{job}/log", tag = "jobs",
    params(("org" = uuid::Uuid, Path), ("job" = uuid::Uuid, Path), PageQuery),
    responses((status = 200, body = ListBody<LogLineBody>), (status = "default", body = Problem))
)]
async fn log(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, job)): Path<(OrgUid, JobUid)>,
    Query(page): Query<PageQuery>,
) -> Result<Json<ListBody<LogLineBody>>> {
    let lines = app.store.jobs().lines(&actor, org, job, &page.page()?).await?;
    Ok(Json(ListBody::of(lines, LogLineBody::from)))
}
