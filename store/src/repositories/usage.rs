//! What a repository held, day by day.

use bygone_common::{OrgUid, RepositoryUid};
use jiff::Timestamp;
use sqlx::any::AnyRow;

use super::Repositories;
use crate::actor::Actor;
use crate::database::Tx;
use crate::error::{Doing, Result};
use crate::rights::{Action, Resource};
use crate::row::Columns;

const MICROSECONDS_OF_DAY: i64 = 24 * 60 * 60 * 1_000_000;
/// Days of one answer at most.
pub(super) const USAGE_DAYS_MAX: i64 = 1_000;

/// What a repository held when it was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Bytes of all files in storage.
    pub stored_bytes: i64,
    /// Plain bytes of all blobs, each once.
    pub plain_bytes: i64,
    /// Plain bytes of all snapshots, as if each were restored.
    pub restored_bytes: i64,
    /// Snapshots.
    pub snapshots: i64,
    /// Packs.
    pub packs: i64,
    /// Blobs.
    pub blobs: i64,
    /// When.
    pub measured_at: Timestamp,
}

impl Repositories<'_> {
    /// Keeps a measurement: the last one of each day stays.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn note_usage(&self, actor: &Actor, org: OrgUid, uid: RepositoryUid, usage: &Usage) -> Result<()> {
        let org = actor.in_org(org)?;
        actor.require(Action::Run, Resource::Repository)?;
        self.get(actor, org, uid).await?;
        let mut tx = self.store.begin().await?;
        upsert(&mut tx, org, uid, usage).await?;
        set_stored(&mut tx, org, uid, usage).await?;
        tx.commit().await
    }

    /// Measurements, the newest day first.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn usage(&self, actor: &Actor, org: OrgUid, uid: RepositoryUid, days: i64) -> Result<Vec<Usage>> {
        let org = actor.in_org(org)?;
        self.get(actor, org, uid).await?;
        let rows = sqlx::query(
            "select * from repository_usage where org_id = $1 and repository_uid = $2 order by day desc limit $3",
        )
        .bind(org.to_string())
        .bind(uid.to_string())
        .bind(days.clamp(1, USAGE_DAYS_MAX))
        .fetch_all(self.store.pool())
        .await
        .doing("read a repository's usage")?;
        rows.iter().map(from_row).collect()
    }
}

async fn upsert(tx: &mut Tx, org: OrgUid, uid: RepositoryUid, usage: &Usage) -> Result<()> {
    sqlx::query(
        "insert into repository_usage (org_id, repository_uid, day, stored_bytes, plain_bytes, restored_bytes, snapshots, \
         packs, blobs, measured_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         on conflict (repository_uid, day) do update set stored_bytes = excluded.stored_bytes, \
         plain_bytes = excluded.plain_bytes, restored_bytes = excluded.restored_bytes, snapshots = excluded.snapshots, \
         packs = excluded.packs, blobs = excluded.blobs, measured_at = excluded.measured_at",
    )
    .bind(org.to_string())
    .bind(uid.to_string())
    .bind(usage.measured_at.as_microsecond().div_euclid(MICROSECONDS_OF_DAY))
    .bind(usage.stored_bytes)
    .bind(usage.plain_bytes)
    .bind(usage.restored_bytes)
    .bind(usage.snapshots)
    .bind(usage.packs)
    .bind(usage.blobs)
    .bind(usage.measured_at.as_microsecond())
    .execute(tx.connection())
    .await
    .doing("note a repository's usage")?;
    Ok(())
}

async fn set_stored(tx: &mut Tx, org: OrgUid, uid: RepositoryUid, usage: &Usage) -> Result<()> {
    sqlx::query("update repositories set stored_bytes = $3 where org_id = $1 and uid = $2")
        .bind(org.to_string())
        .bind(uid.to_string())
        .bind(usage.stored_bytes)
        .execute(tx.connection())
        .await
        .doing("note a repository's usage")?;
    Ok(())
}

fn from_row(row: &AnyRow) -> Result<Usage> {
    Ok(Usage {
        stored_bytes: row.int("stored_bytes")?,
        plain_bytes: row.int("plain_bytes")?,
        restored_bytes: row.int("restored_bytes")?,
        snapshots: row.int("snapshots")?,
        packs: row.int("packs")?,
        blobs: row.int("blobs")?,
        measured_at: row.time("measured_at")?,
    })
}
