//! Runs of a plan that somebody or something asks for, and the list of all.

use bygone_common::{OrgUid, PlanUid, RunUid};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use sqlx::any::AnyRow;

use crate::actor::Actor;
use crate::database::Tx;
use crate::error::{Doing, ErrorKind, Result};
use crate::page::{List, Page};
use crate::rights::{Action, Resource};
use crate::row::Columns;

use super::cursors::Round;
use super::{Plan, Plans, What};

/// Asked runs that are made in one round.
const ROUND_RUNS: i64 = 200;

/// Plans that one event sets going at most.
const EVENT_PLANS_MAX: i64 = 500;

/// What asked for a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The plan's schedule.
    Schedule,
    /// A person.
    Manual,
    /// An event of the API.
    Event,
    /// The end of another plan's run.
    After,
}

impl Origin {
    /// The word for it, in SQL and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Manual => "manual",
            Self::Event => "event",
            Self::After => "after",
        }
    }
}

impl std::str::FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let all = [Self::Schedule, Self::Manual, Self::Event, Self::After];
        all.into_iter().find(|origin| origin.name() == text).ok_or_else(|| format!("{text:?} asks for no run"))
    }
}

/// One run of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRun {
    /// Its uid.
    pub uid: RunUid,
    /// The plan.
    pub plan: PlanUid,
    /// What it does.
    pub what: What,
    /// The moment that the schedule names.
    pub nominal_at: Option<Timestamp>,
    /// What asked for it.
    pub origin: Origin,
    /// What is known of that: the name of an event, the run before.
    pub cause: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When its jobs were made.
    pub made_at: Option<Timestamp>,
    /// When the last of its backups ended.
    pub ended_at: Option<Timestamp>,
}

impl Plans<'_> {
    /// Runs a plan now, whether it runs by itself or not.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`: the actor.
    pub async fn run_now(&self, actor: &Actor, org: OrgUid, uid: PlanUid, what: What) -> Result<PlanRun> {
        let plan = self.get(actor, org, uid).await?;
        actor.require(Action::Run, Resource::Plan)?;
        let mut tx = self.store.begin().await?;
        let run = tx.make_run(actor, &plan, what, Origin::Manual, None).await?;
        tx.audit(actor, Action::Run, Resource::Plan, uid, json!({ "run": run.uid, "what": what })).await?;
        tx.commit().await?;
        Ok(run)
    }

    /// Something has happened elsewhere: runs every plan that says so.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`: the actor.
    pub async fn on_event(&self, actor: &Actor, org: OrgUid, event: &str) -> Result<Vec<PlanRun>> {
        let org = actor.in_org(org)?;
        actor.require(Action::Run, Resource::Plan)?;
        let mut tx = self.store.begin().await?;
        let rows = sqlx::query(
            "select * from plans where org_id = $1 and deleted_at is null and enabled = 1 and spec like '%' || $2 || '%' \
             order by uid limit $3",
        )
        .bind(org.to_string())
        .bind(json!(event).to_string())
        .bind(EVENT_PLANS_MAX)
        .fetch_all(tx.connection())
        .await
        .doing("look for plans of an event")?;
        let mut runs = Vec::new();
        for row in rows {
            let plan = super::from_row(&row)?;
            if plan.spec.events.iter().any(|name| name == event) {
                runs.push(tx.make_run(actor, &plan, What::Backup, Origin::Event, Some(event)).await?);
            }
        }
        let details = json!({ "event": event, "plans": runs.iter().map(|run| run.plan).collect::<Vec<_>>() });
        tx.audit(actor, Action::Run, Resource::Plan, org, details).await?;
        tx.commit().await?;
        Ok(runs)
    }

    /// A page of a plan's runs, the newest first.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`: the page.
    pub async fn runs(&self, actor: &Actor, org: OrgUid, uid: PlanUid, page: &Page) -> Result<List<PlanRun>> {
        let plan = self.get(actor, org, uid).await?;
        let before = page.after::<RunUid>()?.map_or_else(|| "g".to_owned(), |uid| uid.to_string());
        let rows = sqlx::query(
            "select * from plan_runs where org_id = $1 and plan_id = $2 and uid < $3 order by uid desc limit $4",
        )
        .bind(plan.org.to_string())
        .bind(uid.to_string())
        .bind(before)
        .bind(page.rows())
        .fetch_all(self.store.pool())
        .await
        .doing("list runs of a plan")?;
        let runs = rows.iter().map(from_row).collect::<Result<Vec<_>>>()?;
        Ok(page.list(runs, |run| run.uid))
    }

    /// Makes the jobs of runs that the ends of others asked for.
    pub(super) async fn make_asked(&self) -> Result<Round> {
        let rows = sqlx::query("select * from plan_runs where made_at is null order by created_at limit $1")
            .bind(ROUND_RUNS)
            .fetch_all(self.store.pool())
            .await
            .doing("look for runs to make")?;
        let mut round = Round::default();
        for row in rows {
            let org: OrgUid = row.parsed("org_id")?;
            let run = from_row(&row)?;
            match self.make_one(org, &run).await {
                Ok(None) => {}
                Ok(Some(jobs)) => {
                    round.runs += 1;
                    round.jobs += jobs;
                }
                Err(error) if *error.kind() == ErrorKind::Unavailable => return Err(error),
                // It would fail each time, and hold up those behind it.
                Err(error) => {
                    tracing::error!(%org, plan = %run.plan, run = %run.uid, %error, "a run that was asked for cannot be made");
                    let mut tx = self.store.begin().await?;
                    tx.mark_made(org, run.uid).await?;
                    tx.commit().await?;
                }
            }
        }
        Ok(round)
    }

    /// Makes the jobs of a run; none if somebody else has.
    async fn make_one(&self, org: OrgUid, run: &PlanRun) -> Result<Option<usize>> {
        let mut tx = self.store.begin().await?;
        match tx.make_asked_run(org, run).await {
            Ok(Some(jobs)) => {
                tx.commit().await?;
                Ok(Some(jobs))
            }
            none_or_error => {
                tx.rollback().await?;
                none_or_error
            }
        }
    }
}

impl Tx {
    async fn make_run(
        &mut self,
        actor: &Actor,
        plan: &Plan,
        what: What,
        origin: Origin,
        cause: Option<&str>,
    ) -> Result<PlanRun> {
        let now = self.store().now();
        let run = PlanRun {
            uid: self.store().uid(RunUid::new),
            plan: plan.uid,
            what,
            nominal_at: None,
            origin,
            cause: cause.map(str::to_owned),
            created_at: now,
            made_at: Some(now),
            ended_at: None,
        };
        sqlx::query(
            "insert into plan_runs (uid, org_id, plan_id, what, origin, cause, created_at, made_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $7)",
        )
        .bind(run.uid.to_string())
        .bind(plan.org.to_string())
        .bind(plan.uid.to_string())
        .bind(what.name())
        .bind(origin.name())
        .bind(&run.cause)
        .bind(now.as_microsecond())
        .execute(self.connection())
        .await
        .doing("add a run of a plan")?;
        self.make_jobs(actor, plan, what, run.uid).await?;
        Ok(run)
    }

    async fn make_asked_run(&mut self, org: OrgUid, run: &PlanRun) -> Result<Option<usize>> {
        if !self.mark_made(org, run.uid).await? {
            return Ok(None);
        }
        let scheduler = Actor::system("scheduler", org);
        match self.plan(org, run.plan).await? {
            Some((plan, false)) => self.make_jobs(&scheduler, &plan, run.what, run.uid).await.map(Some),
            Some((_, true)) | None => Ok(Some(0)),
        }
    }

    /// Whether this transaction is the one that makes a run's jobs.
    async fn mark_made(&mut self, org: OrgUid, run: RunUid) -> Result<bool> {
        let marked =
            sqlx::query("update plan_runs set made_at = $3 where org_id = $1 and uid = $2 and made_at is null")
                .bind(org.to_string())
                .bind(run.to_string())
                .bind(self.store().now().as_microsecond())
                .execute(self.connection())
                .await
                .doing("make a run")?;
        Ok(marked.rows_affected() == 1)
    }
}

fn from_row(row: &AnyRow) -> Result<PlanRun> {
    Ok(PlanRun {
        uid: row.parsed("uid")?,
        plan: row.parsed("plan_id")?,
        what: row.parsed("what")?,
        nominal_at: row.time_opt("nominal_at")?,
        origin: row.parsed("origin")?,
        cause: row.text_opt("cause")?,
        created_at: row.time("created_at")?,
        made_at: row.time_opt("made_at")?,
        ended_at: row.time_opt("ended_at")?,
    })
}
