//! Links that work once: the one that sets the installation up, and those with which people choose a password.

use bygone_common::{LinkUid, OrgUid, UserUid};
use jiff::Timestamp;
use serde_json::json;

use crate::actor::Actor;
use crate::audit::AuditOutcome;
use crate::database::{Store, Tx};
use crate::error::{Doing, Error, Result};
use crate::rights::{Action, Resource};
use crate::row::Columns;
use crate::sessions::require_server;
use crate::users::{User, org_column, org_of, reach};

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPurpose {
    /// Makes the first person who runs the installation.
    SetUp,
    /// Lets a person choose a password.
    Password,
}

impl LinkPurpose {
    const fn name(self) -> &'static str {
        match self {
            Self::SetUp => "set_up",
            Self::Password => "password",
        }
    }
}

/// Links.
#[derive(Debug, Clone, Copy)]
pub struct Links<'a> {
    store: &'a Store,
}

impl Store {
    /// Links.
    pub const fn links(&self) -> Links<'_> {
        Links { store: self }
    }
}

impl Links<'_> {
    /// Makes the link that sets the installation up, in place of any before, unless somebody runs it already.
    ///
    /// # Errors
    /// `NotFound`: for anybody but the server; `Unavailable`, `Failed`.
    pub async fn create_set_up(&self, actor: &Actor, hash: &str, expires_at: Timestamp) -> Result<bool> {
        require_server(actor)?;
        let mut tx = self.store.begin().await?;
        if tx.somebody_runs_the_installation().await? {
            return Ok(false);
        }
        sqlx::query("delete from links where org_id = '' and purpose = 'set_up'")
            .execute(tx.connection())
            .await
            .doing("replace the set-up link")?;
        tx.insert_link(None, LinkPurpose::SetUp, None, hash, expires_at).await?;
        tx.audit(actor, Action::Create, Resource::Installation, "set-up link", json!({ "expires_at": expires_at }))
            .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Makes a link with which a person chooses a password, in place of any before: by who may change that person.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`.
    pub async fn create_password(&self, actor: &Actor, user: &User, hash: &str, expires_at: Timestamp) -> Result<()> {
        reach(actor, user.org)?;
        actor.require(Action::Change, Resource::User)?;
        let mut tx = self.store.begin().await?;
        tx.of_user("delete from links where org_id = $1 and user_uid = $2", user).await?;
        tx.insert_link(user.org, LinkPurpose::Password, Some(user.uid), hash, expires_at).await?;
        let details = json!({ "what": "password link", "expires_at": expires_at });
        tx.audit_in(user.org, actor, Action::Change, Resource::User, user.uid, AuditOutcome::Done, details).await?;
        tx.commit().await
    }
}

impl Tx {
    /// Uses a link: from the end of this transaction on it is worth nothing. Whom it is for, if it is for somebody.
    ///
    /// # Errors
    /// `NotFound`: there is none, it was used, or it has ended.
    pub async fn use_link(
        &mut self,
        actor: &Actor,
        purpose: LinkPurpose,
        hash: &str,
    ) -> Result<Option<(Option<OrgUid>, UserUid)>> {
        require_server(actor)?;
        let row = sqlx::query(
            "update links set used_at = $3 where hash = $1 and purpose = $2 and used_at is null and expires_at > $3 \
             returning org_id, user_uid",
        )
        .bind(hash)
        .bind(purpose.name())
        .bind(self.store().now().as_microsecond())
        .fetch_optional(self.connection())
        .await
        .doing("use a link")?
        .ok_or_else(|| Error::not_found("this link"))?;
        let org = org_of(&row)?;
        Ok(row.parsed_opt("user_uid")?.map(|user| (org, user)))
    }

    /// Whether the installation is set up.
    ///
    /// # Errors
    /// `Unavailable`, `Failed`: the database.
    pub async fn somebody_runs_the_installation(&mut self) -> Result<bool> {
        let row = sqlx::query("select uid from users where org_id = '' and role = 'root' limit 1")
            .fetch_optional(self.connection())
            .await
            .doing("ask who runs the installation")?;
        Ok(row.is_some())
    }

    async fn insert_link(
        &mut self,
        org: Option<OrgUid>,
        purpose: LinkPurpose,
        user: Option<UserUid>,
        hash: &str,
        expires_at: Timestamp,
    ) -> Result<()> {
        let (uid, now) = (self.store().uid(LinkUid::new), self.store().now());
        sqlx::query(
            "insert into links (uid, org_id, purpose, user_uid, hash, expires_at, created_at) \
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(uid.to_string())
        .bind(org_column(org))
        .bind(purpose.name())
        .bind(user.map(|uid| uid.to_string()))
        .bind(hash)
        .bind(expires_at.as_microsecond())
        .bind(now.as_microsecond())
        .execute(self.connection())
        .await
        .doing("make a link")?;
        Ok(())
    }
}
