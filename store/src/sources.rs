//! Sources: what is protected, a machine and its paths.

use std::str::FromStr;

use bygone_common::{AgentUid, OrgUid, SourceUid, UserUid};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::any::AnyRow;

use crate::actor::Actor;
use crate::database::{Store, Tx};
use crate::error::{Doing, Error, ErrorKind, Result};
use crate::page::{List, Page};
use crate::rights::{Action, Resource, Right};
use crate::row::Columns;

/// Characters of a source's name at most.
pub const SOURCE_NAME_CHARS_MAX: usize = 200;
/// Paths of a source at most.
pub const SOURCE_PATHS_MAX: usize = 1_000;
/// Bytes of a path at most.
pub const PATH_BYTES_MAX: usize = 4_096;
/// Sources of one organization that a plan's scheduling reads at once.
const SOURCES_AT_ONCE: usize = 256;

/// Who finds a source in the portal, besides those whose role shows them everything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Its owner alone: grants do not count.
    Owner,
    /// Its owner, and whom it was granted.
    #[default]
    Granted,
    /// Nobody.
    Hidden,
}

impl Visibility {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Granted => "granted",
            Self::Hidden => "hidden",
        }
    }
}

impl FromStr for Visibility {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Owner, Self::Granted, Self::Hidden].into_iter().find(|one| one.name() == text).ok_or(())
    }
}

/// What is protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its uid.
    pub uid: SourceUid,
    /// Whose.
    pub org: OrgUid,
    /// On which machine.
    pub agent: AgentUid,
    /// Who sees its snapshots without a grant.
    pub owner: Option<UserUid>,
    /// Its name for people.
    pub name: String,
    /// Its name in snapshots; none: the machine's own.
    pub host: Option<String>,
    /// Its files and folders.
    pub paths: Vec<String>,
    /// Who finds it in the portal.
    pub visibility: Visibility,
    /// Whether somebody else has to agree to restores of it.
    pub restore_approval: bool,
    /// Since when.
    pub created_at: Timestamp,
    /// Changes with every change.
    pub version: i64,
}

/// What a source is made of, or becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSource {
    /// On which machine.
    pub agent: AgentUid,
    /// Who sees its snapshots without a grant.
    pub owner: Option<UserUid>,
    /// Its name for people.
    pub name: String,
    /// Its name in snapshots.
    pub host: Option<String>,
    /// Its files and folders.
    pub paths: Vec<String>,
    /// Who finds it in the portal.
    pub visibility: Visibility,
    /// Whether somebody else has to agree to restores of it.
    pub restore_approval: bool,
}

/// Sources.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    store: &'a Store,
}

impl Store {
    /// Sources.
    pub const fn sources(&self) -> Sources<'_> {
        Sources { store: self }
    }
}

impl Sources<'_> {
    /// Makes a source.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`: the actor; `Conflict`: the name is taken; `Invalid`.
    pub async fn create(&self, actor: &Actor, org: OrgUid, new: &NewSource) -> Result<Source> {
        let org = actor.in_org(org)?;
        actor.require(Action::Create, Resource::Source)?;
        check(new)?;
        let source = Source {
            uid: self.store.uid(SourceUid::new),
            org,
            agent: new.agent,
            owner: new.owner,
            name: new.name.clone(),
            host: new.host.clone(),
            paths: new.paths.clone(),
            visibility: new.visibility,
            restore_approval: new.restore_approval,
            created_at: self.store.now(),
            version: 1,
        };
        let mut tx = self.store.begin().await?;
        tx.require_agent(org, new.agent).await?;
        if let Some(owner) = new.owner {
            tx.require_member(org, "owner", owner).await?;
        }
        insert(&mut tx, &source).await?;
        let details = json!({ "name": source.name, "agent": source.agent });
        tx.audit(actor, Action::Create, Resource::Source, source.uid, details).await?;
        tx.commit().await?;
        Ok(source)
    }

    /// One source.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get(&self, actor: &Actor, org: OrgUid, uid: SourceUid) -> Result<Source> {
        let org = actor.in_org(org)?;
        let row = sqlx::query("select * from sources where org_id = $1 and uid = $2")
            .bind(org.to_string())
            .bind(uid.to_string())
            .fetch_optional(self.store.pool())
            .await
            .doing("read a source")?;
        let source = from_row(&row.ok_or_else(|| missing(uid))?)?;
        actor.require_of(Action::See, Resource::Source, source.owner).map_err(|_| missing(uid))?;
        Ok(source)
    }

    /// A page of sources: one's own for those who see no others.
    ///
    /// # Errors
    /// `NotFound`: another organization; `Invalid`: the page.
    pub async fn list(&self, actor: &Actor, org: OrgUid, agent: Option<AgentUid>, page: &Page) -> Result<List<Source>> {
        let org = actor.in_org(org)?;
        let owner = match (actor.right(Action::See, Resource::Source), actor.who().user()) {
            (Right::Own, Some(user)) => user.to_string(),
            (Right::Allowed | Right::Own | Right::Denied, _) => {
                actor.require(Action::See, Resource::Source)?;
                String::new()
            }
        };
        let after = page.after::<SourceUid>()?.map(|uid| uid.to_string()).unwrap_or_default();
        let rows = sqlx::query(
            "select * from sources where org_id = $1 and uid > $2 and ($3 = '' or owner_id = $3) and \
             ($4 = '' or agent_id = $4) order by uid limit $5",
        )
        .bind(org.to_string())
        .bind(after)
        .bind(owner)
        .bind(agent.map(|agent| agent.to_string()).unwrap_or_default())
        .bind(page.rows())
        .fetch_all(self.store.pool())
        .await
        .doing("list sources")?;
        let sources = rows.iter().map(from_row).collect::<Result<Vec<_>>>()?;
        Ok(page.list(sources, |source| source.uid))
    }

    /// Changes a source that is still as the caller saw it. Its machine stays: another machine is another source.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`: the actor; `Conflict`: changed meanwhile, or the name is taken; `Invalid`.
    pub async fn change(
        &self,
        actor: &Actor,
        org: OrgUid,
        uid: SourceUid,
        version: i64,
        new: &NewSource,
    ) -> Result<Source> {
        let mut source = self.get(actor, org, uid).await?;
        actor.require(Action::Change, Resource::Source)?;
        check(new)?;
        if new.agent != source.agent {
            return Err(Error::invalid("agent", "a source stays with its machine"));
        }
        source.name.clone_from(&new.name);
        source.host.clone_from(&new.host);
        source.paths.clone_from(&new.paths);
        source.owner = new.owner;
        source.visibility = new.visibility;
        source.restore_approval = new.restore_approval;
        let mut tx = self.store.begin().await?;
        if let Some(owner) = new.owner {
            tx.require_member(source.org, "owner", owner).await?;
        }
        update(&mut tx, &source, version).await?;
        source.version = version + 1;
        tx.audit(
            actor,
            Action::Change,
            Resource::Source,
            uid,
            json!({ "name": source.name, "paths": source.paths, "visibility": source.visibility,
                "restore_approval": source.restore_approval }),
        )
        .await?;
        tx.commit().await?;
        Ok(source)
    }

    /// Removes a source that no plan names.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`: the actor; `Conflict`: a plan names it.
    pub async fn delete(&self, actor: &Actor, org: OrgUid, uid: SourceUid) -> Result<()> {
        let source = self.get(actor, org, uid).await?;
        actor.require(Action::Delete, Resource::Source)?;
        let mut tx = self.store.begin().await?;
        if let Some(plan) = tx.plan_that_names(source.org, &uid.to_string()).await? {
            return Err(Error::new(ErrorKind::Conflict, format!("plan {plan:?} protects this source")));
        }
        sqlx::query("delete from sources where org_id = $1 and uid = $2")
            .bind(source.org.to_string())
            .bind(uid.to_string())
            .execute(tx.connection())
            .await
            .doing("delete a source")?;
        tx.audit(actor, Action::Delete, Resource::Source, uid, json!({ "name": source.name })).await?;
        tx.commit().await
    }
}

impl Tx {
    /// The sources of a plan that are there, in the order in which they are named.
    pub(crate) async fn sources_of(&mut self, org: OrgUid, uids: &[SourceUid]) -> Result<Vec<Source>> {
        let mut sources = Vec::new();
        for uid in uids.iter().take(SOURCES_AT_ONCE) {
            let row = sqlx::query("select * from sources where org_id = $1 and uid = $2")
                .bind(org.to_string())
                .bind(uid.to_string())
                .fetch_optional(self.connection())
                .await
                .doing("read a source")?;
            sources.extend(row.map(|row| from_row(&row)).transpose()?);
        }
        Ok(sources)
    }

    /// # Errors
    /// `Invalid`, about `source`: the organization has no such source.
    pub(crate) async fn require_source(&mut self, org: OrgUid, source: SourceUid) -> Result<()> {
        let row = sqlx::query("select uid from sources where org_id = $1 and uid = $2")
            .bind(org.to_string())
            .bind(source.to_string())
            .fetch_optional(self.connection())
            .await
            .doing("look for a source")?;
        row.map(|_| ()).ok_or_else(|| Error::invalid("source", format!("there is no source {source}")))
    }

    /// # Errors
    /// `Invalid`, about `agent`: the organization has no such agent, or not any more.
    pub(crate) async fn require_agent(&mut self, org: OrgUid, agent: AgentUid) -> Result<()> {
        let is_active = self.is_active(org, agent).await?;
        if is_active { Ok(()) } else { Err(Error::invalid("agent", format!("there is no agent {agent}"))) }
    }
}

fn missing(uid: SourceUid) -> Error {
    Error::not_found(format_args!("source {uid}"))
}

fn check(new: &NewSource) -> Result<()> {
    let is_text = |text: &str, most: usize| {
        !text.trim().is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control)
    };
    if !is_text(&new.name, SOURCE_NAME_CHARS_MAX) {
        let why =
            format!("a source's name has 1 to {SOURCE_NAME_CHARS_MAX} characters, none of them a control character");
        return Err(Error::invalid("name", why));
    }
    if new.host.as_ref().is_some_and(|host| !is_text(host, SOURCE_NAME_CHARS_MAX)) {
        return Err(Error::invalid("host", "a host's name has 1 to 200 characters, none of them a control character"));
    }
    if new.paths.is_empty() || new.paths.len() > SOURCE_PATHS_MAX {
        return Err(Error::invalid("paths", format!("a source has 1 to {SOURCE_PATHS_MAX} paths")));
    }
    let is_path = |path: &String| !path.is_empty() && path.len() <= PATH_BYTES_MAX && !path.contains('\0');
    if !new.paths.iter().all(is_path) {
        return Err(Error::invalid("paths", format!("a path has 1 to {PATH_BYTES_MAX} bytes, none of them zero")));
    }
    Ok(())
}

async fn insert(tx: &mut Tx, source: &Source) -> Result<()> {
    sqlx::query(
        "insert into sources (uid, org_id, agent_id, owner_id, name, host, paths, visibility, restore_approval, \
         created_at, version) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(source.uid.to_string())
    .bind(source.org.to_string())
    .bind(source.agent.to_string())
    .bind(source.owner.map(|owner| owner.to_string()))
    .bind(&source.name)
    .bind(&source.host)
    .bind(json!(source.paths).to_string())
    .bind(source.visibility.name())
    .bind(i64::from(source.restore_approval))
    .bind(source.created_at.as_microsecond())
    .bind(source.version)
    .execute(tx.connection())
    .await
    .doing(&format!("create source {:?}", source.name))?;
    Ok(())
}

async fn update(tx: &mut Tx, source: &Source, version: i64) -> Result<()> {
    let updated = sqlx::query(
        "update sources set name = $4, host = $5, paths = $6, owner_id = $7, visibility = $8, \
         restore_approval = $9, version = version + 1 \
         where org_id = $1 and uid = $2 and version = $3",
    )
    .bind(source.org.to_string())
    .bind(source.uid.to_string())
    .bind(version)
    .bind(&source.name)
    .bind(&source.host)
    .bind(json!(source.paths).to_string())
    .bind(source.owner.map(|owner| owner.to_string()))
    .bind(source.visibility.name())
    .bind(i64::from(source.restore_approval))
    .execute(tx.connection())
    .await
    .doing("change a source")?;
    if updated.rows_affected() == 0 {
        return Err(Error::new(ErrorKind::Conflict, format!("source {:?} was changed meanwhile", source.name)));
    }
    Ok(())
}

fn unreadable() -> Error {
    Error::new(ErrorKind::Failed, "a source's visibility is none")
}

pub(crate) fn from_row(row: &AnyRow) -> Result<Source> {
    Ok(Source {
        uid: row.parsed("uid")?,
        org: row.parsed("org_id")?,
        agent: row.parsed("agent_id")?,
        owner: row.parsed_opt("owner_id")?,
        name: row.text("name")?,
        host: row.text_opt("host")?,
        paths: row.json("paths")?,
        visibility: row.text("visibility")?.parse().map_err(|()| unreadable())?,
        restore_approval: row.flag("restore_approval")?,
        created_at: row.time("created_at")?,
        version: row.int("version")?,
    })
}
