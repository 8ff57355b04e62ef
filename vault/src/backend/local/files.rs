//! Files kept open between reads, because opening costs more than reading a blob.

use std::collections::HashMap;
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::RwLock;

use crate::backend::FileId;
use crate::error::Result;

/// Files kept open at once: enough for the packs a busy mount reads from, far from the usual limit of 1024 descriptors.
pub(super) const OPEN_FILES_MAX: usize = 128;

/// The files read last. No lock is held while a file is read, and a file found open costs no allocation.
#[derive(Debug, Default)]
pub(super) struct OpenFiles {
    files: RwLock<HashMap<FileId, Slot>>,
    clock: AtomicU64,
}

#[derive(Debug)]
struct Slot {
    file: Arc<File>,
    /// The clock when it was last asked for; written under the read lock.
    used: AtomicU64,
}

impl OpenFiles {
    /// The open file, or what `open` makes.
    pub(super) fn get(&self, id: FileId, open: impl FnOnce() -> Result<File>) -> Result<Arc<File>> {
        let now = self.clock.fetch_add(1, Ordering::Relaxed);
        if let Some(slot) = self.files.read().get(&id) {
            slot.used.store(now, Ordering::Relaxed);
            return Ok(Arc::clone(&slot.file));
        }
        // Opened outside the lock: two threads may both open it, and one of the two is closed again.
        let file = Arc::new(open()?);
        let mut files = self.files.write();
        if files.len() >= OPEN_FILES_MAX
            && let Some(oldest) =
                files.iter().min_by_key(|(_, slot)| slot.used.load(Ordering::Relaxed)).map(|(id, _)| *id)
        {
            files.remove(&oldest);
        }
        files.insert(id, Slot { file: Arc::clone(&file), used: AtomicU64::new(now) });
        Ok(file)
    }

    /// Closes the file once its readers are done.
    pub(super) fn forget(&self, id: FileId) {
        self.files.write().remove(&id);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.files.read().len()
    }
}
