//! From options to a repository that is open for writing: locked first, read then, and given up by Ctrl-C.

use std::time::Duration;

use bygone_common::SnapshotId;
use bygone_vault::backend::{CancelToken, FileId, FileKind, ObjectLock, OpenStorage, SharedStorage};
use bygone_vault::lock::{HeldLock, LockKind, LockOptions, Locks, release};
use bygone_vault::snapshot::rewrite::Retagged;
use bygone_vault::worm::{self, Applied};
use bygone_vault::{Repository, Result, Unlocked};
use clap::Args;

use crate::console;
use crate::global::Global;
use crate::interrupt;
use crate::open::Opening;
use crate::when::parse_duration;

/// How restic's lock is taken.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct LockArgs {
    /// Try again for so long while another program has locked the repository: 5m, 2h [default: give up at once]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    retry_lock: Option<Duration>,
}

/// A repository that is open for writing, and locked for as long as this lives.
///
/// Storage calls answer `Cancelled` once the token was pulled, by an interrupt or because the lock was lost. The lock has
/// storage of its own, so that it can be released then.
pub(crate) struct Writing {
    pub(crate) repository: Repository,
    /// The repository's storage: `repository.backend()` reads through the same.
    pub(crate) storage: SharedStorage,
    pub(crate) token: CancelToken,
    /// What keeps files from being removed, in storage that has it.
    pub(crate) object_lock: Option<ObjectLock>,
    lock: HeldLock,
}

impl Writing {
    /// Unlocks the repository that the options name, takes a lock, then reads what it holds.
    ///
    /// # Errors
    /// Whatever keeps it from being opened; `Locked` when another lock is in the way.
    pub(crate) fn open(global: &Global, kind: LockKind, lock: &LockArgs) -> Result<Self> {
        Self::open_prepared(&Opening::prepare(global)?, kind, lock)
    }

    /// The same, when the options were gathered before.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub(crate) fn open_prepared(opening: &Opening, kind: LockKind, lock: &LockArgs) -> Result<Self> {
        Self::of(opening, Locked::open(opening, kind, lock)?)
    }

    /// The same, when its key is known.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub(crate) fn open_unlocked(
        opening: &Opening,
        opened: OpenStorage,
        unlocked: Unlocked,
        kind: LockKind,
        lock: &LockArgs,
    ) -> Result<Self> {
        Self::of(opening, Locked::take(opening, opened, unlocked, kind, lock)?)
    }

    fn of(opening: &Opening, locked: Locked) -> Result<Self> {
        let Locked { storage, token, object_lock, unlocked, lock } = locked;
        let repository = opening.open_unlocked(storage.clone(), unlocked)?;
        Ok(Self { repository, storage, token, object_lock, lock })
    }

    /// Sees to it that a snapshot that has a new file is not listed twice, where the storage keeps the old one.
    ///
    /// # Errors
    /// What the storage answers.
    pub(crate) fn replace(&self, old: SnapshotId, new: &Retagged) -> Result<()> {
        match (&new.old_stays, &self.object_lock) {
            (None, _) => Ok(()),
            (Some(_), Some(object_lock)) => object_lock.hide(FileId::new(FileKind::Snapshot, old)),
            (Some(why), None) => Err(why.clone()),
        }
    }

    /// Releases the lock, whatever the outcome of the work; answers that outcome.
    ///
    /// # Errors
    /// The outcome's own; `Locked` when the work was cut off because the lock was lost; that the lock could not be
    /// released.
    pub(crate) fn finish<T>(self, outcome: Result<T>) -> Result<T> {
        release(self.lock, outcome)
    }
}

/// A repository that is locked for as long as this lives, and of which nothing was read but its config and a key: enough
/// for what is not about snapshots. The storage goes by the repository's own policy.
pub(crate) struct Locked {
    pub(crate) storage: SharedStorage,
    pub(crate) token: CancelToken,
    pub(crate) unlocked: Unlocked,
    object_lock: Option<ObjectLock>,
    lock: HeldLock,
}

impl Locked {
    /// Unlocks the repository and takes a lock.
    ///
    /// # Errors
    /// As [`Writing::open`].
    pub(crate) fn open(opening: &Opening, kind: LockKind, lock: &LockArgs) -> Result<Self> {
        let opened = opening.storage()?;
        let unlocked = opening.unlock(opened.storage.as_ref())?;
        if unlocked.pending.as_ref().is_some_and(|pending| pending.switched) {
            console::line(
                "changing the master key was interrupted: bygone key rotate removes what is under the old one",
            );
        }
        Self::take(opening, opened, unlocked, kind, lock)
    }

    fn take(
        opening: &Opening,
        opened: OpenStorage,
        unlocked: Unlocked,
        kind: LockKind,
        lock: &LockArgs,
    ) -> Result<Self> {
        let OpenStorage { storage, cancel: token, meter: _, object_lock } = opened;
        interrupt::pulls(&token);
        if let Applied::InVain(policy) = worm::apply(&unlocked.config, object_lock.as_ref())? {
            let (days, location) = (policy.days, storage.location());
            console::problem(&format!(
                "files should be locked for {days} days, but {location} cannot: what is written can be removed"
            ));
        }
        let lock = take_lock(opening.storage()?.storage, &unlocked, kind, lock, &token)?;
        Ok(Self { storage, token, unlocked, object_lock, lock })
    }

    /// As [`Writing::finish`].
    ///
    /// # Errors
    /// Likewise.
    pub(crate) fn finish<T>(self, outcome: Result<T>) -> Result<T> {
        release(self.lock, outcome)
    }
}

/// Takes a lock over storage that is its own. `token` ends the waiting, and is pulled when the lock is lost.
pub(crate) fn take_lock(
    storage: SharedStorage,
    unlocked: &Unlocked,
    kind: LockKind,
    how: &LockArgs,
    token: &CancelToken,
) -> Result<HeldLock> {
    let locks = Locks::of(storage, unlocked);
    let retry_for = how.retry_lock.unwrap_or_default();
    locks.acquire(&LockOptions { retry_for, ..LockOptions::new(kind) }, token)
}
