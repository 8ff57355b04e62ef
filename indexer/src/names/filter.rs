//! Which names a chunk certainly does not have: most names of a machine's first snapshot are new, and to look for each of them in
//! every chunk would be most of the work of taking it in.

use std::hash::{BuildHasher as _, RandomState};

use super::Chunk;

/// Bits of the filter for each name: one in a hundred names that are not there seems to be.
const BITS_PER_NAME: usize = 16;
/// Bits that a name sets, all in one word.
const PROBES: u32 = 4;
const WORD_BITS: usize = u64::BITS as usize;

/// The names of a chunk as they were stored, each as a few bits of a word (a Bloom filter).
#[derive(Debug)]
pub(super) struct Filter {
    words: Vec<u64>,
    hasher: RandomState,
}

impl Filter {
    pub(super) fn new(chunk: &Chunk) -> Self {
        let words = (chunk.count() as usize * BITS_PER_NAME).div_ceil(WORD_BITS);
        let mut filter = Self { words: vec![0; words], hasher: RandomState::new() };
        chunk.each_shown(|name| {
            let (at, bits) = filter.place(name);
            if let Some(word) = filter.words.get_mut(at) {
                *word |= bits;
            }
        });
        filter
    }

    /// `false`: it is not there.
    pub(super) fn may_have(&self, name: &[u8]) -> bool {
        let (at, bits) = self.place(name);
        self.words.get(at).is_some_and(|word| word & bits == bits)
    }

    /// Which word, and which bits of it.
    fn place(&self, name: &[u8]) -> (usize, u64) {
        let hash = self.hasher.hash_one(name);
        let at = (u128::from(hash) * self.words.len() as u128) >> u64::BITS;
        let bits = (0..PROBES)
            .fold(0, |bits, probe| bits | 1 << (hash >> (probe * WORD_BITS.ilog2()) & (u64::BITS as u64 - 1)));
        (at as usize, bits)
    }
}
