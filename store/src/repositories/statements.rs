//! The statements that change a repository's row.

use bygone_common::{OrgUid, RepositoryUid};
use sqlx::any::AnyRow;

use super::Repository;
use crate::database::Tx;
use crate::error::{Doing, Error, ErrorKind, Result};
use crate::row::Columns;

pub(super) async fn insert(tx: &mut Tx, made: &Repository, password_sealed: &[u8]) -> Result<()> {
    sqlx::query(
        "insert into repositories (uid, org_id, name, location, credential_uid, password_sealed, restic_id, format, \
         class, state, worm_days, bytes_max, stored_bytes, created_at, version, agent_route) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
    )
    .bind(made.uid.to_string())
    .bind(made.org.to_string())
    .bind(&made.name)
    .bind(&made.location)
    .bind(made.credential.map(|uid| uid.to_string()))
    .bind(password_sealed)
    .bind(&made.restic_id)
    .bind(made.format)
    .bind(made.class.name())
    .bind(made.state.name())
    .bind(made.worm_days)
    .bind(made.bytes_max)
    .bind(made.stored_bytes)
    .bind(made.created_at.as_microsecond())
    .bind(made.version)
    .bind(made.agent_route.name())
    .execute(tx.connection())
    .await
    .doing(&format!("keep repository {:?} at {}", made.name, made.location))?;
    Ok(())
}

pub(super) async fn update(tx: &mut Tx, changed: &Repository, version: i64) -> Result<()> {
    let updated = sqlx::query(
        "update repositories set name = $4, class = $5, state = $6, credential_uid = $7, bytes_max = $8, \
         agent_route = $9, version = version + 1 where org_id = $1 and uid = $2 and version = $3",
    )
    .bind(changed.org.to_string())
    .bind(changed.uid.to_string())
    .bind(version)
    .bind(&changed.name)
    .bind(changed.class.name())
    .bind(changed.state.name())
    .bind(changed.credential.map(|uid| uid.to_string()))
    .bind(changed.bytes_max)
    .bind(changed.agent_route.name())
    .execute(tx.connection())
    .await
    .doing("change a repository")?;
    match updated.rows_affected() {
        0 => Err(Error::new(ErrorKind::Conflict, format!("repository {} was changed meanwhile", changed.name))),
        _ => Ok(()),
    }
}

pub(super) async fn set_password(tx: &mut Tx, org: OrgUid, uid: RepositoryUid, sealed: &[u8]) -> Result<()> {
    sqlx::query("update repositories set password_sealed = $3 where org_id = $1 and uid = $2")
        .bind(org.to_string())
        .bind(uid.to_string())
        .bind(sealed)
        .execute(tx.connection())
        .await
        .doing("change a repository's password")?;
    Ok(())
}

pub(super) async fn remove(tx: &mut Tx, org: OrgUid, uid: RepositoryUid) -> Result<u64> {
    let removed = sqlx::query("delete from repositories where org_id = $1 and uid = $2")
        .bind(org.to_string())
        .bind(uid.to_string())
        .execute(tx.connection())
        .await
        .doing("forget a repository")?;
    Ok(removed.rows_affected())
}

pub(super) fn from_row(row: &AnyRow) -> Result<Repository> {
    Ok(Repository {
        uid: row.parsed("uid")?,
        org: row.parsed("org_id")?,
        name: row.text("name")?,
        location: row.text("location")?,
        credential: row.parsed_opt("credential_uid")?,
        restic_id: row.text("restic_id")?,
        format: row.int("format")?,
        class: row.parsed("class")?,
        state: row.parsed("state")?,
        agent_route: row.parsed("agent_route")?,
        fault: row.text_opt("fault")?,
        worm_days: row.int_opt("worm_days")?,
        bytes_max: row.int_opt("bytes_max")?,
        stored_bytes: row.int("stored_bytes")?,
        checked_at: row.time_opt("checked_at")?,
        refreshed_at: row.time_opt("refreshed_at")?,
        created_at: row.time("created_at")?,
        version: row.int("version")?,
    })
}
