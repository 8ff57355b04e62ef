//! Ingesting a snapshot: walking what is new of it, and ending and beginning runs.
//!
//! What the snapshot before had is known from the index itself, so no older tree is read: it may be gone, or lie in
//! another repository. A directory whose tree is that of the newest snapshot is not entered. A snapshot that comes
//! late, between two others, is walked whole.

mod settle;
mod walk;

use std::sync::Arc;

use bygone_common::uid::{RepositoryUid, SourceUid};
use bygone_common::{SnapshotId, TreeId};
use bygone_vault::{Directory, Repository};
use jiff::Timestamp;

use crate::dirs::{Dir, NONE};
use crate::error::{Error, Result};
use crate::index::Index;
use crate::runs;
use crate::state::{SnapshotCopy, SnapshotRecord, State};
use crate::view::View;

/// Where directories come from.
pub trait Trees {
    /// Reads a directory.
    ///
    /// # Errors
    /// Whatever kept it from being read.
    fn directory(&self, tree: TreeId) -> bygone_vault::Result<Arc<Directory>>;

    /// These will be wanted soon.
    fn prefetch(&self, trees: &[TreeId]);
}

impl Trees for Repository {
    fn directory(&self, tree: TreeId) -> bygone_vault::Result<Arc<Directory>> {
        Self::directory(self, tree)
    }

    fn prefetch(&self, trees: &[TreeId]) {
        self.prefetch_directories(trees);
    }
}

/// A snapshot to be ingested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotRef {
    /// Whose it is.
    pub source: SourceUid,
    /// What people call the source.
    pub source_name: String,
    /// The machine's name.
    pub host: String,
    /// The repository it lies in.
    pub repository: RepositoryUid,
    /// Its id there.
    pub snapshot: SnapshotId,
    /// When it was taken.
    pub time: Timestamp,
    /// Its root.
    pub tree: TreeId,
}

/// What ingesting a snapshot did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ingested {
    /// Whether the index held it already, or a copy of it.
    pub was_known: bool,
    /// Versions that begin with it.
    pub added: u64,
    /// Versions that end before it.
    pub ended: u64,
    /// Directories that were read.
    pub directories: u64,
    /// Directories that could not be read, the first hundred with the reason; what the snapshot before had in them
    /// counts as still there.
    pub broken: Vec<(Vec<u8>, String)>,
    /// How many could not be read.
    pub broken_count: u64,
}

impl Index {
    /// Ingests a snapshot, in whatever order snapshots come. All or nothing: it is in the index when this answers `Ok`.
    ///
    /// # Errors
    /// `Repository`: its root cannot be read. `TooLarge`, `Io`, `Busy`.
    pub fn ingest(&self, trees: &dyn Trees, snapshot: &SnapshotRef) -> Result<Ingested> {
        let (_guard, writer) = self.write()?;
        let view = self.view();
        let mut state = view.state.clone();
        let mut new_dirs = Vec::new();
        let source = enter_source(&view, &mut state, snapshot, &mut new_dirs)?;
        let copy = SnapshotCopy { repository: snapshot.repository, snapshot: snapshot.snapshot };
        if let Some(change) = copy_of(&mut state, source, snapshot, copy) {
            if change || state != view.state {
                let parts = (view.names.clone(), Arc::clone(&view.dirs));
                self.commit(writer, Default::default(), state, parts)?;
            }
            return Ok(Ingested { was_known: true, ..Ingested::default() });
        }
        let record = SnapshotRecord { source, time: snapshot.time, tree: snapshot.tree, copies: vec![copy], moved: 0 };
        let place = Place::of(&view, &record, u32::try_from(state.snapshots.len() + 1).unwrap_or(u32::MAX));
        state.snapshots.push(record);
        walk::Walk::new(self, &view, writer, state, place, new_dirs)?.run(trees, snapshot)
    }
}

/// Where a new snapshot lies among those of its source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) source: u16,
    /// Its own ordinal.
    pub(crate) ordinal: u32,
    /// The position it takes: how many live ones are before it.
    pub(crate) position: u32,
    /// The ordinal of the one after it.
    pub(crate) next: Option<u32>,
}

impl Place {
    fn of(view: &View, record: &SnapshotRecord, ordinal: u32) -> Self {
        let live = view.runs.live(record.source);
        let before = |other: &u32| {
            let other = view.state.snapshots.get(*other as usize - 1);
            other.is_some_and(|other| runs::order(other, record).is_lt())
        };
        let position = live.partition_point(before);
        let next = live.get(position).copied();
        Self { source: record.source, ordinal, position: u32::try_from(position).unwrap_or(u32::MAX), next }
    }

    /// Whether no snapshot is after it.
    pub(crate) fn is_newest(&self) -> bool {
        self.next.is_none()
    }
}

fn enter_source(view: &View, state: &mut State, snapshot: &SnapshotRef, new: &mut Vec<Dir>) -> Result<u16> {
    let source = match state.source(snapshot.source) {
        Some(source) => source,
        None => {
            let source = state.add_source(snapshot.source, view.dirs.count())?;
            new.push(Dir { parent: NONE, name: NONE, source });
            source
        }
    };
    let newest = view.runs.live(source).last().and_then(|last| state.snapshots.get(*last as usize - 1));
    let is_newer = newest.is_none_or(|newest| newest.time <= snapshot.time);
    let record = state.sources.get_mut(source as usize);
    let record = record.ok_or_else(|| Error::damaged("the index lacks a source that it names"))?;
    // The newest snapshot says how its source is called.
    if is_newer {
        record.name.clone_from(&snapshot.source_name);
        record.host.clone_from(&snapshot.host);
    }
    Ok(source)
}

/// Whether the snapshot is known: `Some(true)` when it is a copy that was not.
fn copy_of(state: &mut State, source: u16, snapshot: &SnapshotRef, copy: SnapshotCopy) -> Option<bool> {
    let same = |known: &&mut SnapshotRecord| {
        known.source == source && known.time == snapshot.time && known.tree == snapshot.tree && !known.copies.is_empty()
    };
    let known = state.snapshots.iter_mut().find(same)?;
    if known.copies.contains(&copy) {
        return Some(false);
    }
    known.copies.push(copy);
    Some(true)
}
