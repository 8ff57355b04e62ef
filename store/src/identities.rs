//! How people sign in from elsewhere: a provider's word for whom it means.

use bygone_common::{IdentityUid, OrgUid, ProviderUid, UserUid};
use jiff::Timestamp;
use serde_json::json;
use sqlx::any::AnyRow;

use crate::actor::Actor;
use crate::audit::AuditOutcome;
use crate::database::{Store, Tx};
use crate::error::{Doing, Error, Result};
use crate::page::{List, Page};
use crate::rights::{Action, Resource};
use crate::row::Columns;
use crate::sessions::require_server;
use crate::users::{User, org_column, reach, user_columns, user_of};

/// A person, as a provider knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its uid.
    pub uid: IdentityUid,
    /// Whose.
    pub user: UserUid,
    /// Which provider.
    pub provider: ProviderUid,
    /// The issuer that signed.
    pub issuer: String,
    /// Its word for the person.
    pub subject: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When they last signed in so.
    pub seen_at: Timestamp,
}

/// Identities.
#[derive(Debug, Clone, Copy)]
pub struct Identities<'a> {
    store: &'a Store,
}

impl Store {
    /// Identities.
    pub const fn identities(&self) -> Identities<'_> {
        Identities { store: self }
    }
}

impl Identities<'_> {
    /// Whom a provider means, kept out or not.
    ///
    /// # Errors
    /// `NotFound`: for anybody but the server; `Unavailable`, `Failed`.
    pub async fn user(
        &self,
        actor: &Actor,
        provider: ProviderUid,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<User>> {
        require_server(actor)?;
        let text = format!(
            "select {} from identities i join users u on u.org_id = i.org_id and u.uid = i.user_uid \
             where i.provider_uid = $1 and i.issuer = $2 and i.subject = $3",
            user_columns("u.")
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(text))
            .bind(provider.to_string())
            .bind(issuer)
            .bind(subject)
            .fetch_optional(self.store.pool())
            .await
            .doing("look for an identity")?;
        row.map(|row| user_of(&row)).transpose()
    }

    /// A page of the identities of a person.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`: the page.
    pub async fn list(&self, actor: &Actor, user: &User, page: &Page) -> Result<List<Identity>> {
        actor.require_of(Action::See, Resource::Identity, Some(user.uid))?;
        if actor.who().user() != Some(user.uid) {
            reach(actor, user.org)?;
        }
        let rows = sqlx::query(
            "select * from identities where org_id = $1 and user_uid = $2 and uid > $3 order by uid limit $4",
        )
        .bind(org_column(user.org))
        .bind(user.uid.to_string())
        .bind(page.after::<IdentityUid>()?.map(|uid| uid.to_string()).unwrap_or_default())
        .bind(page.rows())
        .fetch_all(self.store.pool())
        .await
        .doing("list identities")?;
        let identities = rows.iter().map(identity_of).collect::<Result<Vec<_>>>()?;
        Ok(page.list(identities, |identity| identity.uid))
    }

    /// Takes an identity from a person: whoever the provider means by it is a stranger from then on.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`.
    pub async fn remove(&self, actor: &Actor, user: &User, uid: IdentityUid) -> Result<()> {
        reach(actor, user.org)?;
        actor.require(Action::Delete, Resource::Identity)?;
        let mut tx = self.store.begin().await?;
        let removed = sqlx::query("delete from identities where org_id = $1 and user_uid = $2 and uid = $3")
            .bind(org_column(user.org))
            .bind(user.uid.to_string())
            .bind(uid.to_string())
            .execute(tx.connection())
            .await
            .doing("remove an identity")?;
        if removed.rows_affected() == 0 {
            return Err(Error::not_found(format_args!("identity {uid}")));
        }
        let (done, details) = (AuditOutcome::Done, json!({ "user": user.uid }));
        tx.audit_in(user.org, actor, Action::Delete, Resource::Identity, uid, done, details).await?;
        tx.commit().await
    }

    /// Gives a person what a provider said they are, and notes that they were seen.
    ///
    /// # Errors
    /// `NotFound`: for anybody but the server; `Unavailable`, `Failed`.
    pub async fn seen(&self, actor: &Actor, user: &User, role: crate::Role) -> Result<()> {
        require_server(actor)?;
        let now = self.store.now().as_microsecond();
        let mut tx = self.store.begin().await?;
        sqlx::query("update identities set seen_at = $3 where org_id = $1 and user_uid = $2")
            .bind(org_column(user.org))
            .bind(user.uid.to_string())
            .bind(now)
            .execute(tx.connection())
            .await
            .doing("note an identity")?;
        if user.role != role {
            tx.follow_role(actor, user, role).await?;
        }
        tx.commit().await
    }
}

impl Tx {
    /// Ties a person to what a provider calls them.
    ///
    /// # Errors
    /// `Conflict`: the provider's word is somebody else's already; `NotFound`: for anybody but the server.
    pub async fn add_identity(
        &mut self,
        actor: &Actor,
        user: &User,
        provider: ProviderUid,
        issuer: &str,
        subject: &str,
    ) -> Result<()> {
        require_server(actor)?;
        let (uid, now) = (self.store().uid(IdentityUid::new), self.store().now());
        sqlx::query(
            "insert into identities (uid, org_id, user_uid, provider_uid, issuer, subject, created_at, seen_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $7)",
        )
        .bind(uid.to_string())
        .bind(org_column(user.org))
        .bind(user.uid.to_string())
        .bind(provider.to_string())
        .bind(issuer)
        .bind(subject)
        .bind(now.as_microsecond())
        .execute(self.connection())
        .await
        .doing("tie an identity to a user")?;
        let details = json!({ "user": user.uid, "provider": provider });
        let org: Option<OrgUid> = user.org;
        self.audit_in(org, actor, Action::Create, Resource::Identity, uid, AuditOutcome::Done, details).await
    }

    async fn follow_role(&mut self, actor: &Actor, user: &User, role: crate::Role) -> Result<()> {
        sqlx::query("update users set role = $3, version = version + 1 where org_id = $1 and uid = $2")
            .bind(org_column(user.org))
            .bind(user.uid.to_string())
            .bind(role.name())
            .execute(self.connection())
            .await
            .doing("follow a provider's groups")?;
        let details = json!({ "role": role, "by": "groups" });
        self.audit_in(user.org, actor, Action::Change, Resource::User, user.uid, AuditOutcome::Done, details).await
    }
}

fn identity_of(row: &AnyRow) -> Result<Identity> {
    Ok(Identity {
        uid: row.parsed("uid")?,
        user: row.parsed("user_uid")?,
        provider: row.parsed("provider_uid")?,
        issuer: row.text("issuer")?,
        subject: row.text("subject")?,
        created_at: row.time("created_at")?,
        seen_at: row.time("seen_at")?,
    })
}
