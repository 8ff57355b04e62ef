//! How far the runs of a plan are decided, and making those that are due.
//!
//! Any replica may do it. What makes one of them the one that does is the row of the run: a plan has one for each moment
//! that its schedule names, and whoever cannot add it was late.

use bygone_common::job::VerifyDepth;
use bygone_common::plan::PlanSpec;
use bygone_common::schedule::{Missed, Run, Schedule};
use bygone_common::{OrgUid, PlanUid, RunUid};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::actor::Actor;
use crate::database::Tx;
use crate::error::{Doing, Error, ErrorKind, Result};
use crate::row::Columns;

use super::graph::Waiting;
use super::runs::Origin;
use super::{Plan, Plans};

/// Plans whose runs are made in one round.
const ROUND_PLANS: i64 = 200;

/// When a plan is looked at again whose runs cannot be made.
const PUT_OFF: SignedDuration = SignedDuration::from_mins(10);

/// What a plan does by a schedule of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Takes snapshots.
    Backup,
    /// Prunes its repositories.
    Prune,
    /// Proves its repositories readable.
    Verify,
}

impl What {
    /// Everything that it does.
    pub const ALL: [Self; 3] = [Self::Backup, Self::Prune, Self::Verify];

    /// The word for it, in SQL and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Prune => "prune",
            Self::Verify => "verify",
        }
    }

    /// When a plan does it.
    pub fn schedule(self, spec: &PlanSpec) -> Option<&Schedule> {
        match self {
            Self::Backup => spec.schedule.as_ref(),
            Self::Prune => spec.prune.as_ref(),
            Self::Verify => spec.verify.as_ref().map(|verify| &verify.schedule),
        }
    }

    /// How deeply it looks, when it verifies.
    pub(crate) fn depth(spec: &PlanSpec) -> VerifyDepth {
        spec.verify.as_ref().map(|verify| verify.depth).unwrap_or_default()
    }
}

impl std::str::FromStr for What {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|what| what.name() == text)
            .ok_or_else(|| format!("{text:?} is nothing that a plan does"))
    }
}

/// What one round did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Round {
    /// Runs that were made.
    pub runs: usize,
    /// Jobs that were made for them.
    pub jobs: usize,
    /// How late the latest of them was.
    pub lag: SignedDuration,
}

impl Plans<'_> {
    /// Makes the runs that are due, with their jobs. A plan whose runs cannot be made holds nobody up: it is put off.
    ///
    /// # Errors
    /// `Unavailable`: the database.
    pub async fn schedule(&self) -> Result<Round> {
        let mut round = Round::default();
        for (org, uid, what) in self.due().await? {
            let one = match self.schedule_one(org, uid, what).await {
                Ok(one) => one,
                Err(error) if *error.kind() == ErrorKind::Unavailable => return Err(error),
                Err(error) => {
                    tracing::error!(%org, plan = %uid, what = what.name(), %error, "a plan cannot be run, and is put off");
                    self.put_off(org, uid, what).await?;
                    continue;
                }
            };
            round.runs += one.runs;
            round.jobs += one.jobs;
            round.lag = round.lag.max(one.lag);
        }
        let asked = self.make_asked().await?;
        round.runs += asked.runs;
        round.jobs += asked.jobs;
        Ok(round)
    }

    async fn schedule_one(&self, org: OrgUid, uid: PlanUid, what: What) -> Result<Round> {
        let mut tx = self.store.begin().await?;
        match tx.schedule_plan(org, uid, what).await {
            Ok(one) => {
                tx.commit().await?;
                Ok(one)
            }
            Err(error) => {
                tx.rollback().await?;
                Err(error)
            }
        }
    }

    /// Has a plan looked at again later: what it missed until then, its missed-run policy makes up for.
    async fn put_off(&self, org: OrgUid, uid: PlanUid, what: What) -> Result<()> {
        let later = self.store.now().checked_add(PUT_OFF).unwrap_or(Timestamp::MAX);
        let mut tx = self.store.begin().await?;
        sqlx::query("update plan_cursors set next_due_at = $4 where org_id = $1 and plan_id = $2 and what = $3")
            .bind(org.to_string())
            .bind(uid.to_string())
            .bind(what.name())
            .bind(later.as_microsecond())
            .execute(tx.connection())
            .await
            .doing("put a plan off")?;
        tx.commit().await
    }

    async fn due(&self) -> Result<Vec<(OrgUid, PlanUid, What)>> {
        let rows = sqlx::query(
            "select org_id, plan_id, what from plan_cursors where next_due_at <= $1 order by next_due_at limit $2",
        )
        .bind(self.store.now().as_microsecond())
        .bind(ROUND_PLANS)
        .fetch_all(self.store.pool())
        .await
        .doing("look for plans that are due")?;
        rows.iter().map(|row| Ok((row.parsed("org_id")?, row.parsed("plan_id")?, row.parsed("what")?))).collect()
    }

    /// How long the plan has been due that has been for longest. Zero: none is.
    ///
    /// # Errors
    /// `Unavailable`: the database.
    pub async fn lag(&self) -> Result<SignedDuration> {
        let row = sqlx::query("select min(next_due_at) as due from plan_cursors")
            .fetch_one(self.store.pool())
            .await
            .doing("ask how late plans are")?;
        let late = |due: Timestamp| self.store.now().duration_since(due).max(SignedDuration::ZERO);
        Ok(row.time_opt("due")?.map_or(SignedDuration::ZERO, late))
    }
}

pub(super) fn runs_of<'a>(
    plan: &Plan,
    schedule: &'a Schedule,
    zone: Option<&str>,
) -> Result<bygone_common::schedule::runs::Runs<'a>> {
    let refused = |error: bygone_common::schedule::ScheduleError| Error::invalid("schedule", error.to_string());
    let zone = schedule.time_zone(zone).map_err(refused)?;
    schedule.runs(zone, plan.uid.uuid()).map_err(refused)
}

impl Tx {
    /// The zone of the machine of a plan's first source, if it has told.
    pub(super) async fn zone_of(&mut self, plan: &Plan) -> Result<Option<String>> {
        let Some(source) = plan.spec.sources.first() else { return Ok(None) };
        let row = sqlx::query(
            "select agents.facts as facts from sources join agents on agents.uid = sources.agent_id \
             where sources.org_id = $1 and sources.uid = $2",
        )
        .bind(plan.org.to_string())
        .bind(source.to_string())
        .fetch_optional(self.connection())
        .await
        .doing("look for a machine's time zone")?;
        let facts: Option<serde_json::Value> = row.map(|row| row.json("facts")).transpose()?;
        Ok(facts.and_then(|facts| facts.get("time_zone")?.as_str().map(str::to_owned)))
    }

    async fn schedule_plan(&mut self, org: OrgUid, uid: PlanUid, what: What) -> Result<Round> {
        let Some((plan, is_deleted)) = self.plan(org, uid).await? else { return Ok(Round::default()) };
        let schedule = what.schedule(&plan.spec).filter(|_| plan.enabled && !is_deleted);
        let Some(schedule) = schedule else {
            self.forget_cursors(&plan).await?;
            return Ok(Round::default());
        };
        let Some(cursor) = self.lock_cursor(&plan, what).await? else { return Ok(Round::default()) };
        let zone = self.zone_of(&plan).await?;
        let runs = runs_of(&plan, schedule, zone.as_deref())?;
        let now = self.store().now();
        let due = runs.due(schedule.missed, cursor, now);
        let mut round = Round::default();
        for run in due.runs {
            if let Some(jobs) = self.make_scheduled(&plan, what, run, schedule.missed).await? {
                round.runs += 1;
                round.jobs += jobs;
                round.lag = round.lag.max(now.duration_since(run.due));
            }
        }
        self.move_cursor(&plan, what, due.cursor, due.next.map(|next| next.due)).await?;
        Ok(round)
    }

    /// Adds the row of a run, and its jobs; none when another replica, or this one before its clock went back, has, and none
    /// when all that it would save waits to be saved already, unless each run is wanted.
    async fn make_scheduled(&mut self, plan: &Plan, what: What, run: Run, missed: Missed) -> Result<Option<usize>> {
        let waiting = match (what, missed) {
            (What::Backup, Missed::Once | Missed::Skip) => self.waiting_backups(plan).await?,
            (What::Backup, Missed::All(_)) | (What::Prune | What::Verify, _) => Waiting::new(),
        };
        if what == What::Backup && self.saves_nothing(plan, &waiting).await? {
            return Ok(None);
        }
        let uid = self.store().uid(RunUid::new);
        let now = self.store().now().as_microsecond();
        let added = sqlx::query(
            "insert into plan_runs (uid, org_id, plan_id, what, nominal_at, origin, created_at, made_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $7) on conflict (plan_id, what, nominal_at) do nothing",
        )
        .bind(uid.to_string())
        .bind(plan.org.to_string())
        .bind(plan.uid.to_string())
        .bind(what.name())
        .bind(run.nominal.as_microsecond())
        .bind(Origin::Schedule.name())
        .bind(now)
        .execute(self.connection())
        .await
        .doing("add a run of a plan")?;
        if added.rows_affected() == 0 {
            return Ok(None);
        }
        let actor = Actor::system("scheduler", plan.org);
        self.make_jobs_beside(&actor, plan, what, uid, run.closes, waiting).await.map(Some)
    }

    /// Where a plan's cursor stands; on PostgreSQL no other replica moves it until this transaction ends.
    async fn lock_cursor(&mut self, plan: &Plan, what: What) -> Result<Option<Timestamp>> {
        let row = sqlx::query(crate::dialect::skip_locked!(
            self.store().dialect(),
            "select cursor_at from plan_cursors where org_id = $1 and plan_id = $2 and what = $3"
        ))
        .bind(plan.org.to_string())
        .bind(plan.uid.to_string())
        .bind(what.name())
        .fetch_optional(self.connection())
        .await
        .doing("read how far a plan's runs are decided")?;
        row.map(|row| row.time("cursor_at")).transpose()
    }

    async fn move_cursor(&mut self, plan: &Plan, what: What, cursor: Timestamp, next: Option<Timestamp>) -> Result<()> {
        sqlx::query(
            "insert into plan_cursors (plan_id, org_id, what, cursor_at, next_due_at) values ($1, $2, $3, $4, $5) \
             on conflict (plan_id, what) do update set cursor_at = excluded.cursor_at, next_due_at = excluded.next_due_at",
        )
        .bind(plan.uid.to_string())
        .bind(plan.org.to_string())
        .bind(what.name())
        .bind(cursor.as_microsecond())
        .bind(next.map(Timestamp::as_microsecond))
        .execute(self.connection())
        .await
        .doing("write down how far a plan's runs are decided")?;
        Ok(())
    }

    pub(super) async fn forget_cursors(&mut self, plan: &Plan) -> Result<()> {
        sqlx::query("delete from plan_cursors where org_id = $1 and plan_id = $2")
            .bind(plan.org.to_string())
            .bind(plan.uid.to_string())
            .execute(self.connection())
            .await
            .doing("forget how far a plan's runs are decided")?;
        Ok(())
    }

    /// A plan that says something else begins anew: what it says counts from now on.
    pub(super) async fn set_cursors(&mut self, plan: &Plan) -> Result<()> {
        self.forget_cursors(plan).await?;
        if !plan.enabled {
            return Ok(());
        }
        let zone = self.zone_of(plan).await?;
        let now = self.store().now();
        for what in What::ALL {
            if let Some(schedule) = what.schedule(&plan.spec) {
                let next = runs_of(plan, schedule, zone.as_deref())?.next(now, 1).first().map(|run| run.due);
                self.move_cursor(plan, what, now, next).await?;
            }
        }
        Ok(())
    }
}
