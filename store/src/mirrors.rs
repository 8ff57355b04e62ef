//! Mirrors: which snapshots a repository was seen to have when it was mirrored to another.
//!
//! It outlives the snapshots, so that one that was forgotten at the source is known at the mirror for what it was.

use bygone_common::{OrgUid, RepositoryUid, SnapshotId};
use jiff::Timestamp;

use crate::actor::Actor;
use crate::database::Store;
use crate::error::{Doing, Result};
use crate::rights::{Action, Resource};
use crate::row::Columns;

/// Mirrors that are listed at once.
const MIRRORS_MAX: i64 = 1_000;

/// A repository that is mirrored to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirror {
    /// Which one.
    pub from: RepositoryUid,
    /// Where to.
    pub to: RepositoryUid,
    /// How many snapshots were ever mirrored.
    pub snapshots: i64,
    /// When the newest of them first was.
    pub last_at: Timestamp,
}

/// Mirrors.
#[derive(Debug, Clone, Copy)]
pub struct Mirrors<'a> {
    store: &'a Store,
}

impl Store {
    /// Mirrors.
    pub const fn mirrors(&self) -> Mirrors<'_> {
        Mirrors { store: self }
    }
}

impl Mirrors<'_> {
    /// The snapshots that `from` was seen to have when it was mirrored to `to`.
    ///
    /// # Errors
    /// `NotFound`: another organization.
    pub async fn seen(
        &self,
        actor: &Actor,
        org: OrgUid,
        from: RepositoryUid,
        to: RepositoryUid,
    ) -> Result<Vec<SnapshotId>> {
        actor.require(Action::See, Resource::Snapshot)?;
        let org = actor.in_org(org)?;
        let rows = sqlx::query(
            "select snapshot_id from mirrored_snapshots where org_id = $1 and from_id = $2 and to_id = $3 order by snapshot_id",
        )
        .bind(org.to_string())
        .bind(from.to_string())
        .bind(to.to_string())
        .fetch_all(self.store.pool())
        .await
        .doing("read what a mirror has seen")?;
        rows.iter().map(|row| row.parsed("snapshot_id")).collect()
    }

    /// Which repositories of an organization are mirrored where, and since when.
    ///
    /// # Errors
    /// `NotFound`: another organization.
    pub async fn list(&self, actor: &Actor, org: OrgUid) -> Result<Vec<Mirror>> {
        actor.require(Action::See, Resource::Repository)?;
        let org = actor.in_org(org)?;
        let rows = sqlx::query(
            "select from_id, to_id, count(*) as snapshots, max(seen_at) as last_at from mirrored_snapshots \
             where org_id = $1 group by from_id, to_id order by from_id, to_id limit $2",
        )
        .bind(org.to_string())
        .bind(MIRRORS_MAX)
        .fetch_all(self.store.pool())
        .await
        .doing("list mirrors")?;
        let mirror = |row: &sqlx::any::AnyRow| {
            Ok(Mirror {
                from: row.parsed("from_id")?,
                to: row.parsed("to_id")?,
                snapshots: row.int("snapshots")?,
                last_at: row.time("last_at")?,
            })
        };
        rows.iter().map(mirror).collect()
    }

    /// Adds snapshots that were seen now. Said twice, they are kept once.
    ///
    /// # Errors
    /// `NotFound`: another organization, or a repository that is not there any more.
    pub async fn note(
        &self,
        actor: &Actor,
        org: OrgUid,
        from: RepositoryUid,
        to: RepositoryUid,
        snapshots: &[SnapshotId],
    ) -> Result<()> {
        actor.require(Action::Run, Resource::Repository)?;
        let org = actor.in_org(org)?;
        self.store.repositories().get(actor, org, from).await?;
        self.store.repositories().get(actor, org, to).await?;
        let now = self.store.now().as_microsecond();
        let mut tx = self.store.begin().await?;
        for snapshot in snapshots {
            sqlx::query(
                "insert into mirrored_snapshots (org_id, from_id, to_id, snapshot_id, seen_at) values ($1, $2, $3, $4, $5) \
                 on conflict (to_id, from_id, snapshot_id) do nothing",
            )
            .bind(org.to_string())
            .bind(from.to_string())
            .bind(to.to_string())
            .bind(snapshot.to_string())
            .bind(now)
            .execute(tx.connection())
            .await
            .doing("note what a mirror has seen")?;
        }
        tx.commit().await
    }
}
