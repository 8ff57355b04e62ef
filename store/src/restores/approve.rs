//! The second person.

use bygone_common::job::RestoreSpec;
use bygone_common::{OrgUid, RestoreUid};
use serde_json::json;

use super::{Approval, Begin, Followed, RestoreState, Restores, Verdict, check_comment, is_own, may_see, not_in_state};
use crate::actor::Actor;
use crate::database::Tx;
use crate::error::{Error, ErrorKind, Result};
use crate::rights::{Action, Resource};

impl Restores<'_> {
    /// Agrees to a restore: it begins, as the one who asked for it may do it now.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`: the actor, who must not be the one who asked; `Conflict`: it does not wait for anybody.
    pub async fn approve(
        &self,
        actor: &Actor,
        org: OrgUid,
        uid: RestoreUid,
        spec: RestoreSpec,
        why: &str,
    ) -> Result<Followed> {
        let (mut tx, followed) = self.judge(actor, org, uid, why).await?;
        let mut restore = followed.restore;
        restore.spec = spec;
        restore.approval = Some(said(&tx, actor, Verdict::Approved, why));
        tx.begin_restore(actor, &mut restore, Begin::Work).await?;
        tx.keep_restore(&restore).await?;
        let details = json!({ "verdict": "approved", "why": why, "asker": restore.user });
        tx.audit_restore(actor, Action::Run, &restore, details).await?;
        tx.restore_changes(&restore).await?;
        tx.commit().await?;
        self.get(actor, restore.org, uid).await
    }

    /// Does not agree to a restore: it is over.
    ///
    /// # Errors
    /// As [`approve`](Self::approve).
    pub async fn deny(&self, actor: &Actor, org: OrgUid, uid: RestoreUid, why: &str) -> Result<Followed> {
        let (mut tx, followed) = self.judge(actor, org, uid, why).await?;
        let mut restore = followed.restore;
        restore.approval = Some(said(&tx, actor, Verdict::Denied, why));
        tx.keep_restore(&restore).await?;
        let details = json!({ "verdict": "denied", "why": why, "asker": restore.user });
        tx.audit_restore(actor, Action::Run, &restore, details).await?;
        tx.restore_changes(&restore).await?;
        tx.commit().await?;
        self.get(actor, restore.org, uid).await
    }

    /// A restore that waits for a second person, whom the actor may be.
    async fn judge(&self, actor: &Actor, org: OrgUid, uid: RestoreUid, why: &str) -> Result<(Tx, Followed)> {
        let org = actor.in_org(org)?;
        check_comment("why", why)?;
        let mut tx = self.store.begin().await?;
        let followed = tx.restore(org, uid).await?;
        may_see(actor, &followed.restore)?;
        if is_own(actor, &followed.restore) {
            let sentence = "somebody else has to say whether your restore may be done";
            return Err(Error::new(ErrorKind::Forbidden, sentence));
        }
        actor.require(Action::Run, Resource::Job)?;
        if followed.state() != RestoreState::Approval {
            return Err(not_in_state(&followed, "approved or denied"));
        }
        Ok((tx, followed))
    }
}

fn said(tx: &Tx, actor: &Actor, verdict: Verdict, why: &str) -> Approval {
    Approval { verdict, by: actor.who().user(), at: Some(tx.store().now()), why: why.to_owned() }
}
