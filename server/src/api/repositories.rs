//! Repositories.

mod immutable;
mod keys;

use axum::extract::State;
use axum::http::StatusCode;
use bygone_common::{CredentialUid, OrgUid, RepositoryUid, Secret};
use bygone_store::repositories::{AgentRoute, Repository, RepositoryChange, RepositoryState, StorageClass, Usage};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ListBody, PageQuery};
use crate::app::App;
use crate::catalog;
use crate::conditional::{IfMatch, Tagged};
use crate::extract::{Json, Path, Query, said};
use crate::problem::{Problem, Result};
use crate::repositories::finding::Finding;
use crate::repositories::{self, Begin, Wanted};
use crate::signed::{Fresh, Signed};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(try_place))
        .routes(routes!(get, change, delete))
        .routes(routes!(test))
        .routes(routes!(refresh))
        .routes(routes!(usage))
        .merge(keys::routes())
        .merge(immutable::routes())
}

/// A repository.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RepositoryBody {
    #[schema(value_type = uuid::Uuid)]
    uid: RepositoryUid,
    name: String,
    /// In restic's syntax, without any secret.
    location: String,
    #[schema(value_type = Option<uuid::Uuid>)]
    credential: Option<CredentialUid>,
    /// restic's own id; empty until somebody makes a repository at the place.
    restic_id: String,
    format: i64,
    #[schema(value_type = String)]
    class: StorageClass,
    #[schema(value_type = String)]
    state: RepositoryState,
    /// `gateway` or `direct`: how agents reach it.
    #[schema(value_type = String)]
    agent_route: AgentRoute,
    /// What the last test or refresh found wrong.
    fault: Option<String>,
    /// Days for which the storage keeps what is written.
    worm_days: Option<i64>,
    bytes_max: Option<i64>,
    stored_bytes: i64,
    checked_at: Option<jiff::Timestamp>,
    refreshed_at: Option<jiff::Timestamp>,
    created_at: jiff::Timestamp,
}

impl From<Repository> for RepositoryBody {
    fn from(row: Repository) -> Self {
        Self {
            uid: row.uid,
            name: row.name,
            location: row.location,
            credential: row.credential,
            restic_id: row.restic_id,
            format: row.format,
            class: row.class,
            state: row.state,
            agent_route: row.agent_route,
            fault: row.fault,
            worm_days: row.worm_days,
            bytes_max: row.bytes_max,
            stored_bytes: row.stored_bytes,
            checked_at: row.checked_at,
            refreshed_at: row.refreshed_at,
            created_at: row.created_at,
        }
    }
}

/// A new repository.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRepositoryBody {
    /// Lower-case letters, digits and hyphens: part of the gateway's URL.
    #[schema(min_length = 1, max_length = 40)]
    name: String,
    /// `create` makes one, `adopt` takes one that is there, `later` leaves it to restic's `init` through the gateway.
    begin: Begin,
    /// In restic's syntax, without user and password. Not said: a folder of the server.
    location: Option<String>,
    #[schema(value_type = Option<uuid::Uuid>)]
    credential: Option<CredentialUid>,
    /// What opens the repository.
    #[schema(min_length = 1, max_length = 1000)]
    password: String,
    /// restic's format version, of one that is made: 1 or 2.
    #[schema(minimum = 1, maximum = 2)]
    format: Option<u32>,
    /// `hot`, `warm` or `cold`; `hot` if not said.
    #[schema(value_type = Option<String>)]
    class: Option<StorageClass>,
    /// `gateway` or `direct`; `gateway` if not said. `direct` tells every agent that has a job there what opens the storage.
    #[schema(value_type = Option<String>)]
    agent_route: Option<AgentRoute>,
    #[schema(minimum = 0)]
    bytes_max: Option<i64>,
}

/// What is to change; what is not said stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RepositoryChangeBody {
    #[schema(min_length = 1, max_length = 40)]
    name: Option<String>,
    #[schema(value_type = Option<String>)]
    class: Option<StorageClass>,
    /// `ready` or `paused`.
    #[schema(value_type = Option<String>)]
    state: Option<RepositoryState>,
    /// `gateway` or `direct`.
    #[schema(value_type = Option<String>)]
    agent_route: Option<AgentRoute>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<uuid::Uuid>)]
    credential: Option<Option<CredentialUid>>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<i64>)]
    bytes_max: Option<Option<i64>>,
    /// The repository's password, when it was changed elsewhere.
    #[schema(min_length = 1, max_length = 1000)]
    password: Option<String>,
}

/// A place that is to be looked at.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlaceBody {
    location: String,
    #[schema(value_type = Option<uuid::Uuid>)]
    credential: Option<CredentialUid>,
    /// Tried on the repository that is there.
    password: Option<String>,
}

/// A measurement of a repository.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsageBody {
    measured_at: jiff::Timestamp,
    /// Bytes of all files in storage.
    stored_bytes: i64,
    /// Plain bytes of all blobs, each once.
    plain_bytes: i64,
    /// Plain bytes of all snapshots, as if each were restored.
    restored_bytes: i64,
    /// How many bytes of snapshots a stored byte stands for; null where nothing is stored.
    ratio: Option<f64>,
    /// How many plain bytes a stored byte stands for: what compression alone does.
    compression: Option<f64>,
    snapshots: i64,
    packs: i64,
    blobs: i64,
}

#[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
fn ratio(of: i64, to: i64) -> Option<f64> {
    (to > 0).then(|| (of as f64 / to as f64 * 1000.0).round() / 1000.0)
}

impl From<Usage> for UsageBody {
    fn from(usage: Usage) -> Self {
        Self {
            measured_at: usage.measured_at,
            stored_bytes: usage.stored_bytes,
            plain_bytes: usage.plain_bytes,
            restored_bytes: usage.restored_bytes,
            ratio: ratio(usage.restored_bytes, usage.stored_bytes),
            compression: ratio(usage.plain_bytes, usage.stored_bytes),
            snapshots: usage.snapshots,
            packs: usage.packs,
            blobs: usage.blobs,
        }
    }
}

/// Days of a list of measurements.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct UsageQuery {
    /// Days at most: 1 to 1000, 90 if not said.
    #[param(minimum = 1, maximum = 1000)]
    days: Option<u16>,
}

/// What a refresh found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RefreshedBody {
    /// Ids of snapshots that were not known.
    added: Vec<String>,
    /// Ids of snapshots that are gone.
    removed: Vec<String>,
    /// Snapshots in all.
    total: u64,
}

/// Lists repositories.
#[utoipa::path(
    get, path = "/orgs/{org}/repositories", tag = "repositories", params(("org" = uuid::Uuid, Path), PageQuery),
    responses((status = 200, body = ListBody<RepositoryBody>), (status = "default", body = Problem))
)]
async fn list(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Query(page): Query<PageQuery>,
) -> Result<Json<ListBody<RepositoryBody>>> {
    let list = app.store.repositories().list(&actor, org, &page.page()?).await?;
    Ok(Json(ListBody::of(list, RepositoryBody::from)))
}

/// Makes or adopts a repository.
#[utoipa::path(
    post, path = "/orgs/{org}/repositories", tag = "repositories", request_body = NewRepositoryBody,
    params(("org" = uuid::Uuid, Path)),
    responses((status = 201, body = RepositoryBody), (status = "default", body = Problem))
)]
async fn create(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Json(body): Json<NewRepositoryBody>,
) -> Result<(StatusCode, Tagged<Json<RepositoryBody>>)> {
    let wanted = Wanted {
        name: body.name,
        begin: body.begin,
        location: body.location,
        credential: body.credential,
        password: Secret::new(body.password),
        format: body.format.unwrap_or(2),
        class: body.class.unwrap_or(StorageClass::Hot),
        agent_route: body.agent_route.unwrap_or(AgentRoute::Gateway),
        bytes_max: body.bytes_max,
    };
    let made = repositories::add(&app, &actor, org, wanted).await?;
    Ok((StatusCode::CREATED, Tagged { version: made.version, body: Json(made.into()) }))
}

/// Looks at a place before a repository is kept: what is wrong is the answer, not an error.
#[utoipa::path(
    post, path = "/orgs/{org}/repositories/try", tag = "repositories", request_body = PlaceBody,
    params(("org" = uuid::Uuid, Path)),
    responses((status = 200, body = Finding), (status = "default", body = Problem))
)]
async fn try_place(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Json(body): Json<PlaceBody>,
) -> Result<Json<Finding>> {
    let password = body.password.map(Secret::new);
    let found = repositories::try_place(&app, &actor, org, &body.location, body.credential, password).await?;
    Ok(Json(found))
}

/// Shows a repository.
#[utoipa::path(
    get, path = "/orgs/{org}/repositories/{repository}", tag = "repositories",
    params(("org" = uuid::Uuid, Path), ("repository" = uuid::Uuid, Path)),
    responses((status = 200, body = RepositoryBody), (status = "default", body = Problem))
)]
async fn get(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, uid)): Path<(OrgUid, RepositoryUid)>,
) -> Result<Tagged<Json<RepositoryBody>>> {
    let row = app.store.repositories().get(&actor, org, uid).await?;
    Ok(Tagged { version: row.version, body: Json(row.into()) })
}

/// Changes a repository.
#[utoipa::path(
    patch, path = "/orgs/{org}/repositories/{repository}", tag = "repositories", request_body = RepositoryChangeBody,
    params(("org" = uuid::Uuid, Path), ("repository" = uuid::Uuid, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = RepositoryBody), (status = "default", body = Problem))
)]
async fn change(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, uid)): Path<(OrgUid, RepositoryUid)>,
    IfMatch(version): IfMatch,
    Json(body): Json<RepositoryChangeBody>,
) -> Result<Tagged<Json<RepositoryBody>>> {
    let change = RepositoryChange {
        name: body.name,
        class: body.class,
        state: body.state,
        agent_route: body.agent_route,
        credential: body.credential,
        bytes_max: body.bytes_max,
        password_sealed: None,
    };
    let password = body.password.map(Secret::new);
    let changed = repositories::change(&app, &actor, org, uid, version, change, password).await?;
    Ok(Tagged { version: changed.version, body: Json(changed.into()) })
}

/// Forgets a repository. What lies in its storage stays there.
#[utoipa::path(
    delete, path = "/orgs/{org}/repositories/{repository}", tag = "repositories",
    params(("org" = uuid::Uuid, Path), ("repository" = uuid::Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn delete(
    State(app): State<App>,
    Fresh(actor): Fresh,
    Path((org, uid)): Path<(OrgUid, RepositoryUid)>,
) -> Result<StatusCode> {
    repositories::forget(&app, &actor, org, uid).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Looks whether a repository can be reached, opened and written to: what is wrong is the answer, not an error.
#[utoipa::path(
    post, path = "/orgs/{org}/repositories/{repository}/test", tag = "repositories",
    params(("org" = uuid::Uuid, Path), ("repository" = uuid::Uuid, Path)),
    responses((status = 200, body = Finding), (status = "default", body = Problem))
)]
async fn test(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, uid)): Path<(OrgUid, RepositoryUid)>,
) -> Result<Json<Finding>> {
    Ok(Json(repositories::test(&app, &actor, org, uid).await?))
}

/// Makes the catalog what the repository says, at once.
#[utoipa::path(
    post, path = "/orgs/{org}/repositories/{repository}/refresh", tag = "repositories",
    params(("org" = uuid::Uuid, Path), ("repository" = uuid::Uuid, Path)),
    responses((status = 200, body = RefreshedBody), (status = "default", body = Problem))
)]
async fn refresh(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, uid)): Path<(OrgUid, RepositoryUid)>,
) -> Result<Json<RefreshedBody>> {
    actor.in_org(org)?;
    actor.require(bygone_store::Action::Run, bygone_store::Resource::Repository)?;
    app.store.repositories().get(&actor, org, uid).await?;
    let refreshed = catalog::refresh(&app, org, uid).await?;
    Ok(Json(RefreshedBody { added: refreshed.added, removed: refreshed.removed, total: refreshed.total }))
}

/// Shows what a repository held, the newest day first.
#[utoipa::path(
    get, path = "/orgs/{org}/repositories/{repository}/usage", tag = "repositories",
    params(("org" = uuid::Uuid, Path), ("repository" = uuid::Uuid, Path), UsageQuery),
    responses((status = 200, body = Vec<UsageBody>), (status = "default", body = Problem))
)]
async fn usage(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, uid)): Path<(OrgUid, RepositoryUid)>,
    Query(query): Query<UsageQuery>,
) -> Result<Json<Vec<UsageBody>>> {
    let days = match query.days.unwrap_or(DAYS) {
        days @ 1..=DAYS_MAX => days,
        _ => {
            return Err(
                Problem::new(crate::problem::ProblemCode::Malformed, "days must be between 1 and 1000").about("days")
            );
        }
    };
    let usage = app.store.repositories().usage(&actor, org, uid, i64::from(days)).await?;
    Ok(Json(usage.into_iter().map(UsageBody::from).collect()))
}

/// Days of usage when nobody asks for a number.
const DAYS: u16 = 90;
/// Days of usage at most.
const DAYS_MAX: u16 = 1_000;
