//! Ids off the critical path: SHA-256 halves the speed of decoding, and Poly1305 has already proved that the bytes are
//! what a holder of the key wrote. A thread that lets whoever decodes go first proves that they are the right ones.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bygone_common::BlobId;
use parking_lot::{Condvar, Mutex};
use sha2::{Digest, Sha256};

use super::buffer::Blob;
use super::queue::Load;
use crate::error::{Error, Result};

/// Bytes that may wait to be checked. What comes when they are full goes unchecked, and is counted.
const WAITING_BYTES_MAX: u64 = 12 << 20;
/// How long the checker lets blobs gather when it has nothing to do: waking it for each would cost those who decode them
/// more than its work costs anybody.
const GATHERING: Duration = Duration::from_millis(10);
/// How long the checker waits for decoders to be done before it checks one blob anyway: a process that is never done has some of
/// what it decodes checked too.
const PATIENCE: Duration = Duration::from_millis(200);

type Report = Box<dyn FnOnce() + Send>;

struct Check {
    id: BlobId,
    blob: Arc<Blob>,
    /// Called when the id is not that of the bytes.
    report: Report,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Check>,
    waiting_bytes: u64,
    unchecked: u64,
    closed: bool,
    wrong: HashSet<BlobId>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    work: Condvar,
}

impl Shared {
    /// What to check next, when it is time; nothing any more when the checker is closed.
    fn next(&self, load: &Load) -> Option<Check> {
        let mut state = self.state.lock();
        while state.waiting.is_empty() && !state.closed {
            self.work.wait(&mut state);
            let gathering = Instant::now() + GATHERING;
            self.work.wait_while_until(&mut state, |state| !state.closed, gathering);
        }
        // The system alone does not keep this thread out of the way: it does not move those who wait for a core to where this runs.
        let until = Instant::now() + PATIENCE;
        while !state.closed && load.is_heavy() && Instant::now() < until {
            self.work.wait_for(&mut state, GATHERING);
        }
        state.waiting.pop_front()
    }
}

/// The checker of blob ids.
pub(crate) struct Verifier {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.shared.state.lock();
        write!(f, "Verifier({} waiting, {} unchecked)", state.waiting.len(), state.unchecked)
    }
}

impl Verifier {
    /// Starts the checker, which waits while that load is heavy.
    pub(crate) fn start(load: Load) -> Result<Self> {
        let shared = Arc::<Shared>::default();
        let its = shared.clone();
        let thread = std::thread::Builder::new()
            .name("verify".to_owned())
            .spawn(move || check_all(&its, &load))
            .map_err(|error| Error::io("start the verifier", error))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Leaves a blob to be checked some time; `report` is called if its bytes are not those of its id.
    pub(crate) fn later(&self, id: BlobId, blob: &Arc<Blob>, report: impl FnOnce() + Send + 'static) {
        let bytes = blob.weight_bytes();
        let mut state = self.shared.state.lock();
        if state.waiting_bytes + bytes > WAITING_BYTES_MAX {
            state.unchecked += 1;
            return;
        }
        state.waiting_bytes += bytes;
        state.waiting.push_back(Check { id, blob: blob.clone(), report: Box::new(report) });
        let is_first = state.waiting.len() == 1;
        drop(state);
        if is_first {
            self.shared.work.notify_one();
        }
    }

    /// Whether a blob was found to be wrong before.
    pub(crate) fn is_wrong(&self, id: &BlobId) -> bool {
        self.shared.state.lock().wrong.contains(id)
    }
}

impl Drop for Verifier {
    fn drop(&mut self) {
        {
            let mut state = self.shared.state.lock();
            state.closed = true;
            state.waiting.clear();
        }
        self.shared.work.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Whether `bytes` are those that `id` names.
pub(crate) fn is_id_of(id: &BlobId, bytes: &[u8]) -> bool {
    Sha256::digest(bytes).as_slice() == id.as_bytes().as_slice()
}

fn check_all(shared: &Shared, load: &Load) {
    only_when_idle();
    while let Some(check) = shared.next(load) {
        let right = is_id_of(&check.id, &check.blob);
        {
            let mut state = shared.state.lock();
            state.waiting_bytes = state.waiting_bytes.saturating_sub(check.blob.weight_bytes());
            if !right {
                state.wrong.insert(check.id);
            }
        }
        if !right {
            (check.report)();
        }
    }
}

/// Asks the system to run this thread only when nobody else wants the processor.
fn only_when_idle() {
    #[cfg(target_os = "linux")]
    {
        // SAFETY: the call reads one plain struct and changes the scheduling of the calling thread alone.
        let result = unsafe {
            let parameters = std::mem::zeroed::<libc::sched_param>();
            libc::sched_setscheduler(0, libc::SCHED_IDLE, &raw const parameters)
        };
        if result != 0 {
            tracing::debug!(error = %std::io::Error::last_os_error(), "checking ids at ordinary priority");
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::mpsc;

    use bygone_common::Id;

    use super::*;
    use crate::engine::buffer::Buffers;
    use crate::engine::queue::{Priority, Queue};

    #[test]
    fn what_decodes_comes_first_and_some_is_checked_all_the_same() {
        let queue = Queue::start(1, 0).unwrap();
        let verifier = Verifier::start(queue.load()).unwrap();
        let ((begun, begins), (end, ends)) = (mpsc::channel(), mpsc::channel::<()>());
        queue.submit(Priority::Demand, move |_| {
            begun.send(()).unwrap();
            ends.recv().unwrap();
        });
        begins.recv().unwrap();
        let other = BlobId(Id::new([7; 32]));
        let blob = Arc::new(Blob::from(Buffers::new(1 << 20).take(100)));
        let (report, reports) = mpsc::channel();
        let waiting = Instant::now();
        for _ in 0..5 {
            let report = report.clone();
            verifier.later(other, &blob, move || report.send(()).unwrap());
        }
        for checked in 1..3 {
            reports.recv().unwrap();
            assert!(waiting.elapsed() >= PATIENCE * checked);
        }
        end.send(()).unwrap();
        (0..3).for_each(|_| reports.recv().unwrap());
        assert!(verifier.is_wrong(&other));
    }
}
