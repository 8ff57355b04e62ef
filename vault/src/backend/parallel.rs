//! Uploads in parallel for writers that write one file after another, as rustic_core does.

use std::any::Any;
use std::collections::{HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use parking_lot::{Condvar, Mutex, MutexGuard};

use super::{Backend, Content, FileId, FileKind, Listed, SharedStorage, Storage};
use crate::error::{Error, ErrorKind, Result};

/// Packs that are written at once, unless said otherwise.
pub const UPLOADS_MAX: usize = 4;
/// Bytes of packs that wait or are under way, unless said otherwise. A pack that is larger goes alone.
pub const UPLOAD_BYTES_MAX: u64 = 256 << 20;

/// Takes packs and writes them by several threads; everything else first waits for the packs before it.
///
/// This is the one [`Storage`] whose `write` returns before the file is there, for packs alone. Invariant: no index file
/// or snapshot is written, and no file removed, before every pack that was accepted earlier is durable. The first pack
/// that cannot be written makes that call and every later one fail with its error, so that nothing ever names it.
///
/// What was not waited for, by such a call or by [`finish`](Self::finish), may be missing after a drop; a drop waits for
/// the packs under way only.
#[derive(Debug)]
pub struct ParallelUploads {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    storage: SharedStorage,
    bytes_max: u64,
    state: Mutex<State>,
    /// Something was accepted, ended or closed.
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<(FileId, Content)>,
    /// Packs accepted and not yet written.
    unwritten: HashSet<FileId>,
    /// Their bytes.
    bytes: u64,
    failed: Option<Error>,
    is_closed: bool,
}

impl ParallelUploads {
    /// Writes by `threads` threads (at least one), with at most `bytes_max` bytes of packs in memory.
    ///
    /// # Errors
    /// The system has no thread left.
    pub fn start(storage: SharedStorage, threads: usize, bytes_max: u64) -> Result<Self> {
        let shared = Arc::new(Shared { storage, bytes_max, state: Mutex::default(), changed: Condvar::new() });
        let mut uploads = Self { shared, workers: Vec::new() };
        for number in 0..threads.max(1) {
            let shared = Arc::clone(&uploads.shared);
            let worker = Builder::new().name(format!("bygone-upload-{number}")).spawn(move || shared.work());
            uploads.workers.push(worker.map_err(|error| Error::io("start a thread for uploads", error))?);
        }
        Ok(uploads)
    }

    /// Waits until every pack that was accepted is durable.
    ///
    /// # Errors
    /// What the first pack that could not be written met.
    pub fn finish(&self) -> Result<()> {
        self.shared.wait_for_packs()
    }
}

impl Drop for ParallelUploads {
    fn drop(&mut self) {
        self.shared.close();
        for worker in self.workers.drain(..) {
            // It catches the panics of the storage, and has none of its own.
            worker.join().ok();
        }
    }
}

impl Shared {
    /// What every worker does until the end.
    fn work(&self) {
        let mut state = self.state.lock();
        loop {
            if let Some((file, content)) = state.queue.pop_front() {
                let answer = MutexGuard::unlocked(&mut state, || self.write(file, &content));
                state.unwritten.remove(&file);
                state.bytes = state.bytes.saturating_sub(content.len());
                if let Err(error) = answer {
                    state.give_up(error);
                }
                self.changed.notify_all();
            } else if state.is_closed {
                return;
            } else {
                self.changed.wait(&mut state);
            }
        }
    }

    fn write(&self, file: FileId, content: &Content) -> Result<()> {
        catch_unwind(AssertUnwindSafe(|| self.storage.write(file, content))).unwrap_or_else(|panic| {
            let what = panic_text(panic.as_ref());
            Err(Error::new(ErrorKind::Io, format!("write {file}: the storage panicked: {what}")))
        })
    }

    fn accept(&self, file: FileId, content: &Content) -> Result<()> {
        let mut state = self.state.lock();
        loop {
            state.check()?;
            // Somebody else has brought the same: the name is the content's hash.
            if state.unwritten.contains(&file) {
                return Ok(());
            }
            if state.bytes == 0 || state.bytes.saturating_add(content.len()) <= self.bytes_max {
                break;
            }
            self.changed.wait(&mut state);
        }
        state.bytes = state.bytes.saturating_add(content.len());
        state.unwritten.insert(file);
        state.queue.push_back((file, content.clone()));
        self.changed.notify_all();
        Ok(())
    }

    /// Waits for the packs that were accepted before now; later ones may be accepted meanwhile.
    fn wait_for_packs(&self) -> Result<()> {
        let mut state = self.state.lock();
        let before: Vec<FileId> = state.unwritten.iter().copied().collect();
        loop {
            state.check()?;
            if before.iter().all(|file| !state.unwritten.contains(file)) {
                return Ok(());
            }
            self.changed.wait(&mut state);
        }
    }

    /// Waits for one file, if it is a pack under way.
    fn wait_for(&self, file: FileId) -> Result<()> {
        let mut state = self.state.lock();
        while state.unwritten.contains(&file) {
            self.changed.wait(&mut state);
        }
        if file.kind == FileKind::Pack { state.check() } else { Ok(()) }
    }

    fn close(&self) {
        let mut state = self.state.lock();
        state.is_closed = true;
        state.discard();
        self.changed.notify_all();
    }
}

impl State {
    fn check(&self) -> Result<()> {
        self.failed.clone().map_or(Ok(()), Err)
    }

    /// Remembers the first failure. What waits would be named by nobody: it is not written.
    fn give_up(&mut self, error: Error) {
        self.failed.get_or_insert(error);
        self.discard();
    }

    fn discard(&mut self) {
        for (file, content) in self.queue.drain(..) {
            self.unwritten.remove(&file);
            self.bytes = self.bytes.saturating_sub(content.len());
        }
    }
}

impl Backend for ParallelUploads {
    fn location(&self) -> String {
        self.shared.storage.location()
    }

    fn is_remote(&self) -> bool {
        self.shared.storage.is_remote()
    }

    fn list(&self, kind: FileKind) -> Result<Vec<Listed>> {
        if kind == FileKind::Pack {
            self.shared.wait_for_packs()?;
        }
        self.shared.storage.list(kind)
    }

    fn read(&self, file: FileId) -> Result<Vec<u8>> {
        self.shared.wait_for(file)?;
        self.shared.storage.read(file)
    }

    fn read_at(&self, file: FileId, offset: u64, buffer: &mut [u8]) -> Result<()> {
        self.shared.wait_for(file)?;
        self.shared.storage.read_at(file, offset, buffer)
    }
}

impl Storage for ParallelUploads {
    fn create(&self) -> Result<()> {
        self.shared.wait_for_packs()?;
        self.shared.storage.create()
    }

    fn write(&self, file: FileId, content: &Content) -> Result<()> {
        match file.kind {
            FileKind::Pack => self.shared.accept(file, content),
            FileKind::Config | FileKind::Key | FileKind::Lock | FileKind::Snapshot | FileKind::Index => {
                self.shared.wait_for_packs()?;
                self.shared.storage.write(file, content)
            }
        }
    }

    fn remove(&self, file: FileId) -> Result<()> {
        self.shared.wait_for_packs()?;
        self.shared.storage.remove(file)
    }
}

/// What a panic said.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no reason given".to_owned())
}

#[cfg(test)]
mod tests;
