//! Giving up: a token that anyone may pull, and the decorator that listens to it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use tokio::sync::Notify;

use super::{Backend, Content, FileId, FileKind, Listed, Receive, Storage};
use crate::error::{Error, ErrorKind, Result};

/// Stops everything that holds a clone of it, for good.
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Arc<State>);

#[derive(Debug, Default)]
struct State {
    cancelled: Mutex<bool>,
    /// Wakes threads that sleep between tries.
    sleepers: Condvar,
    /// Wakes remote calls that wait for an answer.
    calls: Notify,
    /// Tokens that are pulled with this one.
    others: Mutex<Vec<CancelToken>>,
}

impl CancelToken {
    /// A token that nobody has pulled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes every later call, every waiting retry and every remote call under way answer `Cancelled`.
    pub fn cancel(&self) {
        *self.0.cancelled.lock() = true;
        self.0.sleepers.notify_all();
        self.0.calls.notify_waiters();
        let others = self.0.others.lock().clone();
        others.iter().for_each(Self::cancel);
    }

    /// Makes pulling this token pull another one too: for storage that an operation uses besides.
    pub fn pulls_too(&self, other: &Self) {
        self.0.others.lock().push(other.clone());
        if self.is_cancelled() {
            other.cancel();
        }
    }

    /// Whether [`cancel`](Self::cancel) was called.
    pub fn is_cancelled(&self) -> bool {
        *self.0.cancelled.lock()
    }

    /// # Errors
    /// `Cancelled` once the token was pulled; `doing` says what was given up.
    pub fn check(&self, doing: impl FnOnce() -> String) -> Result<()> {
        if self.is_cancelled() {
            Err(Error::new(ErrorKind::Cancelled, format!("{}: cancelled", doing())))
        } else {
            Ok(())
        }
    }

    /// Sleeps, but wakes when the token is pulled. Answers whether the sleep lasted to its end.
    pub(super) fn sleep(&self, duration: Duration) -> bool {
        let end = Instant::now() + duration;
        let mut cancelled = self.0.cancelled.lock();
        while !*cancelled {
            if self.0.sleepers.wait_until(&mut cancelled, end).timed_out() {
                return !*cancelled;
            }
        }
        false
    }

    /// Waits until the token is pulled.
    pub(super) async fn cancelled(&self) {
        let mut woken = std::pin::pin!(self.0.calls.notified());
        // Registered before the flag is read: a cancel between the two is not missed.
        woken.as_mut().enable();
        if !self.is_cancelled() {
            woken.await;
        }
    }
}

/// Refuses calls once its token was pulled.
#[derive(Debug)]
pub struct Cancellable<B: ?Sized> {
    inner: Arc<B>,
    token: CancelToken,
}

impl<B: ?Sized> Cancellable<B> {
    /// Calls to `inner` until `token` is pulled.
    pub fn new(inner: Arc<B>, token: CancelToken) -> Self {
        Self { inner, token }
    }
}

impl<B: Backend + ?Sized> Backend for Cancellable<B> {
    fn location(&self) -> String {
        self.inner.location()
    }

    fn is_remote(&self) -> bool {
        self.inner.is_remote()
    }

    fn list(&self, kind: FileKind) -> Result<Vec<Listed>> {
        self.token.check(|| format!("list {}", kind.folder()))?;
        self.inner.list(kind)
    }

    fn read(&self, file: FileId) -> Result<Vec<u8>> {
        self.token.check(|| format!("read {file}"))?;
        self.inner.read(file)
    }

    fn read_at(&self, file: FileId, offset: u64, buffer: &mut [u8]) -> Result<()> {
        self.token.check(|| format!("read {file}"))?;
        self.inner.read_at(file, offset, buffer)
    }

    fn size(&self, file: FileId) -> Result<u64> {
        self.token.check(|| format!("look at {file}"))?;
        self.inner.size(file)
    }
}

impl<B: Storage + ?Sized> Storage for Cancellable<B> {
    fn create(&self) -> Result<()> {
        self.token.check(|| format!("make {}", self.inner.location()))?;
        self.inner.create()
    }

    fn write(&self, file: FileId, content: &Content) -> Result<()> {
        self.token.check(|| format!("write {file}"))?;
        self.inner.write(file, content)
    }

    fn receive(&self, file: FileId) -> Result<Option<Box<dyn Receive>>> {
        self.token.check(|| format!("write {file}"))?;
        self.inner.receive(file)
    }

    fn remove(&self, file: FileId) -> Result<()> {
        self.token.check(|| format!("remove {file}"))?;
        self.inner.remove(file)
    }
}
