//! Every sealed value of the installation, for whoever rotates the installation key: read here, sealed anew there, and put
//! back if it is still the same.

use sqlx::AssertSqlSafe;

use crate::actor::Actor;
use crate::database::Store;
use crate::error::{Doing, Result};
use crate::rights::{Action, Resource};
use crate::row::Columns;

/// A column that holds sealed values. Its rows are sealed for their `key` column's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedColumn {
    /// The table.
    pub table: &'static str,
    /// The text by which a row is told, and for which its value is sealed.
    pub key: &'static str,
    /// The column.
    pub column: &'static str,
    /// What it is sealed for, as the server names it.
    pub purpose: &'static str,
}

/// Every column that holds sealed values. A new one is added here, or its rows are lost with the key they are under.
pub const SEALED_COLUMNS: &[SealedColumn] = &[
    SealedColumn { table: "authorities", key: "name", column: "sealed_key", purpose: "authority-key" },
    SealedColumn { table: "providers", key: "uid", column: "client_secret_sealed", purpose: "oidc-client-secret" },
    SealedColumn { table: "repositories", key: "uid", column: "password_sealed", purpose: "repository-password" },
    SealedColumn { table: "sessions", key: "uid", column: "id_token_sealed", purpose: "oidc-tokens" },
    SealedColumn { table: "sessions", key: "uid", column: "refresh_sealed", purpose: "oidc-tokens" },
    SealedColumn { table: "storage_credentials", key: "uid", column: "sealed", purpose: "storage-credential" },
    SealedColumn { table: "users", key: "uid", column: "totp_sealed", purpose: "totp-secret" },
];

/// Rows that are read at once.
const ROWS_MAX: i64 = 200;

/// A sealed value and its row.
#[derive(Debug, Clone)]
pub struct SealedRow {
    /// What it is sealed for.
    pub key: String,
    /// The value.
    pub sealed: Vec<u8>,
}

/// Sealed values.
#[derive(Debug, Clone, Copy)]
pub struct Sealed<'a> {
    store: &'a Store,
}

impl Store {
    /// Sealed values of the whole installation.
    pub const fn sealed(&self) -> Sealed<'_> {
        Sealed { store: self }
    }
}

impl Sealed<'_> {
    /// The next rows of a column, by key, after one.
    ///
    /// # Errors
    /// `NotFound`: the actor does not run the installation.
    pub async fn rows(&self, actor: &Actor, column: SealedColumn, after: &str) -> Result<Vec<SealedRow>> {
        actor.require(Action::Export, Resource::Installation)?;
        let SealedColumn { table, key, column, purpose: _ } = column;
        let sql = format!(
            "select {key} as sealed_key, {column} as sealed_value from {table} \
             where {key} > $1 and {column} is not null order by {key} limit $2"
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(after)
            .bind(ROWS_MAX)
            .fetch_all(self.store.pool())
            .await
            .doing("read sealed values")?;
        rows.iter()
            .map(|row| Ok(SealedRow { key: row.text("sealed_key")?, sealed: row.bytes("sealed_value")? }))
            .collect()
    }

    /// Puts a value that was sealed anew in the place of the old one, if that is still there.
    ///
    /// # Errors
    /// `NotFound`: the actor does not run the installation.
    pub async fn replace(&self, actor: &Actor, column: SealedColumn, old: &SealedRow, new: &[u8]) -> Result<bool> {
        actor.require(Action::Change, Resource::Installation)?;
        let SealedColumn { table, key, column, purpose: _ } = column;
        let sql = format!("update {table} set {column} = $3 where {key} = $1 and {column} = $2");
        let replaced = sqlx::query(AssertSqlSafe(sql))
            .bind(&old.key)
            .bind(old.sealed.as_slice())
            .bind(new)
            .execute(self.store.pool())
            .await
            .doing("replace a sealed value")?;
        self.store.wrote();
        Ok(replaced.rows_affected() > 0)
    }
}
