//! Following the repository: new and forgotten snapshots, without a remount.
//!
//! Two threads. One refreshes: every so often, and when a name is asked for that is not there. The other tells the
//! kernel what to forget, which takes the lock of a directory; while it waits for that lock, a lookup that holds it may
//! be waiting for the first thread. So the first never waits for the second.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bygone_vault::Result;
use fuser::{INodeNo, Notifier};

use crate::core::Core;
use crate::layout::changes::Change;
use crate::threads;

/// Lookups that wait for a refresh at one time; the next ones are answered from what is known.
const WAITING_MAX: usize = 64;
/// A name that is not there makes us look again, but not more often than this.
const MISS_PAUSE: Duration = Duration::from_secs(5);

type Waiter = Box<dyn FnOnce() + Send>;

enum Request {
    /// Answer this after a refresh, or at once if the last one was a moment ago.
    Missed(Waiter),
    /// Enough.
    Stop,
}

/// The way to ask for a refresh.
#[derive(Debug, Clone)]
pub(super) struct Refresher {
    requests: SyncSender<Request>,
}

/// Both threads.
#[derive(Debug)]
pub(super) struct Refreshing {
    refresher: Option<Refresher>,
    threads: Vec<JoinHandle<()>>,
}

impl Refresher {
    /// Runs `answer` after a refresh, or at once when there was one a moment ago or many are waiting.
    pub(super) fn after_refresh(&self, answer: impl FnOnce() + Send + 'static) {
        use std::sync::mpsc::TrySendError;
        match self.requests.try_send(Request::Missed(Box::new(answer))) {
            Ok(()) => {}
            Err(TrySendError::Full(request) | TrySendError::Disconnected(request)) => match request {
                Request::Missed(answer) => answer(),
                Request::Stop => {}
            },
        }
    }
}

/// The end of the queue that the refreshing thread reads, made before the session so that handlers have the other end.
pub(super) struct Requests(Receiver<Request>);

/// A queue of requests.
pub(super) fn queue() -> (Refresher, Requests) {
    let (requests, receiver) = sync_channel(WAITING_MAX);
    (Refresher { requests }, Requests(receiver))
}

/// Starts following the repository.
///
/// # Errors
/// The system gives no threads.
pub(super) fn start(
    core: Arc<Core>,
    refresher: Refresher,
    requests: Requests,
    period: Option<Duration>,
    notifier: Notifier,
) -> Result<Refreshing> {
    // Without a bound, as the first thread must not wait for the second: what a refresh changes, which is not more than
    // the names of the layout.
    let (changes, changed) = channel();
    let threads = vec![
        threads::start("bygone-forget", move || forget(&changed, &notifier))?,
        threads::start("bygone-refresh", move || follow(&core, &requests.0, period, &changes))?,
    ];
    Ok(Refreshing { refresher: Some(refresher), threads })
}

impl Refreshing {
    /// Ends both threads.
    pub(crate) fn stop(mut self) {
        if let Some(refresher) = self.refresher.take()
            && refresher.requests.try_send(Request::Stop).is_err()
        {
            tracing::debug!("the refresh thread is busy; it ends when nobody asks any more");
        }
        self.threads.drain(..).map(Some).for_each(threads::end);
    }
}

fn follow(core: &Core, requests: &Receiver<Request>, period: Option<Duration>, changes: &Sender<Change>) {
    let mut last = Instant::now();
    let mut pause = Duration::ZERO;
    loop {
        let request = match period {
            None => requests.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(period) => requests.recv_timeout((last + period).saturating_duration_since(Instant::now())),
        };
        let waiter = match request {
            Ok(Request::Missed(waiter)) if last.elapsed() < pause => {
                waiter();
                continue;
            }
            Ok(Request::Missed(waiter)) => Some(waiter),
            Err(RecvTimeoutError::Timeout) => None,
            Ok(Request::Stop) | Err(RecvTimeoutError::Disconnected) => return,
        };
        let found = core.refresh();
        (last, pause) = (Instant::now(), MISS_PAUSE);
        // Answered first: the other thread may need the lock that they hold.
        if let Some(waiter) = waiter {
            waiter();
        }
        match found {
            Ok(found) => {
                if !found.changes.is_empty() {
                    tracing::info!(changes = found.changes.len(), "snapshots came or went");
                }
                for change in found.changes {
                    if changes.send(change).is_err() {
                        return;
                    }
                }
            }
            Err(error) => tracing::warn!(error = %error.chain(), "cannot look for new snapshots; those known stay"),
        }
    }
}

fn forget(changed: &Receiver<Change>, notifier: &Notifier) {
    for change in changed {
        let told = match &change {
            Change::Name { directory, name } => notifier.inval_entry(INodeNo(directory.0), as_os(name)),
            Change::Directory(directory) => notifier.inval_inode(INodeNo(directory.0), 0, 0),
        };
        if let Err(error) = told {
            tracing::debug!(%error, ?change, "the kernel would not forget");
        }
    }
}

fn as_os(name: &[u8]) -> &std::ffi::OsStr {
    std::os::unix::ffi::OsStrExt::from_bytes(name)
}
