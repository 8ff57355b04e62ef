//! The one table that grows: a line for each directory that somebody looked into.

use std::collections::HashMap;

use bygone_common::TreeId;
use parking_lot::RwLock;

use super::inode::{DirectoryId, ENTRIES_PER_ID, INDEX_BITS, Inode};

/// What is known of a directory that was looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visited {
    /// Its entries.
    pub tree: TreeId,
    /// Its own number.
    pub inode: Inode,
    /// The number of the directory above it.
    pub parent: Inode,
    /// The number of the root of its snapshot: links count within one snapshot.
    pub root: Inode,
    /// Which part of a directory of more than [`ENTRIES_PER_ID`] entries the line is about.
    part: u32,
}

impl Visited {
    /// The first part of a directory.
    pub fn new(tree: TreeId, inode: Inode, parent: Inode, root: Inode) -> Self {
        Self { tree, inode, parent, root, part: 0 }
    }

    /// The position in the whole directory of the entry at `index` of this part.
    pub fn position(&self, index: u32) -> usize {
        self.part as usize * ENTRIES_PER_ID + index as usize
    }
}

/// Directory ids and what they mean. Grows by about 100 bytes a directory visited, never by files.
#[derive(Debug, Default)]
pub struct Directories {
    by_id: RwLock<HashMap<DirectoryId, Visited>>,
}

impl Directories {
    /// The id of a directory, noted if it is new.
    pub fn enter(&self, directory: Visited) -> DirectoryId {
        let preferred = DirectoryId::preferred(directory.inode, directory.part);
        if let Some(id) = id_of(&self.by_id.read(), preferred, &directory) {
            return id;
        }
        let mut table = self.by_id.write();
        let mut id = preferred;
        loop {
            match table.get(&id) {
                None => {
                    table.insert(id, directory);
                    return id;
                }
                Some(known) if is_same(known, &directory) => return id,
                Some(_) => id = id.next(),
            }
        }
    }

    /// What is known of the directory with that number, if somebody looked into it.
    pub fn find(&self, inode: Inode) -> Option<Visited> {
        let table = self.by_id.read();
        let mut id = DirectoryId::preferred(inode, 0);
        loop {
            match table.get(&id) {
                None => return None,
                Some(known) if known.inode == inode && known.part == 0 => return Some(*known),
                Some(_) => id = id.next(),
            }
        }
    }

    /// What an id means; `None` when no such directory was visited in this mount.
    pub fn get(&self, id: DirectoryId) -> Option<Visited> {
        self.by_id.read().get(&id).copied()
    }

    /// The id of the first part of a directory of which `id` is some part.
    pub fn first(&self, directory: &Visited, id: DirectoryId) -> DirectoryId {
        match directory.part {
            0 => id,
            _ => self.enter(Visited { part: 0, ..*directory }),
        }
    }

    /// The id and position within that id for a position in the whole directory `first` (its first part's id).
    pub fn locate(&self, directory: &Visited, first: DirectoryId, position: usize) -> (DirectoryId, u32) {
        let index = u32::try_from(position & (ENTRIES_PER_ID - 1)).unwrap_or(0);
        match u32::try_from(position >> INDEX_BITS).unwrap_or(u32::MAX) {
            0 => (first, index),
            part => (self.enter(Visited { part, ..*directory }), index),
        }
    }

    /// Directories visited.
    pub fn count(&self) -> usize {
        self.by_id.read().len()
    }
}

fn is_same(known: &Visited, directory: &Visited) -> bool {
    known.inode == directory.inode && known.part == directory.part
}

fn id_of(table: &HashMap<DirectoryId, Visited>, preferred: DirectoryId, directory: &Visited) -> Option<DirectoryId> {
    let mut id = preferred;
    loop {
        match table.get(&id) {
            None => return None,
            Some(known) if is_same(known, directory) => return Some(id),
            Some(_) => id = id.next(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visited(inode: u64) -> Visited {
        Visited::new(TreeId::default(), Inode(inode), Inode::ROOT, Inode::ROOT)
    }

    #[test]
    fn the_same_directory_always_has_the_same_id() {
        let (one, other) = (Directories::default(), Directories::default());
        other.enter(visited(7));
        assert_eq!(one.enter(visited(5)), other.enter(visited(5)));
        assert_eq!(one.enter(visited(5)), one.enter(visited(5)));
        assert_eq!(one.count(), 1);
    }

    #[test]
    fn a_taken_id_is_passed_over() {
        let table = Directories::default();
        let taken = DirectoryId::preferred(Inode(5), 0);
        table.by_id.write().insert(taken, visited(6));
        let id = table.enter(visited(5));
        assert_eq!(id, taken.next());
        assert_eq!(table.get(id), Some(visited(5)));
        assert_eq!(table.enter(visited(5)), id);
    }

    #[test]
    fn entries_past_the_first_million_have_ids_of_their_own() {
        let table = Directories::default();
        let first = table.enter(visited(5));
        let (second, index) = table.locate(&visited(5), first, ENTRIES_PER_ID + 3);
        assert_ne!(second, first);
        assert_eq!(index, 3);
        assert_eq!(table.get(second).map(|part| part.position(index)), Some(ENTRIES_PER_ID + 3));
        assert_eq!(table.locate(&visited(5), first, 3), (first, 3));
    }
}
