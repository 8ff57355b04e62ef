//! Dates on which nothing runs.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::ScheduleError;

/// Characters of a reason at most.
const REASON_CHARS_MAX: usize = 256;

/// Dates on which nothing runs, by the calendar of the schedule's zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Blackout {
    /// The first.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = Date))]
    pub from: Date,
    /// The last.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = Date))]
    pub to: Date,
    /// The same days of every year: what year is given does not count then.
    #[serde(default)]
    pub yearly: bool,
    /// Why, for people.
    #[serde(default)]
    pub reason: String,
}

impl Blackout {
    pub(crate) fn check(&self) -> Result<(), ScheduleError> {
        if self.to < self.from && !self.yearly {
            return Err(ScheduleError::new("blackouts", format!("{} is before {}", self.to, self.from)));
        }
        if self.reason.chars().count() > REASON_CHARS_MAX {
            return Err(ScheduleError::new(
                "blackouts",
                format!("a reason of more than {REASON_CHARS_MAX} characters"),
            ));
        }
        Ok(())
    }

    /// Whether a date is one of them.
    pub fn holds(&self, date: Date) -> bool {
        if !self.yearly {
            return (self.from..=self.to).contains(&date);
        }
        let day = |date: Date| (date.month(), date.day());
        let (from, to, date) = (day(self.from), day(self.to), day(date));
        // From December to January it goes over the end of the year.
        if from <= to { (from..=to).contains(&date) } else { date >= from || date <= to }
    }
}
