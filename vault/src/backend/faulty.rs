//! A backend that fails on purpose. **For tests**: it is how they see what a broken disk, a bad network or a tampering
//! server does to everything above.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::{Backend, Content, FileId, FileKind, Listed, Storage};
use crate::error::{Error, ErrorKind, Result};

/// Which call of the backend it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// [`Backend::list`].
    List(FileKind),
    /// [`Backend::read`].
    Read(FileId),
    /// [`Backend::read_at`].
    ReadAt {
        /// The file.
        file: FileId,
        /// First byte wanted.
        offset: u64,
        /// Bytes wanted.
        len: usize,
    },
    /// [`Storage::create`].
    Create,
    /// [`Storage::write`].
    Write {
        /// The file.
        file: FileId,
        /// Bytes to write.
        len: u64,
    },
    /// [`Storage::remove`].
    Remove(FileId),
}

impl Operation {
    /// The file; `None` for listings and for the making of the place.
    pub fn file(&self) -> Option<FileId> {
        match self {
            Self::List(_) | Self::Create => None,
            Self::Read(file) | Self::ReadAt { file, .. } | Self::Write { file, .. } | Self::Remove(file) => Some(*file),
        }
    }

    /// Whether it would change the storage.
    pub fn changes(&self) -> bool {
        match self {
            Self::List(_) | Self::Read(_) | Self::ReadAt { .. } => false,
            Self::Create | Self::Write { .. } | Self::Remove(_) => true,
        }
    }

    /// The kind of file concerned; making the place is for the config's sake.
    pub fn kind(&self) -> FileKind {
        match self {
            Self::List(kind) => *kind,
            Self::Create => FileKind::Config,
            Self::Read(file) | Self::ReadAt { file, .. } | Self::Write { file, .. } | Self::Remove(file) => file.kind,
        }
    }
}

/// One call, as the rule of a [`Faulty`] backend sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// How many calls came before it: the first is number 0.
    pub number: u64,
    /// What it asks for.
    pub operation: Operation,
}

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It answers with an error of this kind and never reaches the storage.
    Fail(ErrorKind),
    /// It takes this much longer.
    Delay(Duration),
    /// What is read of the file is only this many bytes long; a listing loses the lines after this many.
    Truncate(u64),
    /// What is read of the file's byte at this offset has its lowest bit turned; listings are left alone.
    FlipBit(u64),
    /// It is done, but its answer is lost: the caller gets an error of this kind.
    LoseAnswer(ErrorKind),
    /// Half of the content is written under the file's own name, as storage without atomic writes would leave it; then
    /// an error of this kind. Other calls than writes just fail.
    WriteHalf(ErrorKind),
}

type Rule = dyn Fn(&Call) -> Option<Fault> + Send + Sync;

/// Calls to another backend, some of which fail by a rule.
pub struct Faulty<B: ?Sized = dyn Backend> {
    inner: Arc<B>,
    rule: Box<Rule>,
    calls: AtomicU64,
}

impl<B: ?Sized> Faulty<B> {
    /// Asks `rule` about each call.
    pub fn new(inner: Arc<B>, rule: impl Fn(&Call) -> Option<Fault> + Send + Sync + 'static) -> Self {
        Self { inner, rule: Box::new(rule), calls: AtomicU64::new(0) }
    }

    /// Only call number `number` (from 0) meets `fault`.
    pub fn nth(inner: Arc<B>, number: u64, fault: Fault) -> Self {
        Self::new(inner, move |call| (call.number == number).then_some(fault))
    }

    /// Calls so far.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Makes one call by the rule. `run` is given what is left for it to apply: how content is to be changed.
    fn call<T>(&self, operation: Operation, run: impl FnOnce(Option<Change>) -> Result<T>) -> Result<T> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        let failed = |kind| Error::new(kind, format!("fault injected into call {number}: {operation:?}"));
        match (self.rule)(&Call { number, operation }) {
            None => run(None),
            Some(Fault::Fail(kind)) => Err(failed(kind)),
            Some(Fault::Delay(time)) => {
                std::thread::sleep(time);
                run(None)
            }
            Some(Fault::Truncate(size)) => run(Some(Change::Truncate(size))),
            Some(Fault::FlipBit(at)) => run(Some(Change::FlipBit(at))),
            Some(Fault::LoseAnswer(kind)) => run(None).and_then(|_| Err(failed(kind))),
            Some(Fault::WriteHalf(kind)) => {
                if let Operation::Write { .. } = operation {
                    run(Some(Change::Half))?;
                }
                Err(failed(kind))
            }
        }
    }
}

/// What happens to the content of a call.
enum Change {
    Truncate(u64),
    FlipBit(u64),
    Half,
}

impl<B: fmt::Debug + ?Sized> fmt::Debug for Faulty<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faulty").field("inner", &self.inner).field("calls", &self.calls).finish_non_exhaustive()
    }
}

impl<B: Backend + ?Sized> Backend for Faulty<B> {
    fn location(&self) -> String {
        self.inner.location()
    }

    fn is_remote(&self) -> bool {
        self.inner.is_remote()
    }

    fn list(&self, kind: FileKind) -> Result<Vec<Listed>> {
        self.call(Operation::List(kind), |change| {
            let mut files = self.inner.list(kind)?;
            if let Some(Change::Truncate(lines)) = change {
                files.truncate(usize::try_from(lines).unwrap_or(usize::MAX));
            }
            Ok(files)
        })
    }

    fn read(&self, file: FileId) -> Result<Vec<u8>> {
        self.call(Operation::Read(file), |change| {
            let mut content = self.inner.read(file)?;
            match change {
                Some(Change::Truncate(size)) => content.truncate(usize::try_from(size).unwrap_or(usize::MAX)),
                Some(Change::FlipBit(at)) => flip(&mut content, at),
                Some(Change::Half) | None => {}
            }
            Ok(content)
        })
    }

    fn read_at(&self, file: FileId, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let len = buffer.len();
        self.call(Operation::ReadAt { file, offset, len }, |change| {
            if let Some(Change::Truncate(size)) = change
                && offset.saturating_add(len as u64) > size
            {
                return Err(super::too_short(file, size, offset, len));
            }
            self.inner.read_at(file, offset, buffer)?;
            if let Some(Change::FlipBit(at)) = change
                && let Some(at) = at.checked_sub(offset)
            {
                flip(buffer, at);
            }
            Ok(())
        })
    }
}

impl<B: Storage + ?Sized> Storage for Faulty<B> {
    fn create(&self) -> Result<()> {
        self.call(Operation::Create, |_| self.inner.create())
    }

    fn write(&self, file: FileId, content: &Content) -> Result<()> {
        self.call(Operation::Write { file, len: content.len() }, |change| match change {
            Some(Change::Half) => self.inner.write(file, &content.part(0, content.len() / 2)),
            Some(Change::Truncate(_) | Change::FlipBit(_)) | None => self.inner.write(file, content),
        })
    }

    fn remove(&self, file: FileId) -> Result<()> {
        self.call(Operation::Remove(file), |_| self.inner.remove(file))
    }
}

fn flip(bytes: &mut [u8], at: u64) {
    if let Some(byte) = usize::try_from(at).ok().and_then(|at| bytes.get_mut(at)) {
        *byte ^= 1;
    }
}
