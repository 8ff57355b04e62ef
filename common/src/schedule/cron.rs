//! Cron expressions of five fields: minute, hour, day of the month, month, day of the week.

use std::fmt;
use std::str::FromStr;

use croner::parser::{CronParser, Seconds, Year};
use jiff::Zoned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ScheduleError;

/// Characters of an expression at most.
pub const CRON_CHARS_MAX: usize = 256;

/// An expression, as it was written, and what it means. `L`, `#`, `W` and names of days and months are understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    text: String,
    /// Large, and most rules are of the other kind.
    parsed: Box<croner::Cron>,
}

impl Cron {
    /// The first moment after (or, if `inclusive`, at) another that it names. None when there is no such moment.
    pub(crate) fn next(&self, after: &Zoned, inclusive: bool) -> Option<Zoned> {
        self.parsed.find_next_occurrence(after, inclusive).ok()
    }

    /// The last moment before (or, if `inclusive`, at) another that it names.
    pub(crate) fn previous(&self, before: &Zoned, inclusive: bool) -> Option<Zoned> {
        self.parsed.find_previous_occurrence(before, inclusive).ok()
    }
}

impl FromStr for Cron {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let refused = |why: String| ScheduleError::new("rules", format!("{text:?} is no cron expression: {why}"));
        if text.len() > CRON_CHARS_MAX {
            return Err(ScheduleError::new(
                "rules",
                format!("a cron expression of more than {CRON_CHARS_MAX} characters"),
            ));
        }
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let parsed = parser.parse(text.trim()).map_err(|error| refused(error.to_string()))?;
        Ok(Self { text: text.trim().to_owned(), parsed: Box::new(parsed) })
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Cron {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Cron {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "schema")]
crate::schema::texts! {
    Cron "^\\S+ +\\S+ +\\S+ +\\S+ +\\S+$";
}
