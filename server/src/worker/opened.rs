//! A repository that is open for writing, and locked for as long as a job works on it.

use std::sync::Arc;
use std::time::Duration;

use bygone_common::RepositoryUid;
use bygone_common::job::FailureCode;
use bygone_store::repositories::{Repository as Row, RepositoryState};
use bygone_vault::backend::{CancelToken, ObjectLock, OpenStorage, SharedStorage};
use bygone_vault::lock::{HeldLock, LockKind, LockOptions, Locks};
use bygone_vault::{OpenOptions, Repository, Unlocked};

use super::task::{Fault, Result, Task};
use crate::storages::blocking;

/// How long a job waits for restic's lock before it goes back into the queue.
const LOCK_WAIT: Duration = Duration::from_secs(20);

/// A repository to write to.
pub(super) struct Opened {
    pub(super) repository: Repository,
    pub(super) storage: SharedStorage,
    pub(super) token: CancelToken,
    pub(super) object_lock: Option<ObjectLock>,
    lock: HeldLock,
}

impl Task {
    /// The row of a repository that takes part.
    pub(super) async fn row(&self, uid: RepositoryUid) -> Result<Row> {
        let row = self.app.store.repositories().get(&self.actor, self.job.org, uid).await?;
        match row.state {
            RepositoryState::Ready => Ok(row),
            RepositoryState::Paused => {
                Err(Fault::new(FailureCode::Denied, format!("repository {:?} is paused", row.name)))
            }
        }
    }

    /// Storage of one's own: pulling its token stops nobody else.
    async fn storage(&self, row: &Row) -> Result<OpenStorage> {
        let org = self.app.store.orgs().get(&self.actor, row.org).await?;
        let location = self.app.storages.allowed(&org.name, &row.location);
        let location = location.map_err(|error| Fault::new(FailureCode::Invalid, error.to_string()))?;
        let storage = self.app.storages.storage_at(row.org, location, row.credential).await?;
        Ok(storage)
    }

    /// Locks a repository, and reads what it holds then.
    pub(super) async fn open(&self, uid: RepositoryUid, kind: LockKind) -> Result<Opened> {
        let row = self.row(uid).await?;
        let OpenStorage { storage, cancel: token, object_lock, .. } = self.storage(&row).await?;
        self.stops(&token);
        // The lock has storage of its own, so that it can be given back after the token was pulled.
        let locking = self.storage(&row).await?;
        let unlocked = self.app.storages.unlocked(&row, &locking).await?;
        let engine = self.app.engine.clone();
        let options = OpenOptions { cache_dir: self.app.storages.policy().cache.clone(), ..OpenOptions::default() };
        let opened = blocking(move || {
            let locks = Locks::of(Arc::clone(&locking.storage), &unlocked);
            let lock = locks.acquire(&LockOptions { retry_for: LOCK_WAIT, ..LockOptions::new(kind) }, &token)?;
            match open_locked(&engine, &storage, unlocked, options) {
                Ok(repository) => Ok(Opened { repository, storage, token, object_lock, lock }),
                Err(error) => {
                    if let Err(stays) = lock.release() {
                        tracing::warn!(error = stays.chain(), "a lock stays in a repository");
                    }
                    Err(error)
                }
            }
        });
        Ok(opened.await?)
    }
}

fn open_locked(
    engine: &bygone_vault::Engine,
    storage: &SharedStorage,
    unlocked: Unlocked,
    options: OpenOptions,
) -> bygone_vault::Result<Repository> {
    Repository::open_unlocked(engine, Arc::clone(storage) as _, unlocked, options)
}

impl Opened {
    /// Does what blocks, and gives the lock back, whatever came of it.
    pub(super) async fn work<T: Send + 'static>(
        self,
        work: impl FnOnce(&Self) -> bygone_vault::Result<T> + Send + 'static,
    ) -> Result<T> {
        let done = blocking(move || {
            let done = work(&self);
            let lost = self.lock.lost();
            let released = self.lock.release();
            match (lost, done) {
                // Others may have begun what the lock should have kept them from.
                (Some(lost), _) => Err(lost),
                (None, Err(error)) => Err(error),
                (None, Ok(done)) => {
                    if let Err(stays) = released {
                        tracing::warn!(error = stays.chain(), "a lock stays in a repository until it is stale");
                    }
                    Ok(done)
                }
            }
        });
        Ok(done.await?)
    }
}
