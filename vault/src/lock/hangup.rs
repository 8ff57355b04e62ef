//! SIGHUP must not end who holds a lock.
//!
//! restic finds out whether a lock's owner on its own machine still lives by sending it SIGHUP (`restic unlock` does), and
//! ignores that signal itself. A process that does not would be ended by the question.

use crate::error::Result;

/// Takes the signal, and does nothing about it. Once is enough for the life of the process.
#[cfg(unix)]
pub(super) fn survive() -> Result<()> {
    use std::sync::Arc;

    use parking_lot::Mutex;
    use signal_hook::consts::SIGHUP;

    use crate::error::Error;

    // A handler that only sets a flag, and not "ignore": the programs that we start would inherit that.
    static TAKEN: Mutex<bool> = Mutex::new(false);
    let mut taken = TAKEN.lock();
    if !*taken {
        signal_hook::flag::register(SIGHUP, Arc::default())
            .map_err(|error| Error::io("take the signal by which restic asks for a lock's owner", error))?;
        *taken = true;
    }
    Ok(())
}

/// There is no such signal.
#[cfg(not(unix))]
pub(super) fn survive() -> Result<()> {
    Ok(())
}
