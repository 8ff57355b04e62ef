//! A set of small numbers, a bit each.

/// The set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Marks(Vec<u64>);

impl Marks {
    /// Nothing of what is below `count`.
    pub(crate) fn new(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)])
    }

    /// Those whose bits are set, from the lowest of the first word on.
    pub(crate) fn of_words(words: Vec<u64>) -> Self {
        Self(words)
    }

    pub(crate) fn words(&self) -> &[u64] {
        &self.0
    }

    /// Everything below `count`.
    pub(crate) fn all(count: usize) -> Self {
        Self(vec![u64::MAX; count.div_ceil(64)])
    }

    /// Keeps those that others have, or, inverted, those that they have not.
    pub(crate) fn keep(&mut self, others: &Self, inverted: bool) {
        let mask = if inverted { u64::MAX } else { 0 };
        let others = others.0.iter().copied().chain(std::iter::repeat(0));
        self.0.iter_mut().zip(others).for_each(|(word, other)| *word &= other ^ mask);
    }

    /// Adds a number; one that is too large is left out.
    #[inline]
    pub(crate) fn add(&mut self, number: u32) {
        if let Some(word) = self.0.get_mut(number as usize / 64) {
            *word |= 1 << (number % 64);
        }
    }

    #[inline]
    pub(crate) fn has(&self, number: u32) -> bool {
        self.0.get(number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 != 0)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Which of up to 64 numbers there are, the first in the lowest bit.
    #[inline]
    pub(crate) fn among(&self, numbers: &[u32]) -> u64 {
        let (eights, rest) = numbers.as_chunks::<8>();
        let few = |numbers: &[u32]| {
            (0..8).zip(numbers).fold(0, |all, (bit, number)| all | u64::from(self.has(*number)) << bit)
        };
        let all = (0..).step_by(8).zip(eights).fold(0, |all, (bit, eight)| all | few(eight) << bit);
        if rest.is_empty() { all } else { all | few(rest) << (8 * eights.len()) }
    }
}
