//! A whole backup of files into a repository that is open and locked: which snapshot went before, the capture, what is
//! saved, and that it can be read back.

use std::sync::Arc;

use bygone_common::SnapshotId;

use super::save::{Draft, ParentFilter, complete, parent_of, save};
use super::{Capture, Options, Sources, Watcher, absolute_paths};
use crate::backend::{CancelToken, SharedStorage};
use crate::error::Result;
use crate::repository::Repository;
use crate::snapshot::{Snapshot, Summary};
use crate::write::{WriteOptions, Writer};

/// What is to be saved, where, and how.
pub struct Whole<'a> {
    /// The repository.
    pub repository: &'a Repository,
    /// Where it lies.
    pub storage: SharedStorage,
    /// What is saved.
    pub sources: &'a Sources,
    /// How it is captured; `before` is found out here.
    pub options: Options,
    /// How it is written.
    pub write: WriteOptions,
    /// What the snapshot says of itself; its parent and paths are found out here.
    pub draft: Draft,
    /// Whether every file is read, whatever the snapshot before has.
    pub force: bool,
    /// Whether a snapshot that would be equal to the one before is not taken.
    pub skip_if_unchanged: bool,
    /// Who watches.
    pub watcher: &'a dyn Watcher,
    /// Pulled to give up.
    pub token: &'a CancelToken,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Saved {
    /// The snapshot; none when it would have been equal to the one before.
    pub snapshot: Option<SnapshotId>,
    /// What was found and added.
    pub summary: Summary,
    /// Things that are missing in it, each of which was told to the watcher.
    pub problems: u64,
}

impl Whole<'_> {
    /// Does it.
    ///
    /// # Errors
    /// As those of [`Capture::files`] and [`save`].
    pub fn run(self) -> Result<Saved> {
        let paths = absolute_paths(self.sources)?;
        let parent = self.parent(&paths);
        let mut options = self.options;
        options.before = parent.as_ref().map(|parent| parent.tree);
        let writer = Writer::start(self.repository, self.storage, &self.write)?;
        let capture = Capture {
            repository: self.repository,
            writer: &writer,
            options: &options,
            watcher: self.watcher,
            token: self.token,
        };
        let captured = capture.files(self.sources)?;
        let draft = Draft { parent: parent.as_ref().map(|parent| parent.id), paths, ..self.draft };
        let summary = complete(&writer, &captured, &draft)?;
        let is_unchanged = parent.is_some_and(|parent| parent.tree == captured.tree);
        let snapshot = if self.skip_if_unchanged && is_unchanged {
            None
        } else {
            self.token.check(|| "save the snapshot".to_owned())?;
            Some(save(self.repository, &writer, &captured, &draft, &summary)?)
        };
        Ok(Saved { snapshot, summary, problems: captured.problems })
    }

    fn parent(&self, paths: &[String]) -> Option<Arc<Snapshot>> {
        if self.force {
            return None;
        }
        let filter = ParentFilter { host: Some(self.draft.host.clone()), paths: paths.to_vec(), tags: None };
        parent_of(self.repository, &filter, self.draft.time)
    }
}
