//! Organizations: whom everything else belongs to.

use bygone_common::OrgUid;
use jiff::Timestamp;
use serde_json::json;
use sqlx::any::AnyRow;

use crate::actor::Actor;
use crate::database::{Store, Tx};
use crate::error::{Doing, Error, ErrorKind, Result};
use crate::page::{List, Page};
use crate::rights::{Action, Resource};
use crate::row::Columns;

/// Characters of an organization's name at most: it is part of URLs and paths.
pub const ORG_NAME_CHARS_MAX: usize = 40;

/// Characters of a title at most.
pub const TITLE_CHARS_MAX: usize = 200;

/// An organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Org {
    /// Its uid.
    pub uid: OrgUid,
    /// Its name in URLs and paths: lower-case letters, digits and hyphens.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// What it may use.
    pub quota: Quota,
    /// Whether somebody else has to agree to restores that people ask for.
    pub restore_approval: bool,
    /// Since when.
    pub created_at: Timestamp,
    /// Changes with every change.
    pub version: i64,
}

/// What an organization may use; none: as much as there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quota {
    /// Bytes in all of its repositories.
    pub bytes_max: Option<i64>,
    /// Agents.
    pub agents_max: Option<i64>,
    /// Jobs at one time.
    pub jobs_max: Option<i64>,
}

/// What a new organization is made of.
#[derive(Debug, Clone)]
pub struct NewOrg {
    /// Its name in URLs and paths.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// What it may use.
    pub quota: Quota,
}

/// What is to change; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct OrgChange {
    /// A new title.
    pub title: Option<String>,
    /// A new quota: root's to set.
    pub quota: Option<Quota>,
    /// Whether somebody else has to agree to restores.
    pub restore_approval: Option<bool>,
}

/// Organizations.
#[derive(Debug, Clone, Copy)]
pub struct Orgs<'a> {
    store: &'a Store,
}

impl Store {
    /// Organizations.
    pub const fn orgs(&self) -> Orgs<'_> {
        Orgs { store: self }
    }
}

impl Orgs<'_> {
    /// Makes an organization.
    ///
    /// # Errors
    /// `Invalid`: its name, title or quota; `Conflict`: the name is taken; `NotFound`: the actor is not root.
    pub async fn create(&self, actor: &Actor, new: &NewOrg) -> Result<Org> {
        actor.require(Action::Create, Resource::Org)?;
        check_name(&new.name)?;
        check_title(&new.title)?;
        check_quota(new.quota)?;
        let org = Org {
            uid: self.store.uid(OrgUid::new),
            name: new.name.clone(),
            title: new.title.clone(),
            quota: new.quota,
            restore_approval: false,
            created_at: self.store.now(),
            version: 1,
        };
        let mut tx = self.store.begin().await?;
        insert(&mut tx, &org).await?;
        let details = json!({ "name": org.name, "title": org.title });
        let done = crate::audit::AuditOutcome::Done;
        tx.audit_in(None, actor, Action::Create, Resource::Org, org.uid, done, details).await?;
        tx.commit().await?;
        Ok(org)
    }

    /// One organization.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get(&self, actor: &Actor, uid: OrgUid) -> Result<Org> {
        actor.require(Action::See, Resource::Org)?;
        let uid = actor.in_org(uid)?;
        let row = sqlx::query("select * from orgs where uid = $1")
            .bind(uid.to_string())
            .fetch_optional(self.store.pool())
            .await
            .doing("read an organization")?;
        row.map_or_else(|| Err(Error::not_found(format_args!("organization {uid}"))), |row| from_row(&row))
    }

    /// One organization by its name: how the gateway's URLs say it.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn named(&self, actor: &Actor, name: &str) -> Result<Org> {
        actor.require(Action::See, Resource::Org)?;
        let row = sqlx::query("select * from orgs where name = $1")
            .bind(name)
            .fetch_optional(self.store.pool())
            .await
            .doing("read an organization")?;
        let missing = || Error::not_found(format_args!("organization {name:?}"));
        let org = from_row(&row.ok_or_else(missing)?)?;
        actor.in_org(org.uid).map_err(|_| missing())?;
        Ok(org)
    }

    /// A page of the organizations that the actor sees: all for root, one's own for everybody else.
    ///
    /// # Errors
    /// `Invalid`: the page.
    pub async fn list(&self, actor: &Actor, page: &Page) -> Result<List<Org>> {
        actor.require(Action::See, Resource::Org)?;
        let own = actor.org().map(|org| org.to_string()).unwrap_or_default();
        let after = page.after::<OrgUid>()?.map(|uid| uid.to_string()).unwrap_or_default();
        let rows = sqlx::query("select * from orgs where ($1 = '' or uid = $1) and uid > $2 order by uid limit $3")
            .bind(own)
            .bind(after)
            .bind(page.rows())
            .fetch_all(self.store.pool())
            .await
            .doing("list organizations")?;
        let orgs = rows.iter().map(from_row).collect::<Result<Vec<_>>>()?;
        Ok(page.list(orgs, |org| org.uid))
    }

    /// Changes an organization that is still as the caller saw it.
    ///
    /// # Errors
    /// `NotFound`; `Forbidden`: a quota, by anybody but root; `Conflict`: changed meanwhile; `Invalid`.
    pub async fn change(&self, actor: &Actor, uid: OrgUid, version: i64, change: &OrgChange) -> Result<Org> {
        actor.require(Action::Change, Resource::Org)?;
        if change.quota.is_some() {
            actor.require(Action::Create, Resource::Org)?;
        }
        let mut org = self.get(actor, uid).await?;
        if let Some(title) = &change.title {
            check_title(title)?;
            org.title.clone_from(title);
        }
        if let Some(quota) = change.quota {
            check_quota(quota)?;
            org.quota = quota;
        }
        org.restore_approval = change.restore_approval.unwrap_or(org.restore_approval);
        let mut tx = self.store.begin().await?;
        update(&mut tx, &org, version).await?;
        org.version = version + 1;
        let details = json!({
            "title": change.title,
            "bytes_max": org.quota.bytes_max,
            "agents_max": org.quota.agents_max,
            "jobs_max": org.quota.jobs_max,
            "restore_approval": org.restore_approval,
        });
        let done = crate::audit::AuditOutcome::Done;
        tx.audit_in(Some(uid), actor, Action::Change, Resource::Org, uid, done, details).await?;
        tx.commit().await?;
        Ok(org)
    }
}

async fn insert(tx: &mut Tx, org: &Org) -> Result<()> {
    sqlx::query(
        "insert into orgs (uid, name, title, bytes_max, agents_max, jobs_max, created_at, version) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(org.uid.to_string())
    .bind(&org.name)
    .bind(&org.title)
    .bind(org.quota.bytes_max)
    .bind(org.quota.agents_max)
    .bind(org.quota.jobs_max)
    .bind(org.created_at.as_microsecond())
    .bind(org.version)
    .execute(tx.connection())
    .await
    .doing(&format!("create organization {:?}", org.name))?;
    Ok(())
}

async fn update(tx: &mut Tx, org: &Org, version: i64) -> Result<()> {
    let updated = sqlx::query(
        "update orgs set title = $3, bytes_max = $4, agents_max = $5, jobs_max = $6, restore_approval = $7, \
         version = version + 1 \
         where uid = $1 and version = $2",
    )
    .bind(org.uid.to_string())
    .bind(version)
    .bind(&org.title)
    .bind(org.quota.bytes_max)
    .bind(org.quota.agents_max)
    .bind(org.quota.jobs_max)
    .bind(i64::from(org.restore_approval))
    .execute(tx.connection())
    .await
    .doing("change an organization")?;
    if updated.rows_affected() == 0 {
        return Err(Error::new(ErrorKind::Conflict, format!("organization {} was changed meanwhile", org.name)));
    }
    Ok(())
}

fn from_row(row: &AnyRow) -> Result<Org> {
    Ok(Org {
        uid: row.parsed("uid")?,
        name: row.text("name")?,
        title: row.text("title")?,
        quota: Quota {
            bytes_max: row.int_opt("bytes_max")?,
            agents_max: row.int_opt("agents_max")?,
            jobs_max: row.int_opt("jobs_max")?,
        },
        restore_approval: row.flag("restore_approval")?,
        created_at: row.time("created_at")?,
        version: row.int("version")?,
    })
}

/// A name that may stand in a URL or a path: shared by everything that is named so.
///
/// # Errors
/// `Invalid`, with the field `name`.
pub fn check_name(name: &str) -> Result<()> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_sound = !name.is_empty()
        && name.len() <= ORG_NAME_CHARS_MAX
        && name.bytes().all(fits)
        && !name.starts_with('-')
        && !name.ends_with('-');
    if is_sound {
        return Ok(());
    }
    let sentence = format!(
        "a name has 1 to {ORG_NAME_CHARS_MAX} lower-case letters, digits and hyphens, and no hyphen at its ends"
    );
    Err(Error::invalid("name", sentence))
}

/// A title for people.
///
/// # Errors
/// `Invalid`, with the field `title`.
pub fn check_title(title: &str) -> Result<()> {
    let is_sound =
        !title.trim().is_empty() && title.chars().count() <= TITLE_CHARS_MAX && !title.chars().any(char::is_control);
    let sentence = || format!("a title has 1 to {TITLE_CHARS_MAX} characters, none of them a control character");
    if is_sound { Ok(()) } else { Err(Error::invalid("title", sentence())) }
}

fn check_quota(quota: Quota) -> Result<()> {
    let limits = [("bytes_max", quota.bytes_max), ("agents_max", quota.agents_max), ("jobs_max", quota.jobs_max)];
    for (field, limit) in limits {
        if limit.is_some_and(|limit| limit < 0) {
            return Err(Error::invalid(field, format!("{field} must not be negative")));
        }
    }
    Ok(())
}
