//! Trying again what may succeed without anyone changing anything, with exponential waits and jitter.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::{Backend, CancelToken, Content, FileId, FileKind, Listed, Receive, Storage};
use crate::error::{Error, ErrorKind, Result};

/// Tries of one call, the first included.
pub const TRIES_MAX: u32 = 6;
/// Wait before the second try; it doubles with every further one.
pub const FIRST_WAIT: Duration = Duration::from_millis(200);
/// Longest wait between two tries.
pub const WAIT_MAX: Duration = Duration::from_secs(10);
/// No try starts later than this after the call began.
pub const TOTAL_MAX: Duration = Duration::from_secs(120);

/// How often and how long a failed call is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Tries of one call, the first included; 0 and 1 both mean that nothing is tried again.
    pub tries_max: u32,
    /// Wait before the second try; it doubles with every further one.
    pub first_wait: Duration,
    /// Longest wait between two tries.
    pub wait_max: Duration,
    /// No try starts later than this after the call began.
    pub total_max: Duration,
    /// Where the jitter's random numbers start; `None` takes a new start for each backend.
    pub jitter_seed: Option<u64>,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            tries_max: TRIES_MAX,
            first_wait: FIRST_WAIT,
            wait_max: WAIT_MAX,
            total_max: TOTAL_MAX,
            jitter_seed: None,
        }
    }
}

impl RetryPolicy {
    /// Nothing is tried again.
    pub fn never() -> Self {
        Self { tries_max: 1, ..Self::default() }
    }

    /// The wait after the `tried`-th try (from 1), before jitter.
    fn wait_after(&self, tried: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(tried.saturating_sub(1));
        self.first_wait.saturating_mul(doubled).min(self.wait_max)
    }
}

/// Tries failed calls of `inner` again, when [`ErrorKind::is_transient`] says that this makes sense.
#[derive(Debug)]
pub struct Retry<B: ?Sized> {
    inner: Arc<B>,
    policy: RetryPolicy,
    cancel: CancelToken,
    jitter: Mutex<fastrand::Rng>,
}

impl<B: ?Sized> Retry<B> {
    /// Tries by `policy`; pulling `cancel` ends the waiting at once.
    pub fn new(inner: Arc<B>, policy: RetryPolicy, cancel: CancelToken) -> Self {
        let rng = policy.jitter_seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
        Self { inner, policy, cancel, jitter: Mutex::new(rng) }
    }

    /// Makes a call, and makes it again while that makes sense.
    pub(super) fn run<T>(&self, doing: impl Fn() -> String, mut call: impl FnMut() -> Result<T>) -> Result<T> {
        let start = Instant::now();
        let mut tried = 0_u32;
        loop {
            let error = match call() {
                Ok(answer) => return Ok(answer),
                Err(error) if !error.kind().is_transient() => return Err(error),
                Err(error) => error,
            };
            tried = tried.saturating_add(1);
            let wait = self.jittered(self.policy.wait_after(tried));
            if tried >= self.policy.tries_max || start.elapsed() + wait > self.policy.total_max {
                return Err(if tried > 1 { error.context(format!("gave up after {tried} tries")) } else { error });
            }
            // The first failure of a call is everyday life on a network; the second one somebody may want to see.
            if tried == 1 {
                tracing::debug!(
                    call = doing(),
                    tried,
                    ?wait,
                    error = error.chain(),
                    "storage call failed, trying again"
                );
            } else {
                tracing::warn!(
                    call = doing(),
                    tried,
                    ?wait,
                    error = error.chain(),
                    "storage call failed, trying again"
                );
            }
            if !self.cancel.sleep(wait) {
                let context = format!("{}: cancelled while waiting to try again", doing());
                return Err(Error::new(ErrorKind::Cancelled, context).because(error));
            }
        }
    }

    /// Between half the wait and all of it, so that many readers of a server that restarts do not come back at once.
    fn jittered(&self, wait: Duration) -> Duration {
        wait.mul_f64(0.5 + self.jitter.lock().f64() / 2.0)
    }
}

impl<B: Backend + ?Sized> Backend for Retry<B> {
    fn location(&self) -> String {
        self.inner.location()
    }

    fn is_remote(&self) -> bool {
        self.inner.is_remote()
    }

    fn list(&self, kind: FileKind) -> Result<Vec<Listed>> {
        self.run(|| format!("list {}", kind.folder()), || self.inner.list(kind))
    }

    fn read(&self, file: FileId) -> Result<Vec<u8>> {
        self.run(|| format!("read {file}"), || self.inner.read(file))
    }

    fn read_at(&self, file: FileId, offset: u64, buffer: &mut [u8]) -> Result<()> {
        self.run(|| format!("read {file}"), || self.inner.read_at(file, offset, buffer))
    }

    fn size(&self, file: FileId) -> Result<u64> {
        self.run(|| format!("look at {file}"), || self.inner.size(file))
    }
}

/// Every call may be made twice: making, writing and removing succeed where they are already done.
impl<B: Storage + ?Sized> Storage for Retry<B> {
    fn create(&self) -> Result<()> {
        self.run(|| format!("make {}", self.inner.location()), || self.inner.create())
    }

    fn write(&self, file: FileId, content: &Content) -> Result<()> {
        self.run(|| format!("write {file}"), || self.inner.write(file, content))
    }

    fn receive(&self, file: FileId) -> Result<Option<Box<dyn Receive>>> {
        self.run(|| format!("write {file}"), || self.inner.receive(file))
    }

    fn remove(&self, file: FileId) -> Result<()> {
        self.run(|| format!("remove {file}"), || self.inner.remove(file))
    }
}
