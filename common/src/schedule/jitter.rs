//! Chance without chance: the same run of the same plan is always put off by the same time, on every replica.

use jiff::Timestamp;
use uuid::Uuid;

/// Seconds by which a run is put off: 0 up to, but without, `below`.
pub(super) fn offset_seconds(plan: Uuid, nominal: Timestamp, below: u64) -> u64 {
    if below == 0 {
        return 0;
    }
    let (high, low) = plan.as_u64_pair();
    let time = nominal.as_second().cast_unsigned();
    mix(mix(mix(high) ^ low) ^ time) % below
}

/// Spreads bits: the last steps of splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators).
const fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
