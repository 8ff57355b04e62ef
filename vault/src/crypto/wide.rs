//! Poly1305 of sixteen blocks at once, by the 52-bit multiply-and-add of AVX-512 (IFMA): four times as fast as AVX2.
//!
//! A number modulo 2^130 − 5 lies in three limbs of 44, 44 and 42 bits. Of each group of sixteen blocks, block `j` is added to
//! lane `j`, after the lane was multiplied by r^16; at the end lane `j` is multiplied by r^(16 − j), and the lanes are added up.
//! Source: RFC 8439, 2.5; the limbs are those of Goll and Gueron, "Vectorization of Poly1305 Message Authentication Code", 2015.

mod lanes;
#[cfg(test)]
mod tests;

use std::marker::PhantomData;

use zeroize::Zeroize;

use super::BLOCK_BYTES;
use super::mac::GROUP_BYTES;
use lanes::{LANES, Lanes, Register};

const _: () = assert!(GROUP_BYTES == 16 * BLOCK_BYTES);
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
        let is_able = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512ifma");
        is_able.then(|| Self::of(r))
    }

    fn of(r: [u8; BLOCK_BYTES]) -> Self {
        let r = limbs(u128::from_le_bytes(r) & CLAMP, 0);
        let mut power = [1, 0, 0];
        let mut next = |_| {
            power = times(power, r);
            power
        };
        let (low, high): ([Number; LANES], [Number; LANES]) =
            (std::array::from_fn(&mut next), std::array::from_fn(next));
        Self { r, r16: power, last: [by_lane(high), by_lane(low)] }
    }
}

/// Powers that rise, falling, in the order in which [`limbs_wide`] weaves the blocks of half a group.
fn by_lane([h, g, f, e, d, c, b, a]: [Number; LANES]) -> Eight {
    let lanes = [a, e, b, f, c, g, d, h];
    [lanes.map(|[low, _, _]| low), lanes.map(|[_, middle, _]| middle), lanes.map(|[_, _, top]| top)]
}

/// A message's sum so far, before the one-time part of the key is added.
pub(super) struct Sum<'a, L = Register> {
    powers: &'a Powers,
    lanes: [Eight; 2],
    /// Whether anything is in the lanes.
    wide: bool,
    number: Number,
    by: PhantomData<L>,
}

impl<'a> Sum<'a> {
    pub(super) fn new(powers: &'a Powers) -> Self {
        // SAFETY: `Powers::new` gives none to a processor without these instructions.
        unsafe { Self::by(powers) }
    }
}

#[expect(private_bounds, reason = "whoever has a sum need not know how it is computed")]
impl<'a, L: Lanes> Sum<'a, L> {
    /// # Safety
    /// As for [`Lanes::load`].
    unsafe fn by(powers: &'a Powers) -> Self {
        Self { powers, lanes: [[[0; LANES]; 3]; 2], wide: false, number: [0; 3], by: PhantomData }
    }

    /// Takes in what comes next. All but the last are whole groups.
    pub(super) fn update(&mut self, text: &[u8]) {
        let (groups, rest) = text.as_chunks();
        if !groups.is_empty() {
            self.wide = true;
            // SAFETY: whoever made this saw to it that the processor can.
            unsafe { L::absorb(&mut self.lanes, groups, self.powers.r16) };
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
        unsafe { L::raise(&mut self.lanes, &self.powers.last) };
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
