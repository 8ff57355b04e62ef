//! A folder that is being saved: its text grows in the order of names, while its entries come in any order.
//!
//! As long as all entries are those of the snapshot before, nothing is written: if it ends so, the folder's tree is that
//! of the snapshot before.

use std::collections::VecDeque;
use std::sync::Arc;

use bygone_common::TreeId;
use parking_lot::Mutex;

use super::node::{Metadata, push_node};
use super::time::Zone;
use crate::tree::{Directory, Node};

/// A folder whose entries are not all known.
#[derive(Debug)]
pub(super) struct Pending {
    /// Where it stands in the snapshot; the root is empty.
    pub(super) place: Box<[u8]>,
    /// The same folder in the snapshot before.
    pub(super) before: Option<Before>,
    /// Where it belongs; the root belongs nowhere.
    pub(super) up: Option<Up>,
    state: Mutex<State>,
}

/// A folder of the snapshot before.
#[derive(Debug, Clone)]
pub(super) struct Before {
    pub(super) tree: TreeId,
    pub(super) directory: Arc<Directory>,
}

/// The entry that a folder is of the one above it.
#[derive(Debug)]
pub(super) struct Up {
    pub(super) folder: Arc<Pending>,
    pub(super) slot: usize,
    pub(super) name: Box<[u8]>,
    pub(super) metadata: Metadata,
}

/// What is known of an entry.
#[derive(Debug)]
pub(super) enum Slot {
    /// Nothing yet.
    Waiting,
    /// It is left out.
    Left,
    /// It is that entry of the snapshot before.
    Same(u32),
    /// Its text.
    Text(Box<[u8]>),
}

/// How a folder ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// As in the snapshot before.
    Same(TreeId),
    /// With this text.
    Text(Vec<u8>),
}

#[derive(Debug, Default)]
struct State {
    /// The text so far; `None` while it would be that of the first `same` entries of the snapshot before.
    text: Option<Vec<u8>>,
    same: u32,
    /// Entries that are in the text, left out or the same.
    settled: usize,
    /// The entries from there on, as far as anything is known of them.
    waiting: VecDeque<Slot>,
    /// How many there are, once that is known.
    total: Option<usize>,
}

impl Pending {
    pub(super) fn new(place: impl Into<Box<[u8]>>, before: Option<Before>, up: Option<Up>) -> Self {
        Self { place: place.into(), before, up, state: Mutex::default() }
    }

    /// The entry of that name in the snapshot before.
    pub(super) fn node_before(&self, name: &[u8]) -> Option<Node<'_>> {
        self.before.as_ref()?.directory.find(name)
    }

    /// Where an entry stands in the snapshot.
    pub(super) fn place_of(&self, name: &[u8]) -> Vec<u8> {
        [&self.place, b"/".as_slice(), name].concat()
    }

    /// Says what an entry is; answers how the folder ended if that was the last. Nothing follows then.
    pub(super) fn fill(&self, slot: usize, what: Slot, zone: &Zone) -> Option<Ended> {
        let mut state = self.state.lock();
        let ahead = slot - state.settled;
        if ahead >= state.waiting.len() {
            state.waiting.resize_with(ahead + 1, || Slot::Waiting);
        }
        if let Some(place) = state.waiting.get_mut(ahead) {
            *place = what;
        }
        while state.waiting.front().is_some_and(|slot| !matches!(slot, Slot::Waiting)) {
            if let Some(what) = state.waiting.pop_front() {
                state.settled += 1;
                self.settle(&mut state, what, zone);
            }
        }
        self.ended(&mut state, zone)
    }

    /// Says how many entries there are; answers how the folder ended if all of them are known.
    pub(super) fn all_listed(&self, total: usize, zone: &Zone) -> Option<Ended> {
        let mut state = self.state.lock();
        state.total = Some(total);
        self.ended(&mut state, zone)
    }

    fn settle(&self, state: &mut State, what: Slot, zone: &Zone) {
        match what {
            Slot::Waiting | Slot::Left => {}
            Slot::Same(index) if state.text.is_none() && index == state.same => state.same += 1,
            Slot::Same(index) => {
                let node = self.before.as_ref().and_then(|before| before.directory.get(index as usize));
                if let Some(node) = node {
                    let text = self.text(state, zone);
                    begin_entry(text);
                    push_node(text, node, zone, None);
                }
            }
            Slot::Text(entry) => {
                let text = self.text(state, zone);
                begin_entry(text);
                text.extend_from_slice(&entry);
            }
        }
    }

    /// The text, written as far as it is settled.
    fn text<'a>(&self, state: &'a mut State, zone: &Zone) -> &'a mut Vec<u8> {
        let same = state.same as usize;
        state.text.get_or_insert_with(|| {
            let mut text = b"{\"nodes\":[".to_vec();
            let before = self.before.iter().flat_map(|before| before.directory.iter());
            for node in before.take(same) {
                begin_entry(&mut text);
                push_node(&mut text, node, zone, None);
            }
            text
        })
    }

    fn ended(&self, state: &mut State, zone: &Zone) -> Option<Ended> {
        if state.total != Some(state.settled) {
            return None;
        }
        // Only once.
        state.total = None;
        if let Some(before) = &self.before
            && state.text.is_none()
            && state.same as usize == before.directory.len()
            && before.directory.rejected().is_empty()
        {
            return Some(Ended::Same(before.tree));
        }
        let mut text = std::mem::take(self.text(state, zone));
        text.extend_from_slice(b"]}\n");
        Some(Ended::Text(text))
    }

    /// The text of a folder that ended as before, for when its tree is no longer stored.
    pub(super) fn text_before(&self, zone: &Zone) -> Vec<u8> {
        let mut state = State { same: u32::MAX, ..State::default() };
        let mut text = std::mem::take(self.text(&mut state, zone));
        text.extend_from_slice(b"]}\n");
        text
    }
}

/// A comma before every entry but the first.
fn begin_entry(text: &mut Vec<u8>) {
    if text.last() != Some(&b'[') {
        text.push(b',');
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use bygone_common::Id;
    use jiff::tz::TimeZone;

    use super::*;

    const TREE: &str = concat!(
        r#"{"nodes":[{"name":"a","type":"file","mode":420,"mtime":"2026-11-20T10:00:00Z","#,
        r#""atime":"2026-11-20T10:00:00Z","ctime":"2026-11-20T10:00:00Z","uid":0,"gid":0,"content":[]},"#,
        r#"{"name":"b","type":"fifo","mode":33554852,"mtime":"2026-11-20T10:00:00Z","#,
        r#""atime":"2026-11-20T10:00:00Z","ctime":"2026-11-20T10:00:00Z","uid":0,"gid":0,"content":null}]}"#,
        "\n"
    );

    fn pending() -> (Pending, Zone) {
        let directory = Arc::new(Directory::parse(TREE.as_bytes()).unwrap());
        let before = Before { tree: TreeId(Id::new([7; 32])), directory };
        (Pending::new(*b"", Some(before), None), Zone::new(TimeZone::UTC))
    }

    fn text(ended: Option<Ended>) -> String {
        let Some(Ended::Text(text)) = ended else { panic!("{ended:?}") };
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn a_folder_that_did_not_change_is_that_of_before() {
        let (pending, zone) = pending();
        assert_eq!(pending.fill(1, Slot::Same(1), &zone), None);
        assert_eq!(pending.all_listed(3, &zone), None);
        assert_eq!(pending.fill(2, Slot::Left, &zone), None);
        assert_eq!(pending.fill(0, Slot::Same(0), &zone), Some(Ended::Same(TreeId(Id::new([7; 32])))));
        assert_eq!(String::from_utf8(pending.text_before(&zone)).unwrap(), TREE);
    }

    #[test]
    fn a_new_entry_at_the_end_is_written_behind_those_of_before() {
        let (pending, zone) = pending();
        pending.fill(2, Slot::Text((*b"{}").into()), &zone);
        pending.fill(0, Slot::Same(0), &zone);
        pending.fill(1, Slot::Same(1), &zone);
        assert_eq!(text(pending.all_listed(3, &zone)), TREE.replace("null}]}", "null},{}]}"));
    }

    #[test]
    fn an_entry_that_is_gone_changes_the_folder() {
        let (both, zone) = pending();
        both.fill(0, Slot::Same(1), &zone);
        assert!(text(both.all_listed(1, &zone)).starts_with(r#"{"nodes":[{"name":"b","#));
        let (none, zone) = pending();
        assert_eq!(text(none.all_listed(0, &zone)), "{\"nodes\":[]}\n");
        let (first, zone) = pending();
        first.fill(0, Slot::Same(0), &zone);
        assert!(text(first.all_listed(1, &zone)).ends_with("\"content\":[]}]}\n"));
    }
}
