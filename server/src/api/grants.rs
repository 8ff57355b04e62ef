//! Grants: which people see which sources, and what they may do there.

use axum::extract::State;
use axum::http::StatusCode;
use bygone_common::access::{Limits, Owner};
use bygone_common::{GrantUid, OrgUid, SourceUid, UserUid};
use bygone_store::grants::{Effect, Grant, GrantChange, GrantFilter, NewGrant, Terms, Use};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ListBody, page};
use crate::app::App;
use crate::conditional::{IfMatch, Tagged, stale};
use crate::extract::{Json, Path, Query, said};
use crate::problem::{Problem, Result};
use crate::signed::Signed;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, change, delete))
}

/// Whether a grant gives, or takes what a wider one gives.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum EffectBody {
    Allow,
    Deny,
}

/// What is done with files.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum UseBody {
    See,
    Preview,
    Download,
    Restore,
}

impl From<EffectBody> for Effect {
    fn from(body: EffectBody) -> Self {
        match body {
            EffectBody::Allow => Self::Allow,
            EffectBody::Deny => Self::Deny,
        }
    }
}

impl From<Effect> for EffectBody {
    fn from(effect: Effect) -> Self {
        match effect {
            Effect::Allow => Self::Allow,
            Effect::Deny => Self::Deny,
        }
    }
}

impl From<UseBody> for Use {
    fn from(body: UseBody) -> Self {
        match body {
            UseBody::See => Self::See,
            UseBody::Preview => Self::Preview,
            UseBody::Download => Self::Download,
            UseBody::Restore => Self::Restore,
        }
    }
}

impl From<Use> for UseBody {
    fn from(one: Use) -> Self {
        match one {
            Use::See => Self::See,
            Use::Preview => Self::Preview,
            Use::Download => Self::Download,
            Use::Restore => Self::Restore,
        }
    }
}

/// A grant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GrantBody {
    #[schema(value_type = uuid::Uuid)]
    uid: GrantUid,
    #[schema(value_type = uuid::Uuid)]
    user: UserUid,
    #[schema(value_type = uuid::Uuid)]
    source: SourceUid,
    /// Below which path of the source.
    path: String,
    effect: EffectBody,
    actions: Vec<UseBody>,
    /// Only what is this owner's, reached through nothing but what is theirs: `uid:1000`, `name:anna`,
    /// or on Windows `sid:S-1-5-21-1-2-3-1001`.
    owner: Option<String>,
    /// Only in snapshots that are not older.
    history_days: Option<u32>,
    /// How many bytes may be downloaded in a day.
    bytes_per_day: Option<u64>,
    /// How many downloads may run at one time.
    downloads: Option<u32>,
    created_at: jiff::Timestamp,
}

impl From<Grant> for GrantBody {
    fn from(grant: Grant) -> Self {
        Self {
            uid: grant.uid,
            user: grant.user,
            source: grant.source,
            path: grant.path,
            effect: grant.effect.into(),
            actions: grant.uses.into_iter().map(UseBody::from).collect(),
            owner: grant.terms.owner.map(|owner| owner.to_string()),
            history_days: grant.terms.history_days,
            bytes_per_day: grant.terms.limits.bytes_per_day,
            downloads: grant.terms.limits.downloads,
            created_at: grant.created_at,
        }
    }
}

/// A new grant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewGrantBody {
    /// A person of the organization.
    #[schema(value_type = uuid::Uuid)]
    user: UserUid,
    /// A source of the organization.
    #[schema(value_type = uuid::Uuid)]
    source: SourceUid,
    /// Absolute; `/` is everything.
    #[schema(min_length = 1, max_length = 4096)]
    path: String,
    effect: EffectBody,
    #[schema(min_items = 1, max_items = 4)]
    actions: Vec<UseBody>,
    /// Only what is this owner's, reached through nothing but what is theirs: `uid:1000`, `name:anna`,
    /// or on Windows `sid:S-1-5-21-1-2-3-1001`.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 300)]
    owner: Option<String>,
    /// Only in snapshots that are not older.
    #[serde(default)]
    history_days: Option<u32>,
    /// How many bytes may be downloaded in a day.
    #[serde(default)]
    bytes_per_day: Option<u64>,
    /// How many downloads may run at one time.
    #[serde(default)]
    downloads: Option<u32>,
}

/// What a grant is to become; what is not said stays, null takes a limit away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantChangeBody {
    #[schema(min_items = 1, max_items = 4)]
    actions: Option<Vec<UseBody>>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    owner: Option<Option<String>>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<u32>)]
    history_days: Option<Option<u32>>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<u64>)]
    bytes_per_day: Option<Option<u64>>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<u32>)]
    downloads: Option<Option<u32>>,
}

fn owner(text: &str) -> Result<Owner> {
    text.parse().map_err(|why: String| Problem::invalid("owner", why))
}

/// Which grants are asked for, and which page of them.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct GrantQuery {
    /// Whose.
    #[param(value_type = Option<uuid::Uuid>)]
    user: Option<UserUid>,
    /// Of which source.
    #[param(value_type = Option<uuid::Uuid>)]
    source: Option<SourceUid>,
    /// Items at most: 1 to 500, 50 if not said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Lists grants: everybody's for who runs the organization, one's own for everybody else.
#[utoipa::path(
    get, path = "/orgs/{org}/grants", tag = "grants", params(("org" = uuid::Uuid, Path), GrantQuery),
    responses((status = 200, body = ListBody<GrantBody>), (status = "default", body = Problem))
)]
async fn list(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Query(query): Query<GrantQuery>,
) -> Result<Json<ListBody<GrantBody>>> {
    let page = page(query.limit, query.after.as_deref())?;
    let filter = GrantFilter { user: query.user, source: query.source };
    let grants = app.store.grants().list(&actor, org, filter, &page).await?;
    Ok(Json(ListBody::of(grants, GrantBody::from)))
}

/// Makes a grant.
#[utoipa::path(
    post, path = "/orgs/{org}/grants", tag = "grants", request_body = NewGrantBody, params(("org" = uuid::Uuid, Path)),
    responses((status = 201, body = GrantBody), (status = "default", body = Problem))
)]
async fn create(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Json(body): Json<NewGrantBody>,
) -> Result<(StatusCode, Tagged<Json<GrantBody>>)> {
    let new = NewGrant {
        user: body.user,
        source: body.source,
        path: body.path,
        effect: body.effect.into(),
        uses: body.actions.into_iter().map(Use::from).collect(),
        terms: Terms {
            owner: body.owner.as_deref().map(owner).transpose()?,
            history_days: body.history_days,
            limits: Limits { bytes_per_day: body.bytes_per_day, downloads: body.downloads },
        },
    };
    let grant = app.store.grants().create(&actor, org, &new).await?;
    Ok((StatusCode::CREATED, Tagged { version: grant.version, body: Json(grant.into()) }))
}

/// Shows a grant.
#[utoipa::path(
    get, path = "/orgs/{org}/grants/{grant}", tag = "grants",
    params(("org" = uuid::Uuid, Path), ("grant" = uuid::Uuid, Path)),
    responses((status = 200, body = GrantBody), (status = "default", body = Problem))
)]
async fn get(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, grant)): Path<(OrgUid, GrantUid)>,
) -> Result<Tagged<Json<GrantBody>>> {
    let grant = app.store.grants().get(&actor, org, grant).await?;
    Ok(Tagged { version: grant.version, body: Json(grant.into()) })
}

/// Changes what a grant is for.
#[utoipa::path(
    patch, path = "/orgs/{org}/grants/{grant}", tag = "grants", request_body = GrantChangeBody,
    params(("org" = uuid::Uuid, Path), ("grant" = uuid::Uuid, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = GrantBody), (status = "default", body = Problem))
)]
async fn change(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, grant)): Path<(OrgUid, GrantUid)>,
    IfMatch(version): IfMatch,
    Json(body): Json<GrantChangeBody>,
) -> Result<Tagged<Json<GrantBody>>> {
    let change = GrantChange {
        uses: body.actions.map(|actions| actions.into_iter().map(Use::from).collect()),
        owner: body.owner.map(|given| given.as_deref().map(owner).transpose()).transpose()?,
        history_days: body.history_days,
        bytes_per_day: body.bytes_per_day,
        downloads: body.downloads,
    };
    let grant = app.store.grants().change(&actor, org, grant, version, change).await.map_err(stale)?;
    Ok(Tagged { version: grant.version, body: Json(grant.into()) })
}

/// Removes a grant.
#[utoipa::path(
    delete, path = "/orgs/{org}/grants/{grant}", tag = "grants",
    params(("org" = uuid::Uuid, Path), ("grant" = uuid::Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn delete(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, grant)): Path<(OrgUid, GrantUid)>,
) -> Result<StatusCode> {
    app.store.grants().delete(&actor, org, grant).await?;
    Ok(StatusCode::NO_CONTENT)
}
