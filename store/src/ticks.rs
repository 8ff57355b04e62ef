//! The times that uids are made of: never the same twice in one process, and never going back.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// The last millisecond for which a uid was made, and how many were made for it before.
#[derive(Debug, Default)]
pub(crate) struct Ticks(Mutex<(i64, u16)>);

/// Uids of one millisecond; more borrow from the next.
const UIDS_OF_A_MILLISECOND: u16 = 1 << 12;

impl Ticks {
    /// The millisecond of the next uid, and its number within it: below 4096.
    pub(crate) fn next(&self, now: Timestamp) -> (Timestamp, u16) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = now.as_millisecond();
        *last = match *last {
            (then, _) if then < now => (now, 0),
            (then, count) if count + 1 < UIDS_OF_A_MILLISECOND => (then, count + 1),
            (then, _) => (then + 1, 0),
        };
        (Timestamp::from_millisecond(last.0).unwrap_or_default(), last.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uids_sort_in_the_order_in_which_they_were_made() {
        let ticks = Ticks::default();
        let at = |millisecond| Timestamp::from_millisecond(millisecond).unwrap_or_default();
        let mut made = vec![ticks.next(at(7)), ticks.next(at(8)), ticks.next(at(5))];
        made.extend((0..5_000).map(|_| ticks.next(at(8))));
        assert!(made.is_sorted() && made.windows(2).all(|two| two[0] != two[1]));
        assert_eq!(made.last(), Some(&(at(9), 5_001 - 4_096)));
    }
}
