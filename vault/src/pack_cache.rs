//! Tree packs of remote repositories, kept on disk as they are stored: encrypted, their tags the proof that they are
//! whole. A directory that was listed once is listed again without a round trip.

use std::collections::HashMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use bygone_common::PackId;
use parking_lot::Mutex;

use crate::backend::{Backend, FileId};
use crate::error::{Error, ErrorKind, Result};

/// Packs larger than this are read in ranges and not kept: they may be mixed, and hold mostly data.
const PACK_BYTES_MAX: u64 = 128 << 20;
/// Part of the allowance that is freed at once when it is used up.
const FREED_AT_ONCE: u64 = 8;

/// The cache of one repository.
#[derive(Debug)]
pub(crate) struct PackCache {
    folder: PathBuf,
    bytes_max: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    bytes: u64,
    /// One lock a pack, so that a pack is fetched once however many readers want it.
    fetching: HashMap<PackId, Arc<Mutex<()>>>,
    /// Writing failed once: say so once, and do without.
    broken: bool,
}

impl PackCache {
    /// Uses `folder`, which is made if need be; `None` when it cannot be.
    pub(crate) fn open(folder: PathBuf, bytes_max: u64) -> Option<Self> {
        if let Err(error) = std::fs::create_dir_all(&folder) {
            tracing::warn!(folder = %folder.display(), %error, "cannot use the cache folder; directories are fetched anew each time");
            return None;
        }
        let bytes = kept(&folder).iter().map(|(_, _, bytes)| bytes).sum();
        Some(Self { folder, bytes_max, state: Mutex::new(State { bytes, ..State::default() }) })
    }

    /// Reads a range of a pack, from disk if it is kept, and keeps it otherwise.
    ///
    /// # Errors
    /// What the storage answers. Faults of the cache itself cost time only.
    pub(crate) fn read_at(&self, backend: &dyn Backend, pack: PackId, offset: u64, buffer: &mut [u8]) -> Result<()> {
        if self.read_kept(pack, offset, buffer) {
            return Ok(());
        }
        if self.state.lock().broken || offset + buffer.len() as u64 > PACK_BYTES_MAX {
            return backend.read_at(FileId::pack(pack), offset, buffer);
        }
        let only_one = self.state.lock().fetching.entry(pack).or_default().clone();
        let fetching = only_one.lock();
        if self.read_kept(pack, offset, buffer) {
            return Ok(());
        }
        let fetched = backend.read(FileId::pack(pack));
        self.state.lock().fetching.remove(&pack);
        let bytes = fetched?;
        self.keep(pack, &bytes);
        drop(fetching);
        let range = usize::try_from(offset).ok().and_then(|start| bytes.get(start..)?.get(..buffer.len()));
        let range = range.ok_or_else(|| {
            let end = offset + buffer.len() as u64;
            Error::new(ErrorKind::Damaged, format!("pack {pack} ends before byte {end}"))
        })?;
        buffer.copy_from_slice(range);
        Ok(())
    }

    /// Drops a pack whose kept bytes turned out to be wrong.
    pub(crate) fn forget(&self, pack: PackId) {
        let path = self.path(pack);
        let bytes = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
        if std::fs::remove_file(&path).is_ok() {
            let mut state = self.state.lock();
            state.bytes = state.bytes.saturating_sub(bytes);
        }
    }

    fn path(&self, pack: PackId) -> PathBuf {
        self.folder.join(pack.to_string())
    }

    fn read_kept(&self, pack: PackId, offset: u64, buffer: &mut [u8]) -> bool {
        let Ok(file) = File::open(self.path(pack)) else { return false };
        crate::disk::read_full_at(&file, offset, buffer).is_ok_and(|filled| filled == buffer.len())
    }

    fn keep(&self, pack: PackId, bytes: &[u8]) {
        if bytes.len() as u64 > PACK_BYTES_MAX.min(self.bytes_max) {
            return;
        }
        self.make_room(bytes.len() as u64);
        let path = self.path(pack);
        match crate::disk::write_atomically(&path, bytes) {
            Ok(()) => self.state.lock().bytes += bytes.len() as u64,
            Err(error) => {
                tracing::warn!(folder = %self.folder.display(), %error, "cannot write to the cache folder; going on without it");
                self.state.lock().broken = true;
            }
        }
    }

    /// Removes the packs that were kept first until `more` bytes fit, and an eighth of the allowance beyond.
    fn make_room(&self, more: u64) {
        let mut state = self.state.lock();
        if state.bytes + more <= self.bytes_max {
            return;
        }
        let mut packs = kept(&self.folder);
        packs.sort();
        state.bytes = packs.iter().map(|(_, _, bytes)| bytes).sum();
        let goal = self.bytes_max - self.bytes_max / FREED_AT_ONCE;
        for (_, path, bytes) in packs {
            if state.bytes + more <= goal {
                break;
            }
            if std::fs::remove_file(&path).is_ok() {
                state.bytes = state.bytes.saturating_sub(bytes);
            }
        }
    }
}

/// What lies in the folder, with the time it was put there and its size.
fn kept(folder: &std::path::Path) -> Vec<(SystemTime, PathBuf, u64)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|entry| {
            let metadata = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
            Some((metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH), entry.path(), metadata.len()))
        })
        .collect()
}
