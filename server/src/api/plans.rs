//! Plans: what to capture, when, how long to keep it.

mod runs;
mod versions;

use axum::extract::State;
use axum::http::StatusCode;
use bygone_common::plan::PlanSpec;
use bygone_common::{OrgUid, PlanUid};
use bygone_store::plans::{NewPlan, Plan};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ListBody, PageQuery};
use crate::app::App;
use crate::conditional::{IfMatch, Tagged, stale};
use crate::extract::{Json, Path, Query};
use crate::problem::{Problem, Result};
use crate::signed::{Fresh, Signed};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, change, delete))
        .merge(runs::routes())
        .merge(versions::routes())
}

/// A plan.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanBody {
    #[schema(value_type = uuid::Uuid)]
    uid: PlanUid,
    name: String,
    /// Whether it runs by itself.
    enabled: bool,
    spec: PlanSpec,
    created_at: jiff::Timestamp,
    /// Since when it says so.
    changed_at: jiff::Timestamp,
    /// The number of what it says now; its ETag.
    version: i64,
}

impl From<Plan> for PlanBody {
    fn from(plan: Plan) -> Self {
        let Plan { uid, org: _, name, enabled, spec, created_at, changed_at, version } = plan;
        Self { uid, name, enabled, spec, created_at, changed_at, version }
    }
}

/// What a plan is made of, or becomes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPlanBody {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// Whether it runs by itself.
    #[serde(default = "enabled")]
    enabled: bool,
    spec: PlanSpec,
}

const fn enabled() -> bool {
    true
}

impl From<NewPlanBody> for NewPlan {
    fn from(body: NewPlanBody) -> Self {
        let NewPlanBody { name, enabled, spec } = body;
        Self { name, enabled, spec }
    }
}

/// Lists plans.
#[utoipa::path(
    get, path = "/orgs/{org}/plans", tag = "plans", params(("org" = uuid::Uuid, Path), PageQuery),
    responses((status = 200, body = ListBody<PlanBody>), (status = "default", body = Problem))
)]
async fn list(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Query(page): Query<PageQuery>,
) -> Result<Json<ListBody<PlanBody>>> {
    let plans = app.store.plans().list(&actor, org, &page.page()?).await?;
    Ok(Json(ListBody::of(plans, PlanBody::from)))
}

/// Makes a plan.
#[utoipa::path(
    post, path = "/orgs/{org}/plans", tag = "plans", request_body = NewPlanBody, params(("org" = uuid::Uuid, Path)),
    responses((status = 201, body = PlanBody), (status = "default", body = Problem))
)]
async fn create(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Json(body): Json<NewPlanBody>,
) -> Result<(StatusCode, Tagged<Json<PlanBody>>)> {
    let plan = app.store.plans().create(&actor, org, body.into()).await?;
    Ok((StatusCode::CREATED, Tagged { version: plan.version, body: Json(plan.into()) }))
}

/// Shows a plan.
#[utoipa::path(
    get, path = "/orgs/{org}/plans/{plan}", tag = "plans",
    params(("org" = uuid::Uuid, Path), ("plan" = uuid::Uuid, Path)),
    responses((status = 200, body = PlanBody), (status = "default", body = Problem))
)]
async fn get(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, plan)): Path<(OrgUid, PlanUid)>,
) -> Result<Tagged<Json<PlanBody>>> {
    let plan = app.store.plans().get(&actor, org, plan).await?;
    Ok(Tagged { version: plan.version, body: Json(plan.into()) })
}

/// Gives a plan another content: a new version. Jobs that were made keep what they were made of.
#[utoipa::path(
    put, path = "/orgs/{org}/plans/{plan}", tag = "plans", request_body = NewPlanBody,
    params(("org" = uuid::Uuid, Path), ("plan" = uuid::Uuid, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = PlanBody), (status = "default", body = Problem))
)]
async fn change(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, plan)): Path<(OrgUid, PlanUid)>,
    IfMatch(version): IfMatch,
    Json(body): Json<NewPlanBody>,
) -> Result<Tagged<Json<PlanBody>>> {
    let plan = app.store.plans().change(&actor, org, plan, version, body.into()).await.map_err(stale)?;
    Ok(Tagged { version: plan.version, body: Json(plan.into()) })
}

/// Deletes a plan: it makes no more runs. Its snapshots, jobs and versions stay. Asks for the second factor.
#[utoipa::path(
    delete, path = "/orgs/{org}/plans/{plan}", tag = "plans",
    params(("org" = uuid::Uuid, Path), ("plan" = uuid::Uuid, Path), ("If-Match" = String, Header)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn delete(
    State(app): State<App>,
    Fresh(actor): Fresh,
    Path((org, plan)): Path<(OrgUid, PlanUid)>,
    IfMatch(version): IfMatch,
) -> Result<StatusCode> {
    app.store.plans().delete(&actor, org, plan, version).await.map_err(stale)?;
    Ok(StatusCode::NO_CONTENT)
}
