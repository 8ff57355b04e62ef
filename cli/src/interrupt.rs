//! Ctrl-C, and being asked to end: the first time what goes on is given up in order, the second time at once.
//!
//! SIGHUP is none of these: restic sends it to find out whether the owner of a lock still lives.

use bygone_vault::backend::CancelToken;

/// restic's exit code for what was interrupted, and the shells'.
const INTERRUPTED: i32 = 130;

/// Pulls the token at the first interrupt, and ends the process at the second. For the life of the process, once.
pub(crate) fn pulls(token: &CancelToken) {
    let token = token.clone();
    if let Err(error) = watch(move || token.cancel()) {
        tracing::debug!(%error, "an interrupt will end the process at once");
    }
}

#[cfg(unix)]
fn watch(first: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};

    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
    let run = move || {
        let mut came = signals.forever();
        if came.next().is_some() {
            first();
        }
        if came.next().is_some() {
            // Not through destructors: one of them may be what hangs.
            signal_hook::low_level::exit(INTERRUPTED);
        }
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(run).map(drop)
}

#[cfg(not(unix))]
fn watch(first: impl FnOnce() + Send + 'static) -> Result<(), ctrlc::Error> {
    let mut first = Some(first);
    ctrlc::set_handler(move || match first.take() {
        Some(first) => first(),
        None => std::process::exit(INTERRUPTED),
    })
}
