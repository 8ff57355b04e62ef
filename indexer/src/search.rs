//! Answering a question.
//!
//! `plan` works the query and the scope out for one commit: which names fit, what every directory says of what lies in
//! it. `scan` then looks at documents, a block at a time, from the shortest list of candidates there is, or all of
//! them; whatever passes is counted, and the best are kept (`rank`). `hits` fills a page in, `facets` the counts.

mod block;
mod check;
mod cursor;
mod facets;
mod hits;
mod narrow;
mod plan;
mod rank;
mod scan;
mod texts;

use std::time::{Duration, Instant};

use bygone_common::uid::SourceUid;
use bygone_vault::NodeKind;
use bygone_vault::backend::CancelToken;
use jiff::Timestamp;

pub use facets::{FacetValue, Facets};
pub use rank::Sort;

use crate::error::Result;
use crate::index::Index;
use crate::limits::PAGE_HITS_MAX;
use crate::query::Query;
use crate::scope::Scope;
use crate::state::SnapshotCopy;
use crate::suggest::Suggestion;
use crate::view::View;
use hits::SamePath;
pub(crate) use plan::Plan;
pub(crate) use scan::{Want, scan};

/// A question that so many versions fit is broad: names of its hits have so many versions that a second thread helps.
const BROAD_MIN: u64 = 64 << 10;

/// Which versions of one path are results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Versions {
    /// The best of each path.
    #[default]
    Best,
    /// All of them.
    All,
}

/// Which part of an answer is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Results at most; more than [`PAGE_HITS_MAX`] count as that many.
    pub limit: usize,
    /// Where the page before ended.
    pub after: Option<String>,
    /// In which order.
    pub sort: Sort,
    /// Which versions.
    pub versions: Versions,
    /// Whether facets are counted.
    pub facets: bool,
}

impl Default for Page {
    fn default() -> Self {
        Self { limit: 50, after: None, sort: Sort::Best, versions: Versions::Best, facets: true }
    }
}

/// A snapshot that has a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotAt {
    /// When it was taken.
    pub time: Timestamp,
    /// Where it lies.
    pub copies: Vec<SnapshotCopy>,
}

/// A result: one version of one path, in one run of snapshots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Whose it is.
    pub source: SourceUid,
    /// What people call the source.
    pub source_name: String,
    /// The machine's name.
    pub host: String,
    /// The path, beginning with a slash.
    pub path: Vec<u8>,
    /// What it is.
    pub kind: NodeKind,
    /// Bytes of a file.
    pub size: u64,
    /// When its content was changed, in seconds since 1970.
    pub mtime: i64,
    /// The number of its owner.
    pub owner_uid: u32,
    /// The name of its owner, empty when none was stored.
    pub owner_name: String,
    /// What its content is equal by; none when it has none. As `content:` takes it.
    pub content: Option<String>,
    /// The first snapshot that has it, of those in which it may be seen.
    pub first: SnapshotAt,
    /// The last snapshot that has it, in the same run, of those in which it may be seen.
    pub last: SnapshotAt,
    /// Whether the newest snapshot of its source has it, and it may be seen there.
    pub is_current: bool,
    /// The first snapshot in which nothing lies at its path any more; none when something does.
    pub deleted: Option<Timestamp>,
    /// Versions of its path that may be seen, with itself; none when they are too many to count.
    pub versions: Option<u64>,
    /// Parts of the path that fit the query, as ranges of its bytes, sorted.
    pub highlights: Vec<(usize, usize)>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The page.
    pub hits: Vec<Hit>,
    /// Where the next page begins; none when there is none.
    pub next: Option<String>,
    /// All versions that fit.
    pub total: u64,
    /// Paths that fit; none when they are too many to count.
    pub paths: Option<u64>,
    /// What fits, by what it is.
    pub facets: Option<Facets>,
    /// What may have been meant, when nothing fits.
    pub suggestions: Vec<Suggestion>,
    /// Whether the index is being built anew, so that more may fit than was found.
    pub is_partial: bool,
    /// How long it took.
    pub took: Duration,
}

impl Index {
    /// Answers a query with what the scope lets be seen.
    ///
    /// # Errors
    /// `InvalidInput`: the cursor is of another query or order. `Io`, `Damaged`.
    pub fn search(&self, query: &Query, scope: &Scope, page: &Page) -> Result<Found> {
        self.search_until(query, scope, page, &CancelToken::new())
    }

    /// The same, until the token is pulled: while somebody types, all questions but the last are asked in vain.
    ///
    /// # Errors
    /// As [`search`](Self::search); `Cancelled`.
    pub fn search_until(&self, query: &Query, scope: &Scope, page: &Page, token: &CancelToken) -> Result<Found> {
        let start = Instant::now();
        let view = self.view();
        let threads = self.limits().search_threads;
        let plan = Plan::new(&view, query, scope, threads)?;
        let limit = page.limit.min(PAGE_HITS_MAX);
        let mut after = match &page.after {
            Some(cursor) => Some(cursor::read(cursor, query, page.sort)?),
            None => None,
        };
        let want = Want {
            hits: fetch(limit, page),
            sort: page.sort,
            versions: page.versions,
            facets: page.facets,
            threads,
            enough: u64::MAX,
            token,
        };
        let scanned = scan(&view, &plan, &want, after.as_ref())?;
        let (total, paths) = (scanned.total, scanned.paths);
        let hit_threads = if total < BROAD_MIN { 1 } else { threads };
        let mut hits = Vec::new();
        let mut last = None;
        let mut best = scanned.best;
        loop {
            let is_full = best.len() >= want.hits;
            for best in best.chunks(limit.max(1)) {
                if hits.len() >= limit {
                    break;
                }
                for ((key, at), same) in best.iter().zip(SamePath::of_each(&view, best, hit_threads)?) {
                    if hits.len() >= limit {
                        break;
                    }
                    after = Some(key.clone());
                    if page.versions == Versions::All || hits::is_best(&view, &plan, page.sort, key, &same) {
                        hits.push(hits::hit(&view, &plan, query, *at, &same)?);
                        last = Some(key.clone());
                    }
                }
            }
            // Versions that gave way to better ones leave places; the next ones take them.
            if hits.len() >= limit || !is_full {
                break;
            }
            best = scan(&view, &plan, &Want { facets: false, ..want }, after.as_ref())?.best;
        }
        let next = last.filter(|_| hits.len() >= limit && limit > 0).map(|key| cursor::write(&key, query, page.sort));
        let facets = scanned.facets.map(|counts| counts.finish(&view));
        // Who only counts is not told what else there is to count.
        let is_asking = total == 0 && limit > 0 && page.after.is_none();
        let suggestions = if is_asking { self.suggest(&view, query, scope)? } else { Vec::new() };
        let is_partial = view.state.rebuilding.is_some();
        Ok(Found { hits, next, total, paths, facets, suggestions, is_partial, took: start.elapsed() })
    }

    /// How many versions fit.
    pub(crate) fn count(&self, view: &View, query: &Query, scope: &Scope) -> Result<u64> {
        self.count_up_to(u64::MAX, view, query, scope)
    }

    /// Whether any version fits.
    pub(crate) fn has_any(&self, view: &View, query: &Query, scope: &Scope) -> Result<bool> {
        Ok(self.count_up_to(1, view, query, scope)? > 0)
    }

    fn count_up_to(&self, enough: u64, view: &View, query: &Query, scope: &Scope) -> Result<u64> {
        let threads = self.limits().search_threads;
        let plan = Plan::new(view, query, scope, threads)?;
        let (sort, versions, token) = (Sort::Best, Versions::All, &CancelToken::new());
        let want = Want { hits: 0, sort, versions, facets: false, threads, enough, token };
        Ok(scan(view, &plan, &want, None)?.total)
    }

    /// All versions that have the content of a hit, best first.
    ///
    /// # Errors
    /// Like [`Self::search`].
    pub fn same_content(&self, content: u64, scope: &Scope, page: &Page) -> Result<Found> {
        self.search(&Query::of_content(content), scope, page)
    }
}

/// How many are fetched at once for a page: on later ones, versions whose path was shown before have to give way.
fn fetch(limit: usize, page: &Page) -> usize {
    match (page.versions, &page.after) {
        (Versions::All, _) | (Versions::Best, None) => limit,
        (Versions::Best, Some(_)) => limit * 4,
    }
}
