//! People: of an organization, or of the installation itself.

mod credentials;
mod recovery;
mod rows;
mod values;

use bygone_common::{OrgUid, ProviderUid, UserUid};
use jiff::Timestamp;
use serde_json::json;
use sqlx::any::AnyRow;

pub use credentials::Credentials;
pub use values::{EMAIL_BYTES_MAX, PERSON_NAME_CHARS_MAX};

use rows::{insert, update};
pub(crate) use rows::{user_columns, user_of};
pub(crate) use values::check_role;
use values::{email, person_name};

use crate::actor::Actor;
use crate::audit::AuditOutcome;
use crate::database::{Store, Tx};
use crate::error::{Doing, Error, ErrorKind, Result};
use crate::page::{List, Page};
use crate::rights::{Action, Resource, Right, Role};
use crate::row::Columns;

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Their uid.
    pub uid: UserUid,
    /// Their organization; none: they run the installation.
    pub org: Option<OrgUid>,
    /// What they sign in with.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// What they are to the organization.
    pub role: Role,
    /// Whether they are kept out.
    pub disabled: bool,
    /// The provider whose groups decide the role.
    pub provider: Option<ProviderUid>,
    /// Whether they have a password here.
    pub has_password: bool,
    /// Whether they are asked for a second factor here.
    pub has_totp: bool,
    /// Attempts to sign in as them that failed since they last did.
    pub failed_attempts: i64,
    /// When they last signed in.
    pub signed_in_at: Option<Timestamp>,
    /// Since when.
    pub created_at: Timestamp,
    /// Changes with every change of the above, but not by signing in.
    pub version: i64,
}

/// What a new person is made of.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// What they sign in with; any case.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// What they are to be.
    pub role: Role,
    /// The provider whose groups decide the role.
    pub provider: Option<ProviderUid>,
}

/// What is to change; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    /// A new address.
    pub email: Option<String>,
    /// A new name.
    pub name: Option<String>,
    /// A new role.
    pub role: Option<Role>,
    /// Kept out, or let in again.
    pub disabled: Option<bool>,
}

/// People.
#[derive(Debug, Clone, Copy)]
pub struct Users<'a> {
    store: &'a Store,
}

impl Store {
    /// People.
    pub const fn users(&self) -> Users<'_> {
        Users { store: self }
    }
}

/// The organization in a column: '' is the installation.
pub(crate) fn org_column(org: Option<OrgUid>) -> String {
    org.map(|org| org.to_string()).unwrap_or_default()
}

/// The organization out of a column.
pub(crate) fn org_of(row: &AnyRow) -> Result<Option<OrgUid>> {
    match row.text("org_id")?.as_str() {
        "" => Ok(None),
        text => Ok(Some(text.parse().map_err(|_| Error::new(ErrorKind::Failed, "column org_id holds no uid"))?)),
    }
}

/// The organization, or the installation, whose people an actor may mean.
///
/// # Errors
/// `NotFound`: another organization, or the installation for whom does not run it.
pub(crate) fn reach(actor: &Actor, org: Option<OrgUid>) -> Result<Option<OrgUid>> {
    match org {
        Some(org) => actor.in_org(org).map(Some),
        None if actor.org().is_none() && matches!(actor.role(), Role::Root | Role::System) => Ok(None),
        None => Err(Error::not_found("the installation")),
    }
}

impl Users<'_> {
    /// Makes a person, without any way to sign in yet.
    ///
    /// # Errors
    /// `Invalid`: the address, name, or a role that does not fit there; `Conflict`: the address is taken in the
    /// organization; `NotFound`, `Forbidden`.
    pub async fn create(&self, actor: &Actor, org: Option<OrgUid>, new: &NewUser) -> Result<User> {
        actor.require(Action::Create, Resource::User)?;
        let mut tx = self.store.begin().await?;
        let user = tx.create_user(actor, org, new).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// One person.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get(&self, actor: &Actor, org: Option<OrgUid>, uid: UserUid) -> Result<User> {
        actor.require_of(Action::See, Resource::User, Some(uid))?;
        let org = reach_of(actor, org, uid)?;
        let text = format!("select {} from users where org_id = $1 and uid = $2", user_columns(""));
        let row = sqlx::query(sqlx::AssertSqlSafe(text))
            .bind(org_column(org))
            .bind(uid.to_string())
            .fetch_optional(self.store.pool())
            .await
            .doing("read a user")?;
        row.map_or_else(|| Err(missing(uid)), |row| user_of(&row))
    }

    /// A page of the people of an organization, or of the installation. Who may see themselves only sees a list of one.
    ///
    /// # Errors
    /// `NotFound`: another organization; `Invalid`: the page.
    pub async fn list(&self, actor: &Actor, org: Option<OrgUid>, page: &Page) -> Result<List<User>> {
        let only = match actor.right(Action::See, Resource::User) {
            Right::Allowed => String::new(),
            Right::Own => actor.who().user().map(|uid| uid.to_string()).unwrap_or_default(),
            Right::Denied => return actor.require(Action::See, Resource::User).map(|()| List::empty()),
        };
        let org = reach(actor, org)?;
        let text = format!(
            "select {} from users where org_id = $1 and ($2 = '' or uid = $2) and uid > $3 order by uid limit $4",
            user_columns("")
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(text))
            .bind(org_column(org))
            .bind(only)
            .bind(page.after::<UserUid>()?.map(|uid| uid.to_string()).unwrap_or_default())
            .bind(page.rows())
            .fetch_all(self.store.pool())
            .await
            .doing("list users")?;
        let users = rows.iter().map(user_of).collect::<Result<Vec<_>>>()?;
        Ok(page.list(users, |user| user.uid))
    }

    /// Changes a person who is still as the caller saw them. Who is kept out is signed out everywhere, and their tokens
    /// end; so are those whose role changes, whose sessions take the new one at once.
    ///
    /// # Errors
    /// `NotFound`; `Forbidden`: one's own role, or somebody else; `Conflict`: changed meanwhile, an address that is taken,
    /// or the last who runs the installation; `Invalid`.
    pub async fn change(
        &self,
        actor: &Actor,
        org: Option<OrgUid>,
        uid: UserUid,
        version: i64,
        change: &UserChange,
    ) -> Result<User> {
        actor.require_of(Action::Change, Resource::User, Some(uid))?;
        let mut user = self.get(actor, org, uid).await?;
        if change.role.is_some() || change.disabled.is_some() || change.email.is_some() {
            // What decides who somebody is, and what they may do, is not one's own to change.
            actor.require(Action::Change, Resource::User)?;
            if actor.who().user() == Some(uid) && (change.role.is_some() || change.disabled.is_some()) {
                return Err(Error::new(ErrorKind::Forbidden, "nobody changes their own role, or keeps themselves out"));
            }
        }
        let was_able = can_run_the_installation(&user);
        apply(&mut user, change)?;
        let mut tx = self.store.begin().await?;
        update(&mut tx, &user, version).await?;
        user.version = version + 1;
        if user.disabled {
            tx.end_everything(&user).await?;
        }
        if was_able && !can_run_the_installation(&user) {
            tx.keep_a_root().await?;
        }
        let details =
            json!({ "email": change.email, "name": change.name, "role": change.role, "disabled": change.disabled });
        tx.audit_in(user.org, actor, Action::Change, Resource::User, uid, AuditOutcome::Done, details).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// Removes a person with all that is theirs: sessions, tokens, identities, grants.
    ///
    /// # Errors
    /// `NotFound`; `Forbidden`: oneself; `Conflict`: the last who runs the installation.
    pub async fn delete(&self, actor: &Actor, org: Option<OrgUid>, uid: UserUid) -> Result<()> {
        actor.require(Action::Delete, Resource::User)?;
        let user = self.get(actor, org, uid).await?;
        if actor.who().user() == Some(uid) {
            return Err(Error::new(ErrorKind::Forbidden, "nobody removes themselves"));
        }
        let mut tx = self.store.begin().await?;
        tx.end_everything(&user).await?;
        for text in [
            "delete from identities where org_id = $1 and user_uid = $2",
            "delete from recovery_codes where org_id = $1 and user_uid = $2",
            "delete from grants where org_id = $1 and user_uid = $2",
            "delete from users where org_id = $1 and uid = $2",
        ] {
            tx.of_user(text, &user).await?;
        }
        if can_run_the_installation(&user) {
            tx.keep_a_root().await?;
        }
        let details = json!({ "email": user.email });
        tx.audit_in(user.org, actor, Action::Delete, Resource::User, uid, AuditOutcome::Done, details).await?;
        tx.commit().await
    }
}

impl Tx {
    /// Makes a person as part of something larger: the set-up, a first sign-in through a provider.
    ///
    /// # Errors
    /// As [`Users::create`].
    pub async fn create_user(&mut self, actor: &Actor, org: Option<OrgUid>, new: &NewUser) -> Result<User> {
        let org = reach(actor, org)?;
        check_role(org, new.role)?;
        let user = User {
            uid: self.store().uid(UserUid::new),
            org,
            email: email(&new.email)?,
            name: person_name(&new.name)?,
            role: new.role,
            disabled: false,
            provider: new.provider,
            has_password: false,
            has_totp: false,
            failed_attempts: 0,
            signed_in_at: None,
            created_at: self.store().now(),
            version: 1,
        };
        if let Some(org) = org {
            self.require_org(org).await?;
        }
        insert(self, &user).await?;
        let details = json!({ "email": user.email, "role": user.role, "provider": user.provider });
        self.audit_in(org, actor, Action::Create, Resource::User, user.uid, AuditOutcome::Done, details).await?;
        Ok(user)
    }

    /// Ends the sessions, tokens and links of a person.
    pub(crate) async fn end_everything(&mut self, user: &User) -> Result<()> {
        for text in [
            "delete from sessions where org_id = $1 and user_uid = $2",
            "delete from api_tokens where org_id = $1 and user_uid = $2",
            "delete from links where org_id = $1 and user_uid = $2",
        ] {
            self.of_user(text, user).await?;
        }
        Ok(())
    }

    /// Runs a statement whose parameters are a person's organization and uid.
    pub(crate) async fn of_user(&mut self, text: &'static str, user: &User) -> Result<u64> {
        let done = sqlx::query(text)
            .bind(org_column(user.org))
            .bind(user.uid.to_string())
            .execute(self.connection())
            .await
            .doing("change what belongs to a user")?;
        Ok(done.rows_affected())
    }

    /// Refuses to leave the installation to nobody.
    async fn keep_a_root(&mut self) -> Result<()> {
        let row = sqlx::query(
            "select cast(count(*) as bigint) as roots from users where org_id = '' and role = 'root' and disabled = 0",
        )
        .fetch_one(self.connection())
        .await
        .doing("count who runs the installation")?;
        if row.int("roots")? == 0 {
            return Err(Error::new(ErrorKind::Conflict, "the last who runs the installation must stay"));
        }
        Ok(())
    }

    async fn require_org(&mut self, org: OrgUid) -> Result<()> {
        sqlx::query("select uid from orgs where uid = $1")
            .bind(org.to_string())
            .fetch_optional(self.connection())
            .await
            .doing("read an organization")?
            .map_or_else(|| Err(Error::not_found(format_args!("organization {org}"))), |_| Ok(()))
    }
}

/// The organization meant, where everybody may mean themselves.
fn reach_of(actor: &Actor, org: Option<OrgUid>, uid: UserUid) -> Result<Option<OrgUid>> {
    let is_oneself = actor.who().user() == Some(uid) && actor.org() == org;
    if is_oneself { Ok(org) } else { reach(actor, org).map_err(|_| missing(uid)) }
}

fn missing(uid: UserUid) -> Error {
    Error::not_found(format_args!("user {uid}"))
}

fn can_run_the_installation(user: &User) -> bool {
    user.role == Role::Root && !user.disabled
}

fn apply(user: &mut User, change: &UserChange) -> Result<()> {
    if let Some(text) = &change.email {
        user.email = email(text)?;
    }
    if let Some(name) = &change.name {
        user.name = person_name(name)?;
    }
    if let Some(role) = change.role {
        check_role(user.org, role)?;
        user.role = role;
    }
    if let Some(disabled) = change.disabled {
        user.disabled = disabled;
    }
    Ok(())
}
