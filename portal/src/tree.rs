//! What is in a folder, at a snapshot or at a time.

use std::sync::Arc;

use axum::extract::State;
use bygone_common::access::Use;
use bygone_common::{SnapshotPath, SourceUid, TreeId};
use bygone_http::extract::{Json, Path, Query};
use bygone_http::offload::offload;
use bygone_http::{Problem, ProblemCode, Result};
use bygone_store::access::SourceAccess;
use bygone_store::page::PAGE_ITEMS_MAX;
use bygone_vault::Directory;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::asker::Asker;
use crate::entries::{EntryBody, SnapshotRefBody, uses};
use crate::ghosts::Ghosts;
use crate::listing::{Begin, Earlier, Listing, Part};
use crate::moment::{At, Moment, Stand};
use crate::names::{PathBody, path_of};
use crate::order::{Order, OrderKey, SortBody};
use crate::past::Past;
use crate::portal::Portal;
use crate::reads::Read;
use crate::sources::UseBody;

/// Entries of a page when nobody asks for a number.
const ENTRIES: u32 = 100;

pub(crate) fn routes() -> OpenApiRouter<Portal> {
    OpenApiRouter::new().routes(routes!(tree))
}

/// Which folder is meant, when, and how it is listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TreeQuery {
    /// A time, and the newest snapshot taken then or before is meant; or the beginning of a snapshot's id; or `latest`.
    at: Option<String>,
    /// The folder; the root if not said.
    path: Option<String>,
    /// The same in base64, where it is not UTF-8.
    path_base64: Option<String>,
    /// Only names with this in them, however it is written.
    #[param(max_length = 255)]
    contains: Option<String>,
    /// By what it is sorted; by name if not said. Folders come first.
    #[param(inline)]
    sort: Option<SortBody>,
    /// Whether the other way round.
    #[serde(default)]
    descending: bool,
    /// By which language's rules names are sorted, as in `ru`.
    lang: Option<String>,
    /// Whether names that lived in earlier snapshots are shown too.
    #[serde(default)]
    deleted: bool,
    /// Only what differs from this time or snapshot.
    changed_since: Option<String>,
    /// Entries at most: 1 to 500, 100 if not said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many entries come before the page: instead of `after`, for any place of a long list.
    offset: Option<usize>,
}

/// A page of a folder.
#[derive(Debug, Serialize, ToSchema)]
pub struct TreeBody {
    snapshot: SnapshotRefBody,
    #[serde(flatten)]
    path: PathBody,
    /// What may be done with the folder.
    uses: Vec<UseBody>,
    /// How many entries there are to show, on all pages, without those that are gone.
    total: usize,
    /// How many that are gone; if they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted: Option<usize>,
    /// Whether everything that is gone was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_complete: Option<bool>,
    entries: Vec<EntryBody>,
    /// Where the next page begins: give it as `after`. Null on the last page.
    next: Option<String>,
}

/// Lists a folder at a snapshot or at a time.
#[utoipa::path(
    get, path = "/sources/{source}/tree", tag = "portal", params(("source" = uuid::Uuid, Path), TreeQuery),
    responses((status = 200, body = TreeBody), (status = "default", body = Problem))
)]
async fn tree(
    State(portal): State<Portal>,
    Asker(actor): Asker,
    Path(uid): Path<SourceUid>,
    Query(query): Query<TreeQuery>,
) -> Result<Json<TreeBody>> {
    let asked = Asked::parse(query)?;
    let source = portal.source(&actor, uid).await?;
    let moment = portal.moment(&source, &asked.at).await?;
    let before = match &asked.changed_since {
        Some(at) => Some(portal.moment(&source, at).await?),
        None => None,
    };
    let past = if asked.deleted { Some(portal.past_before(&source, &moment).await?) } else { None };
    let (shared, read) = (portal.clone(), Read::list(&source, &moment, &asked.path));
    let body = offload(move || list(&shared, &moment, before.as_ref(), past.as_ref(), &asked)).await?;
    portal.reads.note(&actor, read).await?;
    Ok(Json(body))
}

/// What a query comes to.
struct Asked {
    at: At,
    path: SnapshotPath,
    order: Order,
    deleted: bool,
    changed_since: Option<At>,
    limit: usize,
    contains: Option<Part>,
    begin: Begin,
}

impl Asked {
    fn parse(query: TreeQuery) -> Result<Self> {
        let limit = query.limit.unwrap_or(ENTRIES);
        if limit == 0 || limit > PAGE_ITEMS_MAX {
            let sentence = format!("limit must be between 1 and {PAGE_ITEMS_MAX}");
            return Err(Problem::new(ProblemCode::Malformed, sentence).about("limit"));
        }
        let begin = match (query.after, query.offset) {
            (None, None) => Begin::Start,
            (Some(after), None) => Begin::After(after),
            (None, Some(offset)) => Begin::Offset(offset),
            (Some(_), Some(_)) => {
                let sentence = "a page begins after another or at an offset, not both";
                return Err(Problem::new(ProblemCode::Malformed, sentence).about("offset"));
            }
        };
        Ok(Self {
            at: At::parse(query.at.as_deref()),
            path: path_of(query.path.as_deref(), query.path_base64.as_deref())?,
            order: Order::new(query.sort.unwrap_or_default(), query.descending, query.lang.as_deref())?,
            deleted: query.deleted,
            changed_since: query.changed_since.as_deref().map(|text| At::parse(Some(text))),
            limit: limit as usize,
            contains: query.contains.as_deref().map(Part::new).transpose()?,
            begin,
        })
    }
}

impl Portal {
    /// The snapshots of a source before a moment.
    async fn past_before(&self, source: &SourceAccess, moment: &Moment) -> Result<Past> {
        self.past(source, Some(moment.snapshot.taken_at)).await
    }

    /// The positions of a folder's entries in an order.
    fn positions(&self, tree: TreeId, directory: &Directory, order: &Order) -> Arc<Box<[u32]>> {
        let key: OrderKey = order.key(tree);
        self.orders.get(&key).unwrap_or_else(|| {
            let positions = order.positions(directory);
            let weight = std::mem::size_of_val(&*positions) + std::mem::size_of::<OrderKey>();
            self.orders.put(key, positions, weight)
        })
    }
}

fn list(
    portal: &Portal,
    moment: &Moment,
    before: Option<&Moment>,
    past: Option<&Past>,
    asked: &Asked,
) -> Result<TreeBody> {
    let stand = moment.at(&asked.path, Use::See)?;
    let tree = stand.tree.ok_or_else(|| Problem::new(ProblemCode::Invalid, "this is not a folder").about("path"))?;
    let directory = moment.repository.directory(tree)?;
    let since = before.map(|before| earlier(before, &asked.path)).transpose()?;
    let ghosts = past.map(|past| {
        let trails: Vec<_> = past.parts.iter().map(|part| part.trail(&asked.path, Use::See)).collect();
        let mut ghosts = Ghosts::find(past, &trails, &directory, &asked.order);
        if let Some(part) = &asked.contains {
            ghosts.retain(|name| part.is_in(name));
        }
        ghosts
    });
    let Stand { place, .. } = &stand;
    let listing = Listing {
        directory: &directory,
        view: &moment.view,
        place,
        order: &asked.order,
        positions: portal.positions(tree, &directory, &asked.order),
        ghosts: ghosts.as_ref(),
        since,
        contains: asked.contains.as_ref(),
    };
    let page = listing.page(&asked.begin, asked.limit)?;
    Ok(TreeBody {
        snapshot: (&moment.snapshot).into(),
        path: (&asked.path).into(),
        uses: uses(place, &moment.view),
        total: listing.total(),
        deleted: ghosts.as_ref().map(Ghosts::len),
        deleted_complete: ghosts.as_ref().map(|ghosts| ghosts.is_complete),
        entries: page.entries,
        next: page.next,
    })
}

/// The folder at an earlier time: nothing if it was not there, or was not to be seen.
fn earlier(before: &Moment, path: &SnapshotPath) -> Result<Earlier> {
    match before.at(path, Use::See) {
        Ok(Stand { tree: Some(tree), .. }) => Ok(Earlier(Some(before.repository.directory(tree)?))),
        Ok(_) => Ok(Earlier(None)),
        Err(problem) if problem.code() == ProblemCode::NotFound => Ok(Earlier(None)),
        Err(problem) => Err(problem),
    }
}
