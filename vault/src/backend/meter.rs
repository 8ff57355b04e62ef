//! Counting what crosses to the storage.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Backend, Content, FileId, FileKind, Listed, Receive, Storage};
use crate::error::Result;

/// Calls and bytes since the backend was opened. Counters only grow; reading them never blocks anyone.
#[derive(Debug, Default)]
pub struct Meter {
    /// Listings; their bytes stay 0, as no content moves.
    pub list: Counter,
    /// Whole files.
    pub read: Counter,
    /// Ranges of files.
    pub read_at: Counter,
    /// Files written. Making the place counts as a write of no bytes.
    pub write: Counter,
    /// Files removed; their bytes stay 0.
    pub remove: Counter,
}

/// One kind of call.
#[derive(Debug, Default)]
pub struct Counter {
    calls: AtomicU64,
    failures: AtomicU64,
    bytes: AtomicU64,
}

/// What a [`Counter`] stood at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Calls made, failed ones included; several tries of one call count once.
    pub calls: u64,
    /// Calls that ended in an error.
    pub failures: u64,
    /// Bytes of successful calls.
    pub bytes: u64,
}

impl Counter {
    /// The counts at this moment.
    pub fn get(&self) -> Count {
        Count {
            calls: self.calls.load(Ordering::Relaxed),
            failures: self.failures.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
        }
    }

    fn note<T>(&self, answer: Result<T>, bytes: impl FnOnce(&T) -> u64) -> Result<T> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        match &answer {
            Ok(value) => self.bytes.fetch_add(bytes(value), Ordering::Relaxed),
            Err(_) => self.failures.fetch_add(1, Ordering::Relaxed),
        };
        answer
    }
}

impl Meter {
    /// Bytes of file content that came from the storage.
    pub fn bytes_read(&self) -> u64 {
        self.read.get().bytes.saturating_add(self.read_at.get().bytes)
    }

    /// Bytes of file content that went to the storage.
    pub fn bytes_written(&self) -> u64 {
        self.write.get().bytes
    }

    /// Calls of every kind.
    pub fn calls(&self) -> u64 {
        let counters = [&self.list, &self.read, &self.read_at, &self.write, &self.remove];
        counters.iter().map(|counter| counter.get().calls).sum()
    }
}

/// Counts the calls to `inner`.
#[derive(Debug)]
pub struct Metered<B: ?Sized> {
    inner: Arc<B>,
    meter: Arc<Meter>,
}

impl<B: ?Sized> Metered<B> {
    /// Counts into `meter`.
    pub fn new(inner: Arc<B>, meter: Arc<Meter>) -> Self {
        Self { inner, meter }
    }
}

impl<B: Backend + ?Sized> Backend for Metered<B> {
    fn location(&self) -> String {
        self.inner.location()
    }

    fn is_remote(&self) -> bool {
        self.inner.is_remote()
    }

    fn list(&self, kind: FileKind) -> Result<Vec<Listed>> {
        self.meter.list.note(self.inner.list(kind), |_| 0)
    }

    fn read(&self, file: FileId) -> Result<Vec<u8>> {
        self.meter.read.note(self.inner.read(file), |content| content.len() as u64)
    }

    fn read_at(&self, file: FileId, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let bytes = buffer.len() as u64;
        self.meter.read_at.note(self.inner.read_at(file, offset, buffer), |()| bytes)
    }

    fn size(&self, file: FileId) -> Result<u64> {
        self.meter.list.note(self.inner.size(file), |_| 0)
    }
}

impl<B: Storage + ?Sized> Storage for Metered<B> {
    fn create(&self) -> Result<()> {
        self.meter.write.note(self.inner.create(), |()| 0)
    }

    fn write(&self, file: FileId, content: &Content) -> Result<()> {
        self.meter.write.note(self.inner.write(file, content), |()| content.len())
    }

    /// The pieces that follow are not counted.
    fn receive(&self, file: FileId) -> Result<Option<Box<dyn Receive>>> {
        self.meter.write.note(self.inner.receive(file), |_| 0)
    }

    fn remove(&self, file: FileId) -> Result<()> {
        self.meter.remove.note(self.inner.remove(file), |()| 0)
    }
}
