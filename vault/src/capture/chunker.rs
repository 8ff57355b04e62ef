//! Where files are cut into blobs: restic's content-defined chunking, so that equal content becomes equal blobs whoever
//! wrote it. Source: `github.com/restic/chunker` and the section on content-defined chunking of restic's design document.
//!
//! A blob ends where the Rabin fingerprint of the 64 bytes before its end has twenty zero bits, at 512 KiB at the earliest
//! and at 8 MiB at the latest. The fingerprint of a place depends on these 64 bytes alone, so that several stretches are
//! rolled over at once here: one look-up waits for the one before it, four do not wait for each other.

use crate::error::{Error, ErrorKind, Result};

/// Bytes of the shortest blob that a cut leaves behind; the last blob of a file may be shorter.
pub(crate) const BLOB_BYTES_MIN: usize = 512 << 10;
/// Bytes of the longest blob.
pub(crate) const BLOB_BYTES_MAX: usize = 8 << 20;
/// Bytes that a fingerprint covers.
const WINDOW_BYTES: usize = 64;
/// Bits of the fingerprint that are zero at a cut: blobs have about 1 MiB more than the minimum.
const CUT_MASK: u64 = (1 << 20) - 1;
/// Stretches that are rolled over at once.
const LANES: usize = 4;
/// Bytes of one stretch: so many that starting each with 64 bytes costs little, so few that little is rolled over in vain.
const LANE_BYTES: usize = 8 << 10;

/// Degree of the only polynomials that restic makes.
const DEGREE: u32 = 53;

/// Cuts by one polynomial.
pub(crate) struct Chunker {
    /// The fingerprint of a byte followed by 63 zeros: what leaves the window.
    out: Box<[u64; 256]>,
    /// What the bits above the degree stand for, and these bits themselves.
    reduce: Box<[u64; 256]>,
}

impl std::fmt::Debug for Chunker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Chunker(…)")
    }
}

impl Chunker {
    /// A chunker by the polynomial of the repository's config, in hexadecimal.
    ///
    /// # Errors
    /// `Unsupported` when it is no polynomial of degree 53.
    pub(crate) fn new(polynomial: &str) -> Result<Self> {
        let refused = || {
            let sentence = format!("the repository's chunker polynomial {polynomial:?} is not one of degree {DEGREE}");
            Error::new(ErrorKind::Unsupported, sentence)
        };
        let modulus = u64::from_str_radix(polynomial, 16).map_err(|_| refused())?;
        if modulus.checked_ilog2() != Some(DEGREE) {
            return Err(refused());
        }
        let mut out = Box::new([0; 256]);
        let mut reduce = Box::new([0; 256]);
        for (byte, (out, reduce)) in (0_u64..).zip(out.iter_mut().zip(reduce.iter_mut())) {
            *out = (1..WINDOW_BYTES).fold(byte, |fingerprint, _| remainder(fingerprint << 8, modulus));
            *reduce = remainder(byte << DEGREE, modulus) | (byte << DEGREE);
        }
        Ok(Self { out, reduce })
    }

    /// The length of the blob that begins `data`, if its end is in there. `scanned` is how many bytes of `data` earlier
    /// calls have looked at in vain, and is brought forward; a blob begins with 0.
    pub(crate) fn cut(&self, data: &[u8], scanned: &mut usize) -> Option<usize> {
        let end = data.len().min(BLOB_BYTES_MAX);
        // A place is the number of bytes before it; the first that may be a cut is the minimum.
        let mut place = (*scanned + 1).max(BLOB_BYTES_MIN);
        while place <= end {
            if place + LANES * LANE_BYTES <= end {
                if let Some(found) = self.lanes(data, place) {
                    return Some(found);
                }
                place += LANES * LANE_BYTES;
            } else {
                if let Some(found) = self.stretch(data, place, end) {
                    return Some(found);
                }
                place = end + 1;
            }
        }
        *scanned = end.max(*scanned);
        (end == BLOB_BYTES_MAX).then_some(end)
    }

    /// The first cut of the places from `first` to `last`.
    fn stretch(&self, data: &[u8], first: usize, last: usize) -> Option<usize> {
        let mut fingerprint = self.fingerprint(data.get(first - WINDOW_BYTES..first)?);
        if fingerprint & CUT_MASK == 0 {
            return Some(first);
        }
        let leaving = data.get(first - WINDOW_BYTES..last - WINDOW_BYTES)?;
        let entering = data.get(first..last)?;
        for (place, (leaves, enters)) in (first + 1..).zip(leaving.iter().zip(entering)) {
            fingerprint = self.roll(fingerprint, *leaves, *enters);
            if fingerprint & CUT_MASK == 0 {
                return Some(place);
            }
        }
        None
    }

    /// The same for the `LANES * LANE_BYTES` places from `first` on.
    fn lanes(&self, data: &[u8], first: usize) -> Option<usize> {
        // The bytes of each lane, with the window before its first place.
        let lane = |number: usize| {
            let start = first + number * LANE_BYTES;
            data.get(start - WINDOW_BYTES..start + LANE_BYTES - 1)
        };
        let lanes: [&[u8]; LANES] = [lane(0)?, lane(1)?, lane(2)?, lane(3)?];
        let mut prints = lanes.map(|lane| self.fingerprint(lane.get(..WINDOW_BYTES).unwrap_or_default()));
        let mut hits = prints.map(|print| if print & CUT_MASK == 0 { 0 } else { usize::MAX });
        let [a, b, c, d] = lanes.map(|lane| lane.iter().zip(lane.get(WINDOW_BYTES..).unwrap_or_default()));
        for (at, (((a, b), c), d)) in (1..).zip(a.zip(b).zip(c).zip(d)) {
            let [pa, pb, pc, pd] = prints;
            prints = [
                self.roll(pa, *a.0, *a.1),
                self.roll(pb, *b.0, *b.1),
                self.roll(pc, *c.0, *c.1),
                self.roll(pd, *d.0, *d.1),
            ];
            // One branch for all: cuts are rare.
            if prints.iter().any(|print| print & CUT_MASK == 0) {
                for (hit, print) in hits.iter_mut().zip(prints) {
                    if print & CUT_MASK == 0 {
                        *hit = (*hit).min(at);
                    }
                }
                if hits.first().is_some_and(|hit| *hit != usize::MAX) {
                    break;
                }
            }
        }
        let first_hit = (0..).zip(hits).find(|(_, hit)| *hit != usize::MAX);
        first_hit.map(|(number, hit): (usize, usize)| first + number * LANE_BYTES + hit)
    }

    fn fingerprint(&self, window: &[u8]) -> u64 {
        window.iter().fold(0, |fingerprint, byte| self.enter(fingerprint, *byte))
    }

    // Tables of 256 entries are indexed by bytes: no index is out of their bounds.

    #[inline(always)]
    fn roll(&self, fingerprint: u64, leaves: u8, enters: u8) -> u64 {
        self.enter(fingerprint ^ self.out[usize::from(leaves)], enters)
    }

    #[inline(always)]
    fn enter(&self, fingerprint: u64, byte: u8) -> u64 {
        // The fingerprint is below 2^53: the eight bits from 45 on leave it when it is moved.
        let above = (fingerprint >> (DEGREE - 8)) as u8;
        ((fingerprint << 8) | u64::from(byte)) ^ self.reduce[usize::from(above)]
    }
}

/// The remainder of a division of polynomials over two elements.
fn remainder(mut dividend: u64, modulus: u64) -> u64 {
    while let Some(degree) = dividend.checked_ilog2().filter(|degree| *degree >= DEGREE) {
        dividend ^= modulus << (degree - DEGREE);
    }
    dividend
}

#[cfg(test)]
mod tests;
