//! The list of snapshots, kept current by reading only files it has not seen.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bygone_common::SnapshotId;
use parking_lot::{Mutex, RwLock};

use crate::backend::{Backend, FileId, FileKind, Listed};
use crate::crypto::MasterKey;
use crate::error::{Error, ErrorKind, Result};
use crate::sealed_file;
use crate::snapshot::Snapshot;

/// Snapshot files that are read at once.
const REMOTE_READERS: usize = 16;

/// What a refresh found.
#[derive(Debug, Clone, Default)]
pub struct Refreshed {
    /// Snapshots that are new.
    pub added: Vec<Arc<Snapshot>>,
    /// Snapshots that are gone.
    pub forgotten: Vec<Arc<Snapshot>>,
}

#[derive(Debug)]
pub(super) struct SnapshotList {
    /// Snapshot files of remote repositories, as stored: they never change, and each would cost a round trip.
    folder: Option<PathBuf>,
    sorted: RwLock<Arc<[Arc<Snapshot>]>>,
    damaged: Mutex<Vec<(SnapshotId, Error)>>,
    refreshing: Mutex<()>,
}

impl SnapshotList {
    pub(super) fn new(folder: Option<PathBuf>) -> Self {
        let folder = folder.filter(|folder| match std::fs::create_dir_all(folder) {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(folder = %folder.display(), %error, "cannot use the cache folder; snapshots are read anew each time");
                false
            }
        });
        Self { folder, sorted: RwLock::new(Arc::default()), damaged: Mutex::default(), refreshing: Mutex::default() }
    }

    pub(super) fn get(&self) -> Arc<[Arc<Snapshot>]> {
        self.sorted.read().clone()
    }

    pub(super) fn damaged(&self) -> Vec<(SnapshotId, Error)> {
        self.damaged.lock().clone()
    }

    /// Reads snapshot files that are new. One that is damaged does not fail the others.
    pub(super) fn refresh(&self, listed: &[Listed], backend: &dyn Backend, key: &MasterKey) -> Result<Refreshed> {
        let _only_one = self.refreshing.lock();
        let before = self.get();
        let known: HashMap<SnapshotId, &Arc<Snapshot>> =
            before.iter().map(|snapshot| (snapshot.id, snapshot)).collect();
        let there: HashSet<SnapshotId> = listed.iter().map(|file| SnapshotId(file.id)).collect();
        let missing: Vec<SnapshotId> = there.iter().filter(|id| !known.contains_key(id)).copied().collect();
        let mut refreshed = Refreshed::default();
        let mut damaged = Vec::new();
        for (id, snapshot) in self.read_all(&missing, backend, key) {
            match snapshot {
                Ok(snapshot) => refreshed.added.push(Arc::new(snapshot)),
                // Forgotten between listing and reading.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) if matches!(error.kind(), ErrorKind::Damaged | ErrorKind::Unsupported) => {
                    tracing::warn!(snapshot = %id, error = error.chain(), "passing over a snapshot file");
                    damaged.push((id, error));
                }
                Err(error) => return Err(error.context(format!("read snapshot {}", id.short()))),
            }
        }
        refreshed.forgotten = before.iter().filter(|snapshot| !there.contains(&snapshot.id)).cloned().collect();
        *self.damaged.lock() = damaged;
        if !refreshed.added.is_empty() || !refreshed.forgotten.is_empty() {
            let kept = before.iter().filter(|snapshot| there.contains(&snapshot.id));
            let mut sorted: Vec<Arc<Snapshot>> = kept.chain(&refreshed.added).cloned().collect();
            sorted.sort_by_key(|snapshot| snapshot.order());
            *self.sorted.write() = sorted.into();
        }
        Ok(refreshed)
    }

    /// Takes what a server says for all there is. A snapshot that it now shows otherwise is a new one.
    pub(super) fn replace(&self, mut now: Vec<Snapshot>) -> Refreshed {
        let _only_one = self.refreshing.lock();
        let before = self.get();
        let known: HashMap<SnapshotId, &Arc<Snapshot>> =
            before.iter().map(|snapshot| (snapshot.id, snapshot)).collect();
        now.sort_by_key(Snapshot::order);
        now.dedup_by_key(|snapshot| snapshot.id);
        let mut refreshed = Refreshed::default();
        let mut sorted = Vec::with_capacity(now.len());
        for snapshot in now {
            match known.get(&snapshot.id).filter(|known| Snapshot::eq(known, &snapshot)) {
                Some(known) => sorted.push(Arc::clone(known)),
                None => {
                    let snapshot = Arc::new(snapshot);
                    refreshed.added.push(Arc::clone(&snapshot));
                    sorted.push(snapshot);
                }
            }
        }
        let stays: HashSet<*const Snapshot> = sorted.iter().map(Arc::as_ptr).collect();
        refreshed.forgotten =
            before.iter().filter(|snapshot| !stays.contains(&Arc::as_ptr(snapshot))).cloned().collect();
        *self.sorted.write() = sorted.into();
        refreshed
    }

    fn read_all(
        &self,
        missing: &[SnapshotId],
        backend: &dyn Backend,
        key: &MasterKey,
    ) -> Vec<(SnapshotId, Result<Snapshot>)> {
        let readers = if backend.is_remote() { REMOTE_READERS } else { 1 }.min(missing.len());
        let next = AtomicUsize::new(0);
        let read = Mutex::new(Vec::with_capacity(missing.len()));
        let read_some = || {
            while let Some(id) = missing.get(next.fetch_add(1, Ordering::Relaxed)) {
                let snapshot = self.read(*id, backend, key);
                read.lock().push((*id, snapshot));
            }
        };
        if readers == 1 {
            read_some();
        } else {
            std::thread::scope(|scope| (0..readers).for_each(|_| drop(scope.spawn(read_some))));
        }
        read.into_inner()
    }

    fn read(&self, id: SnapshotId, backend: &dyn Backend, key: &MasterKey) -> Result<Snapshot> {
        let file = FileId::new(FileKind::Snapshot, id);
        let kept = self.folder.as_ref().map(|folder| folder.join(id.to_string()));
        // Whatever lies in our folder proves itself by its tag, or is read anew.
        let from_cache = kept
            .as_ref()
            .and_then(|path| std::fs::read(path).ok())
            .and_then(|sealed| sealed_file::open(key, file, sealed).ok());
        let json = match from_cache {
            Some(json) => json,
            None => {
                let sealed = backend.read(file)?;
                if let Some(path) = kept
                    && let Err(error) = crate::disk::write_atomically(&path, &sealed)
                {
                    tracing::debug!(path = %path.display(), %error, "cannot keep a snapshot file");
                }
                sealed_file::open(key, file, sealed)?
            }
        };
        Snapshot::parse(id, &json)
    }
}
