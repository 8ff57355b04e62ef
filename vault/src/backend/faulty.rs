//! A backend that fails on purpose. **For tests**: it is how they see what a broken disk, a bad network or a tampering
//! server does to everything above.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::{Backend, FileId, FileKind, Listed, SharedBackend};
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
}

impl Operation {
    /// The file; `None` for listings.
    pub fn file(&self) -> Option<FileId> {
        match self {
            Self::List(_) => None,
            Self::Read(file) | Self::ReadAt { file, .. } => Some(*file),
        }
    }

    /// The kind of file concerned.
    pub fn kind(&self) -> FileKind {
        match self {
            Self::List(kind) => *kind,
            Self::Read(file) | Self::ReadAt { file, .. } => file.kind,
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
    /// The file is only this many bytes long; a listing loses the lines after this many.
    Truncate(u64),
    /// The file's byte at this offset has its lowest bit turned; listings are left alone.
    FlipBit(u64),
}

type Rule = dyn Fn(&Call) -> Option<Fault> + Send + Sync;

/// Calls to another backend, some of which fail by a rule.
pub struct Faulty {
    inner: SharedBackend,
    rule: Box<Rule>,
    calls: AtomicU64,
}

impl Faulty {
    /// Asks `rule` about each call.
    pub fn new(inner: SharedBackend, rule: impl Fn(&Call) -> Option<Fault> + Send + Sync + 'static) -> Self {
        Self { inner, rule: Box::new(rule), calls: AtomicU64::new(0) }
    }

    /// Only call number `number` (from 0) meets `fault`.
    pub fn nth(inner: SharedBackend, number: u64, fault: Fault) -> Self {
        Self::new(inner, move |call| (call.number == number).then_some(fault))
    }

    /// Calls so far.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Asks the rule. Delays happen here; the other faults are the caller's to apply.
    fn fault(&self, operation: Operation) -> Result<Option<Fault>> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        match (self.rule)(&Call { number, operation }) {
            Some(Fault::Fail(kind)) => {
                Err(Error::new(kind, format!("fault injected into call {number}: {operation:?}")))
            }
            Some(Fault::Delay(time)) => {
                std::thread::sleep(time);
                Ok(None)
            }
            fault => Ok(fault),
        }
    }
}

impl fmt::Debug for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faulty").field("inner", &self.inner).field("calls", &self.calls).finish_non_exhaustive()
    }
}

impl Backend for Faulty {
    fn location(&self) -> String {
        self.inner.location()
    }

    fn is_remote(&self) -> bool {
        self.inner.is_remote()
    }

    fn list(&self, kind: FileKind) -> Result<Vec<Listed>> {
        let fault = self.fault(Operation::List(kind))?;
        let mut files = self.inner.list(kind)?;
        if let Some(Fault::Truncate(lines)) = fault {
            files.truncate(usize::try_from(lines).unwrap_or(usize::MAX));
        }
        Ok(files)
    }

    fn read(&self, file: FileId) -> Result<Vec<u8>> {
        let fault = self.fault(Operation::Read(file))?;
        let mut content = self.inner.read(file)?;
        match fault {
            Some(Fault::Truncate(size)) => content.truncate(usize::try_from(size).unwrap_or(usize::MAX)),
            Some(Fault::FlipBit(at)) => flip(&mut content, at),
            Some(Fault::Fail(_) | Fault::Delay(_)) | None => {}
        }
        Ok(content)
    }

    fn read_at(&self, file: FileId, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let fault = self.fault(Operation::ReadAt { file, offset, len: buffer.len() })?;
        match fault {
            Some(Fault::Truncate(size)) if offset.saturating_add(buffer.len() as u64) > size => {
                return Err(super::too_short(file, size, offset, buffer.len()));
            }
            Some(Fault::Truncate(_) | Fault::FlipBit(_) | Fault::Fail(_) | Fault::Delay(_)) | None => {}
        }
        self.inner.read_at(file, offset, buffer)?;
        if let Some(Fault::FlipBit(at)) = fault
            && let Some(at) = at.checked_sub(offset)
        {
            flip(buffer, at);
        }
        Ok(())
    }
}

fn flip(bytes: &mut [u8], at: u64) {
    if let Some(byte) = usize::try_from(at).ok().and_then(|at| bytes.get_mut(at)) {
        *byte ^= 1;
    }
}
