//! What went lately: files that the newest snapshot of their source has not any more, of every source that is seen.

use axum::extract::State;
use bygone_common::SourceUid;
use bygone_http::extract::{Json, Query};
use bygone_http::{Problem, Result};
use bygone_indexer::{Page, Sort, Versions};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::asker::Asker;
use crate::portal::Portal;
use crate::reads::Read;
use crate::search::{HitBody, Wanted, limit_of};

/// What is asked of the index.
const QUERY: &str = "deleted:yes kind:file";

pub(crate) fn routes() -> OpenApiRouter<Portal> {
    OpenApiRouter::new().routes(routes!(deleted))
}

/// Of which source, and which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeletedQuery {
    /// Of this source only.
    #[param(value_type = Option<uuid::Uuid>)]
    source: Option<SourceUid>,
    /// Items at most: 1 to 500, 50 if not said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Files that went.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeletedBody {
    /// What went last comes first. Each path once, as it was last.
    items: Vec<HitBody>,
    /// Whether more may have gone than is told: the index is being brought up to date.
    partial: bool,
    /// Where the next page begins: give it as `after`. Null on the last page.
    next: Option<String>,
}

/// Lists files that went lately, of all sources that may be seen.
#[utoipa::path(
    get, path = "/deleted", tag = "portal", params(DeletedQuery),
    responses((status = 200, body = DeletedBody), (status = "default", body = Problem))
)]
async fn deleted(
    State(portal): State<Portal>,
    Asker(actor): Asker,
    Query(query): Query<DeletedQuery>,
) -> Result<Json<DeletedBody>> {
    let page = Page {
        limit: limit_of(query.limit)?,
        after: query.after,
        sort: Sort::LastGone,
        versions: Versions::Best,
        facets: false,
    };
    // Who runs the installation is of no organization, and has no files to miss.
    let Some(org) = actor.org() else {
        return Ok(Json(DeletedBody { items: Vec::new(), partial: false, next: None }));
    };
    let wanted = Wanted { query: QUERY, zone: &TimeZone::UTC, source: query.source, page };
    let found = portal.find(&actor, org, wanted).await?;
    portal.reads.note(&actor, Read::search(org, QUERY)).await?;
    Ok(Json(DeletedBody {
        items: found.hits.into_iter().map(HitBody::from).collect(),
        partial: found.is_partial,
        next: found.next,
    }))
}
