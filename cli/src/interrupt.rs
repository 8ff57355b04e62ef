//! Ctrl-C, and being asked to end: the first time what goes on is given up in order, the second time at once.
//!
//! SIGHUP is none of these: restic sends it to find out whether the owner of a lock still lives.

use std::sync::{Mutex, Once, PoisonError};

use bygone_vault::backend::CancelToken;

/// restic's exit code for what was interrupted, and the shells'.
const INTERRUPTED: i32 = 130;

/// Tokens that an interrupt pulls; `None` once one has come.
static PULLED: Mutex<Option<Vec<CancelToken>>> = Mutex::new(Some(Vec::new()));
static WATCHING: Once = Once::new();

/// Pulls the token at the first interrupt, and all others that were given here; ends the process at the second.
pub(crate) fn pulls(token: &CancelToken) {
    match &mut *PULLED.lock().unwrap_or_else(PoisonError::into_inner) {
        Some(tokens) => tokens.push(token.clone()),
        None => token.cancel(),
    }
    WATCHING.call_once(|| {
        if let Err(error) = watch(pull_all) {
            tracing::debug!(%error, "an interrupt will end the process at once");
        }
    });
}

fn pull_all() {
    let tokens = PULLED.lock().unwrap_or_else(PoisonError::into_inner).take();
    tokens.iter().flatten().for_each(CancelToken::cancel);
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
