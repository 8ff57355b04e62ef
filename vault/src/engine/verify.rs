//! Ids off the critical path: SHA-256 halves the speed of decoding, and Poly1305 has already proved that the bytes are
//! what a holder of the key wrote. A thread that only runs when the machine is idle proves that they are the right ones.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bygone_common::BlobId;
use parking_lot::{Condvar, Mutex};
use sha2::{Digest, Sha256};

use super::buffer::Blob;
use crate::error::{Error, Result};

/// Bytes that may wait to be checked. What comes when they are full goes unchecked, and is counted.
const WAITING_BYTES_MAX: u64 = 12 << 20;
/// How long the checker lets blobs gather when it has nothing to do: waking it for each would cost those who decode them
/// more than its work costs anybody.
const GATHERING: Duration = Duration::from_millis(10);

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

/// The idle-time checker of blob ids.
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
    pub(crate) fn start() -> Result<Self> {
        let shared = Arc::<Shared>::default();
        let its = shared.clone();
        let thread = std::thread::Builder::new()
            .name("verify".to_owned())
            .spawn(move || check_all(&its))
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

fn check_all(shared: &Shared) {
    only_when_idle();
    loop {
        let check = {
            let mut state = shared.state.lock();
            loop {
                if state.closed {
                    return;
                }
                if let Some(check) = state.waiting.pop_front() {
                    break check;
                }
                shared.work.wait(&mut state);
                let gathering = Instant::now() + GATHERING;
                shared.work.wait_while_until(&mut state, |state| !state.closed, gathering);
            }
        };
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
