//! A half-open range of bytes of a file.

use std::fmt;

/// The bytes from `start` (included) to `end` (excluded).
///
/// Invariant: `start <= end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ByteRange {
    start: u64,
    end: u64,
}

impl ByteRange {
    /// `len` bytes from `start` on; `None` when the end does not fit 64 bits.
    pub fn new(start: u64, len: u64) -> Option<Self> {
        start.checked_add(len).map(|end| Self { start, end })
    }

    /// The first byte's offset.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// The offset after the last byte.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Bytes in the range.
    pub fn len(&self) -> u64 {
        self.end - self.start
    }

    /// Whether the range holds no byte.
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// What of this range lies in a file of `size` bytes.
    pub fn clamp_to(&self, size: u64) -> Self {
        Self { start: self.start.min(size), end: self.end.min(size) }
    }
}

impl fmt::Display for ByteRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_cut_at_the_end_of_the_file() {
        let cut = ByteRange::new(7, 100).map(|range| range.clamp_to(10).to_string());
        assert_eq!(cut.as_deref(), Some("7..10"));
    }

    #[test]
    fn a_range_past_the_last_offset_is_refused() {
        assert_eq!(ByteRange::new(u64::MAX, 1), None);
    }
}
