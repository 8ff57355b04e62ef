//! The distinct files and blobs that snapshots use.

use std::collections::HashSet;
use std::sync::Arc;

use bygone_common::{BlobId, TreeId};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::repository::Repository;
use crate::snapshot::Snapshot;
use crate::tree::{Directory, NodeKind};
use crate::walk::TreeGraph;

/// What some snapshots use of a repository, everything equal counted once.
#[derive(Debug, Default)]
pub struct Used {
    /// Files of distinct content.
    pub distinct_files: u64,
    /// The bytes of these.
    pub distinct_file_bytes: u64,
    /// Blobs of files.
    pub data_blobs: u64,
    /// Trees.
    pub tree_blobs: u64,
    /// Plain bytes of all these blobs.
    pub plain_bytes: u64,
    /// Stored bytes of all these blobs: encrypted, and compressed where the format does.
    pub stored_bytes: u64,
    /// Blobs that no index file knows of.
    pub missing_blobs: u64,
    /// Directories that cannot be read, and why.
    pub broken: Vec<(TreeId, Error)>,
}

#[derive(Default)]
struct Collected {
    /// Digests of lists of blobs.
    files: HashSet<[u8; 32]>,
    file_bytes: u64,
    blobs: HashSet<BlobId>,
}

/// Collects what `snapshots` use. Holds the id of every distinct file and blob in memory: some 100 bytes each.
pub fn used(repository: &Repository, snapshots: &[Arc<Snapshot>]) -> Used {
    let collected = Arc::new(Mutex::new(Collected::default()));
    let shared = Arc::clone(&collected);
    let roots = snapshots.iter().map(|snapshot| snapshot.tree);
    let graph = TreeGraph::explore(repository, roots, move |directory| collect(directory, &shared));
    let collected = collected.lock();
    let mut used = Used {
        distinct_files: collected.files.len() as u64,
        distinct_file_bytes: collected.file_bytes,
        ..Used::default()
    };
    let mut count = |blob: BlobId| match repository.locate(blob) {
        Some(location) => {
            used.plain_bytes = used.plain_bytes.saturating_add(u64::from(location.plain_bytes()));
            used.stored_bytes = used.stored_bytes.saturating_add(u64::from(location.length));
            1
        }
        None => {
            used.missing_blobs += 1;
            0
        }
    };
    let (mut data_blobs, mut tree_blobs) = (0, 0);
    for blob in &collected.blobs {
        data_blobs += count(*blob);
    }
    for seen in graph.iter() {
        tree_blobs += count(BlobId::from(seen.id));
    }
    used.data_blobs = data_blobs;
    used.tree_blobs = tree_blobs;
    used.broken = graph.iter().filter_map(|seen| Some((seen.id, seen.fact.as_ref().err()?.clone()))).collect();
    used
}

fn collect(directory: &Directory, collected: &Mutex<Collected>) {
    let files: Vec<_> = directory
        .iter()
        .filter(|node| node.kind() == NodeKind::File)
        .map(|node| {
            let mut digest = Sha256::new();
            for blob in node.content() {
                digest.update(blob.as_bytes());
            }
            (<[u8; 32]>::from(digest.finalize()), node)
        })
        .collect();
    let mut collected = collected.lock();
    for (digest, node) in files {
        if collected.files.insert(digest) {
            collected.file_bytes = collected.file_bytes.saturating_add(node.size());
            collected.blobs.extend(node.content());
        }
    }
}
