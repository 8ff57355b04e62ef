//! A person's row.

use sqlx::any::AnyRow;

use super::{User, org_column, org_of};
use crate::database::Tx;
use crate::error::{Doing, Error, ErrorKind, Result};
use crate::row::Columns;

/// The columns of a [`User`], without the secrets, of the table of this alias (`u.`, or nothing).
pub(crate) fn user_columns(alias: &str) -> String {
    format!(
        "{alias}uid, {alias}org_id, {alias}email, {alias}name, {alias}role, {alias}disabled, {alias}provider_uid, \
         cast(case when {alias}password_hash is null then 0 else 1 end as bigint) as has_password, \
         {alias}totp_confirmed, {alias}failed_attempts, {alias}signed_in_at, {alias}created_at, {alias}version"
    )
}

pub(super) async fn insert(tx: &mut Tx, user: &User) -> Result<()> {
    sqlx::query(
        "insert into users (uid, org_id, email, name, role, disabled, provider_uid, totp_confirmed, totp_step, \
         failed_attempts, created_at, version) values ($1, $2, $3, $4, $5, 0, $6, 0, 0, 0, $7, $8)",
    )
    .bind(user.uid.to_string())
    .bind(org_column(user.org))
    .bind(&user.email)
    .bind(&user.name)
    .bind(user.role.name())
    .bind(user.provider.map(|uid| uid.to_string()))
    .bind(user.created_at.as_microsecond())
    .bind(user.version)
    .execute(tx.connection())
    .await
    .doing(&format!("create user {:?}", user.email))?;
    Ok(())
}

pub(super) async fn update(tx: &mut Tx, user: &User, version: i64) -> Result<()> {
    let updated = sqlx::query(
        "update users set email = $4, name = $5, role = $6, disabled = $7, version = version + 1 \
         where org_id = $1 and uid = $2 and version = $3",
    )
    .bind(org_column(user.org))
    .bind(user.uid.to_string())
    .bind(version)
    .bind(&user.email)
    .bind(&user.name)
    .bind(user.role.name())
    .bind(i64::from(user.disabled))
    .execute(tx.connection())
    .await
    .doing("change a user")?;
    if updated.rows_affected() == 0 {
        return Err(Error::new(ErrorKind::Conflict, format!("user {} was changed meanwhile", user.email)));
    }
    Ok(())
}

pub(crate) fn user_of(row: &AnyRow) -> Result<User> {
    Ok(User {
        uid: row.parsed("uid")?,
        org: org_of(row)?,
        email: row.text("email")?,
        name: row.text("name")?,
        role: row.parsed("role")?,
        disabled: row.flag("disabled")?,
        provider: row.parsed_opt("provider_uid")?,
        has_password: row.flag("has_password")?,
        has_totp: row.flag("totp_confirmed")?,
        failed_attempts: row.int("failed_attempts")?,
        signed_in_at: row.time_opt("signed_in_at")?,
        created_at: row.time("created_at")?,
        version: row.int("version")?,
    })
}
