//! Forgetting snapshots: which ones, and why the others stay. Their packs stay until a prune.
//!
//! Invariant: what is under hold or lease stays, and so does the last snapshot of a source unless somebody insists.

mod remove;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use bygone_common::SnapshotId;
use bygone_common::hold::HoldTag;
use bygone_common::retention::{Candidate, Fate, GroupBy, GroupKey, Reason, Retention};
use jiff::Timestamp;

use crate::error::{Error, ErrorKind, Result};
use crate::hold;
use crate::lease::LiveLease;
use crate::repository::Repository;
use crate::snapshot::Snapshot;
use crate::snapshot::select::SnapshotFilter;

pub use remove::remove;

/// Who may lose his last snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LastOfSource {
    /// Nobody.
    #[default]
    Keep,
    /// Whoever the rules say.
    MayGo,
}

/// What shall become of snapshots.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The snapshots to which rules apply together.
    pub groups: Vec<PlannedGroup>,
}

/// Snapshots to which the rules apply together.
#[derive(Debug, Clone)]
pub struct PlannedGroup {
    /// What they have in common.
    pub key: GroupKey,
    /// The newest first.
    pub snapshots: Vec<Planned>,
}

/// What shall become of a snapshot.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The snapshot.
    pub snapshot: Arc<Snapshot>,
    /// Why it stays; when nothing says so, it goes.
    pub kept: Vec<Kept>,
}

/// Why a snapshot stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// By the rules.
    By(Reason),
    /// Somebody reads it.
    Leased(String),
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::By(reason) => reason.fmt(f),
            Self::Leased(by) => write!(f, "is being read by {by}"),
        }
    }
}

impl Plan {
    /// What the rules say of the snapshots that `filter` lets through, and who reads them.
    ///
    /// With [`LastOfSource::MayGo`], nothing stays but what a rule, a hold or a lease keeps: without any rule all others
    /// go.
    pub fn by_rules(
        repository: &Repository,
        rules: &Retention,
        group_by: GroupBy,
        filter: &SnapshotFilter,
        last: LastOfSource,
        leases: &[LiveLease],
        now: Timestamp,
    ) -> Self {
        let snapshots = repository.snapshots();
        let by_id: HashMap<SnapshotId, &Arc<Snapshot>> =
            snapshots.iter().map(|snapshot| (snapshot.id, snapshot)).collect();
        let candidates: Vec<Candidate> = snapshots.iter().map(|snapshot| snapshot.candidate(now)).collect();
        let chosen = |candidate: &Candidate| by_id.get(&candidate.id).is_some_and(|snapshot| filter.matches(snapshot));
        let decided = rules.decide(&candidates, group_by, now, chosen).into_iter().map(|group| {
            let snapshots = group.decisions.into_iter().filter_map(|decision| {
                let snapshot = Arc::clone(by_id.get(&decision.id)?);
                let reasons = match decision.fate {
                    Fate::Keep(reasons) => reasons,
                    Fate::Forget => Vec::new(),
                };
                let counts = |reason: &Reason| match (last, reason) {
                    (LastOfSource::MayGo, Reason::NewestOfSource | Reason::NoRule) => false,
                    (LastOfSource::Keep | LastOfSource::MayGo, _) => true,
                };
                let mut kept: Vec<Kept> = reasons.into_iter().filter(counts).map(Kept::By).collect();
                kept.extend(leases_of(leases, &snapshot).map(Kept::Leased));
                Some(Planned { snapshot, kept })
            });
            PlannedGroup { key: group.key, snapshots: snapshots.collect() }
        });
        Self { groups: decided.collect() }
    }

    /// That these snapshots shall go, which were named one by one.
    ///
    /// # Errors
    /// `Denied` names the first that must stay, and why: then none goes.
    pub fn of_named(
        repository: &Repository,
        named: &[Arc<Snapshot>],
        last: LastOfSource,
        leases: &[LiveLease],
        now: Timestamp,
    ) -> Result<Self> {
        let must_stay = |snapshot: &Snapshot, why: &str| {
            Error::new(ErrorKind::Denied, format!("snapshot {} stays: {why}", snapshot.id.short()))
        };
        for snapshot in named {
            if let Some(hold) = hold::holding(snapshot, now).first() {
                return Err(must_stay(snapshot, &format!("it is under hold ({})", described(hold))));
            }
            if let Some(by) = leases_of(leases, snapshot).next() {
                return Err(must_stay(snapshot, &format!("it is being read by {by}")));
            }
        }
        if last == LastOfSource::Keep {
            let going: HashSet<SnapshotId> = named.iter().map(|snapshot| snapshot.id).collect();
            let source = |snapshot: &Snapshot| GroupBy::SOURCE.key(&snapshot.candidate(now));
            let left: HashSet<GroupKey> = repository
                .snapshots()
                .iter()
                .filter(|snapshot| !going.contains(&snapshot.id))
                .map(|snapshot| source(snapshot))
                .collect();
            if let Some(snapshot) = named.iter().rev().find(|snapshot| !left.contains(&source(snapshot))) {
                let why = format!("without it nothing would be left of {}", source(snapshot));
                return Err(must_stay(snapshot, &why));
            }
        }
        let snapshots = named.iter().rev().map(|snapshot| Planned { snapshot: snapshot.clone(), kept: Vec::new() });
        let key = GroupKey { host: None, paths: None, tags: None };
        Ok(Self { groups: vec![PlannedGroup { key, snapshots: snapshots.collect() }] })
    }

    /// The snapshots that go, the oldest first.
    pub fn going(&self) -> Vec<Arc<Snapshot>> {
        let mut going: Vec<_> =
            self.planned().filter(|planned| !planned.stays()).map(|planned| planned.snapshot.clone()).collect();
        going.sort_by_key(|snapshot| snapshot.order());
        going
    }

    /// How many stay.
    pub fn staying(&self) -> usize {
        self.planned().filter(|planned| planned.stays()).count()
    }

    /// The snapshots that only a lease keeps, with who reads them.
    pub fn only_leased(&self) -> impl Iterator<Item = (&Arc<Snapshot>, &str)> {
        self.planned().filter_map(|planned| match planned.kept.as_slice() {
            [Kept::Leased(by), rest @ ..] if rest.iter().all(|kept| matches!(kept, Kept::Leased(_))) => {
                Some((&planned.snapshot, by.as_str()))
            }
            _ => None,
        })
    }

    fn planned(&self) -> impl Iterator<Item = &Planned> {
        self.groups.iter().flat_map(|group| &group.snapshots)
    }
}

impl Planned {
    /// Whether it stays.
    pub fn stays(&self) -> bool {
        !self.kept.is_empty()
    }
}

/// Who reads a snapshot.
fn leases_of<'a>(leases: &'a [LiveLease], snapshot: &'a Snapshot) -> impl Iterator<Item = String> + 'a {
    leases.iter().filter(|lease| lease.holds(snapshot.id)).map(LiveLease::to_string)
}

fn described(hold: &HoldTag) -> String {
    match hold {
        HoldTag::Read(hold) => hold.to_string(),
        HoldTag::Unreadable(tag) => tag.clone(),
    }
}
