//! Poly1305 of sixteen blocks at once, by the 52-bit multiply-and-add of AVX-512 (IFMA): four times as fast as AVX2.
//!
//! A number modulo 2^130 − 5 lies in three limbs of 44, 44 and 42 bits. Of each group of sixteen blocks, block `j` is added to
//! lane `j`, after the lane was multiplied by r^16; at the end lane `j` is multiplied by r^(16 − j), and the lanes are added up.
//! Source: RFC 8439, 2.5; the limbs are those of Goll and Gueron, "Vectorization of Poly1305 Message Authentication Code", 2015.

use std::arch::x86_64::{
    __m512i, _mm512_add_epi64, _mm512_and_si512, _mm512_loadu_si512, _mm512_madd52hi_epu64, _mm512_madd52lo_epu64,
    _mm512_or_si512, _mm512_set1_epi64, _mm512_setzero_si512, _mm512_slli_epi64, _mm512_srli_epi64,
    _mm512_storeu_si512, _mm512_unpackhi_epi64, _mm512_unpacklo_epi64,
};

use super::BLOCK_BYTES;
use super::mac::GROUP_BYTES;
use zeroize::Zeroize;

const _: () = assert!(GROUP_BYTES == 16 * BLOCK_BYTES);
/// Bytes of one register.
const REGISTER_BYTES: usize = 64;
/// Numbers of 64 bits in one register.
const LANES: usize = 8;
/// The bits of the two lower limbs, and of the highest.
const LIMB: u64 = (1 << 44) - 1;
const TOP_LIMB: u64 = (1 << 42) - 1;
/// What 2^132, the weight of a fourth limb, is modulo 2^130 − 5; and 2^130.
const FOURTH_LIMB: u64 = 20;
const OVER_THE_TOP: u64 = 5;
/// The bits of `r` that Poly1305 uses.
const CLAMP: u128 = 0x0fff_fffc_0fff_fffc_0fff_fffc_0fff_ffff;

/// Limbs, the lowest first.
type Number = [u64; 3];
/// Eight numbers, limb by limb.
type Eight = [[u64; LANES]; 3];
/// The same in registers.
type Wide = [__m512i; 3];

/// The powers of `r` that all messages under one key need.
#[derive(Clone)]
pub(super) struct Powers {
    r: Number,
    r16: Number,
    /// r^16 … r^9 and r^8 … r^1, in the order of the lanes.
    last: [Eight; 2],
}

impl Zeroize for Powers {
    fn zeroize(&mut self) {
        self.r.zeroize();
        self.r16.zeroize();
        self.last.zeroize();
    }
}

impl Powers {
    /// The powers of an `r` that need not be clamped; none where the processor cannot do this.
    pub(super) fn new(r: [u8; BLOCK_BYTES]) -> Option<Self> {
        if !(is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512ifma")) {
            return None;
        }
        let r = limbs(u128::from_le_bytes(r) & CLAMP, 0);
        let mut power = [1, 0, 0];
        let mut next = |_| {
            power = times(power, r);
            power
        };
        let (low, high): ([Number; LANES], [Number; LANES]) =
            (std::array::from_fn(&mut next), std::array::from_fn(next));
        Some(Self { r, r16: power, last: [by_lane(high), by_lane(low)] })
    }
}

/// Powers that rise, falling, in the order in which [`limbs_wide`] weaves the blocks of half a group.
fn by_lane([h, g, f, e, d, c, b, a]: [Number; LANES]) -> Eight {
    let lanes = [a, e, b, f, c, g, d, h];
    [lanes.map(|[low, _, _]| low), lanes.map(|[_, middle, _]| middle), lanes.map(|[_, _, top]| top)]
}

/// A message's sum so far, before the one-time part of the key is added.
pub(super) struct Sum<'a> {
    powers: &'a Powers,
    lanes: [Eight; 2],
    /// Whether anything is in the lanes.
    wide: bool,
    number: Number,
}

impl<'a> Sum<'a> {
    pub(super) fn new(powers: &'a Powers) -> Self {
        Self { powers, lanes: [[[0; LANES]; 3]; 2], wide: false, number: [0; 3] }
    }

    /// Takes in what comes next. All but the last are whole groups.
    pub(super) fn update(&mut self, text: &[u8]) {
        let (groups, rest) = text.as_chunks();
        if !groups.is_empty() {
            self.wide = true;
            // SAFETY: there are `Powers` only where the processor has these instructions.
            unsafe { absorb(&mut self.lanes, groups, self.powers.r16) };
        }
        if rest.is_empty() {
            return;
        }
        self.add_up();
        let (blocks, tail) = rest.as_chunks();
        for block in blocks {
            self.absorb_one(limbs(u128::from_le_bytes(*block), 1));
        }
        if !tail.is_empty() {
            let mut block = [0; BLOCK_BYTES];
            block.iter_mut().zip(tail.iter().chain(&[1])).for_each(|(place, byte)| *place = *byte);
            self.absorb_one(limbs(u128::from_le_bytes(block), 0));
        }
    }

    /// The sum modulo 2^128.
    pub(super) fn finish(mut self) -> u128 {
        self.add_up();
        let [low, middle, top] = reduced(self.number);
        u128::from(low) | u128::from(middle) << 44 | u128::from(top) << 88
    }

    fn absorb_one(&mut self, block: Number) {
        self.number.iter_mut().zip(block).for_each(|(limb, of_block)| *limb += of_block);
        self.number = times(self.number, self.powers.r);
    }

    /// From lanes to one number, once.
    fn add_up(&mut self) {
        if !std::mem::take(&mut self.wide) {
            return;
        }
        // SAFETY: as above.
        unsafe { raise(&mut self.lanes, &self.powers.last) };
        for half in &self.lanes {
            for (limb, lanes) in self.number.iter_mut().zip(half) {
                *limb += lanes.iter().sum::<u64>();
            }
        }
    }
}

/// A value of 128 bits, and what stands above them.
fn limbs(value: u128, above: u64) -> Number {
    [value as u64 & LIMB, (value >> 44) as u64 & LIMB, (value >> 88) as u64 | above << 40]
}

/// The product of a number of up to 50 bits a limb, and of one that is carried; carried.
fn times([a0, a1, a2]: Number, [r0, r1, r2]: Number) -> Number {
    let product = |a: u64, r: u64| u128::from(a) * u128::from(r);
    let (s1, s2) = (r1 * FOURTH_LIMB, r2 * FOURTH_LIMB);
    let low = product(a0, r0) + product(a1, s2) + product(a2, s1);
    let middle = product(a0, r1) + product(a1, r0) + product(a2, s2) + (low >> 44);
    let top = product(a0, r2) + product(a1, r1) + product(a2, r0) + (middle >> 44);
    let low = (low as u64 & LIMB) + (top >> 42) as u64 * OVER_THE_TOP;
    [low & LIMB, (middle as u64 & LIMB) + (low >> 44), top as u64 & TOP_LIMB]
}

/// The one number below 2^130 − 5 that is the same; in a time that does not tell of it.
fn reduced(number: Number) -> Number {
    let carried = |[low, middle, top]: Number| {
        let middle = middle + (low >> 44);
        let top = top + (middle >> 44);
        [(low & LIMB) + (top >> 42) * OVER_THE_TOP, middle & LIMB, top & TOP_LIMB]
    };
    // The first brings it below 2^130 and a little, the second below 2^130 + 5, and the third moves the last carry up.
    let [low, middle, top] = carried(carried(carried(number)));
    // What is left when the modulus is taken away, and whether it was there to be taken.
    let less_low = low + OVER_THE_TOP;
    let less_middle = middle + (less_low >> 44);
    let less_top = (top + (less_middle >> 44)).wrapping_sub(TOP_LIMB + 1);
    let below = 0_u64.wrapping_sub(less_top >> 63);
    let pick = |as_it_is: u64, less: u64| (as_it_is & below) | (less & !below);
    [pick(low, less_low & LIMB), pick(middle, less_middle & LIMB), pick(top, less_top)]
}

#[target_feature(enable = "avx512f,avx512ifma")]
fn absorb(lanes: &mut [Eight; 2], groups: &[[u8; GROUP_BYTES]], r16: Number) {
    let by = Factor::new(r16.map(|limb| _mm512_set1_epi64(limb.cast_signed())));
    let [mut first, mut second] = lanes.each_ref().map(|half| load_eight(half));
    for group in groups {
        let ([a, b, c, d], _) = group.as_chunks::<REGISTER_BYTES>() else { return };
        first = plus_wide(times_wide(first, by), limbs_wide(load(a), load(b)));
        second = plus_wide(times_wide(second, by), limbs_wide(load(c), load(d)));
    }
    *lanes = [first, second].map(|half| store_eight(half));
}

/// Multiplies each lane by its power.
#[target_feature(enable = "avx512f,avx512ifma")]
fn raise(lanes: &mut [Eight; 2], powers: &[Eight; 2]) {
    for (half, powers) in lanes.iter_mut().zip(powers) {
        *half = store_eight(times_wide(load_eight(half), Factor::new(load_eight(powers))));
    }
}

/// What is multiplied by, with what its limbs are where they reach beyond the third.
#[derive(Clone, Copy)]
struct Factor {
    r: Wide,
    s1: __m512i,
    s2: __m512i,
}

impl Factor {
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn new(r: Wide) -> Self {
        // FOURTH_LIMB is 16 + 4.
        let wrapped = |limb| _mm512_add_epi64(_mm512_slli_epi64::<4>(limb), _mm512_slli_epi64::<2>(limb));
        let [_, r1, r2] = r;
        Self { r, s1: wrapped(r1), s2: wrapped(r2) }
    }
}

/// As [`times`]: of limbs below 2^46 and limbs that are carried, which makes sums of less than 2^64; carried.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn times_wide([a0, a1, a2]: Wide, Factor { r: [r0, r1, r2], s1, s2 }: Factor) -> Wide {
    let zero = _mm512_setzero_si512();
    // Each product has 104 bits: the lower 52 go to one sum, the higher to another, which weighs 2^8 of the next limb.
    let low = |x0, y0, x1, y1, x2, y2| {
        let sum = _mm512_madd52lo_epu64(_mm512_madd52lo_epu64(zero, x0, y0), x1, y1);
        _mm512_madd52lo_epu64(sum, x2, y2)
    };
    let high = |x0, y0, x1, y1, x2, y2| {
        let sum = _mm512_madd52hi_epu64(_mm512_madd52hi_epu64(zero, x0, y0), x1, y1);
        _mm512_madd52hi_epu64(sum, x2, y2)
    };
    let (low0, high0) = (low(a0, r0, a1, s2, a2, s1), high(a0, r0, a1, s2, a2, s1));
    let (low1, high1) = (low(a0, r1, a1, r0, a2, s2), high(a0, r1, a1, r0, a2, s2));
    let (low2, high2) = (low(a0, r2, a1, r1, a2, r0), high(a0, r2, a1, r1, a2, r0));
    let limb = _mm512_set1_epi64(LIMB.cast_signed());
    let top_limb = _mm512_set1_epi64(TOP_LIMB.cast_signed());
    let add = |x, y| _mm512_add_epi64(x, y);
    let middle = add(low1, add(_mm512_slli_epi64::<8>(high0), _mm512_srli_epi64::<44>(low0)));
    let top = add(low2, add(_mm512_slli_epi64::<8>(high1), _mm512_srli_epi64::<44>(middle)));
    let over = add(_mm512_slli_epi64::<10>(high2), _mm512_srli_epi64::<42>(top));
    // OVER_THE_TOP is 4 + 1.
    let low = add(_mm512_and_si512(low0, limb), add(over, _mm512_slli_epi64::<2>(over)));
    [
        _mm512_and_si512(low, limb),
        add(_mm512_and_si512(middle, limb), _mm512_srli_epi64::<44>(low)),
        _mm512_and_si512(top, top_limb),
    ]
}

#[inline]
#[target_feature(enable = "avx512f")]
fn plus_wide([a0, a1, a2]: Wide, [b0, b1, b2]: Wide) -> Wide {
    [_mm512_add_epi64(a0, b0), _mm512_add_epi64(a1, b1), _mm512_add_epi64(a2, b2)]
}

/// As [`limbs`] of the eight whole blocks of half a group, in the order 0 4 1 5 2 6 3 7.
#[inline]
#[target_feature(enable = "avx512f")]
fn limbs_wide(first: __m512i, second: __m512i) -> Wide {
    let low = _mm512_unpacklo_epi64(first, second);
    let high = _mm512_unpackhi_epi64(first, second);
    let limb = _mm512_set1_epi64(LIMB.cast_signed());
    let middle = _mm512_or_si512(_mm512_srli_epi64::<44>(low), _mm512_slli_epi64::<20>(high));
    [
        _mm512_and_si512(low, limb),
        _mm512_and_si512(middle, limb),
        _mm512_or_si512(_mm512_srli_epi64::<24>(high), _mm512_set1_epi64(1 << 40)),
    ]
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load_eight([low, middle, top]: &Eight) -> Wide {
    [load(low), load(middle), load(top)]
}

#[inline]
#[target_feature(enable = "avx512f")]
fn store_eight(wide: Wide) -> Eight {
    wide.map(|register| {
        let mut limbs = [0; LANES];
        // SAFETY: `limbs` has the 64 bytes that are written, of a type that any bits are a value of.
        unsafe { _mm512_storeu_si512(limbs.as_mut_ptr().cast(), register) };
        limbs
    })
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load<T>(from: &T) -> __m512i {
    const { assert!(size_of::<T>() == REGISTER_BYTES) };
    // SAFETY: `from` has the 64 bytes that are read.
    unsafe { _mm512_loadu_si512(std::ptr::from_ref(from).cast()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use poly1305::Poly1305;
    use poly1305::universal_hash::KeyInit as _;

    /// By the crate, with nothing added at the end.
    fn expected(r: [u8; BLOCK_BYTES], text: &[u8]) -> u128 {
        let mut key = [0; 32];
        key.split_at_mut(16).0.copy_from_slice(&r);
        u128::from_le_bytes(Poly1305::new(&key.into()).compute_unpadded(text).into())
    }

    fn assert_same(r: [u8; BLOCK_BYTES], text: &[u8]) {
        let Some(powers) = Powers::new(r) else {
            println!("not looked at: this processor has no IFMA, and none of this runs on it");
            return;
        };
        for cut in [0, text.len() / 2, text.len()] {
            let (first, second) = text.split_at(cut / GROUP_BYTES * GROUP_BYTES);
            let mut sum = Sum::new(&powers);
            sum.update(first);
            sum.update(second);
            assert_eq!(sum.finish(), expected(r, text), "{} bytes, r {r:?}", text.len());
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
}
