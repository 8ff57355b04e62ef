//! What is needed: every blob that a snapshot or a lease uses, and the one pack that each is counted in.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::ControlFlow;
use std::sync::Arc;

use bygone_common::{BlobId, TreeId};
use parking_lot::Mutex;

use super::survey::{Named, Pack, Survey};
use crate::backend::CancelToken;
use crate::blob_map::{BlobKind, BlobLocation};
use crate::error::{Error, ErrorKind, Result};
use crate::progress::{Progress, Unit};
use crate::repository::Repository;
use crate::snapshot::Snapshot;
use crate::tree::NodeKind;
use crate::walk::TreeGraph;

/// A blob by what it holds and what it is.
pub(super) type Blob = (BlobKind, BlobId);
/// The pack of a blob that was not found in any yet.
const NO_PACK: u32 = COUNTED - 1;
/// Marks an owner whose blob was counted. No repository has so many packs.
const COUNTED: u32 = 1 << 31;

/// What is in a pack, and how much of it is needed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Content {
    pub(super) used_blobs: u64,
    pub(super) used_bytes: u64,
    pub(super) unused_blobs: u64,
    pub(super) unused_bytes: u64,
    pub(super) has_data: bool,
    pub(super) has_trees: bool,
    pub(super) has_uncompressed: bool,
}

/// Every blob that is needed, with the number of the pack it is counted in; and the content of each pack.
#[derive(Debug)]
pub(super) struct Usage {
    pub(super) owners: HashMap<Blob, u32>,
    pub(super) contents: Vec<Content>,
}

impl Usage {
    pub(super) fn find(
        repository: &Repository,
        snapshots: &[Arc<Snapshot>],
        survey: &Survey,
        leased: &[TreeId],
        token: &CancelToken,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let mut owners = needed(repository, snapshots, leased, token, progress)?;
        // A blob may lie in several packs: it is counted in the one of which most is needed.
        let mut shares = vec![0_u64; survey.packs.len()];
        for_each_copy(repository, survey, |blob, number, location| {
            if owners.contains_key(&blob)
                && let Some(share) = shares.get_mut(number as usize)
            {
                *share += u64::from(location.length);
            }
        });
        let rank = |number: u32| {
            let pack = survey.packs.get(number as usize)?;
            Some((is_there(pack), pack.named == Named::Used, shares.get(number as usize).copied(), u32::MAX - number))
        };
        for_each_copy(repository, survey, |blob, number, _| {
            if let Entry::Occupied(mut owner) = owners.entry(blob)
                && (*owner.get() == NO_PACK || rank(number) > rank(*owner.get()))
            {
                owner.insert(number);
            }
        });
        let mut contents = vec![Content::default(); survey.packs.len()];
        for_each_copy(repository, survey, |blob, number, location| {
            let Some(content) = contents.get_mut(number as usize) else { return };
            match blob.0 {
                BlobKind::Data => content.has_data = true,
                BlobKind::Tree => content.has_trees = true,
            }
            content.has_uncompressed |= location.uncompressed == 0;
            let owner = owners.get_mut(&blob).filter(|owner| **owner == number);
            let is_used = owner.is_some();
            // Of a blob that lies in a pack twice, one is needed.
            owner.into_iter().for_each(|owner| *owner |= COUNTED);
            let (blobs, bytes) = if is_used {
                (&mut content.used_blobs, &mut content.used_bytes)
            } else {
                (&mut content.unused_blobs, &mut content.unused_bytes)
            };
            *blobs += 1;
            *bytes += u64::from(location.length);
        });
        for ((kind, blob), owner) in &mut owners {
            *owner &= !COUNTED;
            let pack = survey.packs.get(*owner as usize);
            if !pack.is_some_and(is_there) {
                let what = match kind {
                    BlobKind::Data => "a blob of a file",
                    BlobKind::Tree => "a tree",
                };
                let sentence = match pack {
                    Some(pack) => {
                        format!("{what} that a snapshot needs, {blob}, lies in pack {}, which is missing", pack.id)
                    }
                    None => format!("{what} that a snapshot needs, {blob}, is in no index file"),
                };
                return Err(Error::new(ErrorKind::Damaged, sentence).context("nothing is pruned: check the repository"));
            }
        }
        Ok(Self { owners, contents })
    }
}

fn is_there(pack: &Pack) -> bool {
    pack.stored_bytes.is_some()
}

/// Calls `each` with every blob of the index, the number of its pack and its place. A place that several index files name
/// may come several times.
fn for_each_copy(repository: &Repository, survey: &Survey, mut each: impl FnMut(Blob, u32, BlobLocation)) {
    repository.for_each_blob(|id, location| {
        if let Some(number) = survey.number(location.pack) {
            each((location.kind, id), number, location);
        }
        ControlFlow::Continue(())
    });
}

/// Walks the snapshots and leased trees. Trees of leases may be gone already.
fn needed(
    repository: &Repository,
    snapshots: &[Arc<Snapshot>],
    leased: &[TreeId],
    token: &CancelToken,
    progress: &dyn Progress,
) -> Result<HashMap<Blob, u32>> {
    if let Some((_, error)) = repository.damaged_snapshots().into_iter().next() {
        return Err(error.context("what a snapshot needs is not known"));
    }
    progress.stage("find what snapshots need", snapshots.len() as u64, Unit::Items);
    let blobs = Arc::new(Mutex::new(HashMap::new()));
    let shared = Arc::clone(&blobs);
    let mut roots: Vec<TreeId> = snapshots.iter().map(|snapshot| snapshot.tree).collect();
    roots.extend(leased.iter().filter(|tree| repository.locate(BlobId::from(**tree)).is_some()));
    let graph = TreeGraph::explore(repository, roots, move |directory| {
        let mut blobs = shared.lock();
        for node in directory.iter().filter(|node| node.kind() == NodeKind::File) {
            blobs.extend(node.content().iter().map(|blob| ((BlobKind::Data, *blob), NO_PACK)));
        }
    });
    token.check(|| "find what snapshots need".to_owned())?;
    for seen in graph.iter() {
        if let Err(error) = &seen.fact {
            return Err(error
                .clone()
                .of_what_is_named()
                .context(format!("what lies below tree {} is not known: nothing is pruned", seen.id)));
        }
    }
    let mut blobs = std::mem::take(&mut *blobs.lock());
    blobs.extend(graph.iter().map(|seen| ((BlobKind::Tree, BlobId::from(seen.id)), NO_PACK)));
    progress.advance(snapshots.len() as u64);
    Ok(blobs)
}
