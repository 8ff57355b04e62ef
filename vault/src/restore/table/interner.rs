//! What many nodes share, such as owners and attributes, is stored once.

use std::hash::{BuildHasher, Hash};

use hashbrown::{DefaultHashBuilder, HashTable};

use super::{at, next};
use crate::error::Result;

/// Values that are stored once each, in the order in which they came.
#[derive(Debug)]
pub(crate) struct Interner<T> {
    values: Vec<T>,
    positions: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self { values: Vec::new(), positions: HashTable::new(), hasher: DefaultHashBuilder::default() }
    }
}

impl<T: Eq + Hash> Interner<T> {
    pub(super) fn find(&self, value: &T) -> Option<u32> {
        let same = |position: &u32| self.get(*position) == Some(value);
        self.positions.find(self.hasher.hash_one(value), same).copied()
    }

    /// The value's position; it is added when it is new.
    pub(super) fn add(&mut self, value: T) -> Result<u32> {
        if let Some(position) = self.find(&value) {
            return Ok(position);
        }
        let position = next(self.values.len())?;
        let Self { values, positions, hasher } = self;
        let hash = hasher.hash_one(&value);
        values.push(value);
        positions.insert_unique(hash, position, |position| {
            values.get(at(*position)).map_or(0, |value| hasher.hash_one(value))
        });
        Ok(position)
    }

    /// The value at a position.
    pub(super) fn get(&self, position: u32) -> Option<&T> {
        self.values.get(at(position))
    }

    /// The values alone: nobody looks for positions any more.
    pub(super) fn into_values(self) -> Vec<T> {
        self.values
    }
}
