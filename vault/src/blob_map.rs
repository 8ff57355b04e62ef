//! The blob map: where every blob of a repository lies. Derived from the repository's index files; delete it and it
//! comes back.
//!
//! Index files are turned once into sorted, memory-mapped tables; a later open reads only index files it has not seen,
//! and small tables are merged into larger ones, so that there are never many. Read [`record`], [`table`], [`index_file`],
//! [`build`] in this order.

mod build;
mod index_file;
mod record;
mod table;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bygone_common::{BlobId, IndexId, PackId, RepositoryId};
use parking_lot::{Mutex, RwLock};

use crate::backend::{FileKind, SharedBackend};
use crate::crypto::MasterKey;
use crate::error::{Error, Result};
use table::Table;

pub use record::{BlobKind, BlobLocation};

/// A table is merged with every other that is at most this many times larger than all smaller ones together: their
/// number stays logarithmic, and every record is copied a logarithmic number of times.
const MERGE_RATIO: usize = 2;

/// Numbers about a blob map.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BlobMapStats {
    /// Blobs, every copy counted.
    pub blobs: u64,
    /// Blobs that are trees.
    pub trees: u64,
    /// Packs that hold them.
    pub packs: u64,
    /// Index files that were read.
    pub index_files: u64,
    /// Tables.
    pub tables: u64,
}

/// The blob map of one repository. Look-ups never wait for a refresh.
#[derive(Debug)]
pub(crate) struct BlobMap {
    repository: RepositoryId,
    folder: Option<PathBuf>,
    tables: RwLock<Arc<Vec<Arc<Table>>>>,
    /// Index files that could not be read, with the reason; they are tried again at every refresh.
    damaged: Mutex<Vec<(IndexId, Error)>>,
    /// Held by the one refresh that runs.
    refreshing: Mutex<()>,
}

impl BlobMap {
    /// Opens the tables kept in `folder`, which is made if need be. Without a folder, tables lie in memory.
    /// A folder that cannot be used is reported, and done without.
    pub(crate) fn open(repository: RepositoryId, folder: Option<PathBuf>) -> Self {
        let folder = folder.filter(|folder| match std::fs::create_dir_all(folder) {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(folder = %folder.display(), %error, "cannot use the cache folder; the blob map stays in memory");
                false
            }
        });
        let tables = folder.as_deref().map(|folder| kept_tables(folder, repository)).unwrap_or_default();
        Self {
            repository,
            folder,
            tables: RwLock::new(Arc::new(tables)),
            damaged: Mutex::default(),
            refreshing: Mutex::default(),
        }
    }

    /// Learns of index files that came or went. Returns whether anything changed.
    ///
    /// # Errors
    /// The listing failed, or the storage does not answer. An index file that is damaged does not fail the others.
    pub(crate) fn refresh(&self, backend: &SharedBackend, key: &MasterKey) -> Result<bool> {
        let _only_one = self.refreshing.lock();
        let listed: HashSet<IndexId> = backend.list(FileKind::Index)?.iter().map(|file| IndexId(file.id)).collect();
        let before = self.tables.read().clone();
        let (kept, gone) = cover(&before, &listed);
        let known: HashSet<IndexId> = kept.iter().flat_map(|table| table.sources()).collect();
        let missing: Vec<IndexId> = listed.difference(&known).copied().collect();
        if missing.is_empty() && gone.is_empty() {
            return Ok(false);
        }
        let builder = build::Builder { repository: self.repository, folder: self.folder.as_deref(), backend, key };
        let build::Built { tables: new, damaged } = builder.read(&missing)?;
        *self.damaged.lock() = damaged;
        let changed = !new.is_empty() || !gone.is_empty();
        let mut obsolete = gone;
        let mut tables = kept;
        tables.extend(new);
        obsolete.extend(builder.merge(&mut tables, MERGE_RATIO));
        *self.tables.write() = Arc::new(tables);
        for table in obsolete {
            // On Windows a mapped file cannot be removed; the next open tries again.
            if let Some(path) = table.path() {
                let _ = std::fs::remove_file(path);
            }
        }
        Ok(changed)
    }

    /// The best place of a blob.
    pub(crate) fn locate(&self, id: &BlobId) -> Option<BlobLocation> {
        let tables = self.tables.read().clone();
        tables.iter().find_map(|table| table.find(id).next())
    }

    /// All places of a blob, best first: when one copy is damaged, another may not be.
    pub(crate) fn locate_all(&self, id: &BlobId) -> Vec<BlobLocation> {
        let tables = self.tables.read().clone();
        tables.iter().flat_map(|table| table.find(id).collect::<Vec<_>>()).collect()
    }

    /// Whether a blob lies in a pack that no prune has marked for deletion.
    pub(crate) fn holds(&self, kind: BlobKind, id: &BlobId) -> bool {
        let tables = self.tables.read().clone();
        tables.iter().any(|table| table.holds(kind, id))
    }

    /// All packs, each once.
    pub(crate) fn packs(&self) -> Vec<PackId> {
        let tables = self.tables.read().clone();
        let mut packs: Vec<PackId> = tables.iter().flat_map(|table| table.packs().collect::<Vec<_>>()).collect();
        packs.sort_unstable();
        packs.dedup();
        packs
    }

    /// Calls `each` with every blob of the map, in the order of ids within a table, until it says to stop.
    pub(crate) fn for_each(&self, mut each: impl FnMut(BlobId, BlobLocation) -> std::ops::ControlFlow<()>) {
        let tables = self.tables.read().clone();
        for table in tables.iter() {
            let packs: Vec<PackId> = table.packs().collect();
            for record in (0..table.len()).map_while(|position| table.record(position)) {
                let Some(pack) = packs.get(record.pack_number() as usize) else { continue };
                if each(record.id, record.location(*pack)).is_break() {
                    return;
                }
            }
        }
    }

    /// Index files that could not be read.
    pub(crate) fn damaged(&self) -> Vec<(IndexId, Error)> {
        self.damaged.lock().clone()
    }

    /// Numbers for people.
    pub(crate) fn stats(&self) -> BlobMapStats {
        let tables = self.tables.read().clone();
        BlobMapStats {
            blobs: tables.iter().map(|table| table.len() as u64).sum(),
            trees: tables.iter().map(|table| table.trees()).sum(),
            packs: self.packs().len() as u64,
            index_files: tables.iter().map(|table| table.sources().len() as u64).sum(),
            tables: tables.len() as u64,
        }
    }
}

fn kept_tables(folder: &Path, repository: RepositoryId) -> Vec<Arc<Table>> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    let tables = paths.filter(|path| path.extension().is_some_and(|extension| extension == "table"));
    tables
        .filter_map(|path| {
            let table = Table::open(&path, repository);
            if table.is_none() {
                tracing::warn!(path = %path.display(), "dropping a blob map table that is torn or foreign");
                let _ = std::fs::remove_file(&path);
            }
            table.map(Arc::new)
        })
        .collect()
}

/// Splits tables into those that speak only of index files that are there, without one that adds nothing to larger ones,
/// and the rest.
fn cover(tables: &[Arc<Table>], listed: &HashSet<IndexId>) -> (Vec<Arc<Table>>, Vec<Arc<Table>>) {
    let mut by_size: Vec<&Arc<Table>> = tables.iter().collect();
    by_size.sort_by_key(|table| std::cmp::Reverse(table.sources().len()));
    let mut seen = HashSet::new();
    let (mut kept, mut gone) = (Vec::new(), Vec::new());
    for table in by_size {
        let true_still = table.sources().all(|source| listed.contains(&source));
        if true_still && table.sources().any(|source| !seen.contains(&source)) {
            seen.extend(table.sources());
            kept.push(table.clone());
        } else {
            gone.push(table.clone());
        }
    }
    (kept, gone)
}

#[cfg(test)]
mod tests;
