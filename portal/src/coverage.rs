//! What of a source is saved, and what its plans leave out: for whoever misses a file.

use axum::extract::State;
use bygone_common::SourceUid;
use bygone_common::plan::CaptureOptions;
use bygone_http::extract::{Json, Path};
use bygone_http::{Problem, Result};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::asker::Asker;
use crate::portal::Portal;

pub(crate) fn routes() -> OpenApiRouter<Portal> {
    OpenApiRouter::new().routes(routes!(coverage))
}

/// What of a source is saved.
#[derive(Debug, Serialize, ToSchema)]
pub struct CoverageBody {
    /// Its files and folders. Null, as all below: the asker sees a part of the source only.
    paths: Option<Vec<String>>,
    /// What each plan of it that is on leaves out; none: no plan saves it.
    plans: Option<Vec<LeftOutBody>>,
}

/// What a plan leaves out.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LeftOutBody {
    /// What it saves beside the source's own files and folders.
    more: Vec<String>,
    /// Patterns, restic's; `!` before one makes an exception.
    patterns: Vec<String>,
    /// Files on the machine with more of them.
    pattern_files: Vec<String>,
    /// Folders that are marked as caches.
    caches: bool,
    /// Folders that hold a file of such a name.
    marked: Vec<String>,
    /// Files of more bytes.
    larger_than: Option<u64>,
    /// Other file systems that are mounted below.
    other_file_systems: bool,
    /// What .gitignore and .ignore files say.
    git_ignored: bool,
}

impl From<CaptureOptions> for LeftOutBody {
    fn from(capture: CaptureOptions) -> Self {
        Self {
            more: capture.include,
            patterns: capture.exclude.into_iter().chain(capture.iexclude).collect(),
            pattern_files: capture.exclude_files,
            caches: capture.exclude_caches,
            marked: capture.exclude_if_present,
            larger_than: capture.exclude_larger_than,
            other_file_systems: capture.one_file_system,
            git_ignored: capture.gitignore,
        }
    }
}

/// Shows what of a source is saved, and what its plans leave out.
#[utoipa::path(
    get, path = "/sources/{source}/coverage", tag = "portal", params(("source" = uuid::Uuid, Path)),
    responses((status = 200, body = CoverageBody), (status = "default", body = Problem))
)]
async fn coverage(
    State(portal): State<Portal>,
    Asker(actor): Asker,
    Path(uid): Path<SourceUid>,
) -> Result<Json<CoverageBody>> {
    let source = portal.source(&actor, uid).await?;
    // Paths and patterns name folders: they are for who may see every one.
    if !source.access().widest_view().is_everything() {
        return Ok(Json(CoverageBody { paths: None, plans: None }));
    }
    let captures = portal.store.plans().captures_of(&source).await?;
    let plans = captures.into_iter().map(LeftOutBody::from).collect();
    Ok(Json(CoverageBody { paths: Some(source.source().paths.clone()), plans: Some(plans) }))
}
