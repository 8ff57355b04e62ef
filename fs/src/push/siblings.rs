//! Readers of all the small files of a directory.
//!
//! Only reads that the kernel could not answer itself arrive here, so a read at some position says that everything
//! before it was served, and that what we gave ahead is used up: the window doubles. The direction matters, as some
//! programs read a directory from its end.
//!
//! Whoever has read through some directories is given the next one when it was listed, before the first read. Then no
//! read arrives at all, so now and then one file is held back to see whether anybody still reads.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use bygone_common::{BlobId, TreeId};
use bygone_vault::{Directory, Node, NodeKind};
use parking_lot::Mutex;

use crate::core::Core;
use crate::core::directories::Visited;
use crate::core::files::SMALL_FILE_BYTES_MAX;
use crate::core::inode::{DirectoryId, Inode, Place};

/// Files given at once when somebody seems to read a directory.
const WINDOW_FILES_MIN: usize = 8;
/// Files given at once to somebody who has read on through many windows.
const WINDOW_FILES_MAX: usize = 2048;
/// Directories in a row that were read through, from which on the next one is given whole at its first read.
const STREAK_MIN: u32 = 2;
/// Directories in a row that were given when they were listed, from which on the next one's first file is held back.
const UNREAD_PROBED: u32 = 8;
/// Directories in a row that were given when they were listed and of which nothing was read, not even what was held
/// back, after which nobody is taken to be reading.
const UNREAD_MAX: u32 = 16;
/// Directories whose first files are decoded before somebody comes to them: about as many as take longer than a disk.
pub(super) const COMING_DIRECTORIES: usize = 8;
/// Files of such a directory.
const COMING_FILES_MAX: usize = 256;
/// Directories whose readers are remembered.
const WALKS_MAX: usize = 256;

/// Which way somebody goes through a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

/// Somebody reading files of one directory.
#[derive(Debug, Clone, Copy)]
struct Walk {
    /// The position read last, if any was.
    last: Option<usize>,
    direction: Option<Direction>,
    /// Files to give next time.
    window: usize,
    /// The first position not given yet, in that direction (one more than the position when going down).
    ahead: usize,
    /// Whether everything in that direction has been given.
    finished: bool,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Walks(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    walks: HashMap<Inode, Walk>,
    /// Directories in a row of which all was given, and which way.
    streak: u32,
    direction: Option<Direction>,
    /// Directories given when they were listed, since something was read.
    unread: u32,
}

impl Walks {
    /// Notes that a directory of `len` entries was listed to its end. Returns the positions to give, if somebody is going
    /// through directories.
    pub(super) fn on_listed(&self, directory: Inode, len: usize) -> Option<Range<usize>> {
        let mut state = self.0.lock();
        if state.streak < STREAK_MIN || state.direction == Some(Direction::Down) || len == 0 {
            return None;
        }
        if state.unread >= UNREAD_MAX {
            state.streak = 0;
            state.unread = 0;
            return None;
        }
        state.make_room(directory);
        if state.walks.contains_key(&directory) {
            return None;
        }
        let range = usize::from(state.unread >= UNREAD_PROBED)..len.min(WINDOW_FILES_MAX);
        let walk = Walk {
            last: None,
            direction: Some(Direction::Up),
            window: WINDOW_FILES_MAX,
            ahead: range.end,
            finished: range.end == len,
        };
        state.walks.insert(directory, walk);
        state.unread += 1;
        (!range.is_empty()).then_some(range)
    }

    /// Notes that the file at `position` of a directory of `len` entries is read. Returns the positions to give, if any.
    pub(super) fn on_read(&self, directory: Inode, position: usize, len: usize) -> Option<Range<usize>> {
        let mut state = self.0.lock();
        state.unread = 0;
        state.make_room(directory);
        let (streak, usual) = (state.streak, state.direction);
        let mut is_first = false;
        let walk = state.walks.entry(directory).or_insert_with(|| {
            is_first = true;
            Walk { last: Some(position), direction: None, window: WINDOW_FILES_MIN, ahead: position, finished: false }
        });
        if is_first {
            if streak < STREAK_MIN {
                return None;
            }
            walk.direction = usual;
            walk.window = WINDOW_FILES_MAX;
            walk.ahead = match usual {
                Some(Direction::Down) => position,
                Some(Direction::Up) | None => position + 1,
            };
        } else if let Some(last) = walk.last {
            if position == last {
                return None;
            }
            let direction = if position > last { Direction::Up } else { Direction::Down };
            if walk.direction != Some(direction) {
                let turned = walk.direction.is_some();
                walk.direction = Some(direction);
                walk.window = WINDOW_FILES_MIN;
                walk.finished = false;
                walk.ahead = if direction == Direction::Up { position + 1 } else { position };
                if turned {
                    // It does not go through the directory after all.
                    walk.last = Some(position);
                    state.streak = 0;
                    return None;
                }
            }
        }
        walk.last = Some(position);
        if walk.finished {
            return None;
        }
        let (range, finished) = match walk.direction {
            Some(Direction::Down) => {
                let end = walk.ahead.min(position);
                let start = end.saturating_sub(walk.window);
                walk.ahead = start;
                (start..end, start == 0)
            }
            Some(Direction::Up) | None => {
                let start = walk.ahead.max(position + 1);
                let end = start.saturating_add(walk.window).min(len);
                walk.ahead = end;
                (start..end, end >= len)
            }
        };
        walk.window = (walk.window * 2).min(WINDOW_FILES_MAX);
        walk.finished = finished;
        let direction = walk.direction;
        if finished {
            state.streak = state.streak.saturating_add(1);
            state.direction = direction;
        }
        (!range.is_empty()).then_some(range)
    }
}

impl State {
    /// Makes room for one more directory.
    fn make_room(&mut self, directory: Inode) {
        if self.walks.len() >= WALKS_MAX && !self.walks.contains_key(&directory) {
            // Whoever was reading is noticed again after one more read.
            self.walks.clear();
        }
    }
}

/// A file to give: its number, its size and its only blob.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sibling {
    pub(super) inode: Inode,
    pub(super) size: u64,
    pub(super) blob: BlobId,
}

/// Some positions of a directory.
#[derive(Debug)]
pub(super) struct Window {
    pub(super) directory: Arc<Directory>,
    pub(super) id: DirectoryId,
    pub(super) visited: Visited,
    pub(super) range: Range<usize>,
}

impl Window {
    /// The small files of one blob among them, in the order of positions.
    pub(super) fn files(&self, core: &Core) -> Vec<Sibling> {
        let Self { directory, id, visited, range } = self;
        let first = core.first_part(*id, visited);
        small_files(directory, range.clone())
            .map(|(node, blob)| Sibling { inode: core.inode_of(node, first, visited), size: node.size(), blob })
            .collect()
    }

    /// The directories that somebody who goes through directory by directory comes to next, as far as they are at hand:
    /// those inside this one, then those after it.
    pub(super) fn coming(&self, core: &Core) -> Vec<(TreeId, Arc<Directory>)> {
        let mut coming = Vec::with_capacity(COMING_DIRECTORIES);
        add_inside(core, &self.directory, 0, &mut coming);
        let mut inode = self.visited.inode;
        while coming.len() < COMING_DIRECTORIES
            && let Place::Entry { directory, index } = inode.place()
            && let Some(above) = core.visited(directory)
            && let Some(directory) = core.directory_at_hand(above.tree)
        {
            add_inside(core, &directory, above.position(index) + 1, &mut coming);
            inode = above.inode;
        }
        coming
    }
}

/// Adds the directories inside one, from a position on, in the order of a walk.
fn add_inside(core: &Core, directory: &Directory, from: usize, coming: &mut Vec<(TreeId, Arc<Directory>)>) {
    if directory.subdirectories() == 0 {
        return;
    }
    let subtrees = (from..directory.len()).filter_map(|position| directory.get(position)?.subtree());
    for tree in subtrees {
        if coming.len() >= COMING_DIRECTORIES {
            return;
        }
        let Some(inside) = core.directory_at_hand(tree) else { return };
        coming.push((tree, Arc::clone(&inside)));
        add_inside(core, &inside, 0, coming);
    }
}

/// The blobs of the first small files of a directory.
pub(super) fn first_blobs(directory: &Directory) -> Vec<BlobId> {
    small_files(directory, 0..COMING_FILES_MAX).map(|(_, blob)| blob).collect()
}

/// The files at some positions that are small and have one blob.
fn small_files(directory: &Directory, range: Range<usize>) -> impl Iterator<Item = (Node<'_>, BlobId)> {
    range.map_while(|position| directory.get(position)).filter_map(|node| match node.content() {
        [blob] if node.kind() == NodeKind::File && (1..=SMALL_FILE_BYTES_MAX).contains(&node.size()) => {
            Some((node, *blob))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(walks: &Walks, directory: u64, position: usize) -> Option<Range<usize>> {
        walks.on_read(Inode(directory), position, 100)
    }

    #[test]
    fn one_read_alone_gives_nothing_and_the_second_a_few() {
        let walks = Walks::default();
        assert_eq!(read(&walks, 2, 0), None);
        assert_eq!(read(&walks, 2, 1), Some(2..10));
        assert_eq!(read(&walks, 2, 10), Some(11..27));
        assert_eq!(read(&walks, 2, 27), Some(28..60));
    }

    #[test]
    fn a_directory_can_be_read_from_its_end() {
        let walks = Walks::default();
        assert_eq!(read(&walks, 2, 99), None);
        assert_eq!(read(&walks, 2, 98), Some(90..98));
        assert_eq!(read(&walks, 2, 89), Some(73..89));
    }

    #[test]
    fn whoever_turns_is_not_going_through_the_directory() {
        let walks = Walks::default();
        read(&walks, 2, 50);
        assert_eq!(read(&walks, 2, 51), Some(52..60));
        assert_eq!(read(&walks, 2, 3), None);
        assert_eq!(read(&walks, 2, 70), None);
    }

    #[test]
    fn after_some_directories_the_next_is_given_at_its_first_read() {
        let walks = Walks::default();
        for directory in 2..4 {
            assert_eq!(walks.on_read(Inode(directory), 0, 5), None);
            assert_eq!(walks.on_read(Inode(directory), 1, 5), Some(2..5));
        }
        assert_eq!(walks.on_read(Inode(4), 0, 5), Some(1..5));
        assert_eq!(walks.on_read(Inode(5), 3, 100), Some(4..100));
    }

    /// Walks of somebody who has read through two directories.
    fn walked() -> Walks {
        let walks = Walks::default();
        for directory in 2..4 {
            walks.on_read(Inode(directory), 0, 5);
            walks.on_read(Inode(directory), 1, 5);
        }
        walks
    }

    #[test]
    fn a_directory_is_given_when_it_was_listed_by_somebody_who_reads() {
        assert_eq!(Walks::default().on_listed(Inode(9), 5), None);
        let walks = walked();
        assert_eq!(walks.on_listed(Inode(9), 5), Some(0..5));
        assert_eq!(walks.on_listed(Inode(9), 5), None);
        // What was given too late is read all the same, and nothing is given twice.
        assert_eq!(walks.on_read(Inode(9), 0, 5), None);
        assert_eq!(walks.on_read(Inode(9), 1, 5), None);
    }

    #[test]
    fn a_large_directory_that_was_listed_is_given_in_windows() {
        let walks = walked();
        assert_eq!(walks.on_listed(Inode(9), 5000), Some(0..2048));
        assert_eq!(walks.on_read(Inode(9), 2048, 5000), Some(2049..4097));
    }

    #[test]
    fn whoever_only_lists_is_not_given_content_for_long() {
        let walks = walked();
        let given: Vec<_> = (10..100).map_while(|directory| walks.on_listed(Inode(directory), 5)).collect();
        assert_eq!(given.len(), UNREAD_MAX as usize);
        assert_eq!(given.first(), Some(&(0..5)));
        assert_eq!(given.last(), Some(&(1..5)));
    }

    #[test]
    fn what_is_held_back_shows_that_somebody_still_reads() {
        let walks = walked();
        for directory in 10..200 {
            let given = walks.on_listed(Inode(directory), 5);
            if given == Some(1..5) {
                walks.on_read(Inode(directory), 0, 5);
            }
            assert!(given.is_some(), "directory {directory}");
        }
    }
}
