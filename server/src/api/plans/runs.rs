//! When a plan runs, when it ran, and setting it going.

use axum::extract::State;
use axum::http::StatusCode;
use bygone_common::plan::PlanSpec;
use bygone_common::schedule::Run;
use bygone_common::{OrgUid, PlanUid, RunUid};
use bygone_store::plans::{Origin, PlanRun, What};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::{ListBody, PageQuery};
use crate::app::App;
use crate::extract::{Json, Path, Query};
use crate::problem::{Problem, Result};
use crate::signed::Signed;

/// Coming runs that are shown when nobody asks for a number.
const NEXT_RUNS: usize = 10;
/// Coming runs that are shown at most.
const NEXT_RUNS_MAX: usize = 100;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(next_runs))
        .routes(routes!(preview))
        .routes(routes!(history))
        .routes(routes!(run))
        .routes(routes!(event))
}

/// What a plan does.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum WhatBody {
    /// Takes snapshots.
    #[default]
    Backup,
    /// Prunes its repositories.
    Prune,
    /// Proves its repositories readable.
    Verify,
}

impl From<WhatBody> for What {
    fn from(what: WhatBody) -> Self {
        match what {
            WhatBody::Backup => Self::Backup,
            WhatBody::Prune => Self::Prune,
            WhatBody::Verify => Self::Verify,
        }
    }
}

impl From<What> for WhatBody {
    fn from(what: What) -> Self {
        match what {
            What::Backup => Self::Backup,
            What::Prune => Self::Prune,
            What::Verify => Self::Verify,
        }
    }
}

/// What asked for a run.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OriginBody {
    Schedule,
    Manual,
    Event,
    After,
}

/// A run that is to come.
#[derive(Debug, Serialize, ToSchema)]
struct NextRunBody {
    what: WhatBody,
    /// The moment that a rule names.
    nominal_at: jiff::Timestamp,
    /// When it begins: later by the jitter, which is the same on every replica.
    due_at: jiff::Timestamp,
    /// When it may begin no more: its window's end.
    closes_at: Option<jiff::Timestamp>,
}

/// Runs that are to come.
#[derive(Debug, Serialize, ToSchema)]
struct NextRunsBody {
    /// In order.
    items: Vec<NextRunBody>,
}

impl From<Vec<(What, Run)>> for NextRunsBody {
    fn from(runs: Vec<(What, Run)>) -> Self {
        let body = |(what, run): (What, Run)| NextRunBody {
            what: what.into(),
            nominal_at: run.nominal,
            due_at: run.due,
            closes_at: run.closes,
        };
        Self { items: runs.into_iter().map(body).collect() }
    }
}

/// A plan that is not kept yet.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlanPreviewBody {
    spec: PlanSpec,
}

/// A run.
#[derive(Debug, Serialize, ToSchema)]
struct RunBody {
    #[schema(value_type = uuid::Uuid)]
    uid: RunUid,
    #[schema(value_type = uuid::Uuid)]
    plan: PlanUid,
    what: WhatBody,
    origin: OriginBody,
    /// The name of an event; the run before.
    cause: Option<String>,
    /// The moment that a rule names.
    nominal_at: Option<jiff::Timestamp>,
    created_at: jiff::Timestamp,
    /// When the last of its backups ended.
    ended_at: Option<jiff::Timestamp>,
}

impl From<PlanRun> for RunBody {
    fn from(run: PlanRun) -> Self {
        let PlanRun { uid, plan, what, nominal_at, origin, cause, created_at, made_at: _, ended_at } = run;
        let origin = match origin {
            Origin::Schedule => OriginBody::Schedule,
            Origin::Manual => OriginBody::Manual,
            Origin::Event => OriginBody::Event,
            Origin::After => OriginBody::After,
        };
        Self { uid, plan, what: what.into(), origin, cause, nominal_at, created_at, ended_at }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct NextRunsQuery {
    /// How many: 1 to 100, 10 if not said.
    #[param(minimum = 1, maximum = 100)]
    count: Option<usize>,
}

/// What is to be done now.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct RunNowBody {
    what: WhatBody,
}

/// Something that happened elsewhere.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlanEventBody {
    /// As plans name it.
    #[schema(min_length = 1, max_length = 64)]
    event: String,
}

/// The next runs of a plan by its schedules, as data.
#[utoipa::path(
    get, path = "/orgs/{org}/plans/{plan}/runs", tag = "plans",
    params(("org" = uuid::Uuid, Path), ("plan" = uuid::Uuid, Path), NextRunsQuery),
    responses((status = 200, body = NextRunsBody), (status = "default", body = Problem))
)]
async fn next_runs(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, plan)): Path<(OrgUid, PlanUid)>,
    Query(query): Query<NextRunsQuery>,
) -> Result<Json<NextRunsBody>> {
    let count = query.count.unwrap_or(NEXT_RUNS);
    if !(1..=NEXT_RUNS_MAX).contains(&count) {
        let title = format!("count must be between 1 and {NEXT_RUNS_MAX}");
        return Err(Problem::new(crate::problem::ProblemCode::Malformed, title).about("count"));
    }
    let runs = app.store.plans().next_runs(&actor, org, plan, count).await?;
    Ok(Json(runs.into()))
}

/// The next runs that a plan would have, before it is kept. Nothing is changed.
#[utoipa::path(
    post, path = "/orgs/{org}/plans/preview", tag = "plans", request_body = PlanPreviewBody,
    params(("org" = uuid::Uuid, Path)),
    responses((status = 200, body = NextRunsBody), (status = "default", body = Problem))
)]
async fn preview(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Json(body): Json<PlanPreviewBody>,
) -> Result<Json<NextRunsBody>> {
    Ok(Json(app.store.plans().preview(&actor, org, body.spec, NEXT_RUNS).await?.into()))
}

/// Lists the runs that a plan had, the newest first.
#[utoipa::path(
    get, path = "/orgs/{org}/plans/{plan}/history", tag = "plans",
    params(("org" = uuid::Uuid, Path), ("plan" = uuid::Uuid, Path), PageQuery),
    responses((status = 200, body = ListBody<RunBody>), (status = "default", body = Problem))
)]
async fn history(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, plan)): Path<(OrgUid, PlanUid)>,
    Query(page): Query<PageQuery>,
) -> Result<Json<ListBody<RunBody>>> {
    let runs = app.store.plans().runs(&actor, org, plan, &page.page()?).await?;
    Ok(Json(ListBody::of(runs, RunBody::from)))
}

/// Runs a plan now, whether it runs by itself or not.
#[utoipa::path(
    post, path = "/orgs/{org}/plans/{plan}/run", tag = "plans", request_body = RunNowBody,
    params(("org" = uuid::Uuid, Path), ("plan" = uuid::Uuid, Path)),
    responses((status = 201, body = RunBody), (status = "default", body = Problem))
)]
async fn run(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, plan)): Path<(OrgUid, PlanUid)>,
    Json(body): Json<RunNowBody>,
) -> Result<(StatusCode, Json<RunBody>)> {
    let run = app.store.plans().run_now(&actor, org, plan, body.what.into()).await?;
    Ok((StatusCode::CREATED, Json(run.into())))
}

/// Tells of something that happened elsewhere: every plan that names it runs.
#[utoipa::path(
    post, path = "/orgs/{org}/plan-events", tag = "plans", request_body = PlanEventBody,
    params(("org" = uuid::Uuid, Path)),
    responses((status = 201, body = ListBody<RunBody>), (status = "default", body = Problem))
)]
async fn event(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Json(body): Json<PlanEventBody>,
) -> Result<(StatusCode, Json<ListBody<RunBody>>)> {
    let items = app.store.plans().on_event(&actor, org, &body.event).await?;
    let list = bygone_store::List { items, next: None };
    Ok((StatusCode::CREATED, Json(ListBody::of(list, RunBody::from))))
}
