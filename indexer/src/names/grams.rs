//! Which parts of a chunk can hold a substring: for every three characters in a row, the parts that have them.
//!
//! A part is 64 names: few enough that most parts do not have all threes of a number, of which names are full. Threes of characters are hashed into 65,536 lists, so a list may name parts that have only
//! another three: the parts are read anyway. A list is the distances between its parts, as variable-length integers.
//! Small chunks have no lists: reading them whole is as fast.

use tantivy::directory::OwnedBytes;

use super::varint;
use crate::files::u32_at;

/// Blocks of names that make one part.
pub(super) const PART_BLOCKS: u32 = 4;
/// Chunks of fewer parts have no lists.
const PARTS_MIN: u32 = 64;
const LIST_BITS: u32 = 16;
const LISTS: usize = 1 << LIST_BITS;
const TABLE_BYTES: usize = (LISTS + 1) * 4;
/// Lists that are intersected: more would cost more than they save.
const LISTS_USED_MAX: usize = 12;

/// Calls for the list of every three characters of a text; none reaches over a zero byte.
fn each_list(text: &[u8], mut call: impl FnMut(usize)) {
    let (mut first, mut second) = (None, None);
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let width = match byte {
            0 => {
                (first, second) = (None, None);
                at += 1;
                continue;
            }
            0x01..=0x7f => 1,
            0x80..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0.. => 4,
        };
        let end = at + width;
        if let (Some(start), Some(_)) = (first, second) {
            let three = text.get(start..end).unwrap_or_default();
            let hash = three
                .iter()
                .fold(0_u32, |hash, byte| (hash.rotate_left(5) ^ u32::from(*byte)).wrapping_mul(0x9e37_79b1));
            call((hash >> (32 - LIST_BITS)) as usize);
        }
        (first, second) = (second, Some(at));
        at = end;
    }
}

/// The lists of a text whose blocks begin at `starts`; empty when it is small.
pub(super) fn build(text: &[u8], starts: &[u32]) -> Vec<u8> {
    let parts = starts.len().div_ceil(PART_BLOCKS as usize);
    if parts < PARTS_MIN as usize {
        return Vec::new();
    }
    let mut lists: Vec<Vec<u8>> = vec![Vec::new(); LISTS];
    let mut next = vec![0_u32; LISTS];
    for part in 0..parts {
        let start = starts.get(part * PART_BLOCKS as usize).map_or(0, |start| *start as usize);
        let end = starts.get((part + 1) * PART_BLOCKS as usize).map_or(text.len(), |start| *start as usize);
        let part = u32::try_from(part).unwrap_or(u32::MAX);
        each_list(text.get(start..end).unwrap_or_default(), |list| {
            let (Some(next), Some(list)) = (next.get_mut(list), lists.get_mut(list)) else { return };
            if part >= *next {
                varint::push(list, u64::from(part - *next));
                *next = part + 1;
            }
        });
    }
    let mut bytes = Vec::with_capacity(TABLE_BYTES + lists.iter().map(Vec::len).sum::<usize>());
    let mut end = 0;
    bytes.extend_from_slice(&0_u32.to_le_bytes());
    for list in &lists {
        end += u32::try_from(list.len()).unwrap_or(u32::MAX);
        bytes.extend_from_slice(&end.to_le_bytes());
    }
    lists.iter().for_each(|list| bytes.extend_from_slice(list));
    bytes
}

/// The lists of an open chunk.
#[derive(Debug)]
pub(crate) struct Grams(OwnedBytes);

impl Grams {
    /// `None` when the bytes are no lists.
    pub(super) fn open(bytes: OwnedBytes) -> Option<Self> {
        if !bytes.is_empty() {
            let end = u32_at(&bytes, TABLE_BYTES - 4)? as usize;
            (bytes.len() == TABLE_BYTES + end).then_some(())?;
        }
        Some(Self(bytes))
    }

    /// The parts that may hold the text, ascending; `None` when all must be read.
    pub(super) fn parts(&self, needle: &[u8]) -> Option<Vec<u32>> {
        if self.0.is_empty() {
            return None;
        }
        let mut lists = Vec::new();
        each_list(needle, |list| lists.push(list));
        lists.sort_unstable_by_key(|list| self.list(*list).len());
        lists.dedup();
        let (first, others) = lists.split_first()?;
        let mut parts = Vec::new();
        decode(self.list(*first), |part| parts.push(part));
        for list in others.iter().take(LISTS_USED_MAX - 1) {
            // A list that is much longer than what is left tells less than reading what is left.
            let list = self.list(*list);
            if parts.is_empty() || list.len() > parts.len() * 32 {
                break;
            }
            let mut at = 0;
            let mut kept = Vec::with_capacity(parts.len());
            decode(list, |part| {
                while parts.get(at).is_some_and(|mine| *mine < part) {
                    at += 1;
                }
                if parts.get(at) == Some(&part) {
                    kept.push(part);
                }
            });
            parts = kept;
        }
        Some(parts)
    }

    fn list(&self, list: usize) -> &[u8] {
        let bounds = u32_at(&self.0, list * 4).zip(u32_at(&self.0, list * 4 + 4));
        bounds
            .and_then(|(start, end)| self.0.get(TABLE_BYTES + start as usize..TABLE_BYTES + end as usize))
            .unwrap_or_default()
    }
}

fn decode(list: &[u8], mut call: impl FnMut(u32)) {
    let mut next = 0_u32;
    varint::each(list, |step| {
        let part = next.wrapping_add(step as u32);
        call(part);
        next = part.wrapping_add(1);
    });
}
