//! Which files a snapshot needs to be read.

use std::collections::HashSet;
use std::sync::Arc;

use bygone_common::{BlobId, PackId, TreeId};
use parking_lot::Mutex;
use serde::Deserialize;

use super::each::each;
use crate::backend::{CancelToken, FileId, FileKind};
use crate::error::{Error, ErrorKind, Result};
use crate::progress::{Progress, Unit};
use crate::repository::Repository;
use crate::sealed_file;
use crate::snapshot::Snapshot;
use crate::tree::NodeKind;
use crate::walk::TreeGraph;

/// What some snapshots need.
#[derive(Debug, Default)]
pub(super) struct Needed {
    /// Their files, the packs they use, and the index files that name these packs; in order.
    pub(super) files: Vec<FileId>,
    /// Blobs that no index file knows of.
    pub(super) missing_blobs: u64,
    /// Directories that cannot be read, and why: what lies below them is not known.
    pub(super) broken: Vec<(TreeId, Error)>,
}

#[derive(Default)]
struct Packs {
    used: HashSet<PackId>,
    missing_blobs: u64,
}

impl Packs {
    fn add(&mut self, repository: &Repository, blob: BlobId) {
        match repository.locate(blob) {
            Some(location) => drop(self.used.insert(location.pack)),
            None => self.missing_blobs += 1,
        }
    }
}

/// Walks the trees of `snapshots`, and reads all index files. Holds the id of every distinct tree and of every pack in
/// memory.
///
/// # Errors
/// What the storage answers; `Cancelled`.
pub(super) fn needed(
    repository: &Repository,
    snapshots: &[Arc<Snapshot>],
    token: &CancelToken,
    progress: &dyn Progress,
) -> Result<Needed> {
    progress.stage("find what snapshots need", snapshots.len() as u64, Unit::Items);
    let shared: Arc<Mutex<Packs>> = Arc::default();
    let (packs, looking) = (Arc::clone(&shared), repository.clone());
    let roots = snapshots.iter().map(|snapshot| snapshot.tree);
    let graph = TreeGraph::explore(repository, roots, move |directory| {
        let mut own = Packs::default();
        for node in directory.iter().filter(|node| node.kind() == NodeKind::File) {
            node.content().iter().for_each(|blob| own.add(&looking, *blob));
        }
        let mut packs = packs.lock();
        packs.used.extend(own.used);
        packs.missing_blobs += own.missing_blobs;
    });
    token.check(|| "look for what snapshots need".to_owned())?;
    let mut packs = std::mem::take(&mut *shared.lock());
    let mut broken = Vec::new();
    for seen in graph.iter() {
        packs.add(repository, BlobId::from(seen.id));
        match &seen.fact {
            Ok(()) => {}
            // The storage's own failure is no damage: what was found so far is not all there is.
            Err(error) if error.kind().is_transient() || error.kind() == ErrorKind::Cancelled => {
                return Err(error.clone());
            }
            Err(error) => broken.push((seen.id, error.clone())),
        }
    }
    let mut files: Vec<FileId> = index_files(repository, &packs.used, token, progress)?;
    files.extend(packs.used.into_iter().map(FileId::pack));
    files.extend(snapshots.iter().map(|snapshot| FileId::new(FileKind::Snapshot, snapshot.id)));
    files.sort();
    files.dedup();
    Ok(Needed { files, missing_blobs: packs.missing_blobs, broken })
}

/// The part of an index file that says which packs it names.
#[derive(Deserialize)]
struct IndexFile {
    #[serde(default)]
    packs: Vec<IndexPack>,
    #[serde(default)]
    packs_to_delete: Vec<IndexPack>,
}

#[derive(Deserialize)]
struct IndexPack {
    id: PackId,
}

/// The index files that name any of `packs`.
fn index_files(
    repository: &Repository,
    packs: &HashSet<PackId>,
    token: &CancelToken,
    progress: &dyn Progress,
) -> Result<Vec<FileId>> {
    let listed = repository.backend().list(FileKind::Index)?;
    let listed: Vec<FileId> = listed.iter().map(|file| FileId::new(FileKind::Index, file.id)).collect();
    let found = Mutex::new(Vec::new());
    each("read the index", &listed, token, progress, |file| {
        let json = sealed_file::read(repository.backend().as_ref(), repository.master_key(), file);
        // One that cannot be read helps nobody: the check tells of it.
        let json = match json {
            Err(error) if error.kind() == ErrorKind::Damaged => return Ok(()),
            other => other?,
        };
        let Ok(index) = serde_json::from_slice::<IndexFile>(&json) else { return Ok(()) };
        if index.packs.iter().chain(&index.packs_to_delete).any(|pack| packs.contains(&pack.id)) {
            found.lock().push(file);
        }
        Ok(())
    })?;
    Ok(found.into_inner())
}
