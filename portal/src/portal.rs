//! What all routes of the portal share.

use std::ops::Deref;
use std::sync::Arc;

use bygone_common::{Clock, OrgUid, RepositoryUid, Secret, SourceUid};
use bygone_http::{Problem, Result};
use bygone_store::access::SourceAccess;
use bygone_store::{Actor, Store};
use bygone_vault::Repository;
use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;

use crate::compare::{CountKey, Counts};
use crate::drive::NAMING_KEY_BYTES;
use crate::kept::Kept;
use crate::order::OrderKey;
use crate::reads::Reads;

/// Memory for orders of folders at most: 4 bytes an entry.
const ORDERS_BYTES_MAX: usize = 16 << 20;
/// Differences that are kept at most.
const COUNTS_MAX: usize = 50_000;
/// Differences that are told at one time; more wait.
const DIFFS_MAX: usize = 8;

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
    /// Orders in which folders were listed.
    pub(crate) orders: Kept<OrderKey, Box<[u32]>>,
    /// How folders differ from what they were, by trees and rights.
    pub(crate) counted: Kept<CountKey, Counts>,
    /// How many differences are told at one time.
    pub(crate) diffs: Arc<Semaphore>,
}

impl Portal {
    /// A portal to the repositories that these rows name. Within a runtime: it begins to write reads down.
    pub fn new(store: Store, repositories: impl Repositories) -> Self {
        Self(Arc::new(Parts {
            clock: store.clock().clone(),
            repositories: Box::new(repositories),
            reads: Reads::start(store.clone()),
            orders: Kept::new(ORDERS_BYTES_MAX),
            counted: Kept::new(COUNTS_MAX),
            diffs: Arc::new(Semaphore::new(DIFFS_MAX)),
            store,
        }))
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
