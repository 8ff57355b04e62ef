//! How long everything about locks takes.

use std::time::Duration;

/// How long everything about locks takes. The default are restic's times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// Between writing a lock and looking for others again: storage may take so long to show one program the other's.
    pub settle: Duration,
    /// Before other locks are looked for again when one could not be read; doubled each time.
    pub reread: Duration,
    /// Before a lock is tried for again while another is in the way; doubled each time.
    pub retry: Duration,
    /// The most that becomes.
    pub retry_max: Duration,
    /// Between two refreshes.
    pub refresh: Duration,
    /// After a refresh that failed.
    pub refresh_again: Duration,
    /// A lock that was not refreshed for so long is lost: some time before others take it for stale, since clocks differ.
    pub lost_after: Duration,
    /// Between two looks at the clock, which a suspended machine does not keep for us.
    pub watch: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            settle: Duration::from_millis(200),
            reread: Duration::from_secs(5),
            retry: Duration::from_secs(5),
            retry_max: Duration::from_secs(60),
            refresh: Duration::from_secs(5 * 60),
            refresh_again: Duration::from_secs(30),
            lost_after: Duration::from_secs(45 * 60 / 2),
            watch: Duration::from_secs(1),
        }
    }
}
