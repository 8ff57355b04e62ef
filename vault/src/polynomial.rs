//! The polynomial by which files are cut into blobs: irreducible, of degree 53, over the field of two elements, chosen by
//! chance for each repository. Its bits are its coefficients.
//!
//! Source: restic's design document ("Backups and Deduplication"), and Rabin, "Fingerprinting by Random Polynomials".

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind, Result};
use crate::random;

/// The degree of restic's polynomials.
const DEGREE: u32 = 53;
/// Polynomials that are tried: one in 53 is irreducible, and one in 13 of those that are tried here.
const TRIES_MAX: u32 = 100_000;

/// A polynomial for cutting files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Polynomial(u64);

impl Polynomial {
    /// One by chance.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn random() -> Result<Self> {
        for _ in 0..TRIES_MAX {
            let chance = u64::from_le_bytes(random::bytes()?);
            // Of degree 53, and not divisible by x.
            let polynomial = Self((chance & ((1 << DEGREE) - 1)) | (1 << DEGREE) | 1);
            if polynomial.is_irreducible() {
                return Ok(polynomial);
            }
        }
        Err(Error::new(ErrorKind::Io, "the operating system's random numbers are not random: no polynomial fits"))
    }

    /// Its bits.
    pub fn bits(self) -> u64 {
        self.0
    }

    /// Whether it is of degree 53 and no product of smaller ones.
    ///
    /// Rabin's test: for a prime degree n, `f` is irreducible just when it divides `x^(2^n) - x` and has no root.
    pub fn is_irreducible(self) -> bool {
        if self.0 >> DEGREE != 1 {
            return false;
        }
        let has_root = self.0 & 1 == 0 || self.0.count_ones().is_multiple_of(2);
        let x = 2;
        let power = (0..DEGREE).fold(x, |power, _| self.square(power));
        !has_root && power == x
    }

    /// The square of a polynomial of a smaller degree, modulo this one. Squaring spreads the bits.
    fn square(self, of: u64) -> u64 {
        let mut square = (0..DEGREE).filter(|bit| of >> bit & 1 == 1).fold(0_u128, |sum, bit| sum | 1 << (2 * bit));
        for bit in (DEGREE..2 * DEGREE).rev() {
            if square >> bit & 1 == 1 {
                square ^= u128::from(self.0) << (bit - DEGREE);
            }
        }
        // What is left has a degree below 53.
        u64::try_from(square).unwrap_or(0)
    }
}

impl fmt::Display for Polynomial {
    /// As the config file has it: hexadecimal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", self.0)
    }
}

impl FromStr for Polynomial {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let polynomial = u64::from_str_radix(text, 16).ok().map(Self).filter(|polynomial| polynomial.is_irreducible());
        polynomial.ok_or_else(|| {
            Error::new(ErrorKind::Damaged, format!("{text:?} is not an irreducible polynomial of degree {DEGREE}"))
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    /// A polynomial that restic's own tests call irreducible, and one of restic's design document.
    const OF_RESTIC: [&str; 2] = ["3DA3358B4DC173", "25b468838dcb75"];

    #[test]
    fn restics_polynomials_are_irreducible() {
        for text in OF_RESTIC {
            assert_eq!(text.parse::<Polynomial>().unwrap().to_string(), text.to_lowercase());
        }
    }

    #[test]
    fn products_and_other_degrees_are_not() {
        let multiplied = |left: u64, right: u64| {
            (0..64).filter(|bit| right >> bit & 1 == 1).fold(0_u64, |sum, bit| sum ^ (left << bit))
        };
        // Degree 26 times degree 27, degree 2 times degree 51: neither has a root.
        for (left, right) in [((1 << 26) | 0b110_0111, (1 << 27) | 0b1001), ((1 << 51) | 0b1011_1010_1011, 0b111)] {
            let product = multiplied(left, right);
            assert_eq!(product >> DEGREE, 1);
            assert!(!Polynomial(product).is_irreducible(), "{product:x}");
        }
        for bits in [0, 1, 2, 0b111, (1 << 53) | 1, 1 << 53, u64::MAX] {
            assert!(!Polynomial(bits).is_irreducible(), "{bits:x}");
        }
    }

    #[test]
    fn chance_gives_a_new_one_each_time() {
        let (one, other) = (Polynomial::random().unwrap(), Polynomial::random().unwrap());
        assert!(one.is_irreducible() && other.is_irreducible() && one != other);
    }
}
