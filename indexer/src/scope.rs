//! What an asker may see. A scope is part of every question: it decides which documents there are, before anything is
//! counted, ranked or suggested.

use std::collections::HashMap;

use bygone_common::SnapshotPath;
use bygone_common::uid::SourceUid;

use crate::dirs::NONE;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::{SCOPE_CLAUSES_MAX, SCOPE_OWNERS_MAX};
use crate::view::View;

/// What a clause does to the files that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// They may be seen, unless another clause denies it.
    Allow,
    /// They may not be seen.
    Deny,
}

/// Whom files belong to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FileOwner {
    /// The number of a Unix user.
    Uid(u32),
    /// A name, or a SID, exactly as stored.
    Name(String),
}

/// Names files: those at and below a path of a source, and of one owner if it says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeClause {
    /// What it does.
    pub effect: Effect,
    /// Whose files; none are those of all sources.
    pub source: Option<SourceUid>,
    /// Where; the root is everything.
    pub prefix: SnapshotPath,
    /// Only those of this owner.
    pub owner: Option<FileOwner>,
}

/// What may be seen: what a clause allows and none denies. Without clauses, nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    clauses: Vec<ScopeClause>,
}

impl Scope {
    /// What these clauses allow.
    ///
    /// # Errors
    /// `InvalidInput`: more clauses or owners than a scope may have.
    pub fn new(clauses: Vec<ScopeClause>) -> Result<Self> {
        if clauses.len() > SCOPE_CLAUSES_MAX {
            let what = format!("a scope has {} clauses, more than {SCOPE_CLAUSES_MAX}", clauses.len());
            return Err(Error::new(ErrorKind::InvalidInput, what));
        }
        let scope = Self { clauses };
        if scope.owners().len() > SCOPE_OWNERS_MAX {
            let what = format!("a scope names more than {SCOPE_OWNERS_MAX} owners");
            return Err(Error::new(ErrorKind::InvalidInput, what));
        }
        Ok(scope)
    }

    /// All files of all sources.
    pub fn everything() -> Self {
        let all = ScopeClause { effect: Effect::Allow, source: None, prefix: SnapshotPath::root(), owner: None };
        Self { clauses: vec![all] }
    }

    /// The owners it names, each once.
    fn owners(&self) -> Vec<&FileOwner> {
        let mut owners: Vec<&FileOwner> = Vec::new();
        for owner in self.clauses.iter().filter_map(|clause| clause.owner.as_ref()) {
            if !owners.contains(&owner) {
                owners.push(owner);
            }
        }
        owners
    }
}

/// Bits of what allows: every second one. The first two are for everybody's files, then two for each owner's.
const ALLOW: u64 = 0x5555_5555_5555_5555;
const DENY: u64 = !ALLOW;
const EVERYBODY: u64 = 3;

/// What clauses say of everything in a directory, and where they still say something of single entries.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    bits: u64,
    /// Position in the tree of prefixes, plus one.
    node: u32,
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
    Everything,
    /// It depends on names or owners.
    Some,
}

pub(crate) struct Table {
    dirs: Vec<Place>,
    glances: Vec<Glance>,
    is_glance_enough: bool,
    prefixes: Prefixes,
    /// By number of owner: which bits are about their files.
    owners: Vec<u64>,
}

/// All prefixes as one tree; edges are numbers of names.
#[derive(Default)]
struct Prefixes {
    edges: HashMap<(u32, u32), u32>,
    bits: Vec<u64>,
    has_edges: Vec<bool>,
    roots: HashMap<u16, u32>,
}

impl Prefixes {
    fn node(&mut self) -> u32 {
        self.bits.push(0);
        self.has_edges.push(false);
        u32::try_from(self.bits.len()).unwrap_or(u32::MAX)
    }

    fn bits(&self, node: u32) -> u64 {
        node.checked_sub(1).and_then(|at| self.bits.get(at as usize)).copied().unwrap_or(0)
    }

    fn has_edges(&self, node: u32) -> bool {
        node.checked_sub(1).and_then(|at| self.has_edges.get(at as usize)).copied().unwrap_or(false)
    }

    fn child(&self, node: u32, name: u32) -> u32 {
        if self.has_edges(node) { self.edges.get(&(node, name)).copied().unwrap_or(0) } else { 0 }
    }

    fn glance(&self, place: Place) -> Glance {
        if self.has_edges(place.node) {
            return Glance::Some;
        }
        match (place.bits & ALLOW, place.bits & DENY & EVERYBODY) {
            (0, _) | (_, 1..) => Glance::Nothing,
            (_, 0) if place.bits & !EVERYBODY == 0 => Glance::Everything,
            (_, 0) => Glance::Some,
        }
    }

    fn add(&mut self, source: u16, names: &[u32], bit: u64) {
        let mut at = match self.roots.get(&source) {
            Some(root) => *root,
            None => {
                let root = self.node();
                self.roots.insert(source, root);
                root
            }
        };
        for name in names {
            at = match self.edges.get(&(at, *name)) {
                Some(next) => *next,
                None => {
                    let next = self.node();
                    self.edges.insert((at, *name), next);
                    if let Some(flag) = self.has_edges.get_mut(at as usize - 1) {
                        *flag = true;
                    }
                    next
                }
            };
        }
        if let Some(bits) = self.bits.get_mut(at as usize - 1) {
            *bits |= bit;
        }
    }
}

impl Sight {
    pub(crate) fn new(view: &View, scope: &Scope) -> Self {
        let is_all = |clause: &ScopeClause| {
            clause.effect == Effect::Allow
                && clause.source.is_none()
                && clause.prefix.is_root()
                && clause.owner.is_none()
        };
        let denies = scope.clauses.iter().any(|clause| clause.effect == Effect::Deny);
        if !denies && scope.clauses.iter().any(is_all) {
            return Self::All;
        }
        let owners = scope.owners();
        let mut prefixes = Prefixes::default();
        for clause in &scope.clauses {
            let who = match &clause.owner {
                None => 0,
                Some(owner) => 1 + owners.iter().position(|known| *known == owner).unwrap_or_default(),
            };
            let bit = match clause.effect {
                Effect::Allow => 1_u64 << (2 * who),
                Effect::Deny => 2_u64 << (2 * who),
            };
            // A name that the index never saw is the name of nothing.
            let names = clause.prefix.names();
            let names = names.map(|name| view.names.find(name, &crate::fold::fold_name(name)));
            let Some(names) = names.collect::<Option<Vec<u32>>>() else { continue };
            for (number, source) in (0_u16..).zip(&view.state.sources) {
                if clause.source.is_none_or(|uid| uid == source.uid) {
                    prefixes.add(number, &names, bit);
                }
            }
        }
        let dirs = view.dirs.descend(|above: Place, dir, _| {
            let node = match dir.parent {
                NONE => prefixes.roots.get(&dir.source).copied().unwrap_or(0),
                _ => prefixes.child(above.node, dir.name),
            };
            Place { bits: above.bits | prefixes.bits(node), node }
        });
        let bits_of = |record: &crate::state::OwnerRecord| {
            (0_u32..).zip(&owners).fold(EVERYBODY, |bits, (at, owner)| {
                let is_theirs = match owner {
                    FileOwner::Uid(uid) => record.uid == *uid,
                    FileOwner::Name(name) => !name.is_empty() && record.name == *name,
                };
                if is_theirs { bits | (3 << (2 * (at + 1))) } else { bits }
            })
        };
        // The first owner stands for those that are not told apart: nothing is allowed by theirs, everything denied.
        let mut owners: Vec<u64> = view.state.owners.iter().map(bits_of).collect();
        if let Some(unknown) = owners.first_mut() {
            *unknown |= DENY;
        }
        let glances: Vec<Glance> = dirs.iter().map(|place| prefixes.glance(*place)).collect();
        let is_glance_enough = !glances.contains(&Glance::Some);
        Self::Some(Box::new(Table { dirs, glances, is_glance_enough, prefixes, owners }))
    }
}

impl Table {
    #[inline]
    pub(crate) fn glance(&self, dir: u32) -> Glance {
        self.glances.get(dir as usize).copied().unwrap_or(Glance::Nothing)
    }

    /// Whether no directory has to be looked at closely.
    pub(crate) fn is_glance_enough(&self) -> bool {
        self.is_glance_enough
    }

    /// Whether a document may be seen.
    #[inline]
    pub(crate) fn sees(&self, dir: u32, name: u32, owner: u32) -> bool {
        let place = self.dirs.get(dir as usize).copied().unwrap_or_default();
        let mut bits = place.bits;
        if place.node != 0 {
            bits |= self.prefixes.bits(self.prefixes.child(place.node, name));
        }
        let bits = bits & self.owners.get(owner as usize).copied().unwrap_or(DENY);
        bits & ALLOW != 0 && bits & DENY == 0
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
