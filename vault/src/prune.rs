//! Reclaiming the space of blobs that no snapshot uses, in two phases: packs that nobody needs are marked in the index first,
//! and deleted by a later prune, when no reader can still be using them.
//!
//! Read in this order: `survey` (what index files and storage hold), `usage` (what snapshots need), `locked` (what the storage
//! does not let go), `decide` (what becomes of each pack; no input or output), `repack` (moving what is needed out of packs that are mostly not), `execute` (the order
//! in which everything is written).
//!
//! Invariants: a blob that a snapshot or a lease needs lies in a pack that is named by an index file, at every moment. An
//! index file is removed only after those that replace it are durable; a pack only after no index file names it.
//!
//! The mark is rustic's: `packs_to_delete` in an index file. restic passes it over, and takes marked packs for unused ones.

mod decide;
mod execute;
mod locked;
mod repack;
mod survey;
mod usage;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bygone_common::{SnapshotId, TreeId};
use jiff::Timestamp;

use crate::backend::{CancelToken, ObjectLock, SharedStorage};
use crate::error::Result;
use crate::progress::Progress;
use crate::repository::Repository;
use crate::snapshot::Snapshot;
use decide::Decisions;
use survey::Survey;

pub use execute::Pruned;

/// Marked packs stay so long, unless said otherwise: longer than a mount of yesterday, and less than a day, so that a
/// daily prune deletes what the one before has marked.
pub const GRACE_DEFAULT: Duration = Duration::from_hours(23);

/// Bytes of unused blobs that may stay in packs that are partly used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MaxUnused {
    /// As a share of all bytes that stay, from 0 to 1 (excluded).
    Share(f64),
    /// As bytes.
    Bytes(u64),
    /// As many as there are: nothing is repacked.
    Unlimited,
}

/// Which packs are written anew, as far as they are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Repack {
    /// Those with too many unused blobs.
    #[default]
    Unused,
    /// Also those that are much smaller than packs should be.
    Small,
    /// Also those with blobs that are not compressed, in a format that can.
    Uncompressed,
    /// Only packs of trees.
    TreesOnly,
}

/// How to prune.
#[derive(Debug, Clone)]
pub struct PruneOptions {
    /// Unused bytes that may stay.
    pub max_unused: MaxUnused,
    /// Bytes that are read for repacking at the most.
    pub max_repack_bytes: u64,
    /// Which packs are repacked.
    pub repack: Repack,
    /// Bytes at which a pack is full.
    pub pack_bytes: u32,
    /// For how long marked packs stay.
    pub grace: Duration,
    /// Trees that a reader is using: they and all below stay, also when no snapshot has them any more.
    pub leased_trees: Vec<TreeId>,
    /// The start of the oldest live lease. Packs that were marked after it stay: that reader may know blobs by them.
    pub leased_since: Option<Timestamp>,
    /// What keeps packs in the storage: one that is locked is not deleted, nor is it repacked.
    pub object_lock: Option<ObjectLock>,
    /// Now.
    pub now: Timestamp,
}

impl PruneOptions {
    /// restic's and rustic's defaults: 5 % may stay unused.
    pub fn new(now: Timestamp) -> Self {
        Self {
            max_unused: MaxUnused::Share(0.05),
            max_repack_bytes: u64::MAX,
            repack: Repack::default(),
            pack_bytes: crate::write::options::PACK_BYTES_DEFAULT,
            grace: GRACE_DEFAULT,
            leased_trees: Vec::new(),
            leased_since: None,
            object_lock: None,
            now,
        }
    }
}

/// Packs, blobs and bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amount {
    /// Packs.
    pub packs: u64,
    /// Blobs in them that count.
    pub blobs: u64,
    /// Their stored bytes.
    pub bytes: u64,
}

/// What a prune would do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PruneStats {
    /// Blobs that snapshots need, each once.
    pub used: Amount,
    /// Blobs in the index that nobody needs, or that lie elsewhere too.
    pub unused: Amount,
    /// Packs that stay as they are.
    pub kept: Amount,
    /// What is moved to new packs.
    pub repacked: Amount,
    /// Packs that are marked now.
    pub marked: Amount,
    /// Packs that are marked and stay until the grace has passed.
    pub waiting: Amount,
    /// When the first of these may go.
    pub next_deletion: Option<Timestamp>,
    /// Marked packs that are needed again.
    pub recovered: Amount,
    /// Packs that are deleted now.
    pub deleted: Amount,
    /// Packs that nobody needs, or not all of, and that the storage keeps until a time to come.
    pub locked: Amount,
    /// When the first of these becomes free; the end of time for a legal hold.
    pub locked_until: Option<Timestamp>,
    /// Packs that no index file names: left behind by writers that were killed.
    pub unindexed: Amount,
    /// Unused bytes that stay in packs that are kept.
    pub unused_bytes_after: u64,
}

/// What is going to be done.
#[derive(Debug)]
pub struct PrunePlan {
    survey: Survey,
    decisions: Decisions,
    options: PruneOptions,
}

impl PrunePlan {
    /// Looks at everything and decides. The repository must have been opened, or refreshed, under an exclusive lock that is
    /// still held.
    ///
    /// # Errors
    /// `Damaged` when an index file, a snapshot or a tree cannot be read, or a blob that is needed is missing: what is
    /// needed is not known then, so nothing may go. What the storage answers.
    pub fn make(
        repository: &Repository,
        options: PruneOptions,
        token: &CancelToken,
        progress: &dyn Progress,
    ) -> Result<Self> {
        Self::needed_by(&repository.snapshots(), repository, options, token, progress)
    }

    /// What a prune would come to once the snapshots `gone` are forgotten. No plan, as to go by it while they are there would
    /// take what they need.
    ///
    /// # Errors
    /// As [`make`](Self::make).
    pub fn foresee(
        repository: &Repository,
        gone: &[Arc<Snapshot>],
        options: PruneOptions,
        token: &CancelToken,
        progress: &dyn Progress,
    ) -> Result<PruneStats> {
        let gone: HashSet<SnapshotId> = gone.iter().map(|snapshot| snapshot.id).collect();
        let all = repository.snapshots();
        let left: Vec<Arc<Snapshot>> = all.iter().filter(|snapshot| !gone.contains(&snapshot.id)).cloned().collect();
        Ok(*Self::needed_by(&left, repository, options, token, progress)?.stats())
    }

    fn needed_by(
        snapshots: &[Arc<Snapshot>],
        repository: &Repository,
        options: PruneOptions,
        token: &CancelToken,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let mut survey = Survey::make(repository, token, progress)?;
        let usage = usage::Usage::find(repository, snapshots, &survey, &options.leased_trees, token, progress)?;
        if let Some(object_lock) = &options.object_lock {
            locked::ask(object_lock, &mut survey, &usage, options.now, token, progress)?;
        }
        let decisions = decide::decide(&survey, usage, &options, repository.version())?;
        Ok(Self { survey, decisions, options })
    }

    /// What it comes to.
    pub fn stats(&self) -> &PruneStats {
        &self.decisions.stats
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.decisions.is_empty()
    }

    /// Does it, by way of `storage`, which is where the repository lies.
    ///
    /// # Errors
    /// What the storage answers. The repository is valid then, and the next prune goes on from there.
    pub fn execute(
        self,
        repository: &Repository,
        storage: &SharedStorage,
        token: &CancelToken,
        progress: &dyn Progress,
    ) -> Result<Pruned> {
        execute::execute(self, repository, storage, token, progress)
    }
}
