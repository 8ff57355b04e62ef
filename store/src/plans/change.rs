//! Making, changing and deleting plans.

use bygone_common::plan::PlanSpec;
use bygone_common::{OrgUid, PlanUid};
use serde_json::json;

use crate::actor::Actor;
use crate::database::Tx;
use crate::error::{Doing, Error, ErrorKind, Result};
use crate::events::{EventKind, Happening};
use crate::orgs::check_title;
use crate::rights::{Action, Resource};
use crate::row::Columns;

use super::{Plan, Plans};

/// What a plan is made of, or becomes.
#[derive(Debug, Clone, PartialEq)]
pub struct NewPlan {
    /// Its name for people.
    pub name: String,
    /// Whether it runs by itself.
    pub enabled: bool,
    /// What it says.
    pub spec: PlanSpec,
}

impl Plans<'_> {
    /// Makes a plan.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`: the actor; `Conflict`: the name is taken; `Invalid`: the first thing that it cannot be.
    pub async fn create(&self, actor: &Actor, org: OrgUid, new: NewPlan) -> Result<Plan> {
        let org = actor.in_org(org)?;
        actor.require(Action::Create, Resource::Plan)?;
        check(&new, None)?;
        let now = self.store.now();
        let uid = self.store.uid(PlanUid::new);
        let NewPlan { name, enabled, spec } = new;
        let plan = Plan { uid, org, name, enabled, spec, created_at: now, changed_at: now, version: 1 };
        let mut tx = self.store.begin().await?;
        tx.check_names(&plan).await?;
        insert(&mut tx, &plan).await?;
        tx.after_change(actor, &plan, None, Action::Create).await?;
        tx.commit().await?;
        Ok(plan)
    }

    /// Gives a plan another content, if it is still as the caller saw it.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`: the actor; `Conflict`: changed meanwhile, or the name is taken; `Invalid`.
    pub async fn change(&self, actor: &Actor, org: OrgUid, uid: PlanUid, version: i64, new: NewPlan) -> Result<Plan> {
        let plan = self.get(actor, org, uid).await?;
        self.replace(actor, plan, version, new, None).await
    }

    pub(super) async fn replace(
        &self,
        actor: &Actor,
        mut plan: Plan,
        version: i64,
        new: NewPlan,
        restored_from: Option<i64>,
    ) -> Result<Plan> {
        actor.require(Action::Change, Resource::Plan)?;
        check(&new, Some(plan.uid))?;
        plan.name = new.name;
        plan.enabled = new.enabled;
        plan.spec = new.spec;
        plan.changed_at = self.store.now();
        plan.version = version + 1;
        let mut tx = self.store.begin().await?;
        tx.check_names(&plan).await?;
        update(&mut tx, &plan, version).await?;
        tx.after_change(actor, &plan, restored_from, Action::Change).await?;
        tx.commit().await?;
        Ok(plan)
    }

    /// Deletes a plan: it makes no more runs. Its snapshots, jobs and versions stay.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`: the actor; `Conflict`: changed meanwhile.
    pub async fn delete(&self, actor: &Actor, org: OrgUid, uid: PlanUid, version: i64) -> Result<()> {
        let plan = self.get(actor, org, uid).await?;
        actor.require(Action::Delete, Resource::Plan)?;
        let mut tx = self.store.begin().await?;
        let deleted = sqlx::query(
            "update plans set deleted_at = $4, version = version + 1 where org_id = $1 and uid = $2 and version = $3 and \
             deleted_at is null",
        )
        .bind(plan.org.to_string())
        .bind(uid.to_string())
        .bind(version)
        .bind(tx.store().now().as_microsecond())
        .execute(tx.connection())
        .await
        .doing("delete a plan")?;
        if deleted.rows_affected() == 0 {
            return Err(changed_meanwhile(&plan.name));
        }
        tx.forget_cursors(&plan).await?;
        tx.forget_links(&plan).await?;
        tx.audit(actor, Action::Delete, Resource::Plan, uid, json!({ "name": plan.name })).await?;
        let data = json!({ "plan": uid, "deleted": true });
        tx.happens(plan.org, Happening::new(EventKind::PlanChanged, data)).await?;
        tx.commit().await
    }
}

fn changed_meanwhile(name: &str) -> Error {
    Error::new(ErrorKind::Conflict, format!("plan {name:?} was changed meanwhile"))
}

fn check(new: &NewPlan, own: Option<PlanUid>) -> Result<()> {
    check_title(&new.name).map_err(|error| Error::invalid("name", error.context().to_owned()))?;
    match new.spec.faults(own).into_iter().next() {
        Some(fault) => Err(Error::invalid(fault.field, format!("{}: {}", fault.field, fault.why))),
        None => Ok(()),
    }
}

impl Tx {
    async fn after_change(
        &mut self,
        actor: &Actor,
        plan: &Plan,
        restored_from: Option<i64>,
        action: Action,
    ) -> Result<()> {
        self.keep_version(actor, plan, restored_from).await?;
        self.set_cursors(plan).await?;
        self.forget_links(plan).await?;
        self.link(plan).await?;
        let details = json!({ "name": plan.name, "version": plan.version, "restored_from": restored_from });
        self.audit(actor, action, Resource::Plan, plan.uid, details).await?;
        let data = json!({ "plan": plan.uid, "version": plan.version });
        self.happens(plan.org, Happening::new(EventKind::PlanChanged, data)).await
    }

    /// Everything that a plan names is there, and the same organization's.
    async fn check_names(&mut self, plan: &Plan) -> Result<()> {
        for source in &plan.spec.sources {
            self.check_name("select uid from sources where org_id = $1 and uid = $2", plan, "sources", source).await?;
        }
        for repository in &plan.spec.repositories {
            let statement = "select uid from repositories where org_id = $1 and uid = $2";
            self.check_name(statement, plan, "repositories", repository).await?;
        }
        let others = "select uid from plans where org_id = $1 and uid = $2 and deleted_at is null";
        for after in &plan.spec.after {
            self.check_name(others, plan, "after", after.plan).await?;
        }
        for dependency in &plan.spec.depends_on {
            self.check_name(others, plan, "depends_on", dependency.plan).await?;
        }
        self.check_circles(plan).await
    }

    async fn check_name(
        &mut self,
        statement: &'static str,
        plan: &Plan,
        field: &'static str,
        uid: impl std::fmt::Display + Send,
    ) -> Result<()> {
        let row = sqlx::query(statement)
            .bind(plan.org.to_string())
            .bind(uid.to_string())
            .fetch_optional(self.connection())
            .await
            .doing("look for what a plan names")?;
        row.map(|_| ()).ok_or_else(|| Error::invalid(field, format!("{field}: there is no {uid}")))
    }

    /// Plans that follow one another must come to an end.
    async fn check_circles(&mut self, plan: &Plan) -> Result<()> {
        let mut before: Vec<PlanUid> = plan.spec.after.iter().map(|after| after.plan).collect();
        let mut seen = std::collections::BTreeSet::new();
        while let Some(one) = before.pop() {
            if one == plan.uid {
                return Err(Error::invalid("after", "after: the plans would follow one another for ever"));
            }
            if seen.insert(one) {
                let rows = sqlx::query("select after_id from plan_links where org_id = $1 and plan_id = $2")
                    .bind(plan.org.to_string())
                    .bind(one.to_string())
                    .fetch_all(self.connection())
                    .await
                    .doing("look for the plans before")?;
                for row in rows {
                    before.push(row.parsed("after_id")?);
                }
            }
        }
        Ok(())
    }

    async fn forget_links(&mut self, plan: &Plan) -> Result<()> {
        sqlx::query("delete from plan_links where org_id = $1 and plan_id = $2")
            .bind(plan.org.to_string())
            .bind(plan.uid.to_string())
            .execute(self.connection())
            .await
            .doing("forget whom a plan follows")?;
        Ok(())
    }

    async fn link(&mut self, plan: &Plan) -> Result<()> {
        use bygone_common::plan::When;
        for after in plan.spec.after.iter().filter(|_| plan.enabled) {
            let on_end = match after.when {
                When::Succeeded => "succeeded",
                When::Failed => "failed",
                When::Ended => "ended",
            };
            sqlx::query(
                "insert into plan_links (org_id, plan_id, after_id, on_end) values ($1, $2, $3, $4) \
                 on conflict (after_id, plan_id) do nothing",
            )
            .bind(plan.org.to_string())
            .bind(plan.uid.to_string())
            .bind(after.plan.to_string())
            .bind(on_end)
            .execute(self.connection())
            .await
            .doing("write down whom a plan follows")?;
        }
        Ok(())
    }
}

async fn insert(tx: &mut Tx, plan: &Plan) -> Result<()> {
    let spec = serde_json::to_string(&plan.spec).map_err(|_| crate::jobs::unwritable("plan"))?;
    sqlx::query(
        "insert into plans (uid, org_id, name, enabled, spec, created_at, changed_at, version) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(plan.uid.to_string())
    .bind(plan.org.to_string())
    .bind(&plan.name)
    .bind(i64::from(plan.enabled))
    .bind(spec)
    .bind(plan.created_at.as_microsecond())
    .bind(plan.changed_at.as_microsecond())
    .bind(plan.version)
    .execute(tx.connection())
    .await
    .doing(&format!("create plan {:?}", plan.name))?;
    Ok(())
}

async fn update(tx: &mut Tx, plan: &Plan, version: i64) -> Result<()> {
    let spec = serde_json::to_string(&plan.spec).map_err(|_| crate::jobs::unwritable("plan"))?;
    let updated = sqlx::query(
        "update plans set name = $4, enabled = $5, spec = $6, changed_at = $7, version = version + 1 \
         where org_id = $1 and uid = $2 and version = $3 and deleted_at is null",
    )
    .bind(plan.org.to_string())
    .bind(plan.uid.to_string())
    .bind(version)
    .bind(&plan.name)
    .bind(i64::from(plan.enabled))
    .bind(spec)
    .bind(plan.changed_at.as_microsecond())
    .execute(tx.connection())
    .await
    .doing(&format!("change plan {:?}", plan.name))?;
    if updated.rows_affected() == 0 { Err(changed_meanwhile(&plan.name)) } else { Ok(()) }
}
