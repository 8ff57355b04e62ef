//! How often somebody may ask: by address, by person, by organization, and while signing in. Tables of keys are bounded:
//! when one is full, all keys it has no place for share one allowance.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bygone_common::{OrgUid, UserUid};
use governor::clock::{Clock, DefaultClock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::{Quota, RateLimiter};

use crate::app::App;
use crate::config::LimitsConfig;
use crate::correlation::Origin;
use crate::problem::{Problem, ProblemCode, Result};

/// Keys of one table at most: 8 MiB at the utmost.
const KEYS_MAX: usize = 50_000;
/// Attempts to sign in from one address that may fail at once, and seconds for one more.
const ADDRESS_ATTEMPTS: (u32, u64) = (30, 20);
/// The same for one person from one address.
const PAIR_ATTEMPTS: (u32, u64) = (5, 60);
/// The same for one person in a browser that is known: whatever strangers do elsewhere, these are left.
const DEVICE_ATTEMPTS: (u32, u64) = (10, 60);
/// Codes that may be wrong at once, after the right password, and seconds for one more: at most 288 guesses a day of a
/// million.
const CODE_ATTEMPTS: (u32, u64) = (10, 300);

/// Programs at one address that may ask to be let in at once, and seconds for one more.
const LOGIN_REQUESTS: (u32, u64) = (10, 30);

/// All limits.
#[derive(Debug)]
pub(crate) struct Limits {
    address: Limiter<IpAddr>,
    user: Limiter<UserUid>,
    org: Limiter<OrgUid>,
    /// Attempts to sign in.
    pub(crate) sign_in_address: Limiter<IpAddr>,
    /// By the hash of what the person calls themselves, and the address.
    pub(crate) sign_in_pair: Limiter<(String, IpAddr)>,
    /// By the known browser.
    pub(crate) sign_in_device: Limiter<String>,
    /// Codes of the second factor.
    pub(crate) code: Limiter<UserUid>,
    /// Programs that ask to be let in, by where they are.
    pub(crate) login_request: Limiter<IpAddr>,
    /// Codes of such programs that somebody typed wrong.
    pub(crate) login_code: Limiter<UserUid>,
}

impl Limits {
    pub(crate) fn new(config: &LimitsConfig) -> Self {
        Self {
            address: Limiter::a_minute(config.address_requests),
            user: Limiter::a_minute(config.user_requests),
            org: Limiter::a_minute(config.org_requests),
            sign_in_address: Limiter::of(ADDRESS_ATTEMPTS),
            sign_in_pair: Limiter::of(PAIR_ATTEMPTS),
            sign_in_device: Limiter::of(DEVICE_ATTEMPTS),
            code: Limiter::of(CODE_ATTEMPTS),
            login_request: Limiter::of(LOGIN_REQUESTS),
            login_code: Limiter::of(CODE_ATTEMPTS),
        }
    }

    /// Counts a request of somebody who is signed in.
    ///
    /// # Errors
    /// `TooManyRequests`.
    pub(crate) fn signed(&self, user: Option<UserUid>, org: Option<OrgUid>) -> Result<()> {
        if let Some(user) = user {
            self.user.take(&user)?;
        }
        org.map_or(Ok(()), |org| self.org.take(&org))
    }
}

/// Counts every request by where it comes from, before anything is looked up for it.
pub(crate) async fn by_address(State(app): State<App>, request: Request, next: Next) -> Response {
    let address = request.extensions().get::<Origin>().and_then(|origin| origin.address);
    match address.map_or(Ok(()), |address| app.identity.limits.address.take(&network(address))) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// The address as keys have it: one person's network of IPv6 has 2^64 addresses, and counts as one.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(four) => IpAddr::V4(four),
        IpAddr::V6(six) => IpAddr::V6(Ipv6Addr::from_bits(six.to_bits() & (u128::MAX << 64))),
    }
}

/// Lets through so many at once, and one more every so often, for each key.
pub(crate) struct Limiter<K: Hash + Eq + Clone, C: Clock = DefaultClock> {
    limiter: RateLimiter<K, Bounded<K>, C, NoOpMiddleware<C::Instant>>,
    table: Bounded<K>,
    clock: C,
    start: C::Instant,
    interval: Nanos,
}

impl<K: Hash + Eq + Clone, C: Clock> fmt::Debug for Limiter<K, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").field("interval", &self.interval).finish_non_exhaustive()
    }
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    /// A minute's requests, all at once if need be.
    fn a_minute(requests: NonZeroU32) -> Self {
        Self::with_clock(Quota::per_minute(requests), KEYS_MAX, DefaultClock::default())
    }

    fn of((burst, seconds): (u32, u64)) -> Self {
        let quota = Quota::with_period(Duration::from_secs(seconds)).unwrap_or(Quota::per_minute(NonZeroU32::MIN));
        let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
        Self::with_clock(quota.allow_burst(burst), KEYS_MAX, DefaultClock::default())
    }
}

impl<K: Hash + Eq + Clone, C: Clock + Clone> Limiter<K, C> {
    fn with_clock(quota: Quota, keys_max: usize, clock: C) -> Self {
        let table = Bounded(Arc::new(Mutex::new(Table { times: HashMap::new(), overflow: None, keys_max })));
        let (start, interval) = (clock.now(), quota.replenish_interval().into());
        Self { limiter: RateLimiter::new(quota, table.clone(), clock.clone()), table, clock, start, interval }
    }

    /// Counts one more for a key.
    ///
    /// # Errors
    /// `TooManyRequests`, with the time to wait.
    pub(crate) fn take(&self, key: &K) -> Result<()> {
        let now = self.clock.now();
        self.table.make_room(key, now.duration_since(self.start));
        self.limiter.check_key(key).map(drop).map_err(|until| {
            let seconds = until.wait_time_from(now).as_secs() + 1;
            Problem::new(ProblemCode::TooManyRequests, "too many requests: wait a little").retry_after(seconds)
        })
    }

    /// Takes back one that was counted: it was no failure after all.
    pub(crate) fn give_back(&self, key: &K) {
        self.table.give_back(key, self.interval);
    }
}

/// When each key's allowance is whole again, for so many keys, and for all others together.
struct Table<K> {
    times: HashMap<K, Nanos>,
    overflow: Option<Nanos>,
    keys_max: usize,
}

#[derive(Clone)]
struct Bounded<K>(Arc<Mutex<Table<K>>>);

impl<K: Hash + Eq + Clone> Bounded<K> {
    /// When the table is full, drops the keys whose allowance is whole: they need no entry.
    fn make_room(&self, key: &K, now: Nanos) {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if table.times.len() >= table.keys_max && !table.times.contains_key(key) {
            table.times.retain(|_, whole_at| *whole_at > now);
        }
    }

    fn give_back(&self, key: &K, interval: Nanos) {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(whole_at) = table.times.get_mut(key) {
            *whole_at = Nanos::new(whole_at.as_u64().saturating_sub(interval.as_u64()));
        }
    }
}

impl<K: Hash + Eq + Clone> StateStore for Bounded<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, f: F) -> std::result::Result<T, E>
    where
        F: Fn(Option<Nanos>) -> std::result::Result<(T, Nanos), E>,
    {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(whole_at) = table.times.get_mut(key) {
            let (outcome, next) = f(Some(*whole_at))?;
            *whole_at = next;
            return Ok(outcome);
        }
        if table.times.len() < table.keys_max {
            let (outcome, next) = f(None)?;
            table.times.insert(key.clone(), next);
            return Ok(outcome);
        }
        let (outcome, next) = f(table.overflow)?;
        table.overflow = Some(next);
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use governor::clock::FakeRelativeClock;

    fn limiter(burst: u32, keys_max: usize) -> (Limiter<u32, FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        let quota = Quota::with_period(Duration::from_secs(10)).unwrap().allow_burst(NonZeroU32::new(burst).unwrap());
        (Limiter::with_clock(quota, keys_max, clock.clone()), clock)
    }

    #[test]
    fn a_key_has_its_allowance_and_then_waits() {
        let (limiter, clock) = limiter(2, 10);
        assert!(limiter.take(&1).is_ok() && limiter.take(&1).is_ok());
        assert_eq!(limiter.take(&1).unwrap_err().code(), ProblemCode::TooManyRequests);
        assert!(limiter.take(&2).is_ok(), "another key has its own");
        clock.advance(Duration::from_secs(10));
        assert!(limiter.take(&1).is_ok() && limiter.take(&1).is_err());
    }

    #[test]
    fn what_was_no_failure_is_given_back() {
        let (limiter, _) = limiter(1, 10);
        for _ in 0..5 {
            limiter.take(&1).unwrap();
            limiter.give_back(&1);
        }
    }

    #[test]
    fn a_full_table_shares_one_allowance_and_comes_back() {
        let (limiter, clock) = limiter(1, 3);
        for key in 0..3 {
            limiter.take(&key).unwrap();
        }
        assert!(limiter.take(&3).is_ok() && limiter.take(&4).is_err(), "two strangers share one");
        assert!(limiter.take(&0).is_err(), "those in the table keep theirs");
        assert_eq!(limiter.table.0.lock().unwrap().times.len(), 3);
        clock.advance(Duration::from_secs(11));
        assert!(limiter.take(&5).is_ok() && limiter.take(&6).is_ok());
        assert!(limiter.table.0.lock().unwrap().times.len() <= 3);
    }

    #[test]
    fn one_network_is_one_address() {
        let of = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8::1:2:3:4"), of("2001:db8::9"));
        assert_ne!(of("2001:db8:0:1::1"), of("2001:db8:0:2::1"));
        assert_eq!(of("::ffff:1.2.3.4"), "1.2.3.4");
    }
}
