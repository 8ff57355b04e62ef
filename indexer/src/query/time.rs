//! Dates of a query: years, months, days, moments, ranges of them, and times counted from now.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};

use super::error::{QueryError, QueryFault};

const HINT: &str = "write dates like 2026, 2026-10, 2026-10-05, 2026-10..2026-11, >=2026-10, yesterday, last-month, or 7d for the last 7 days";

/// Seconds since 1970: from, and up to but without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: i64,
    pub(crate) until: i64,
}

impl Span {
    pub(crate) fn holds(self, seconds: i64) -> bool {
        self.from <= seconds && seconds < self.until
    }
}

/// What dates are counted from.
pub(super) struct Calendar<'a> {
    pub(super) now: Timestamp,
    pub(super) zone: &'a TimeZone,
}

impl Calendar<'_> {
    pub(super) fn span(&self, text: &str, at: (usize, usize)) -> Result<Span, QueryError> {
        let bad = || QueryError::new(QueryFault::BadDate, at, format!("“{text}” is not a date"), HINT);
        let one = |text: &str| self.one(text.trim()).ok_or_else(bad);
        let is_age = |text: &str| self.age(text.trim()).is_some();
        let (first, last) = (i64::MIN, i64::MAX);
        // Of an age, “more than” means older: the words are about how long ago, not about the moment.
        for (sign, is_greater, with_itself) in
            [(">=", true, true), ("<=", false, true), (">", true, false), ("<", false, false)]
        {
            let Some(text) = text.strip_prefix(sign) else { continue };
            let span = one(text)?;
            return Ok(match (is_greater, with_itself, is_age(text)) {
                (true, _, true) => Span { from: first, until: span.from },
                (false, _, true) => Span { from: span.from, until: last },
                (true, true, false) => Span { from: span.from, until: last },
                (true, false, false) => Span { from: span.until, until: last },
                (false, true, false) => Span { from: first, until: span.until },
                (false, false, false) => Span { from: first, until: span.from },
            });
        }
        let Some((from, until)) = text.split_once("..") else { return one(text) };
        let span = Span {
            from: if from.is_empty() { first } else { one(from)?.from },
            until: match until {
                "" => last,
                _ if is_age(until) => one(until)?.from,
                _ => one(until)?.until,
            },
        };
        if span.until <= span.from {
            let message = format!("“{text}” ends before it begins");
            return Err(QueryError::new(QueryFault::EmptyRange, at, message, "write the earlier date first"));
        }
        Ok(span)
    }

    fn one(&self, text: &str) -> Option<Span> {
        let today = self.now.to_zoned(self.zone.clone()).date();
        let month = today.first_of_month();
        let year = today.first_of_year();
        let week = today.checked_sub(i32::from(today.weekday().to_monday_zero_offset()).days()).ok()?;
        match text.to_lowercase().replace('_', "-").as_str() {
            "today" | "сегодня" => return self.days(today, today.tomorrow().ok()?),
            "yesterday" | "вчера" => return self.days(today.yesterday().ok()?, today),
            "this-week" => return self.days(week, week.checked_add(7.days()).ok()?),
            "last-week" => return self.days(week.checked_sub(7.days()).ok()?, week),
            "this-month" => return self.days(month, month.checked_add(1.month()).ok()?),
            "last-month" => return self.days(month.checked_sub(1.month()).ok()?, month),
            "this-year" => return self.days(year, year.checked_add(1.year()).ok()?),
            "last-year" => return self.days(year.checked_sub(1.year()).ok()?, year),
            _ => {}
        }
        if let Some(from) = self.age(text) {
            return Some(Span { from, until: i64::MAX });
        }
        if let Ok(moment) = text.parse::<Timestamp>() {
            return Some(Span { from: moment.as_second(), until: moment.as_second().checked_add(1)? });
        }
        let numbers: Vec<&str> = text.split('-').collect();
        let digits =
            |text: &&str, length: usize| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = |text: &str| text.parse::<i8>().ok();
        match numbers.as_slice() {
            [year] if digits(year, 4) => {
                let from = Date::new(year.parse().ok()?, 1, 1).ok()?;
                self.days(from, from.checked_add(1.year()).ok()?)
            }
            [year, month] if digits(year, 4) && digits(month, 2) => {
                let from = Date::new(year.parse().ok()?, number(month)?, 1).ok()?;
                self.days(from, from.checked_add(1.month()).ok()?)
            }
            [year, month, day] if digits(year, 4) && digits(month, 2) && digits(day, 2) => {
                let from = Date::new(year.parse().ok()?, number(month)?, number(day)?).ok()?;
                self.days(from, from.tomorrow().ok()?)
            }
            _ => None,
        }
    }

    /// The moment that `7d`, `2w`, `3m`, `1y` or `12h` is ago.
    fn age(&self, text: &str) -> Option<i64> {
        let unit = text.chars().next_back()?;
        let count: i32 = text.strip_suffix(unit)?.parse().ok().filter(|count| *count >= 0)?;
        let ago = match unit {
            'h' | 'ч' => count.hours(),
            'd' | 'д' => count.days(),
            'w' | 'н' => count.weeks(),
            'm' | 'м' => count.months(),
            'y' | 'г' => count.years(),
            _ => return None,
        };
        let moment = self.now.to_zoned(self.zone.clone()).checked_sub(ago).ok()?;
        Some(moment.timestamp().as_second())
    }

    fn days(&self, from: Date, until: Date) -> Option<Span> {
        let start =
            |date: Date| date.to_zoned(self.zone.clone()).map(|zoned: Zoned| zoned.timestamp().as_second()).ok();
        Some(Span { from: start(from)?, until: start(until)? })
    }
}
