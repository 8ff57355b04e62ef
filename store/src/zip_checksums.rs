//! CRC-32s of the files of archives that were sent. Derived: what is missing is found again by reading.

use bygone_common::OrgUid;
use jiff::SignedDuration;

use crate::actor::Actor;
use crate::database::Store;
use crate::error::{Doing, Result};
use crate::row::Columns;
use crate::sessions::require_server;

/// Checksums that nobody asked for so long are dropped.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 14);

/// Checksums of archives.
#[derive(Debug, Clone, Copy)]
pub struct ZipChecksums<'a> {
    store: &'a Store,
}

impl Store {
    /// Checksums of archives.
    pub const fn zip_checksums(&self) -> ZipChecksums<'_> {
        ZipChecksums { store: self }
    }
}

impl ZipChecksums<'_> {
    /// What is known of an archive.
    ///
    /// # Errors
    /// `NotFound`: for anybody but the server; `Unavailable`, `Failed`.
    pub async fn get(&self, server: &Actor, org: OrgUid, etag: &str) -> Result<Option<Vec<u8>>> {
        require_server(server)?;
        let row = sqlx::query("select checksums from zip_checksums where org_id = $1 and etag = $2")
            .bind(org.to_string())
            .bind(etag)
            .fetch_optional(self.store.pool())
            .await
            .doing("read an archive's checksums")?;
        row.map(|row| row.bytes("checksums")).transpose()
    }

    /// Keeps what is known of an archive.
    ///
    /// # Errors
    /// `NotFound`: for anybody but the server; `Unavailable`, `Failed`.
    pub async fn put(&self, server: &Actor, org: OrgUid, etag: &str, checksums: &[u8]) -> Result<()> {
        require_server(server)?;
        let now = self.store.now();
        let mut tx = self.store.begin().await?;
        sqlx::query(
            "insert into zip_checksums (org_id, etag, checksums, used_at) values ($1, $2, $3, $4) \
             on conflict (org_id, etag) do update set checksums = excluded.checksums, used_at = excluded.used_at",
        )
        .bind(org.to_string())
        .bind(etag)
        .bind(checksums)
        .bind(now.as_microsecond())
        .execute(tx.connection())
        .await
        .doing("keep an archive's checksums")?;
        sqlx::query("delete from zip_checksums where used_at < $1")
            .bind((now - KEPT).as_microsecond())
            .execute(tx.connection())
            .await
            .doing("drop old checksums")?;
        tx.commit().await
    }
}
