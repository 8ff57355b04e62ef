//! Starting threads, and waiting for their end without waiting for ever.

use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bygone_vault::{Error, Result};

/// How long the end of a mount waits for a thread. One that waits for storage that does not answer goes on until the
/// storage's own deadline, or the end of the process.
const PATIENCE: Duration = Duration::from_secs(2);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(2);

/// Starts a thread.
///
/// # Errors
/// The system gives none.
pub(crate) fn start(name: &str, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(body);
    thread.map_err(|error| Error::io(format!("start the thread {name}"), error))
}

/// Waits for a thread that was told to end, if there is one.
pub(crate) fn end(thread: Option<JoinHandle<()>>) {
    let Some(thread) = thread else { return };
    let deadline = Instant::now() + PATIENCE;
    while !thread.is_finished() {
        if Instant::now() >= deadline {
            tracing::debug!(thread = thread.thread().name(), "a thread is held up; it ends by itself");
            return;
        }
        std::thread::sleep(LOOK);
    }
    let name = thread.thread().name().map(str::to_owned);
    if thread.join().is_err() {
        tracing::error!(thread = name, "a thread panicked");
    }
}
