//! Periods of the calendar, `1y5m7d2h`.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Span, Timestamp};

use super::RetentionError;

const MONTHS_PER_YEAR: i64 = 12;

/// A length of time in years, months, days and hours. Zero is no period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Period {
    /// Calendar years.
    pub years: u32,
    /// Calendar months.
    pub months: u32,
    /// Calendar days.
    pub days: u32,
    /// Hours of 60 minutes.
    pub hours: u32,
}

impl Period {
    /// Whether it has no length.
    pub fn is_zero(self) -> bool {
        self == Self::default()
    }

    /// The moment that lies so long before `end`, by the calendar at `offset`. `None` when no calendar goes back so far.
    ///
    /// Years and months go first. A day that the month then lacks counts on into the next one: one month before March 31
    /// is March 3 (in leap years March 2). So does Go's `AddDate`, by which restic counts; most libraries would say
    /// February 28.
    pub fn before(self, end: Timestamp, offset: Offset) -> Option<Timestamp> {
        let end = offset.to_datetime(end);
        let months = i64::from(end.year()) * MONTHS_PER_YEAR + i64::from(end.month())
            - 1
            - i64::from(self.years) * MONTHS_PER_YEAR
            - i64::from(self.months);
        let year = i16::try_from(months.div_euclid(MONTHS_PER_YEAR)).ok()?;
        let month = i8::try_from(months.rem_euclid(MONTHS_PER_YEAR) + 1).ok()?;
        let days = i64::from(end.day()) - 1 - i64::from(self.days);
        let date = Date::new(year, month, 1).ok()?.checked_add(Span::new().try_days(days).ok()?).ok()?;
        let moment = offset.to_timestamp(date.to_datetime(end.time())).ok()?;
        moment.checked_sub(SignedDuration::from_hours(i64::from(self.hours))).ok()
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, unit) in [(self.years, 'y'), (self.months, 'm'), (self.days, 'd'), (self.hours, 'h')] {
            if number != 0 {
                write!(f, "{number}{unit}")?;
            }
        }
        Ok(())
    }
}

impl FromStr for Period {
    type Err = RetentionError;

    /// Reads numbers with a unit each, in any order; of a unit that comes twice the last counts.
    fn from_str(text: &str) -> Result<Self, RetentionError> {
        let refused = |why: String| RetentionError::new(text, format!("is not a period such as 1y5m7d2h: {why}"));
        let mut period = Self::default();
        let mut rest = text.trim();
        while !rest.is_empty() {
            if rest.starts_with('-') {
                return Err(refused("it is negative".to_owned()));
            }
            let end = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
            let (digits, tail) = rest.split_at(end);
            if digits.is_empty() {
                return Err(refused(format!("there is no number before {tail:?}")));
            }
            let number = digits.parse().map_err(|_| refused(format!("{digits} is too large")))?;
            let mut units = tail.chars();
            match units.next() {
                Some('y') => period.years = number,
                Some('m') => period.months = number,
                Some('d') => period.days = number,
                Some('h') => period.hours = number,
                Some(unit) => return Err(refused(format!("{unit:?} is not one of the units y, m, d, h"))),
                None => return Err(refused(format!("there is no unit after {digits}"))),
            }
            rest = units.as_str();
        }
        Ok(period)
    }
}
