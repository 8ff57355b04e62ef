//! Integers of variable length: seven bits a byte, the least first; the highest bit says that more follow.

/// Appends an integer.
pub(super) fn push(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// Calls for every integer.
#[inline]
pub(super) fn each(bytes: &[u8], mut call: impl FnMut(u64)) {
    let (mut value, mut shift) = (0_u64, 0_u32);
    for byte in bytes {
        value |= u64::from(byte & 0x7f).wrapping_shl(shift);
        if byte & 0x80 != 0 {
            shift += 7;
            continue;
        }
        call(value);
        (value, shift) = (0, 0);
    }
}
