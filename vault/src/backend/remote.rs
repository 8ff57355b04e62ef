//! The bridge from blocking calls to asynchronous clients: one small shared runtime, deadlines, cancelling, and a bound on
//! calls at once.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Semaphore;

use super::options::{BackendOptions, Deadlines};
use super::upload::{Moved, Upload};
use super::{CancelToken, Content, FileId, Limits};
use crate::error::{Error, ErrorKind, Result};

/// Threads that move bytes and decrypt TLS and SSH for all remote storage of the process. Two keep a 10 Gbit/s link busy;
/// more would take cores from decoding.
const RUNTIME_THREADS_MAX: usize = 2;

/// Largest file that is read whole from a server: far above what restic writes (128 MiB packs, indexes of 50 000 blobs),
/// but a bound on what a broken server can make us keep.
pub(super) const WHOLE_FILE_BYTES_MAX: u64 = 1 << 30;

/// Bytes that the system may hold between what we gave to a connection and what the server has got.
const SENT_AHEAD_BYTES_MAX: u64 = 4 << 20;

static RUNTIME: Mutex<Option<&'static Runtime>> = Mutex::new(None);

/// The shared runtime, made on first use. It lives as long as the process: connections of any backend may be on it.
fn runtime() -> Result<&'static Handle> {
    let mut shared = RUNTIME.lock();
    if let Some(runtime) = *shared {
        return Ok(runtime.handle());
    }
    let runtime = Builder::new_multi_thread()
        .worker_threads(RUNTIME_THREADS_MAX)
        .thread_name("bygone-remote")
        .enable_all()
        .build()
        .map_err(|error| Error::io("start the threads for remote storage", error))?;
    let runtime: &'static Runtime = Box::leak(Box::new(runtime));
    *shared = Some(runtime);
    Ok(runtime.handle())
}

/// What every remote backend calls its server through.
#[derive(Debug)]
pub(super) struct Remote {
    runtime: &'static Handle,
    calls: Semaphore,
    cancel: CancelToken,
    location: String,
    limits: Arc<Limits>,
    /// How long one try may take.
    pub(super) deadlines: Deadlines,
}

impl Remote {
    /// For the server at `location`, as it is shown to people.
    pub(super) fn new(location: String, options: &BackendOptions, cancel: CancelToken) -> Result<Self> {
        let connections = options.limits.connections.clamp(1, Semaphore::MAX_PERMITS);
        let limits = Arc::clone(&options.bandwidth);
        let mut deadlines = options.deadlines;
        if let Some(limit) = limits.lowest() {
            // What we hold back is not the server's fault: a fair share of the limit, halved, is still in time.
            let share = limit / (connections as u64).saturating_mul(2);
            deadlines.slowest_bytes_per_second = deadlines.slowest_bytes_per_second.min(share.max(1));
        }
        Ok(Self { runtime: runtime()?, calls: Semaphore::new(connections), cancel, location, limits, deadlines })
    }

    /// The server, as it is shown to people.
    pub(super) fn location(&self) -> &str {
        &self.location
    }

    /// What a call on a file is named in errors.
    pub(super) fn reading(&self, file: FileId) -> String {
        format!("read {file} from {}", self.location)
    }

    /// What writing a file is named in errors.
    pub(super) fn writing(&self, file: FileId) -> String {
        format!("write {file} to {}", self.location)
    }

    /// What removing a file is named in errors.
    pub(super) fn removing(&self, file: FileId) -> String {
        format!("remove {file} from {}", self.location)
    }

    /// The body of a request that sends `content`, by the limits.
    pub(super) fn upload(&self, content: &Content, moved: &Moved) -> Upload {
        Upload::new(content, moved, &self.limits)
    }

    /// Bytes to send at once.
    pub(super) fn upload_step(&self) -> u64 {
        self.limits.upload_step()
    }

    /// Waits until bytes that are to be sent are within the limits.
    pub(super) async fn pace_upload(&self, bytes: u64) {
        sleep(self.limits.upload(bytes)).await;
    }

    /// Waits until bytes that were received are within the limits.
    pub(super) async fn pace_download(&self, bytes: u64) {
        sleep(self.limits.download(bytes)).await;
    }

    /// Runs `work` while the calling thread waits, until the backend is cancelled. Must not be called from asynchronous
    /// code.
    ///
    /// # Errors
    /// What `work` answers, or `Cancelled`.
    pub(super) fn call<T>(&self, doing: impl Fn() -> String, work: impl Future<Output = Result<T>>) -> Result<T> {
        let work = async {
            // Waiting for a turn is not part of the deadline: everybody before us has one, so it ends.
            let _turn = self.calls.acquire().await;
            work.await
        };
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                () = self.cancel.cancelled() => Err(Error::new(ErrorKind::Cancelled, format!("{}: cancelled", doing()))),
                answer = work => answer,
            }
        })
    }

    /// Waits for one step of a call, at most for `limit`.
    ///
    /// # Errors
    /// `TimedOut`.
    pub(super) async fn within<T>(
        &self,
        limit: Duration,
        doing: &str,
        step: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        match tokio::time::timeout(limit, step).await {
            Ok(answer) => answer,
            Err(_) => Err(Error::new(ErrorKind::TimedOut, format!("{doing}: no answer within {limit:?}"))),
        }
    }

    /// Waits for the answer to a request that sends something, for as long as it moves.
    ///
    /// # Errors
    /// `TimedOut` when nothing was sent, or nothing was answered to what was sent, within the time for an answer and for
    /// what the system holds.
    pub(super) async fn while_moving<T>(
        &self,
        moved: &Moved,
        doing: &str,
        step: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let limit = self.deadlines.for_bytes(moved.len.min(SENT_AHEAD_BYTES_MAX));
        let mut step = std::pin::pin!(step);
        loop {
            let sent = moved.sent();
            match tokio::time::timeout(limit, &mut step).await {
                Ok(answer) => return answer,
                Err(_) if moved.sent() > sent => {}
                Err(_) => {
                    let context = format!("{doing}: no answer within {limit:?} after {sent} of {} bytes", moved.len);
                    return Err(Error::new(ErrorKind::TimedOut, context));
                }
            }
        }
    }
}

async fn sleep(wait: Duration) {
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
}
