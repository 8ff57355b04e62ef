//! Readers of all the small files of a directory.
//!
//! Only reads that the kernel could not answer itself arrive here, so a read at some position says that everything
//! before it was served, and that what we gave ahead is used up: the window doubles. The direction matters, as some
//! programs read a directory from its end.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use bygone_common::BlobId;
use bygone_vault::{Directory, NodeKind};
use parking_lot::Mutex;

use crate::core::Core;
use crate::core::directories::Visited;
use crate::core::files::SMALL_FILE_BYTES_MAX;
use crate::core::inode::{DirectoryId, Inode};

/// Files given at once when somebody seems to read a directory.
const WINDOW_FILES_MIN: usize = 8;
/// Files given at once to somebody who has read on through many windows.
const WINDOW_FILES_MAX: usize = 2048;
/// Directories in a row that were read through, from which on the next one is given whole at its first read.
const STREAK_MIN: u32 = 2;
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
    /// The position read last.
    last: usize,
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
}

impl Walks {
    /// Notes that the file at `position` of a directory of `len` entries is read. Returns the positions to give, if any.
    pub(super) fn on_read(&self, directory: Inode, position: usize, len: usize) -> Option<Range<usize>> {
        let mut state = self.0.lock();
        if state.walks.len() >= WALKS_MAX && !state.walks.contains_key(&directory) {
            // Whoever was reading is noticed again after one more read.
            state.walks.clear();
        }
        let (streak, usual) = (state.streak, state.direction);
        let mut is_first = false;
        let walk = state.walks.entry(directory).or_insert_with(|| {
            is_first = true;
            Walk { last: position, direction: None, window: WINDOW_FILES_MIN, ahead: position, finished: false }
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
        } else if position == walk.last {
            return None;
        } else {
            let direction = if position > walk.last { Direction::Up } else { Direction::Down };
            if walk.direction != Some(direction) {
                let turned = walk.direction.is_some();
                walk.direction = Some(direction);
                walk.window = WINDOW_FILES_MIN;
                walk.finished = false;
                walk.ahead = if direction == Direction::Up { position + 1 } else { position };
                if turned {
                    // It does not go through the directory after all.
                    walk.last = position;
                    state.streak = 0;
                    return None;
                }
            }
        }
        walk.last = position;
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
    pub(super) fn files(self, core: &Core) -> Vec<Sibling> {
        let Self { directory, id, visited, range } = self;
        let first = core.first_part(id, &visited);
        let nodes = range.map_while(|position| directory.get(position));
        let small =
            nodes.filter(|node| node.kind() == NodeKind::File && (1..=SMALL_FILE_BYTES_MAX).contains(&node.size()));
        small
            .filter_map(|node| match node.content() {
                [blob] => Some(Sibling { inode: core.inode_of(node, first, &visited), size: node.size(), blob: *blob }),
                _ => None,
            })
            .collect()
    }
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
}
