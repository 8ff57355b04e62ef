//! How snapshots differ from those before them, counted once. Derived from repositories.

use bygone_common::{OrgUid, RepositoryUid};
use sqlx::any::AnyRow;

use crate::access::SourceAccess;
use crate::database::Store;
use crate::error::{Doing, Result};
use crate::row::Columns;

/// How a snapshot differs from the one before it, in files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotChanges {
    /// Where it lies.
    pub repository: RepositoryUid,
    /// restic's id of it.
    pub snapshot: String,
    /// That of the one before it.
    pub previous: String,
    /// Files that are new, and their bytes.
    pub added: i64,
    /// See `added`.
    pub added_bytes: i64,
    /// Files with another content, and their bytes after the change.
    pub changed: i64,
    /// See `changed`.
    pub changed_bytes: i64,
    /// Files that are gone, and their bytes.
    pub removed: i64,
    /// See `removed`.
    pub removed_bytes: i64,
}

/// What was counted.
#[derive(Debug, Clone, Copy)]
pub struct AllSnapshotChanges<'a> {
    store: &'a Store,
}

impl Store {
    /// How snapshots differ from those before them.
    pub const fn snapshot_changes(&self) -> AllSnapshotChanges<'_> {
        AllSnapshotChanges { store: self }
    }
}

impl AllSnapshotChanges<'_> {
    /// What was counted of a source's snapshots.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn of(&self, access: &SourceAccess) -> Result<Vec<SnapshotChanges>> {
        let source = access.source();
        let rows = sqlx::query(
            "select c.* from snapshot_changes c join snapshots s on s.repository_uid = c.repository_uid \
             and s.id = c.snapshot_id where s.org_id = $1 and s.source_uid = $2",
        )
        .bind(source.org.to_string())
        .bind(source.uid.to_string())
        .fetch_all(self.store.pool())
        .await
        .doing("read how snapshots differ")?;
        rows.iter().map(from_row).collect()
    }

    /// Keeps what was counted.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn keep(&self, org: OrgUid, counted: &[SnapshotChanges]) -> Result<()> {
        let mut tx = self.store.begin().await?;
        for one in counted {
            // A snapshot that was forgotten meanwhile has no row to hang it on.
            sqlx::query(
                "insert into snapshot_changes (org_id, repository_uid, snapshot_id, previous_id, added, added_bytes, \
                 changed, changed_bytes, removed, removed_bytes) \
                 select org_id, repository_uid, id, $4, $5, $6, $7, $8, $9, $10 from snapshots \
                 where org_id = $1 and repository_uid = $2 and id = $3 \
                 on conflict (repository_uid, snapshot_id) do update set previous_id = excluded.previous_id, \
                 added = excluded.added, added_bytes = excluded.added_bytes, changed = excluded.changed, \
                 changed_bytes = excluded.changed_bytes, removed = excluded.removed, \
                 removed_bytes = excluded.removed_bytes",
            )
            .bind(org.to_string())
            .bind(one.repository.to_string())
            .bind(&one.snapshot)
            .bind(&one.previous)
            .bind(one.added)
            .bind(one.added_bytes)
            .bind(one.changed)
            .bind(one.changed_bytes)
            .bind(one.removed)
            .bind(one.removed_bytes)
            .execute(tx.connection())
            .await
            .doing("keep how a snapshot differs")?;
        }
        tx.commit().await
    }
}

fn from_row(row: &AnyRow) -> Result<SnapshotChanges> {
    Ok(SnapshotChanges {
        repository: row.parsed("repository_uid")?,
        snapshot: row.text("snapshot_id")?,
        previous: row.text("previous_id")?,
        added: row.int("added")?,
        added_bytes: row.int("added_bytes")?,
        changed: row.int("changed")?,
        changed_bytes: row.int("changed_bytes")?,
        removed: row.int("removed")?,
        removed_bytes: row.int("removed_bytes")?,
    })
}
