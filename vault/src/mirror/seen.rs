//! Which snapshots the source was seen to have: by it a mirror that somebody else wrote to is told from one that is merely
//! behind.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bygone_common::{RepositoryId, SnapshotId};

use crate::error::{Error, Result};

/// The snapshots of one repository that this machine has seen at its source. Kept in the cache folder: when it is lost,
/// snapshots that were forgotten at the source count as strange.
#[derive(Debug)]
pub struct Seen {
    path: PathBuf,
    snapshots: BTreeSet<SnapshotId>,
}

impl Seen {
    /// What is known. A file that cannot be read is as good as none.
    pub fn load(cache_dir: &Path, repository: RepositoryId) -> Self {
        let path = cache_dir.join(repository.to_string()).join("mirrored-snapshots.json");
        let read = std::fs::read(&path).ok().and_then(|json| serde_json::from_slice(&json).ok());
        Self { path, snapshots: read.unwrap_or_default() }
    }

    /// The snapshots.
    pub fn snapshots(&self) -> impl Iterator<Item = SnapshotId> {
        self.snapshots.iter().copied()
    }

    /// Remembers snapshots, before they are copied.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn add(&mut self, snapshots: &[SnapshotId]) -> Result<()> {
        self.snapshots.extend(snapshots);
        let failed = |error| Error::io(format!("write {}", self.path.display()), error);
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let json = serde_json::to_vec(&self.snapshots).map_err(|error| failed(error.into()))?;
        crate::disk::write_atomically(&self.path, &json).map_err(failed)
    }
}
