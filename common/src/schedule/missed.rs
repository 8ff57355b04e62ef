//! Runs for which nobody was there: the server was down, or its clock jumped.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::ScheduleError;
use super::runs::{Run, Runs};

/// Runs that are made up for at most.
pub const MISSED_RUNS_MAX: u16 = 100;

/// How late a run may be before it counts as missed.
pub const LATE_MAX: SignedDuration = SignedDuration::from_mins(5);

/// What becomes of runs that were missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Missed {
    /// They are made up for by one.
    #[default]
    Once,
    /// They are not made up for.
    Skip,
    /// Each is made up for, the newest so many.
    All(u16),
}

/// What is to be run now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// These, in order.
    pub runs: Vec<Run>,
    /// Up to here everything is decided: what is asked for next time.
    pub cursor: Timestamp,
    /// The first run that is not due yet. None when there is none any more.
    pub next: Option<Run>,
}

impl Missed {
    pub(crate) fn check(self) -> Result<(), ScheduleError> {
        match self {
            Self::Once | Self::Skip | Self::All(1..=MISSED_RUNS_MAX) => Ok(()),
            Self::All(_) => {
                Err(ScheduleError::new("missed", format!("1 to {MISSED_RUNS_MAX} runs can be made up for")))
            }
        }
    }
}

impl Runs<'_> {
    /// What is to be run at `now`, when everything up to `cursor` was decided before.
    ///
    /// A clock that went back makes `cursor` lie ahead of now: runs between are named again then, and whoever keeps the rows
    /// tells them from new ones by their `nominal`.
    pub fn due(&self, missed: Missed, cursor: Timestamp, now: Timestamp) -> Due {
        let cursor = cursor.min(now);
        let is_late = |run: &Run| now.duration_since(run.due) > LATE_MAX;
        let most = match missed {
            Missed::Once | Missed::Skip => 2,
            Missed::All(most) => usize::from(most) + 1,
        };
        let mut runs = self.last(cursor, now, most);
        match missed {
            Missed::Once => runs = runs.split_off(runs.len().saturating_sub(1)),
            Missed::Skip => runs.retain(|run| !is_late(run)),
            Missed::All(most) => runs = runs.split_off(runs.len().saturating_sub(usize::from(most))),
        }
        // A window that has closed does not open for what was missed.
        runs.retain(|run| run.closes.is_none_or(|closes| now < closes));
        let next = self.after_due(cursor, now);
        // What is named already, but not due yet because of the jitter, is asked for again.
        let cursor = next.map_or(now, |next| now.min(before(next.nominal)));
        Due { runs, cursor, next }
    }

    /// The first run that is due after `now`.
    fn after_due(&self, cursor: Timestamp, now: Timestamp) -> Option<Run> {
        // Runs do not overtake one another, so that only the last one named before now can still be to come.
        let pending = self.last_named(cursor, now).filter(|run| run.due > now);
        pending.or_else(|| self.next(now, 1).into_iter().next())
    }
}

fn before(moment: Timestamp) -> Timestamp {
    moment.checked_sub(SignedDuration::from_micros(1)).unwrap_or(moment)
}
