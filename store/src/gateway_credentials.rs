//! Gateway credentials: names and passwords with which restic and agents reach one repository through the server.

use std::fmt;
use std::str::FromStr;

use bygone_common::{AgentUid, CredentialUid, OrgUid, RepositoryUid, UserUid};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::any::AnyRow;

use crate::actor::Actor;
use crate::database::{Store, Tx};
use crate::error::{Doing, Error, Result};
use crate::orgs::check_title;
use crate::page::{List, Page};
use crate::rights::{Action, Resource};
use crate::row::Columns;

/// What a credential lets its holder do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GatewayAccess {
    /// Reads, and leaves nothing behind but locks.
    ReadOnly,
    /// Reads and adds; removes locks alone.
    AppendOnly,
    /// All that the protocol has.
    Full,
}

impl GatewayAccess {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::ReadOnly, Self::AppendOnly, Self::Full];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadOnly => "read-only",
            Self::AppendOnly => "append-only",
            Self::Full => "full",
        }
    }
}

impl fmt::Display for GatewayAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for GatewayAccess {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|access| access.name() == text).ok_or_else(|| format!("{text:?} is no access"))
    }
}

/// A gateway credential, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayCredential {
    /// Its uid.
    pub uid: CredentialUid,
    /// Whose it is.
    pub org: OrgUid,
    /// What it opens.
    pub repository: RepositoryUid,
    /// Its name for people.
    pub name: String,
    /// What stands before the colon.
    pub username: String,
    /// What it lets its holder do.
    pub access: GatewayAccess,
    /// The person that it is for.
    pub user: Option<UserUid>,
    /// The agent that it is for.
    pub agent: Option<AgentUid>,
    /// Until when.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to some minutes.
    pub last_used_at: Option<Timestamp>,
    /// Since when.
    pub created_at: Timestamp,
}

/// What a gateway credential is made of.
#[derive(Debug, Clone)]
pub struct NewGatewayCredential {
    /// What it opens.
    pub repository: RepositoryUid,
    /// Its name for people.
    pub name: String,
    /// What stands before the colon.
    pub username: String,
    /// SHA-256 of the secret, in hexadecimal digits.
    pub secret_hash: String,
    /// What it lets its holder do.
    pub access: GatewayAccess,
    /// The person that it is for.
    pub user: Option<UserUid>,
    /// The agent that it is for.
    pub agent: Option<AgentUid>,
    /// Until when.
    pub expires_at: Option<Timestamp>,
}

/// A credential as the gateway finds it, with what it has to compare.
#[derive(Debug, Clone)]
pub struct Presented {
    /// The credential.
    pub credential: GatewayCredential,
    /// What its secret's hash must be.
    pub secret_hash: String,
}

/// Gateway credentials.
#[derive(Debug, Clone, Copy)]
pub struct GatewayCredentials<'a> {
    store: &'a Store,
}

impl Store {
    /// Gateway credentials.
    pub const fn gateway_credentials(&self) -> GatewayCredentials<'_> {
        GatewayCredentials { store: self }
    }
}

fn missing(what: impl fmt::Display) -> Error {
    Error::not_found(format_args!("gateway credential {what}"))
}

impl GatewayCredentials<'_> {
    /// Keeps a new one.
    ///
    /// # Errors
    /// `Invalid`: its name, or a person or agent that is not in the organization; `NotFound`: the repository.
    pub async fn create(&self, actor: &Actor, org: OrgUid, new: &NewGatewayCredential) -> Result<GatewayCredential> {
        let org = actor.in_org(org)?;
        actor.require(Action::Create, Resource::GatewayCredential)?;
        check_title(&new.name).map_err(|error| Error::invalid("name", error.context()))?;
        self.store.repositories().get(actor, org, new.repository).await?;
        let made = GatewayCredential {
            uid: self.store.uid(CredentialUid::new),
            org,
            repository: new.repository,
            name: new.name.clone(),
            username: new.username.clone(),
            access: new.access,
            user: new.user,
            agent: new.agent,
            expires_at: new.expires_at,
            last_used_at: None,
            created_at: self.store.now(),
        };
        let mut tx = self.store.begin().await?;
        if let Some(user) = new.user {
            tx.require_member(org, "user", user).await?;
        }
        if let Some(agent) = new.agent {
            tx.require_agent(org, agent).await?;
        }
        insert(&mut tx, &made, &new.secret_hash).await?;
        let details = json!({ "name": made.name, "repository": made.repository, "access": made.access });
        tx.audit(actor, Action::Create, Resource::GatewayCredential, made.uid, details).await?;
        tx.commit().await?;
        Ok(made)
    }

    /// A page of a repository's.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`: the page.
    pub async fn list(
        &self,
        actor: &Actor,
        org: OrgUid,
        repository: RepositoryUid,
        page: &Page,
    ) -> Result<List<GatewayCredential>> {
        let org = actor.in_org(org)?;
        actor.require(Action::See, Resource::GatewayCredential)?;
        self.store.repositories().get(actor, org, repository).await?;
        let after = page.after::<CredentialUid>()?.map(|uid| uid.to_string()).unwrap_or_default();
        let rows = sqlx::query(
            "select * from gateway_credentials where org_id = $1 and repository_uid = $2 and uid > $3 order by uid limit $4",
        )
        .bind(org.to_string())
        .bind(repository.to_string())
        .bind(after)
        .bind(page.rows())
        .fetch_all(self.store.pool())
        .await
        .doing("list gateway credentials")?;
        let items = rows.iter().map(from_row).collect::<Result<Vec<_>>>()?;
        Ok(page.list(items, |item| item.uid))
    }

    /// Ends one: the next request with it is refused.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete(
        &self,
        actor: &Actor,
        org: OrgUid,
        repository: RepositoryUid,
        uid: CredentialUid,
    ) -> Result<()> {
        let org = actor.in_org(org)?;
        actor.require(Action::Delete, Resource::GatewayCredential)?;
        let mut tx = self.store.begin().await?;
        if remove(&mut tx, org, repository, uid).await? == 0 {
            return Err(missing(uid));
        }
        tx.audit(actor, Action::Delete, Resource::GatewayCredential, uid, json!({ "repository": repository })).await?;
        tx.commit().await
    }

    /// The credential of a name that somebody shows, of whichever organization: who shows it is not known yet. One that is for
    /// a person or an agent is good for as long as they may come themselves.
    ///
    /// # Errors
    /// `NotFound`: nobody's, or of who is kept out or gone; or the actor is not the gateway.
    pub async fn present(&self, gateway: &Actor, username: &str) -> Result<Presented> {
        if gateway.org().is_some() {
            return Err(missing(format_args!("{username:?}")));
        }
        gateway.require(Action::Export, Resource::GatewayCredential)?;
        let row = sqlx::query(
            "select c.* from gateway_credentials c where c.username = $1 \
             and (c.user_uid is null or exists (select 1 from users u \
                 where u.uid = c.user_uid and u.org_id = c.org_id and u.disabled = 0)) \
             and (c.agent_uid is null or exists (select 1 from agents a \
                 where a.uid = c.agent_uid and a.org_id = c.org_id and a.state = 'active'))",
        )
        .bind(username)
        .fetch_optional(self.store.pool())
        .await
        .doing("read a gateway credential")?;
        let row = row.ok_or_else(|| missing(format_args!("{username:?}")))?;
        Ok(Presented { credential: from_row(&row)?, secret_hash: row.text("secret_hash")? })
    }

    /// Notes that one is used.
    ///
    /// # Errors
    /// `Unavailable`, `Failed`: the database.
    pub async fn note_use(&self, gateway: &Actor, org: OrgUid, uid: CredentialUid) -> Result<()> {
        let org = gateway.in_org(org)?;
        sqlx::query("update gateway_credentials set last_used_at = $3 where org_id = $1 and uid = $2")
            .bind(org.to_string())
            .bind(uid.to_string())
            .bind(self.store.now().as_microsecond())
            .execute(self.store.pool())
            .await
            .doing("note the use of a gateway credential")?;
        Ok(())
    }
}

async fn insert(tx: &mut Tx, made: &GatewayCredential, secret_hash: &str) -> Result<()> {
    sqlx::query(
        "insert into gateway_credentials (uid, org_id, repository_uid, name, username, secret_hash, access, user_uid, \
         agent_uid, expires_at, created_at, version) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1)",
    )
    .bind(made.uid.to_string())
    .bind(made.org.to_string())
    .bind(made.repository.to_string())
    .bind(&made.name)
    .bind(&made.username)
    .bind(secret_hash)
    .bind(made.access.name())
    .bind(made.user.map(|uid| uid.to_string()))
    .bind(made.agent.map(|uid| uid.to_string()))
    .bind(made.expires_at.map(Timestamp::as_microsecond))
    .bind(made.created_at.as_microsecond())
    .execute(tx.connection())
    .await
    .doing("keep a gateway credential")?;
    Ok(())
}

async fn remove(tx: &mut Tx, org: OrgUid, repository: RepositoryUid, uid: CredentialUid) -> Result<u64> {
    let removed = sqlx::query("delete from gateway_credentials where org_id = $1 and repository_uid = $2 and uid = $3")
        .bind(org.to_string())
        .bind(repository.to_string())
        .bind(uid.to_string())
        .execute(tx.connection())
        .await
        .doing("end a gateway credential")?;
    Ok(removed.rows_affected())
}

fn from_row(row: &AnyRow) -> Result<GatewayCredential> {
    Ok(GatewayCredential {
        uid: row.parsed("uid")?,
        org: row.parsed("org_id")?,
        repository: row.parsed("repository_uid")?,
        name: row.text("name")?,
        username: row.text("username")?,
        access: row.parsed("access")?,
        user: row.parsed_opt("user_uid")?,
        agent: row.parsed_opt("agent_uid")?,
        expires_at: row.time_opt("expires_at")?,
        last_used_at: row.time_opt("last_used_at")?,
        created_at: row.time("created_at")?,
    })
}
