//! What SQLite and PostgreSQL must be told in different words: who goes first when two want the same, and who is told.

use bygone_common::OrgUid;

use crate::database::{Dialect, Tx};
use crate::error::{Doing, Result};

/// The same statement for both, where PostgreSQL passes over rows that another transaction holds. On SQLite nobody else can
/// hold any: the transaction that writes is the only one.
macro_rules! skip_locked {
    ($dialect:expr, $statement:literal) => {
        match $dialect {
            crate::database::Dialect::Sqlite => $statement,
            crate::database::Dialect::Postgres => concat!($statement, " for update skip locked"),
        }
    };
}

pub(crate) use skip_locked;

impl Tx {
    /// Keeps every other replica from taking a job of an organization until this transaction ends: what they count before
    /// they take one must not change under them.
    pub(crate) async fn lock_claims(&mut self, org: OrgUid) -> Result<()> {
        match self.store().dialect() {
            Dialect::Sqlite => Ok(()),
            Dialect::Postgres => {
                sqlx::query("select 1::bigint as one from pg_advisory_xact_lock(hashtextextended($1, 4))")
                    .bind(org.to_string())
                    .execute(self.connection())
                    .await
                    .doing("wait for others who take jobs")?;
                Ok(())
            }
        }
    }

    /// Tells every replica, when the transaction ends; answers whether this process has to be told besides.
    pub(crate) async fn notify(&mut self, payload: &str) -> Result<bool> {
        match self.store().dialect() {
            Dialect::Sqlite => Ok(true),
            Dialect::Postgres => {
                sqlx::query("select 1::bigint as one from pg_notify($1, $2)")
                    .bind(crate::events::CHANNEL)
                    .bind(payload)
                    .execute(self.connection())
                    .await
                    .doing("tell other replicas")?;
                Ok(false)
            }
        }
    }
}
