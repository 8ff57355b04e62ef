//! SIGINT and SIGTERM end a mount properly. A second one ends the process, should that take too long.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

use bygone_vault::{Error, Result};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};

use crate::threads;

/// Listens for signals until it is dropped.
#[derive(Debug)]
pub(super) struct Listener {
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

impl Listener {
    /// Sends `event` for each signal.
    ///
    /// # Errors
    /// The system refuses a handler or a thread.
    pub(super) fn start<T: Clone + Send + 'static>(events: Sender<T>, event: T) -> Result<Self> {
        let failed = |error| Error::io("listen for signals", error);
        let again = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            signal_hook::flag::register_conditional_default(signal, Arc::clone(&again)).map_err(failed)?;
        }
        let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(failed)?;
        let handle = signals.handle();
        let thread = threads::start("bygone-signals", move || {
            for _ in signals.forever() {
                again.store(true, Ordering::SeqCst);
                if events.send(event.clone()).is_err() {
                    break;
                }
            }
        })?;
        Ok(Self { handle, thread: Some(thread) })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.handle.close();
        threads::end(self.thread.take());
    }
}
