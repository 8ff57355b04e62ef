//! What agents are told of their plans, for when we are away; and what waits in their spools.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use bygone_common::job::{JobKind, JobState};
use bygone_common::protocol::{AgentPlan, AgentPlans, SpooledSnapshot};
use bygone_common::{AgentUid, OrgUid};
use bygone_store::jobs::JobFilter;
use bygone_store::plans::What;
use bygone_store::{Actor, ErrorKind, Page};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use super::known::Known;
use crate::app::App;
use crate::problem::{Problem, ProblemCode, Result};

/// How old what an agent was told may be, when nobody has changed a plan that we know of.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(10);
/// How often a plan is run because of what waits in an agent's spool.
const FETCH_AGAIN: SignedDuration = SignedDuration::from_mins(15);
/// Agents that are remembered; beyond that all are looked at anew.
const AGENTS_MAX: usize = 100_000;

/// What this replica has told to which agent.
#[derive(Debug, Default)]
pub(crate) struct Told(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    /// How often plans of an organization have changed since we began.
    changes: HashMap<OrgUid, u64>,
    /// When, and as of which change, an agent was told.
    told: HashMap<AgentUid, (u64, Timestamp)>,
    /// When plans were last run because of an agent's spool.
    fetched: HashMap<AgentUid, Timestamp>,
}

impl Told {
    /// A plan of an organization is another now.
    pub(crate) fn plans_changed(&self, org: OrgUid) {
        self.with(|memory| *memory.changes.entry(org).or_default() += 1);
    }

    /// Any plan may be another now.
    pub(crate) fn all_plans_changed(&self) {
        self.with(|memory| memory.told.clear());
    }

    /// Whether an agent has to be told; if so, it is taken for told.
    fn is_due(&self, org: OrgUid, agent: AgentUid, has_some: bool, now: Timestamp) -> bool {
        self.with(|memory| {
            let change = memory.changes.get(&org).copied().unwrap_or_default();
            let is_fresh = memory
                .told
                .get(&agent)
                .is_some_and(|(told, at)| *told == change && at.duration_until(now) < LOOK_AGAIN);
            if memory.told.len() >= AGENTS_MAX {
                memory.told.clear();
            }
            let is_due = !(is_fresh && has_some);
            if is_due {
                memory.told.insert(agent, (change, now));
            }
            is_due
        })
    }

    fn is_fetch_due(&self, agent: AgentUid, now: Timestamp) -> bool {
        self.with(|memory| {
            if memory.fetched.len() >= AGENTS_MAX {
                memory.fetched.clear();
            }
            let is_due = memory.fetched.get(&agent).is_none_or(|at| at.duration_until(now) >= FETCH_AGAIN);
            if is_due {
                memory.fetched.insert(agent, now);
            }
            is_due
        })
    }

    fn with<T>(&self, change: impl FnOnce(&mut Memory) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The agent's plans, unless it has them: `tag` is what it has.
///
/// # Errors
/// `Unavailable`: the database.
pub(crate) async fn news(app: &App, known: &Known, tag: Option<&str>) -> Result<Option<AgentPlans>> {
    let (org, agent) = (known.agent.org, known.agent.uid);
    if !app.agents.told.is_due(org, agent, tag.is_some(), app.clock.now()) {
        return Ok(None);
    }
    let plans: Vec<AgentPlan> = app.store.plans().of_agent(&known.actor, org, agent).await?;
    let failed = |_| Problem::new(ProblemCode::Internal, "the server failed; its log says how");
    let text = serde_json::to_vec(&plans).map_err(failed)?;
    let now = hex::encode(Sha256::digest(&text));
    Ok((tag != Some(now.as_str())).then_some(AgentPlans { tag: now, plans }))
}

/// Has plans run whose snapshots wait in the agent's spool, so that it brings them: a run takes them along.
///
/// # Errors
/// `Unavailable`: the database.
pub(crate) async fn fetch_spooled(app: &App, known: &Known, spooled: &[SpooledSnapshot]) -> Result<()> {
    let (org, agent) = (known.agent.org, known.agent.uid);
    if spooled.is_empty() || !app.agents.told.is_fetch_due(agent, app.clock.now()) {
        return Ok(());
    }
    let system = Actor::system("agents", org);
    let plans: BTreeSet<_> = spooled.iter().map(|one| one.plan).collect();
    for plan in plans {
        let filter = JobFilter {
            kind: Some(JobKind::Backup),
            states: vec![JobState::Queued, JobState::Leased, JobState::Running],
            plan: Some(plan),
            agent: Some(agent),
            ..JobFilter::default()
        };
        let under_way = app.store.jobs().list(&system, org, &filter, &Page::new(Some(1), None)?).await?;
        if !under_way.items.is_empty() {
            continue;
        }
        match app.store.plans().run_now(&system, org, plan, What::Backup).await {
            Ok(_) => tracing::info!(%agent, %plan, "a plan is run because snapshots of it wait in its agent's spool"),
            // It was deleted meanwhile: its snapshots stay where they are.
            Err(error) if *error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
