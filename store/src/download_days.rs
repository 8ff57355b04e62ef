//! Bytes that people downloaded, by day.

use bygone_common::{OrgUid, UserUid};

use crate::actor::Actor;
use crate::database::Store;
use crate::error::{Doing, Result};
use crate::row::Columns;
use crate::sessions::require_server;

/// Days that are remembered.
const DAYS_KEPT: i64 = 90;

/// Bytes by day.
#[derive(Debug, Clone, Copy)]
pub struct DownloadDays<'a> {
    store: &'a Store,
}

impl Store {
    /// Bytes that people downloaded, by day.
    pub const fn download_days(&self) -> DownloadDays<'_> {
        DownloadDays { store: self }
    }
}

impl DownloadDays<'_> {
    /// Bytes that somebody downloaded on a day, counted from 1970 in UTC.
    ///
    /// # Errors
    /// `NotFound`: for anybody but the server; `Unavailable`, `Failed`.
    pub async fn get(&self, server: &Actor, org: OrgUid, user: UserUid, day: i64) -> Result<u64> {
        require_server(server)?;
        self.store.recent().download_days.or_ask(self.store.stamp(), (org, user, day), self.ask(org, user, day)).await
    }

    async fn ask(&self, org: OrgUid, user: UserUid, day: i64) -> Result<u64> {
        let row = sqlx::query("select bytes from download_days where org_id = $1 and user_uid = $2 and day = $3")
            .bind(org.to_string())
            .bind(user.to_string())
            .bind(day)
            .fetch_optional(self.store.pool())
            .await
            .doing("read the bytes of a day")?;
        Ok(row.map(|row| row.int("bytes")).transpose()?.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default())
    }

    /// Adds bytes to a day.
    ///
    /// # Errors
    /// `NotFound`: for anybody but the server; `Unavailable`, `Failed`.
    pub async fn add(&self, server: &Actor, org: OrgUid, user: UserUid, day: i64, bytes: u64) -> Result<()> {
        require_server(server)?;
        let mut tx = self.store.begin().await?;
        sqlx::query(
            "insert into download_days (org_id, user_uid, day, bytes) values ($1, $2, $3, $4) \
             on conflict (org_id, user_uid, day) do update set bytes = download_days.bytes + excluded.bytes",
        )
        .bind(org.to_string())
        .bind(user.to_string())
        .bind(day)
        .bind(i64::try_from(bytes).unwrap_or(i64::MAX))
        .execute(tx.connection())
        .await
        .doing("count the bytes of a day")?;
        sqlx::query("delete from download_days where org_id = $1 and user_uid = $2 and day < $3")
            .bind(org.to_string())
            .bind(user.to_string())
            .bind(day - DAYS_KEPT)
            .execute(tx.connection())
            .await
            .doing("forget old days")?;
        tx.commit().await
    }
}
