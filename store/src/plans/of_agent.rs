//! What an agent keeps of its plans, for when the server is away.

use bygone_common::job::JobSpec;
use bygone_common::protocol::AgentPlan;
use bygone_common::{AgentUid, OrgUid};

use crate::actor::Actor;
use crate::error::{Doing, Result};
use crate::page::{PAGE_ITEMS_MAX, Page};
use crate::rights::{Action, Resource};

use super::graph::backup_spec;
use super::{Plans, from_row};

/// Plans that one agent keeps at most.
const PLANS_MAX: usize = 1_000;

impl Plans<'_> {
    /// What an agent would run by itself: of plans that are on and have a schedule, each of its sources, into the first
    /// repository. In an order that stays.
    ///
    /// # Errors
    /// `NotFound`: the organization; `Unavailable`.
    pub async fn of_agent(&self, actor: &Actor, org: OrgUid, agent: AgentUid) -> Result<Vec<AgentPlan>> {
        actor.require(Action::See, Resource::Plan)?;
        let org = actor.in_org(org)?;
        let page = Page::new(Some(PAGE_ITEMS_MAX), None)?;
        let sources = self.store.sources().list(actor, org, Some(agent), &page).await?.items;
        let mut found = Vec::new();
        for source in sources {
            let rows = sqlx::query(
                "select * from plans where org_id = $1 and deleted_at is null and enabled = 1 and \
                 spec like '%' || $2 || '%' order by uid",
            )
            .bind(org.to_string())
            .bind(source.uid.to_string())
            .fetch_all(self.store.pool())
            .await
            .doing("list plans of an agent")?;
            for row in rows {
                let plan = from_row(&row)?;
                let (Some(schedule), Some(repository)) = (&plan.spec.schedule, plan.spec.repositories.first()) else {
                    continue;
                };
                if !plan.spec.sources.contains(&source.uid) || found.len() >= PLANS_MAX {
                    continue;
                }
                if let JobSpec::Backup(spec) = backup_spec(&plan, &source, *repository) {
                    found.push(AgentPlan { name: plan.name.clone(), schedule: schedule.clone(), spec: *spec });
                }
            }
        }
        Ok(found)
    }
}
