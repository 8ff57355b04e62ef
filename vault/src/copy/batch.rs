//! Some snapshots that are copied together: what they need and the destination lacks.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bygone_common::{BlobId, TreeId};
use parking_lot::Mutex;

use super::{Copying, lost};
use crate::blob_map::BlobKind;
use crate::error::Result;
use crate::progress::Unit;
use crate::snapshot::Snapshot;
use crate::transfer::Transfer;
use crate::tree::NodeKind;
use crate::walk::TreeGraph;

/// What some snapshots need.
#[derive(Default)]
pub(super) struct Batch {
    snapshots: Vec<Arc<Snapshot>>,
    /// Trees that were walked.
    trees: HashSet<TreeId>,
    /// Blobs of files that the destination lacks, with their bytes in the source's packs (0 when it has no such blob).
    data: HashMap<BlobId, u32>,
    bytes: u64,
    /// Whether a tree could not be read.
    broken: bool,
}

/// What came of moving a batch.
pub(super) struct Moved {
    pub(super) snapshots: Vec<Arc<Snapshot>>,
    /// Trees below which something cannot be copied.
    pub(super) bad: HashSet<TreeId>,
}

impl Batch {
    /// Walks a snapshot, as far as none before it was walked.
    pub(super) fn explore(&mut self, copying: &Copying<'_>, snapshot: &Arc<Snapshot>) -> Result<()> {
        let (source, writer) = (copying.source, Arc::clone(&copying.writer));
        copying.progress.stage("find what is missing", 0, Unit::Items);
        let found = Arc::new(Mutex::new(std::mem::take(&mut self.data)));
        let shared = Arc::clone(&found);
        let enter = |tree| !copying.done.contains(&tree) && !self.trees.contains(&tree);
        let graph = TreeGraph::explore_where(source, [snapshot.tree], enter, move |directory| {
            let mut found = shared.lock();
            for node in directory.iter().filter(|node| node.kind() == NodeKind::File) {
                for blob in node.content() {
                    if !found.contains_key(blob) && !writer.holds(BlobKind::Data, blob) {
                        found.insert(*blob, 0);
                    }
                }
            }
        });
        self.data = std::mem::take(&mut *found.lock());
        copying.token.check(|| "copy".to_owned())?;
        for seen in graph.iter() {
            match &seen.fact {
                Ok(()) => {
                    self.trees.insert(seen.id);
                }
                Err(error) => {
                    lost::passable(error)?;
                    self.broken = true;
                }
            }
        }
        for (blob, bytes) in self.data.iter_mut().filter(|(_, bytes)| **bytes == 0) {
            *bytes = source.locate_as(BlobKind::Data, *blob).map_or(0, |location| location.length);
            self.bytes += u64::from(*bytes);
        }
        self.snapshots.push(Arc::clone(snapshot));
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.snapshots.is_empty()
    }

    pub(super) fn trees(&self) -> usize {
        self.trees.len()
    }

    pub(super) fn blobs(&self) -> u64 {
        self.data.len() as u64
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Moves data, then the trees that are complete with it.
    pub(super) fn move_all(self, copying: &mut Copying<'_>) -> Result<Moved> {
        let Self { snapshots, mut trees, data, bytes, broken } = self;
        let transfer = Transfer {
            source: copying.source,
            writer: &copying.writer,
            recompress: copying.options.recompress,
            token: copying.token,
            progress: copying.progress,
        };
        if !copying.options.dry_run {
            copying.progress.stage("copy files", bytes, Unit::Bytes);
            // What was lost before need not be tried again.
            let lost =
                transfer.run(BlobKind::Data, data.into_keys().filter(|blob| !copying.lost.contains_key(blob)))?;
            copying.lost.extend(lost);
            let bad =
                if broken || !copying.lost.is_empty() { lost::trees(copying, &snapshots)? } else { HashSet::new() };
            trees.retain(|tree| !bad.contains(tree));
            // What is named by a tree is there before the tree.
            copying.writer.flush()?;
            let wanted = trees.iter().map(|tree| BlobId::from(*tree));
            let wanted: Vec<BlobId> = wanted.filter(|tree| !copying.writer.holds(BlobKind::Tree, tree)).collect();
            copying.progress.stage("copy directories", 0, Unit::Bytes);
            if let Some((_, error)) = transfer.run(BlobKind::Tree, wanted)?.into_iter().next() {
                return Err(error.context("a directory was read before, and cannot be read again"));
            }
            copying.done.extend(trees);
            return Ok(Moved { snapshots, bad });
        }
        let unknown = data.into_iter().filter(|(_, bytes)| *bytes == 0).map(|(blob, _)| blob);
        copying.lost.extend(unknown.map(|blob| (blob, lost::unknown(copying.source, blob))));
        let bad = if broken || !copying.lost.is_empty() { lost::trees(copying, &snapshots)? } else { HashSet::new() };
        copying.done.extend(trees.into_iter().filter(|tree| !bad.contains(tree)));
        Ok(Moved { snapshots, bad })
    }
}
