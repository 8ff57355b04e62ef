//! Search over every snapshot that the asker sees anything of. What may be seen is part of the question.

use axum::extract::State;
use bygone_common::access::{Effect, Owner, Rule, Use};
use bygone_common::{OrgUid, SourceUid};
use bygone_http::extract::{Json, Query};
use bygone_http::offload::offload;
use bygone_http::{Problem, ProblemCode, Result};
use bygone_indexer::{Facets, FileOwner, Found, Hit, Page, Scope, ScopeClause, Sort, Suggestion, Terms, Versions};
use bygone_store::Actor;
use bygone_store::access::SourceAccess;
use bygone_store::page::PAGE_ITEMS_MAX;
use bygone_vault::backend::CancelToken;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::asker::Asker;
use crate::entries::KindBody;
use crate::indexes::failed;
use crate::names::PathBody;
use crate::portal::Portal;
use crate::reads::Read;

/// Hits when nobody asks for a number, and at most.
const HITS: u32 = 50;
const HITS_MAX: u32 = 500;
/// Names that a beginning is completed to.
const COMPLETIONS: usize = 10;
/// Sources that one search looks at, at most.
const SOURCES_MAX: usize = 10_000;

pub(crate) fn routes() -> OpenApiRouter<Portal> {
    OpenApiRouter::new().routes(routes!(search)).routes(routes!(complete))
}

/// In which order hits come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SearchSortBody {
    /// Best fit first.
    #[default]
    Best,
    /// Most recently changed first.
    Newest,
    /// Least recently changed first.
    Oldest,
    /// By name.
    Name,
    /// Largest first.
    Largest,
    /// Smallest first.
    Smallest,
}

impl From<SearchSortBody> for Sort {
    fn from(sort: SearchSortBody) -> Self {
        match sort {
            SearchSortBody::Best => Self::Best,
            SearchSortBody::Newest => Self::Newest,
            SearchSortBody::Oldest => Self::Oldest,
            SearchSortBody::Name => Self::Name,
            SearchSortBody::Largest => Self::Largest,
            SearchSortBody::Smallest => Self::Smallest,
        }
    }
}

/// What is searched for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// As in `report ext:xlsx size:>10M changed:2026-10 deleted:yes "exact phrase" name*`.
    q: String,
    /// In this source only.
    #[param(value_type = Option<uuid::Uuid>)]
    source: Option<SourceUid>,
    /// In which order; best fit first if not said.
    #[param(inline)]
    sort: Option<SearchSortBody>,
    /// Whether every version of a path is a hit, and not only the best.
    #[serde(default)]
    all_versions: bool,
    /// Whether hits are counted by what they are.
    #[serde(default)]
    facets: bool,
    /// Where days begin, as in `Europe/Moscow`; UTC if not said.
    zone: Option<String>,
    /// Hits at most: 1 to 500, 50 if not said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// A snapshot that has a hit.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeenAtBody {
    taken_at: Timestamp,
    /// restic's id of it; of copies in several repositories, of any.
    id: Option<String>,
}

/// A version of a path that fits.
#[derive(Debug, Serialize, ToSchema)]
pub struct HitBody {
    #[schema(value_type = uuid::Uuid)]
    source: SourceUid,
    source_name: String,
    #[serde(flatten)]
    path: PathBody,
    kind: KindBody,
    size: u64,
    mtime: Option<Timestamp>,
    /// The first snapshot that has it, and the last.
    first: SeenAtBody,
    last: SeenAtBody,
    /// Whether the newest snapshot of its source has it.
    current: bool,
    /// When nothing lay at its path any more.
    deleted: Option<Timestamp>,
    /// Versions of its path; null: too many to count.
    versions: Option<u64>,
    /// Parts of the path that fit, as ranges of its bytes.
    highlights: Vec<(usize, usize)>,
}

/// How many hits have a value.
#[derive(Debug, Serialize, ToSchema)]
pub struct FacetBody {
    value: String,
    count: u64,
    /// What to add to the query to see only those.
    query: String,
}

/// Hits by what they are.
#[derive(Debug, Serialize, ToSchema)]
pub struct FacetsBody {
    kinds: Vec<FacetBody>,
    extensions: Vec<FacetBody>,
    sources: Vec<FacetBody>,
    hosts: Vec<FacetBody>,
    years: Vec<FacetBody>,
    sizes: Vec<FacetBody>,
    /// Whether the counts are estimates.
    estimated: bool,
}

/// A query that finds something.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuggestionBody {
    query: String,
    total: u64,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundBody {
    hits: Vec<HitBody>,
    /// All versions that fit.
    total: u64,
    /// Paths that fit; null: too many to count.
    paths: Option<u64>,
    facets: Option<FacetsBody>,
    /// What may have been meant, when nothing fits.
    suggestions: Vec<SuggestionBody>,
    /// Whether more may fit than was found: the index is being brought up to date.
    partial: bool,
    /// Where the next page begins: give it as `after`. Null on the last page.
    next: Option<String>,
}

/// Searches names in every snapshot that may be seen.
#[utoipa::path(
    get, path = "/search", tag = "portal", params(SearchQuery),
    responses((status = 200, body = FoundBody), (status = "default", body = Problem))
)]
async fn search(
    State(portal): State<Portal>,
    Asker(actor): Asker,
    Query(query): Query<SearchQuery>,
) -> Result<Json<FoundBody>> {
    let limit = limit_of(query.limit)?;
    let no_zone = |_| Problem::new(ProblemCode::Malformed, "no time zone is called so").about("zone");
    let zone = query.zone.as_deref().map_or(Ok(TimeZone::UTC), TimeZone::get).map_err(no_zone)?;
    let page = Page {
        limit,
        after: query.after,
        sort: query.sort.unwrap_or_default().into(),
        versions: if query.all_versions { Versions::All } else { Versions::Best },
        facets: query.facets,
    };
    let Some(org) = actor.org() else { return Err(Problem::not_found("a search index")) };
    let wanted = Wanted { query: &query.q, zone: &zone, source: query.source, page };
    let found = portal.find(&actor, org, wanted).await?;
    portal.reads.note(&actor, Read::search(org, &query.q)).await?;
    Ok(Json(FoundBody {
        hits: found.hits.into_iter().map(HitBody::from).collect(),
        total: found.total,
        paths: found.paths,
        facets: found.facets.map(FacetsBody::from),
        suggestions: found.suggestions.into_iter().map(SuggestionBody::from).collect(),
        partial: found.is_partial,
        next: found.next,
    }))
}

/// What a name begins with.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CompleteQuery {
    /// The beginning.
    prefix: String,
}

/// A name that begins so.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompletionBody {
    name: String,
    /// Versions of that name, at least.
    versions: u64,
}

/// Names that begin so.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompletionsBody {
    /// The most frequent first.
    names: Vec<CompletionBody>,
}

/// Completes a name while it is typed.
#[utoipa::path(
    get, path = "/search/names", tag = "portal", params(CompleteQuery),
    responses((status = 200, body = CompletionsBody), (status = "default", body = Problem))
)]
async fn complete(
    State(portal): State<Portal>,
    Asker(actor): Asker,
    Query(query): Query<CompleteQuery>,
) -> Result<Json<CompletionsBody>> {
    if query.prefix.len() > bygone_indexer::limits::QUERY_BYTES_MAX {
        return Err(Problem::new(ProblemCode::Malformed, "no name is so long").about("prefix"));
    }
    let Some(org) = actor.org() else { return Err(Problem::not_found("a search index")) };
    let (scope, index) = (portal.scope(&actor, org, None).await?, portal.indexes.of(org).await?);
    let prefix = query.prefix;
    let names = offload(move || index.index.complete(&prefix, &scope, COMPLETIONS).map_err(|error| failed(&error)));
    let names = names.await?.into_iter();
    Ok(Json(CompletionsBody {
        names: names.map(|one| CompletionBody { name: one.name, versions: one.versions }).collect(),
    }))
}

/// How many hits are asked for.
///
/// # Errors
/// `Malformed`: none, or too many.
pub(crate) fn limit_of(limit: Option<u32>) -> Result<usize> {
    let limit = limit.unwrap_or(HITS);
    if limit == 0 || limit > HITS_MAX {
        let sentence = format!("limit must be between 1 and {HITS_MAX}");
        return Err(Problem::new(ProblemCode::Malformed, sentence).about("limit"));
    }
    Ok(limit as usize)
}

/// What an index is asked for.
pub(crate) struct Wanted<'a> {
    pub(crate) query: &'a str,
    /// Where days begin.
    pub(crate) zone: &'a TimeZone,
    /// In this source only.
    pub(crate) source: Option<SourceUid>,
    pub(crate) page: Page,
}

impl Portal {
    /// What somebody finds. It is partial too while the index is being brought up to date.
    ///
    /// # Errors
    /// `Malformed`: the query; `NotFound`: the source; what the index answers.
    pub(crate) async fn find(&self, actor: &Actor, org: OrgUid, wanted: Wanted<'_>) -> Result<Found> {
        let Wanted { query, zone, source, page } = wanted;
        let query = bygone_indexer::Query::parse(query, self.clock.now(), zone);
        let query = query.map_err(|error| Problem::new(ProblemCode::Malformed, error.to_string()).about("q"))?;
        let scope = self.scope(actor, org, source).await?;
        let index = self.indexes.of(org).await?;
        let is_partial = !index.is_current();
        let asking = Asking(CancelToken::new());
        let token = asking.0.clone();
        let search = move || index.index.search_until(&query, &scope, &page, &token).map_err(|error| failed(&error));
        let found = offload(search).await?;
        drop(asking);
        Ok(Found { is_partial: found.is_partial || is_partial, ..found })
    }

    /// What somebody may see, as the index asks for it: the rules by which trees are shown.
    async fn scope(&self, actor: &Actor, org: OrgUid, only: Option<SourceUid>) -> Result<Scope> {
        let mut sources: Vec<SourceAccess> = Vec::new();
        match only {
            Some(uid) => sources.push(self.source(actor, uid).await?),
            None => {
                let mut next: Option<String> = None;
                loop {
                    let page = bygone_store::Page::new(Some(PAGE_ITEMS_MAX), next.as_deref())?;
                    let list = self.store.accesses().list(actor, org, &page).await?;
                    sources.extend(list.items);
                    next = list.next;
                    if next.is_none() || sources.len() >= SOURCES_MAX {
                        break;
                    }
                }
            }
        }
        let now = self.clock.now();
        let clauses = sources.iter().flat_map(|source| {
            let rules = source.access().rules().iter().filter(|rule| rule.uses.has(Use::See));
            rules.map(|rule| clause(source.source().uid, rule, now))
        });
        Scope::new(clauses.collect()).map_err(|error| failed(&error))
    }
}

/// Somebody waits for an answer: whoever types goes away with each key, and asks anew.
struct Asking(CancelToken);

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// A rule as the index knows it.
fn clause(source: SourceUid, rule: &Rule, now: Timestamp) -> ScopeClause {
    let effect = match rule.effect {
        Effect::Deny => bygone_indexer::Effect::Deny,
        Effect::Allow => bygone_indexer::Effect::Allow(Terms {
            owner: rule.owner.as_ref().map(|owner| match owner {
                Owner::Uid(uid) => FileOwner::Uid(*uid),
                Owner::Name(name) => FileOwner::Name(name.to_string()),
                Owner::Sid(sid) => FileOwner::Sid(sid.to_string()),
            }),
            // A history that is longer than time itself has no end.
            since: rule.oldest().and_then(|oldest| now.checked_sub(oldest).ok()),
        }),
    };
    ScopeClause { effect, source: Some(source), prefix: rule.path.clone() }
}

impl From<Hit> for HitBody {
    fn from(hit: Hit) -> Self {
        let at = |seen: bygone_indexer::SnapshotAt| SeenAtBody {
            taken_at: seen.time,
            id: seen.copies.first().map(|copy| copy.snapshot.to_string()),
        };
        Self {
            source: hit.source,
            source_name: hit.source_name,
            path: hit.path.as_slice().into(),
            kind: hit.kind.into(),
            size: hit.size,
            mtime: Timestamp::from_second(hit.mtime).ok(),
            first: at(hit.first),
            last: at(hit.last),
            current: hit.is_current,
            deleted: hit.deleted,
            versions: hit.versions,
            highlights: hit.highlights,
        }
    }
}

impl From<Facets> for FacetsBody {
    fn from(facets: Facets) -> Self {
        let of = |values: Vec<bygone_indexer::FacetValue>| {
            values.into_iter().map(|one| FacetBody { value: one.value, count: one.count, query: one.query }).collect()
        };
        Self {
            kinds: of(facets.kinds),
            extensions: of(facets.extensions),
            sources: of(facets.sources),
            hosts: of(facets.hosts),
            years: of(facets.years),
            sizes: of(facets.sizes),
            estimated: facets.are_estimates,
        }
    }
}

impl From<Suggestion> for SuggestionBody {
    fn from(suggestion: Suggestion) -> Self {
        Self { query: suggestion.query, total: suggestion.total }
    }
}
