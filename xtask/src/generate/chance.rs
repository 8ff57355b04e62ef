//! Numbers that look like chance and are the same every time (xoshiro256++, seeded by splitmix64; both are in the
//! public domain).

/// A sequence of numbers that its seed decides.
#[derive(Clone)]
pub(crate) struct Chance {
    state: [u64; 4],
}

impl Chance {
    /// The sequence of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        let mut state = [0; 4];
        let mut sum = seed;
        for word in &mut state {
            sum = sum.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = (sum ^ (sum >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *word = mixed ^ (mixed >> 31);
        }
        Self { state }
    }

    /// The sequence of one of many things under a common seed, so that things can be made in any order.
    pub(crate) fn of(seed: u64, number: u64) -> Self {
        Self::new(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ number)
    }

    /// The next 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c, d) = (c ^ a, d ^ b);
        let (b, a) = (b ^ c, a ^ d);
        self.state = [a, b, c ^ (self.state[1] << 17), d.rotate_left(45)];
        result
    }

    /// A number below `end`, which is not zero.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        // The high half of a product is even enough for made-up files, and needs no division.
        let wide = u128::from(self.next()) * u128::from(end);
        (wide >> 64) as u64
    }

    /// As [`Self::below`], for an index.
    pub(crate) fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// One of the items; the first are likelier, as words of a language are.
    pub(crate) fn likely<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let position = self.unit() * self.unit() * self.unit();
        items.get((position * items.len() as f64) as usize)
    }

    /// A number from 0 to below 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number around 0 with deviation 1 (the sum of twelve even ones, less their mean).
    pub(crate) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// Bytes that no compressor shortens.
    pub(crate) fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let word = self.next().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_the_sequence() {
        let mut chance = Chance::new(1);
        // The first numbers of the reference implementation for this seed.
        assert_eq!([chance.next(), chance.next()], [0xcfc5_d07f_6f03_c29b, 0xbf42_4132_963f_e08d]);
        assert_ne!(Chance::of(1, 2).next(), Chance::of(1, 3).next());
    }

    #[test]
    fn numbers_stay_below_their_end() {
        let mut chance = Chance::new(7);
        assert!((0..1000).all(|_| chance.below(10) < 10));
        assert!((0..1000).all(|_| chance.unit() < 1.0));
    }
}
