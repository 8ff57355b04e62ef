//! What a restore will do, decided against the target as it is now, before anything is written.

mod summary;
mod walk;

use std::sync::atomic::AtomicBool;

use bygone_common::BlobId;

use super::report::{Errors, Report, RestoreError};
use super::table::{Table, join};
use super::{OnConflict, Options, Progress, Source, execute};
use crate::error::Result;
use crate::repository::Repository;
use crate::tree::NodeKind;

pub use summary::Summary;

/// What will become of one node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Nothing is there: it is made.
    Create,
    /// Something else is there, and the rule says that it goes.
    Replace,
    /// Something else is there, and this goes beside it under another name.
    CreateBeside,
    /// It is there already, and its content is left alone; permissions and owner are set as in the snapshot.
    Renew,
    /// A directory is there: what it holds stays, what the snapshot has comes to it.
    Merge,
    /// It is there already.
    Unchanged,
    /// Something else is there, and the rule says that it stays.
    Skip,
    /// Something else is there, and the rule does not allow to touch it.
    Conflict,
}

impl Action {
    /// The action's name in listings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Replace => "replace",
            Self::CreateBeside => "create-beside",
            Self::Renew => "renew",
            Self::Merge => "merge",
            Self::Unchanged => "unchanged",
            Self::Skip => "skip",
            Self::Conflict => "conflict",
        }
    }

    /// Whether something is made.
    pub(super) fn makes(self) -> bool {
        match self {
            Self::Create | Self::Replace | Self::CreateBeside => true,
            Self::Renew | Self::Merge | Self::Unchanged | Self::Skip | Self::Conflict => false,
        }
    }

    /// Whether the snapshot's content is there when all is done.
    pub(super) fn ends_restored(self) -> bool {
        match self {
            Self::Create | Self::Replace | Self::CreateBeside | Self::Renew | Self::Unchanged => true,
            Self::Merge | Self::Skip | Self::Conflict => false,
        }
    }
}

/// One line of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedAction {
    /// Where it goes: a path below the target that begins with a slash. For `CreateBeside` that is the other name.
    pub path: Vec<u8>,
    /// What it is.
    pub kind: NodeKind,
    /// What will become of it.
    pub action: Action,
    /// Bytes of content.
    pub size: u64,
}

/// A restore, thought through. Nothing was written for it.
#[derive(Debug)]
pub struct Plan {
    pub(super) repository: Repository,
    pub(super) options: Options,
    pub(super) table: Table,
    /// The ids of the table's blobs.
    pub(super) blobs: Vec<BlobId>,
    pub(super) summary: Summary,
    pub(super) errors: Errors,
    /// The source itself holds names like those of unfinished files.
    pub(super) odd_names: bool,
}

/// Plans the restore of `source`: reads its trees and looks at the target, and writes nothing.
///
/// # Errors
/// `NotFound` when the source does not exist; `Denied` or `Io` when the target is no directory or cannot be looked at;
/// `Cancelled`. What concerns single nodes is in [`Plan::errors`] instead.
pub fn plan(repository: &Repository, source: &Source, options: Options, cancel: &AtomicBool) -> Result<Plan> {
    walk::plan(repository, source, options, cancel)
}

impl Plan {
    /// The plan in numbers.
    pub fn summary(&self) -> Summary {
        self.summary
    }

    /// Nodes that cannot be restored, and why: the first [`ERRORS_KEPT_MAX`](super::ERRORS_KEPT_MAX).
    pub fn errors(&self) -> Vec<RestoreError> {
        self.errors.kept()
    }

    /// What will become of every node, directory by directory.
    pub fn actions(&self) -> impl Iterator<Item = PlannedAction> {
        let needed = self.table.dirs.iter().zip(0..).filter(|(dir, _)| dir.needed || dir.action == Action::Conflict);
        needed.flat_map(move |(dir, position)| {
            let path = self.table.dir_path(position);
            let own = PlannedAction { path: path.clone(), kind: NodeKind::Dir, action: dir.action, size: 0 };
            let entries = self.table.entries_of(dir).iter().map(move |entry| PlannedAction {
                path: join(path.clone(), self.table.entry_name(entry)),
                kind: entry.what.kind(),
                action: entry.action,
                size: entry.size,
            });
            std::iter::once(own).filter(|own| !own.path.is_empty()).chain(entries)
        })
    }

    /// What is in the way and may not be touched.
    pub fn conflicts(&self) -> impl Iterator<Item = PlannedAction> {
        self.actions().filter(|planned| planned.action == Action::Conflict)
    }

    /// Whether nothing of it may be done: only [`OnConflict::Fail`] refuses a whole restore.
    pub(super) fn is_refused(&self) -> bool {
        self.options.on_conflict == OnConflict::Fail && self.summary.conflicts > 0
    }

    /// Does it.
    ///
    /// # Errors
    /// `Conflict` when the rule is `fail` and something is in the way: then nothing was written. `Denied`, `NoSpace` or
    /// `Io` when the target itself cannot be made. All later trouble is in the report: what concerns single files
    /// in its errors, a full disk, storage that is gone and [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled) in
    /// [`Report::stopped`]. Run again to go on.
    pub fn execute(self, progress: &dyn Progress, cancel: &AtomicBool) -> Result<Report> {
        execute::execute(self, progress, cancel)
    }
}
