//! The conditions of a query but those of names (`texts`), worked out for one commit, each as a test of columns.

use std::cmp::Ordering;

use super::block::{Block, Placed};
use crate::marks::Marks;
use crate::names::NameHits;
use crate::pattern::Fit;
use crate::query::Span;
use crate::scope::{Shown, Sight, Spot};
use crate::versions::{Column, is_gone, kind_of, kind_value, mtime_of};
use crate::view::View;
use bygone_vault::NodeKind;

/// A condition.
pub(crate) enum Check {
    /// Of the directory it lies in.
    Folder { dirs: Vec<bool>, negated: bool },
    /// At or below a path: by directory how much of the path leads to it, and what fits its last name.
    Below { depths: Vec<u32>, length: u32, last: NameHits, negated: bool },
    /// Of a number, by table.
    OneOf { column: Column, values: Vec<bool>, negated: bool },
    /// Between two numbers, both included.
    Between { column: Column, from: u64, to: u64, negated: bool },
    /// Files of a size.
    Size { from: u64, to: u64, negated: bool },
    /// Of a kind, or of an extension.
    Kind { kinds: [bool; 8], extensions: Vec<bool>, negated: bool },
    /// By source.
    Source { sources: Vec<bool>, negated: bool },
    /// By run.
    Run { test: RunTest, negated: bool },
}

/// What may be asked of a run.
pub(crate) enum RunTest {
    Deleted(bool),
    DeletedIn(Span),
    AddedIn(Span),
    /// By source: positions of the snapshots meant, from and up to but without.
    Seen(Vec<(u32, u32)>),
}

fn small(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn holds(values: &[bool], at: u64) -> bool {
    usize::try_from(at).ok().and_then(|at| values.get(at)).copied().unwrap_or(false)
}

impl Check {
    /// Whether directories decide, mostly for all that lies in them: those are in memory.
    pub(super) fn is_of_place(&self) -> bool {
        matches!(self, Self::Folder { .. } | Self::Below { .. })
    }

    /// What was changed before does not pass, as a value of the column; 0 when that does not matter.
    pub(super) fn changed_from(&self) -> u64 {
        match self {
            Self::Between { column: Column::Mtime, from, negated: false, .. } => *from,
            _ => 0,
        }
    }

    /// About how much it costs, the least first.
    pub(super) fn cost(&self) -> u32 {
        match self {
            Self::Folder { .. } => 0,
            Self::Below { .. } => 1,
            Self::OneOf { .. } | Self::Between { .. } => 2,
            Self::Size { .. } | Self::Kind { .. } => 3,
            Self::Source { .. } => 4,
            Self::Run { .. } => 5,
        }
    }

    /// Keeps of a block what passes. What is asked of runs is asked of the part of them that is shown.
    pub(super) fn apply(&self, view: &View, sight: &Sight, block: &mut Block<'_>) {
        match self {
            Self::Folder { dirs, negated } => block.keep_dirs(|dir| holds(dirs, dir.into()) != *negated),
            Self::Below { depths, length, last, negated } => {
                let placed = |dir: u32| match depths.get(dir as usize).copied().unwrap_or(0).cmp(length) {
                    Ordering::Less => Placed::of(*negated),
                    Ordering::Equal => Placed::Each,
                    Ordering::Greater => Placed::of(!*negated),
                };
                block.keep_placed(&Marks::default(), placed, |_, name| (last.fit(name) == Fit::Exact) != *negated);
            }
            Self::OneOf { column, values, negated } => block.keep(*column, |value| holds(values, value) != *negated),
            Self::Between { column, from, to, negated } => {
                block.keep(*column, |value| (*from <= value && value <= *to) != *negated);
            }
            Self::Size { from, to, negated } => block.keep_both(Column::Size, Column::Kind, |size, kind| {
                (*from <= size && size <= *to && kind_of(kind) == NodeKind::File) != *negated
            }),
            Self::Kind { kinds, extensions, negated } => {
                block.keep_both(Column::Kind, Column::Extension, |kind, extension| {
                    let kind = kinds.get(kind_value(kind_of(kind)) as usize).copied().unwrap_or(false);
                    (kind || holds(extensions, extension)) != *negated
                });
            }
            Self::Source { sources, negated } => {
                block.keep(Column::From, |from| holds(sources, view.runs.source(small(from)).into()) != *negated)
            }
            Self::Run { test, negated } if sight.cuts() => {
                let [dir, name, owner, from, until] = Spot::COLUMNS;
                block.keep_all(
                    [dir, name, owner, from, until, Column::Kind],
                    |[dir, name, owner, from, until, kind]| {
                        let spot = Spot::of([dir, name, owner, from, until]);
                        let shown = sight.shown(&view.runs, spot);
                        shown.is_some_and(|shown| test.passes(view, spot.from, &shown, is_gone(kind)) != *negated)
                    },
                );
            }
            Self::Run { test, negated } => {
                block.keep_all([Column::From, Column::Until, Column::Kind], |[from, until, kind]| {
                    let (from, until) = (small(from), small(until));
                    let shown = Shown::whole(view.runs.run(from, until));
                    test.passes(view, from, &shown, is_gone(kind)) != *negated
                });
            }
        }
    }
}

impl RunTest {
    /// `from`: a boundary of the version's source; `gone`: whether nothing took its place when it ended.
    fn passes(&self, view: &View, from: u32, shown: &Shown, gone: bool) -> bool {
        let run = shown.run;
        let gone = gone && shown.to_the_end;
        match self {
            Self::Deleted(deleted) => {
                if *deleted {
                    !run.is_current() && gone
                } else {
                    run.is_current()
                }
            }
            Self::DeletedIn(span) => {
                !run.is_current() && gone && time_at(view, from, run.until).is_some_and(|time| span.holds(time))
            }
            Self::AddedIn(span) => time_at(view, from, run.from).is_some_and(|time| span.holds(time)),
            Self::Seen(positions) => {
                let source = view.runs.source(from);
                positions.get(source as usize).is_some_and(|part| shown.meets(*part))
            }
        }
    }
}

/// The time, in seconds, of a live snapshot of the source of a boundary.
pub(super) fn time_at(view: &View, boundary: u32, position: u32) -> Option<i64> {
    let ordinal = view.runs.live(view.runs.source(boundary)).get(position as usize)?;
    view.state.snapshots.get(*ordinal as usize - 1).map(|snapshot| snapshot.time.as_second())
}

/// The modification time of a column as what a span holds.
pub(crate) fn mtime_bounds(span: Span) -> (u64, u64) {
    let from = crate::versions::mtime_value(span.from.max(mtime_of(0)));
    let to = crate::versions::mtime_value(span.until.saturating_sub(1).max(mtime_of(0)));
    (from, if span.until == i64::MAX { u64::MAX } else { to })
}
