//! Taking a lock: look for others, write one's own, wait a little, look again.
//!
//! Whoever writes first and looks later cannot miss the other: of two programs that do so at once at least one sees the
//! other's lock, and gives up. Both may.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use bygone_common::Id;

use super::file::{self, LockFile, Staleness};
use super::{LockOptions, Locks, StaleLocks, owner};
use crate::backend::{CancelToken, FileKind};
use crate::error::{ErrorKind, Result};

/// Looks at all locks while some of them cannot be read.
const LOOKS_MAX: u32 = 4;
/// Stale locks that are removed for one attempt: more come faster than they go.
const STALE_REMOVED_MAX: u32 = 1000;
/// Between two looks at a token.
const TOKEN_POLL: Duration = Duration::from_millis(50);

/// Tries until the lock is there, or the time is over.
pub(super) fn wait_for(locks: &Locks, options: &LockOptions, token: &CancelToken) -> Result<(Id, LockFile)> {
    let end = Instant::now() + options.retry_for;
    let mut pause = options.timing.retry;
    loop {
        token.check(|| "lock the repository".to_owned())?;
        let error = match try_once(locks, options, token) {
            Ok(taken) => return Ok(taken),
            Err(error) => error,
        };
        let left = end.saturating_duration_since(Instant::now());
        if error.kind() != ErrorKind::Locked || left.is_zero() {
            return Err(error);
        }
        tracing::info!(error = error.chain(), seconds_left = left.as_secs(), "waiting for a lock");
        sleep(pause.min(left), token)?;
        pause = (pause * 2).min(options.timing.retry_max);
    }
}

fn try_once(locks: &Locks, options: &LockOptions, token: &CancelToken) -> Result<(Id, LockFile)> {
    let mut others = Others { locks, options, token, borne: HashSet::new() };
    others.expect_none()?;
    let lock = owner::lock_of_this_process(options.kind);
    let id = locks.write(&lock)?;
    others.borne.insert(id);
    let second_look = sleep(options.timing.settle, token).and_then(|()| others.expect_none());
    match second_look {
        Ok(()) => Ok((id, lock)),
        Err(error) => {
            locks.remove_or_log(id);
            Err(error)
        }
    }
}

/// The search for locks of others.
struct Others<'a> {
    locks: &'a Locks,
    options: &'a LockOptions,
    token: &'a CancelToken,
    /// Locks that are not in the way: our own, and shared ones beside a shared one. A file never changes.
    borne: HashSet<Id>,
}

impl Others<'_> {
    /// # Errors
    /// `Locked` when a lock is in the way. Locks that cannot be read count as such after some looks, since nobody knows what
    /// they say.
    fn expect_none(&mut self) -> Result<()> {
        let timing = self.options.timing;
        let mut pause = timing.reread;
        let mut looks = 1;
        let mut stale_removed = 0;
        loop {
            let error = match self.look() {
                Ok(None) => return Ok(()),
                Ok(Some((id, lock))) => {
                    let staleness = owner::staleness(&lock);
                    let may_go = staleness != Staleness::Fresh && self.options.stale == StaleLocks::Remove;
                    if !may_go || stale_removed == STALE_REMOVED_MAX {
                        return Err(file::in_the_way(id, &lock, staleness));
                    }
                    tracing::warn!(lock = %lock, "removing a stale lock");
                    self.locks.remove(id)?;
                    stale_removed += 1;
                    continue;
                }
                Err(error) => error,
            };
            if looks == LOOKS_MAX {
                return Err(error.context("look for other locks of the repository"));
            }
            looks += 1;
            if error.kind() == ErrorKind::NotFound {
                // It was released between the listing and the reading, or replaced by a file that was not listed yet.
                sleep(timing.settle, self.token)?;
            } else {
                sleep(pause, self.token)?;
                pause *= 2;
            }
        }
    }

    /// The first lock that is in the way.
    fn look(&mut self) -> Result<Option<(Id, LockFile)>> {
        let mut unreadable = None;
        for listed in self.locks.storage.list(FileKind::Lock)? {
            // Empty files are left behind by uploads that were cut off.
            if listed.size == 0 || self.borne.contains(&listed.id) {
                continue;
            }
            match self.locks.read(listed.id) {
                Ok(lock) if self.options.kind.conflicts(lock.kind) => return Ok(Some((listed.id, lock))),
                Ok(_) => {
                    self.borne.insert(listed.id);
                }
                Err(error) => unreadable = Some(error),
            }
        }
        unreadable.map_or(Ok(None), Err)
    }
}

/// Sleeps, unless the token is pulled.
fn sleep(duration: Duration, token: &CancelToken) -> Result<()> {
    let end = Instant::now() + duration;
    loop {
        token.check(|| "wait for a lock of the repository".to_owned())?;
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        std::thread::sleep(left.min(TOKEN_POLL));
    }
}
