//! Runs that are to come.

use bygone_common::plan::PlanSpec;
use bygone_common::schedule::Run;
use bygone_common::{OrgUid, PlanUid};
use jiff::SignedDuration;

use crate::actor::Actor;
use crate::error::{Error, Result};
use crate::rights::{Action, Resource};

use super::cursors::runs_of;
use super::{Plan, Plans, What};

/// Coming runs by which is seen how long a plan waits between two: a week of daily ones, and a day.
const INTERVAL_RUNS: usize = 8;

impl Plans<'_> {
    /// The next runs of a plan by its schedule, each with what it does, in order.
    ///
    /// # Errors
    /// `NotFound`: the plan.
    pub async fn next_runs(&self, actor: &Actor, org: OrgUid, uid: PlanUid, count: usize) -> Result<Vec<(What, Run)>> {
        let plan = self.get(actor, org, uid).await?;
        self.runs_to_come(&plan, count).await
    }

    /// The next runs that a plan would have, if it were kept as it is here.
    ///
    /// # Errors
    /// `NotFound`: another organization; `Invalid`: the first thing that it cannot be.
    pub async fn preview(&self, actor: &Actor, org: OrgUid, spec: PlanSpec, count: usize) -> Result<Vec<(What, Run)>> {
        let org = actor.in_org(org)?;
        actor.require(Action::See, Resource::Plan)?;
        if let Some(fault) = spec.faults(None).into_iter().next() {
            return Err(Error::invalid(fault.field, format!("{}: {}", fault.field, fault.why)));
        }
        let (uid, now) = (self.store.uid(PlanUid::new), self.store.now());
        let name = String::new();
        let plan = Plan { uid, org, name, enabled: true, spec, created_at: now, changed_at: now, version: 1 };
        self.runs_to_come(&plan, count).await
    }

    /// How long a plan waits between two backups at most, as its next runs show. None: no schedule asks for any.
    pub(crate) fn interval(&self, plan: &Plan) -> Option<SignedDuration> {
        let schedule = What::Backup.schedule(&plan.spec)?;
        let runs = runs_of(plan, schedule, None).ok()?.next(self.store.now(), INTERVAL_RUNS);
        let gap = |pair: &[Run]| Some(pair.get(1)?.nominal.duration_since(pair.first()?.nominal));
        runs.windows(2).filter_map(gap).max()
    }

    async fn runs_to_come(&self, plan: &Plan, count: usize) -> Result<Vec<(What, Run)>> {
        let mut tx = self.store.begin().await?;
        let zone = tx.zone_of(plan).await?;
        tx.rollback().await?;
        let now = self.store.now();
        let mut next = Vec::new();
        for what in What::ALL {
            if let Some(schedule) = what.schedule(&plan.spec) {
                let runs = runs_of(plan, schedule, zone.as_deref())?;
                next.extend(runs.next(now, count).into_iter().map(|run| (what, run)));
            }
        }
        next.sort_by_key(|(what, run)| (run.due, what.name()));
        next.truncate(count);
        Ok(next)
    }
}
