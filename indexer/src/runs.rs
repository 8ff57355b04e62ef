//! From boundaries to snapshots: which snapshots a version lives in.
//!
//! A version's run is kept as two boundaries: the snapshot from which on it is there, and the one from which on it is
//! not. A boundary outlives its snapshot: when that is forgotten, the boundary moves to the next one that is left. So
//! forgetting the oldest snapshot rewrites no document, and a snapshot that comes late, between two others, is born
//! with everything that its predecessor has.

use std::cmp::Ordering;

use crate::state::{OPEN, SnapshotRecord, State};

/// The snapshots of every source in order, and where every boundary lies among them.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    /// By ordinal: the position in its source's list of live snapshots; the list's length when it lies behind all.
    positions: Vec<u32>,
    /// By ordinal: its source.
    sources: Vec<u16>,
    /// By source: ordinals of live snapshots in the order of time.
    live: Vec<Vec<u32>>,
}

/// A run as positions in the list of live snapshots of its source: from, and up to but without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) from: u32,
    pub(crate) until: u32,
    /// How many live snapshots the source has.
    pub(crate) live: u32,
}

impl Run {
    /// Whether no snapshot is left in it.
    pub(crate) fn is_empty(self) -> bool {
        self.from >= self.until
    }

    /// Whether the newest snapshot is in it.
    pub(crate) fn is_current(self) -> bool {
        self.until == self.live
    }
}

/// Snapshots of one source in order: by time, and by tree where two have the same time.
pub(crate) fn order(left: &SnapshotRecord, right: &SnapshotRecord) -> Ordering {
    left.time.cmp(&right.time).then_with(|| left.tree.cmp(&right.tree))
}

impl Runs {
    pub(crate) fn new(state: &State) -> Self {
        let mut live: Vec<Vec<u32>> = vec![Vec::new(); state.sources.len()];
        for (ordinal, snapshot) in (1_u32..).zip(&state.snapshots) {
            if let Some(list) = live.get_mut(snapshot.source as usize).filter(|_| !snapshot.copies.is_empty()) {
                list.push(ordinal);
            }
        }
        let record = |ordinal: u32| state.snapshots.get(ordinal as usize - 1);
        for list in &mut live {
            list.sort_by(|left, right| match (record(*left), record(*right)) {
                (Some(left), Some(right)) => order(left, right),
                (None, _) | (_, None) => Ordering::Equal,
            });
        }
        let mut positions = vec![u32::MAX; state.snapshots.len() + 1];
        for list in &live {
            for (position, ordinal) in (0_u32..).zip(list) {
                if let Some(place) = positions.get_mut(*ordinal as usize) {
                    *place = position;
                }
            }
        }
        let mut sources = vec![u16::MAX; state.snapshots.len() + 1];
        for (ordinal, snapshot) in (1_usize..).zip(&state.snapshots) {
            let mut at = snapshot;
            let mut steps = 0;
            // A boundary moves only to one that lies later, so this ends; the bound is for a state that lies.
            let position = loop {
                match at.moved {
                    _ if !at.copies.is_empty() => break None,
                    OPEN => break Some(u32::MAX),
                    moved => match state.snapshots.get(moved as usize - 1) {
                        Some(next) if steps < state.snapshots.len() => {
                            let place = positions.get(moved as usize).copied().unwrap_or(u32::MAX);
                            if !next.copies.is_empty() {
                                break Some(place);
                            }
                            at = next;
                            steps += 1;
                        }
                        Some(_) | None => break Some(u32::MAX),
                    },
                }
            };
            if let (Some(place), Some(position)) = (positions.get_mut(ordinal), position) {
                *place = position;
            }
            if let Some(place) = sources.get_mut(ordinal) {
                *place = snapshot.source;
            }
        }
        for (place, source) in positions.iter_mut().zip(&sources) {
            let count = live.get(*source as usize).map_or(0, Vec::len);
            *place = (*place).min(u32::try_from(count).unwrap_or(u32::MAX));
        }
        Self { positions, sources, live }
    }

    /// Ordinals of the live snapshots of a source, in order.
    pub(crate) fn live(&self, source: u16) -> &[u32] {
        self.live.get(source as usize).map_or(&[], Vec::as_slice)
    }

    /// Where a boundary lies among the live snapshots of its source.
    #[inline]
    pub(crate) fn position(&self, ordinal: u32) -> u32 {
        self.positions.get(ordinal as usize).copied().unwrap_or(u32::MAX)
    }

    /// The live snapshot that a boundary lies at; none when it lies behind all.
    pub(crate) fn resolve(&self, ordinal: u32) -> Option<u32> {
        self.live(self.source(ordinal)).get(self.position(ordinal) as usize).copied()
    }

    /// The source of a boundary.
    #[inline]
    pub(crate) fn source(&self, ordinal: u32) -> u16 {
        self.sources.get(ordinal as usize).copied().unwrap_or(u16::MAX)
    }

    /// The run between two boundaries.
    #[inline]
    pub(crate) fn run(&self, from: u32, until: u32) -> Run {
        let live = u32::try_from(self.live(self.source(from)).len()).unwrap_or(u32::MAX);
        let until = if until == OPEN { live } else { self.position(until) };
        Run { from: self.position(from), until, live }
    }
}
