//! Holding a lock: one thread refreshes it, another watches that it does.
//!
//! Two threads, since a refresh may hang in storage that does not answer, and that is when the watch matters.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use bygone_common::Id;
use jiff::Timestamp;
use parking_lot::{Condvar, Mutex};

use super::{LockFile, Locks, Timing};
use crate::backend::CancelToken;
use crate::error::{Error, ErrorKind, Result};

/// Stack of a thread that keeps a lock: it may call storage.
const STACK_BYTES: usize = 1 << 20;

/// A lock that is held until it is released or dropped.
#[derive(Debug)]
pub struct HeldLock {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    locks: Locks,
    timing: Timing,
    token: CancelToken,
    state: Mutex<State>,
    /// Rings when the lock is being released.
    released: Condvar,
}

#[derive(Debug)]
struct State {
    /// What the newest of our files says.
    file: LockFile,
    /// Our files: the newest last. Older ones could not be removed.
    ids: Vec<Id>,
    refreshed: Moment,
    phase: Phase,
}

#[derive(Debug, Clone)]
enum Phase {
    Held,
    /// It could not be refreshed in time; others may take it for stale.
    Lost(Error),
    Releasing,
}

/// A moment by both clocks. One of them stands still while the machine sleeps, and the other may be set.
#[derive(Debug, Clone, Copy)]
struct Moment {
    steady: Instant,
    wall: SystemTime,
}

impl Moment {
    fn now() -> Self {
        Self { steady: Instant::now(), wall: SystemTime::now() }
    }

    /// The time since then, by the clock that says more.
    fn elapsed(self) -> Duration {
        self.steady.elapsed().max(self.wall.elapsed().unwrap_or_default())
    }
}

impl HeldLock {
    /// Keeps a lock that was just taken.
    pub(super) fn keep(locks: Locks, id: Id, file: LockFile, timing: Timing, token: CancelToken) -> Result<Self> {
        let state = State { file, ids: vec![id], refreshed: Moment::now(), phase: Phase::Held };
        let shared = Arc::new(Shared { locks, timing, token, state: Mutex::new(state), released: Condvar::new() });
        // Dropped by an early return, it removes the file and ends the thread that was started.
        let mut held = Self { shared, threads: Vec::new() };
        held.spawn("lock-refresh", Shared::refresh_until_released)?;
        held.spawn("lock-watch", Shared::watch)?;
        Ok(held)
    }

    fn spawn(&mut self, name: &str, run: fn(&Shared)) -> Result<()> {
        let shared = self.shared.clone();
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || run(&shared))
            .map_err(|error| Error::io(format!("start the thread {name}"), error))?;
        self.threads.push(thread);
        Ok(())
    }

    /// The file that stands for it now. A refresh replaces it.
    pub fn id(&self) -> Option<Id> {
        self.shared.state.lock().ids.last().copied()
    }

    /// Why the lock was lost, and the token pulled; `None` while it is held.
    pub fn lost(&self) -> Option<Error> {
        match &self.shared.state.lock().phase {
            Phase::Lost(error) => Some(error.clone()),
            Phase::Held | Phase::Releasing => None,
        }
    }

    /// Releases the lock. Waits for a refresh that is under way.
    ///
    /// # Errors
    /// What the storage answers to the removal; the lock is stale for others after half an hour then.
    pub fn release(mut self) -> Result<()> {
        self.end()
    }

    fn end(&mut self) -> Result<()> {
        {
            let mut state = self.shared.state.lock();
            state.phase = Phase::Releasing;
            self.shared.released.notify_all();
        }
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread that kept a lock panicked");
            }
        }
        let ids = std::mem::take(&mut self.shared.state.lock().ids);
        let mut outcome = Ok(());
        for id in ids {
            outcome = outcome.and(self.shared.locks.remove(id));
        }
        outcome
    }
}

impl Drop for HeldLock {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            tracing::warn!(error = error.chain(), "a lock stays in the repository");
        }
    }
}

impl Shared {
    /// Waits, and answers whether the lock is still held after it.
    fn wait(&self, duration: Duration) -> bool {
        let end = Instant::now() + duration;
        let mut state = self.state.lock();
        loop {
            match state.phase {
                Phase::Lost(_) | Phase::Releasing => return false,
                Phase::Held => {}
            }
            if self.released.wait_until(&mut state, end).timed_out() {
                return matches!(state.phase, Phase::Held);
            }
        }
    }

    fn refresh_until_released(&self) {
        let mut due_after = self.timing.refresh;
        // Short waits: a machine that slept wakes with the lock overdue.
        while self.wait(self.timing.watch.min(due_after)) {
            let age = self.state.lock().refreshed.elapsed();
            // A lock that is as good as stale is not refreshed: others may have removed it, and have begun.
            if age < due_after || age >= self.timing.lost_after {
                continue;
            }
            match self.refresh() {
                Ok(()) => due_after = self.timing.refresh,
                Err(error) => {
                    tracing::warn!(error = error.chain(), "a lock could not be refreshed");
                    due_after = self.state.lock().refreshed.elapsed() + self.timing.refresh_again;
                }
            }
        }
    }

    /// Writes a new file, then removes the old one.
    fn refresh(&self) -> Result<()> {
        let (file, old) = {
            let state = self.state.lock();
            (LockFile { time: Timestamp::now(), ..state.file.clone() }, state.ids.clone())
        };
        // Taken before the call: the file's time counts for others, not when it arrived.
        let refreshed = Moment::now();
        let new = self.locks.write(&file)?;
        {
            let mut state = self.state.lock();
            state.file = file;
            state.ids.push(new);
            state.refreshed = refreshed;
        }
        for id in old {
            match self.locks.remove(id) {
                Ok(()) => self.state.lock().ids.retain(|own| *own != id),
                // The lock itself is refreshed; the old file is tried again next time.
                Err(error) => tracing::warn!(error = error.chain(), "an old lock stays for now"),
            }
        }
        Ok(())
    }

    /// Pulls the token when the lock was not refreshed in time.
    fn watch(&self) {
        while self.wait(self.timing.watch) {
            let mut state = self.state.lock();
            let age = state.refreshed.elapsed();
            if age < self.timing.lost_after {
                continue;
            }
            let sentence = format!(
                "the lock of the repository was lost: it could not be refreshed for {} seconds, and others may take it for \
                 stale",
                age.as_secs()
            );
            tracing::error!("{sentence}");
            state.phase = Phase::Lost(Error::new(ErrorKind::Locked, sentence));
            self.token.cancel();
            self.released.notify_all();
        }
    }
}
