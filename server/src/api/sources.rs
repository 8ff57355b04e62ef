//! Sources: what is protected, a machine and its paths.

use axum::extract::State;
use axum::http::StatusCode;
use bygone_common::{AgentUid, OrgUid, SourceUid, UserUid};
use bygone_store::sources::{NewSource, Source, Visibility};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ListBody;
use crate::app::App;
use crate::conditional::{IfMatch, Tagged, stale};
use crate::extract::{Json, Path, Query};
use crate::problem::{Problem, Result};
use crate::signed::{Fresh, Signed};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, change, delete))
}

/// A source.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourceBody {
    #[schema(value_type = uuid::Uuid)]
    uid: SourceUid,
    /// The machine.
    #[schema(value_type = uuid::Uuid)]
    agent: AgentUid,
    /// Who sees its snapshots without a grant.
    #[schema(value_type = Option<uuid::Uuid>)]
    owner: Option<UserUid>,
    name: String,
    /// Its name in snapshots; null: the machine's own.
    host: Option<String>,
    paths: Vec<String>,
    visibility: VisibilityBody,
    /// Whether somebody else has to agree to restores of it.
    restore_approval: bool,
    created_at: jiff::Timestamp,
}

/// Who finds a source in the portal, besides those whose role shows them everything: its owner alone; the owner and whom it
/// was granted; nobody.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum VisibilityBody {
    Owner,
    #[default]
    Granted,
    Hidden,
}

impl From<Visibility> for VisibilityBody {
    fn from(visibility: Visibility) -> Self {
        match visibility {
            Visibility::Owner => Self::Owner,
            Visibility::Granted => Self::Granted,
            Visibility::Hidden => Self::Hidden,
        }
    }
}

impl From<VisibilityBody> for Visibility {
    fn from(visibility: VisibilityBody) -> Self {
        match visibility {
            VisibilityBody::Owner => Self::Owner,
            VisibilityBody::Granted => Self::Granted,
            VisibilityBody::Hidden => Self::Hidden,
        }
    }
}

impl From<Source> for SourceBody {
    fn from(source: Source) -> Self {
        let Source {
            uid,
            org: _,
            agent,
            owner,
            name,
            host,
            paths,
            visibility,
            restore_approval,
            created_at,
            version: _,
        } = source;
        let visibility = visibility.into();
        Self { uid, agent, owner, name, host, paths, visibility, restore_approval, created_at }
    }
}

/// What a source is made of, or becomes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSourceBody {
    /// The machine: it cannot be changed.
    #[schema(value_type = uuid::Uuid)]
    agent: AgentUid,
    /// Who sees its snapshots without a grant.
    #[schema(value_type = Option<uuid::Uuid>)]
    #[serde(default)]
    owner: Option<UserUid>,
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// Its name in snapshots; null: the machine's own.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    host: Option<String>,
    /// Files and folders, absolute.
    #[schema(min_items = 1, max_items = 1000)]
    paths: Vec<String>,
    /// Who finds it in the portal; `granted` if not said.
    #[serde(default)]
    visibility: VisibilityBody,
    /// Whether somebody else has to agree to restores of it.
    #[serde(default)]
    restore_approval: bool,
}

impl From<NewSourceBody> for NewSource {
    fn from(body: NewSourceBody) -> Self {
        let NewSourceBody { agent, owner, name, host, paths, visibility, restore_approval } = body;
        Self { agent, owner, name, host, paths, visibility: visibility.into(), restore_approval }
    }
}

/// Which sources are meant.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SourcesQuery {
    /// Items at most: 1 to 500, 50 if not said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
    /// Of this machine only.
    #[param(value_type = Option<uuid::Uuid>)]
    agent: Option<AgentUid>,
}

/// Lists sources: one's own for those who see no others.
#[utoipa::path(
    get, path = "/orgs/{org}/sources", tag = "sources", params(("org" = uuid::Uuid, Path), SourcesQuery),
    responses((status = 200, body = ListBody<SourceBody>), (status = "default", body = Problem))
)]
async fn list(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Query(query): Query<SourcesQuery>,
) -> Result<Json<ListBody<SourceBody>>> {
    let page = super::page(query.limit, query.after.as_deref())?;
    let sources = app.store.sources().list(&actor, org, query.agent, &page).await?;
    Ok(Json(ListBody::of(sources, SourceBody::from)))
}

/// Makes a source.
#[utoipa::path(
    post, path = "/orgs/{org}/sources", tag = "sources", request_body = NewSourceBody,
    params(("org" = uuid::Uuid, Path)),
    responses((status = 201, body = SourceBody), (status = "default", body = Problem))
)]
async fn create(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Json(body): Json<NewSourceBody>,
) -> Result<(StatusCode, Tagged<Json<SourceBody>>)> {
    let source = app.store.sources().create(&actor, org, &body.into()).await?;
    Ok((StatusCode::CREATED, Tagged { version: source.version, body: Json(source.into()) }))
}

/// Shows a source.
#[utoipa::path(
    get, path = "/orgs/{org}/sources/{source}", tag = "sources",
    params(("org" = uuid::Uuid, Path), ("source" = uuid::Uuid, Path)),
    responses((status = 200, body = SourceBody), (status = "default", body = Problem))
)]
async fn get(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, source)): Path<(OrgUid, SourceUid)>,
) -> Result<Tagged<Json<SourceBody>>> {
    let source = app.store.sources().get(&actor, org, source).await?;
    Ok(Tagged { version: source.version, body: Json(source.into()) })
}

/// Changes a source: all of it but its machine.
#[utoipa::path(
    put, path = "/orgs/{org}/sources/{source}", tag = "sources", request_body = NewSourceBody,
    params(("org" = uuid::Uuid, Path), ("source" = uuid::Uuid, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = SourceBody), (status = "default", body = Problem))
)]
async fn change(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, source)): Path<(OrgUid, SourceUid)>,
    IfMatch(version): IfMatch,
    Json(body): Json<NewSourceBody>,
) -> Result<Tagged<Json<SourceBody>>> {
    let source = app.store.sources().change(&actor, org, source, version, &body.into()).await.map_err(stale)?;
    Ok(Tagged { version: source.version, body: Json(source.into()) })
}

/// Removes a source that no plan names. Its snapshots stay.
#[utoipa::path(
    delete, path = "/orgs/{org}/sources/{source}", tag = "sources",
    params(("org" = uuid::Uuid, Path), ("source" = uuid::Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn delete(
    State(app): State<App>,
    Fresh(actor): Fresh,
    Path((org, source)): Path<(OrgUid, SourceUid)>,
) -> Result<StatusCode> {
    app.store.sources().delete(&actor, org, source).await?;
    Ok(StatusCode::NO_CONTENT)
}
