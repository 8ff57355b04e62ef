//! The time of day as an argument: the machine's, or one that a test moves.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Tells the time. Cheap to clone; clones of a manual clock move together.
#[derive(Clone)]
pub struct Clock(Inner);

#[derive(Clone)]
enum Inner {
    Real(fn() -> Timestamp),
    /// Microseconds since 1970.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that asks `now`, which is `Timestamp::now` wherever no test is meant.
    pub const fn real(now: fn() -> Timestamp) -> Self {
        Self(Inner::Real(now))
    }

    /// A clock that stands still until it is moved.
    pub fn manual(start: Timestamp) -> Self {
        Self(Inner::Manual(Arc::new(AtomicI64::new(start.as_microsecond()))))
    }

    /// The time, to the microsecond: what the database keeps.
    pub fn now(&self) -> Timestamp {
        let micros = match &self.0 {
            Inner::Real(now) => now().as_microsecond(),
            Inner::Manual(micros) => micros.load(Ordering::SeqCst),
        };
        Timestamp::from_microsecond(micros).unwrap_or_default()
    }

    /// Moves a manual clock, backwards too; a real one stays as it is.
    pub fn advance(&self, by: SignedDuration) {
        if let Inner::Manual(micros) = &self.0 {
            let by = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
            micros.fetch_add(by, Ordering::SeqCst);
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn clones_of_a_manual_clock_move_together() {
        let clock = Clock::manual(Timestamp::from_second(100).unwrap());
        let other = clock.clone();
        clock.advance(SignedDuration::from_secs(-1));
        assert_eq!(other.now(), Timestamp::from_second(99).unwrap());
    }
}
