//! When a plan runs: rules of the calendar and cron, in a time zone, within windows, not on certain dates, spread by a
//! jitter, and what becomes of runs that were missed. Arithmetic only: now is an argument.
//!
//! Two hours of the year are decided here, and tested:
//! - A time of the clock on the wall that does not exist, because clocks go forward, runs at the first moment after the gap.
//! - A time that comes twice, because clocks go back, runs once, the first time. Rules that say "every" (`*/15 * * * *`)
//!   follow the time that passes instead: nothing in the gap, and twice through the fold.
//!
//! Read in this order: [`cron`] and [`calendar`] (rules), [`zone`], [`window`] and [`blackout`] (what does not run),
//! [`jitter`], [`missed`], [`runs`] (all of it together).

pub mod blackout;
pub mod calendar;
pub mod cron;
mod jitter;
pub mod missed;
pub mod runs;
pub mod window;
pub mod zone;

#[cfg(test)]
mod tests;

use std::fmt;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

pub use blackout::Blackout;
pub use calendar::{Calendar, MonthDay, Nth};
pub use cron::Cron;
pub use missed::{Due, Missed};
pub use runs::Run;
pub use window::{DayTime, Window};
pub use zone::Zone;

/// Rules of a schedule at most.
pub const RULES_MAX: usize = 32;
/// Windows of a schedule at most.
pub const WINDOWS_MAX: usize = 64;
/// Blackouts of a schedule at most.
pub const BLACKOUTS_MAX: usize = 256;
/// Seconds of jitter at most: half a day.
pub const JITTER_SECONDS_MAX: u32 = 43_200;

/// What cannot be a schedule, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleError {
    what: &'static str,
    why: String,
}

impl ScheduleError {
    pub(crate) fn new(what: &'static str, why: impl Into<String>) -> Self {
        Self { what, why: why.into() }
    }

    /// The part it is about: `rules`, `zone`.
    pub const fn part(&self) -> &'static str {
        self.what
    }
}

impl fmt::Display for ScheduleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.why)
    }
}

impl std::error::Error for ScheduleError {}

/// When something runs by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// It runs whenever one of these says so.
    pub rules: Vec<Rule>,
    /// By whose clock.
    #[serde(default)]
    pub zone: Zone,
    /// It begins only within one of these; at any time when there is none.
    #[serde(default)]
    pub windows: Vec<Window>,
    /// It does not run on these dates.
    #[serde(default)]
    pub blackouts: Vec<Blackout>,
    /// Runs are put off by up to so many seconds, so that not everybody begins at once.
    #[serde(default)]
    pub jitter_seconds: u32,
    /// What becomes of runs for which nobody was there.
    #[serde(default)]
    pub missed: Missed,
}

/// What says when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// An expression of five fields.
    Cron(Cron),
    /// Days and times in words.
    Calendar(Calendar),
}

impl Schedule {
    /// A schedule of one rule, with nothing else said.
    pub fn of(rule: Rule) -> Self {
        Self {
            rules: vec![rule],
            zone: Zone::default(),
            windows: Vec::new(),
            blackouts: Vec::new(),
            jitter_seconds: 0,
            missed: Missed::default(),
        }
    }

    /// Says what cannot be.
    ///
    /// # Errors
    /// The first part that cannot.
    pub fn check(&self) -> Result<(), ScheduleError> {
        let most = |what, count: usize, most: usize| {
            if count > most { Err(ScheduleError::new(what, format!("more than {most}"))) } else { Ok(()) }
        };
        if self.rules.is_empty() {
            return Err(ScheduleError::new("rules", "there is none"));
        }
        most("rules", self.rules.len(), RULES_MAX)?;
        most("windows", self.windows.len(), WINDOWS_MAX)?;
        most("blackouts", self.blackouts.len(), BLACKOUTS_MAX)?;
        if self.jitter_seconds > JITTER_SECONDS_MAX {
            return Err(ScheduleError::new("jitter_seconds", format!("more than {JITTER_SECONDS_MAX}")));
        }
        self.zone.time_zone(None)?;
        self.missed.check()?;
        for blackout in &self.blackouts {
            blackout.check()?;
        }
        for rule in &self.rules {
            if let Rule::Calendar(calendar) = rule {
                calendar.check()?;
            }
        }
        self.crons().map(|_| ())
    }

    /// The zone by which it runs, for a source whose machine is in `agent`.
    ///
    /// # Errors
    /// A zone that the database of zones does not have.
    pub fn time_zone(&self, agent: Option<&str>) -> Result<TimeZone, ScheduleError> {
        self.zone.time_zone(agent)
    }

    /// Every rule as cron expressions: one engine answers for both kinds.
    pub(crate) fn crons(&self) -> Result<Vec<Cron>, ScheduleError> {
        let mut crons = Vec::new();
        for rule in &self.rules {
            match rule {
                Rule::Cron(cron) => crons.push(cron.clone()),
                Rule::Calendar(calendar) => crons.extend(calendar.crons()?),
            }
        }
        Ok(crons)
    }
}
