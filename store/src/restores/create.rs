//! New restores.

use bygone_common::job::RestoreSpec;
use bygone_common::{AgentUid, OrgUid, RestoreUid, SourceUid, UserUid};
use jiff::Timestamp;
use serde_json::json;

use super::{Begin, Followed, RESTORES_ACTIVE_MAX, RESTORES_KEPT, Restore, Restores, check_comment};
use crate::actor::Actor;
use crate::database::Tx;
use crate::error::{Doing, Error, ErrorKind, Result};
use crate::rights::{Action, Resource, Right};
use crate::row::Columns;

/// What a new restore is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRestore {
    /// Of which source.
    pub source: SourceUid,
    /// To which machine.
    pub agent: AgentUid,
    /// What is to be done; whether it is only thought through is for [`Begin`] to say.
    pub spec: RestoreSpec,
    /// When the snapshot was taken.
    pub taken_at: Timestamp,
    /// Why, in the words of who asks.
    pub comment: String,
}

impl Restores<'_> {
    /// Makes a restore for the asker, and begins as much of it as is said. What they may put back is for the caller to
    /// decide, by their grants.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`: the actor; `Invalid`: the comment; `Exhausted`: too many that are not over.
    pub async fn create(&self, actor: &Actor, org: OrgUid, new: NewRestore, begin: Begin) -> Result<Followed> {
        let org = actor.in_org(org)?;
        if actor.right(Action::Create, Resource::Job) == Right::Denied {
            actor.require(Action::Create, Resource::Job)?;
        }
        let user = actor.who().user().ok_or_else(|| Error::not_found("this restore's user"))?;
        check_comment("comment", &new.comment)?;
        let NewRestore { source, agent, spec, taken_at, comment } = new;
        let mut restore = Restore {
            uid: self.store.uid(RestoreUid::new),
            org,
            user,
            source,
            agent,
            spec,
            taken_at,
            comment,
            approval: None,
            check: None,
            job: None,
            undo: None,
            cancelled_at: None,
            created_at: self.store.now(),
            version: 1,
        };
        let mut tx = self.store.begin().await?;
        tx.forget_old_restores(restore.created_at).await?;
        tx.require_room_for_restore(org, user).await?;
        tx.begin_restore(actor, &mut restore, begin).await?;
        tx.insert_restore(&restore).await?;
        let details = json!({
            "source": source, "agent": agent, "snapshot": restore.spec.snapshot, "what": restore.spec.paths,
            "target": restore.spec.target, "begin": begin.name(), "comment": restore.comment,
        });
        tx.audit_restore(actor, Action::Create, &restore, details).await?;
        tx.restore_changes(&restore).await?;
        tx.commit().await?;
        self.get(actor, org, restore.uid).await
    }
}

impl Tx {
    async fn require_room_for_restore(&mut self, org: OrgUid, user: UserUid) -> Result<()> {
        let row = sqlx::query(
            "select count(*) as active from restores r where r.org_id = $1 and r.user_uid = $2 and \
             r.cancelled_at is null and (r.approval = 'waits' or exists (select 1 from jobs j where j.org_id = r.org_id \
             and j.uid in (r.check_job, r.job, r.undo_job) and j.state in ('queued', 'leased', 'running')))",
        )
        .bind(org.to_string())
        .bind(user.to_string())
        .fetch_one(self.connection())
        .await
        .doing("count restores")?;
        if row.int("active")? < RESTORES_ACTIVE_MAX {
            return Ok(());
        }
        let sentence = format!("{RESTORES_ACTIVE_MAX} of your restores are not over yet: wait for one, or give one up");
        Err(Error::new(ErrorKind::Exhausted, sentence))
    }

    async fn forget_old_restores(&mut self, now: Timestamp) -> Result<()> {
        sqlx::query(
            "delete from restores where created_at < $1 and approval <> 'waits' and not exists \
             (select 1 from jobs j where j.uid in (check_job, job, undo_job) and j.state in ('queued', 'leased', 'running'))",
        )
        .bind((now - RESTORES_KEPT).as_microsecond())
        .execute(self.connection())
        .await
        .doing("forget old restores")?;
        Ok(())
    }
}
