//! Ctrl-C and SIGTERM end the program that is running for us, and then us, by way of every guard's drop: nothing that
//! was mounted or made stays behind.

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::process::Child;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

struct State {
    ended: bool,
    running: Option<Pid>,
}

static STATE: Mutex<State> = Mutex::new(State { ended: false, running: None });

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts to watch; called once, before anything that needs cleaning up.
pub(crate) fn watch() -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("watching for signals")?;
    // The thread lives as long as the process: signals may come at any time.
    thread::spawn(move || {
        for _ in signals.forever() {
            let mut state = state();
            state.ended = true;
            if let Some(pid) = state.running {
                // It may just have ended by itself, which is what we want.
                let _ = kill_process(pid, Signal::TERM);
            }
        }
    });
    Ok(())
}

/// Fails once a signal has come.
pub(crate) fn check() -> Result<()> {
    if state().ended { bail!("interrupted") } else { Ok(()) }
}

/// While it lives, a signal also ends this program.
pub(crate) struct Running;

impl Running {
    /// Names the program that a signal ends. One at a time: a second one takes the first one's place.
    pub(crate) fn new(child: &Child) -> Self {
        let mut state = state();
        state.running = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        if let (true, Some(pid)) = (state.ended, state.running) {
            let _ = kill_process(pid, Signal::TERM);
        }
        Self
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        state().running = None;
    }
}
