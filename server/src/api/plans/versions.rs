//! What a plan was before.

use axum::extract::State;
use bygone_common::plan::PlanSpec;
use bygone_common::{OrgUid, PlanUid};
use bygone_store::plans::PlanVersion;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::PlanBody;
use crate::api::{ListBody, PageQuery};
use crate::app::App;
use crate::conditional::{IfMatch, Tagged, stale};
use crate::extract::{Json, Path, Query};
use crate::problem::{Problem, Result};
use crate::signed::Signed;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(versions)).routes(routes!(rollback))
}

/// One content that a plan had.
#[derive(Debug, Serialize, ToSchema)]
struct PlanVersionBody {
    /// From 1 on.
    version: i64,
    name: String,
    enabled: bool,
    spec: PlanSpec,
    /// Since when.
    at: jiff::Timestamp,
    /// `user`, `token` or `system`.
    by_kind: String,
    /// Whose uid, or which part of the server.
    by: String,
    /// The version whose content was brought back.
    restored_from: Option<i64>,
}

impl From<PlanVersion> for PlanVersionBody {
    fn from(version: PlanVersion) -> Self {
        let PlanVersion { version, name, enabled, spec, at, who_kind, who, restored_from } = version;
        Self { version, name, enabled, spec, at, by_kind: who_kind, by: who, restored_from }
    }
}

/// Which version is brought back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RollbackBody {
    #[schema(minimum = 1)]
    version: i64,
}

/// Lists what a plan was, from the first version on, with who gave it and when.
#[utoipa::path(
    get, path = "/orgs/{org}/plans/{plan}/versions", tag = "plans",
    params(("org" = uuid::Uuid, Path), ("plan" = uuid::Uuid, Path), PageQuery),
    responses((status = 200, body = ListBody<PlanVersionBody>), (status = "default", body = Problem))
)]
async fn versions(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, plan)): Path<(OrgUid, PlanUid)>,
    Query(page): Query<PageQuery>,
) -> Result<Json<ListBody<PlanVersionBody>>> {
    let versions = app.store.plans().versions(&actor, org, plan, &page.page()?).await?;
    Ok(Json(ListBody::of(versions, PlanVersionBody::from)))
}

/// Gives a plan the content of an earlier version, as a new version.
#[utoipa::path(
    post, path = "/orgs/{org}/plans/{plan}/rollback", tag = "plans", request_body = RollbackBody,
    params(("org" = uuid::Uuid, Path), ("plan" = uuid::Uuid, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = PlanBody), (status = "default", body = Problem))
)]
async fn rollback(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, plan)): Path<(OrgUid, PlanUid)>,
    IfMatch(version): IfMatch,
    Json(body): Json<RollbackBody>,
) -> Result<Tagged<Json<PlanBody>>> {
    let plan = app.store.plans().rollback(&actor, org, plan, version, body.version).await.map_err(stale)?;
    Ok(Tagged { version: plan.version, body: Json(plan.into()) })
}
