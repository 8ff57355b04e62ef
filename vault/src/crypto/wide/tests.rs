#![allow(clippy::unwrap_used)]
use super::lanes::{REGISTER_BYTES, absorb, raise};
use super::*;
use poly1305::Poly1305;
use poly1305::universal_hash::KeyInit as _;

/// By the crate, with nothing added at the end.
fn expected(r: [u8; BLOCK_BYTES], text: &[u8]) -> u128 {
    let mut key = [0; 32];
    key.split_at_mut(16).0.copy_from_slice(&r);
    u128::from_le_bytes(Poly1305::new(&key.into()).compute_unpadded(text).into())
}

/// Lanes of any processor.
type Array = [u64; LANES];

fn each(one: Array, other: Array, call: impl Fn(u64, u64) -> u64) -> Array {
    std::array::from_fn(|lane| call(one[lane], other[lane]))
}

fn product(one: u64, other: u64) -> u128 {
    let low = |value: u64| u128::from(value) & ((1 << 52) - 1);
    low(one) * low(other)
}

impl Lanes for Array {
    unsafe fn load(lanes: &[u64; LANES]) -> Self {
        *lanes
    }

    unsafe fn read(bytes: &[u8; REGISTER_BYTES]) -> Self {
        let (words, _) = bytes.as_chunks();
        std::array::from_fn(|lane| u64::from_le_bytes(words[lane]))
    }

    fn store(self) -> [u64; LANES] {
        self
    }

    fn add(self, other: Self) -> Self {
        each(self, other, |one, other| one + other)
    }

    fn or(self, other: Self) -> Self {
        each(self, other, |one, other| one | other)
    }

    fn and_all(self, mask: u64) -> Self {
        self.map(|lane| lane & mask)
    }

    fn or_all(self, mask: u64) -> Self {
        self.map(|lane| lane | mask)
    }

    fn left<const BITS: u32>(self) -> Self {
        self.map(|lane| lane << BITS)
    }

    fn right<const BITS: u32>(self) -> Self {
        self.map(|lane| lane >> BITS)
    }

    fn add_low(self, one: Self, other: Self) -> Self {
        self.add(each(one, other, |one, other| product(one, other) as u64 & ((1 << 52) - 1)))
    }

    fn add_high(self, one: Self, other: Self) -> Self {
        self.add(each(one, other, |one, other| (product(one, other) >> 52) as u64))
    }

    fn firsts(self, other: Self) -> Self {
        std::array::from_fn(|lane| if lane % 2 == 0 { self[lane] } else { other[lane - 1] })
    }

    fn seconds(self, other: Self) -> Self {
        std::array::from_fn(|lane| if lane % 2 == 0 { self[lane + 1] } else { other[lane] })
    }

    unsafe fn absorb(lanes: &mut [Eight; 2], groups: &[[u8; GROUP_BYTES]], r16: Number) {
        // SAFETY: any processor can.
        unsafe { absorb::<Self>(lanes, groups, r16) }
    }

    unsafe fn raise(lanes: &mut [Eight; 2], powers: &[Eight; 2]) {
        // SAFETY: any processor can.
        unsafe { raise::<Self>(lanes, powers) }
    }
}

fn sum_of<L: Lanes>(mut sum: Sum<'_, L>, (first, second): (&[u8], &[u8])) -> u128 {
    sum.update(first);
    sum.update(second);
    sum.finish()
}

/// By arrays on every processor, and by registers where there are some: elsewhere no code that uses any can run.
fn assert_same(r: [u8; BLOCK_BYTES], text: &[u8]) {
    for cut in [0, text.len() / 2, text.len()] {
        let parts = text.split_at(cut / GROUP_BYTES * GROUP_BYTES);
        let powers = Powers::of(r);
        // SAFETY: any processor can.
        let by_arrays = sum_of(unsafe { Sum::<Array>::by(&powers) }, parts);
        assert_eq!(by_arrays, expected(r, text), "{} bytes, r {r:?}", text.len());
        if let Some(powers) = Powers::new(r) {
            assert_eq!(sum_of(Sum::new(&powers), parts), by_arrays, "{} bytes, r {r:?}", text.len());
        }
    }
}

#[test]
fn sums_are_those_of_the_crate_at_every_length() {
    let text: Vec<u8> = (0..5 * GROUP_BYTES as u32).map(|at| ((at * at) >> 3) as u8).collect();
    let r = std::array::from_fn(|at| (at as u8).wrapping_mul(73).wrapping_add(11));
    (0..=text.len()).for_each(|length| assert_same(r, text.get(..length).unwrap()));
}

#[test]
fn carries_go_all_the_way() {
    for r in [[0; 16], [1; 16], [0xff; 16], 1_u128.to_le_bytes(), 2_u128.to_le_bytes()] {
        for byte in [0, 1, 0x7f, 0xfb, 0xff] {
            (0..3 * GROUP_BYTES).step_by(7).for_each(|length| assert_same(r, &vec![byte; length]));
        }
    }
}

/// Sums at and around the modulus, which only the last step tells apart: with r = 1 a sum is that of its blocks.
#[test]
fn sums_next_to_the_modulus_are_reduced() {
    let one = 1_u128.to_le_bytes();
    for last in [0_u8, 1, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xff] {
        let mut text = vec![0xff; 2 * BLOCK_BYTES];
        text.extend([last].iter().chain(&[0xff; BLOCK_BYTES - 1]));
        (0..40).for_each(|more| {
            let text: Vec<u8> = text.iter().copied().chain(vec![0; more * BLOCK_BYTES]).collect();
            assert_same(one, &text);
        });
    }
}
