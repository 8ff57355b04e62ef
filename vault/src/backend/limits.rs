//! How fast bytes may cross, for everybody together.

use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// What may cross at once after a pause, as time at full pace: enough to keep a line busy, too little to be noticed.
const BURST: Duration = Duration::from_millis(100);
/// Bytes that pass a limit together, at the most.
const STEP_BYTES_MAX: u64 = 128 << 10;
/// Bytes that pass a limit together, at the least.
const STEP_BYTES_MIN: u64 = 512;

/// Limits of bandwidth. Threads and backends that share one share what it allows.
#[derive(Debug, Default)]
pub struct Limits {
    upload: Bucket,
    download: Bucket,
    /// The lowest limit that is going to be set.
    lowest_to_come: Option<NonZeroU64>,
}

impl Limits {
    /// Limits in bytes a second of content; `None` is unlimited.
    pub fn new(upload: Option<NonZeroU64>, download: Option<NonZeroU64>) -> Self {
        Self { upload: Bucket::new(upload), download: Bucket::new(download), lowest_to_come: None }
    }

    /// The same for limits that are changed later: `lowest` is the lowest that either will ever be, as deadlines follow it.
    pub fn changing(upload: Option<NonZeroU64>, download: Option<NonZeroU64>, lowest: Option<NonZeroU64>) -> Self {
        Self { lowest_to_come: lowest, ..Self::new(upload, download) }
    }

    /// Sets other limits, for what crosses from now on.
    pub fn set(&self, upload: Option<NonZeroU64>, download: Option<NonZeroU64>) {
        self.upload.set(upload);
        self.download.set(download);
    }

    /// Takes the allowance for `bytes` to send. The answer is how long to wait before they are sent.
    pub(super) fn upload(&self, bytes: u64) -> Duration {
        self.upload.take(bytes, Instant::now())
    }

    /// Takes the allowance for `bytes` that were received. The answer is how long to wait before more are taken.
    pub(super) fn download(&self, bytes: u64) -> Duration {
        self.download.take(bytes, Instant::now())
    }

    /// Bytes to send at once: few where the limit is low, so that they flow and do not come in gusts.
    pub(super) fn upload_step(&self) -> u64 {
        let tenth = self.upload.limit().map_or(u64::MAX, |limit| limit.get() / 10);
        tenth.clamp(STEP_BYTES_MIN, STEP_BYTES_MAX)
    }

    /// The lower of both limits in bytes a second, now or later.
    pub(super) fn lowest(&self) -> Option<u64> {
        let now = [self.upload.limit(), self.download.limit()];
        now.into_iter().chain([self.lowest_to_come]).flatten().map(NonZeroU64::get).min()
    }
}

/// A token bucket, kept as the moment at which all that was taken is paid for.
#[derive(Debug, Default)]
struct Bucket {
    /// Zero is unlimited.
    bytes_per_second: AtomicU64,
    paid_at: Mutex<Option<Instant>>,
}

impl Bucket {
    fn new(limit: Option<NonZeroU64>) -> Self {
        Self { bytes_per_second: AtomicU64::new(limit.map_or(0, NonZeroU64::get)), paid_at: Mutex::new(None) }
    }

    fn limit(&self) -> Option<NonZeroU64> {
        NonZeroU64::new(self.bytes_per_second.load(Ordering::Relaxed))
    }

    fn set(&self, limit: Option<NonZeroU64>) {
        let limit = limit.map_or(0, NonZeroU64::get);
        if self.bytes_per_second.swap(limit, Ordering::Relaxed) != limit {
            // What was taken at another pace is forgiven.
            *self.paid_at.lock() = None;
        }
    }

    fn take(&self, bytes: u64, now: Instant) -> Duration {
        let Some(limit) = self.limit() else { return Duration::ZERO };
        let cost = Duration::from_secs_f64(bytes as f64 / limit.get() as f64);
        let rested = now.checked_sub(BURST).unwrap_or(now);
        let mut paid_at = self.paid_at.lock();
        let paid = paid_at.map_or(rested, |paid| paid.max(rested)) + cost;
        *paid_at = Some(paid);
        paid.saturating_duration_since(now)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_pace_holds_over_time_and_a_pause_allows_little() {
        let bucket = Bucket::new(NonZeroU64::new(1000));
        let start = Instant::now();
        assert_eq!(bucket.take(100, start), Duration::ZERO, "the burst");
        assert_eq!(bucket.take(1000, start), Duration::from_secs(1));
        assert_eq!(bucket.take(500, start + Duration::from_secs(1)), Duration::from_millis(500), "shared by all");
        let later = start + Duration::from_secs(3600);
        assert_eq!(bucket.take(1100, later), Duration::from_secs(1), "an hour's rest is not saved up");
    }

    #[test]
    fn nothing_is_limited_unless_asked() {
        let limits = Limits::default();
        assert_eq!((limits.upload(u64::MAX), limits.download(u64::MAX)), (Duration::ZERO, Duration::ZERO));
        assert_eq!((limits.upload_step(), limits.lowest()), (STEP_BYTES_MAX, None));
        let limits = Limits::new(NonZeroU64::new(50_000), NonZeroU64::new(20_000));
        assert_eq!((limits.upload_step(), limits.lowest()), (5000, Some(20_000)));
    }

    #[test]
    fn a_limit_that_changes_counts_from_then_on() {
        let limits = Limits::changing(None, None, NonZeroU64::new(1_000));
        assert_eq!((limits.upload(1 << 30), limits.lowest()), (Duration::ZERO, Some(1_000)));
        limits.set(NonZeroU64::new(1_000), None);
        assert!(limits.upload(11_000) > Duration::from_secs(9));
        limits.set(None, None);
        assert_eq!((limits.upload(1 << 30), limits.upload_step()), (Duration::ZERO, STEP_BYTES_MAX));
    }
}
