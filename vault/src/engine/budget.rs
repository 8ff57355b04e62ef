//! How far all sequential readers of the process together may read ahead.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// A reader that has not read for this long gives its share to those who do.
const IDLE: Duration = Duration::from_secs(2);

/// The bytes to share.
#[derive(Debug)]
pub(crate) struct Budget {
    bytes_max: u64,
    begun: Instant,
    leases: Mutex<Vec<Weak<Lease>>>,
}

/// One reader's share.
#[derive(Debug, Default)]
pub(crate) struct Lease {
    bytes: AtomicU64,
    used_millis: AtomicU64,
}

impl Lease {
    /// The share in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Gives the share back.
    pub(crate) fn release(&self) {
        self.bytes.store(0, Ordering::Relaxed);
    }
}

impl Budget {
    pub(crate) fn new(bytes_max: u64) -> Self {
        Self { bytes_max, begun: Instant::now(), leases: Mutex::default() }
    }

    /// A reader without a share yet.
    pub(crate) fn lease(&self) -> Arc<Lease> {
        let lease = Arc::new(Lease::default());
        let mut leases = self.leases.lock();
        leases.retain(|lease| lease.strong_count() > 0);
        leases.push(Arc::downgrade(&lease));
        lease
    }

    /// Marks a reader as reading.
    pub(crate) fn touch(&self, lease: &Lease) {
        lease.used_millis.store(self.now_millis(), Ordering::Relaxed);
    }

    /// Sets a reader's share to `bytes` if that much is left, otherwise leaves it as it is.
    pub(crate) fn resize(&self, lease: &Lease, bytes: u64) {
        if bytes <= lease.bytes() {
            lease.bytes.store(bytes, Ordering::Relaxed);
            return;
        }
        let idle_before = self.now_millis().saturating_sub(u64::try_from(IDLE.as_millis()).unwrap_or(u64::MAX));
        let leases = self.leases.lock();
        let mut taken = 0;
        for other in leases.iter().filter_map(Weak::upgrade) {
            if std::ptr::eq(other.as_ref(), lease) {
                continue;
            }
            if other.used_millis.load(Ordering::Relaxed) < idle_before {
                other.release();
            }
            taken += other.bytes();
        }
        if taken + bytes <= self.bytes_max {
            lease.bytes.store(bytes, Ordering::Relaxed);
        }
    }

    fn now_millis(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_together_stay_within_the_budget() {
        let budget = Budget::new(100);
        let (first, second) = (budget.lease(), budget.lease());
        budget.touch(&first);
        budget.touch(&second);
        budget.resize(&first, 70);
        budget.resize(&second, 40);
        assert_eq!((first.bytes(), second.bytes()), (70, 0));
        budget.resize(&first, 50);
        budget.resize(&second, 40);
        assert_eq!((first.bytes(), second.bytes()), (50, 40));
    }

    #[test]
    fn a_reader_that_is_gone_holds_nothing() {
        let budget = Budget::new(100);
        let gone = budget.lease();
        budget.resize(&gone, 100);
        drop(gone);
        let reader = budget.lease();
        budget.resize(&reader, 100);
        assert_eq!(reader.bytes(), 100);
    }
}
