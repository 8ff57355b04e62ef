//! Snapshots in the catalog.

use axum::extract::State;
use bygone_common::{OrgUid, RepositoryUid, SourceUid};
use bygone_store::snapshots::{SnapshotQuery, SnapshotRow};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ListBody;
use crate::app::App;
use crate::extract::{Json, Path, Query};
use crate::problem::{Problem, Result};
use crate::signed::Signed;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get))
}

/// A snapshot.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SnapshotBody {
    #[schema(value_type = uuid::Uuid)]
    repository: RepositoryUid,
    /// restic's id.
    id: String,
    taken_at: jiff::Timestamp,
    /// The source's offset from UTC then, in seconds.
    utc_offset: i64,
    host: String,
    username: String,
    paths: Vec<String>,
    tags: Vec<String>,
    /// The id of its root directory.
    tree: String,
    parent: Option<String>,
    /// What took it.
    program: String,
    /// Where its writer counted: files in it, and their plain bytes.
    files: Option<i64>,
    bytes: Option<i64>,
    /// Plain bytes that were new to the repository, and the same as stored.
    added_bytes: Option<i64>,
    added_stored_bytes: Option<i64>,
    #[schema(value_type = Option<uuid::Uuid>)]
    source: Option<SourceUid>,
}

impl From<SnapshotRow> for SnapshotBody {
    fn from(row: SnapshotRow) -> Self {
        Self {
            repository: row.repository,
            id: row.id,
            taken_at: row.taken_at,
            utc_offset: row.utc_offset,
            host: row.host,
            username: row.username,
            paths: row.paths,
            tags: row.tags,
            tree: row.tree,
            parent: row.parent,
            program: row.program,
            files: row.files,
            bytes: row.bytes,
            added_bytes: row.added_bytes,
            added_stored_bytes: row.added_stored_bytes,
            source: row.source,
        }
    }
}

/// What keeps a snapshot.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HoldRefBody {
    /// What for.
    case: String,
    /// Until when; null: until somebody releases it.
    until: Option<jiff::Timestamp>,
}

/// A snapshot in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListedSnapshotBody {
    #[serde(flatten)]
    snapshot: SnapshotBody,
    /// The holds that now keep it.
    holds: Vec<HoldRefBody>,
}

/// Which snapshots are meant.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SnapshotsQuery {
    /// In this repository.
    #[param(value_type = Option<uuid::Uuid>)]
    repository: Option<RepositoryUid>,
    /// Of this source.
    #[param(value_type = Option<uuid::Uuid>)]
    source: Option<SourceUid>,
    /// Of this host.
    host: Option<String>,
    /// With this path among those saved.
    path: Option<String>,
    /// With this tag.
    tag: Option<String>,
    /// Taken at this time or later.
    since: Option<jiff::Timestamp>,
    /// Taken before.
    before: Option<jiff::Timestamp>,
    /// Under hold, or not.
    held: Option<bool>,
    /// Items at most: 1 to 500, 50 if not said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Lists snapshots, the newest first.
#[utoipa::path(
    get, path = "/orgs/{org}/snapshots", tag = "snapshots", params(("org" = uuid::Uuid, Path), SnapshotsQuery),
    responses((status = 200, body = ListBody<ListedSnapshotBody>), (status = "default", body = Problem))
)]
async fn list(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Query(query): Query<SnapshotsQuery>,
) -> Result<Json<ListBody<ListedSnapshotBody>>> {
    let page = super::page(query.limit, query.after.as_deref())?;
    let wanted = SnapshotQuery {
        repository: query.repository,
        source: query.source,
        host: query.host,
        path: query.path,
        tag: query.tag,
        since: query.since,
        before: query.before,
        held: query.held,
    };
    let list = app.store.snapshots().list(&actor, org, &wanted, &page).await?;
    let ids: Vec<&str> = list.items.iter().map(|row| row.id.as_str()).collect();
    let holds = app.store.snapshots().holds_among(&actor, org, &ids).await?;
    let listed = |row: SnapshotRow| {
        let own = holds.iter().filter(|hold| (hold.repository, &hold.snapshot) == (row.repository, &row.id));
        let holds = own.map(|hold| HoldRefBody { case: hold.case.clone(), until: hold.until }).collect();
        ListedSnapshotBody { snapshot: row.into(), holds }
    };
    Ok(Json(ListBody::of(list, listed)))
}

/// Shows a snapshot.
#[utoipa::path(
    get, path = "/orgs/{org}/repositories/{repository}/snapshots/{snapshot}", tag = "snapshots",
    params(("org" = uuid::Uuid, Path), ("repository" = uuid::Uuid, Path), ("snapshot" = String, Path)),
    responses((status = 200, body = SnapshotBody), (status = "default", body = Problem))
)]
async fn get(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, repository, id)): Path<(OrgUid, RepositoryUid, String)>,
) -> Result<Json<SnapshotBody>> {
    Ok(Json(app.store.snapshots().get(&actor, org, repository, &id).await?.into()))
}
