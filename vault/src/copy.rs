//! Copying snapshots from one repository to another: what the other has already is not written again.
//!
//! Snapshots are taken in batches: the trees of each are walked (the whole of them, so that nothing is taken for granted
//! that only looks complete), data that is missing is moved, then trees, then the snapshots are saved.
//!
//! Invariants: a tree is added only when everything below it is in the destination, and a snapshot only when all of it is.
//! Every blob's SHA-256 is checked on its way.
//!
//! Read in this order: `stored` (snapshot files), `batch` (what is missing), `lost` (what cannot be copied, and of which
//! files); `transfer` beside this module moves blobs.

mod batch;
mod lost;
pub(crate) mod stored;

use std::collections::HashSet;
use std::sync::Arc;

use bygone_common::{SnapshotId, TreeId};

use crate::backend::{CancelToken, SharedStorage};
use crate::error::{Error, ErrorKind, Result};
use crate::progress::Progress;
use crate::repository::Repository;
use crate::snapshot::Snapshot;
use crate::transfer::Lost;
use crate::write::{WriteOptions, Writer, Written};
use batch::Batch;
use stored::Likeness;

pub use lost::Unreadable;
pub(crate) use lost::{passable, unknown};

/// Data that is moved before the snapshots it belongs to are saved: enough that packs are full, and little to begin again
/// with after an interruption.
const BATCH_BYTES: u64 = 512 << 20;
/// Trees of one batch: each takes about 100 bytes of memory.
const BATCH_TREES: usize = 200_000;

/// How to copy.
#[derive(Debug, Clone, Copy, Default)]
pub struct CopyOptions {
    /// How the destination is written to. Its compression is for what is not compressed yet, unless `recompress` is set.
    pub write: WriteOptions,
    /// Whether everything is compressed anew.
    pub recompress: bool,
    /// Whether nothing is to be written.
    pub dry_run: bool,
}

/// What became of a snapshot.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It is in the destination by this id; `None` after a dry run.
    Copied(Option<SnapshotId>),
    /// It was there already, by this id.
    Present(SnapshotId),
    /// It is not copied: parts of it cannot be read.
    Unreadable(Vec<Unreadable>),
}

/// What a copy came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Copied {
    /// Snapshots that were copied.
    pub copied: u64,
    /// Snapshots that were there already.
    pub present: u64,
    /// Snapshots that cannot be read as a whole.
    pub unreadable: u64,
    /// Blobs of files that were missing.
    pub missing_blobs: u64,
    /// Their bytes in the source's packs.
    pub missing_bytes: u64,
    /// What was written.
    pub written: Written,
}

/// Whether both cut files in the same way, so that what is equal in both is stored once.
///
/// # Errors
/// `Damaged` when one does not say how it cuts.
pub fn cuts_alike(source: &Repository, destination: &Repository) -> Result<bool> {
    let polynomial = |repository: &Repository| {
        let text = &repository.config().chunker_polynomial;
        text.parse::<crate::polynomial::Polynomial>()
    };
    Ok(polynomial(source)? == polynomial(destination)?)
}

/// A copy that is to be made.
pub struct Copy<'a> {
    /// Where snapshots come from.
    pub source: &'a Repository,
    /// Where they go.
    pub destination: &'a Repository,
    /// By way of what: it is where the destination lies.
    pub storage: SharedStorage,
    /// How.
    pub options: CopyOptions,
    /// Ends it when it is pulled.
    pub token: &'a CancelToken,
    /// Is told how far it has come.
    pub progress: &'a dyn Progress,
}

impl Copy<'_> {
    /// Copies snapshots, in this order. `on_snapshot` is told of each, once its fate is known. Snapshots that cannot be read
    /// as a whole are left out, the others go on.
    ///
    /// # Errors
    /// `InvalidInput` when both repositories are the same; what the storage of either answers; `Cancelled`. What was copied
    /// stays, and the next copy goes on from there.
    pub fn run(
        &self,
        snapshots: &[Arc<Snapshot>],
        on_snapshot: &mut dyn FnMut(&Snapshot, &Outcome) -> Result<()>,
    ) -> Result<Copied> {
        if self.source.location() == self.destination.location() {
            let sentence = format!("{} cannot be copied to itself", self.source.location());
            return Err(Error::new(ErrorKind::InvalidInput, sentence));
        }
        let writer = Arc::new(Writer::start(self.destination, self.storage.clone(), &self.options.write)?);
        let mut copying = Copying {
            source: self.source,
            writer,
            options: &self.options,
            token: self.token,
            progress: self.progress,
            done: HashSet::new(),
            lost: Lost::new(),
            copied: Copied::default(),
        };
        let mut present = Likeness::of_all(&self.destination.snapshots());
        let mut batch = Batch::default();
        for snapshot in snapshots {
            self.token.check(|| "copy".to_owned())?;
            if let Some(id) = present.find(snapshot) {
                copying.copied.present += 1;
                on_snapshot(snapshot, &Outcome::Present(id))?;
                continue;
            }
            // Of two that are alike, one is copied.
            present.add(snapshot, snapshot.id);
            batch.explore(&copying, snapshot)?;
            if batch.bytes() >= BATCH_BYTES || batch.trees() >= BATCH_TREES {
                copying.finish(std::mem::take(&mut batch), on_snapshot)?;
            }
        }
        copying.finish(batch, on_snapshot)?;
        copying.copied.written = copying.writer.written();
        Ok(copying.copied)
    }
}

/// What goes on from batch to batch.
struct Copying<'a> {
    source: &'a Repository,
    writer: Arc<Writer>,
    options: &'a CopyOptions,
    token: &'a CancelToken,
    progress: &'a dyn Progress,
    /// Trees that the destination has with all that is below them.
    done: HashSet<TreeId>,
    /// What cannot be copied.
    lost: Lost,
    copied: Copied,
}

impl Copying<'_> {
    /// Moves what a batch lacks, and saves its snapshots.
    fn finish(&mut self, batch: Batch, on_snapshot: &mut dyn FnMut(&Snapshot, &Outcome) -> Result<()>) -> Result<()> {
        if batch.is_empty() {
            return Ok(());
        }
        self.copied.missing_blobs += batch.blobs();
        self.copied.missing_bytes += batch.bytes();
        let moved = batch.move_all(self)?;
        for snapshot in moved.snapshots {
            let outcome = if moved.bad.contains(&snapshot.tree) {
                self.copied.unreadable += 1;
                Outcome::Unreadable(lost::find(self.source, &snapshot, &moved.bad, &self.lost))
            } else {
                self.copied.copied += 1;
                let id = if self.options.dry_run {
                    None
                } else {
                    let json = stored::of_copy(self.source, snapshot.id)?;
                    Some(self.writer.save_snapshot(&json)?)
                };
                Outcome::Copied(id)
            };
            on_snapshot(&snapshot, &outcome)?;
        }
        Ok(())
    }
}
