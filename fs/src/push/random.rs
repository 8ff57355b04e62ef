//! Reads here and there in a large file.

use crate::core::files::OpenFile;

/// Longer reads are somebody reading on, whether at the place where they were or not.
const RANDOM_READ_BYTES_MAX: u64 = 64 << 10;
/// Reads in a row that did not go on where the last one ended, from which on a reader counts as reading at random.
const JUMPS_MIN: u32 = 2;
/// A read this close to the end of the one before goes on from there: the kernel reorders its read-ahead.
const NEAR_BYTES: u64 = 256 << 10;

/// Notes a read of a large file; whether its reader jumps about.
pub(super) fn is_random(file: &OpenFile, offset: u64, len: u64) -> bool {
    let mut pattern = file.pattern.lock();
    let goes_on = offset.abs_diff(pattern.last_end) <= NEAR_BYTES || len > RANDOM_READ_BYTES_MAX;
    pattern.jumps = if goes_on { 0 } else { pattern.jumps.saturating_add(1) };
    pattern.last_end = offset.saturating_add(len);
    pattern.jumps >= JUMPS_MIN
}

/// Whether a blob of the file has not been given away yet; from now on it has.
pub(super) fn take(file: &OpenFile, blob: usize) -> bool {
    let mut pattern = file.pattern.lock();
    let (word, bit) = place(blob);
    if pattern.given.len() <= word {
        pattern.given.resize(word + 1, 0);
    }
    let Some(given) = pattern.given.get_mut(word) else { return false };
    let is_new = *given & bit == 0;
    *given |= bit;
    is_new
}

/// A blob that was taken could not be given after all.
pub(super) fn give_back(file: &OpenFile, blob: usize) {
    let (word, bit) = place(blob);
    if let Some(given) = file.pattern.lock().given.get_mut(word) {
        *given &= !bit;
    }
}

/// Word and bit of a blob.
fn place(blob: usize) -> (usize, u64) {
    (blob / 64, 1 << (blob % 64))
}
