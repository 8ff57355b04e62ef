//! What was worked out once and may be wanted again: kept within a bound, the least lately used goes first.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// Values by key, together no heavier than a bound.
#[derive(Debug)]
pub(crate) struct Kept<K, V> {
    inner: Mutex<Inner<K, V>>,
    weight_max: usize,
}

#[derive(Debug)]
struct Inner<K, V> {
    items: HashMap<K, Item<V>>,
    weight: usize,
    uses: u64,
}

#[derive(Debug)]
struct Item<V> {
    value: Arc<V>,
    weight: usize,
    used: u64,
}

impl<K: Hash + Eq + Clone, V> Kept<K, V> {
    pub(crate) fn new(weight_max: usize) -> Self {
        Self { inner: Mutex::new(Inner { items: HashMap::new(), weight: 0, uses: 0 }), weight_max }
    }

    pub(crate) fn get(&self, key: &K) -> Option<Arc<V>> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.uses += 1;
        let now = inner.uses;
        let item = inner.items.get_mut(key)?;
        item.used = now;
        Some(Arc::clone(&item.value))
    }

    /// Keeps a value, unless it alone is heavier than all may be.
    pub(crate) fn put(&self, key: K, value: V, weight: usize) -> Arc<V> {
        let value = Arc::new(value);
        if weight > self.weight_max {
            return value;
        }
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.uses += 1;
        let item = Item { value: Arc::clone(&value), weight, used: inner.uses };
        if let Some(before) = inner.items.insert(key, item) {
            inner.weight -= before.weight;
        }
        inner.weight += weight;
        while inner.weight > self.weight_max {
            let oldest = inner.items.iter().min_by_key(|(_, item)| item.used).map(|(key, _)| key.clone());
            let Some(gone) = oldest.and_then(|key| inner.items.remove(&key)) else { break };
            inner.weight -= gone.weight;
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_lately_used_goes_first_and_the_bound_holds() {
        let kept = Kept::new(10);
        kept.put("a", 1, 4);
        kept.put("b", 2, 4);
        assert_eq!(kept.get(&"a").as_deref(), Some(&1));
        kept.put("c", 3, 4);
        assert_eq!((kept.get(&"a").is_some(), kept.get(&"b"), kept.get(&"c").is_some()), (true, None, true));
        kept.put("a", 4, 5);
        assert_eq!((kept.get(&"a").as_deref(), kept.get(&"c").is_some()), (Some(&4), true));
        assert_eq!(*kept.put("huge", 5, 11), 5);
        assert_eq!(kept.get(&"huge"), None);
    }
}
