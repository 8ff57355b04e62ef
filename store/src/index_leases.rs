//! Which replica has an organization's search index, and until when.

use bygone_common::{LeaseUid, OrgUid};
use jiff::{SignedDuration, Timestamp};
use sqlx::any::AnyRow;

use crate::actor::Actor;
use crate::database::Store;
use crate::error::{Doing, Result};
use crate::row::Columns;
use crate::sessions::require_server;

/// A replica that may have indexes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replica {
    /// Its name, which is another after each start.
    pub uid: LeaseUid,
    /// Where other replicas reach it.
    pub url: Option<String>,
}

/// Who has an organization's index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexLease {
    /// The replica.
    pub holder: Replica,
    /// Until when, unless it is prolonged.
    pub expires_at: Timestamp,
}

/// Leases of search indexes.
#[derive(Debug, Clone, Copy)]
pub struct IndexLeases<'a> {
    store: &'a Store,
}

impl Store {
    /// Leases of search indexes.
    pub const fn index_leases(&self) -> IndexLeases<'_> {
        IndexLeases { store: self }
    }
}

impl IndexLeases<'_> {
    /// Takes an organization's index for a replica if nobody has it; answers who has it then. A lease at this replica's own
    /// place is its own from before it was started again. None: it was given up this very moment.
    ///
    /// # Errors
    /// `NotFound`: for anybody but the server; `Unavailable`, `Failed`.
    pub async fn take(
        &self,
        server: &Actor,
        org: OrgUid,
        replica: &Replica,
        lasts: SignedDuration,
    ) -> Result<Option<IndexLease>> {
        require_server(server)?;
        let now = self.store.now();
        let expires_at = now.saturating_add(lasts).unwrap_or(Timestamp::MAX);
        sqlx::query(
            "insert into index_leases (org_id, holder, url, expires_at) values ($1, $2, $3, $4) \
             on conflict (org_id) do update set holder = excluded.holder, url = excluded.url, \
             expires_at = excluded.expires_at where index_leases.holder = excluded.holder \
             or index_leases.url = excluded.url or index_leases.expires_at <= $5",
        )
        .bind(org.to_string())
        .bind(replica.uid.to_string())
        .bind(replica.url.clone())
        .bind(expires_at.as_microsecond())
        .bind(now.as_microsecond())
        .execute(self.store.pool())
        .await
        .doing("take a search index")?;
        let row = sqlx::query("select holder, url, expires_at from index_leases where org_id = $1")
            .bind(org.to_string())
            .fetch_optional(self.store.pool())
            .await
            .doing("ask who has a search index")?;
        row.as_ref().map(from_row).transpose()
    }

    /// Prolongs all leases of a replica; answers which they are. One that ran out is prolonged too: nobody has taken it.
    ///
    /// # Errors
    /// As for [`take`](Self::take).
    pub async fn prolong(&self, server: &Actor, replica: &Replica, lasts: SignedDuration) -> Result<Vec<OrgUid>> {
        require_server(server)?;
        let expires_at = self.store.now().saturating_add(lasts).unwrap_or(Timestamp::MAX);
        let rows = sqlx::query("update index_leases set expires_at = $2 where holder = $1 returning org_id")
            .bind(replica.uid.to_string())
            .bind(expires_at.as_microsecond())
            .fetch_all(self.store.pool())
            .await
            .doing("prolong the leases of search indexes")?;
        rows.iter().map(|row| row.parsed("org_id")).collect()
    }

    /// Gives up all leases of a replica: whoever is asked next takes them.
    ///
    /// # Errors
    /// As for [`take`](Self::take).
    pub async fn give_up(&self, server: &Actor, replica: &Replica) -> Result<()> {
        require_server(server)?;
        sqlx::query("delete from index_leases where holder = $1")
            .bind(replica.uid.to_string())
            .execute(self.store.pool())
            .await
            .doing("give up search indexes")?;
        Ok(())
    }
}

fn from_row(row: &AnyRow) -> Result<IndexLease> {
    let holder = Replica { uid: row.parsed("holder")?, url: row.text_opt("url")? };
    Ok(IndexLease { holder, expires_at: row.time("expires_at")? })
}
