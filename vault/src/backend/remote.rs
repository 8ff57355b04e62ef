//! The bridge from blocking calls to asynchronous clients: one small shared runtime, deadlines, cancelling, and a bound on
//! calls at once.

use std::future::Future;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Semaphore;

use super::options::{BackendOptions, Deadlines};
use super::{CancelToken, FileId};
use crate::error::{Error, ErrorKind, Result};

/// Threads that move bytes and decrypt TLS and SSH for all remote storage of the process. Two keep a 10 Gbit/s link busy;
/// more would take cores from decoding.
const RUNTIME_THREADS_MAX: usize = 2;

/// Largest file that is read whole from a server: far above what restic writes (128 MiB packs, indexes of 50 000 blobs),
/// but a bound on what a broken server can make us keep.
pub(super) const WHOLE_FILE_BYTES_MAX: u64 = 1 << 30;

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
    /// How long one try may take.
    pub(super) deadlines: Deadlines,
}

impl Remote {
    /// For the server at `location`, as it is shown to people.
    pub(super) fn new(location: String, options: &BackendOptions, cancel: CancelToken) -> Result<Self> {
        let calls = Semaphore::new(options.limits.connections.clamp(1, Semaphore::MAX_PERMITS));
        Ok(Self { runtime: runtime()?, calls, cancel, location, deadlines: options.deadlines })
    }

    /// The server, as it is shown to people.
    pub(super) fn location(&self) -> &str {
        &self.location
    }

    /// What a call on a file is named in errors.
    pub(super) fn reading(&self, file: FileId) -> String {
        format!("read {file} from {}", self.location)
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
}
