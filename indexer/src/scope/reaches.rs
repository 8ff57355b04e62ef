//! How far an owner's clause reaches: down through directories as long as they are the owner's. A directory may change
//! hands from one snapshot to the next, so a reach is a list of runs of snapshots.

use std::collections::HashMap;

use super::prefixes::NEVER;
use crate::dir_owners::{DirOwners, Hands};
use crate::runs::Runs;

/// Positions of snapshots: from, and up to but without.
pub(super) type Part = (u32, u32);

/// In which snapshots an owner's files are allowed in a directory.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Reach {
    pub(super) owner: u32,
    /// Ascending, apart from each other.
    pub(super) parts: Vec<Part>,
}

/// Which of a scope's owners stand for each owner of the index: by number, by name, and by security identifier. 0 is none.
#[derive(Debug, Default)]
pub(super) struct Theirs(Vec<[u32; 3]>);

impl Theirs {
    pub(super) fn new(of_records: impl Iterator<Item = [u32; 3]>) -> Self {
        let mut theirs: Vec<[u32; 3]> = of_records.collect();
        // The first owner stands for those that are not told apart: nothing is theirs.
        if let Some(unknown) = theirs.first_mut() {
            *unknown = [0; 3];
        }
        Self(theirs)
    }

    /// Whether what an owner of the index has is a scope's owner's.
    #[inline]
    pub(super) fn is(&self, record: u32, owner: u32) -> bool {
        self.0.get(record as usize).is_some_and(|owners| owners.contains(&owner))
    }
}

/// All reaches there are; a directory has a list of them by its number. The first list is empty.
#[derive(Debug)]
pub(super) struct Reaches {
    lists: Vec<Vec<Reach>>,
    numbers: HashMap<Vec<Reach>, u32>,
    /// What a list becomes in a directory that was of one owner all the time: (list, owner) → list.
    steps: HashMap<(u32, u32), u32>,
}

impl Reaches {
    pub(super) fn new() -> Self {
        Self { lists: vec![Vec::new()], numbers: HashMap::from([(Vec::new(), 0)]), steps: HashMap::new() }
    }

    #[inline]
    pub(super) fn list(&self, number: u32) -> &[Reach] {
        self.lists.get(number as usize).map_or(&[], Vec::as_slice)
    }

    fn number(&mut self, list: Vec<Reach>) -> u32 {
        if let Some(number) = self.numbers.get(&list) {
            return *number;
        }
        let number = u32::try_from(self.lists.len()).unwrap_or(0);
        self.lists.push(list.clone());
        self.numbers.insert(list, number);
        number
    }

    /// What is left of a list in a directory below.
    pub(super) fn enter(&mut self, list: u32, dir: u32, owners: &DirOwners, theirs: &Theirs, runs: &Runs) -> u32 {
        if list == 0 {
            return 0;
        }
        match owners.of(dir) {
            Hands::One(record) => {
                if let Some(known) = self.steps.get(&(list, record)) {
                    return *known;
                }
                let kept = self.list(list).iter().filter(|reach| theirs.is(record, reach.owner)).cloned().collect();
                let number = self.number(kept);
                self.steps.insert((list, record), number);
                number
            }
            Hands::Many(hands) => {
                let left = self.list(list).iter().filter_map(|reach| {
                    let theirs = hands.iter().filter(|hand| theirs.is(hand.owner, reach.owner));
                    let held = joined(theirs.map(|hand| {
                        let run = runs.run(hand.from, hand.until);
                        (run.from, run.until)
                    }));
                    let parts = both(&reach.parts, &held);
                    (!parts.is_empty()).then_some(Reach { owner: reach.owner, parts })
                });
                let left: Vec<Reach> = left.collect();
                self.number(left)
            }
        }
    }

    /// A list, and what clauses add that end here.
    pub(super) fn arrive(&mut self, list: u32, owned: &[(u32, u32)]) -> u32 {
        if owned.is_empty() {
            return list;
        }
        let mut reaches = self.list(list).to_vec();
        reaches.extend(owned.iter().map(|(owner, since)| Reach { owner: *owner, parts: vec![(*since, NEVER)] }));
        self.number(reaches)
    }
}

/// Parts in order, those that touch made one, those that are empty left out.
pub(super) fn joined(parts: impl Iterator<Item = Part>) -> Vec<Part> {
    let mut parts: Vec<Part> = parts.filter(|(from, until)| from < until).collect();
    parts.sort_unstable();
    parts.dedup_by(|next, last| {
        let touches = next.0 <= last.1;
        if touches {
            last.1 = last.1.max(next.1);
        }
        touches
    });
    parts
}

/// What is in both of two lists of parts.
fn both(left: &[Part], right: &[Part]) -> Vec<Part> {
    let shared = left.iter().flat_map(|one| right.iter().map(|other| (one.0.max(other.0), one.1.min(other.1))));
    joined(shared)
}

#[cfg(test)]
mod tests {
    use super::{both, joined};

    #[test]
    fn parts_that_touch_are_one_and_empty_ones_none() {
        assert_eq!(joined([(5, 7), (0, 2), (2, 3), (9, 9), (6, 8)].into_iter()), [(0, 3), (5, 8)]);
        assert_eq!(joined([].into_iter()), []);
    }

    #[test]
    fn what_two_lists_share_is_what_lies_in_both() {
        assert_eq!(both(&[(0, 4), (6, 10)], &[(2, 7), (9, 20)]), [(2, 4), (6, 7), (9, 10)]);
        assert_eq!(both(&[(0, 2)], &[(2, 4)]), []);
    }
}
