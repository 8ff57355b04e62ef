//! The search indexes of organizations: open, and brought up to what the catalog says. They are derived: a replica that
//! lacks one makes it from repositories, and says meanwhile that answers may lack something.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bygone_common::{OrgUid, SnapshotId, SourceUid};
use bygone_http::offload::offload;
use bygone_http::{Problem, ProblemCode, Result};
use bygone_indexer::{Health, Index, Limits, SnapshotRef};
use bygone_store::access::SourceAccess;
use bygone_store::page::PAGE_ITEMS_MAX;
use bygone_store::snapshots::SnapshotRow;
use bygone_store::{Actor, Page};
use tokio::sync::mpsc;

use crate::moment::knows;
use crate::portal::{Parts, Portal};

/// Indexes that are open at one time; the least lately asked closes first.
const OPEN_MAX: usize = 16;
/// Organizations whose indexes wait to be brought up to date, at most; others are noticed when they are asked.
const WAITING_MAX: usize = 1_024;

/// An organization's index.
pub(crate) struct OrgIndex {
    pub(crate) index: Index,
    /// Whether it holds what the catalog said when it was last looked at.
    is_current: AtomicBool,
}

impl OrgIndex {
    /// Whether answers are whole.
    pub(crate) fn is_current(&self) -> bool {
        self.is_current.load(Ordering::Relaxed)
    }
}

/// All indexes of this replica.
pub struct Indexes {
    /// Where they lie, one folder an organization; none: there is no search.
    folder: Option<PathBuf>,
    open: tokio::sync::Mutex<Open>,
    waiting: Mutex<HashSet<OrgUid>>,
    behind: mpsc::Sender<OrgUid>,
}

#[derive(Default)]
struct Open {
    indexes: HashMap<OrgUid, (u64, Arc<OrgIndex>)>,
    uses: u64,
}

impl Indexes {
    pub(crate) fn new(folder: Option<PathBuf>) -> (Self, mpsc::Receiver<OrgUid>) {
        let (behind, waiting) = mpsc::channel(WAITING_MAX);
        (Self { folder, open: tokio::sync::Mutex::default(), waiting: Mutex::default(), behind }, waiting)
    }

    /// Has an organization's index brought up to date soon: its catalog has changed.
    pub fn behind(&self, org: OrgUid) {
        if self.folder.is_none() || !self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(org) {
            return;
        }
        if self.behind.try_send(org).is_err() {
            // It is noticed again when it is asked.
            self.begun(org);
        }
    }

    /// The same for every index that is open: it is not known whose catalogs have changed. One that is closed is looked at when
    /// it is opened.
    pub async fn all_behind(&self) {
        let open: Vec<OrgUid> = self.open.lock().await.indexes.keys().copied().collect();
        open.into_iter().for_each(|org| self.behind(org));
    }

    /// Closes an organization's index, which another replica has now. Its files stay: should it come back, only what has
    /// changed since is read.
    pub async fn close(&self, org: OrgUid) {
        self.open.lock().await.indexes.remove(&org);
    }

    fn begun(&self, org: OrgUid) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&org);
    }

    /// An organization's index, open. One that was never brought up to date in this process is from now on.
    ///
    /// # Errors
    /// `NotFound`: there is no search here; whatever opening it answers.
    pub(crate) async fn of(&self, org: OrgUid) -> Result<Arc<OrgIndex>> {
        let folder = self.folder.as_ref().ok_or_else(|| Problem::not_found("a search index"))?.join(org.to_string());
        // Held while one is opened: two would be in each other's way.
        let mut open = self.open.lock().await;
        open.uses += 1;
        let now = open.uses;
        if let Some((used, index)) = open.indexes.get_mut(&org) {
            *used = now;
            return Ok(Arc::clone(index));
        }
        let opened = offload(move || Index::open(&folder, Limits::default()).map_err(|error| failed(&error))).await?;
        let index = Arc::new(OrgIndex { index: opened, is_current: AtomicBool::new(false) });
        if open.indexes.len() >= OPEN_MAX {
            // Whoever uses it keeps it: then it cannot be opened again until they are done, and is asked for later.
            let idle = open.indexes.iter().filter(|(_, (_, index))| Arc::strong_count(index) == 1);
            if let Some(oldest) = idle.min_by_key(|(_, (used, _))| *used).map(|(org, _)| *org) {
                open.indexes.remove(&oldest);
            }
        }
        open.indexes.insert(org, (now, Arc::clone(&index)));
        drop(open);
        self.behind(org);
        Ok(index)
    }
}

/// What the index answers, as a problem.
pub(crate) fn failed(error: &bygone_indexer::Error) -> Problem {
    use bygone_indexer::ErrorKind;
    match error.kind() {
        ErrorKind::InvalidInput => Problem::new(ProblemCode::Malformed, error.to_string()),
        ErrorKind::Busy => Problem::new(ProblemCode::Unavailable, "the search index is being written: try again"),
        // Whoever asked is gone.
        ErrorKind::Cancelled => Problem::new(ProblemCode::Unavailable, error.to_string()),
        ErrorKind::TooLarge | ErrorKind::Damaged | ErrorKind::Repository | ErrorKind::Io => {
            tracing::error!(%error, "a search index failed");
            Problem::new(ProblemCode::Internal, "the server failed; its log says how")
        }
    }
}

/// Brings indexes up to date, one after the other, until the portal is gone.
pub(crate) async fn keep_current(portal: Weak<Parts>, mut waiting: mpsc::Receiver<OrgUid>) {
    while let Some(org) = waiting.recv().await {
        let Some(portal) = portal.upgrade().map(Portal::of) else { return };
        // What changes from now on is another time's.
        portal.indexes.begun(org);
        if let Err(problem) = portal.catch_up(org).await {
            tracing::warn!(%org, problem = problem.title(), "a search index could not be brought up to date");
        }
    }
}

impl Portal {
    /// Makes an organization's index what its catalog says: ingests what it lacks, and takes out what is gone.
    ///
    /// # Errors
    /// Whatever the rows, repositories and the index answer; the index then stays behind.
    pub async fn catch_up(&self, org: OrgUid) -> Result<()> {
        let system = Actor::system("search", org);
        let index = self.indexes.of(org).await?;
        let mut sources: HashSet<SourceUid> = HashSet::new();
        let mut next: Option<String> = None;
        let mut is_whole = true;
        loop {
            let page = Page::new(Some(PAGE_ITEMS_MAX), next.as_deref())?;
            let list = self.store.accesses().list(&system, org, &page).await?;
            for source in list.items {
                sources.insert(source.source().uid);
                is_whole &= self.catch_up_source(&index, &source).await?;
            }
            next = list.next;
            if next.is_none() {
                break;
            }
        }
        let done = Arc::clone(&index);
        offload(move || {
            let gone: HashSet<SourceUid> = done.index.known().into_iter().map(|known| known.source).collect();
            for source in gone.difference(&sources) {
                done.index.expire(*source, &[]).map_err(|error| failed(&error))?;
            }
            if is_whole && done.index.status().health != Health::Ready {
                done.index.rebuilt().map_err(|error| failed(&error))?;
            }
            Ok::<_, Problem>(())
        })
        .await?;
        index.is_current.store(is_whole, Ordering::Relaxed);
        Ok(())
    }

    /// The same for one source; whether all of its snapshots could be read.
    async fn catch_up_source(&self, index: &Arc<OrgIndex>, source: &SourceAccess) -> Result<bool> {
        let (rows, _) = self.store.snapshots().newest_of(source, None, None).await?;
        let uid = source.source().uid;
        let known: HashSet<String> = index
            .index
            .known()
            .into_iter()
            .filter(|known| known.source == uid)
            .flat_map(|known| known.copies.into_iter().map(|copy| copy.snapshot.to_string()))
            .collect();
        let live: Vec<SnapshotId> = rows.iter().filter_map(|row| row.id.parse().ok()).collect();
        let mut is_whole = true;
        let lacking: Vec<SnapshotRow> = rows.into_iter().rev().filter(|row| !known.contains(&row.id)).collect();
        if !lacking.is_empty() {
            index.is_current.store(false, Ordering::Relaxed);
        }
        // Oldest first: what is the same as the day before is not read again.
        for row in lacking {
            is_whole &= self.ingest(index, source, row).await?;
        }
        let index = Arc::clone(index);
        offload(move || index.index.expire(uid, &live).map(|_| ()).map_err(|error| failed(&error))).await?;
        Ok(is_whole)
    }

    async fn ingest(&self, index: &Arc<OrgIndex>, source: &SourceAccess, row: SnapshotRow) -> Result<bool> {
        let repository = self.repositories.open(source.source().org, row.repository).await?;
        let (Ok(snapshot), Ok(tree)) = (row.id.parse(), row.tree.parse()) else { return Ok(false) };
        let wanted = SnapshotRef {
            source: source.source().uid,
            source_name: source.source().name.clone(),
            host: row.host,
            repository: row.repository,
            snapshot,
            time: row.taken_at,
            tree,
        };
        let index = Arc::clone(index);
        let ingested = offload(move || {
            if !knows(&repository, &row.id) {
                repository.refresh()?;
            }
            match index.index.ingest(&repository, &wanted) {
                Ok(done) => Ok(done.broken_count == 0),
                // A snapshot that cannot be read hides no other.
                Err(error) if error.kind() == bygone_indexer::ErrorKind::Repository => {
                    tracing::warn!(%error, snapshot = row.id, "a snapshot could not be indexed");
                    Ok(false)
                }
                Err(error) => Err(failed(&error)),
            }
        });
        ingested.await
    }
}
