//! My sources: the machines whose files the asker sees.

use axum::extract::State;
use bygone_common::{SourceUid, access};
use bygone_http::extract::{Json, Path, Query};
use bygone_http::page::{ListBody, PageQuery};
use bygone_http::{Problem, Result};
use bygone_store::access::SourceAccess;
use bygone_store::snapshots::SourceSpan;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::asker::Asker;
use crate::portal::Portal;

pub(crate) fn routes() -> OpenApiRouter<Portal> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get))
}

/// What is done with files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum UseBody {
    /// Listing and finding them.
    See,
    /// Looking into them.
    Preview,
    /// Taking them away.
    Download,
    /// Putting them back.
    Restore,
}

impl From<access::Use> for UseBody {
    fn from(one: access::Use) -> Self {
        match one {
            access::Use::See => Self::See,
            access::Use::Preview => Self::Preview,
            access::Use::Download => Self::Download,
            access::Use::Restore => Self::Restore,
        }
    }
}

/// A source as the asker sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct MySourceBody {
    #[schema(value_type = uuid::Uuid)]
    uid: SourceUid,
    name: String,
    /// Its name in snapshots; null: the machine's own.
    host: Option<String>,
    /// Whether it is the asker's own.
    owner: bool,
    /// Whether all of it may be seen; else a part.
    whole: bool,
    /// What may be done somewhere in it.
    uses: Vec<UseBody>,
    /// How many snapshots there are.
    snapshots: i64,
    /// When the oldest was taken, and the newest.
    first_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
}

impl MySourceBody {
    fn of(source: SourceAccess, span: SourceSpan) -> Self {
        let view = source.access().widest_view();
        let gives = |one: &access::Use| {
            let root = view.root();
            root.uses(&view).has(*one) || root.leads_to(&view, *one)
        };
        Self {
            uid: source.source().uid,
            name: source.source().name.clone(),
            host: source.source().host.clone(),
            owner: source.is_owner(),
            whole: view.is_everything(),
            uses: access::Use::ALL.into_iter().filter(gives).map(UseBody::from).collect(),
            snapshots: span.snapshots,
            first_at: span.first_at,
            last_at: span.last_at,
        }
    }
}

/// Lists the sources of which the asker sees anything.
#[utoipa::path(
    get, path = "/sources", tag = "portal", params(PageQuery),
    responses((status = 200, body = ListBody<MySourceBody>), (status = "default", body = Problem))
)]
async fn list(
    State(portal): State<Portal>,
    Asker(actor): Asker,
    Query(page): Query<PageQuery>,
) -> Result<Json<ListBody<MySourceBody>>> {
    let page = page.page()?;
    // Who runs the installation is of no organization, and has no files to find.
    let Some(org) = actor.org() else { return Ok(Json(ListBody { items: Vec::new(), next: None })) };
    let list = portal.store.accesses().list(&actor, org, &page).await?;
    let mut items = Vec::with_capacity(list.items.len());
    for source in list.items {
        let span = portal.store.snapshots().span_of(&source, oldest(&portal, &source)).await?;
        items.push(MySourceBody::of(source, span));
    }
    Ok(Json(ListBody { items, next: list.next }))
}

/// Shows a source.
#[utoipa::path(
    get, path = "/sources/{source}", tag = "portal", params(("source" = uuid::Uuid, Path)),
    responses((status = 200, body = MySourceBody), (status = "default", body = Problem))
)]
async fn get(
    State(portal): State<Portal>,
    Asker(actor): Asker,
    Path(uid): Path<SourceUid>,
) -> Result<Json<MySourceBody>> {
    let source = portal.source(&actor, uid).await?;
    let span = portal.store.snapshots().span_of(&source, oldest(&portal, &source)).await?;
    Ok(Json(MySourceBody::of(source, span)))
}

/// The time of the oldest snapshot that the asker may see anything of; none: of any age.
pub(crate) fn oldest(portal: &Portal, source: &SourceAccess) -> Option<Timestamp> {
    let depth = source.access().depth_days()?;
    portal.clock.now().checked_sub(jiff::SignedDuration::from_hours(24 * i64::from(depth))).ok()
}
