//! What a plan was before, and bringing it back.

use bygone_common::plan::PlanSpec;
use bygone_common::{OrgUid, PlanUid};
use jiff::Timestamp;
use sqlx::any::AnyRow;

use crate::actor::Actor;
use crate::database::Tx;
use crate::error::{Doing, Error, Result};
use crate::page::{List, Page};
use crate::row::Columns;

use super::change::NewPlan;
use super::{Plan, Plans};

/// One content that a plan had.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanVersion {
    /// Its number, from 1 on.
    pub version: i64,
    /// The plan's name.
    pub name: String,
    /// Whether it ran by itself.
    pub enabled: bool,
    /// What it said.
    pub spec: PlanSpec,
    /// Since when.
    pub at: Timestamp,
    /// `user`, `token` or `system`.
    pub who_kind: String,
    /// Who gave it.
    pub who: String,
    /// The version whose content was brought back.
    pub restored_from: Option<i64>,
}

impl Plans<'_> {
    /// A page of what a plan was, from the first on.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`: the page.
    pub async fn versions(&self, actor: &Actor, org: OrgUid, uid: PlanUid, page: &Page) -> Result<List<PlanVersion>> {
        let plan = self.get(actor, org, uid).await?;
        let after = page.after::<i64>()?.unwrap_or_default();
        let rows = sqlx::query(
            "select * from plan_versions where org_id = $1 and plan_id = $2 and version > $3 order by version limit $4",
        )
        .bind(plan.org.to_string())
        .bind(uid.to_string())
        .bind(after)
        .bind(page.rows())
        .fetch_all(self.store.pool())
        .await
        .doing("list versions of a plan")?;
        let versions = rows.iter().map(from_row).collect::<Result<Vec<_>>>()?;
        Ok(page.list(versions, |version| version.version))
    }

    /// Gives a plan the content of an earlier version: as a new version, so that nothing of its history is lost.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`: the actor, or no such version; `Conflict`: changed meanwhile; `Invalid`: what it names is gone.
    pub async fn rollback(&self, actor: &Actor, org: OrgUid, uid: PlanUid, version: i64, to: i64) -> Result<Plan> {
        let plan = self.get(actor, org, uid).await?;
        let row = sqlx::query("select * from plan_versions where org_id = $1 and plan_id = $2 and version = $3")
            .bind(plan.org.to_string())
            .bind(uid.to_string())
            .bind(to)
            .fetch_optional(self.store.pool())
            .await
            .doing("read a version of a plan")?;
        let old = from_row(&row.ok_or_else(|| Error::not_found(format_args!("version {to} of plan {uid}")))?)?;
        let new = NewPlan { name: old.name, enabled: old.enabled, spec: old.spec };
        self.replace(actor, plan, version, new, Some(to)).await
    }
}

impl Tx {
    pub(super) async fn keep_version(&mut self, actor: &Actor, plan: &Plan, restored_from: Option<i64>) -> Result<()> {
        let spec = serde_json::to_string(&plan.spec).map_err(|_| crate::jobs::unwritable("plan"))?;
        sqlx::query(
            "insert into plan_versions (plan_id, org_id, version, name, enabled, spec, at, who_kind, who, restored_from) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(plan.uid.to_string())
        .bind(plan.org.to_string())
        .bind(plan.version)
        .bind(&plan.name)
        .bind(i64::from(plan.enabled))
        .bind(spec)
        .bind(plan.changed_at.as_microsecond())
        .bind(actor.who().kind())
        .bind(actor.who().to_string())
        .bind(restored_from)
        .execute(self.connection())
        .await
        .doing("keep a version of a plan")?;
        Ok(())
    }
}

fn from_row(row: &AnyRow) -> Result<PlanVersion> {
    Ok(PlanVersion {
        version: row.int("version")?,
        name: row.text("name")?,
        enabled: row.flag("enabled")?,
        spec: row.json("spec")?,
        at: row.time("at")?,
        who_kind: row.text("who_kind")?,
        who: row.text("who")?,
        restored_from: row.int_opt("restored_from")?,
    })
}
