#![allow(clippy::unwrap_used)]

use super::*;

/// A polynomial that restic has made.
const POLYNOMIAL: &str = "3DA3358B4DC173";

fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    })
    .take(length)
    .collect()
}

/// As the format is defined: byte by byte through a ring of 64.
fn cut_slowly(chunker: &Chunker, data: &[u8]) -> Option<usize> {
    let mut window = [0_u8; WINDOW_BYTES];
    window[0] = 1;
    let mut fingerprint = chunker.enter(0, 1);
    let skipped = BLOB_BYTES_MIN - WINDOW_BYTES;
    for (at, byte) in data.iter().enumerate().skip(skipped) {
        let slot = (at - skipped + 1) % WINDOW_BYTES;
        fingerprint = chunker.roll(fingerprint, window[slot], *byte);
        window[slot] = *byte;
        let length = at + 1;
        if length >= BLOB_BYTES_MIN && (fingerprint & CUT_MASK == 0 || length >= BLOB_BYTES_MAX) {
            return Some(length);
        }
    }
    None
}

#[test]
fn cuts_are_those_of_the_definition_however_the_data_comes() {
    let chunker = Chunker::new(POLYNOMIAL).unwrap();
    let data = noise(7, 24 << 20);
    let (mut rest, mut cuts) = (&data[..], 0);
    while let Some(expected) = cut_slowly(&chunker, rest) {
        assert_eq!(chunker.cut(rest, &mut 0), Some(expected));
        for step in [100_000, 512 << 10, 3 << 20] {
            let (mut scanned, mut given, mut found) = (0, 0, None);
            while found.is_none() {
                given = (given + step).min(rest.len());
                found = chunker.cut(&rest[..given], &mut scanned);
            }
            assert_eq!(found, Some(expected), "in steps of {step}");
        }
        rest = &rest[expected..];
        cuts += 1;
    }
    assert!(cuts > 5);
    assert_eq!(chunker.cut(rest, &mut 0), None);
}

#[test]
fn what_never_has_a_cut_is_cut_at_the_maximum() {
    let chunker = Chunker::new(POLYNOMIAL).unwrap();
    // Of zeros, the fingerprint is zero everywhere.
    assert_eq!(chunker.cut(&vec![0; BLOB_BYTES_MAX + 9], &mut 0), Some(BLOB_BYTES_MIN));
    let ones = vec![1; BLOB_BYTES_MAX + 9];
    assert_eq!(cut_slowly(&chunker, &ones), Some(BLOB_BYTES_MAX));
    assert_eq!(chunker.cut(&ones, &mut 0), Some(BLOB_BYTES_MAX));
    assert_eq!(chunker.cut(&ones[..BLOB_BYTES_MAX], &mut 0), Some(BLOB_BYTES_MAX));
    assert_eq!(chunker.cut(&ones[..BLOB_BYTES_MAX - 1], &mut 0), None);
    assert_eq!(chunker.cut(&vec![0; BLOB_BYTES_MIN - 1], &mut 0), None);
}

#[test]
fn polynomials_of_another_degree_are_refused() {
    for text in ["", "x", "0", "3DA3358B4DC17", "7DA3358B4DC1731", "25b468838dcb75"] {
        assert_eq!(Chunker::new(text).is_ok(), text == "25b468838dcb75", "{text}");
    }
}
