//! How well each source is protected: what a person looks at every morning. Derived from sources, plans and jobs.

use bygone_common::job::{JobState, Outcome};
use bygone_common::{AgentUid, JobUid, OrgUid, PlanUid, RepositoryUid, SourceUid};
use jiff::{SignedDuration, Timestamp};
use sqlx::any::AnyRow;

use crate::actor::Actor;
use crate::database::Store;
use crate::error::{Doing, Result};
use crate::page::{PAGE_ITEMS_MAX, Page};
use crate::plans::Plan;
use crate::rights::{Action, Resource};
use crate::row::Columns;

/// Sources that are looked at at once.
const SOURCES_MAX: i64 = 10_000;
/// Plans that are looked at at once.
const PLANS_MAX: usize = 10_000;
/// A source is late when nothing was saved for so many of its plan's intervals.
const LATE_INTERVALS: i32 = 2;

/// How well a source is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Its newest backup is as new as its plan wants.
    Protected,
    /// Nothing was saved for too long.
    Late,
    /// Its newest backup failed.
    Failed,
    /// Nothing was ever saved.
    Never,
    /// No plan that runs has it.
    Unplanned,
}

impl Standing {
    /// How a source stands that a plan has: what failed last counts before what is merely old.
    fn of(last_success_at: Option<Timestamp>, last_end: Option<&Ended>, late_since: Option<Timestamp>) -> Self {
        match last_success_at {
            _ if last_end.is_some_and(|end| end.state == JobState::Failed) => Self::Failed,
            None => Self::Never,
            Some(_) if late_since.is_some() => Self::Late,
            Some(_) => Self::Protected,
        }
    }

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Protected => "protected",
            Self::Late => "late",
            Self::Failed => "failed",
            Self::Never => "never",
            Self::Unplanned => "unplanned",
        }
    }
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    /// The job.
    pub job: JobUid,
    /// When.
    pub at: Timestamp,
    /// How.
    pub state: JobState,
    /// Why, where it failed.
    pub why: Option<String>,
}

/// A source and how well it is protected.
#[derive(Debug, Clone, PartialEq)]
pub struct Protection {
    /// The source, and its name.
    pub source: (SourceUid, String),
    /// Its machine, and what people call it.
    pub agent: (AgentUid, String),
    /// When its machine was last heard of.
    pub last_seen_at: Option<Timestamp>,
    /// The plans that have it: uid, name, and whether they run by themselves.
    pub plans: Vec<(PlanUid, String, bool)>,
    /// How it stands.
    pub standing: Standing,
    /// When it was last saved, wholly or in part.
    pub last_success_at: Option<Timestamp>,
    /// How often it is to be saved.
    pub interval: Option<SignedDuration>,
    /// Since when it is late.
    pub late_since: Option<Timestamp>,
    /// How its newest backup that is over ended.
    pub last_end: Option<Ended>,
}

/// A repository and how its newest verify ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// The repository, and its name.
    pub repository: (RepositoryUid, String),
    /// None: it was never verified.
    pub last: Option<Ended>,
}

impl Store {
    /// How well each source of an organization is protected, by name.
    ///
    /// # Errors
    /// `NotFound`: another organization; `Forbidden`.
    pub async fn protection(&self, actor: &Actor, org: OrgUid) -> Result<Vec<Protection>> {
        let org = actor.in_org(org)?;
        actor.require(Action::See, Resource::Plan)?;
        let plans = self.all_plans(actor, org).await?;
        let rows = sqlx::query(
            "select s.uid as source, s.name as name, a.uid as agent, a.name as agent_name, a.last_seen_at as seen_at, \
             (select max(j.ended_at) from jobs j where j.source_id = s.uid and j.kind = 'backup' and \
             j.state in ('succeeded', 'partial')) as success_at, \
             l.uid as job, l.state as state, l.ended_at as ended_at, l.outcome as outcome \
             from sources s join agents a on a.uid = s.agent_id \
             left join jobs l on l.uid = (select j.uid from jobs j where j.source_id = s.uid and j.kind = 'backup' and \
             j.ended_at is not null order by j.ended_at desc limit 1) \
             where s.org_id = $1 order by s.name limit $2",
        )
        .bind(org.to_string())
        .bind(SOURCES_MAX)
        .fetch_all(self.pool())
        .await
        .doing("look how sources are protected")?;
        rows.iter().map(|row| self.protection_of(row, &plans)).collect()
    }

    /// How the newest verify of each repository ended, by name.
    ///
    /// # Errors
    /// `NotFound`: another organization; `Forbidden`.
    pub async fn verified(&self, actor: &Actor, org: OrgUid) -> Result<Vec<Verified>> {
        let org = actor.in_org(org)?;
        actor.require(Action::See, Resource::Plan)?;
        let rows = sqlx::query(
            "select r.uid as repository, r.name as name, l.uid as job, l.state as state, l.ended_at as ended_at, \
             l.outcome as outcome from repositories r \
             left join jobs l on l.uid = (select j.uid from jobs j where j.repository_id = r.uid and j.kind = 'verify' and \
             j.ended_at is not null order by j.ended_at desc limit 1) \
             where r.org_id = $1 order by r.name limit $2",
        )
        .bind(org.to_string())
        .bind(SOURCES_MAX)
        .fetch_all(self.pool())
        .await
        .doing("look when repositories were verified")?;
        let verified = |row: &AnyRow| {
            Ok(Verified { repository: (row.parsed("repository")?, row.text("name")?), last: ended(row)? })
        };
        rows.iter().map(verified).collect()
    }

    async fn all_plans(&self, actor: &Actor, org: OrgUid) -> Result<Vec<Plan>> {
        let mut plans = Vec::new();
        let mut after = None;
        loop {
            let page = Page::new(Some(PAGE_ITEMS_MAX), after.as_deref())?;
            let list = self.plans().list(actor, org, &page).await?;
            plans.extend(list.items);
            after = list.next;
            if after.is_none() || plans.len() >= PLANS_MAX {
                return Ok(plans);
            }
        }
    }

    fn protection_of(&self, row: &AnyRow, plans: &[Plan]) -> Result<Protection> {
        let source: SourceUid = row.parsed("source")?;
        let having: Vec<&Plan> = plans.iter().filter(|plan| plan.spec.sources.contains(&source)).collect();
        let running = || having.iter().filter(|plan| plan.enabled);
        let interval = running().filter_map(|plan| self.plans().interval(plan)).min();
        let last_success_at = row.time_opt("success_at")?;
        let last_end = ended(row)?;
        let late_since = late(last_success_at, interval, self.now());
        let standing = match running().next() {
            Some(_) => Standing::of(last_success_at, last_end.as_ref(), late_since),
            None => Standing::Unplanned,
        };
        Ok(Protection {
            source: (source, row.text("name")?),
            agent: (row.parsed("agent")?, row.text("agent_name")?),
            last_seen_at: row.time_opt("seen_at")?,
            plans: having.iter().map(|plan| (plan.uid, plan.name.clone(), plan.enabled)).collect(),
            standing,
            last_success_at,
            interval,
            late_since,
            last_end,
        })
    }
}

/// Since when a source is late, if it is.
fn late(last_success_at: Option<Timestamp>, interval: Option<SignedDuration>, now: Timestamp) -> Option<Timestamp> {
    let limit = last_success_at?.checked_add(interval? * LATE_INTERVALS).ok()?;
    (limit < now).then_some(limit)
}

/// How the job of a row ended, if it has one.
fn ended(row: &AnyRow) -> Result<Option<Ended>> {
    let (Some(job), Some(at), Some(state)) =
        (row.parsed_opt("job")?, row.time_opt("ended_at")?, row.parsed_opt("state")?)
    else {
        return Ok(None);
    };
    let outcome: Option<Outcome> = row.text_opt("outcome")?.and_then(|text| serde_json::from_str(&text).ok());
    let why = match outcome {
        Some(Outcome::Failed(failure)) => Some(failure.text),
        Some(Outcome::Succeeded(_) | Outcome::Partial(_) | Outcome::Cancelled) | None => None,
    };
    Ok(Some(Ended { job, at, state, why }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + hour * 3_600).unwrap()
    }

    #[test]
    fn a_source_is_late_after_two_intervals_without_a_backup() {
        let day = Some(SignedDuration::from_hours(24));
        assert_eq!(late(Some(at(0)), day, at(48)), None);
        assert_eq!(late(Some(at(0)), day, at(49)), Some(at(48)));
        assert_eq!(late(None, day, at(49)), None, "what was never saved is not late");
        assert_eq!(late(Some(at(0)), None, at(9_999)), None, "nobody said how often");
    }

    #[test]
    fn what_failed_last_counts_before_what_is_old() {
        let job: JobUid = "018f2f0e-0000-7000-8000-000000000001".parse().unwrap();
        let end = |state| Ended { job, at: at(5), state, why: None };
        let of =
            |saved: Option<i64>, state, late: Option<i64>| Standing::of(saved.map(at), Some(&end(state)), late.map(at));
        assert_eq!(of(Some(0), JobState::Failed, Some(1)), Standing::Failed);
        assert_eq!(of(None, JobState::Failed, None), Standing::Failed);
        assert_eq!(of(Some(0), JobState::Succeeded, Some(1)), Standing::Late);
        assert_eq!(of(Some(5), JobState::Partial, None), Standing::Protected);
        assert_eq!(of(None, JobState::Cancelled, None), Standing::Never);
        assert_eq!(Standing::of(None, None, None), Standing::Never);
    }
}
