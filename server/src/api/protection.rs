//! How well everything is protected: what a console shows first.

use axum::extract::State;
use bygone_common::job::{JobKind, JobState};
use bygone_common::{AgentUid, JobUid, OrgUid, PlanUid, RepositoryUid, SourceUid};
use bygone_store::jobs::days::JobDay;
use bygone_store::protection::{Ended, Protection, Verified};
use jiff::Timestamp;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::extract::{Json, Path, Query};
use crate::problem::{Problem, ProblemCode, Result};
use crate::signed::Signed;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(protection)).routes(routes!(job_days)).routes(routes!(mirrors))
}

/// How a job ended.
#[derive(Debug, Serialize, ToSchema)]
struct JobEndBody {
    #[schema(value_type = uuid::Uuid)]
    job: JobUid,
    at: Timestamp,
    #[schema(value_type = String)]
    state: JobState,
    /// Why, where it failed.
    why: Option<String>,
}

impl From<Ended> for JobEndBody {
    fn from(Ended { job, at, state, why }: Ended) -> Self {
        Self { job, at, state, why }
    }
}

/// A plan that has a source.
#[derive(Debug, Serialize, ToSchema)]
struct PlanRefBody {
    #[schema(value_type = uuid::Uuid)]
    uid: PlanUid,
    name: String,
    /// Whether it runs by itself.
    enabled: bool,
}

/// How well a source is protected.
#[derive(Debug, Serialize, ToSchema)]
struct SourceProtectionBody {
    #[schema(value_type = uuid::Uuid)]
    source: SourceUid,
    name: String,
    #[schema(value_type = uuid::Uuid)]
    agent: AgentUid,
    agent_name: String,
    /// When its machine was last heard of.
    last_seen_at: Option<Timestamp>,
    plans: Vec<PlanRefBody>,
    /// `protected`, `late` (nothing was saved for two of its plan's intervals), `failed` (its newest backup), `never` (saved)
    /// or `unplanned` (no plan that runs by itself has it).
    state: &'static str,
    /// When it was last saved, wholly or in part.
    last_success_at: Option<Timestamp>,
    /// How often it is to be saved: the longest wait between its next runs.
    interval_seconds: Option<i64>,
    late_since: Option<Timestamp>,
    /// How its newest backup that is over ended.
    last_end: Option<JobEndBody>,
}

impl From<Protection> for SourceProtectionBody {
    fn from(row: Protection) -> Self {
        let plan = |(uid, name, enabled)| PlanRefBody { uid, name, enabled };
        Self {
            source: row.source.0,
            name: row.source.1,
            agent: row.agent.0,
            agent_name: row.agent.1,
            last_seen_at: row.last_seen_at,
            plans: row.plans.into_iter().map(plan).collect(),
            state: row.standing.name(),
            last_success_at: row.last_success_at,
            interval_seconds: row.interval.map(|interval| interval.as_secs()),
            late_since: row.late_since,
            last_end: row.last_end.map(Into::into),
        }
    }
}

/// How the newest verify of a repository ended.
#[derive(Debug, Serialize, ToSchema)]
struct VerifiedBody {
    #[schema(value_type = uuid::Uuid)]
    repository: RepositoryUid,
    name: String,
    /// None: it was never verified.
    last: Option<JobEndBody>,
}

impl From<Verified> for VerifiedBody {
    fn from(Verified { repository: (repository, name), last }: Verified) -> Self {
        Self { repository, name, last: last.map(Into::into) }
    }
}

/// How well everything is protected.
#[derive(Debug, Serialize, ToSchema)]
struct ProtectionBody {
    /// By name.
    sources: Vec<SourceProtectionBody>,
    /// By name.
    verified: Vec<VerifiedBody>,
}

/// Says how well each source of an organization is protected, and when its repositories were last verified.
#[utoipa::path(
    get, path = "/orgs/{org}/protection", tag = "protection", params(("org" = uuid::Uuid, Path)),
    responses((status = 200, body = ProtectionBody), (status = "default", body = Problem))
)]
async fn protection(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
) -> Result<Json<ProtectionBody>> {
    let sources = app.store.protection(&actor, org).await?;
    let verified = app.store.verified(&actor, org).await?;
    Ok(Json(ProtectionBody {
        sources: sources.into_iter().map(Into::into).collect(),
        verified: verified.into_iter().map(Into::into).collect(),
    }))
}

/// Which days are counted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct JobDaysQuery {
    since: Timestamp,
    before: Timestamp,
    /// Seconds by which days begin before those of UTC: 10800 in Moscow.
    #[serde(default)]
    #[param(minimum = -93599, maximum = 93599)]
    utc_offset: i32,
}

/// Jobs that ended on one day in the same way.
#[derive(Debug, Serialize, ToSchema)]
struct JobDayBody {
    /// As in `2026-11-20`.
    day: String,
    #[schema(value_type = Option<uuid::Uuid>)]
    source: Option<SourceUid>,
    #[schema(value_type = String)]
    kind: JobKind,
    #[schema(value_type = String)]
    state: JobState,
    count: i64,
}

impl From<JobDay> for JobDayBody {
    fn from(JobDay { day, source, kind, state, count }: JobDay) -> Self {
        Self { day: day.to_string(), source, kind, state, count }
    }
}

/// Jobs by day.
#[derive(Debug, Serialize, ToSchema)]
struct JobDaysBody {
    /// By day.
    items: Vec<JobDayBody>,
}

/// Counts the jobs that ended on each day, of at most 366.
#[utoipa::path(
    get, path = "/orgs/{org}/job-days", tag = "protection", params(("org" = uuid::Uuid, Path), JobDaysQuery),
    responses((status = 200, body = JobDaysBody), (status = "default", body = Problem))
)]
async fn job_days(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Query(query): Query<JobDaysQuery>,
) -> Result<Json<JobDaysBody>> {
    let offset = Offset::from_seconds(query.utc_offset).map_err(|_| {
        Problem::new(ProblemCode::Malformed, "no place on Earth is as far from UTC").about("utc_offset")
    })?;
    let days = app.store.jobs().days(&actor, org, query.since, query.before, offset).await?;
    Ok(Json(JobDaysBody { items: days.into_iter().map(Into::into).collect() }))
}

/// A repository that is mirrored to another.
#[derive(Debug, Serialize, ToSchema)]
struct MirrorBody {
    #[schema(value_type = uuid::Uuid)]
    from: RepositoryUid,
    #[schema(value_type = uuid::Uuid)]
    to: RepositoryUid,
    /// How many snapshots were ever mirrored.
    snapshots: i64,
    /// When the newest of them first was.
    last_at: Timestamp,
}

/// Which repositories are mirrored where.
#[derive(Debug, Serialize, ToSchema)]
struct MirrorsBody {
    items: Vec<MirrorBody>,
}

/// Says which repositories of an organization are mirrored where.
#[utoipa::path(
    get, path = "/orgs/{org}/mirrors", tag = "protection", params(("org" = uuid::Uuid, Path)),
    responses((status = 200, body = MirrorsBody), (status = "default", body = Problem))
)]
async fn mirrors(State(app): State<App>, Signed(actor): Signed, Path(org): Path<OrgUid>) -> Result<Json<MirrorsBody>> {
    let list = app.store.mirrors().list(&actor, org).await?;
    let body = |mirror: bygone_store::mirrors::Mirror| MirrorBody {
        from: mirror.from,
        to: mirror.to,
        snapshots: mirror.snapshots,
        last_at: mirror.last_at,
    };
    Ok(Json(MirrorsBody { items: list.into_iter().map(body).collect() }))
}
