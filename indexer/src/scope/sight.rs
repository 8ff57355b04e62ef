//! A scope, worked out for one commit.

use std::collections::HashMap;

use bygone_common::uid::SourceUid;
use jiff::Timestamp;

use super::prefixes::{NEVER, Prefixes, Says};
use super::reaches::{Part, Reaches, Theirs, joined};
use super::{Effect, FileOwner, Scope, ScopeClause};
use crate::dirs::NONE;
use crate::fold::fold_name;
use crate::runs::{Run, Runs};
use crate::state::OwnerRecord;
use crate::versions::{Column, Segment, Version};
use crate::view::View;

/// What of a document says whether it is shown, and in which snapshots.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot {
    pub(crate) dir: u32,
    pub(crate) name: u32,
    pub(crate) owner: u32,
    pub(crate) from: u32,
    pub(crate) until: u32,
}

impl Spot {
    /// The columns that a spot is made of, in the order of [`of`](Self::of).
    pub(crate) const COLUMNS: [Column; 5] = [Column::Dir, Column::Name, Column::Owner, Column::From, Column::Until];

    #[inline]
    pub(crate) fn of(values: [u64; 5]) -> Self {
        let [dir, name, owner, from, until] = values.map(|value| u32::try_from(value).unwrap_or(u32::MAX));
        Self { dir, name, owner, from, until }
    }

    pub(crate) fn at(segment: &Segment, doc: u32) -> Self {
        Self::of(Self::COLUMNS.map(|column| segment.value(column, doc)))
    }
}

impl From<&Version> for Spot {
    fn from(version: &Version) -> Self {
        Self { dir: version.dir, name: version.name, owner: version.owner, from: version.from, until: version.until }
    }
}

/// In which snapshots a document is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    /// From the first one up to the last one.
    pub(crate) run: Run,
    /// The snapshots between, where not all of them; empty where all.
    parts: Vec<Part>,
    /// Whether it is shown up to its very end, so that what comes after it may be told.
    pub(crate) to_the_end: bool,
}

impl Shown {
    /// In all that it lives in.
    #[inline]
    pub(crate) fn whole(run: Run) -> Self {
        Self { run, parts: Vec::new(), to_the_end: true }
    }

    /// In any of these snapshots.
    pub(crate) fn meets(&self, (first, end): Part) -> bool {
        let meets = |(from, until): Part| from < end && until > first;
        meets((self.run.from, self.run.until)) && (self.parts.is_empty() || self.parts.iter().copied().any(meets))
    }
}

/// A scope, worked out for one commit.
pub(crate) enum Sight {
    /// Everything is seen.
    All,
    Some(Box<Table>),
}

/// What can be said of everything that lies in a directory, without a look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Glance {
    Nothing,
    /// In every snapshot.
    Everything,
    /// It depends on names, owners or snapshots.
    Some,
}

/// What clauses say of everything in a directory, and where they still say something of single entries.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// In the tree of prefixes.
    node: u32,
    is_denied: bool,
    /// From which snapshot on everybody's files are seen.
    since: u32,
    /// The list of reaches of owners' clauses.
    reaches: u32,
}

impl Default for Place {
    fn default() -> Self {
        Self { node: 0, is_denied: false, since: NEVER, reaches: 0 }
    }
}

impl Place {
    fn glance(&self, prefixes: &Prefixes) -> Glance {
        if self.is_denied {
            Glance::Nothing
        } else if prefixes.has_edges(self.node) {
            Glance::Some
        } else {
            match (self.since, self.reaches) {
                (0, _) => Glance::Everything,
                (NEVER, 0) => Glance::Nothing,
                (_, _) => Glance::Some,
            }
        }
    }
}

pub(crate) struct Table {
    places: Vec<Place>,
    glances: Vec<Glance>,
    is_glance_enough: bool,
    prefixes: Prefixes,
    reaches: Reaches,
    theirs: Theirs,
    cuts: bool,
}

impl Sight {
    pub(crate) fn new(view: &View, scope: &Scope) -> Self {
        let denies = scope.clauses.iter().any(|clause| clause.effect == Effect::Deny);
        if !denies && scope.clauses.iter().any(ScopeClause::is_everything) {
            return Self::All;
        }
        let mut owners = Owners::default();
        let prefixes = prefixes(view, scope, &mut owners);
        let theirs = Theirs::new(view.state.owners.iter().map(|record| owners.of(record)));
        let mut reaches = Reaches::new();
        let places = view.dirs.descend(|above: Place, dir, number| {
            let (node, reach) = match dir.parent {
                NONE => (prefixes.root(dir.source), 0),
                // Whose directories are is worked out only when an owner's clause reaches any.
                _ if above.reaches == 0 => (prefixes.child(above.node, dir.name), 0),
                _ => (
                    prefixes.child(above.node, dir.name),
                    reaches.enter(above.reaches, number, view.dir_owners(), &theirs, &view.runs),
                ),
            };
            let ends = prefixes.ends(node);
            Place {
                node,
                is_denied: above.is_denied || ends.is_denied,
                since: above.since.min(ends.since),
                reaches: reaches.arrive(reach, &ends.owned),
            }
        });
        let cuts = prefixes.have_terms();
        let glances: Vec<Glance> = places.iter().map(|place| place.glance(&prefixes)).collect();
        let is_glance_enough = !glances.contains(&Glance::Some);
        Self::Some(Box::new(Table { places, glances, is_glance_enough, prefixes, reaches, theirs, cuts }))
    }

    /// Whether documents may be shown in some of their snapshots only.
    pub(crate) fn cuts(&self) -> bool {
        match self {
            Self::All => false,
            Self::Some(table) => table.cuts,
        }
    }

    /// In which snapshots a document is shown; none when in none.
    #[inline]
    pub(crate) fn shown(&self, runs: &Runs, spot: Spot) -> Option<Shown> {
        let run = runs.run(spot.from, spot.until);
        match self {
            Self::All => (!run.is_empty()).then(|| Shown::whole(run)),
            Self::Some(table) => table.shown(run, spot),
        }
    }
}

impl Table {
    /// What can be said of a directory.
    #[inline]
    pub(crate) fn glance(&self, dir: u32) -> Glance {
        self.glances.get(dir as usize).copied().unwrap_or(Glance::Nothing)
    }

    /// Whether no directory has to be looked at closely.
    pub(crate) fn is_glance_enough(&self) -> bool {
        self.is_glance_enough
    }

    /// Whether a document is shown, by a scope that cuts nothing, in the snapshots that it lives in.
    #[inline]
    pub(crate) fn sees(&self, dir: u32, name: u32) -> bool {
        let place = self.place(dir);
        let ends = self.prefixes.ends(self.prefixes.child(place.node, name));
        (place.since != NEVER || ends.since != NEVER) && !place.is_denied && !ends.is_denied
    }

    #[inline]
    fn place(&self, dir: u32) -> Place {
        self.places.get(dir as usize).copied().unwrap_or_default()
    }

    fn shown(&self, run: Run, spot: Spot) -> Option<Shown> {
        let place = self.place(spot.dir);
        let ends = self.prefixes.ends(self.prefixes.child(place.node, spot.name));
        if place.is_denied || ends.is_denied {
            return None;
        }
        let since = place.since.min(ends.since);
        if place.reaches == 0 && ends.owned.is_empty() {
            let shown = Run { from: since.max(run.from), ..run };
            return (!shown.is_empty()).then(|| Shown::whole(shown));
        }
        let reaches = self.reaches.list(place.reaches);
        let owned = reaches.iter().filter(|reach| self.theirs.is(spot.owner, reach.owner));
        let owned = owned.flat_map(|reach| reach.parts.iter().copied());
        let alone = ends.owned.iter().filter(|(owner, _)| self.theirs.is(spot.owner, *owner));
        let alone = alone.map(|(_, since)| (*since, NEVER));
        let all = (since, NEVER);
        let parts = joined(
            std::iter::once(all)
                .chain(owned)
                .chain(alone)
                .map(|(from, until)| (from.max(run.from), until.min(run.until))),
        );
        let (first, last) = (parts.first()?, parts.last()?);
        let shown = Run { from: first.0, until: last.1, live: run.live };
        let to_the_end = shown.until == run.until;
        Some(Shown { run: shown, parts: if parts.len() > 1 { parts } else { Vec::new() }, to_the_end })
    }

    /// Directories in which anything might be seen, when they are few.
    pub(crate) fn dirs(&self, max: usize) -> Option<Vec<u32>> {
        let mut dirs = Vec::new();
        for (dir, glance) in (0_u32..).zip(&self.glances) {
            if *glance != Glance::Nothing {
                dirs.push(dir);
                (dirs.len() <= max).then_some(())?;
            }
        }
        Some(dirs)
    }
}

/// The clauses' paths, with what they say in the snapshots of each source.
fn prefixes(view: &View, scope: &Scope, owners: &mut Owners) -> Prefixes {
    let numbers: HashMap<SourceUid, u16> =
        view.state.sources.iter().zip(0_u16..).map(|(source, number)| (source.uid, number)).collect();
    let mut prefixes = Prefixes::default();
    for clause in &scope.clauses {
        // A name that the index never saw is the name of nothing.
        let names = clause.prefix.names().map(|name| view.names.find(name, &fold_name(name)));
        let Some(names) = names.collect::<Option<Vec<u32>>>() else { continue };
        let mut add = |source: u16| {
            let says = match &clause.effect {
                Effect::Deny => Says::Deny,
                Effect::Allow(terms) => Says::Allow {
                    owner: terms.owner.as_ref().map(|owner| owners.number(owner)),
                    since: terms.since.map_or(0, |since| position(view, source, since)),
                },
            };
            prefixes.add(source, &names, says);
        };
        match clause.source {
            Some(uid) => numbers.get(&uid).copied().into_iter().for_each(&mut add),
            None => (0_u16..).zip(&view.state.sources).for_each(|(number, _)| add(number)),
        }
    }
    prefixes
}

/// The position of the first snapshot of a source that was taken then or later.
fn position(view: &View, source: u16, since: Timestamp) -> u32 {
    let is_before = |ordinal: &u32| {
        let snapshot = view.state.snapshots.get(*ordinal as usize - 1);
        snapshot.is_some_and(|snapshot| snapshot.time < since)
    };
    u32::try_from(view.runs.live(source).partition_point(is_before)).unwrap_or(NEVER)
}

/// The owners that a scope names, numbered from 1 on.
#[derive(Default)]
struct Owners(HashMap<FileOwner, u32>);

impl Owners {
    fn number(&mut self, owner: &FileOwner) -> u32 {
        let next = u32::try_from(self.0.len() + 1).unwrap_or(u32::MAX);
        *self.0.entry(owner.clone()).or_insert(next)
    }

    /// Which of them an owner of the index is: by number, by name, and by security identifier. Where there is one, the number
    /// says nothing.
    fn of(&self, record: &OwnerRecord) -> [u32; 3] {
        let number = |owner: &FileOwner| self.0.get(owner).copied().unwrap_or(0);
        let by_name = if record.name.is_empty() { 0 } else { number(&FileOwner::Name(record.name.clone())) };
        match &record.sid {
            None => [number(&FileOwner::Uid(record.uid)), by_name, 0],
            Some(sid) => [0, by_name, number(&FileOwner::Sid(sid.clone()))],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_there_is_a_security_identifier_a_number_says_nothing() {
        let sid = || "S-1-5-21-1-2-3-1001".to_owned();
        let mut owners = Owners::default();
        let root = owners.number(&FileOwner::Uid(0));
        let anna = owners.number(&FileOwner::Sid(sid()));
        let record = |sid| OwnerRecord { uid: 0, name: "anna".to_owned(), sid };
        assert_eq!(owners.of(&record(Some(sid()))), [0, 0, anna]);
        assert_eq!(owners.of(&record(None)), [root, 0, 0]);
        let named = owners.number(&FileOwner::Name("anna".to_owned()));
        assert_eq!(owners.of(&record(Some(sid()))), [0, named, anna]);
    }
}
