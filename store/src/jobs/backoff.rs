//! How long a job waits before it is tried again.

use bygone_common::JobUid;
use jiff::SignedDuration;

/// Seconds before the second attempt.
const FIRST_SECONDS: u64 = 30;

/// Seconds at most.
const SECONDS_MAX: u64 = 3_600;

/// Twice as long with every attempt, give or take a quarter: by the job's own uid, so that jobs that failed together do not
/// come back together, and every replica says the same.
pub fn backoff(job: JobUid, attempt: i64) -> SignedDuration {
    let doublings = u32::try_from(attempt.saturating_sub(1).clamp(0, 20)).unwrap_or_default();
    let seconds = FIRST_SECONDS.saturating_mul(1 << doublings).min(SECONDS_MAX);
    let (high, low) = job.uuid().as_u64_pair();
    let chance =
        (high ^ low.rotate_left(17)).wrapping_add(u64::from(doublings)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    // From three quarters to five quarters.
    let millis = seconds * 750 + seconds * 500 * (chance % 1_000) / 1_000;
    SignedDuration::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn it_doubles_up_to_an_hour_give_or_take_a_quarter() {
        for (attempt, seconds) in [(1, 30), (2, 60), (3, 120), (5, 480), (8, 3_600), (60, 3_600)] {
            for at in 0..50 {
                let job =
                    JobUid::new(jiff::Timestamp::from_second(at * 7_919).unwrap(), [u8::try_from(at).unwrap(); 10]);
                let waits = backoff(job, attempt).as_secs();
                assert!((seconds * 3 / 4..=seconds * 5 / 4).contains(&waits), "{attempt}: {waits}");
                assert_eq!(backoff(job, attempt), backoff(job, attempt));
            }
        }
    }
}
