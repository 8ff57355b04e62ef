//! How fast bytes may cross, for everybody together.

use std::num::NonZeroU64;
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
    upload: Option<Bucket>,
    download: Option<Bucket>,
}

impl Limits {
    /// Limits in bytes a second of content; `None` is unlimited.
    pub fn new(upload: Option<NonZeroU64>, download: Option<NonZeroU64>) -> Self {
        Self { upload: upload.map(Bucket::new), download: download.map(Bucket::new) }
    }

    /// Takes the allowance for `bytes` to send. The answer is how long to wait before they are sent.
    pub(super) fn upload(&self, bytes: u64) -> Duration {
        self.upload.as_ref().map_or(Duration::ZERO, |bucket| bucket.take(bytes, Instant::now()))
    }

    /// Takes the allowance for `bytes` that were received. The answer is how long to wait before more are taken.
    pub(super) fn download(&self, bytes: u64) -> Duration {
        self.download.as_ref().map_or(Duration::ZERO, |bucket| bucket.take(bytes, Instant::now()))
    }

    /// Bytes to send at once: few where the limit is low, so that they flow and do not come in gusts.
    pub(super) fn upload_step(&self) -> u64 {
        let tenth = self.upload.as_ref().map_or(u64::MAX, |bucket| bucket.bytes_per_second.get() / 10);
        tenth.clamp(STEP_BYTES_MIN, STEP_BYTES_MAX)
    }

    /// The lower of both limits in bytes a second.
    pub(super) fn lowest(&self) -> Option<u64> {
        [&self.upload, &self.download].into_iter().flatten().map(|bucket| bucket.bytes_per_second.get()).min()
    }
}

/// A token bucket, kept as the moment at which all that was taken is paid for.
#[derive(Debug)]
struct Bucket {
    bytes_per_second: NonZeroU64,
    paid_at: Mutex<Option<Instant>>,
}

impl Bucket {
    fn new(bytes_per_second: NonZeroU64) -> Self {
        Self { bytes_per_second, paid_at: Mutex::new(None) }
    }

    fn take(&self, bytes: u64, now: Instant) -> Duration {
        let cost = Duration::from_secs_f64(bytes as f64 / self.bytes_per_second.get() as f64);
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
        let bucket = Bucket::new(NonZeroU64::new(1000).unwrap());
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
}
