//! Repositories: where snapshots live, what opens them, and what they hold.

mod quota;
mod statements;
mod usage;
mod words;

use std::fmt;

use bygone_common::{CredentialUid, OrgUid, RepositoryUid};
use jiff::Timestamp;
use serde_json::json;

use crate::actor::Actor;
use crate::database::Store;
use crate::error::{Doing, Error, Result};
use crate::orgs::check_name;
use crate::page::{List, Page};
use crate::rights::{Action, Resource};
use crate::row::Columns;
use statements::from_row;

pub use bygone_common::plan::StorageClass;
pub use usage::Usage;
pub use words::{AgentRoute, RepositoryState};

/// A repository, without its password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Its uid, which its password is sealed for.
    pub uid: RepositoryUid,
    /// Whose it is.
    pub org: OrgUid,
    /// Its name in URLs.
    pub name: String,
    /// Where it lies, in restic's syntax, without any secret.
    pub location: String,
    /// What opens its storage, if something has to.
    pub credential: Option<CredentialUid>,
    /// restic's own id of it.
    pub restic_id: String,
    /// restic's format version.
    pub format: i64,
    /// How quickly it answers.
    pub class: StorageClass,
    /// Whether it takes part.
    pub state: RepositoryState,
    /// How agents reach it.
    pub agent_route: AgentRoute,
    /// What the last test or refresh found wrong.
    pub fault: Option<String>,
    /// Days for which the storage keeps what is written.
    pub worm_days: Option<i64>,
    /// Bytes that it may hold at most.
    pub bytes_max: Option<i64>,
    /// Bytes that it holds, as far as is known.
    pub stored_bytes: i64,
    /// When its storage was last asked whether all is well.
    pub checked_at: Option<Timestamp>,
    /// When its snapshots were last listed.
    pub refreshed_at: Option<Timestamp>,
    /// Since when it is known.
    pub created_at: Timestamp,
    /// Changes with every change by a person.
    pub version: i64,
}

/// What a repository is made of.
#[derive(Debug, Clone)]
pub struct NewRepository {
    /// Its uid, which the password is sealed for.
    pub uid: RepositoryUid,
    /// Its name in URLs.
    pub name: String,
    /// Where it lies, without any secret.
    pub location: String,
    /// What opens its storage.
    pub credential: Option<CredentialUid>,
    /// Its password, sealed.
    pub password_sealed: Vec<u8>,
    /// restic's own id of it.
    pub restic_id: String,
    /// restic's format version.
    pub format: i64,
    /// How quickly it answers.
    pub class: StorageClass,
    /// How agents reach it.
    pub agent_route: AgentRoute,
    /// Days for which the storage keeps what is written.
    pub worm_days: Option<i64>,
    /// Bytes that it may hold at most.
    pub bytes_max: Option<i64>,
    /// Whether it was there before.
    pub adopted: bool,
}

/// What is to change; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct RepositoryChange {
    /// Another name.
    pub name: Option<String>,
    /// Another class.
    pub class: Option<StorageClass>,
    /// Another state.
    pub state: Option<RepositoryState>,
    /// Another route for agents.
    pub agent_route: Option<AgentRoute>,
    /// Another credential, or none.
    pub credential: Option<Option<CredentialUid>>,
    /// Another limit, or none.
    pub bytes_max: Option<Option<i64>>,
    /// Another password, sealed.
    pub password_sealed: Option<Vec<u8>>,
}

/// Repositories.
#[derive(Debug, Clone, Copy)]
pub struct Repositories<'a> {
    store: &'a Store,
}

impl Store {
    /// Repositories.
    pub const fn repositories(&self) -> Repositories<'_> {
        Repositories { store: self }
    }
}

fn missing(what: impl fmt::Display) -> Error {
    Error::not_found(format_args!("repository {what}"))
}

impl Repositories<'_> {
    /// Keeps a new one.
    ///
    /// # Errors
    /// `Invalid`: its name or limit; `Conflict`: the name is taken, or the location.
    pub async fn create(&self, actor: &Actor, org: OrgUid, new: &NewRepository) -> Result<Repository> {
        let org = actor.in_org(org)?;
        actor.require(Action::Create, Resource::Repository)?;
        check_name(&new.name)?;
        check_limit(new.bytes_max)?;
        let made = Repository {
            uid: new.uid,
            org,
            name: new.name.clone(),
            location: new.location.clone(),
            credential: new.credential,
            restic_id: new.restic_id.clone(),
            format: new.format,
            class: new.class,
            state: RepositoryState::Ready,
            agent_route: new.agent_route,
            fault: None,
            worm_days: new.worm_days,
            bytes_max: new.bytes_max,
            stored_bytes: 0,
            checked_at: None,
            refreshed_at: None,
            created_at: self.store.now(),
            version: 1,
        };
        let mut tx = self.store.begin().await?;
        statements::insert(&mut tx, &made, &new.password_sealed).await?;
        let details = json!({ "name": made.name, "location": made.location, "adopted": new.adopted, "agent_route": made.agent_route });
        tx.audit(actor, Action::Create, Resource::Repository, made.uid, details).await?;
        tx.commit().await?;
        Ok(made)
    }

    /// One of them.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get(&self, actor: &Actor, org: OrgUid, uid: RepositoryUid) -> Result<Repository> {
        let org = actor.in_org(org)?;
        actor.require(Action::See, Resource::Repository)?;
        self.ask(org, uid).await?.ok_or_else(|| missing(uid))
    }

    /// The same as of a moment ago, for whoever opens it: other replicas may have changed it since.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get_recent(&self, actor: &Actor, org: OrgUid, uid: RepositoryUid) -> Result<Repository> {
        let org = actor.in_org(org)?;
        actor.require(Action::See, Resource::Repository)?;
        let known = self.store.recent().repositories.or_ask(self.store.stamp(), (org, uid), self.ask(org, uid)).await?;
        known.ok_or_else(|| missing(uid))
    }

    async fn ask(&self, org: OrgUid, uid: RepositoryUid) -> Result<Option<Repository>> {
        let row = sqlx::query("select * from repositories where org_id = $1 and uid = $2")
            .bind(org.to_string())
            .bind(uid.to_string())
            .fetch_optional(self.store.pool())
            .await
            .doing("read a repository")?;
        row.map(|row| from_row(&row)).transpose()
    }

    /// One by its name: how the gateway's URLs say it.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn named(&self, actor: &Actor, org: OrgUid, name: &str) -> Result<Repository> {
        let org = actor.in_org(org)?;
        actor.require(Action::See, Resource::Repository)?;
        let row = sqlx::query("select * from repositories where org_id = $1 and name = $2")
            .bind(org.to_string())
            .bind(name)
            .fetch_optional(self.store.pool())
            .await
            .doing("read a repository")?;
        row.map_or_else(|| Err(missing(format_args!("{name:?}"))), |row| from_row(&row))
    }

    /// The sealed password of one: for whoever opens it.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`.
    pub async fn sealed_password(&self, actor: &Actor, org: OrgUid, uid: RepositoryUid) -> Result<Vec<u8>> {
        let org = actor.in_org(org)?;
        actor.require(Action::Export, Resource::Repository)?;
        let row = sqlx::query("select password_sealed from repositories where org_id = $1 and uid = $2")
            .bind(org.to_string())
            .bind(uid.to_string())
            .fetch_optional(self.store.pool())
            .await
            .doing("read a repository")?;
        row.map_or_else(|| Err(missing(uid)), |row| row.bytes("password_sealed"))
    }

    /// A page of an organization's.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`: the page.
    pub async fn list(&self, actor: &Actor, org: OrgUid, page: &Page) -> Result<List<Repository>> {
        let org = actor.in_org(org)?;
        actor.require(Action::See, Resource::Repository)?;
        let after = page.after::<RepositoryUid>()?.map(|uid| uid.to_string()).unwrap_or_default();
        let rows = sqlx::query("select * from repositories where org_id = $1 and uid > $2 order by uid limit $3")
            .bind(org.to_string())
            .bind(after)
            .bind(page.rows())
            .fetch_all(self.store.pool())
            .await
            .doing("list repositories")?;
        let items = rows.iter().map(from_row).collect::<Result<Vec<_>>>()?;
        Ok(page.list(items, |item| item.uid))
    }

    /// Changes one that is still as the caller saw it.
    ///
    /// # Errors
    /// `NotFound`; `Conflict`: changed meanwhile, or the name is taken; `Invalid`.
    pub async fn change(
        &self,
        actor: &Actor,
        org: OrgUid,
        uid: RepositoryUid,
        version: i64,
        change: &RepositoryChange,
    ) -> Result<Repository> {
        let org = actor.in_org(org)?;
        actor.require(Action::Change, Resource::Repository)?;
        let mut changed = self.get(actor, org, uid).await?;
        if let Some(name) = &change.name {
            check_name(name)?;
            changed.name.clone_from(name);
        }
        if let Some(limit) = change.bytes_max {
            check_limit(limit)?;
            changed.bytes_max = limit;
        }
        changed.class = change.class.unwrap_or(changed.class);
        changed.state = change.state.unwrap_or(changed.state);
        changed.agent_route = change.agent_route.unwrap_or(changed.agent_route);
        changed.credential = change.credential.unwrap_or(changed.credential);
        changed.version = version + 1;
        let mut tx = self.store.begin().await?;
        statements::update(&mut tx, &changed, version).await?;
        if let Some(sealed) = &change.password_sealed {
            statements::set_password(&mut tx, org, uid, sealed).await?;
        }
        let details = json!({
            "name": changed.name,
            "class": changed.class,
            "state": changed.state,
            "agent_route": changed.agent_route,
            "bytes_max": changed.bytes_max,
            "credential": changed.credential,
            "password": change.password_sealed.is_some(),
        });
        tx.audit(actor, Action::Change, Resource::Repository, uid, details).await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// Forgets one, with all that is derived from it. What lies in its storage stays.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete(&self, actor: &Actor, org: OrgUid, uid: RepositoryUid) -> Result<()> {
        let org = actor.in_org(org)?;
        actor.require(Action::Delete, Resource::Repository)?;
        let gone = self.get(actor, org, uid).await?;
        let mut tx = self.store.begin().await?;
        if statements::remove(&mut tx, org, uid).await? == 0 {
            return Err(missing(uid));
        }
        let details = json!({ "name": gone.name, "location": gone.location });
        tx.audit(actor, Action::Delete, Resource::Repository, uid, details).await?;
        tx.commit().await
    }

    /// Notes what a test of its storage found: nothing, or what is wrong.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn note_check(&self, actor: &Actor, org: OrgUid, uid: RepositoryUid, fault: Option<&str>) -> Result<()> {
        let org = actor.in_org(org)?;
        actor.require(Action::Run, Resource::Repository)?;
        let noted = sqlx::query("update repositories set fault = $3, checked_at = $4 where org_id = $1 and uid = $2")
            .bind(org.to_string())
            .bind(uid.to_string())
            .bind(fault)
            .bind(self.store.now().as_microsecond())
            .execute(self.store.pool())
            .await
            .doing("note a test of a repository")?;
        if noted.rows_affected() == 0 { Err(missing(uid)) } else { Ok(()) }
    }
}

fn check_limit(bytes_max: Option<i64>) -> Result<()> {
    match bytes_max {
        Some(bytes) if bytes < 0 => Err(Error::invalid("bytes_max", "bytes_max must not be negative")),
        Some(_) | None => Ok(()),
    }
}
