//! How many jobs ended how on each day: what calendars are drawn from.

use bygone_common::job::{JobKind, JobState};
use bygone_common::{OrgUid, SourceUid};
use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::actor::Actor;
use crate::error::{Doing, Error, Result};
use crate::rights::{Action, Resource};
use crate::row::Columns;

use super::Jobs;

/// Days that are counted at once.
const DAYS_MAX: i64 = 366;
/// Rows of an answer: a thousand sources, each day of a month, and some that failed.
const ROWS_MAX: i64 = 50_000;
const DAY_MICROS: i64 = 86_400_000_000;

/// Jobs that ended on one day in the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobDay {
    /// The day, at the offset that was asked for.
    pub day: Date,
    /// What they were to protect.
    pub source: Option<SourceUid>,
    /// What they did.
    pub kind: JobKind,
    /// How they ended.
    pub state: JobState,
    /// How many.
    pub count: i64,
}

impl Jobs<'_> {
    /// Counts the jobs of an organization that ended between two times, by the day it was at an offset from UTC.
    ///
    /// # Errors
    /// `NotFound`: another organization; `Forbidden`; `Invalid`: more than a year, or more than can be answered at once.
    pub async fn days(
        &self,
        actor: &Actor,
        org: OrgUid,
        since: Timestamp,
        before: Timestamp,
        offset: Offset,
    ) -> Result<Vec<JobDay>> {
        let org = actor.in_org(org)?;
        actor.require(Action::See, Resource::Plan)?;
        if before.duration_since(since) > SignedDuration::from_hours(24 * DAYS_MAX) {
            return Err(Error::invalid("since", format!("at most {DAYS_MAX} days are counted at once")));
        }
        let rows = sqlx::query(
            "select source_id, kind, state, (ended_at + $4) / $5 as day, count(*) as jobs from jobs \
             where org_id = $1 and ended_at >= $2 and ended_at < $3 \
             group by source_id, kind, state, (ended_at + $4) / $5 order by day, source_id, kind, state limit $6",
        )
        .bind(org.to_string())
        .bind(since.as_microsecond())
        .bind(before.as_microsecond())
        .bind(i64::from(offset.seconds()) * 1_000_000)
        .bind(DAY_MICROS)
        .bind(ROWS_MAX + 1)
        .fetch_all(self.store.pool())
        .await
        .doing("count jobs by day")?;
        if i64::try_from(rows.len()).is_ok_and(|count| count > ROWS_MAX) {
            return Err(Error::invalid("since", format!("there are more than {ROWS_MAX} counts: ask for fewer days")));
        }
        let day = |row: &sqlx::any::AnyRow| {
            let unreadable = |_| Error::invalid("since", "a day that no calendar has");
            Ok(JobDay {
                day: Date::constant(1970, 1, 1).checked_add(row.int("day")?.days()).map_err(unreadable)?,
                source: row.parsed_opt("source_id")?,
                kind: row.parsed("kind")?,
                state: row.parsed("state")?,
                count: row.int("jobs")?,
            })
        };
        rows.iter().map(day).collect()
    }
}
