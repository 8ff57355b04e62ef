//! The workers and what waits for them: demand before prefetch before push before the rest.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

use parking_lot::{Condvar, Mutex};

use crate::error::{Error, Result};

/// By how much workers are nicer than who started them. Decoding is most of the work of a large read: as one thread among equals,
/// whoever sends what is decoded, or uses it, waits for the processor behind every worker, and then the workers for them.
#[cfg(target_os = "linux")]
const NICER: libc::c_int = 5;
/// Workers of one engine.
const WORKERS_MAX: usize = 64;
/// Jobs below demand that may wait; more are turned away, as nobody waits for them.
const WAITING_MAX: usize = 4096;

/// Who waits for a job. Earlier ones go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// A reader waits for it now.
    Demand,
    /// A reader will want it next.
    Prefetch,
    /// It is pushed to the kernel ahead of small-file readers.
    Push,
    /// Nobody waits.
    Background,
}

const PRIORITIES: usize = 4;

/// What a worker keeps between jobs, so that memory and tables are made once.
pub(crate) struct Workspace {
    /// Unpacked trees on their way to the parser.
    pub(crate) plain: Vec<u8>,
    pub(crate) unpacker: zstd::bulk::Decompressor<'static>,
}

/// A larger buffer for trees is given back after a job.
const WORKSPACE_BYTES_MAX: usize = 4 << 20;

type Job = Box<dyn FnOnce(&mut Workspace) + Send>;

#[derive(Default)]
struct State {
    waiting: [VecDeque<Job>; PRIORITIES],
    closed: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    work: Condvar,
}

/// The queue and its workers. Dropping it drops what waits, lets what runs end, and joins the workers.
pub(crate) struct Queue {
    shared: Arc<Shared>,
    workers: Mutex<Vec<JoinHandle<()>>>,
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Queue({} workers)", self.workers.lock().len())
    }
}

impl Queue {
    pub(crate) fn start(workers: usize) -> Result<Self> {
        let queue = Self { shared: Arc::default(), workers: Mutex::default() };
        queue.want_workers(workers)?;
        Ok(queue)
    }

    /// Sees to it that there are at least so many workers.
    pub(crate) fn want_workers(&self, count: usize) -> Result<()> {
        let mut workers = self.workers.lock();
        while workers.len() < count.min(WORKERS_MAX) {
            let shared = self.shared.clone();
            let worker = std::thread::Builder::new()
                .name(format!("decode-{}", workers.len()))
                .spawn(move || work(&shared))
                .map_err(|error| Error::io("start a worker", error))?;
            workers.push(worker);
        }
        Ok(())
    }

    /// Queues a job. `false` when it was turned away: too much waits already, or the engine is stopping.
    pub(crate) fn submit(&self, priority: Priority, job: impl FnOnce(&mut Workspace) + Send + 'static) -> bool {
        let mut state = self.shared.state.lock();
        let closed = state.closed;
        let Some(waiting) = state.waiting.get_mut(priority as usize) else { return false };
        if closed || (priority != Priority::Demand && waiting.len() >= WAITING_MAX) {
            return false;
        }
        waiting.push_back(Box::new(job));
        drop(state);
        self.shared.work.notify_one();
        true
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        let abandoned = {
            let mut state = self.shared.state.lock();
            state.closed = true;
            std::mem::take(&mut state.waiting)
        };
        self.shared.work.notify_all();
        // Jobs answer whoever waits for them when they are dropped: not under the lock.
        drop(abandoned);
        let this_thread = std::thread::current().id();
        for worker in self.workers.get_mut().drain(..) {
            // The last handle may go in a callback on a worker, which cannot wait for itself.
            if worker.thread().id() != this_thread {
                let _ = worker.join();
            }
        }
    }
}

/// Lets everybody else go before the calling thread, where that is for a thread to decide.
fn give_way() {
    #[cfg(target_os = "linux")]
    // SAFETY: the call changes one number of the calling thread. It cannot fail: nicer is always allowed.
    unsafe {
        libc::nice(NICER);
    }
}

fn work(shared: &Shared) {
    give_way();
    let mut workspace = match zstd::bulk::Decompressor::new() {
        Ok(unpacker) => Workspace { plain: Vec::new(), unpacker },
        Err(error) => {
            tracing::error!(%error, "a worker cannot start");
            return;
        }
    };
    loop {
        let job = {
            let mut state = shared.state.lock();
            loop {
                if state.closed {
                    return;
                }
                if let Some(job) = state.waiting.iter_mut().find_map(VecDeque::pop_front) {
                    break job;
                }
                shared.work.wait(&mut state);
            }
        };
        if catch_unwind(AssertUnwindSafe(|| job(&mut workspace))).is_err() {
            tracing::error!("a job panicked; whoever waits for it gets an error");
        }
        if workspace.plain.capacity() > WORKSPACE_BYTES_MAX {
            workspace.plain = Vec::new();
        }
    }
}
