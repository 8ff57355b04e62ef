//! The stretches of time of which rules keep one snapshot each.

use std::fmt;

use jiff::civil::DateTime;

/// The stretch of time of which a rule keeps one snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Interval {
    /// None: each snapshot counts.
    Each,
    /// An hour of the clock.
    Hour,
    /// A day of the calendar.
    Day,
    /// A week from Monday to Sunday.
    Week,
    /// A month of the calendar.
    Month,
    /// A quarter of a calendar year.
    Quarter,
    /// A calendar year.
    Year,
}

impl Interval {
    /// A number that two moments share if they lie in the same stretch. `nth` is the snapshot's place in its group.
    pub(super) fn bucket(self, moment: DateTime, nth: usize) -> i64 {
        let (year, month) = (i64::from(moment.year()), i64::from(moment.month()));
        let day = (year * 100 + month) * 100 + i64::from(moment.day());
        match self {
            Self::Each => i64::try_from(nth).unwrap_or(i64::MAX),
            Self::Hour => day * 100 + i64::from(moment.hour()),
            Self::Day => day,
            Self::Week => {
                let week = moment.date().iso_week_date();
                i64::from(week.year()) * 100 + i64::from(week.week())
            }
            Self::Month => year * 100 + month,
            Self::Quarter => year * 10 + (month - 1) / 3,
            Self::Year => year,
        }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Each => "last",
            Self::Hour => "hourly",
            Self::Day => "daily",
            Self::Week => "weekly",
            Self::Month => "monthly",
            Self::Quarter => "quarterly",
            Self::Year => "yearly",
        })
    }
}
