//! Restore: a plan made against the live target before the first byte is written, then its execution.
//!
//! Read in this order: [`plan`] (the walk), [`conflict`] (what happens to what is in the way), [`table`] (the plan's compact
//! form), [`execute`] (the phases), [`contents`] (blobs in the order of their packs, each fetched once for all files that
//! need it), [`write`] (one file), [`verify`], and [`target`] (the only place that touches the target).
//!
//! How a kill, a full disk or a damaged blob is survived: everything but a directory is made under a temporary name in its
//! own directory, complete with content and metadata, and only then takes its real name. So a name in the target means
//! a complete file, an old file is never half overwritten, and resuming is running again: what is there with the size
//! and the mtime of the snapshot is left alone. The rename costs a fifth of what creating a small file costs; the other
//! way, writing in place and telling unfinished files by their mtime, would make every resumed restore meet files that
//! it must not touch under the rules `fail` and `skip`. Temporary names follow from the real ones, so that a second run
//! clears what a killed one left; a lock on the target keeps two runs apart.
//!
//! The snapshot is untrusted: names are checked one by one, no symbolic link below the target is ever followed (each
//! directory is opened relative to its parent's handle), set-uid bits are kept only where the owner could be set too.
//!
//! Invariant: a restore never overwrites a file unless its conflict rule says so by name.

mod aside;
mod blobs;
mod conflict;
mod contents;
mod execute;
mod filter;
mod folders;
mod names;
mod plan;
mod report;
pub mod safety;
mod table;
mod target;
mod verify;
mod write;

use std::collections::HashMap;
use std::path::PathBuf;

use bygone_common::access::View;
use bygone_common::{SnapshotPath, TreeId};
use jiff::civil::DateTime;

pub use conflict::OnConflict;
pub use filter::Filter;
pub use plan::{Action, Plan, PlannedAction, Summary, plan};
pub use report::{ERRORS_KEPT_MAX, Progress, Report, RestoreError};
pub use target::Links;

/// What to restore.
#[derive(Debug, Clone)]
pub struct Source {
    /// The snapshot's root.
    pub tree: TreeId,
    /// A directory, whose entries then go directly into the target, or a single node, which goes there by its name.
    pub path: SnapshotPath,
}

/// Whose the restored files and directories are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ownership {
    /// The saved owner's and group's, as far as the system allows: only root may give files away.
    #[default]
    AsSaved,
    /// Whoever's made them. Set-uid and set-gid bits are kept only where that is the saved owner or group anyway.
    AsMade,
}

/// Where to and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The directory that receives everything; made when missing.
    pub target: PathBuf,
    /// Which links on the way to it are followed. Those below it never are.
    pub links: Links,
    /// What to do about what is in the way.
    pub on_conflict: OnConflict,
    /// Other rules for single nodes, by their paths below the source, which begin with a slash.
    pub exceptions: HashMap<Vec<u8>, OnConflict>,
    /// Which of the source's nodes are meant.
    pub filter: Filter,
    /// What may be put back at all, by paths from the snapshot's root; none: everything.
    pub view: Option<View>,
    /// Whose everything is in the end.
    pub ownership: Ownership,
    /// Leave holes where a file holds zeros only.
    pub sparse: bool,
    /// Read every file back and compare it with the snapshot.
    pub verify: bool,
    /// The moment of the restore, which names the files of [`OnConflict::KeepBoth`] and the folder of
    /// [`OnConflict::SetAside`].
    pub restored_at: DateTime,
}

impl Options {
    /// The careful choice: everything, refusing to touch what is there.
    pub fn new(target: impl Into<PathBuf>, restored_at: DateTime) -> Self {
        Self {
            target: target.into(),
            links: Links::default(),
            on_conflict: OnConflict::Fail,
            exceptions: HashMap::new(),
            filter: Filter::default(),
            view: None,
            ownership: Ownership::AsSaved,
            sparse: false,
            verify: false,
            restored_at,
        }
    }

    /// Whether paths of nodes have to be made, to ask for them.
    fn asks_paths(&self) -> bool {
        !self.filter.is_trivial() || !self.exceptions.is_empty()
    }

    /// The rule for a node, by its path below the source.
    fn rule(&self, path: &[u8]) -> OnConflict {
        self.exceptions.get(path).copied().unwrap_or(self.on_conflict)
    }

    /// The name of the folder in the target to which what is replaced will be moved; none: it is not kept.
    pub fn safety_folder(&self) -> Option<String> {
        self.sets_aside().then(|| aside::name(&self.label()))
    }

    /// Whether anything that is replaced is kept: with one rule that says so, all is.
    fn sets_aside(&self) -> bool {
        self.on_conflict == OnConflict::SetAside || self.exceptions.values().any(|rule| *rule == OnConflict::SetAside)
    }

    /// The moment of the restore, as names of files say it.
    pub(super) fn label(&self) -> String {
        self.restored_at.strftime("%Y-%m-%dT%H-%M-%S").to_string()
    }
}
