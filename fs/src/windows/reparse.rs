//! Symbolic links as Windows stores them: a `REPARSE_DATA_BUFFER`, after Microsoft's MS-FSCC section 2.1.2.4.

use super::names::encode;

/// `IO_REPARSE_TAG_SYMLINK`.
pub const SYMLINK_TAG: u32 = 0xa000_000c;
/// The target is meant from where the link is.
const RELATIVE: u32 = 1;
/// Tag, length of what follows, two unused bytes.
const HEADER_BYTES: usize = 8;
/// Offsets and lengths of both names, and flags.
const PLACES_BYTES: u16 = 12;

/// The buffer for a link with this target; `None` when it is too long for one.
///
/// Slashes become backslashes, and each name takes the form that [`encode`] gives it. A target from the root is meant from
/// the root of the drive, which is not where it was on the machine that was saved; nothing better is known.
pub fn symlink(target: &[u8]) -> Option<Vec<u8>> {
    let mut path: Vec<u16> = Vec::new();
    for (position, name) in target.split(|byte| *byte == b'/').enumerate() {
        if position > 0 {
            path.push(u16::from(b'\\'));
        }
        match name {
            b"." | b".." => path.extend(name.iter().copied().map(u16::from)),
            _ => path.extend(encode(name)),
        }
    }
    let path_bytes = u16::try_from(path.len().checked_mul(2)?).ok()?;
    let data_bytes = path_bytes.checked_mul(2)?.checked_add(PLACES_BYTES)?;
    let mut buffer = Vec::with_capacity(HEADER_BYTES + usize::from(data_bytes));
    buffer.extend_from_slice(&SYMLINK_TAG.to_le_bytes());
    buffer.extend_from_slice(&data_bytes.to_le_bytes());
    buffer.extend_from_slice(&[0, 0]);
    // The name that is followed, then the one that is shown: here the same.
    for place in [0, path_bytes, path_bytes, path_bytes] {
        buffer.extend_from_slice(&place.to_le_bytes());
    }
    buffer.extend_from_slice(&RELATIVE.to_le_bytes());
    for unit in path.iter().chain(&path) {
        buffer.extend_from_slice(&unit.to_le_bytes());
    }
    Some(buffer)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_link_is_laid_out_as_the_format_says() {
        let expected = [
            [0x0c, 0, 0, 0xa0].as_slice(),
            &[28, 0, 0, 0],
            &[0, 0, 8, 0, 8, 0, 8, 0],
            &[1, 0, 0, 0],
            &[b'.', 0, b'.', 0, b'\\', 0, b'a', 0],
            &[b'.', 0, b'.', 0, b'\\', 0, b'a', 0],
        ]
        .concat();
        assert_eq!(symlink(b"../a").unwrap(), expected);
    }

    #[test]
    fn a_target_too_long_for_the_format_is_no_link() {
        assert!(symlink(&[b'x'; 4095]).is_some());
        assert_eq!(symlink(&[b'x'; 40_000]), None);
    }
}
