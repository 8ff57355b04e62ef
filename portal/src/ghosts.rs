//! What a folder had in earlier snapshots, and has no more.

use std::collections::{HashMap, HashSet};

use bygone_common::TreeId;
use bygone_common::access::Use;
use bygone_vault::Node;
use bygone_vault::walk::Entry;

use crate::entries::EntryBody;
use crate::moment::whose;
use crate::order::Order;
use crate::past::{Past, Trail};

/// Entries of earlier folders that are looked at for one answer, at most.
const ENTRIES_MAX: usize = 5_000_000;

/// Names that are gone, at most: those that went last are kept.
const GHOSTS_MAX: usize = 100_000;

/// Entries that are gone, in order, each with the last snapshot that has it.
pub(crate) struct Ghosts {
    entries: Vec<(Entry, EntryBody)>,
    /// Whether everything that is gone is here.
    pub(crate) is_complete: bool,
}

impl Ghosts {
    /// What `now` lacks of what the same folder had before. Blocks.
    pub(crate) fn find(past: &Past, trails: &[Trail], now: &bygone_vault::Directory, order: &Order) -> Self {
        let mut search = Search { budget: ENTRIES_MAX, gone: HashMap::new(), is_complete: !past.is_cut };
        for (part, trail) in past.parts.iter().zip(trails) {
            search.is_complete &= trail.broken.is_empty();
            let mut looked: HashSet<TreeId> = HashSet::new();
            // From the newest back: the first that has a name is the last that had it.
            for found in trail.found.iter().rev() {
                let (Some(tree), Some((row, _, view))) = (found.tree, part.snapshots.get(found.snapshot)) else {
                    continue;
                };
                // A folder that was looked at under rules that depend on age is looked at again.
                let is_known = !looked.insert(tree) && view.rules().iter().all(|rule| rule.history_days.is_none());
                if is_known {
                    continue;
                }
                let Ok(directory) = part.repository.directory(tree) else {
                    search.is_complete = false;
                    continue;
                };
                if !search.afford(directory.len()) {
                    break;
                }
                for node in directory.iter() {
                    if now.find(node.name()).is_some() {
                        continue;
                    }
                    let place = found.place.enter(view, node.name(), Some(whose(node)));
                    if !place.uses(view).has(Use::See) {
                        continue;
                    }
                    let Some(mut body) = EntryBody::of(node, view, &found.place, &place) else { continue };
                    body.deleted = Some(row.into());
                    search.add(node.name(), row.taken_at, Entry::new(directory.clone(), node.index()), body);
                }
            }
        }
        search.finish(order)
    }

    /// Keeps those whose names fit.
    pub(crate) fn retain(&mut self, fits: impl Fn(&[u8]) -> bool) {
        self.entries.retain(|(entry, _)| entry.node().is_some_and(|node| fits(node.name())));
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn get(&self, at: usize) -> Option<(Node<'_>, &EntryBody)> {
        let (entry, body) = self.entries.get(at)?;
        Some((entry.node()?, body))
    }

    /// How many come before the first that does not fit.
    pub(crate) fn partition_point(&self, mut is_before: impl FnMut(Node<'_>) -> bool) -> usize {
        self.entries.partition_point(|(entry, _)| entry.node().is_some_and(&mut is_before))
    }
}

struct Search {
    budget: usize,
    gone: HashMap<Box<[u8]>, (jiff::Timestamp, Entry, EntryBody)>,
    is_complete: bool,
}

impl Search {
    fn afford(&mut self, entries: usize) -> bool {
        if self.budget < entries {
            self.is_complete = false;
            return false;
        }
        self.budget -= entries;
        true
    }

    fn add(&mut self, name: &[u8], at: jiff::Timestamp, entry: Entry, body: EntryBody) {
        // Another repository may hold a later snapshot of the name.
        if self.gone.get(name).is_some_and(|(known, _, _)| *known >= at) {
            return;
        }
        if self.gone.len() >= GHOSTS_MAX && !self.gone.contains_key(name) {
            self.is_complete = false;
            return;
        }
        self.gone.insert(name.into(), (at, entry, body));
    }

    fn finish(self, order: &Order) -> Ghosts {
        let mut entries: Vec<(Entry, EntryBody)> =
            self.gone.into_values().map(|(_, entry, body)| (entry, body)).collect();
        entries.sort_unstable_by(|(left, _), (right, _)| match (left.node(), right.node()) {
            (Some(left), Some(right)) => order.compare(left.into(), right.into()),
            (left, right) => left.is_some().cmp(&right.is_some()),
        });
        Ghosts { entries, is_complete: self.is_complete }
    }
}
