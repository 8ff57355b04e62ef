//! Sessions of reading by drives: who opens a few files reads in a thousand requests, which are one thing that somebody did.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::Ended;

/// A session is over when nothing was read for so long.
const IDLE_MAX: Duration = Duration::from_secs(60);
/// A session is written down after so long, however much is still read: the log must not be long behind.
const LASTS_MAX: Duration = Duration::from_secs(10 * 60);
/// Sessions at one time at most; with more, all are written down.
const SESSIONS_MAX: usize = 10_000;

/// What drives read just now.
#[derive(Default)]
pub(super) struct Readings(HashMap<String, Reading>);

struct Reading {
    so_far: Ended,
    begun: Instant,
    last: Instant,
}

impl Readings {
    /// Something more was read in a session, or the first thing.
    pub(super) fn go_on(&mut self, session: String, ended: Ended, now: Instant) {
        match self.0.get_mut(&session) {
            Some(reading) => {
                reading.so_far.add(ended);
                reading.last = now;
            }
            None => {
                self.0.insert(session, Reading { so_far: ended, begun: now, last: now });
            }
        }
    }

    /// The sessions that are over.
    pub(super) fn over(&mut self, now: Instant) -> Vec<Ended> {
        if self.0.len() > SESSIONS_MAX {
            return self.all();
        }
        let is_over = |reading: &Reading| now - reading.last >= IDLE_MAX || now - reading.begun >= LASTS_MAX;
        self.0.extract_if(|_, reading| is_over(reading)).map(|(_, reading)| reading.so_far).collect()
    }

    /// All sessions: each begins anew with what is read next.
    pub(super) fn all(&mut self) -> Vec<Ended> {
        self.0.drain().map(|(_, reading)| reading.so_far).collect()
    }
}
