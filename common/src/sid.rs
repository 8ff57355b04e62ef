//! Security identifiers of Windows: who somebody is there, whatever they are called.
//!
//! Source: [MS-DTYP] 2.4.2 (SID) and 2.4.6 (SECURITY_DESCRIPTOR, self-relative).

use std::fmt;
use std::str::FromStr;

/// Parts below the authority at most.
const PARTS_MAX: usize = 15;
/// The only revision there is, of identifiers and of descriptors.
const REVISION: u8 = 1;
/// Authorities from here on are written in hexadecimal digits.
const AUTHORITY_DECIMAL_MAX: u64 = u32::MAX as u64;
/// An authority has six bytes.
const AUTHORITY_MAX: u64 = (1 << 48) - 1;

/// A security identifier: `S-1-5-21-3623811015-3361044348-30300820-1013`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sid {
    authority: u64,
    parts: Box<[u32]>,
}

impl Sid {
    /// Reads one from the beginning of what Windows keeps it as.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (head, rest) = bytes.split_first_chunk::<8>()?;
        let [revision, count, authority @ ..] = *head;
        let count = usize::from(count);
        if revision != REVISION || count > PARTS_MAX {
            return None;
        }
        let authority = authority.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        let parts = rest.as_chunks::<4>().0.get(..count)?.iter().map(|part| u32::from_le_bytes(*part));
        Some(Self { authority, parts: parts.collect() })
    }

    /// What Windows keeps it as.
    pub fn to_bytes(&self) -> Vec<u8> {
        // There are at most fifteen parts, and six bytes of authority.
        let count = u8::try_from(self.parts.len()).unwrap_or_default();
        let [_, _, authority @ ..] = self.authority.to_be_bytes();
        let mut bytes = vec![REVISION, count];
        bytes.extend_from_slice(&authority);
        self.parts.iter().for_each(|part| bytes.extend_from_slice(&part.to_le_bytes()));
        bytes
    }

    /// Whose something is, by its self-relative security descriptor; none where it names nobody, or is none.
    pub fn of_owner(descriptor: &[u8]) -> Option<Self> {
        let (head, _) = descriptor.split_first_chunk::<8>()?;
        let [revision, _, _, _, offset @ ..] = *head;
        // Zero: it has no owner; anything else lies behind the head.
        let offset = usize::try_from(u32::from_le_bytes(offset)).ok().filter(|offset| *offset >= head.len())?;
        if revision != REVISION {
            return None;
        }
        Self::from_bytes(descriptor.get(offset..)?)
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.authority > AUTHORITY_DECIMAL_MAX {
            write!(f, "S-{REVISION}-{:#x}", self.authority)?;
        } else {
            write!(f, "S-{REVISION}-{}", self.authority)?;
        }
        self.parts.iter().try_for_each(|part| write!(f, "-{part}"))
    }
}

impl FromStr for Sid {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not a security identifier, such as S-1-5-21-1-2-3-1001");
        let mut parts = text.split('-');
        let is_sid = parts.next().is_some_and(|first| first.eq_ignore_ascii_case("s"));
        let revision: Option<u8> = parts.next().and_then(|revision| number(revision)?.try_into().ok());
        let authority = parts.next().and_then(number).filter(|authority| *authority <= AUTHORITY_MAX);
        let parts: Option<Box<[u32]>> = parts.map(|part| number(part)?.try_into().ok()).collect();
        match (authority, parts) {
            (Some(authority), Some(parts)) if is_sid && revision == Some(REVISION) && parts.len() <= PARTS_MAX => {
                Ok(Self { authority, parts })
            }
            (_, _) => Err(wrong()),
        }
    }
}

/// A number of digits alone: `parse` would take a sign too.
fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) if digits.bytes().all(|digit| digit.is_ascii_hexdigit()) => u64::from_str_radix(digits, 16).ok(),
        Some(_) => None,
        None if text.bytes().all(|digit| digit.is_ascii_digit()) => text.parse().ok(),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const ANNA: &str = "S-1-5-21-3623811015-3361044348-30300820-1013";

    /// Owner and group behind the head, no lists.
    fn descriptor(owner: &str, group: &str) -> Vec<u8> {
        let bytes = |text: &str| text.parse::<Sid>().unwrap().to_bytes();
        let (owner, group) = (bytes(owner), bytes(group));
        let after = 20 + u32::try_from(owner.len()).unwrap();
        let mut made = vec![1, 0, 0, 0x80];
        [20, after, 0, 0].iter().for_each(|offset: &u32| made.extend_from_slice(&offset.to_le_bytes()));
        made.extend(owner.into_iter().chain(group));
        made
    }

    #[test]
    fn an_identifier_is_read_and_written() {
        for text in [ANNA, "S-1-5-18", "S-1-1-0", "S-1-0x10000000000-7", "S-1-16"] {
            let sid: Sid = text.parse().unwrap();
            assert_eq!(sid.to_string(), text);
            assert_eq!(Sid::from_bytes(&sid.to_bytes()), Some(sid), "{text}");
        }
        assert_eq!("s-1-5-18".parse::<Sid>().unwrap().to_string(), "S-1-5-18");
        // As Windows keeps the local system's.
        assert_eq!(Sid::from_bytes(&[1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0]).unwrap().to_string(), "S-1-5-18");
    }

    #[test]
    fn what_is_no_identifier_is_refused() {
        let long = format!("S-1-5{}", "-1".repeat(16));
        for text in ["", "S", "S-1", "S-2-5-18", "X-1-5-18", "S-1-5-", "S-1-5-+1", "S-1-5-4294967296", "anna", &long] {
            assert!(text.parse::<Sid>().is_err(), "{text}");
        }
        let whole = ANNA.parse::<Sid>().unwrap().to_bytes();
        for length in 0..whole.len() {
            assert_eq!(Sid::from_bytes(&whole[..length]), None, "{length}");
        }
        assert_eq!(Sid::from_bytes(&[2, 0, 0, 0, 0, 0, 0, 5]), None);
        assert_eq!(Sid::from_bytes(&[1, 16, 0, 0, 0, 0, 0, 5]), None);
    }

    #[test]
    fn a_descriptor_tells_its_owner_wherever_it_is_cut() {
        let whole = descriptor(ANNA, "S-1-5-32-544");
        assert_eq!(Sid::of_owner(&whole).unwrap().to_string(), ANNA);
        let owner_end = 20 + ANNA.parse::<Sid>().unwrap().to_bytes().len();
        for length in 0..owner_end {
            assert_eq!(Sid::of_owner(&whole[..length]), None, "{length}");
        }
        let (mut nobody, mut far) = (whole.clone(), whole);
        nobody[4..8].fill(0);
        far[4..8].fill(0xff);
        assert_eq!((Sid::of_owner(&nobody), Sid::of_owner(&far)), (None, None));
    }
}
