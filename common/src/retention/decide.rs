//! Applies the rules.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;

use super::{Candidate, Count, Decision, Fate, Group, GroupBy, GroupKey, Interval, Period, Reason, Retention};
use crate::id::SnapshotId;

pub(super) fn groups(
    rules: &Retention,
    all: &[Candidate],
    group_by: GroupBy,
    now: Timestamp,
    chosen: impl Fn(&Candidate) -> bool,
) -> Vec<Group> {
    let newest = newest_of_sources(all);
    let mut groups: BTreeMap<GroupKey, Vec<&Candidate>> = BTreeMap::new();
    for snapshot in all.iter().filter(|snapshot| chosen(snapshot)) {
        groups.entry(group_by.key(snapshot)).or_default().push(snapshot);
    }
    let decided = groups.into_iter().map(|(key, mut snapshots)| {
        snapshots.sort_by_key(|snapshot| std::cmp::Reverse(snapshot.order()));
        Group { key, decisions: decide(rules, &snapshots, &newest, now) }
    });
    decided.collect()
}

/// The newest snapshot of each machine and its paths.
fn newest_of_sources(all: &[Candidate]) -> HashSet<SnapshotId> {
    let mut newest: HashMap<GroupKey, &Candidate> = HashMap::new();
    for snapshot in all {
        let best = newest.entry(GroupBy::SOURCE.key(snapshot)).or_insert(snapshot);
        if best.order() < snapshot.order() {
            *best = snapshot;
        }
    }
    newest.into_values().map(|snapshot| snapshot.id).collect()
}

/// Decides about the snapshots of one group, which are sorted, the newest first.
fn decide(
    rules: &Retention,
    snapshots: &[&Candidate],
    newest_of_sources: &HashSet<SnapshotId>,
    now: Timestamp,
) -> Vec<Decision> {
    let mut walk = Walk::new(rules, snapshots, now);
    let decisions = snapshots.iter().enumerate().map(|(nth, snapshot)| {
        let is_oldest = nth + 1 == snapshots.len();
        let mut reasons = walk.reasons(snapshot, nth, is_oldest);
        if snapshot.held {
            reasons.push(Reason::Held);
        }
        if newest_of_sources.contains(&snapshot.id) {
            reasons.push(Reason::NewestOfSource);
        }
        let fate = if reasons.is_empty() { Fate::Forget } else { Fate::Keep(reasons) };
        Decision { id: snapshot.id, fate }
    });
    decisions.collect()
}

/// A rule that keeps so many intervals, and how far it has come.
struct Counted {
    interval: Interval,
    left: Count,
    last: Option<i64>,
}

/// A rule that keeps every interval of a period, and how far it has come.
struct CountedWithin {
    interval: Interval,
    period: Period,
    since: Since,
    last: Option<i64>,
}

/// Where a period begins.
#[derive(Clone, Copy)]
enum Since {
    /// After this moment.
    After(Timestamp),
    /// Before all snapshots: the period is longer than the calendar, or all snapshots are from the future.
    Ever,
}

impl Since {
    fn holds(self, time: Timestamp) -> bool {
        match self {
            Self::After(moment) => time > moment,
            Self::Ever => true,
        }
    }
}

/// What the rules remember on their way from the newest snapshot of a group to the oldest.
struct Walk<'a> {
    rules: &'a Retention,
    within: Since,
    counted: Vec<Counted>,
    counted_within: Vec<CountedWithin>,
}

impl<'a> Walk<'a> {
    fn new(rules: &'a Retention, snapshots: &[&Candidate], now: Timestamp) -> Self {
        // A clock that ran ahead must not make all other snapshots look old.
        let newest = snapshots.iter().find(|snapshot| snapshot.time < now);
        let since = |period: Period| {
            let moment = newest.and_then(|newest| period.before(newest.time, newest.offset));
            moment.map_or(Since::Ever, Since::After)
        };
        let counts = rules.counts().into_iter().filter(|(_, count)| !count.is_zero());
        let periods = rules.periods().into_iter().filter(|(_, period)| !period.is_zero());
        Self {
            rules,
            within: since(rules.within),
            counted: counts.map(|(interval, left)| Counted { interval, left, last: None }).collect(),
            counted_within: periods
                .map(|(interval, period)| CountedWithin { interval, period, since: since(period), last: None })
                .collect(),
        }
    }

    /// Why the rules keep the group's next snapshot, in restic's order.
    fn reasons(&mut self, snapshot: &Candidate, nth: usize, is_oldest: bool) -> Vec<Reason> {
        if self.rules.is_empty() {
            return vec![Reason::NoRule];
        }
        let wall_clock = snapshot.wall_clock();
        let fitting = self.rules.tags.iter().filter(|list| list.fits(&snapshot.tags));
        let mut reasons: Vec<_> = fitting.map(|list| Reason::HasTags(list.clone())).collect();
        if !self.rules.within.is_zero() && self.within.holds(snapshot.time) {
            reasons.push(Reason::Within(self.rules.within));
        }
        for rule in self.counted.iter_mut().filter(|rule| !rule.left.is_zero()) {
            let bucket = rule.interval.bucket(wall_clock, nth);
            let is_new = rule.last != Some(bucket);
            if is_new || is_oldest {
                rule.last = Some(bucket);
                rule.left = rule.left.less_one();
                let reason = if is_new { Reason::Counted } else { Reason::OldestCounted };
                reasons.push(reason(rule.interval));
            }
        }
        for rule in self.counted_within.iter_mut().filter(|rule| rule.since.holds(snapshot.time)) {
            let bucket = rule.interval.bucket(wall_clock, nth);
            let is_new = rule.last != Some(bucket);
            if is_new || is_oldest {
                rule.last = Some(bucket);
                let (interval, period) = (rule.interval, rule.period);
                let reason = if is_new { Reason::CountedWithin } else { Reason::OldestCountedWithin };
                reasons.push(reason(interval, period));
            }
        }
        if self.rules.ids.iter().any(|prefix| prefix.fits(snapshot.id)) {
            reasons.push(Reason::HasId);
        }
        reasons
    }
}
