//! Beginning a restore: by thinking it through, by doing it, or by asking somebody else first.

use bygone_common::OrgUid;
use bygone_common::RestoreUid;
use bygone_common::job::{JobSpec, RestoreSpec};
use serde_json::json;

use super::{Approval, Followed, Restore, RestoreState, Restores, Verdict, is_own, may_change, not_in_state, server};
use crate::actor::Actor;
use crate::database::Tx;
use crate::error::Result;
use crate::jobs::NewJob;
use crate::rights::Action;

/// How often a job of a restore is tried.
const ATTEMPTS_MAX: i64 = 5;

/// As what a restore begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// It is thought through, and nothing is written.
    Check,
    /// It is done.
    Work,
    /// It is done when somebody else has agreed.
    Approval,
}

impl Begin {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Work => "work",
            Self::Approval => "approval",
        }
    }
}

impl Restores<'_> {
    /// Begins a restore that was thought through, as it is to be done now.
    ///
    /// # Errors
    /// `NotFound`: none, or somebody else's; `Conflict`: it was not thought through, or was begun.
    pub async fn start(
        &self,
        actor: &Actor,
        org: OrgUid,
        uid: RestoreUid,
        spec: RestoreSpec,
        begin: Begin,
    ) -> Result<Followed> {
        let org = actor.in_org(org)?;
        let mut tx = self.store.begin().await?;
        let followed = tx.restore(org, uid).await?;
        may_change(actor, &followed.restore)?;
        if !is_own(actor, &followed.restore) {
            return Err(super::missing(uid));
        }
        if followed.state() != RestoreState::Ready {
            return Err(not_in_state(&followed, "begun"));
        }
        let mut restore = followed.restore;
        restore.spec = spec;
        tx.begin_restore(actor, &mut restore, begin).await?;
        tx.keep_restore(&restore).await?;
        let details = json!({ "begin": begin.name(), "on_conflict": restore.spec.on_conflict });
        tx.audit_restore(actor, Action::Run, &restore, details).await?;
        tx.restore_changes(&restore).await?;
        tx.commit().await?;
        self.get(actor, org, uid).await
    }
}

impl Tx {
    /// Makes what a restore begins with. The restore is for the caller to keep.
    pub(super) async fn begin_restore(&mut self, actor: &Actor, restore: &mut Restore, begin: Begin) -> Result<()> {
        match begin {
            Begin::Check => restore.check = Some(self.restore_job(actor, restore, true).await?),
            Begin::Work => restore.job = Some(self.restore_job(actor, restore, false).await?),
            Begin::Approval => {
                let verdict = Verdict::Waits;
                restore.approval = Some(Approval { verdict, by: None, at: None, why: String::new() });
            }
        }
        Ok(())
    }

    async fn restore_job(&mut self, actor: &Actor, restore: &Restore, dry_run: bool) -> Result<bygone_common::JobUid> {
        let spec = RestoreSpec { dry_run, verify: !dry_run, ..restore.spec.clone() };
        self.job_of_restore(actor, restore, spec).await
    }

    /// A job of a restore's machine.
    pub(super) async fn job_of_restore(
        &mut self,
        actor: &Actor,
        restore: &Restore,
        spec: RestoreSpec,
    ) -> Result<bygone_common::JobUid> {
        let new = NewJob {
            source: Some(restore.source),
            attempts_max: ATTEMPTS_MAX,
            ..NewJob::new(JobSpec::Restore(spec), Some(restore.agent))
        };
        Ok(self.create_job(&server(actor, restore.org), restore.org, new).await?.uid)
    }
}
