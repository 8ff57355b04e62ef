//! Organizations.

use axum::extract::State;
use axum::http::StatusCode;
use bygone_common::OrgUid;
use bygone_store::orgs::{NewOrg, Org, OrgChange, Quota};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ListBody, PageQuery};
use crate::app::App;
use crate::conditional::{IfMatch, Tagged, stale};
use crate::extract::{Json, Path, Query};
use crate::problem::{Problem, Result};
use crate::signed::Signed;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, change))
}

/// An organization.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrgBody {
    #[schema(value_type = uuid::Uuid)]
    uid: OrgUid,
    /// In URLs and paths.
    name: String,
    /// For people.
    title: String,
    quota: QuotaBody,
    /// Whether somebody else has to agree to restores that people ask for.
    restore_approval: bool,
    created_at: jiff::Timestamp,
}

/// What an organization may use; null: as much as there is.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct QuotaBody {
    /// Bytes in all of its repositories.
    #[schema(minimum = 0)]
    bytes_max: Option<i64>,
    /// Agents.
    #[schema(minimum = 0)]
    agents_max: Option<i64>,
    /// Jobs at one time.
    #[schema(minimum = 0)]
    jobs_max: Option<i64>,
}

impl From<QuotaBody> for Quota {
    fn from(body: QuotaBody) -> Self {
        Self { bytes_max: body.bytes_max, agents_max: body.agents_max, jobs_max: body.jobs_max }
    }
}

impl From<Org> for OrgBody {
    fn from(org: Org) -> Self {
        let Quota { bytes_max, agents_max, jobs_max } = org.quota;
        let quota = QuotaBody { bytes_max, agents_max, jobs_max };
        Self {
            uid: org.uid,
            name: org.name,
            title: org.title,
            quota,
            restore_approval: org.restore_approval,
            created_at: org.created_at,
        }
    }
}

/// A new organization.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOrgBody {
    /// Lower-case letters, digits and hyphens.
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")]
    name: String,
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    #[serde(default)]
    quota: QuotaBody,
}

/// What is to change; what is not said stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrgChangeBody {
    #[schema(min_length = 1, max_length = 200)]
    title: Option<String>,
    /// Root's to set.
    quota: Option<QuotaBody>,
    /// Whether somebody else has to agree to restores that people ask for.
    restore_approval: Option<bool>,
}

/// Lists organizations: all for root, one's own for everybody else.
#[utoipa::path(
    get, path = "/orgs", tag = "organizations", params(PageQuery),
    responses((status = 200, body = ListBody<OrgBody>), (status = "default", body = Problem))
)]
async fn list(
    State(app): State<App>,
    Signed(actor): Signed,
    Query(page): Query<PageQuery>,
) -> Result<Json<ListBody<OrgBody>>> {
    let orgs = app.store.orgs().list(&actor, &page.page()?).await?;
    Ok(Json(ListBody::of(orgs, OrgBody::from)))
}

/// Makes an organization.
#[utoipa::path(
    post, path = "/orgs", tag = "organizations", request_body = NewOrgBody,
    responses((status = 201, body = OrgBody), (status = "default", body = Problem))
)]
async fn create(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(body): Json<NewOrgBody>,
) -> Result<(StatusCode, Tagged<Json<OrgBody>>)> {
    let new = NewOrg { name: body.name, title: body.title, quota: body.quota.into() };
    let org = app.store.orgs().create(&actor, &new).await?;
    Ok((StatusCode::CREATED, Tagged { version: org.version, body: Json(org.into()) }))
}

/// Shows an organization.
#[utoipa::path(
    get, path = "/orgs/{org}", tag = "organizations", params(("org" = uuid::Uuid, Path)),
    responses((status = 200, body = OrgBody), (status = "default", body = Problem))
)]
async fn get(State(app): State<App>, Signed(actor): Signed, Path(org): Path<OrgUid>) -> Result<Tagged<Json<OrgBody>>> {
    let org = app.store.orgs().get(&actor, org).await?;
    Ok(Tagged { version: org.version, body: Json(org.into()) })
}

/// Changes an organization.
#[utoipa::path(
    patch, path = "/orgs/{org}", tag = "organizations", request_body = OrgChangeBody,
    params(("org" = uuid::Uuid, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = OrgBody), (status = "default", body = Problem))
)]
async fn change(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    IfMatch(version): IfMatch,
    Json(body): Json<OrgChangeBody>,
) -> Result<Tagged<Json<OrgBody>>> {
    let OrgChangeBody { title, quota, restore_approval } = body;
    let change = OrgChange { title, quota: quota.map(Quota::from), restore_approval };
    let org = app.store.orgs().change(&actor, org, version, &change).await.map_err(stale)?;
    Ok(Tagged { version: org.version, body: Json(org.into()) })
}
