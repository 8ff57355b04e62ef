//! Going to the background: the command returns when the mount is ready, or with the error that kept it from being.
//!
//! The process forks, so this comes before anything starts a thread: before the engine, after the password was asked
//! for (the background half has no terminal).

#[cfg_attr(unix, path = "daemon/unix.rs")]
#[cfg_attr(not(unix), path = "daemon/none.rs")]
mod imp;

use bygone_vault::Result;

/// Which of the two processes this is, after [`detach`].
#[derive(Debug)]
pub enum Side {
    /// The one that the shell waits for. The other one is ready, or has failed and ended.
    Foreground(Launched),
    /// The one that serves. It must say when it is ready.
    Background(Readiness),
}

/// What became of the background process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Launched {
    /// It serves.
    Ready,
    /// It ended before it was ready.
    Failed {
        /// What it wanted its exit code to be.
        exit_code: u8,
        /// What it wanted to tell.
        message: String,
    },
}

/// The background process's duty to report. Dropped without a word, or with the whole process: `Failed`.
#[derive(Debug)]
pub struct Readiness(imp::Pipe);

/// Splits this process in two; the first waits for the second to report.
///
/// # Errors
/// `InvalidInput` when threads run already; `Unsupported` where there is no fork.
pub fn detach() -> Result<Side> {
    imp::detach()
}

impl Readiness {
    /// Says that the mount can be used, and lets go of the terminal.
    ///
    /// # Errors
    /// The launching process is gone, or `/dev/null` cannot be opened.
    pub fn ready(self) -> Result<()> {
        self.0.ready()
    }

    /// Says what went wrong; the caller ends the process.
    pub fn failed(self, exit_code: u8, message: &str) {
        self.0.failed(exit_code, message);
    }
}
