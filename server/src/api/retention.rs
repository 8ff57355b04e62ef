//! What rules would keep.

use axum::extract::State;
use bygone_common::plan::RetentionPolicy;
use bygone_common::retention::{Fate, Reason};
use bygone_common::{OrgUid, RepositoryUid};
use bygone_store::snapshots::SnapshotRow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::snapshots::SnapshotBody;
use crate::app::App;
use crate::extract::{Json, Path};
use crate::problem::{Problem, Result};
use crate::retention::{self, Choice};
use crate::signed::Signed;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(preview))
}

/// Rules, and what they are tried on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RetentionPreviewBody {
    policy: RetentionPolicy,
    /// Of these hosts; of all, if none is said.
    #[serde(default)]
    hosts: Vec<String>,
    /// With this tag.
    tag: Option<String>,
}

/// What becomes of a snapshot.
#[derive(Debug, Serialize, ToSchema)]
struct FateBody {
    snapshot: SnapshotBody,
    /// Whether it stays.
    kept: bool,
    /// By which rules, in restic's words where it has some.
    reasons: Vec<String>,
    /// Whether it is under hold.
    held: bool,
}

impl From<(SnapshotRow, Fate)> for FateBody {
    fn from((row, fate): (SnapshotRow, Fate)) -> Self {
        let reasons = match &fate {
            Fate::Keep(reasons) => reasons.as_slice(),
            Fate::Forget => &[],
        };
        Self {
            kept: fate.is_kept(),
            held: reasons.contains(&Reason::Held),
            reasons: reasons.iter().map(ToString::to_string).collect(),
            snapshot: row.into(),
        }
    }
}

/// What becomes of each snapshot.
#[derive(Debug, Serialize, ToSchema)]
struct FatesBody {
    /// The newest first.
    items: Vec<FateBody>,
    kept: usize,
    forgotten: usize,
}

/// Says which snapshots of a repository rules would keep, and why. Nothing is changed.
#[utoipa::path(
    post, path = "/orgs/{org}/repositories/{repository}/retention-preview", tag = "snapshots",
    request_body = RetentionPreviewBody, params(("org" = uuid::Uuid, Path), ("repository" = uuid::Uuid, Path)),
    responses((status = 200, body = FatesBody), (status = "default", body = Problem))
)]
async fn preview(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, repository)): Path<(OrgUid, RepositoryUid)>,
    Json(body): Json<RetentionPreviewBody>,
) -> Result<Json<FatesBody>> {
    let choice = Choice { hosts: body.hosts, tag: body.tag };
    let fates = retention::preview(&app, &actor, org, repository, &body.policy, &choice).await?;
    let items: Vec<FateBody> = fates.into_iter().map(Into::into).collect();
    let kept = items.iter().filter(|item| item.kept).count();
    Ok(Json(FatesBody { forgotten: items.len() - kept, kept, items }))
}
