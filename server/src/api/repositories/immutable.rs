//! What the storage of a repository keeps from being removed.

use axum::extract::State;
use bygone_common::{OrgUid, RepositoryUid};
use bygone_vault::worm::KindStatus;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::extract::{Json, Path};
use crate::problem::{Problem, Result};
use crate::repositories::immutable;
use crate::signed::Signed;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(worm))
}

/// What the storage keeps of the files of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeptBody {
    /// `config`, `keys`, `snapshots`, `index`, `data` or `locks`.
    kind: &'static str,
    files: u64,
    /// Those that nobody can remove before a time to come.
    compliance: u64,
    /// The same, save for storage keys with the right to.
    governance: u64,
    /// Those whose time is over.
    over: u64,
    /// Those that never had one.
    unprotected: u64,
    /// Those under the storage's own legal hold, whatever their time.
    legal_hold: u64,
    /// When the first of them becomes free.
    first_end: Option<Timestamp>,
    /// When the last of them does.
    last_end: Option<Timestamp>,
}

impl From<KindStatus> for KeptBody {
    fn from(status: KindStatus) -> Self {
        Self {
            kind: status.kind.folder(),
            files: status.files,
            compliance: status.compliance,
            governance: status.governance,
            over: status.over,
            unprotected: status.unprotected,
            legal_hold: status.held,
            first_end: status.first_end,
            last_end: status.last_end,
        }
    }
}

/// What the storage of a repository keeps from being removed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImmutableBody {
    /// `compliance` or `governance`: how new files are kept; null when they are not.
    mode: Option<&'static str>,
    /// For how many days.
    days: Option<u32>,
    /// Empty where the storage keeps nothing.
    kinds: Vec<KeptBody>,
}

/// Looks at every file of a repository: what its storage keeps from being removed, and until when. One request each.
#[utoipa::path(
    get, path = "/orgs/{org}/repositories/{repository}/worm", tag = "repositories",
    params(("org" = uuid::Uuid, Path), ("repository" = uuid::Uuid, Path)),
    responses((status = 200, body = ImmutableBody), (status = "default", body = Problem))
)]
async fn worm(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, repository)): Path<(OrgUid, RepositoryUid)>,
) -> Result<Json<ImmutableBody>> {
    let found = immutable::look(&app, &actor, org, repository).await?;
    Ok(Json(ImmutableBody {
        mode: found.policy.map(|policy| policy.mode.name()),
        days: found.policy.map(|policy| policy.days.get()),
        kinds: found.kinds.into_iter().map(KeptBody::from).collect(),
    }))
}
