//! Holds of snapshots.

use axum::extract::State;
use axum::http::StatusCode;
use bygone_common::{JobUid, OrgUid, RepositoryUid};
use bygone_store::snapshots::HoldRow;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ListBody;
use crate::app::App;
use crate::extract::{Json, Path, Query};
use crate::holds::{self, Change, Changed};
use crate::problem::{Problem, Result};
use crate::signed::{Fresh, Signed};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(add)).routes(routes!(release))
}

/// A hold.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HoldBody {
    #[schema(value_type = uuid::Uuid)]
    repository: RepositoryUid,
    /// restic's id of the snapshot.
    snapshot: String,
    /// What it is for, and released by.
    case: String,
    who: String,
    reason: String,
    /// When it ends by itself; null: when somebody releases it.
    until: Option<jiff::Timestamp>,
}

impl From<HoldRow> for HoldBody {
    fn from(row: HoldRow) -> Self {
        Self {
            repository: row.repository,
            snapshot: row.snapshot,
            case: row.case,
            who: row.who,
            reason: row.reason,
            until: row.until,
        }
    }
}

/// A new hold.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewHoldBody {
    /// What it is for; one of the same case is replaced.
    #[schema(min_length = 1, max_length = 1024)]
    case: String,
    /// Why.
    #[schema(min_length = 1, max_length = 1024)]
    reason: String,
    /// When it ends by itself.
    until: Option<jiff::Timestamp>,
}

/// The snapshot whose holds were changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HeldBody {
    /// Its id from now on: holds lie in the snapshot itself, and its id is its hash.
    snapshot: String,
    /// The job that has the storage keep what the snapshot needs, or lets go of it; null where the storage locks no files.
    #[schema(value_type = Option<uuid::Uuid>)]
    job: Option<JobUid>,
}

impl From<Changed> for HeldBody {
    fn from(changed: Changed) -> Self {
        Self { snapshot: changed.snapshot, job: changed.job }
    }
}

/// Which holds are meant.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HoldsQuery {
    /// Of this case.
    case: Option<String>,
    /// Items at most: 1 to 500, 50 if not said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Lists holds.
#[utoipa::path(
    get, path = "/orgs/{org}/holds", tag = "snapshots", params(("org" = uuid::Uuid, Path), HoldsQuery),
    responses((status = 200, body = ListBody<HoldBody>), (status = "default", body = Problem))
)]
async fn list(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Query(query): Query<HoldsQuery>,
) -> Result<Json<ListBody<HoldBody>>> {
    let page = super::page(query.limit, query.after.as_deref())?;
    let list = app.store.snapshots().holds(&actor, org, query.case.as_deref(), &page).await?;
    Ok(Json(ListBody::of(list, HoldBody::from)))
}

/// Holds a snapshot: no rule and no person forgets it until the hold is released. Where the storage locks files, a job has it keep
/// all that the snapshot needs.
#[utoipa::path(
    post, path = "/orgs/{org}/repositories/{repository}/snapshots/{snapshot}/holds", tag = "snapshots",
    request_body = NewHoldBody,
    params(("org" = uuid::Uuid, Path), ("repository" = uuid::Uuid, Path), ("snapshot" = String, Path)),
    responses((status = 201, body = HeldBody), (status = "default", body = Problem))
)]
async fn add(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, repository, snapshot)): Path<(OrgUid, RepositoryUid, String)>,
    Json(body): Json<NewHoldBody>,
) -> Result<(StatusCode, Json<HeldBody>)> {
    let hold = holds::parse(&app, &actor, &body.case, &body.reason, body.until)?;
    let changed = holds::change(&app, &actor, org, repository, &snapshot, Change::Add(hold)).await?;
    Ok((StatusCode::CREATED, Json(changed.into())))
}

/// Releases the holds of a case. Where the storage locks files, a job lets go of what nothing else that is held needs.
#[utoipa::path(
    delete, path = "/orgs/{org}/repositories/{repository}/snapshots/{snapshot}/holds/{case}", tag = "snapshots",
    params(
        ("org" = uuid::Uuid, Path), ("repository" = uuid::Uuid, Path), ("snapshot" = String, Path),
        ("case" = String, Path)
    ),
    responses((status = 200, body = HeldBody), (status = "default", body = Problem))
)]
async fn release(
    State(app): State<App>,
    Fresh(actor): Fresh,
    Path((org, repository, snapshot, case)): Path<(OrgUid, RepositoryUid, String, String)>,
) -> Result<Json<HeldBody>> {
    let changed = holds::change(&app, &actor, org, repository, &snapshot, Change::Release(case)).await?;
    Ok(Json(changed.into()))
}
