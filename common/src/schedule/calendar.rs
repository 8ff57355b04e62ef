//! Days and times in words. Each rule is written as cron expressions, so that one engine answers for both.

use serde::{Deserialize, Serialize};

use super::cron::Cron;
use super::window::{Day, DayTime};
use super::{RULES_MAX, ScheduleError};

/// Times of a rule at most.
const TIMES_MAX: usize = RULES_MAX;

/// Hours that divide a day, so that "every n hours" means the same every day.
const HOURS_EVERY: [u8; 7] = [1, 2, 3, 4, 6, 8, 12];

/// Days and times in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "every", rename_all = "snake_case", deny_unknown_fields)]
pub enum Calendar {
    /// Every so many hours of the day, beginning at midnight: 1, 2, 3, 4, 6, 8 or 12.
    Hours {
        /// So many.
        #[serde(default = "one")]
        count: u8,
        /// The minute of the hour.
        #[serde(default)]
        minute: u8,
    },
    /// Every day.
    Day {
        /// At these times.
        at: Vec<DayTime>,
    },
    /// On days of the week.
    Week {
        /// Which.
        on: Vec<Day>,
        /// At these times.
        at: Vec<DayTime>,
    },
    /// On days of the month.
    Month {
        /// Which.
        on: Vec<MonthDay>,
        /// At these times.
        at: Vec<DayTime>,
    },
    /// Once a year.
    Year {
        /// 1 to 12.
        month: u8,
        /// 1 to 31; in a month that is shorter, its last day.
        day: u8,
        /// At these times.
        at: Vec<DayTime>,
    },
}

const fn one() -> u8 {
    1
}

/// A day of the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MonthDay {
    /// 1 to 31; in a month that is shorter, its last day.
    Day(u8),
    /// The last one.
    Last,
    /// Such a day of the week, counted within the month.
    Weekday {
        /// Which one of them.
        nth: Nth,
        /// The day.
        day: Day,
    },
}

/// Which of the days of a month that have one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Nth {
    /// The first.
    First,
    /// The second.
    Second,
    /// The third.
    Third,
    /// The fourth.
    Fourth,
    /// The last, be it the fourth or the fifth.
    Last,
}

impl Calendar {
    /// Says what cannot be.
    pub(crate) fn check(&self) -> Result<(), ScheduleError> {
        let refused = |why: &str| Err(ScheduleError::new("rules", why));
        match self {
            Self::Hours { count, .. } if !HOURS_EVERY.contains(count) => {
                refused("every so many hours: 1, 2, 3, 4, 6, 8 or 12, which divide a day")
            }
            Self::Hours { minute, .. } if *minute > 59 => refused("an hour has minutes 0 to 59"),
            Self::Week { on, .. } if on.is_empty() => refused("no day of the week is named"),
            Self::Month { on, .. } if on.is_empty() => refused("no day of the month is named"),
            Self::Month { on, .. } if on.iter().any(|day| matches!(day, MonthDay::Day(0 | 32..))) => {
                refused("a month has days 1 to 31")
            }
            Self::Year { month: 0 | 13.., .. } => refused("a year has months 1 to 12"),
            Self::Year { day: 0 | 32.., .. } => refused("a month has days 1 to 31"),
            Self::Day { at } | Self::Week { at, .. } | Self::Month { at, .. } | Self::Year { at, .. } => {
                if at.is_empty() {
                    return refused("no time of the day is named");
                }
                if at.len() > TIMES_MAX { refused("more than 32 times of the day") } else { Ok(()) }
            }
            Self::Hours { .. } => Ok(()),
        }
    }

    /// The same in cron's words.
    pub(crate) fn crons(&self) -> Result<Vec<Cron>, ScheduleError> {
        self.check()?;
        let mut crons = Vec::new();
        let mut push = |text: String| text.parse().map(|cron| crons.push(cron));
        match self {
            Self::Hours { count: 1, minute } => push(format!("{minute} * * * *"))?,
            Self::Hours { count, minute } => push(format!("{minute} */{count} * * *"))?,
            Self::Day { at } => {
                for time in at {
                    push(format!("{} {} * * *", time.minute(), time.hour()))?;
                }
            }
            Self::Week { on, at } => {
                let days: Vec<_> = on.iter().map(|day| day.cron()).collect();
                for time in at {
                    push(format!("{} {} * * {}", time.minute(), time.hour(), days.join(",")))?;
                }
            }
            Self::Month { on, at } => {
                for time in at {
                    for days in on.iter().flat_map(|day| day.crons()) {
                        push(format!("{} {} {days}", time.minute(), time.hour()))?;
                    }
                }
            }
            Self::Year { month, day, at } => {
                // The 29th of February is the last day of it in every year; the 28th is not.
                let day = if *day > last_day(*month) { "L".to_owned() } else { day.to_string() };
                for time in at {
                    push(format!("{} {} {day} {month} *", time.minute(), time.hour()))?;
                }
            }
        }
        Ok(crons)
    }
}

/// The last day that a month always has: 28 for February.
const fn last_day(month: u8) -> u8 {
    match month {
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl MonthDay {
    /// Its fields of an expression after the time: day of the month, month, day of the week.
    fn crons(self) -> Vec<String> {
        match self {
            Self::Day(day @ ..=28) => vec![format!("{day} * *")],
            Self::Day(29) => vec!["29 1,3-12 *".to_owned(), "L 2 *".to_owned()],
            Self::Day(30) => vec!["30 1,3-12 *".to_owned(), "L 2 *".to_owned()],
            Self::Day(_) | Self::Last => vec!["L * *".to_owned()],
            Self::Weekday { nth: Nth::Last, day } => vec![format!("* * {}L", day.cron())],
            Self::Weekday { nth, day } => vec![format!("* * {}#{}", day.cron(), nth.number())],
        }
    }
}

impl Nth {
    const fn number(self) -> u8 {
        match self {
            Self::First => 1,
            Self::Second => 2,
            Self::Third => 3,
            Self::Fourth => 4,
            Self::Last => 5,
        }
    }
}
