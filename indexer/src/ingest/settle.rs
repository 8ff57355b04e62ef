//! What a new snapshot means for the versions of one path. No input or output: the whole rule is here.

use crate::ingest::Place;
use crate::runs::Runs;
use crate::state::OPEN;
use crate::versions::Version;

/// What the index knows of a path around the place of a new snapshot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Before<T> {
    /// The version that the snapshot before has.
    pub(super) previous: Option<(T, Version)>,
    /// The version that begins with the snapshot after.
    pub(super) next: Option<(T, Version)>,
}

impl<T> Default for Before<T> {
    fn default() -> Self {
        Self { previous: None, next: None }
    }
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change<T> {
    pub(super) remove: Vec<T>,
    pub(super) add: Vec<Version>,
}

impl<T> Default for Change<T> {
    fn default() -> Self {
        Self { remove: Vec::new(), add: Vec::new() }
    }
}

/// `found` is what the new snapshot has at the path, its run not filled in.
pub(super) fn settle<T: Copy>(place: &Place, runs: &Runs, before: Before<T>, found: Option<Version>) -> Change<T> {
    let mut change = Change::default();
    if let (Some((_, previous)), Some(found)) = (&before.previous, &found)
        && previous.is_same(found)
    {
        // A run reaches up to the next boundary, so it holds the new snapshot already.
        return change;
    }
    let is_before_end = |version: &Version| runs.run(version.from, version.until).until > place.position;
    let passes = before.previous.filter(|(_, previous)| place.next.is_some() && is_before_end(previous));
    let at_next = before.next.is_some() || passes.is_some();
    if let Some((at, previous)) = before.previous {
        change.remove.push(at);
        change.add.push(Version { until: place.ordinal, gone: found.is_none(), ..previous });
    }
    if let (Some((_, previous)), Some(next)) = (passes, place.next) {
        change.add.push(Version { from: next, ..previous });
    }
    let Some(found) = found else { return change };
    match (before.next, place.next) {
        (Some((at, next)), _) if next.is_same(&found) => {
            change.remove.push(at);
            change.add.push(Version { from: place.ordinal, ..next });
        }
        (_, Some(next)) => {
            change.add.push(Version { from: place.ordinal, until: next, gone: !at_next, ..found });
        }
        (_, None) => change.add.push(Version { from: place.ordinal, until: OPEN, gone: false, ..found }),
    }
    change
}
