//! The workers and what waits for them: demand before prefetch before push before the rest.
//!
//! There are more workers than may compute at once: while one waits for storage ([`waiting`]), another takes its place. Were all of
//! them to compute whenever they can, they would take the processor's caches from each other, and a file at hand would leave a twentieth slower.

use std::cell::RefCell;
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
    /// Workers with a job, those not counted that wait for storage.
    computing: usize,
    /// Workers that were woken and do not run yet, which may take long where much else wants the processor.
    called: usize,
    closed: bool,
}

struct Shared {
    state: Mutex<State>,
    /// Where the first workers wait for work: as many as may compute, so that these do all of it while none waits for storage.
    first: Condvar,
    /// Where the others do.
    others: Condvar,
    /// With so many computing, no other one begins.
    computing_max: usize,
}

impl Shared {
    /// Wakes a worker if one more may compute than do already, and than were woken to.
    fn call(&self, state: &mut State) {
        if state.computing + state.called < self.computing_max && (self.first.notify_one() || self.others.notify_one())
        {
            state.called += 1;
        }
    }
}

/// How much the workers of a queue have to do, for whoever must not be in their way.
pub(crate) struct Load(Arc<Shared>);

impl Load {
    /// Whether half as many workers compute as may: by default half of the cores, so that the others have to do with what these decode.
    pub(crate) fn is_heavy(&self) -> bool {
        self.0.state.lock().computing * 2 >= self.0.computing_max
    }
}

thread_local! {
    /// The queue that this thread computes for.
    static WORKS_FOR: RefCell<Option<Arc<Shared>>> = const { RefCell::new(None) };
}

/// Does what may take long without computing: reading from a disk, or over a network. On a worker, another one may begin meanwhile.
pub(crate) fn waiting<T>(wait: impl FnOnce() -> T) -> T {
    // Whoever waits already is counted once.
    let _away = WORKS_FOR.take().map(Away::new);
    wait()
}

/// A worker that does not compute, until this is dropped.
struct Away(Arc<Shared>);

impl Away {
    fn new(shared: Arc<Shared>) -> Self {
        {
            let mut state = shared.state.lock();
            state.computing -= 1;
            if state.waiting.iter().any(|jobs| !jobs.is_empty()) {
                shared.call(&mut state);
            }
        }
        Self(shared)
    }
}

impl Drop for Away {
    fn drop(&mut self) {
        self.0.state.lock().computing += 1;
        WORKS_FOR.set(Some(Arc::clone(&self.0)));
    }
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
    /// Starts workers, of which so many compute at once, while others may wait for storage.
    pub(crate) fn start(computing_max: usize, waiting: usize) -> Result<Self> {
        let shared = Shared {
            state: Mutex::default(),
            first: Condvar::new(),
            others: Condvar::new(),
            computing_max: computing_max.max(1),
        };
        let queue = Self { shared: Arc::new(shared), workers: Mutex::default() };
        queue.want_workers(computing_max + waiting)?;
        Ok(queue)
    }

    /// Sees to it that there are at least so many workers.
    pub(crate) fn want_workers(&self, count: usize) -> Result<()> {
        let mut workers = self.workers.lock();
        while workers.len() < count.min(WORKERS_MAX) {
            let shared = self.shared.clone();
            let number = workers.len();
            let worker = std::thread::Builder::new()
                .name(format!("decode-{number}"))
                .spawn(move || work(&shared, number))
                .map_err(|error| Error::io("start a worker", error))?;
            workers.push(worker);
        }
        Ok(())
    }

    /// What tells how much there is to do.
    pub(crate) fn load(&self) -> Load {
        Load(Arc::clone(&self.shared))
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
        // Where enough compute, the first that is done takes it.
        self.shared.call(&mut state);
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
        self.shared.first.notify_all();
        self.shared.others.notify_all();
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

fn work(shared: &Arc<Shared>, number: usize) {
    give_way();
    WORKS_FOR.set(Some(Arc::clone(shared)));
    let mut workspace = match zstd::bulk::Decompressor::new() {
        Ok(unpacker) => Workspace { plain: Vec::new(), unpacker },
        Err(error) => {
            tracing::error!(%error, "a worker cannot start");
            return;
        }
    };
    let work = if number < shared.computing_max { &shared.first } else { &shared.others };
    let mut done = 0;
    loop {
        let job = {
            let mut state = shared.state.lock();
            state.computing -= done;
            done = 1;
            loop {
                if state.closed {
                    return;
                }
                if state.computing < shared.computing_max
                    && let Some(job) = state.waiting.iter_mut().find_map(VecDeque::pop_front)
                {
                    state.computing += 1;
                    break job;
                }
                work.wait(&mut state);
                if !state.closed {
                    state.called -= 1;
                }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);
    /// Long enough for a worker that should not begin to begin.
    const A_MOMENT: Duration = Duration::from_millis(50);

    /// Submits a job that says when it begins, and ends when it is told to.
    fn job(
        queue: &Queue,
        does: impl FnOnce(&mpsc::Receiver<()>) + Send + 'static,
    ) -> (mpsc::Receiver<()>, mpsc::Sender<()>) {
        let ((begun, begins), (end, ends)) = (mpsc::channel(), mpsc::channel());
        assert!(queue.submit(Priority::Demand, move |_| {
            begun.send(()).unwrap();
            does(&ends);
        }));
        (begins, end)
    }

    fn until_told(told: &mpsc::Receiver<()>) {
        told.recv_timeout(PATIENCE).unwrap();
    }

    #[test]
    fn another_begins_when_one_waits_and_none_while_enough_compute() {
        let queue = Queue::start(1, 1).unwrap();
        let (first, end_first) = job(&queue, |told| {
            until_told(told);
            waiting(|| waiting(|| until_told(told)));
        });
        first.recv_timeout(PATIENCE).unwrap();
        let (second, end_second) = job(&queue, until_told);
        assert!(second.recv_timeout(A_MOMENT).is_err(), "one computes already");
        end_first.send(()).unwrap();
        second.recv_timeout(PATIENCE).unwrap();
        let (third, end_third) = job(&queue, until_told);
        assert!(third.recv_timeout(A_MOMENT).is_err(), "one waits, one computes");
        end_second.send(()).unwrap();
        third.recv_timeout(PATIENCE).unwrap();
        [end_first, end_third].iter().for_each(|end| end.send(()).unwrap());
    }

    #[test]
    fn no_more_are_woken_than_may_compute() {
        let queue = Queue::start(1, 1).unwrap();
        let called = |call: bool| {
            let mut state = queue.shared.state.lock();
            if call {
                queue.shared.call(&mut state);
                let called = state.called;
                queue.shared.call(&mut state);
                assert_eq!(state.called, called, "the other is not called too");
            }
            state.called
        };
        let begun = std::time::Instant::now();
        // It can be called as soon as it waits for work, and is not called any more once it runs.
        while called(true) == 0 || called(false) != 0 {
            assert!(begun.elapsed() < PATIENCE);
        }
    }

    #[test]
    fn a_panic_while_waiting_costs_no_place() {
        let queue = Queue::start(2, 0).unwrap();
        for _ in 0..10 {
            job(&queue, |_| waiting(|| std::panic::resume_unwind(Box::new("a storage that panics"))));
        }
        let jobs = [job(&queue, until_told), job(&queue, until_told)];
        jobs.iter().for_each(|(begins, _)| begins.recv_timeout(PATIENCE).unwrap());
        jobs.iter().for_each(|(_, end)| end.send(()).unwrap());
        assert!(WORKS_FOR.take().is_none(), "this thread is no worker");
    }

    #[test]
    fn all_is_done_however_many_wait() {
        let (queue, done) = (Queue::start(2, 3).unwrap(), Arc::new(AtomicUsize::new(0)));
        let (last, all_done) = mpsc::channel();
        for number in 0..500 {
            let (done, last) = (Arc::clone(&done), last.clone());
            assert!(queue.submit(Priority::Demand, move |_| {
                if number % 3 == 0 {
                    waiting(std::thread::yield_now);
                }
                if done.fetch_add(1, Ordering::Relaxed) + 1 == 500 {
                    last.send(()).unwrap();
                }
            }));
        }
        all_done.recv_timeout(PATIENCE).unwrap();
        drop(queue);
        assert_eq!(done.load(Ordering::Relaxed), 500);
    }
}
