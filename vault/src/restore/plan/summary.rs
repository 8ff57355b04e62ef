//! A plan in numbers.

use super::Action;
use crate::restore::table::{Piece, Table, at};

/// A plan in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Directories to make.
    pub directories_new: u64,
    /// Directories that exist and merge.
    pub directories_merged: u64,
    /// Files, links and special files to make where nothing is.
    pub files_new: u64,
    /// Those to replace.
    pub files_replaced: u64,
    /// Those to make beside what is there.
    pub files_beside: u64,
    /// Those that already are as in the snapshot.
    pub files_unchanged: u64,
    /// Those that the rule leaves as they are.
    pub files_skipped: u64,
    /// What is in the way and may not be touched.
    pub conflicts: u64,
    /// Bytes of content to write.
    pub bytes: u64,
    /// Bytes of distinct content to fetch.
    pub bytes_fetched: u64,
    /// Nodes that cannot be restored, with reasons in [`Plan::errors`](super::Plan::errors).
    pub errors: u64,
}

impl Summary {
    /// Counts a file with so many bytes of content, or a directory that is left as it is.
    pub(super) fn count(&mut self, action: Action, size: u64) {
        match action {
            Action::Create => self.files_new += 1,
            Action::Replace => self.files_replaced += 1,
            Action::CreateBeside => self.files_beside += 1,
            Action::Renew | Action::Unchanged | Action::Merge => self.files_unchanged += 1,
            Action::Skip => self.files_skipped += 1,
            Action::Conflict => self.conflicts += 1,
        }
        if action.makes() {
            self.bytes += size;
        }
    }

    /// Counts what only the whole plan can tell: which directories are needed, and which blobs, each once.
    pub(super) fn count_table(&mut self, table: &Table) {
        for dir in table.dirs.iter().filter(|dir| dir.needed) {
            if dir.exists {
                self.directories_merged += 1;
            } else {
                self.directories_new += 1;
            }
        }
        let mut fetched = vec![false; table.places.len()];
        let is_wanted = |piece: &&Piece| table.entries.get(at(piece.entry)).is_some_and(|entry| entry.action.makes());
        for piece in table.pieces.iter().filter(is_wanted) {
            if let Some(seen) = fetched.get_mut(at(piece.blob))
                && !*seen
            {
                *seen = true;
                self.bytes_fetched += table.places.get(at(piece.blob)).map_or(0, |place| u64::from(place.length));
            }
        }
    }
}
