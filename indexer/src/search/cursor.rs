//! Where a page ended, as a text for the next question: the last key, and what it is a key of.

use super::rank::{Key, Sort};
use crate::error::{Error, ErrorKind, Result};
use crate::files::{stable_hash, u64_at};
use crate::query::Query;

const HEADER_BYTES: usize = 9;
const NUMBERS_BYTES: usize = 40;

pub(super) fn write(key: &Key, query: &Query, sort: Sort) -> String {
    let mut bytes = vec![sort.number()];
    bytes.extend_from_slice(&of(query).to_le_bytes());
    for word in key.rank.iter().chain(&key.tie) {
        bytes.extend_from_slice(&word.to_le_bytes());
    }
    bytes.extend(key.name.iter().flatten());
    hex::encode(bytes)
}

pub(super) fn read(text: &str, query: &Query, sort: Sort) -> Result<Key> {
    let fault = || Error::new(ErrorKind::InvalidInput, "the cursor is not of this query and order");
    let bytes = hex::decode(text).map_err(|_| fault())?;
    if bytes.first() != Some(&sort.number()) || u64_at(&bytes, 1) != Some(of(query)) {
        return Err(fault());
    }
    let word = |at: usize| u64_at(&bytes, HEADER_BYTES + at * 8).ok_or_else(fault);
    let name = bytes.get(HEADER_BYTES + NUMBERS_BYTES..).ok_or_else(fault)?;
    Ok(Key {
        rank: [word(0)?, word(1)?],
        tie: [word(2)?, word(3)?, word(4)?],
        name: sort.is_by_name().then(|| name.to_vec()),
    })
}

fn of(query: &Query) -> u64 {
    stable_hash(1, query.text().as_bytes())
}
