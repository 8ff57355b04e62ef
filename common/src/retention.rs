//! How long snapshots are kept: rules, and what they say of a list of snapshots. Values only: nothing is removed here.
//!
//! The rules are restic's, so that a plan means the same to both programs. Source: restic's
//! `internal/data/snapshot_policy.go` as of 0.19. Ours on top: quarters, ids, holds, and the newest snapshot of a source,
//! which no rule lets go.
//!
//! Calendars are those of the snapshots: an hour, day, week, quarter or year is that of the clock on the wall where the
//! snapshot was taken, by the offset from UTC that it stores. restic on a machine whose zone has summer time counts
//! `keep-within` across the change in that zone; here the answer is the same on every machine.
//!
//! Read in this order: [`count`] and [`period`] (how much), [`interval`] (of what), [`tag_list`], [`group`] (among
//! whom), [`reason`] (what is answered), `decide` (how).

pub mod count;
mod decide;
pub mod group;
pub mod interval;
pub mod period;
pub mod reason;
mod serial;
pub mod tag_list;

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

use crate::id::SnapshotId;

pub use count::Count;
pub use group::{GroupBy, GroupKey};
pub use interval::Interval;
pub use period::Period;
pub use reason::Reason;
pub use tag_list::TagList;

/// Hexadecimal digits in a whole snapshot id.
const ID_DIGITS: usize = 64;

/// A rule's text that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionError {
    text: String,
    why: String,
}

impl RetentionError {
    fn new(text: &str, why: impl Into<String>) -> Self {
        Self { text: text.to_owned(), why: why.into() }
    }
}

impl fmt::Display for RetentionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.text, self.why)
    }
}

impl std::error::Error for RetentionError {}

/// What retention has to know of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its id.
    pub id: SnapshotId,
    /// When it was taken.
    pub time: Timestamp,
    /// The source's offset from UTC at that time.
    pub offset: Offset,
    /// The source's name.
    pub host: String,
    /// What was asked to be saved, in any order.
    pub paths: Vec<String>,
    /// Its tags, in any order.
    pub tags: Vec<String>,
    /// Whether it is under hold.
    pub held: bool,
}

impl Candidate {
    /// Where it stands among others: older first, those of one moment by id.
    fn order(&self) -> (Timestamp, SnapshotId) {
        (self.time, self.id)
    }

    /// The clock on the source's wall.
    fn wall_clock(&self) -> DateTime {
        self.offset.to_datetime(self.time)
    }
}

/// The first digits of snapshot ids that are to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdPrefix(String);

impl IdPrefix {
    /// Whether the id begins so.
    pub fn fits(&self, id: SnapshotId) -> bool {
        id.to_string().starts_with(&self.0)
    }
}

impl FromStr for IdPrefix {
    type Err = RetentionError;

    fn from_str(text: &str) -> Result<Self, RetentionError> {
        let is_prefix =
            !text.is_empty() && text.len() <= ID_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_prefix {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(RetentionError::new(text, "is not the start of a snapshot id"))
        }
    }
}

/// The rules by which snapshots of one group are kept. A snapshot that no rule keeps is forgotten.
///
/// Without any rule everything is kept: forgetting all must never be the answer to a forgotten option.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// So many of the newest snapshots.
    pub last: Count,
    /// The newest snapshot of each of so many hours that have one; the rules below likewise.
    pub hourly: Count,
    /// The same for days.
    pub daily: Count,
    /// The same for weeks, which begin on Monday and belong to years by ISO 8601.
    pub weekly: Count,
    /// The same for months.
    pub monthly: Count,
    /// The same for quarters of calendar years. restic has no such rule.
    pub quarterly: Count,
    /// The same for years.
    pub yearly: Count,
    /// All snapshots taken within this period before the group's newest one.
    pub within: Period,
    /// The newest snapshot of each hour within this period before the group's newest one; the rules below likewise.
    pub within_hourly: Period,
    /// The same for days.
    pub within_daily: Period,
    /// The same for weeks.
    pub within_weekly: Period,
    /// The same for months.
    pub within_monthly: Period,
    /// The same for years.
    pub within_yearly: Period,
    /// All snapshots that have all tags of any of these lists.
    pub tags: Vec<TagList>,
    /// The snapshots with these ids. restic has no such rule.
    pub ids: Vec<IdPrefix>,
}

impl Retention {
    /// Whether there is no rule at all.
    pub fn is_empty(&self) -> bool {
        self.tags.is_empty()
            && self.ids.is_empty()
            && self.counts().iter().all(|(_, count)| count.is_zero())
            && self.within.is_zero()
            && self.periods().iter().all(|(_, period)| period.is_zero())
    }

    /// What becomes of each snapshot that `chosen` picks out of `all`, group by group in the order of their keys, the
    /// newest snapshot of each group first.
    ///
    /// `all` are the repository's snapshots, also those that are not up for choice: which one is the newest of its source
    /// is seen among them. `now` tells snapshots that claim to be from the future: no period counts back from them.
    pub fn decide(
        &self,
        all: &[Candidate],
        group_by: GroupBy,
        now: Timestamp,
        chosen: impl Fn(&Candidate) -> bool,
    ) -> Vec<Group> {
        decide::groups(self, all, group_by, now, chosen)
    }

    fn counts(&self) -> [(Interval, Count); 7] {
        [
            (Interval::Each, self.last),
            (Interval::Hour, self.hourly),
            (Interval::Day, self.daily),
            (Interval::Week, self.weekly),
            (Interval::Month, self.monthly),
            (Interval::Quarter, self.quarterly),
            (Interval::Year, self.yearly),
        ]
    }

    fn periods(&self) -> [(Interval, Period); 5] {
        [
            (Interval::Hour, self.within_hourly),
            (Interval::Day, self.within_daily),
            (Interval::Week, self.within_weekly),
            (Interval::Month, self.within_monthly),
            (Interval::Year, self.within_yearly),
        ]
    }
}

/// Snapshots to which the rules apply together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What its snapshots have in common.
    pub key: GroupKey,
    /// The newest snapshot first.
    pub decisions: Vec<Decision>,
}

/// What becomes of one snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The snapshot.
    pub id: SnapshotId,
    /// Its fate.
    pub fate: Fate,
}

/// Whether a snapshot stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It stays, for all of these reasons: at least one.
    Keep(Vec<Reason>),
    /// Nothing keeps it.
    Forget,
}

impl Fate {
    /// Whether the snapshot stays.
    pub fn is_kept(&self) -> bool {
        match self {
            Self::Keep(_) => true,
            Self::Forget => false,
        }
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
