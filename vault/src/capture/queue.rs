//! What is still to be done, and who does what next.
//!
//! Blobs that were read come first, since they hold memory; files that are known come before folders once they are many, so
//! that what is listed and not read stays bounded. Nobody waits for room: whoever finds none does the work himself.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::{Condvar, Mutex};

/// Files that are known and wait to be read.
const FILES_MAX: usize = 256;
/// From so many on, they are read before more folders are listed.
const FILES_MANY: usize = 64;
/// Bytes of blobs that were read by one thread and wait for another.
const BLOB_BYTES_MAX: usize = 24 << 20;

/// Work of three kinds.
#[derive(Debug)]
pub(super) enum Job<B, F, D> {
    Blob(B),
    File(F),
    Folder(D),
}

#[derive(Debug)]
pub(super) struct Queue<B, F, D> {
    state: Mutex<State<B, F, D>>,
    changed: Condvar,
    /// Threads that wait for work.
    idle: AtomicUsize,
}

#[derive(Debug)]
struct State<B, F, D> {
    blobs: VecDeque<(B, usize)>,
    blob_bytes: usize,
    files: VecDeque<F>,
    /// The last one first: what is deep is finished before what is wide is begun.
    folders: Vec<D>,
    /// Threads that work, and so may find more work.
    working: usize,
    is_stopped: bool,
}

impl<B, F, D> Queue<B, F, D> {
    pub(super) fn new() -> Self {
        let state = State {
            blobs: VecDeque::new(),
            blob_bytes: 0,
            files: VecDeque::new(),
            folders: Vec::new(),
            working: 0,
            is_stopped: false,
        };
        Self { state: Mutex::new(state), changed: Condvar::new(), idle: AtomicUsize::new(0) }
    }

    /// The next thing to do, with a guard to hold while it is done; `None` when all is done, or nobody should go on.
    pub(super) fn next(&self) -> Option<Taken<'_, B, F, D>> {
        let mut state = self.state.lock();
        loop {
            if state.is_stopped {
                return None;
            }
            if let Some(job) = state.pick() {
                state.working += 1;
                return Some((job, Working { queue: self }));
            }
            if state.working == 0 {
                self.changed.notify_all();
                return None;
            }
            self.idle.fetch_add(1, Ordering::Relaxed);
            self.changed.wait(&mut state);
            self.idle.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Whether somebody has nothing to do.
    pub(super) fn has_idle(&self) -> bool {
        self.idle.load(Ordering::Relaxed) > 0
    }

    /// Hands a blob of so many bytes to another thread; gives it back when too much waits already.
    pub(super) fn push_blob(&self, blob: B, bytes: usize) -> Result<(), B> {
        let mut state = self.state.lock();
        if state.blob_bytes + bytes > BLOB_BYTES_MAX {
            return Err(blob);
        }
        state.blob_bytes += bytes;
        state.blobs.push_back((blob, bytes));
        drop(state);
        self.wake();
        Ok(())
    }

    /// Hands a file to another thread; gives it back when too many wait already.
    pub(super) fn push_file(&self, file: F) -> Result<(), F> {
        let mut state = self.state.lock();
        if state.files.len() >= FILES_MAX {
            return Err(file);
        }
        state.files.push_back(file);
        drop(state);
        self.wake();
        Ok(())
    }

    /// Adds folders, the first of which is to be done first.
    pub(super) fn push_folders(&self, folders: impl DoubleEndedIterator<Item = D>) {
        self.state.lock().folders.extend(folders.rev());
        if self.has_idle() {
            self.changed.notify_all();
        }
    }

    /// Makes everybody stop.
    pub(super) fn stop(&self) {
        let mut state = self.state.lock();
        state.is_stopped = true;
        drop(state);
        self.changed.notify_all();
    }

    fn wake(&self) {
        if self.has_idle() {
            self.changed.notify_one();
        }
    }
}

impl<B, F, D> State<B, F, D> {
    fn pick(&mut self) -> Option<Job<B, F, D>> {
        if let Some((blob, bytes)) = self.blobs.pop_front() {
            self.blob_bytes -= bytes;
            return Some(Job::Blob(blob));
        }
        if self.files.len() < FILES_MANY
            && let Some(folder) = self.folders.pop()
        {
            return Some(Job::Folder(folder));
        }
        self.files.pop_front().map(Job::File).or_else(|| self.folders.pop().map(Job::Folder))
    }
}

/// Work that was taken, and what to hold until it is done.
type Taken<'a, B, F, D> = (Job<B, F, D>, Working<'a, B, F, D>);

/// Held by whoever works: others wait as long, since he may find more for them.
pub(super) struct Working<'a, B, F, D> {
    queue: &'a Queue<B, F, D>,
}

impl<B, F, D> Drop for Working<'_, B, F, D> {
    fn drop(&mut self) {
        let mut state = self.queue.state.lock();
        state.working -= 1;
        // Work that was lost in a panic would be missing in a snapshot.
        state.is_stopped |= std::thread::panicking();
        if state.working == 0 || state.is_stopped {
            self.queue.changed.notify_all();
        }
    }
}
