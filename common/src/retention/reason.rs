//! Why a snapshot stays.

use std::fmt;

use super::{Interval, Period, TagList};

/// Why a snapshot stays. Prints in restic's words where restic has some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// There is no rule.
    NoRule,
    /// It has all tags of this list.
    HasTags(TagList),
    /// It was taken within this period before its group's newest one.
    Within(Period),
    /// It is the newest of its interval, and the count of that rule is not used up.
    Counted(Interval),
    /// It is the oldest of its group, and the count of that rule is not used up: history reaches back as far as it can.
    OldestCounted(Interval),
    /// It is the newest of its interval within this period.
    CountedWithin(Interval, Period),
    /// It is the oldest of its group, and within this period.
    OldestCountedWithin(Interval, Period),
    /// Its id was named.
    HasId,
    /// It is under hold.
    Held,
    /// It is the newest of its source, which must not lose its last snapshot.
    NewestOfSource,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRule => f.write_str("policy is empty"),
            Self::HasTags(tags) => write!(f, "has tags {tags}"),
            Self::Within(period) => write!(f, "within {period}"),
            Self::Counted(interval) => write!(f, "{interval} snapshot"),
            Self::OldestCounted(interval) => write!(f, "oldest {interval} snapshot"),
            Self::CountedWithin(interval, period) => write!(f, "{interval} within {period}"),
            Self::OldestCountedWithin(interval, period) => write!(f, "oldest {interval} within {period}"),
            Self::HasId => f.write_str("has a kept id"),
            Self::Held => f.write_str("is under hold"),
            Self::NewestOfSource => f.write_str("newest of its source"),
        }
    }
}
