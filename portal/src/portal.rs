//! What all routes of the portal share.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use bygone_common::{Clock, OrgUid, RepositoryUid, Secret, SourceUid};
use bygone_http::{Problem, Result};
use bygone_store::access::SourceAccess;
use bygone_store::{Actor, Store};
use bygone_vault::Repository;
use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;

use crate::compare::{CountKey, Counts};
use crate::downloads::{DownloadLimits, Downloads};
use crate::drive::NAMING_KEY_BYTES;
use crate::indexes::{Indexes, keep_current};
use crate::kept::Kept;
use crate::order::OrderKey;
use crate::reads::Reads;

/// Memory for orders of folders at most: 4 bytes an entry.
const ORDERS_BYTES_MAX: usize = 16 << 20;
/// Differences that are kept at most.
const COUNTS_MAX: usize = 50_000;
/// Differences that are told at one time; more wait.
const DIFFS_MAX: usize = 8;
/// Files that are hashed at one time; more wait.
const HASHES_MAX: usize = 4;
/// Pictures that are drawn at one time: each may take much memory.
const IMAGES_MAX: usize = 1;

/// What the server knows of its repositories.
pub trait Repositories: Send + Sync + 'static {
    /// An open repository, as of its last refresh.
    fn open(&self, org: OrgUid, repository: RepositoryUid) -> BoxFuture<'_, Result<Repository>>;

    /// The key of the names that drives know trees and blobs by: the same in every replica.
    fn naming_key(&self) -> Secret<[u8; NAMING_KEY_BYTES]>;
}

/// What routes share. Cheap to clone.
#[derive(Clone)]
pub struct Portal(Arc<Parts>);

/// What a [`Portal`] holds.
pub struct Parts {
    /// Rows.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Opens repositories.
    pub repositories: Box<dyn Repositories>,
    /// Writes down what is read.
    pub reads: Reads,
    /// Search indexes.
    pub indexes: Indexes,
    /// Orders in which folders were listed.
    pub(crate) orders: Kept<OrderKey, Box<[u32]>>,
    /// How folders differ from what they were, by trees and rights.
    pub(crate) counted: Kept<CountKey, Counts>,
    /// How many differences are told at one time.
    pub(crate) diffs: Arc<Semaphore>,
    /// How many files are hashed at one time.
    pub(crate) hashes: Semaphore,
    /// How many pictures are drawn at one time.
    pub(crate) images: Arc<Semaphore>,
    /// What downloads share.
    pub(crate) downloads: Downloads,
}

impl Portal {
    /// A portal to the repositories that these rows name. Within a runtime: it begins to write down what is read and sent.
    pub fn new(store: Store, repositories: impl Repositories) -> Self {
        Self::start(store, repositories, None, DownloadLimits::default())
    }

    /// The same with search indexes in a folder, and limits of downloads.
    pub fn with_search(store: Store, repositories: impl Repositories, folder: PathBuf, limits: DownloadLimits) -> Self {
        Self::start(store, repositories, Some(folder), limits)
    }

    /// The same with limits of downloads, and without search indexes.
    pub fn within(store: Store, repositories: impl Repositories, limits: DownloadLimits) -> Self {
        Self::start(store, repositories, None, limits)
    }

    fn start(store: Store, repositories: impl Repositories, search: Option<PathBuf>, limits: DownloadLimits) -> Self {
        let (indexes, behind) = Indexes::new(search);
        let portal = Self(Arc::new(Parts {
            indexes,
            downloads: Downloads::new(store.clone(), limits),
            clock: store.clock().clone(),
            repositories: Box::new(repositories),
            reads: Reads::start(store.clone()),
            orders: Kept::new(ORDERS_BYTES_MAX),
            counted: Kept::new(COUNTS_MAX),
            diffs: Arc::new(Semaphore::new(DIFFS_MAX)),
            hashes: Semaphore::new(HASHES_MAX),
            images: Arc::new(Semaphore::new(IMAGES_MAX)),
            store,
        }));
        tokio::spawn(keep_current(Arc::downgrade(&portal.0), behind));
        portal
    }

    pub(crate) const fn of(parts: Arc<Parts>) -> Self {
        Self(parts)
    }

    /// Waits until everything that was read and sent is written down.
    pub async fn flush(&self) {
        self.reads.flush().await;
        self.downloads.flush().await;
    }

    /// A source that the asker sees something of.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn source(&self, actor: &Actor, uid: SourceUid) -> Result<SourceAccess> {
        let org = actor.org().ok_or_else(|| Problem::not_found(format_args!("source {uid}")))?;
        Ok(self.store.accesses().of(actor, org, uid).await?)
    }
}

impl Deref for Portal {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
