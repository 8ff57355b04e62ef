//! What `df` shows.

use bygone_vault::Snapshot;

use super::Core;
use super::inode::{Inode, Place};
use crate::layout::What;

/// How much there is in what is shown: of one snapshot inside it, of all of them above.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Plain bytes of all files, as a restore would write them.
    pub bytes: u64,
    /// Files and directories.
    pub entries: u64,
}

impl Core {
    /// Totals as the snapshots' writers noted them; a snapshot without a note counts as nothing.
    pub fn totals(&self, inode: Inode) -> Totals {
        let layout = self.layout();
        let root = match inode.place() {
            Place::Layout => Some(inode),
            Place::Entry { .. } | Place::Link => {
                self.directory_of(inode).and_then(|id| self.directories.get(id)).map(|visited| visited.root)
            }
        };
        let one = root.and_then(|root| layout.get(root)).and_then(|entry| match &entry.what {
            What::Snapshot(root) => Some(of(&root.snapshot)),
            What::Directory(_) | What::Link(_) => None,
        });
        one.unwrap_or_else(|| {
            layout.snapshots().iter().map(|snapshot| of(snapshot)).fold(Totals::default(), |sum, one| Totals {
                bytes: sum.bytes.saturating_add(one.bytes),
                entries: sum.entries.saturating_add(one.entries),
            })
        })
    }
}

fn of(snapshot: &Snapshot) -> Totals {
    let Some(summary) = &snapshot.summary else { return Totals::default() };
    let directories = [summary.dirs_new, summary.dirs_changed, summary.dirs_unmodified];
    let entries = directories.iter().fold(summary.total_files_processed, |sum, more| sum.saturating_add(*more));
    Totals { bytes: summary.total_bytes_processed, entries }
}
