//! How much there is: in the repository's files, in snapshots, and in the blobs that snapshots use.

mod used;

use std::collections::HashSet;
use std::sync::Arc;

use bygone_common::TreeId;

use crate::backend::FileKind;
use crate::error::{Error, Result};
use crate::repository::Repository;
use crate::snapshot::Snapshot;
use crate::tree::{Directory, NodeKind};
use crate::walk::TreeGraph;

pub use used::{Used, used};

/// The repository's stored files of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredFiles {
    /// Which kind.
    pub kind: FileKind,
    /// How many.
    pub files: u64,
    /// Their stored bytes.
    pub bytes: u64,
}

/// Lists the repository's storage: packs, index files, snapshots, keys.
///
/// # Errors
/// Whatever a listing answers.
pub fn stored(repository: &Repository) -> Result<Vec<StoredFiles>> {
    [FileKind::Pack, FileKind::Index, FileKind::Snapshot, FileKind::Key]
        .into_iter()
        .map(|kind| {
            let listed = repository.backend().list(kind)?;
            let bytes = listed.iter().map(|file| file.size).sum();
            Ok(StoredFiles { kind, files: listed.len() as u64, bytes })
        })
        .collect()
}

/// What a restore would write.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Contents {
    /// Regular files, every name of a hard link counted.
    pub files: u64,
    /// Directories.
    pub directories: u64,
    /// Links, devices, pipes and sockets.
    pub others: u64,
    /// Bytes of the files, those of hard-linked ones once.
    pub bytes: u64,
}

impl Contents {
    fn add(&mut self, other: Self) {
        self.files = self.files.saturating_add(other.files);
        self.directories = self.directories.saturating_add(other.directories);
        self.others = self.others.saturating_add(other.others);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

/// What lies in snapshots.
#[derive(Debug)]
pub struct SnapshotContents {
    /// For each snapshot asked for, in the same order. What lies below a directory that cannot be read is missing.
    pub snapshots: Vec<Contents>,
    /// All of them together, as if each were restored by itself.
    pub total: Contents,
    /// Distinct directories looked at.
    pub distinct_directories: u64,
    /// Directories that cannot be read, and why.
    pub broken: Vec<(TreeId, Error)>,
}

/// A file with several names: (file system, inode, bytes).
type Linked = (u64, u64, u64);

/// One directory's own entries.
struct Own {
    /// Without the bytes of `linked`.
    contents: Contents,
    linked: Box<[Linked]>,
}

impl Own {
    fn of(directory: &Directory) -> Self {
        let mut contents = Contents::default();
        let mut linked = Vec::new();
        for node in directory.iter() {
            match node.kind() {
                NodeKind::File => {
                    contents.files += 1;
                    if node.links() > 1 {
                        linked.push((node.device_id(), node.inode(), node.size()));
                    } else {
                        contents.bytes = contents.bytes.saturating_add(node.size());
                    }
                }
                NodeKind::Dir => contents.directories += 1,
                NodeKind::Symlink
                | NodeKind::BlockDevice
                | NodeKind::CharDevice
                | NodeKind::Fifo
                | NodeKind::Socket
                | NodeKind::Unknown => contents.others += 1,
            }
        }
        Self { contents, linked: linked.into_boxed_slice() }
    }
}

/// Counts what lies in each snapshot. Each distinct directory is looked at once.
pub fn contents(repository: &Repository, snapshots: &[Arc<Snapshot>]) -> SnapshotContents {
    let graph = TreeGraph::explore(repository, snapshots.iter().map(|snapshot| snapshot.tree), Own::of);
    let mut sums = vec![Contents::default(); graph.len()];
    for position in graph.children_first() {
        let Some(seen) = graph.get(position) else { continue };
        let mut sum = seen.fact.as_ref().map_or_else(|_| Contents::default(), |own| own.contents);
        for child in &seen.children {
            sum.add(sums.get(*child as usize).copied().unwrap_or_default());
        }
        if let Some(place) = sums.get_mut(position as usize) {
            *place = sum;
        }
    }
    let has_linked = graph.reaching(|seen| seen.fact.as_ref().is_ok_and(|own| !own.linked.is_empty()));
    let each: Vec<Contents> = snapshots
        .iter()
        .map(|snapshot| {
            let Some(root) = graph.position(snapshot.tree) else { return Contents::default() };
            let mut contents = sums.get(root as usize).copied().unwrap_or_default();
            contents.bytes = contents.bytes.saturating_add(linked_bytes(&graph, &has_linked, root));
            contents
        })
        .collect();
    let mut total = Contents::default();
    each.iter().for_each(|contents| total.add(*contents));
    let broken = graph.iter().filter_map(|seen| Some((seen.id, seen.fact.as_ref().err()?.clone()))).collect();
    SnapshotContents { snapshots: each, total, distinct_directories: graph.len() as u64, broken }
}

/// The bytes of the files with several names below a tree, each file once.
fn linked_bytes(graph: &TreeGraph<Own>, has_linked: &[bool], root: u32) -> u64 {
    let mut files: HashSet<(u64, u64)> = HashSet::new();
    let mut visited: HashSet<u32> = HashSet::new();
    let mut todo = vec![root];
    let mut bytes = 0u64;
    while let Some(position) = todo.pop() {
        let leads = has_linked.get(position as usize).copied().unwrap_or_default();
        if !leads || !visited.insert(position) {
            continue;
        }
        let Some(seen) = graph.get(position) else { continue };
        todo.extend_from_slice(&seen.children);
        for (device, inode, size) in seen.fact.iter().flat_map(|own| &own.linked) {
            if files.insert((*device, *inode)) {
                bytes = bytes.saturating_add(*size);
            }
        }
    }
    bytes
}
