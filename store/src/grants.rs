//! Grants: which people see which sources, or parts of them, and what they may do with what they see.

mod terms;

use bygone_common::access::{RULES_MAX, Rule, Uses};
use bygone_common::{GrantUid, OrgUid, SnapshotPath, SourceUid, UserUid};
use jiff::Timestamp;
use serde_json::json;
use sqlx::any::AnyRow;

use crate::actor::Actor;
use crate::database::{Store, Tx};
use crate::error::{Doing, Error, ErrorKind, Result};
use crate::page::{List, Page};
use crate::rights::{Action, Resource, Right};
use crate::row::Columns;
use crate::users::org_column;

pub use bygone_common::access::{Effect, Use};
pub use terms::{GrantChange, Terms};

/// Bytes of a path at most (Linux's own limit).
pub const PATH_BYTES_MAX: usize = 4096;

/// A grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its uid.
    pub uid: GrantUid,
    /// Whose.
    pub user: UserUid,
    /// Of which source.
    pub source: SourceUid,
    /// Below which path: absolute, without a `/` at its end but for `/` itself.
    pub path: String,
    /// Whether it gives or takes.
    pub effect: Effect,
    /// What: in order, each once.
    pub uses: Vec<Use>,
    /// What else it says.
    pub terms: Terms,
    /// Since when.
    pub created_at: Timestamp,
    /// Changes with every change.
    pub version: i64,
}

/// What a new grant is made of.
#[derive(Debug, Clone)]
pub struct NewGrant {
    /// Whose.
    pub user: UserUid,
    /// Of which source.
    pub source: SourceUid,
    /// Below which path.
    pub path: String,
    /// Whether it gives or takes.
    pub effect: Effect,
    /// What.
    pub uses: Vec<Use>,
    /// What else it says.
    pub terms: Terms,
}

/// Which grants are asked for; what is none is not asked about.
#[derive(Debug, Clone, Copy, Default)]
pub struct GrantFilter {
    /// Whose.
    pub user: Option<UserUid>,
    /// Of which source.
    pub source: Option<SourceUid>,
}

/// Grants.
#[derive(Debug, Clone, Copy)]
pub struct Grants<'a> {
    store: &'a Store,
}

impl Store {
    /// Grants.
    pub const fn grants(&self) -> Grants<'_> {
        Grants { store: self }
    }
}

impl Grants<'_> {
    /// Makes a grant.
    ///
    /// # Errors
    /// `Invalid`: the path, the uses, the terms, or a person or source that is not in the organization; `Conflict`: there is one;
    /// `Exhausted`: too many; `NotFound`, `Forbidden`.
    pub async fn create(&self, actor: &Actor, org: OrgUid, new: &NewGrant) -> Result<Grant> {
        let org = actor.in_org(org)?;
        actor.require(Action::Create, Resource::Grant)?;
        let grant = Grant {
            uid: self.store.uid(GrantUid::new),
            user: new.user,
            source: new.source,
            path: path(&new.path)?,
            effect: new.effect,
            uses: uses(&new.uses)?,
            terms: terms::checked(new.effect, new.terms.clone())?,
            created_at: self.store.now(),
            version: 1,
        };
        let mut tx = self.store.begin().await?;
        tx.require_member(org, "user", grant.user).await?;
        tx.require_source(org, grant.source).await?;
        tx.require_room_for_grant(org, grant.user, grant.source).await?;
        tx.insert_grant(org, &grant).await?;
        tx.audit(actor, Action::Create, Resource::Grant, grant.uid, details(&grant)).await?;
        tx.commit().await?;
        Ok(grant)
    }

    /// One grant: anybody's, or one's own.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get(&self, actor: &Actor, org: OrgUid, uid: GrantUid) -> Result<Grant> {
        let org = actor.in_org(org)?;
        let row = sqlx::query("select * from grants where org_id = $1 and uid = $2")
            .bind(org.to_string())
            .bind(uid.to_string())
            .fetch_optional(self.store.pool())
            .await
            .doing("read a grant")?
            .ok_or_else(|| missing(uid))?;
        let grant = grant_of(&row)?;
        actor.require_of(Action::See, Resource::Grant, Some(grant.user)).map_err(|_| missing(uid))?;
        Ok(grant)
    }

    /// A page of grants: of everybody, or one's own.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`: the page.
    pub async fn list(&self, actor: &Actor, org: OrgUid, filter: GrantFilter, page: &Page) -> Result<List<Grant>> {
        let org = actor.in_org(org)?;
        let user = match actor.right(Action::See, Resource::Grant) {
            Right::Allowed => filter.user,
            Right::Own if filter.user.is_none() || filter.user == actor.who().user() => actor.who().user(),
            Right::Own => return Ok(List::empty()),
            Right::Denied => return actor.require(Action::See, Resource::Grant).map(|()| List::empty()),
        };
        let rows = sqlx::query(
            "select * from grants where org_id = $1 and ($2 = '' or user_uid = $2) and ($3 = '' or source_uid = $3) \
             and uid > $4 order by uid limit $5",
        )
        .bind(org_column(Some(org)))
        .bind(user.map(|uid| uid.to_string()).unwrap_or_default())
        .bind(filter.source.map(|uid| uid.to_string()).unwrap_or_default())
        .bind(page.after::<GrantUid>()?.map(|uid| uid.to_string()).unwrap_or_default())
        .bind(page.rows())
        .fetch_all(self.store.pool())
        .await
        .doing("list grants")?;
        let grants = rows.iter().map(grant_of).collect::<Result<Vec<_>>>()?;
        Ok(page.list(grants, |grant| grant.uid))
    }

    /// Changes what a grant that is still as the caller saw it is for.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`; `Conflict`: changed meanwhile; `Invalid`: the uses or the terms.
    pub async fn change(
        &self,
        actor: &Actor,
        org: OrgUid,
        uid: GrantUid,
        version: i64,
        change: GrantChange,
    ) -> Result<Grant> {
        let mut grant = self.get(actor, org, uid).await?;
        actor.require(Action::Change, Resource::Grant)?;
        if let Some(to) = &change.uses {
            grant.uses = uses(to)?;
        }
        grant.terms = terms::checked(grant.effect, change.of(grant.terms))?;
        let mut tx = self.store.begin().await?;
        let updated = sqlx::query(
            "update grants set actions = $4, owner = $5, history_days = $6, bytes_per_day = $7, downloads_max = $8, \
             version = version + 1 where org_id = $1 and uid = $2 and version = $3",
        )
        .bind(org.to_string())
        .bind(uid.to_string())
        .bind(version)
        .bind(column(&grant.uses))
        .bind(grant.terms.owner.as_ref().map(ToString::to_string))
        .bind(grant.terms.history_days.map(i64::from))
        .bind(grant.terms.limits.bytes_per_day.map(number))
        .bind(grant.terms.limits.downloads.map(i64::from))
        .execute(tx.connection())
        .await
        .doing("change a grant")?;
        if updated.rows_affected() == 0 {
            return Err(Error::new(ErrorKind::Conflict, format!("grant {uid} was changed meanwhile")));
        }
        grant.version = version + 1;
        tx.audit(actor, Action::Change, Resource::Grant, uid, details(&grant)).await?;
        tx.commit().await?;
        Ok(grant)
    }

    /// Removes a grant.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`.
    pub async fn delete(&self, actor: &Actor, org: OrgUid, uid: GrantUid) -> Result<()> {
        let grant = self.get(actor, org, uid).await?;
        actor.require(Action::Delete, Resource::Grant)?;
        let mut tx = self.store.begin().await?;
        sqlx::query("delete from grants where org_id = $1 and uid = $2")
            .bind(org.to_string())
            .bind(uid.to_string())
            .execute(tx.connection())
            .await
            .doing("remove a grant")?;
        tx.audit(actor, Action::Delete, Resource::Grant, uid, details(&grant)).await?;
        tx.commit().await
    }
}

impl Tx {
    /// # Errors
    /// `Invalid`, about `field`: a person who is not in the organization.
    pub(crate) async fn require_member(&mut self, org: OrgUid, field: &'static str, user: UserUid) -> Result<()> {
        sqlx::query("select uid from users where org_id = $1 and uid = $2")
            .bind(org.to_string())
            .bind(user.to_string())
            .fetch_optional(self.connection())
            .await
            .doing("read a user")?
            .map_or_else(|| Err(Error::invalid(field, format!("user {user} does not exist"))), |_| Ok(()))
    }

    async fn require_room_for_grant(&mut self, org: OrgUid, user: UserUid, source: SourceUid) -> Result<()> {
        let row = sqlx::query(
            "select count(*) as grants from grants where org_id = $1 and user_uid = $2 and source_uid = $3",
        )
        .bind(org.to_string())
        .bind(user.to_string())
        .bind(source.to_string())
        .fetch_one(self.connection())
        .await
        .doing("count grants")?;
        if usize::try_from(row.int("grants")?).is_ok_and(|grants| grants < RULES_MAX) {
            return Ok(());
        }
        let sentence = format!("a person has at most {RULES_MAX} grants of one source");
        Err(Error::new(ErrorKind::Exhausted, sentence))
    }

    async fn insert_grant(&mut self, org: OrgUid, grant: &Grant) -> Result<()> {
        sqlx::query(
            "insert into grants (uid, org_id, user_uid, source_uid, path_prefix, effect, actions, owner, history_days, \
             bytes_per_day, downloads_max, created_at, version) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(grant.uid.to_string())
        .bind(org.to_string())
        .bind(grant.user.to_string())
        .bind(grant.source.to_string())
        .bind(&grant.path)
        .bind(grant.effect.name())
        .bind(column(&grant.uses))
        .bind(grant.terms.owner.as_ref().map(ToString::to_string))
        .bind(grant.terms.history_days.map(i64::from))
        .bind(grant.terms.limits.bytes_per_day.map(number))
        .bind(grant.terms.limits.downloads.map(i64::from))
        .bind(grant.created_at.as_microsecond())
        .bind(grant.version)
        .execute(self.connection())
        .await
        .doing("make a grant")?;
        Ok(())
    }
}

/// A path as grants are compared by: absolute, of names, without `.` and `..`.
fn path(text: &str) -> Result<String> {
    let wrong = || Error::invalid("path", "a path begins with / and holds neither . nor .. nor //");
    if text == "/" {
        return Ok(text.to_owned());
    }
    let trimmed = text.strip_suffix('/').unwrap_or(text);
    let names = trimmed.strip_prefix('/').ok_or_else(wrong)?;
    let is_sound = trimmed.len() <= PATH_BYTES_MAX
        && !trimmed.contains('\0')
        && names.split('/').all(|name| !matches!(name, "" | "." | ".."));
    if is_sound { Ok(trimmed.to_owned()) } else { Err(wrong()) }
}

fn uses(given: &[Use]) -> Result<Vec<Use>> {
    let kept: Vec<Use> = Use::ALL.into_iter().filter(|one| given.contains(one)).collect();
    if kept.is_empty() { Err(Error::invalid("actions", "a grant is for at least one action")) } else { Ok(kept) }
}

fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn column(uses: &[Use]) -> String {
    uses.iter().map(|one| one.name()).collect::<Vec<_>>().join(",")
}

fn details(grant: &Grant) -> serde_json::Value {
    json!({
        "user": grant.user,
        "source": grant.source,
        "path": grant.path,
        "effect": grant.effect,
        "actions": grant.uses,
        "owner": grant.terms.owner.as_ref().map(ToString::to_string),
        "history_days": grant.terms.history_days,
        "bytes_per_day": grant.terms.limits.bytes_per_day,
        "downloads": grant.terms.limits.downloads,
    })
}

fn missing(uid: GrantUid) -> Error {
    Error::not_found(format_args!("grant {uid}"))
}

impl Grant {
    /// What it says, as it is applied.
    ///
    /// # Errors
    /// `Failed`: a path that no grant may have.
    pub fn rule(&self) -> Result<Rule> {
        let path = SnapshotPath::parse(self.path.as_bytes());
        let path = path.map_err(|error| Error::new(ErrorKind::Failed, format!("grant {}: {error}", self.uid)))?;
        Ok(Rule {
            path,
            effect: self.effect,
            uses: Uses::of(self.uses.iter().copied()),
            owner: self.terms.owner.clone(),
            history_days: self.terms.history_days,
            limits: self.terms.limits,
        })
    }
}

pub(crate) fn grant_of(row: &AnyRow) -> Result<Grant> {
    let unreadable = || Error::new(ErrorKind::Failed, "a grant holds what it must not");
    let actions = row.text("actions")?;
    let named = |name: &str| Use::ALL.into_iter().find(|one| one.name() == name).ok_or_else(unreadable);
    Ok(Grant {
        uid: row.parsed("uid")?,
        user: row.parsed("user_uid")?,
        source: row.parsed("source_uid")?,
        path: row.text("path_prefix")?,
        effect: match row.text("effect")?.as_str() {
            "allow" => Effect::Allow,
            "deny" => Effect::Deny,
            _ => return Err(unreadable()),
        },
        uses: actions.split(',').map(named).collect::<Result<_>>()?,
        terms: terms::from_row(row)?,
        created_at: row.time("created_at")?,
        version: row.int("version")?,
    })
}
