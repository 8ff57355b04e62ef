//! Where an operation of rustic_core runs: apart from everything else in the process.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use rayon::ThreadPoolBuilder;
use rustic_core::RusticResult;

use super::failure;
use crate::backend::parallel::panic_text;
use crate::error::{Error, ErrorKind, Result};

/// Threads of one operation, which are also its storage calls at once.
pub const THREADS_MAX: usize = 32;

/// Runs one operation of rustic_core to its end, in a thread and a pool of `threads` threads (at most [`THREADS_MAX`]) of
/// its own. The caller waits.
///
/// A thread, because rustic_core panics on errors that it should answer; a pool, because an iterator of rustic_core's that
/// pauses stops everybody who shares its pool.
///
/// # Errors
/// What the operation answers, by [`error`](super::error); a panic; no thread to run in. `doing` says what was being done.
pub fn run<T: Send>(doing: &str, threads: usize, operation: impl FnOnce() -> RusticResult<T> + Send) -> Result<T> {
    let apart = || {
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads.clamp(1, THREADS_MAX))
            .thread_name(|number| format!("bygone-rustic-{number}"))
            // Without this, a panic in a task that nobody waits for ends the process.
            .panic_handler(|panic| tracing::error!(what = panic_text(panic.as_ref()), "a task of rustic_core panicked"))
            .build()
            .map_err(|error| Error::new(ErrorKind::Io, format!("{doing}: no threads for it")).because(error))?;
        pool.install(operation).map_err(|error| failure::error(doing, error))
    };
    thread::scope(|scope| {
        let running = thread::Builder::new()
            .name("bygone-rustic".to_owned())
            .spawn_scoped(scope, || catch_unwind(AssertUnwindSafe(apart)))
            .map_err(|error| Error::io(format!("{doing}: no thread for it"), error))?;
        match running.join() {
            Ok(Ok(answer)) => answer,
            Ok(Err(panic)) | Err(panic) => {
                Err(Error::new(ErrorKind::Io, format!("{doing}: rustic_core panicked: {}", panic_text(panic.as_ref()))))
            }
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;

    #[test]
    fn a_panic_is_an_error() {
        let error = run("prune", 2, || -> RusticResult<()> { panic!("index {}", 7) }).unwrap_err();
        assert_eq!(error.chain(), "prune: rustic_core panicked: index 7");
    }

    #[test]
    fn a_panic_of_a_task_that_nobody_waits_for_does_not_end_the_process() {
        let (sender, receiver) = std::sync::mpsc::channel::<()>();
        run("prune", 2, || {
            rayon::spawn(move || {
                let _dropped_while_unwinding = sender;
                panic!("on purpose");
            });
            Ok(())
        })
        .unwrap();
        receiver.recv().unwrap_err();
    }

    #[test]
    fn each_operation_has_threads_of_its_own() {
        let threads = run("count", 3, || Ok(rayon::current_num_threads())).unwrap();
        assert_eq!(threads, 3);
        let name = run("name", 1, || Ok(thread::current().name().map(str::to_owned))).unwrap();
        assert_eq!(name.as_deref(), Some("bygone-rustic-0"));
    }
}
