//! Lock files of this agent in repositories: those that it holds, and those that were left by one before it.
//!
//! An agent that ends suddenly leaves restic's lock behind, and whoever wants the repository to himself waits until the lock
//! counts as stale. So every lock file is noted in the folder before it is written and until it is gone. One agent runs over
//! a folder at a time: what is noted when it starts is a dead one's, and is removed as soon as the repository can be reached.
//!
//! Never: a lock that this agent has not written itself.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bygone_common::{Id, RepositoryUid};
use bygone_vault::Result as VaultResult;
use bygone_vault::backend::{BackendOptions, CancelToken, FileId, FileKind, SharedStorage, open_storage};
use bygone_vault::location::Location;
use bygone_vault::lock::{Note, Notes};
use serde::{Deserialize, Serialize};

use crate::state::Folder;

/// The file's name.
const FILE: &str = "locks.json";
/// Lock files that are known at most; of more, the oldest are left to go stale by themselves.
const LOCKS_MAX: usize = 1_000;

/// A lock file in a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Lock {
    repository: RepositoryUid,
    /// Where the repository is behind the server's gateway. One that is reached otherwise needs secrets, and those are
    /// written down nowhere: its lock goes with the next job there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gateway_path: Option<String>,
    id: Id,
}

/// The lock files, as far as they are known.
#[derive(Debug)]
pub struct OwnLocks {
    folder: Folder,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// Of nobody who lives.
    left: Vec<Lock>,
    /// With the number of who holds it.
    held: Vec<(u64, Lock)>,
    next: u64,
}

impl OwnLocks {
    /// Those that were left. A file that cannot be read is passed over: its locks go stale by themselves.
    pub fn of(folder: Folder) -> Self {
        let left = folder.read(FILE).unwrap_or_else(|error| {
            tracing::warn!(%error, "locks that an agent before this one left are not known");
            None
        });
        Self { folder, known: Mutex::new(Known { left: left.unwrap_or_default(), ..Known::default() }) }
    }

    /// Whether there are some that nobody holds.
    pub fn has_left(&self) -> bool {
        !self.known().left.is_empty()
    }

    /// Somebody who will hold locks of a repository.
    pub fn holder(self: &Arc<Self>, repository: RepositoryUid, gateway_path: Option<&str>) -> Holder {
        let mut known = self.known();
        known.next += 1;
        let number = known.next;
        Holder { own: Arc::clone(self), number, repository, gateway_path: gateway_path.map(str::to_owned) }
    }

    /// Removes what was left in one repository; answers how many.
    ///
    /// # Errors
    /// What the storage answers.
    pub fn remove_left_in(&self, repository: RepositoryUid, storage: &SharedStorage) -> VaultResult<usize> {
        let mine = |lock: &&Lock| lock.repository == repository;
        let left: Vec<Lock> = self.known().left.iter().filter(mine).cloned().collect();
        for lock in &left {
            // One that is gone already is as good.
            storage.remove(FileId::new(FileKind::Lock, lock.id))?;
            let mut known = self.known();
            known.left.retain(|one| one != lock);
            self.keep(&known);
        }
        Ok(left.len())
    }

    /// Removes what was left in repositories behind the gateway of `server`; answers how many. Repositories are tried one
    /// after the other, whatever becomes of those before.
    ///
    /// # Errors
    /// The first that a storage answers.
    pub fn remove_left_behind(
        &self,
        server: &str,
        options: &BackendOptions,
        token: &CancelToken,
    ) -> VaultResult<usize> {
        let mut places: Vec<(RepositoryUid, String)> = Vec::new();
        for lock in &self.known().left {
            if let Some(path) = &lock.gateway_path
                && !places.iter().any(|(repository, _)| *repository == lock.repository)
            {
                places.push((lock.repository, path.clone()));
            }
        }
        let (mut removed, mut failure) = (0, None);
        for (repository, path) in places {
            token.check(|| "remove locks".to_owned())?;
            let here = || {
                let opened = open_storage(&Location::parse(&format!("rest:{server}{path}"))?, options)?;
                token.pulls_too(&opened.cancel);
                self.remove_left_in(repository, &opened.storage)
            };
            match here() {
                Ok(count) => removed += count,
                Err(error) => drop(failure.get_or_insert(error)),
            }
        }
        failure.map_or(Ok(removed), Err)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, known: &Known) {
        let all: Vec<&Lock> = known.left.iter().chain(known.held.iter().map(|(_, lock)| lock)).collect();
        let newest = all.get(all.len().saturating_sub(LOCKS_MAX)..).unwrap_or_default();
        if let Err(error) = self.folder.write(FILE, &newest) {
            tracing::warn!(%error, "should the agent end suddenly, its locks stay until they are stale");
        }
    }
}

/// Somebody who holds locks. What he could not remove is nobody's when he is dropped.
#[derive(Debug)]
pub struct Holder {
    own: Arc<OwnLocks>,
    number: u64,
    repository: RepositoryUid,
    gateway_path: Option<String>,
}

impl Holder {
    /// What notes his locks, for as long as he lives.
    pub fn notes(&self) -> Notes {
        let (own, number) = (Arc::clone(&self.own), self.number);
        let (repository, gateway_path) = (self.repository, self.gateway_path.clone());
        Notes::new(move |note| {
            let mut known = own.known();
            match note {
                Note::Writing(id) => {
                    known.held.push((number, Lock { repository, gateway_path: gateway_path.clone(), id }));
                }
                Note::Removed(id) => known.held.retain(|(_, lock)| lock.id != id),
            }
            own.keep(&known);
        })
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let mut known = self.own.known();
        let all = std::mem::take(&mut known.held).into_iter();
        let (mine, others): (Vec<_>, Vec<_>) = all.partition(|(number, _)| *number == self.number);
        known.held = others;
        known.left.extend(mine.into_iter().map(|(_, lock)| lock));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use bygone_vault::lock::{HeldLock, LockKind, LockOptions, Locks};
    use bygone_vault::{MasterKey, Result};

    use super::*;

    /// A repository's storage in a folder.
    fn storage(folder: &std::path::Path) -> SharedStorage {
        let location = Location::Local(folder.to_owned());
        let storage = open_storage(&location, &BackendOptions::default()).unwrap().storage;
        storage.create().unwrap();
        storage
    }

    fn files(storage: &SharedStorage) -> Vec<Id> {
        storage.list(FileKind::Lock).unwrap().into_iter().map(|listed| listed.id).collect()
    }

    fn locks(storage: &SharedStorage) -> Locks {
        Locks::new(storage.clone(), MasterKey::new(bygone_common::Secret::new([7; 64])), 2)
    }

    fn take(holder: &Holder, storage: &SharedStorage) -> Result<HeldLock> {
        locks(storage).noted(holder.notes()).acquire(&LockOptions::new(LockKind::Shared), &CancelToken::new())
    }

    #[test]
    fn what_an_agent_left_is_removed_by_the_next_one_and_what_others_hold_stays() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::create(&place.path().join("agent")).unwrap();
        let storage = storage(&place.path().join("repository"));
        let repository: RepositoryUid = "01900000-0000-7000-8000-000000000003".parse().unwrap();
        let other = locks(&storage).acquire(&LockOptions::new(LockKind::Shared), &CancelToken::new()).unwrap();
        let others = other.id().unwrap();

        let killed = Arc::new(OwnLocks::of(folder.clone()));
        let holder = killed.holder(repository, None);
        let lock = take(&holder, &storage).unwrap();
        // As a killed one does: nothing of it ends in order.
        std::mem::forget((lock, holder));
        assert_eq!(files(&storage).len(), 2);

        let next = Arc::new(OwnLocks::of(folder.clone()));
        assert!(next.has_left());
        let holder = next.holder(repository, None);
        let lock = take(&holder, &storage).unwrap();
        assert_eq!(next.remove_left_in(repository, &storage).unwrap(), 1);
        assert!(!next.has_left());
        let mut there = files(&storage);
        there.retain(|id| *id != others);
        assert_eq!(there, [lock.id().unwrap()], "its own stays");
        lock.release().unwrap();
        drop(holder);
        assert_eq!(files(&storage), [others]);
        assert!(!OwnLocks::of(folder).has_left(), "nothing is noted any more");
    }
}
