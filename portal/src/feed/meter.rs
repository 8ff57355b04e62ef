//! How fast bytes may go, and how many: each download is counted for its user and its organization.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bygone_vault::{Error, ErrorKind, Result};
use tokio::time::Instant;

/// What may go at once after a pause, as time at the full rate.
const BURST: Duration = Duration::from_millis(250);

/// A rate that several downloads share: each byte waits for those that came before.
#[derive(Debug)]
pub(crate) struct Rate {
    bytes_per_second: u64,
    /// When everything that was let through so far would have gone at the rate.
    paid: Mutex<Instant>,
}

impl Rate {
    /// So many bytes a second.
    pub(crate) fn new(bytes_per_second: u64) -> Self {
        Self { bytes_per_second: bytes_per_second.max(1), paid: Mutex::new(Instant::now()) }
    }

    /// Lets bytes through; when they may go.
    fn take(&self, bytes: usize) -> Instant {
        let now = Instant::now();
        let mut paid = lock(&self.paid);
        let from = (*paid).max(now.checked_sub(BURST).unwrap_or(now));
        let nanos = u128::from(bytes as u64) * 1_000_000_000 / u128::from(self.bytes_per_second);
        *paid = from + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        *paid
    }
}

/// Bytes that somebody may have on one day.
#[derive(Debug, Default)]
pub(crate) struct Daily(Mutex<Day>);

#[derive(Debug, Default)]
struct Day {
    number: i64,
    used: u64,
    /// Of those, what the database has not been told.
    untold: u64,
}

/// Seconds of a day; days change at midnight UTC.
const DAY_SECONDS: i64 = 86_400;

/// The number of a day since 1970.
pub(crate) const fn day_of(seconds: i64) -> i64 {
    seconds.div_euclid(DAY_SECONDS)
}

/// Seconds until the next day.
pub(crate) const fn seconds_left(seconds: i64) -> u64 {
    (DAY_SECONDS - seconds.rem_euclid(DAY_SECONDS)).unsigned_abs()
}

impl Daily {
    /// Takes in what the database says of a day: what all replicas have told it.
    pub(crate) fn begin(&self, day: i64, told: u64) {
        let mut kept = lock(&self.0);
        if kept.number != day {
            *kept = Day { number: day, ..Day::default() };
        }
        kept.used = told.saturating_add(kept.untold);
    }

    /// Bytes used on the day that was begun last.
    pub(crate) fn used(&self) -> u64 {
        lock(&self.0).used
    }

    fn add(&self, bytes: u64) -> u64 {
        let mut kept = lock(&self.0);
        kept.used = kept.used.saturating_add(bytes);
        kept.untold = kept.untold.saturating_add(bytes);
        kept.used
    }

    /// Notes that the database was told of so many bytes.
    pub(crate) fn told(&self, bytes: u64) {
        let mut kept = lock(&self.0);
        kept.untold = kept.untold.saturating_sub(bytes);
    }

    /// Whether the database has not been told of all.
    pub(crate) fn has_untold(&self) -> bool {
        lock(&self.0).untold > 0
    }
}

/// What is done at the end of a download, with the bytes that were let through and what broke it off.
type Ended = Box<dyn FnOnce(u64, Option<String>) + Send>;

/// Counts one download.
#[derive(Default)]
pub(crate) struct Meter {
    /// The rates that hold for it.
    rates: Vec<Arc<Rate>>,
    /// What its user has had today, and may have.
    daily: Option<(Arc<Daily>, Option<u64>)>,
    /// Bytes that were let through.
    sent: u64,
    /// What could not be read, if the download broke off.
    fault: Option<String>,
    ended: Option<Ended>,
}

impl std::fmt::Debug for Meter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meter").field("sent", &self.sent).field("fault", &self.fault).finish_non_exhaustive()
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if let Some(ended) = self.ended.take() {
            ended(self.sent, self.fault.take());
        }
    }
}

impl Meter {
    /// Counts a download under these rates and this day, and calls `ended` when its last byte was taken or nobody takes more.
    pub(crate) fn new(
        rates: Vec<Arc<Rate>>,
        daily: (Arc<Daily>, Option<u64>),
        ended: impl FnOnce(u64, Option<String>) + Send + 'static,
    ) -> Self {
        Self { rates, daily: Some(daily), sent: 0, fault: None, ended: Some(Box::new(ended)) }
    }

    /// Lets bytes through, when they may go.
    ///
    /// # Errors
    /// `Denied`: the day's bytes are used up. What is being sent breaks off, and can be resumed tomorrow.
    pub(crate) async fn pass(&mut self, bytes: usize) -> Result<()> {
        if let Some((daily, limit)) = &self.daily {
            let used = daily.add(bytes as u64);
            if limit.is_some_and(|limit| used > limit) {
                return Err(Error::new(
                    ErrorKind::Denied,
                    "the bytes that this user may download in one day are used up",
                ));
            }
        }
        let when = self.rates.iter().map(|rate| rate.take(bytes)).max();
        if let Some(when) = when.filter(|when| *when > Instant::now()) {
            tokio::time::sleep_until(when).await;
        }
        self.sent += bytes as u64;
        Ok(())
    }

    /// Notes why the download breaks off.
    pub(crate) fn broke(&mut self, error: &Error) {
        self.fault = Some(error.chain());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_day_counts_what_others_told_and_what_is_not_told_yet() {
        let daily = Daily::default();
        daily.begin(1, 100);
        daily.add(10);
        assert_eq!(daily.used(), 110);
        daily.begin(1, 150);
        assert_eq!(daily.used(), 160);
        assert!(daily.has_untold());
        daily.told(10);
        daily.begin(1, 160);
        assert_eq!((daily.used(), daily.has_untold()), (160, false));
        daily.begin(2, 0);
        assert_eq!(daily.used(), 0);
    }

    #[test]
    fn days_change_at_midnight() {
        assert_eq!((day_of(86_399), day_of(86_400), day_of(-1)), (0, 1, -1));
        assert_eq!((seconds_left(86_399), seconds_left(0)), (1, 86_400));
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_holds_for_all_that_share_it() {
        let rate = Arc::new(Rate::new(1_000_000));
        let begun = Instant::now();
        let one = |rate: Arc<Rate>| async move {
            let mut meter = Meter::new(vec![rate], (Arc::default(), None), |_, _| {});
            for _ in 0..50 {
                meter.pass(50_000).await.unwrap();
            }
            meter.sent
        };
        let (first, second) = tokio::join!(one(rate.clone()), one(rate.clone()));
        assert_eq!(first + second, 5_000_000);
        let taken = begun.elapsed().as_secs_f64();
        assert!((4.7..5.3).contains(&taken), "{taken}");
    }

    #[tokio::test]
    async fn a_day_that_is_used_up_ends_what_is_sent() {
        let daily = Arc::new(Daily::default());
        daily.begin(1, 0);
        let mut meter = Meter::new(Vec::new(), (daily, Some(100)), |_, _| {});
        meter.pass(60).await.unwrap();
        assert!(meter.pass(60).await.unwrap_err().to_string().contains("used up"));
        assert_eq!(meter.sent, 60);
    }
}
