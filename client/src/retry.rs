//! When to ask again: longer after every failure, and never all at once.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::time::Duration;

use crate::error::{Error, Result};

/// Tries of one call, unless told otherwise.
pub const TRIES_MAX: u32 = 5;

/// Waits that grow from a first one to a longest one, each shortened by up to a half by chance.
#[derive(Debug, Clone)]
pub struct Backoff {
    first: Duration,
    most: Duration,
    failures: u32,
}

impl Backoff {
    /// Waits between these.
    pub const fn new(first: Duration, most: Duration) -> Self {
        Self { first, most, failures: 0 }
    }

    /// How long to wait now. `asked` is what a server asked for, which counts as the least.
    pub fn wait(&mut self, asked: Option<Duration>) -> Duration {
        let grown = self.first.saturating_mul(1_u32.checked_shl(self.failures).unwrap_or(u32::MAX)).min(self.most);
        self.failures = self.failures.saturating_add(1);
        let wait = grown.mul_f64(1.0 - chance() / 2.0);
        asked.map_or(wait, |asked| asked.min(self.most).max(wait))
    }

    /// It worked: the next failure waits as the first one.
    pub const fn reset(&mut self) {
        self.failures = 0;
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new(Duration::from_millis(250), Duration::from_secs(60))
    }
}

/// Asks until there is an answer, an error that does not pass by itself, or `tries` errors that may.
///
/// # Errors
/// The last one.
pub async fn repeatedly<T, F: Future<Output = Result<T>>>(
    tries: u32,
    mut backoff: Backoff,
    mut call: impl FnMut() -> F,
) -> Result<T> {
    let mut tried = 1;
    loop {
        match call().await {
            Err(error) if tried < tries && error.kind().is_transient() => {
                let wait = backoff.wait(error.retry_after());
                tracing::debug!(%error, ?wait, "asking again");
                tokio::time::sleep(wait).await;
                tried += 1;
            }
            other => return other,
        }
    }
}

/// A number from 0 to 1. Not for secrets.
fn chance() -> f64 {
    let random = RandomState::new().build_hasher().finish();
    // The upper half of the bits is as random as all of them.
    f64::from(u32::try_from(random >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}

/// Whether an error is one that trying again cannot help.
pub fn is_final(error: &Error) -> bool {
    !error.kind().is_transient()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn waits_grow_to_a_longest_one_and_differ_by_chance() {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(8));
        for most in [1, 2, 4, 8, 8, 8] {
            let wait = backoff.wait(None);
            assert!(
                wait >= Duration::from_millis(most * 500) && wait <= Duration::from_secs(most),
                "{wait:?} of {most}"
            );
        }
        for _ in 0..100 {
            backoff.wait(None);
        }
        backoff.reset();
        assert!(backoff.wait(None) <= Duration::from_secs(1));
        assert_eq!(backoff.wait(Some(Duration::from_secs(7))), Duration::from_secs(7), "the server asked for it");
        assert!(backoff.wait(Some(Duration::from_secs(700))) <= Duration::from_secs(8), "but not for ever");
    }

    #[tokio::test]
    async fn what_does_not_pass_is_not_asked_again() {
        for (kind, expected) in [(ErrorKind::Unreachable, 3), (ErrorKind::Denied, 1)] {
            let mut calls = 0;
            let backoff = Backoff::new(Duration::from_millis(1), Duration::from_millis(1));
            let answer: Result<()> = repeatedly(3, backoff, || {
                calls += 1;
                async move { Err(Error::new(kind, "no")) }
            })
            .await;
            assert_eq!((answer.unwrap_err().kind(), calls), (kind, expected));
        }
    }
}
