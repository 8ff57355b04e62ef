//! restic's locks: files in `locks/` by which programs that write to one repository keep out of each other's way.
//!
//! Any number of shared locks may be held at once, or one exclusive lock and no other. The protocol is restic's, to its
//! delays, so that stock restic beside us is safe in both directions. Source: restic's `internal/repository/lock.go` and
//! `lock_file.go` as of 0.19.
//!
//! A lock is refreshed every five minutes by a new file in place of the old, and counts as stale when it is half an hour
//! old, or when its process is gone from this machine. Whoever cannot refresh his lock in time must stop before others take
//! it for stale: the token that was given when the lock was taken is pulled then.
//!
//! Read in this order: [`file`] (what a lock says), `owner` (who says it), [`timing`] (how long everything takes),
//! `folder` (lock files in storage), `acquire` (the protocol), `keep` (refreshing, and noticing that it failed), [`note`]
//! (what whoever comes after a sudden end needs to know).

mod acquire;
pub mod file;
mod folder;
mod hangup;
mod keep;
pub mod note;
pub(crate) mod owner;
pub mod timing;

use std::time::Duration;

use bygone_common::Id;

use crate::backend::{CancelToken, FileKind, SharedStorage};
use crate::crypto::MasterKey;
use crate::error::{Error, Result};
use crate::repository::Unlocked;

pub use file::{LockFile, LockKind, Staleness};
pub use keep::HeldLock;
pub use note::{Note, Notes};
pub use timing::Timing;

/// What to do about stale locks that are in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StaleLocks {
    /// Refuse, as restic does, until somebody says that they may go: a clock that runs ahead makes the locks of others look
    /// old, and a container that shares its name with another sees none of that one's processes.
    #[default]
    Refuse,
    /// Remove them.
    Remove,
}

/// How a lock is taken.
#[derive(Debug, Clone)]
pub struct LockOptions {
    /// Which other locks it bears.
    pub kind: LockKind,
    /// For how long to try again while another lock is in the way.
    pub retry_for: Duration,
    /// What to do about stale ones.
    pub stale: StaleLocks,
    /// How long everything takes: restic's times, save in tests.
    pub timing: Timing,
}

impl LockOptions {
    /// A lock of a kind, tried for once, with restic's times.
    pub fn new(kind: LockKind) -> Self {
        Self { kind, retry_for: Duration::ZERO, stale: StaleLocks::Refuse, timing: Timing::default() }
    }
}

/// Who runs this process: `user@host`, as locks and keys name it.
pub fn whoami() -> String {
    let (host, user) = owner::names();
    format!("{user}@{host}")
}

/// The locks of one repository.
#[derive(Clone)]
pub struct Locks {
    storage: SharedStorage,
    key: MasterKey,
    /// Another key that locks may be under, while the master key is being changed.
    other: Option<MasterKey>,
    version: u32,
    notes: Notes,
}

/// A lock file, read or not.
#[derive(Debug)]
pub struct Found {
    /// The file's name.
    pub id: Id,
    /// What it says.
    pub lock: Result<LockFile>,
}

impl Locks {
    /// The locks of a repository of format `version`. `storage` must go on to answer after an operation was cancelled:
    /// locks are released then.
    pub fn new(storage: SharedStorage, key: MasterKey, version: u32) -> Self {
        Self { storage, key, other: None, version, notes: Notes::default() }
    }

    /// The same, of a repository whose key is known: locks under its other key, if it has two at present, are read too.
    pub fn of(storage: SharedStorage, unlocked: &Unlocked) -> Self {
        let other = unlocked.pending.as_ref().map(|pending| pending.other.clone());
        Self { storage, key: unlocked.key.clone(), other, version: unlocked.config.version, notes: Notes::default() }
    }

    /// The same, with somebody who is told of every lock file that is written or removed.
    #[must_use]
    pub fn noted(self, notes: Notes) -> Self {
        Self { notes, ..self }
    }

    /// All locks, by id. Empty files are none: they are left behind by uploads that were cut off.
    ///
    /// # Errors
    /// What the storage answers to the listing.
    pub fn list(&self) -> Result<Vec<Found>> {
        let mut listed = self.storage.list(FileKind::Lock)?;
        listed.retain(|file| file.size > 0);
        listed.sort();
        Ok(listed.into_iter().map(|file| Found { id: file.id, lock: self.read(file.id) }).collect())
    }

    /// Takes a lock. `token` ends the waiting, and is pulled when the lock could not be refreshed in time.
    ///
    /// On Unix the process is from now on not ended by SIGHUP: other programs test by it whether the owner of a lock still
    /// lives.
    ///
    /// # Errors
    /// `Locked` when another lock is in the way, naming its owner; `Damaged` when a lock file cannot be read; `Cancelled`;
    /// what the storage answers.
    pub fn acquire(&self, options: &LockOptions, token: &CancelToken) -> Result<HeldLock> {
        hangup::survive()?;
        let (id, file) = acquire::wait_for(self, options, token)?;
        HeldLock::keep(self.clone(), id, file, options.timing, token.clone())
    }

    /// Removes locks whose process is gone or which were not refreshed in time, as `restic unlock` does; answers which.
    /// Locks that cannot be read stay.
    ///
    /// # Errors
    /// What the storage answers.
    pub fn remove_stale(&self) -> Result<Vec<Id>> {
        let mut removed = Vec::new();
        for found in self.list()? {
            if found.lock.is_ok_and(|lock| owner::staleness(&lock) != Staleness::Fresh) {
                self.remove(found.id)?;
                removed.push(found.id);
            }
        }
        Ok(removed)
    }

    /// Removes all locks, whoever holds them; answers which. Their owners stop when they notice, which may be too late for
    /// the repository: for when it is certain that no program uses it.
    ///
    /// # Errors
    /// What the storage answers.
    pub fn remove_all(&self) -> Result<Vec<Id>> {
        let listed = self.storage.list(FileKind::Lock)?;
        for file in &listed {
            self.remove(file.id)?;
        }
        Ok(listed.into_iter().map(|file| file.id).collect())
    }
}

impl std::fmt::Debug for Locks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Locks(…)")
    }
}

/// Releases a lock, whatever the outcome of the work; answers that outcome.
///
/// # Errors
/// The outcome's own; `Locked` when the work was cut off because the lock was lost; that the lock could not be released.
pub fn release<T>(lock: HeldLock, outcome: Result<T>) -> Result<T> {
    let lost = lock.lost();
    let released = lock.release();
    match (lost, outcome) {
        // Others may have begun what we should have kept them from, also when nobody noticed in time.
        (Some(lost), _) => Err(lost),
        (None, Err(error)) => {
            if let Err(error) = released {
                tracing::warn!(error = error.chain(), "a lock stays in the repository");
            }
            Err(error)
        }
        (None, Ok(done)) => released.map(|()| done),
    }
}

/// A short name of a lock file in an error.
fn named(id: Id) -> String {
    format!("lock {}", id.short())
}

/// Puts what was being done to a lock file above what went wrong.
fn in_context(doing: &str, id: Id) -> impl FnOnce(Error) -> Error {
    move |error| error.context(format!("{doing} {}", named(id)))
}

#[cfg(test)]
mod tests;
