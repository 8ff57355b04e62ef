//! Jobs that holds make: the storage keeps what a snapshot needs while it is held, and no longer.

use bygone_common::job::{JobSpec, LegalHoldSpec};
use bygone_common::{Id, OrgUid, RepositoryUid, SnapshotId};

use crate::actor::Actor;
use crate::database::Tx;
use crate::error::{Doing, Result};
use crate::rights::{Action, Resource, Right};
use crate::row::Columns;

use super::{Job, Jobs, NewJob};

/// Snapshots whose holds have ended that are looked at in one round.
const ENDED_MAX: i64 = 100;

/// A snapshot with a hold that has ended by itself.
struct Ended {
    org: OrgUid,
    repository: RepositoryUid,
    snapshot: String,
}

impl Tx {
    /// Makes the job that brings the storage in line with the holds of a snapshot. Whoever may change those may cause it.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`: the actor.
    pub async fn follow_holds(&mut self, actor: &Actor, org: OrgUid, spec: LegalHoldSpec) -> Result<Job> {
        let org = actor.in_org(org)?;
        if actor.right(Action::Delete, Resource::Hold) != Right::Allowed {
            actor.require(Action::Create, Resource::Hold)?;
        }
        self.create_job(actor, org, NewJob::new(JobSpec::LegalHold(spec), None)).await
    }

    /// Notes that the holds of a snapshot that have ended were seen to; whoever notes it first makes the job.
    async fn let_go(&mut self, ended: &Ended) -> Result<bool> {
        let noted = sqlx::query(
            "update holds set let_go = 1 where org_id = $1 and repository_uid = $2 and snapshot_id = $3 and let_go = 0 \
             and until_at <= $4",
        )
        .bind(ended.org.to_string())
        .bind(ended.repository.to_string())
        .bind(&ended.snapshot)
        .bind(self.store().now().as_microsecond())
        .execute(self.connection())
        .await
        .doing("note that a hold has ended")?;
        Ok(noted.rows_affected() > 0)
    }

    async fn is_held(&mut self, ended: &Ended) -> Result<bool> {
        let row = sqlx::query(
            "select hold_case from holds where org_id = $1 and repository_uid = $2 and snapshot_id = $3 \
             and (until_at is null or until_at > $4) limit 1",
        )
        .bind(ended.org.to_string())
        .bind(ended.repository.to_string())
        .bind(&ended.snapshot)
        .bind(self.store().now().as_microsecond())
        .fetch_optional(self.connection())
        .await
        .doing("look whether a snapshot is held")?;
        Ok(row.is_some())
    }
}

impl Jobs<'_> {
    /// Makes jobs for snapshots whose last hold has ended by itself, in repositories whose files are locked. Any replica may;
    /// a row goes to one of them. Answers how many.
    ///
    /// # Errors
    /// `Unavailable`: the database.
    pub async fn end_holds(&self) -> Result<u64> {
        let mut made = 0;
        for ended in self.ended_holds().await? {
            let mut tx = self.store.begin().await?;
            let is_first = tx.let_go(&ended).await?;
            if is_first
                && !tx.is_held(&ended).await?
                && let Some(snapshot) = Id::from_hex(ended.snapshot.as_bytes()).map(SnapshotId)
            {
                let spec = LegalHoldSpec { repository: ended.repository, snapshot };
                tx.follow_holds(&Actor::system("scheduler", ended.org), ended.org, spec).await?;
                made += 1;
            }
            tx.commit().await?;
        }
        Ok(made)
    }

    async fn ended_holds(&self) -> Result<Vec<Ended>> {
        let rows = sqlx::query(
            "select distinct h.org_id, h.repository_uid, h.snapshot_id from holds h \
             join repositories r on r.org_id = h.org_id and r.uid = h.repository_uid \
             where h.let_go = 0 and h.until_at <= $1 and r.worm_days is not null and r.state = 'ready' limit $2",
        )
        .bind(self.store.now().as_microsecond())
        .bind(ENDED_MAX)
        .fetch_all(self.store.pool())
        .await
        .doing("look for holds that have ended")?;
        let ended = |row: &sqlx::any::AnyRow| {
            Ok(Ended {
                org: row.parsed("org_id")?,
                repository: row.parsed("repository_uid")?,
                snapshot: row.text("snapshot_id")?,
            })
        };
        rows.iter().map(ended).collect()
    }
}
