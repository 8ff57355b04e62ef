//! Times of the day, days of the week, and what lies between two times on some of them.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{DateTime, Weekday};
use jiff::{ToSpan, Zoned};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ScheduleError;

/// Minutes in a day.
const DAY_MINUTES: u16 = 24 * 60;

/// A time of the clock on the wall, to the minute: `02:30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DayTime(u16);

impl DayTime {
    /// The hour.
    pub const fn hour(self) -> u16 {
        self.0 / 60
    }

    /// The minute.
    pub const fn minute(self) -> u16 {
        self.0 % 60
    }
}

impl FromStr for DayTime {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let refused = || ScheduleError::new("time", format!("{text:?} is no time of the day such as 02:30"));
        let (hour, minute) = text.split_once(':').ok_or_else(refused)?;
        let two_digits = |part: &str| {
            let is_number = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            if is_number { part.parse::<u16>().ok() } else { None }
        };
        match (two_digits(hour), two_digits(minute)) {
            (Some(hour @ 0..=23), Some(minute @ 0..=59)) => Ok(Self(hour * 60 + minute)),
            _ => Err(refused()),
        }
    }
}

impl fmt::Display for DayTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour(), self.minute())
    }
}

impl Serialize for DayTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DayTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "their names say it")]
pub enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Day {
    /// The word for it in an expression.
    pub(crate) const fn cron(self) -> &'static str {
        match self {
            Self::Monday => "MON",
            Self::Tuesday => "TUE",
            Self::Wednesday => "WED",
            Self::Thursday => "THU",
            Self::Friday => "FRI",
            Self::Saturday => "SAT",
            Self::Sunday => "SUN",
        }
    }

    const fn weekday(self) -> Weekday {
        match self {
            Self::Monday => Weekday::Monday,
            Self::Tuesday => Weekday::Tuesday,
            Self::Wednesday => Weekday::Wednesday,
            Self::Thursday => Weekday::Thursday,
            Self::Friday => Weekday::Friday,
            Self::Saturday => Weekday::Saturday,
            Self::Sunday => Weekday::Sunday,
        }
    }
}

/// What lies between two times on some days. It passes midnight when it ends before it begins, and belongs to the day on which
/// it begins then; when both are the same it lasts the whole day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// On these days; on all when there is none.
    #[serde(default)]
    pub days: Vec<Day>,
    /// From this time on.
    pub from: DayTime,
    /// Up to, but without, this one.
    pub to: DayTime,
}

impl Window {
    /// Whether it is open at a time of the clock on the wall.
    pub fn holds(&self, at: DateTime) -> bool {
        self.minutes_left(at).is_some()
    }

    /// When it closes, if it is open.
    pub fn closes(&self, at: &Zoned) -> Option<Zoned> {
        let left = i64::from(self.minutes_left(at.datetime())?);
        let minute = at.datetime().with().second(0).subsec_nanosecond(0).build().ok()?;
        let end = minute.checked_add(left.minutes()).ok()?;
        end.to_zoned(at.time_zone().clone()).ok()
    }

    fn minutes_left(&self, at: DateTime) -> Option<u16> {
        let is_on = |day: Weekday| self.days.is_empty() || self.days.iter().any(|one| one.weekday() == day);
        let minute = u16::try_from(i32::from(at.hour()) * 60 + i32::from(at.minute())).ok()?;
        let (from, to) = (self.from.0, self.to.0);
        let today = at.date().weekday();
        let to_today = if to <= from { DAY_MINUTES + to } else { to };
        if is_on(today) && (from..to_today).contains(&minute) {
            return Some(to_today - minute);
        }
        let passes_midnight = to <= from;
        (passes_midnight && is_on(today.previous()) && minute < to).then(|| to - minute)
    }
}

#[cfg(feature = "schema")]
crate::schema::texts! {
    DayTime "^([01][0-9]|2[0-3]):[0-5][0-9]$";
}
