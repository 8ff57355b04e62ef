//! A repository that is locked for as long as a job works on it, and open for writing.

use std::sync::Arc;
use std::time::Duration;

use bygone_common::RepositoryUid;
use bygone_common::job::FailureCode;
use bygone_store::repositories::{Repository as Row, RepositoryState};
use bygone_vault::backend::{CancelToken, ObjectLock, OpenStorage, SharedStorage};
use bygone_vault::lock::{HeldLock, LockKind, LockOptions, Locks};
use bygone_vault::{OpenOptions, Repository, Unlocked, worm};

use super::task::{Fault, Result, Task};
use crate::storages::blocking;

/// How long a job waits for restic's lock before it goes back into the queue.
const LOCK_WAIT: Duration = Duration::from_secs(20);

/// A repository that is locked.
pub(super) struct Locked {
    pub(super) unlocked: Unlocked,
    pub(super) storage: SharedStorage,
    pub(super) token: CancelToken,
    pub(super) object_lock: Option<ObjectLock>,
    lock: HeldLock,
}

/// A repository that is locked, and open as of then.
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
    pub(super) async fn storage(&self, row: &Row) -> Result<OpenStorage> {
        let org = self.app.store.orgs().get(&self.actor, row.org).await?;
        let location = self.app.storages.allowed(&org.name, &row.location);
        let location = location.map_err(|error| Fault::new(FailureCode::Invalid, error.to_string()))?;
        let storage = self.app.storages.storage_at(row.org, location, row.credential).await?;
        Ok(storage)
    }

    /// Locks a repository.
    pub(super) async fn lock(&self, uid: RepositoryUid, kind: LockKind) -> Result<Locked> {
        let row = self.row(uid).await?;
        let OpenStorage { storage, cancel: token, object_lock, .. } = self.storage(&row).await?;
        self.stops(&token);
        // The lock has storage of its own, so that it can be given back after the token was pulled.
        let locking = self.storage(&row).await?;
        let unlocked = self.app.storages.unlocked(&row, &locking).await?;
        let locked = blocking(move || {
            // What is written from now on has to be kept by the storage, as the repository's own config says.
            worm::apply(&unlocked.config, object_lock.as_ref())?;
            let lock = acquire(&locking.storage, &unlocked, kind, &token)?;
            Ok::<_, bygone_vault::Error>(Locked { unlocked, storage, token, object_lock, lock })
        });
        Ok(locked.await?)
    }

    /// Locks a repository, and reads what it holds then.
    pub(super) async fn open(&self, uid: RepositoryUid, kind: LockKind) -> Result<Opened> {
        let locked = self.lock(uid, kind).await?;
        let engine = self.app.engine.clone();
        let options = OpenOptions { cache_dir: self.app.storages.policy().cache.clone(), ..OpenOptions::default() };
        let opened = blocking(move || {
            let Locked { unlocked, storage, token, object_lock, lock } = locked;
            match Repository::open_unlocked(&engine, Arc::clone(&storage) as _, unlocked, options) {
                Ok(repository) => Ok(Opened { repository, storage, token, object_lock, lock }),
                Err(error) => {
                    give_back(lock);
                    Err(error)
                }
            }
        });
        Ok(opened.await?)
    }
}

/// Takes restic's lock by storage that goes on to answer after the job was stopped.
pub(super) fn acquire(
    storage: &SharedStorage,
    unlocked: &Unlocked,
    kind: LockKind,
    token: &CancelToken,
) -> bygone_vault::Result<HeldLock> {
    let options = LockOptions { retry_for: LOCK_WAIT, ..LockOptions::new(kind) };
    Locks::of(Arc::clone(storage), unlocked).acquire(&options, token)
}

/// Gives a lock back after the work, whatever came of that.
pub(super) fn released<T>(lock: HeldLock, done: bygone_vault::Result<T>) -> bygone_vault::Result<T> {
    let lost = lock.lost();
    give_back(lock);
    match lost {
        // Others may have begun what the lock should have kept them from.
        Some(lost) => Err(lost),
        None => done,
    }
}

fn give_back(lock: HeldLock) {
    if let Err(stays) = lock.release() {
        tracing::warn!(error = stays.chain(), "a lock stays in a repository until it is stale");
    }
}

impl Opened {
    /// Does what blocks, and gives the lock back, whatever came of it.
    pub(super) async fn work<T: Send + 'static>(
        self,
        work: impl FnOnce(&Self) -> bygone_vault::Result<T> + Send + 'static,
    ) -> Result<T> {
        let done = blocking(move || {
            let done = work(&self);
            released(self.lock, done)
        });
        Ok(done.await?)
    }
}

impl Locked {
    /// Does what blocks, and keeps the lock for what follows; gives it back when that fails.
    pub(super) async fn step<T: Send + 'static>(
        self,
        work: impl FnOnce(&Self) -> bygone_vault::Result<T> + Send + 'static,
    ) -> Result<(Self, T)> {
        let done = blocking(move || match work(&self) {
            Ok(done) => Ok((self, done)),
            Err(error) => released(self.lock, Err(error)),
        });
        Ok(done.await?)
    }

    /// Does what blocks last, and gives the lock back, whatever came of it.
    pub(super) async fn work<T: Send + 'static>(
        self,
        work: impl FnOnce(&Self) -> bygone_vault::Result<T> + Send + 'static,
    ) -> Result<T> {
        let done = blocking(move || {
            let done = work(&self);
            released(self.lock, done)
        });
        Ok(done.await?)
    }
}
