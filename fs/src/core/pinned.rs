//! Directories too large to count on the engine's cache for: one of a million entries may be larger than all of it, and
//! is listed in thousands of steps. The last few that were used are held here.

use std::sync::Arc;

use bygone_common::TreeId;
use bygone_vault::Directory;
use parking_lot::RwLock;

/// Smaller directories are left to the engine's cache.
const LARGE_BYTES_MIN: u64 = 1 << 20;
/// Memory of those held, except that the last two are held whatever their size: somebody may be comparing them.
const PINNED_BYTES_MAX: u64 = 64 << 20;
/// Directories that are held whatever their size.
const PINNED_ANYWAY: usize = 2;

/// The large directories that were used last, latest first.
#[derive(Debug, Default)]
pub(super) struct Pinned {
    directories: RwLock<Vec<(TreeId, Arc<Directory>)>>,
}

impl Pinned {
    pub(super) fn get(&self, tree: TreeId) -> Option<Arc<Directory>> {
        let directories = self.directories.read();
        directories.iter().find(|(pinned, _)| *pinned == tree).map(|(_, directory)| Arc::clone(directory))
    }

    /// Holds a directory, if it is large.
    pub(super) fn note(&self, tree: TreeId, directory: &Arc<Directory>) {
        if directory.weight_bytes() < LARGE_BYTES_MIN {
            return;
        }
        let mut directories = self.directories.write();
        directories.retain(|(pinned, _)| *pinned != tree);
        directories.insert(0, (tree, Arc::clone(directory)));
        let mut bytes = 0;
        let mut position = 0;
        directories.retain(|(_, directory)| {
            bytes += directory.weight_bytes();
            position += 1;
            position <= PINNED_ANYWAY || bytes <= PINNED_BYTES_MAX
        });
    }
}
