//! The runs of a schedule: when a rule names them, and when they are due.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::cron::Cron;
use super::jitter::offset_seconds;
use super::{Schedule, ScheduleError};

/// Runs that can be asked for at once.
pub const RUNS_MAX: usize = 1_000;

/// Moments that rules may name in vain, because windows and blackouts forbid them, before the search is given up.
const MOMENTS_MAX: usize = 20_000;

/// One run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Run {
    /// The moment that a rule names: what tells one run of a plan from another.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub nominal: Timestamp,
    /// When it is to begin: later by the jitter.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub due: Timestamp,
    /// When it may begin no more: the window's end. None when there is no window.
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = DateTime))]
    pub closes: Option<Timestamp>,
}

/// A schedule of a plan in a zone: what can be asked for runs.
#[derive(Debug, Clone)]
pub struct Runs<'a> {
    schedule: &'a Schedule,
    crons: Vec<Cron>,
    zone: TimeZone,
    plan: Uuid,
}

impl Schedule {
    /// Its runs in a zone, spread as the plan's uid says.
    ///
    /// # Errors
    /// A rule that cannot be.
    pub fn runs(&self, zone: TimeZone, plan: Uuid) -> Result<Runs<'_>, ScheduleError> {
        Ok(Runs { schedule: self, crons: self.crons()?, zone, plan })
    }
}

impl Runs<'_> {
    /// The first `count` runs that are named after a moment, in order. Fewer when there are no more.
    pub fn next(&self, after: Timestamp, count: usize) -> Vec<Run> {
        let mut runs = Vec::new();
        let mut at = after.to_zoned(self.zone.clone());
        for _ in 0..MOMENTS_MAX {
            if runs.len() >= count.min(RUNS_MAX) {
                break;
            }
            let Some(moment) = self.moment_after(&at) else { break };
            runs.extend(self.run_at(&moment));
            at = moment;
        }
        runs
    }

    /// The last `count` runs that are due at or before `until` and named after `after`, in order.
    pub fn last(&self, after: Timestamp, until: Timestamp, count: usize) -> Vec<Run> {
        let mut runs = Vec::new();
        let mut at = until.to_zoned(self.zone.clone());
        let mut inclusive = true;
        for _ in 0..MOMENTS_MAX {
            if runs.len() >= count.min(RUNS_MAX) {
                break;
            }
            let moments = self.crons.iter().filter_map(|cron| cron.previous(&at, inclusive));
            let Some(moment) = moments.max_by_key(Zoned::timestamp) else { break };
            if moment.timestamp() <= after {
                break;
            }
            runs.extend(self.run_at(&moment).filter(|run| run.due <= until));
            at = moment;
            inclusive = false;
        }
        runs.reverse();
        runs
    }

    /// The last run that is named at or before `until` and after `after`, be it due or not.
    pub(super) fn last_named(&self, after: Timestamp, until: Timestamp) -> Option<Run> {
        let until = until.to_zoned(self.zone.clone());
        let moments = self.crons.iter().filter_map(|cron| cron.previous(&until, true));
        let moment = moments.max_by_key(Zoned::timestamp)?;
        if moment.timestamp() > after { self.run_at(&moment) } else { None }
    }

    fn moment_after(&self, at: &Zoned) -> Option<Zoned> {
        self.crons.iter().filter_map(|cron| cron.next(at, false)).min_by_key(Zoned::timestamp)
    }

    /// The run that a moment names, unless a window or a blackout forbids it.
    fn run_at(&self, moment: &Zoned) -> Option<Run> {
        if self.schedule.blackouts.iter().any(|blackout| blackout.holds(moment.date())) {
            return None;
        }
        let windows = &self.schedule.windows;
        // Of windows that overlap the one that closes last counts.
        let closes = windows.iter().filter_map(|window| window.closes(moment)).max_by_key(Zoned::timestamp);
        if closes.is_none() && !windows.is_empty() {
            return None;
        }
        let nominal = moment.timestamp();
        let closes = closes.map(|closes| closes.timestamp());
        let due = nominal.checked_add(self.put_off(moment, closes)).unwrap_or(nominal);
        Some(Run { nominal, due, closes })
    }

    /// How long a run is put off: never past the next one, nor out of its window.
    fn put_off(&self, moment: &Zoned, closes: Option<Timestamp>) -> SignedDuration {
        let wanted = u64::from(self.schedule.jitter_seconds);
        if wanted == 0 {
            return SignedDuration::ZERO;
        }
        let nominal = moment.timestamp();
        let until = |end: Timestamp| u64::try_from(end.duration_since(nominal).as_secs()).unwrap_or_default();
        let next = self.moment_after(moment).map_or(u64::MAX, |next| until(next.timestamp()));
        let close = closes.map_or(u64::MAX, until);
        let seconds = offset_seconds(self.plan, nominal, wanted.saturating_add(1).min(next).min(close));
        SignedDuration::from_secs(i64::try_from(seconds).unwrap_or_default())
    }
}
