//! Plans: what to capture, when, how long to keep it. Every content that a plan ever had is kept, with who gave it and when.
//!
//! Read in this order: here [`Plan`], [`versions`] (what it was before), [`change`], [`cursors`] (how far its runs are
//! decided), [`runs`] (what a run makes), [`graph`] (the jobs of one run).

pub mod change;
mod coming;
pub mod cursors;
pub mod graph;
mod of_agent;
mod of_source;
pub mod runs;
pub mod versions;

use bygone_common::plan::PlanSpec;
use bygone_common::{OrgUid, PlanUid};
use jiff::Timestamp;
use sqlx::any::AnyRow;

use crate::actor::Actor;
use crate::database::{Store, Tx};
use crate::error::{Doing, Error, Result};
use crate::page::{List, Page};
use crate::rights::{Action, Resource};
use crate::row::Columns;

pub use change::NewPlan;
pub use cursors::What;
pub use runs::{Origin, PlanRun};
pub use versions::PlanVersion;

/// A plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Its uid.
    pub uid: PlanUid,
    /// Whose.
    pub org: OrgUid,
    /// Its name for people.
    pub name: String,
    /// Whether it runs by itself.
    pub enabled: bool,
    /// What it says.
    pub spec: PlanSpec,
    /// Since when.
    pub created_at: Timestamp,
    /// Since when it says so.
    pub changed_at: Timestamp,
    /// The number of what it says now.
    pub version: i64,
}

/// Plans.
#[derive(Debug, Clone, Copy)]
pub struct Plans<'a> {
    pub(crate) store: &'a Store,
}

impl Store {
    /// Plans.
    pub const fn plans(&self) -> Plans<'_> {
        Plans { store: self }
    }
}

impl Plans<'_> {
    /// One plan.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get(&self, actor: &Actor, org: OrgUid, uid: PlanUid) -> Result<Plan> {
        actor.require(Action::See, Resource::Plan)?;
        let org = actor.in_org(org)?;
        let row = sqlx::query("select * from plans where org_id = $1 and uid = $2 and deleted_at is null")
            .bind(org.to_string())
            .bind(uid.to_string())
            .fetch_optional(self.store.pool())
            .await
            .doing("read a plan")?;
        from_row(&row.ok_or_else(|| missing(uid))?)
    }

    /// A page of plans.
    ///
    /// # Errors
    /// `NotFound`: another organization; `Invalid`: the page.
    pub async fn list(&self, actor: &Actor, org: OrgUid, page: &Page) -> Result<List<Plan>> {
        actor.require(Action::See, Resource::Plan)?;
        let org = actor.in_org(org)?;
        let after = page.after::<PlanUid>()?.map(|uid| uid.to_string()).unwrap_or_default();
        let rows = sqlx::query(
            "select * from plans where org_id = $1 and uid > $2 and deleted_at is null order by uid limit $3",
        )
        .bind(org.to_string())
        .bind(after)
        .bind(page.rows())
        .fetch_all(self.store.pool())
        .await
        .doing("list plans")?;
        let plans = rows.iter().map(from_row).collect::<Result<Vec<_>>>()?;
        Ok(page.list(plans, |plan| plan.uid))
    }
}

pub(crate) fn missing(uid: PlanUid) -> Error {
    Error::not_found(format_args!("plan {uid}"))
}

impl Tx {
    /// A plan, as this transaction sees it; also one that was deleted.
    pub(crate) async fn plan(&mut self, org: OrgUid, uid: PlanUid) -> Result<Option<(Plan, bool)>> {
        let row = sqlx::query("select * from plans where org_id = $1 and uid = $2")
            .bind(org.to_string())
            .bind(uid.to_string())
            .fetch_optional(self.connection())
            .await
            .doing("read a plan")?;
        let with_end = |row: AnyRow| Ok((from_row(&row)?, row.int_opt("deleted_at")?.is_some()));
        row.map(with_end).transpose()
    }

    /// The name of a plan whose spec names a uid. Uids are random: a text that has one means it.
    pub(crate) async fn plan_that_names(&mut self, org: OrgUid, uid: &str) -> Result<Option<String>> {
        let row = sqlx::query(
            "select name from plans where org_id = $1 and deleted_at is null and spec like '%' || $2 || '%' limit 1",
        )
        .bind(org.to_string())
        .bind(uid)
        .fetch_optional(self.connection())
        .await
        .doing("look for a plan")?;
        row.map(|row| row.text("name")).transpose()
    }
}

pub(crate) fn from_row(row: &AnyRow) -> Result<Plan> {
    Ok(Plan {
        uid: row.parsed("uid")?,
        org: row.parsed("org_id")?,
        name: row.text("name")?,
        enabled: row.flag("enabled")?,
        spec: row.json("spec")?,
        created_at: row.time("created_at")?,
        changed_at: row.time("changed_at")?,
        version: row.int("version")?,
    })
}
