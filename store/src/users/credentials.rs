//! What people prove themselves with. Asked for by the server itself while somebody signs in, and changed by the person or
//! by who runs the organization; every call names the part of the server or the person.

use std::fmt;

use bygone_common::{OrgUid, Secret, UserUid};
use jiff::Timestamp;
use serde_json::json;
use sqlx::any::AnyRow;

use super::{User, Users, email, missing, org_column, reach, user_columns, user_of};
use crate::actor::Actor;
use crate::audit::AuditOutcome;
use crate::database::Tx;
use crate::error::{Doing, Error, ErrorKind, Result};
use crate::rights::{Action, Resource, Role};
use crate::row::Columns;

/// A person, and what they prove themselves with.
#[derive(Clone)]
pub struct Credentials {
    /// Who.
    pub user: User,
    /// Argon2id, as a PHC string.
    pub password_hash: Option<Secret<String>>,
    /// When the password was last chosen.
    pub password_changed_at: Option<Timestamp>,
    /// The sealed secret of the second factor, whether confirmed or not.
    pub totp_sealed: Option<Vec<u8>>,
    /// The last step of time whose code was used.
    pub totp_step: i64,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user.uid).finish_non_exhaustive()
    }
}

impl Users<'_> {
    /// The people of an address: in one organization, in the installation, or anywhere if none is named. The server's own to
    /// ask, while somebody signs in.
    ///
    /// # Errors
    /// `NotFound`: for anybody but the server.
    pub async fn by_email(&self, actor: &Actor, org: Option<OrgUid>, address: &str) -> Result<Vec<Credentials>> {
        require_server(actor)?;
        let Ok(address) = email(address) else { return Ok(Vec::new()) };
        let text = credentials_where("email = $1 and ($2 = '' or org_id = $2) order by uid limit 2");
        let rows = sqlx::query(sqlx::AssertSqlSafe(text))
            .bind(address)
            .bind(org_column(org))
            .fetch_all(self.store.pool())
            .await
            .doing("look for who signs in")?;
        rows.iter().map(credentials_of).collect()
    }

    /// What one person proves themselves with: the server's to ask, and the person's.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn credentials(&self, actor: &Actor, org: Option<OrgUid>, uid: UserUid) -> Result<Credentials> {
        if actor.who().user() != Some(uid) || actor.org() != org {
            require_server(actor)?;
        }
        let text = credentials_where("org_id = $1 and uid = $2");
        let row = sqlx::query(sqlx::AssertSqlSafe(text))
            .bind(org_column(org))
            .bind(uid.to_string())
            .fetch_optional(self.store.pool())
            .await
            .doing("read a user")?;
        row.map_or_else(|| Err(missing(uid)), |row| credentials_of(&row))
    }

    /// Counts an attempt that failed: the person sees it when they next sign in. It locks nobody out.
    ///
    /// # Errors
    /// `Unavailable`, `Failed`: the database.
    pub async fn note_failure(&self, actor: &Actor, user: &User) -> Result<()> {
        require_server(actor)?;
        sqlx::query("update users set failed_attempts = failed_attempts + 1 where org_id = $1 and uid = $2")
            .bind(org_column(user.org))
            .bind(user.uid.to_string())
            .execute(self.store.pool())
            .await
            .doing("count a failed attempt")?;
        Ok(())
    }

    /// Uses the code of a step of time: true once, and false for this and every earlier step from then on.
    ///
    /// # Errors
    /// `Unavailable`, `Failed`: the database.
    pub async fn use_totp_step(&self, actor: &Actor, user: &User, step: i64) -> Result<bool> {
        require_self_or_server(actor, user)?;
        let used = sqlx::query("update users set totp_step = $3 where org_id = $1 and uid = $2 and totp_step < $3")
            .bind(org_column(user.org))
            .bind(user.uid.to_string())
            .bind(step)
            .execute(self.store.pool())
            .await
            .doing("use a code")?;
        Ok(used.rows_affected() == 1)
    }

    /// Keeps a sealed secret for the second factor that is not asked for until it is confirmed.
    ///
    /// # Errors
    /// `Conflict`: there is a confirmed one; `NotFound`.
    pub async fn begin_totp(&self, actor: &Actor, user: &User, sealed: &[u8]) -> Result<()> {
        require_self_or_server(actor, user)?;
        let kept = sqlx::query(
            "update users set totp_sealed = $3, totp_step = 0 where org_id = $1 and uid = $2 and totp_confirmed = 0",
        )
        .bind(org_column(user.org))
        .bind(user.uid.to_string())
        .bind(sealed)
        .execute(self.store.pool())
        .await
        .doing("keep a second factor")?;
        if kept.rows_affected() == 0 {
            return Err(Error::new(ErrorKind::Conflict, "there is a second factor already: remove it first"));
        }
        Ok(())
    }

    /// Replaces a hash by another of the same password, made as passwords are hashed today. Nothing changes for the person;
    /// a password that was chosen meanwhile stays.
    ///
    /// # Errors
    /// `NotFound`: for anybody but the server; `Unavailable`, `Failed`: the database.
    pub async fn renew_password_hash(
        &self,
        actor: &Actor,
        user: &User,
        old: &Secret<String>,
        new: &Secret<String>,
    ) -> Result<()> {
        require_server(actor)?;
        sqlx::query("update users set password_hash = $4 where org_id = $1 and uid = $2 and password_hash = $3")
            .bind(org_column(user.org))
            .bind(user.uid.to_string())
            .bind(old.expose())
            .bind(new.expose())
            .execute(self.store.pool())
            .await
            .doing("renew a password's hash")?;
        Ok(())
    }

    /// Replaces what a password is proved by. All sessions end but the one that is kept, and links to choose another one.
    ///
    /// # Errors
    /// `NotFound`, `Unavailable`, `Failed`.
    pub async fn set_password(
        &self,
        actor: &Actor,
        user: &User,
        hash: &Secret<String>,
        kept: Option<bygone_common::SessionUid>,
    ) -> Result<()> {
        require_self_or_server(actor, user)?;
        let mut tx = self.store.begin().await?;
        tx.set_password(actor, user, hash).await?;
        tx.end_sessions(user, kept).await?;
        tx.commit().await
    }
}

impl Tx {
    /// Replaces what a password is proved by, and ends the links with which one may choose it.
    ///
    /// # Errors
    /// `Unavailable`, `Failed`: the database.
    pub async fn set_password(&mut self, actor: &Actor, user: &User, hash: &Secret<String>) -> Result<()> {
        sqlx::query("update users set password_hash = $3, password_changed_at = $4 where org_id = $1 and uid = $2")
            .bind(org_column(user.org))
            .bind(user.uid.to_string())
            .bind(hash.expose())
            .bind(self.store().now().as_microsecond())
            .execute(self.connection())
            .await
            .doing("set a password")?;
        self.of_user("delete from links where org_id = $1 and user_uid = $2 and used_at is null", user).await?;
        let details = json!({ "what": "password" });
        self.audit_in(user.org, actor, Action::Change, Resource::User, user.uid, AuditOutcome::Done, details).await
    }

    /// Ends the sessions of a person but one.
    ///
    /// # Errors
    /// `Unavailable`, `Failed`: the database.
    pub async fn end_sessions(&mut self, user: &User, kept: Option<bygone_common::SessionUid>) -> Result<u64> {
        let ended = sqlx::query("delete from sessions where org_id = $1 and user_uid = $2 and uid <> $3")
            .bind(org_column(user.org))
            .bind(user.uid.to_string())
            .bind(kept.map(|uid| uid.to_string()).unwrap_or_default())
            .execute(self.connection())
            .await
            .doing("end sessions")?;
        Ok(ended.rows_affected())
    }
}

pub(super) fn require_server(actor: &Actor) -> Result<()> {
    match actor.role() {
        Role::System => Ok(()),
        Role::Root | Role::Admin | Role::Operator | Role::Auditor | Role::User => Err(Error::not_found("this user")),
    }
}

pub(super) fn require_self_or_server(actor: &Actor, user: &User) -> Result<()> {
    let is_oneself = actor.who().user() == Some(user.uid) && actor.org() == user.org;
    if is_oneself { Ok(()) } else { require_server(actor) }
}

/// Somebody else's second factor is removed by who may change them.
pub(super) fn require_change(actor: &Actor, user: &User) -> Result<()> {
    if require_self_or_server(actor, user).is_ok() {
        return Ok(());
    }
    reach(actor, user.org)?;
    actor.require(Action::Change, Resource::User)
}

fn credentials_where(condition: &str) -> String {
    format!(
        "select {}, password_hash, password_changed_at, totp_sealed, totp_step from users where {condition}",
        user_columns("")
    )
}

fn credentials_of(row: &AnyRow) -> Result<Credentials> {
    Ok(Credentials {
        user: user_of(row)?,
        password_hash: row.text_opt("password_hash")?.map(Secret::new),
        password_changed_at: row.time_opt("password_changed_at")?,
        totp_sealed: row.bytes_opt("totp_sealed")?,
        totp_step: row.int("totp_step")?,
    })
}
