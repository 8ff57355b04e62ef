//! Single flight over a byte-weighted cache: what several ask for at once is fetched once.

use std::collections::HashMap;
use std::hash::Hash;

use moka::policy::EvictionPolicy;
use parking_lot::Mutex;

use super::queue::Priority;
use crate::error::Result;

/// Whoever waits for a value.
pub(crate) type Waiter<V> = Box<dyn FnOnce(Result<V>) + Send>;

/// Weight in bytes from which on the cache is tidied at once: it would otherwise overshoot by what its log holds.
const TIDY_BYTES_MIN: u64 = 64 << 10;
/// A value heavier than this part of the cache would push out all others, and does not go into it.
const OUTSIZE_SHARE: u64 = 4;
/// Bytes that the cache spends on an entry beside the value.
const ENTRY_BYTES: u64 = 200;
/// Entries that the cache has a place for from the beginning: to grow from nothing costs a folder of small files more than
/// to decode them.
const ENTRIES_FIRST: usize = 16 << 10;

/// Keys are hashes already: what spreads them need not be slow.
type Spread = foldhash::fast::RandomState;

struct Flight<V> {
    started: bool,
    priority: Priority,
    keep: bool,
    waiters: Vec<Waiter<V>>,
}

/// What came of asking.
pub(crate) enum Asked<V> {
    /// It is there; the waiter comes back uncalled.
    Hit(V, Option<Waiter<V>>),
    /// It is on its way.
    Waiting,
    /// Nobody fetches it yet, or only at a lower priority: the caller has to queue a job.
    Wanted,
}

/// The values at hand and those on their way.
pub(crate) struct Flights<K, V> {
    cache: moka::sync::Cache<K, V, Spread>,
    weigh: fn(&V) -> u64,
    flying: Mutex<HashMap<K, Flight<V>, Spread>>,
    bytes_max: u64,
    /// The last value that is too heavy for the cache (a directory of a million entries): whoever walks it comes back
    /// for it thousands of times.
    outsize: Mutex<Option<(K, V)>>,
}

impl<K, V> std::fmt::Debug for Flights<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Flights({} bytes cached)", self.cache.weighted_size())
    }
}

impl<K, V> Flights<K, V>
where
    K: Hash + Eq + Copy + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(crate) fn new(bytes_max: u64, weigh: fn(&V) -> u64) -> Self {
        // Least recently used, because a scan's own blobs must not be turned away while it still reads them.
        let cache = moka::sync::Cache::builder()
            .max_capacity(bytes_max)
            .initial_capacity(ENTRIES_FIRST)
            .eviction_policy(EvictionPolicy::lru())
            .weigher(move |_, value| u32::try_from(weigh(value) + ENTRY_BYTES).unwrap_or(u32::MAX))
            .build_with_hasher(Spread::default());
        Self { cache, weigh, flying: Mutex::default(), bytes_max, outsize: Mutex::default() }
    }

    /// Bytes of what is kept.
    pub(crate) fn cached_bytes(&self) -> u64 {
        self.cache.weighted_size()
    }

    /// What is at hand.
    pub(crate) fn get(&self, key: &K) -> Option<V> {
        self.cache.get(key).or_else(|| {
            let outsize = self.outsize.lock();
            outsize.as_ref().filter(|(its, _)| its == key).map(|(_, value)| value.clone())
        })
    }

    /// Asks for a value. The waiter, if any, is called once, when the value lands.
    pub(crate) fn ask(&self, key: K, priority: Priority, keep: bool, waiter: Option<Waiter<V>>) -> Asked<V> {
        let mut flying = self.flying.lock();
        if let Some(value) = self.get(&key) {
            return Asked::Hit(value, waiter);
        }
        if let Some(flight) = flying.get_mut(&key) {
            flight.waiters.extend(waiter);
            flight.keep |= keep;
            if flight.started || flight.priority <= priority {
                return Asked::Waiting;
            }
            flight.priority = priority;
            return Asked::Wanted;
        }
        flying.insert(key, Flight { started: false, priority, keep, waiters: waiter.into_iter().collect() });
        Asked::Wanted
    }

    /// Claims the fetching of a value; `false` when another job has it or had it.
    pub(crate) fn start(&self, key: &K) -> bool {
        match self.flying.lock().get_mut(key) {
            Some(flight) if !flight.started => {
                flight.started = true;
                true
            }
            _ => false,
        }
    }

    /// Delivers a value, or the reason why there is none, to all who wait.
    pub(crate) fn land(&self, key: &K, result: Result<V>) {
        let waiters = {
            let mut flying = self.flying.lock();
            let Some(flight) = flying.remove(key) else { return };
            if let (true, Ok(value)) = (flight.keep, &result) {
                if (self.weigh)(value) > self.bytes_max / OUTSIZE_SHARE {
                    *self.outsize.lock() = Some((*key, value.clone()));
                } else {
                    self.cache.insert(*key, value.clone());
                }
            }
            flight.waiters
        };
        if let Ok(value) = &result
            && (self.weigh)(value) >= TIDY_BYTES_MIN
        {
            self.cache.run_pending_tasks();
        }
        let mut waiters = waiters.into_iter();
        let last = waiters.next_back();
        for waiter in waiters {
            waiter(result.clone());
        }
        if let Some(waiter) = last {
            waiter(result);
        }
    }

    /// Drops a value: it turned out to be wrong, or will not be asked for again.
    pub(crate) fn forget(&self, key: &K) {
        self.cache.invalidate(key);
        self.outsize.lock().take_if(|(its, _)| its == key);
    }
}
