//! Taking out snapshots that are gone: runs shrink, those without a snapshot vanish, and those that only a vanished
//! snapshot kept apart become one. What is left is what ingesting the remaining snapshots would have made.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bygone_common::SnapshotId;
use bygone_common::uid::{RepositoryUid, SourceUid};
use tantivy::{DocId, index::SegmentId};

use crate::error::{Error, Result};
use crate::index::Index;
use crate::runs::Runs;
use crate::state::{OPEN, SnapshotCopy, State};
use crate::versions::{Column, Doomed, Segment, Version};
use crate::view::{Address, View};

/// Documents whose boundaries are read at once.
const BLOCK_DOCS: usize = 4096;

/// What expiring did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expired {
    /// Snapshots of which no copy is left.
    pub snapshots: u64,
    /// Versions that no snapshot is left of.
    pub removed: u64,
    /// Versions whose runs were joined, or whose end is told otherwise now.
    pub rewritten: u64,
}

impl Index {
    /// Takes out the snapshots of a source that are not among `live`, in whatever repository they lay.
    ///
    /// # Errors
    /// `Io`, `Busy`.
    pub fn expire(&self, source: SourceUid, live: &[SnapshotId]) -> Result<Expired> {
        let live: HashSet<SnapshotId> = live.iter().copied().collect();
        self.expire_where(source, |copy| live.contains(&copy.snapshot))
    }

    /// Takes out the copies in one repository that are not among `live`; copies elsewhere stay.
    ///
    /// # Errors
    /// `Io`, `Busy`.
    pub fn expire_in(&self, source: SourceUid, repository: RepositoryUid, live: &[SnapshotId]) -> Result<Expired> {
        let live: HashSet<SnapshotId> = live.iter().copied().collect();
        self.expire_where(source, |copy| copy.repository != repository || live.contains(&copy.snapshot))
    }

    fn expire_where(&self, source: SourceUid, keep: impl Fn(&SnapshotCopy) -> bool) -> Result<Expired> {
        let (_guard, writer) = self.write()?;
        let view = self.view();
        let mut state = view.state.clone();
        let Some(source) = state.source(source) else { return Ok(Expired::default()) };
        let died = forget(&view, &mut state, source, keep);
        if state == view.state {
            return Ok(Expired::default());
        }
        let mut done = Expired { snapshots: died, ..Expired::default() };
        let mut doomed: HashMap<SegmentId, Vec<DocId>> = HashMap::new();
        if died > 0 {
            let work = Work { view: &view, runs: Runs::new(&state), source };
            let (dead, ends) = work.survey();
            done.removed = dead.len() as u64;
            let (remove, add) = work.join(ends);
            done.rewritten = remove.len() as u64;
            for at in dead.into_iter().chain(remove) {
                if let Some(segment) = view.segments.get(at.segment) {
                    doomed.entry(segment.reader.segment_id()).or_default().push(at.doc);
                }
            }
            for version in &add {
                let added = writer.add_document(self.fields.document(version));
                added.map_err(|error| Error::tantivy("adding a document to the index", error))?;
            }
        }
        let parts = (view.names.clone(), Arc::clone(&view.dirs));
        self.commit(writer, Doomed::new(doomed), state, parts)?;
        Ok(done)
    }
}

/// Takes copies out of the state and moves the boundaries of snapshots that have none left; how many those are.
fn forget(view: &View, state: &mut State, source: u16, keep: impl Fn(&SnapshotCopy) -> bool) -> u64 {
    let mut died = Vec::new();
    for (ordinal, snapshot) in (1_u32..).zip(&mut state.snapshots) {
        if snapshot.source == source && !snapshot.copies.is_empty() {
            snapshot.copies.retain(&keep);
            if snapshot.copies.is_empty() {
                died.push(ordinal);
            }
        }
    }
    let mut next = OPEN;
    let mut newest_died = None;
    for ordinal in view.runs.live(source).iter().rev() {
        let is_dead = died.contains(ordinal);
        newest_died.get_or_insert(is_dead);
        match state.snapshots.get_mut(*ordinal as usize - 1) {
            Some(snapshot) if is_dead => snapshot.moved = next,
            Some(_) | None => next = *ordinal,
        }
    }
    // What is known of the newest snapshot's trees says nothing about another's.
    if let Some(record) = state.sources.get_mut(source as usize).filter(|_| newest_died == Some(true)) {
        record.marks = None;
    }
    died.len() as u64
}

struct Work<'a> {
    view: &'a View,
    /// As they will be.
    runs: Runs,
    source: u16,
}

/// Directory and name.
type Path = (u32, u32);
/// Versions by path.
type Paths = HashMap<Path, Vec<(Address, Version)>>;

impl Work<'_> {
    /// Calls for every living document of the source with its boundaries.
    fn each(&self, mut call: impl FnMut(Address, &Segment, u32, u32)) {
        let (mut from, mut until) = (vec![0; BLOCK_DOCS], vec![0; BLOCK_DOCS]);
        for (at, segment) in self.view.segments.iter().enumerate() {
            let (Some(froms), Some(untils)) = (segment.column(Column::From), segment.column(Column::Until)) else {
                continue;
            };
            let count = segment.reader.max_doc() as usize;
            for start in (0..count).step_by(BLOCK_DOCS) {
                let length = BLOCK_DOCS.min(count - start);
                let (from, until) = (&mut from[..length], &mut until[..length]);
                froms.get_range(start as u64, from);
                untils.get_range(start as u64, until);
                let start = u32::try_from(start).unwrap_or(u32::MAX);
                for (doc, (from, until)) in (start..).zip(from.iter().zip(until.iter())) {
                    let small = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
                    let (from, until) = (small(*from), small(*until));
                    if self.runs.source(from) == self.source && !segment.reader.is_deleted(doc) {
                        call(Address { segment: at, doc }, segment, from, until);
                    }
                }
            }
        }
    }

    /// Documents without a snapshot, and those whose end moved.
    fn survey(&self) -> (Vec<Address>, Paths) {
        let (mut dead, mut ends) = (Vec::new(), Paths::new());
        self.each(|at, segment, from, until| {
            if self.runs.run(from, until).is_empty() {
                dead.push(at);
            } else if until != OPEN && self.view.runs.resolve(until) != self.runs.resolve(until) {
                let version = segment.version(at.doc);
                ends.entry((version.dir, version.name)).or_default().push((at, version));
            }
        });
        (dead, ends)
    }

    /// What is to be removed and added so that runs which meet are one, and every end says whether something follows.
    fn join(&self, mut paths: Paths) -> (Vec<Address>, Vec<Version>) {
        let meets: HashSet<u32> =
            paths.values().flatten().map(|(_, version)| self.runs.position(version.until)).collect();
        if !meets.is_empty() {
            self.each(|at, segment, from, until| {
                if meets.contains(&self.runs.position(from)) && !self.runs.run(from, until).is_empty() {
                    let version = segment.version(at.doc);
                    if let Some(path) = paths.get_mut(&(version.dir, version.name))
                        && !path.iter().any(|(known, _)| *known == at)
                    {
                        path.push((at, version));
                    }
                }
            });
        }
        let mut paths: Vec<_> = paths.into_iter().collect();
        paths.sort_unstable_by_key(|(path, _)| *path);
        let (mut remove, mut add) = (Vec::new(), Vec::new());
        for (_, before) in paths {
            let after = self.joined(&before);
            remove.extend(before.iter().filter(|(_, version)| !after.contains(version)).map(|(at, _)| *at));
            add.extend(after.into_iter().filter(|version| !before.iter().any(|(_, known)| known == version)));
        }
        (remove, add)
    }

    fn joined(&self, before: &[(Address, Version)]) -> Vec<Version> {
        let run = |version: &Version| self.runs.run(version.from, version.until);
        let mut sorted: Vec<Version> = before.iter().map(|(_, version)| *version).collect();
        sorted.sort_by_key(|version| run(version).from);
        let mut after: Vec<Version> = Vec::with_capacity(sorted.len());
        for version in sorted {
            match after.last_mut() {
                Some(last) if run(last).until == run(&version).from && last.is_same(&version) => {
                    (last.until, last.gone) = (version.until, version.gone);
                }
                Some(_) | None => after.push(version),
            }
        }
        for at in 0..after.len() {
            let next = after.get(at + 1).map(|next| run(next).from);
            let Some(version) = after.get_mut(at) else { continue };
            if run(version).is_current() {
                (version.until, version.gone) = (OPEN, false);
            } else if self.view.runs.resolve(version.until) != self.runs.resolve(version.until) {
                version.gone = next != Some(run(version).until);
            }
        }
        after
    }
}
