//! What is done to eight numbers at once, and the sum of sixteen blocks by it.

use std::arch::x86_64::{
    __m512i, _mm512_add_epi64, _mm512_and_si512, _mm512_loadu_si512, _mm512_madd52hi_epu64, _mm512_madd52lo_epu64,
    _mm512_or_si512, _mm512_set1_epi64, _mm512_slli_epi64, _mm512_srli_epi64, _mm512_storeu_si512,
    _mm512_unpackhi_epi64, _mm512_unpacklo_epi64,
};

use super::{Eight, GROUP_BYTES, LIMB, Number, TOP_LIMB};

/// Bytes of one register.
pub(super) const REGISTER_BYTES: usize = 64;
/// Numbers of 64 bits in one register.
pub(super) const LANES: usize = 8;

/// A register, where there are such.
#[derive(Clone, Copy)]
pub(in crate::crypto) struct Register(__m512i);

/// Eight numbers of 64 bits, and what is done to all of them at once.
///
/// The arithmetic is written once: for the registers of a processor that has them, and for arrays, by which tests prove it on
/// any. All of it is inlined into one function that may use these instructions; left alone, each would be a call.
pub(super) trait Lanes: Copy {
    /// # Safety
    /// The processor can do what this type asks of it. Whoever has a value may call the rest.
    unsafe fn load(lanes: &[u64; LANES]) -> Self;
    /// The same from bytes, the lowest first.
    ///
    /// # Safety
    /// As for `load`.
    unsafe fn read(bytes: &[u8; REGISTER_BYTES]) -> Self;
    fn store(self) -> [u64; LANES];
    fn add(self, other: Self) -> Self;
    fn or(self, other: Self) -> Self;
    fn and_all(self, mask: u64) -> Self;
    fn or_all(self, mask: u64) -> Self;
    fn left<const BITS: u32>(self) -> Self;
    fn right<const BITS: u32>(self) -> Self;
    /// Adds the lower 52 bits of the products of what two others have in their lower 52 bits.
    fn add_low(self, one: Self, other: Self) -> Self;
    /// Adds the higher 52 bits of them.
    fn add_high(self, one: Self, other: Self) -> Self;
    /// The first of each pair of neighbors, of this and the other in turn.
    fn firsts(self, other: Self) -> Self;
    /// The second ones.
    fn seconds(self, other: Self) -> Self;
    /// [`absorb`] and [`raise`], compiled for these instructions.
    ///
    /// # Safety
    /// As for `load`.
    unsafe fn absorb(lanes: &mut [Eight; 2], groups: &[[u8; GROUP_BYTES]], r16: Number);
    /// # Safety
    /// As for `load`.
    unsafe fn raise(lanes: &mut [Eight; 2], powers: &[Eight; 2]);
}

/// An instruction of a register, and why it may be used.
macro_rules! instruction {
    ($call:expr) => {
        // SAFETY: whoever loaded a register saw to it that the processor has these instructions.
        unsafe { $call }
    };
}

impl Lanes for Register {
    #[inline(always)]
    unsafe fn load(lanes: &[u64; LANES]) -> Self {
        // SAFETY: the caller's; and `lanes` has the 64 bytes that are read.
        Self(unsafe { _mm512_loadu_si512(std::ptr::from_ref(lanes).cast()) })
    }

    #[inline(always)]
    unsafe fn read(bytes: &[u8; REGISTER_BYTES]) -> Self {
        // SAFETY: the caller's; and `bytes` has the 64 bytes that are read.
        Self(unsafe { _mm512_loadu_si512(std::ptr::from_ref(bytes).cast()) })
    }

    #[inline(always)]
    fn store(self) -> [u64; LANES] {
        let mut lanes = [0; LANES];
        // `lanes` has the 64 bytes that are written, of a type that any bits are a value of.
        instruction!(_mm512_storeu_si512(lanes.as_mut_ptr().cast(), self.0));
        lanes
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(instruction!(_mm512_add_epi64(self.0, other.0)))
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        Self(instruction!(_mm512_or_si512(self.0, other.0)))
    }

    #[inline(always)]
    fn and_all(self, mask: u64) -> Self {
        Self(instruction!(_mm512_and_si512(self.0, _mm512_set1_epi64(mask.cast_signed()))))
    }

    #[inline(always)]
    fn or_all(self, mask: u64) -> Self {
        Self(instruction!(_mm512_or_si512(self.0, _mm512_set1_epi64(mask.cast_signed()))))
    }

    #[inline(always)]
    fn left<const BITS: u32>(self) -> Self {
        Self(instruction!(_mm512_slli_epi64::<BITS>(self.0)))
    }

    #[inline(always)]
    fn right<const BITS: u32>(self) -> Self {
        Self(instruction!(_mm512_srli_epi64::<BITS>(self.0)))
    }

    #[inline(always)]
    fn add_low(self, one: Self, other: Self) -> Self {
        Self(instruction!(_mm512_madd52lo_epu64(self.0, one.0, other.0)))
    }

    #[inline(always)]
    fn add_high(self, one: Self, other: Self) -> Self {
        Self(instruction!(_mm512_madd52hi_epu64(self.0, one.0, other.0)))
    }

    #[inline(always)]
    fn firsts(self, other: Self) -> Self {
        Self(instruction!(_mm512_unpacklo_epi64(self.0, other.0)))
    }

    #[inline(always)]
    fn seconds(self, other: Self) -> Self {
        Self(instruction!(_mm512_unpackhi_epi64(self.0, other.0)))
    }

    #[target_feature(enable = "avx512f,avx512ifma")]
    unsafe fn absorb(lanes: &mut [Eight; 2], groups: &[[u8; GROUP_BYTES]], r16: Number) {
        // SAFETY: the caller's.
        unsafe { absorb::<Self>(lanes, groups, r16) }
    }

    #[target_feature(enable = "avx512f,avx512ifma")]
    unsafe fn raise(lanes: &mut [Eight; 2], powers: &[Eight; 2]) {
        // SAFETY: the caller's.
        unsafe { raise::<Self>(lanes, powers) }
    }
}

/// Takes in groups of sixteen blocks.
///
/// # Safety
/// As for [`Lanes::load`].
#[inline(always)]
pub(super) unsafe fn absorb<L: Lanes>(lanes: &mut [Eight; 2], groups: &[[u8; GROUP_BYTES]], r16: Number) {
    // SAFETY: the caller's.
    let load = |lanes: &[u64; LANES]| unsafe { L::load(lanes) };
    // SAFETY: the same.
    let read = |bytes: &[u8; REGISTER_BYTES]| unsafe { L::read(bytes) };
    let [r0, r1, r2] = r16;
    let by = Factor::new([load(&[r0; LANES]), load(&[r1; LANES]), load(&[r2; LANES])]);
    let [[a0, a1, a2], [b0, b1, b2]] = lanes.each_ref();
    let (mut first, mut second) = ([load(a0), load(a1), load(a2)], [load(b0), load(b1), load(b2)]);
    for group in groups {
        let ([a, b, c, d], _) = group.as_chunks() else { return };
        first = plus(times_wide(first, by), limbs_wide(read(a), read(b)));
        second = plus(times_wide(second, by), limbs_wide(read(c), read(d)));
    }
    *lanes = [first.map(L::store), second.map(L::store)];
}

/// Multiplies each lane by its power.
///
/// # Safety
/// As for [`Lanes::load`].
#[inline(always)]
pub(super) unsafe fn raise<L: Lanes>(lanes: &mut [Eight; 2], powers: &[Eight; 2]) {
    // SAFETY: the caller's.
    let load = |[low, middle, top]: &Eight| unsafe { [L::load(low), L::load(middle), L::load(top)] };
    for (half, powers) in lanes.iter_mut().zip(powers) {
        *half = times_wide(load(half), Factor::new(load(powers))).map(L::store);
    }
}

/// What is multiplied by, with what its limbs are where they reach beyond the third.
#[derive(Clone, Copy)]
struct Factor<L> {
    r: [L; 3],
    s1: L,
    s2: L,
}

impl<L: Lanes> Factor<L> {
    #[inline(always)]
    fn new(r: [L; 3]) -> Self {
        let [_, r1, r2] = r;
        Self { r, s1: beyond(r1), s2: beyond(r2) }
    }
}

/// Times [`FOURTH_LIMB`], which is 16 + 4.
#[inline(always)]
fn beyond<L: Lanes>(limb: L) -> L {
    limb.left::<4>().add(limb.left::<2>())
}

/// The lower halves of three products, added up, and the higher ones. A product has 104 bits.
#[inline(always)]
fn products<L: Lanes>(zero: L, [(x0, y0), (x1, y1), (x2, y2)]: [(L, L); 3]) -> (L, L) {
    (zero.add_low(x0, y0).add_low(x1, y1).add_low(x2, y2), zero.add_high(x0, y0).add_high(x1, y1).add_high(x2, y2))
}

/// As [`times`]: of limbs below 2^46 and limbs that are carried, which makes sums of less than 2^64; carried.
#[inline(always)]
fn times_wide<L: Lanes>([a0, a1, a2]: [L; 3], Factor { r: [r0, r1, r2], s1, s2 }: Factor<L>) -> [L; 3] {
    let zero = a0.and_all(0);
    let (low0, high0) = products(zero, [(a0, r0), (a1, s2), (a2, s1)]);
    let (low1, high1) = products(zero, [(a0, r1), (a1, r0), (a2, s2)]);
    let (low2, high2) = products(zero, [(a0, r2), (a1, r1), (a2, r0)]);
    // What is above 52 bits weighs 2^8 of the next limb, and 2^10 of the one beyond the top.
    let middle = low1.add(high0.left::<8>().add(low0.right::<44>()));
    let top = low2.add(high1.left::<8>().add(middle.right::<44>()));
    let over = high2.left::<10>().add(top.right::<42>());
    // OVER_THE_TOP is 4 + 1.
    let low = low0.and_all(LIMB).add(over.add(over.left::<2>()));
    [low.and_all(LIMB), middle.and_all(LIMB).add(low.right::<44>()), top.and_all(TOP_LIMB)]
}

#[inline(always)]
fn plus<L: Lanes>([a0, a1, a2]: [L; 3], [b0, b1, b2]: [L; 3]) -> [L; 3] {
    [a0.add(b0), a1.add(b1), a2.add(b2)]
}

/// As [`limbs`] of the eight whole blocks of half a group, in the order 0 4 1 5 2 6 3 7.
#[inline(always)]
fn limbs_wide<L: Lanes>(first: L, second: L) -> [L; 3] {
    let (low, high) = (first.firsts(second), first.seconds(second));
    let middle = low.right::<44>().or(high.left::<20>());
    [low.and_all(LIMB), middle.and_all(LIMB), high.right::<24>().or_all(1 << 40)]
}
