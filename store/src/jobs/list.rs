//! Lists of jobs.

use bygone_common::job::{JobKind, JobState};
use bygone_common::{AgentUid, JobUid, OrgUid, PlanUid, RepositoryUid, RunUid, SourceUid};
use jiff::Timestamp;

use crate::actor::Actor;
use crate::error::{Doing, Result};
use crate::page::{List, Page};
use crate::rights::{Action, Resource, Right};

use super::{Job, Jobs, from_row};

/// Which jobs are meant; what is none fits all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// Of this kind.
    pub kind: Option<JobKind>,
    /// In one of these states; none: in any.
    pub states: Vec<JobState>,
    /// Made at this time or later.
    pub since: Option<Timestamp>,
    /// Made before.
    pub before: Option<Timestamp>,
    /// To protect this source.
    pub source: Option<SourceUid>,
    /// Runs of this plan.
    pub plan: Option<PlanUid>,
    /// Made by this run.
    pub run: Option<RunUid>,
    /// On this agent.
    pub agent: Option<AgentUid>,
    /// In this repository.
    pub repository: Option<RepositoryUid>,
}

impl Jobs<'_> {
    /// A page of jobs, the newest first. Who sees only their own sees those that they made.
    ///
    /// # Errors
    /// `NotFound`: another organization; `Invalid`: the page.
    pub async fn list(&self, actor: &Actor, org: OrgUid, filter: &JobFilter, page: &Page) -> Result<List<Job>> {
        let org = actor.in_org(org)?;
        let by = match (actor.right(Action::See, Resource::Job), actor.who().user()) {
            (Right::Allowed, _) => String::new(),
            (Right::Own, Some(user)) => user.to_string(),
            (Right::Own | Right::Denied, _) => {
                actor.require(Action::See, Resource::Job)?;
                String::new()
            }
        };
        let text = |value: Option<String>| value.unwrap_or_default();
        let before = page.after::<JobUid>()?.map_or_else(|| "g".to_owned(), |uid| uid.to_string());
        let rows = sqlx::query(
            "select * from jobs where org_id = $1 and uid < $2 and ($3 = '' or kind = $3) and ($4 = '' or $4 like '% ' || state || ' %') and \
             ($5 = '' or plan_id = $5) and ($6 = '' or run_id = $6) and ($7 = '' or agent_id = $7) and \
             ($8 = '' or repository_id = $8) and ($9 = '' or created_by = $9) and \
             ($10 = '' or source_id = $10) and created_at >= $11 and created_at < $12 order by uid desc limit $13",
        )
        .bind(org.to_string())
        .bind(before)
        .bind(filter.kind.map(JobKind::name).unwrap_or_default())
        .bind(filter.states.iter().map(|state| format!(" {} ", state.name())).collect::<String>())
        .bind(text(filter.plan.map(|uid| uid.to_string())))
        .bind(text(filter.run.map(|uid| uid.to_string())))
        .bind(text(filter.agent.map(|uid| uid.to_string())))
        .bind(text(filter.repository.map(|uid| uid.to_string())))
        .bind(by)
        .bind(text(filter.source.map(|uid| uid.to_string())))
        .bind(filter.since.map_or(i64::MIN, Timestamp::as_microsecond))
        .bind(filter.before.map_or(i64::MAX, Timestamp::as_microsecond))
        .bind(page.rows())
        .fetch_all(self.store.pool())
        .await
        .doing("list jobs")?;
        let jobs = rows.iter().map(from_row).collect::<Result<Vec<_>>>()?;
        Ok(page.list(jobs, |job| job.uid))
    }
}
