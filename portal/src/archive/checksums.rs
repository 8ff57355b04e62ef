//! The CRC-32s of a zip's files: they come to be known as the files are read, and are kept for the next time. Derived: lost,
//! they are found again by reading.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Archives with more entries than this keep no checksums beyond the process.
const KEPT_ENTRIES_MAX: usize = 1_000_000;
/// Bytes of an entry as it is kept: whether its checksum is known, and the checksum.
const ENTRY_BYTES: usize = 5;

/// The checksums of one archive's entries, in their order.
#[derive(Debug)]
pub(crate) struct Checksums(Mutex<Known>);

#[derive(Debug)]
struct Known {
    values: Vec<Option<u32>>,
    /// Entries from the first on whose checksums are known.
    settled: usize,
    is_changed: bool,
}

impl Checksums {
    /// With what follows from metadata alone.
    pub(super) fn new(values: Vec<Option<u32>>) -> Self {
        let mut known = Known { values, settled: 0, is_changed: false };
        known.settle();
        Self(Mutex::new(known))
    }

    /// The checksum of an entry.
    pub(crate) fn get(&self, entry: u64) -> Option<u32> {
        *self.lock().values.get(usize::try_from(entry).ok()?)?
    }

    /// Notes the checksum of an entry.
    pub(crate) fn put(&self, entry: u64, checksum: u32) {
        let mut known = self.lock();
        if let Some(value) = usize::try_from(entry).ok().and_then(|entry| known.values.get_mut(entry))
            && value.is_none()
        {
            *value = Some(checksum);
            known.is_changed = true;
            known.settle();
        }
    }

    /// Whether those of all entries before one are known.
    pub(super) fn are_known_before(&self, entry: u64) -> bool {
        self.lock().settled as u64 >= entry
    }

    /// Whether all are known.
    pub(super) fn are_complete(&self) -> bool {
        let known = self.lock();
        known.settled == known.values.len()
    }

    /// What is to be kept, if something came to be known since it was last asked for.
    pub(crate) fn changes(&self) -> Option<Vec<u8>> {
        let mut known = self.lock();
        let is_kept = std::mem::take(&mut known.is_changed) && known.values.len() <= KEPT_ENTRIES_MAX;
        is_kept.then(|| known.values.iter().flat_map(|value| encoded(*value)).collect())
    }

    /// Takes in what was kept. What is not of this archive's length is dropped.
    pub(crate) fn learn(&self, kept: &[u8]) {
        let mut known = self.lock();
        if kept.len() != known.values.len() * ENTRY_BYTES {
            return;
        }
        for (value, bytes) in known.values.iter_mut().zip(kept.chunks_exact(ENTRY_BYTES)) {
            if let (None, [1, a, b, c, d]) = (&value, bytes) {
                *value = Some(u32::from_le_bytes([*a, *b, *c, *d]));
            }
        }
        known.settle();
    }

    pub(super) fn weight_bytes(&self) -> usize {
        self.lock().values.len() * size_of::<Option<u32>>()
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn settle(&mut self) {
        let more = self.values.iter().skip(self.settled).take_while(|value| value.is_some()).count();
        self.settled += more;
    }
}

fn encoded(value: Option<u32>) -> [u8; ENTRY_BYTES] {
    let [a, b, c, d] = value.unwrap_or_default().to_le_bytes();
    [u8::from(value.is_some()), a, b, c, d]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_known_survives_and_grows_from_the_front() {
        let first = Checksums::new(vec![Some(0), None, None, Some(7)]);
        assert!(first.are_known_before(1) && !first.are_known_before(2) && !first.are_complete());
        assert_eq!(first.changes(), None);
        first.put(2, 9);
        assert!(!first.are_known_before(2));
        let kept = first.changes().unwrap();
        assert_eq!(first.changes(), None);
        let second = Checksums::new(vec![Some(0), None, None, Some(7)]);
        second.learn(&kept);
        assert_eq!((second.get(1), second.get(2)), (None, Some(9)));
        second.put(1, 8);
        assert!(second.are_complete());
    }

    #[test]
    fn what_another_archive_kept_is_dropped() {
        let checksums = Checksums::new(vec![None]);
        checksums.learn(&[1, 2, 3, 4, 5, 1, 2, 3, 4, 5]);
        checksums.learn(b"1");
        assert_eq!(checksums.get(0), None);
    }
}
