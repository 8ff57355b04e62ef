//! Storage credentials: what opens a bucket or a server. Their secrets come sealed and stay so.

use bygone_common::{CredentialUid, OrgUid};
use jiff::Timestamp;
use serde_json::{Value, json};
use sqlx::any::AnyRow;

use crate::actor::Actor;
use crate::database::{Store, Tx};
use crate::error::{Doing, Error, ErrorKind, Result};
use crate::orgs::check_name;
use crate::page::{List, Page};
use crate::rights::{Action, Resource};
use crate::row::Columns;

/// A storage credential, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageCredential {
    /// Its uid, which its secret is sealed for.
    pub uid: CredentialUid,
    /// Whose it is.
    pub org: OrgUid,
    /// Its name in the organization.
    pub name: String,
    /// Which kind of storage it opens.
    pub kind: String,
    /// What of it is no secret.
    pub public: Value,
    /// Since when.
    pub created_at: Timestamp,
    /// Changes with every change.
    pub version: i64,
}

/// What a storage credential is made of, or changed to.
#[derive(Debug, Clone)]
pub struct NewStorageCredential {
    /// Its uid, which the secret is sealed for.
    pub uid: CredentialUid,
    /// Its name in the organization.
    pub name: String,
    /// Which kind of storage it opens.
    pub kind: String,
    /// What of it is no secret.
    pub public: Value,
    /// What is, sealed.
    pub sealed: Vec<u8>,
}

/// Storage credentials.
#[derive(Debug, Clone, Copy)]
pub struct StorageCredentials<'a> {
    store: &'a Store,
}

impl Store {
    /// Storage credentials.
    pub const fn storage_credentials(&self) -> StorageCredentials<'_> {
        StorageCredentials { store: self }
    }
}

fn missing(uid: CredentialUid) -> Error {
    Error::not_found(format_args!("storage credential {uid}"))
}

impl StorageCredentials<'_> {
    /// Keeps a new one.
    ///
    /// # Errors
    /// `Invalid`: its name; `Conflict`: the name is taken.
    pub async fn create(&self, actor: &Actor, org: OrgUid, new: &NewStorageCredential) -> Result<StorageCredential> {
        let org = actor.in_org(org)?;
        actor.require(Action::Create, Resource::StorageCredential)?;
        check_name(&new.name)?;
        let made = StorageCredential {
            uid: new.uid,
            org,
            name: new.name.clone(),
            kind: new.kind.clone(),
            public: new.public.clone(),
            created_at: self.store.now(),
            version: 1,
        };
        let mut tx = self.store.begin().await?;
        insert(&mut tx, &made, &new.sealed).await?;
        let details = json!({ "name": made.name, "kind": made.kind });
        tx.audit(actor, Action::Create, Resource::StorageCredential, made.uid, details).await?;
        tx.commit().await?;
        Ok(made)
    }

    /// One of them.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get(&self, actor: &Actor, org: OrgUid, uid: CredentialUid) -> Result<StorageCredential> {
        let org = actor.in_org(org)?;
        actor.require(Action::See, Resource::StorageCredential)?;
        let row = sqlx::query("select * from storage_credentials where org_id = $1 and uid = $2")
            .bind(org.to_string())
            .bind(uid.to_string())
            .fetch_optional(self.store.pool())
            .await
            .doing("read a storage credential")?;
        row.map_or_else(|| Err(missing(uid)), |row| from_row(&row))
    }

    /// The sealed secret of one: for whoever opens the storage.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`.
    pub async fn sealed(&self, actor: &Actor, org: OrgUid, uid: CredentialUid) -> Result<Vec<u8>> {
        let org = actor.in_org(org)?;
        actor.require(Action::Export, Resource::StorageCredential)?;
        let row = sqlx::query("select sealed from storage_credentials where org_id = $1 and uid = $2")
            .bind(org.to_string())
            .bind(uid.to_string())
            .fetch_optional(self.store.pool())
            .await
            .doing("read a storage credential")?;
        row.map_or_else(|| Err(missing(uid)), |row| row.bytes("sealed"))
    }

    /// A page of an organization's.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`: the page.
    pub async fn list(&self, actor: &Actor, org: OrgUid, page: &Page) -> Result<List<StorageCredential>> {
        let org = actor.in_org(org)?;
        actor.require(Action::See, Resource::StorageCredential)?;
        let after = page.after::<CredentialUid>()?.map(|uid| uid.to_string()).unwrap_or_default();
        let rows =
            sqlx::query("select * from storage_credentials where org_id = $1 and uid > $2 order by uid limit $3")
                .bind(org.to_string())
                .bind(after)
                .bind(page.rows())
                .fetch_all(self.store.pool())
                .await
                .doing("list storage credentials")?;
        let items = rows.iter().map(from_row).collect::<Result<Vec<_>>>()?;
        Ok(page.list(items, |item| item.uid))
    }

    /// Puts another secret in the place of one that is still as the caller saw it. Its kind stays.
    ///
    /// # Errors
    /// `NotFound`; `Conflict`: changed meanwhile, or the name is taken; `Invalid`.
    pub async fn replace(
        &self,
        actor: &Actor,
        org: OrgUid,
        version: i64,
        new: &NewStorageCredential,
    ) -> Result<StorageCredential> {
        let org = actor.in_org(org)?;
        actor.require(Action::Change, Resource::StorageCredential)?;
        check_name(&new.name)?;
        let mut changed = self.get(actor, org, new.uid).await?;
        if changed.kind != new.kind {
            return Err(Error::invalid("kind", "the kind of a storage credential stays"));
        }
        changed.name.clone_from(&new.name);
        changed.public = new.public.clone();
        changed.version = version + 1;
        let mut tx = self.store.begin().await?;
        update(&mut tx, &changed, version, &new.sealed).await?;
        let details = json!({ "name": changed.name, "kind": changed.kind });
        tx.audit(actor, Action::Change, Resource::StorageCredential, changed.uid, details).await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// Forgets one that no repository needs.
    ///
    /// # Errors
    /// `NotFound`; `Conflict`: a repository needs it.
    pub async fn delete(&self, actor: &Actor, org: OrgUid, uid: CredentialUid) -> Result<()> {
        let org = actor.in_org(org)?;
        actor.require(Action::Delete, Resource::StorageCredential)?;
        let mut tx = self.store.begin().await?;
        if users_of(&mut tx, org, uid).await? > 0 {
            return Err(Error::new(
                ErrorKind::Conflict,
                format!("storage credential {uid} is what repositories are opened with"),
            ));
        }
        if remove(&mut tx, org, uid).await? == 0 {
            return Err(missing(uid));
        }
        tx.audit(actor, Action::Delete, Resource::StorageCredential, uid, json!({})).await?;
        tx.commit().await
    }
}

async fn insert(tx: &mut Tx, made: &StorageCredential, sealed: &[u8]) -> Result<()> {
    sqlx::query(
        "insert into storage_credentials (uid, org_id, name, kind, public, sealed, created_at, version) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(made.uid.to_string())
    .bind(made.org.to_string())
    .bind(&made.name)
    .bind(&made.kind)
    .bind(made.public.to_string())
    .bind(sealed)
    .bind(made.created_at.as_microsecond())
    .bind(made.version)
    .execute(tx.connection())
    .await
    .doing(&format!("keep storage credential {:?}", made.name))?;
    Ok(())
}

async fn update(tx: &mut Tx, changed: &StorageCredential, version: i64, sealed: &[u8]) -> Result<()> {
    let updated = sqlx::query(
        "update storage_credentials set name = $4, public = $5, sealed = $6, version = version + 1 \
         where org_id = $1 and uid = $2 and version = $3",
    )
    .bind(changed.org.to_string())
    .bind(changed.uid.to_string())
    .bind(version)
    .bind(&changed.name)
    .bind(changed.public.to_string())
    .bind(sealed)
    .execute(tx.connection())
    .await
    .doing("change a storage credential")?;
    match updated.rows_affected() {
        0 => Err(Error::new(ErrorKind::Conflict, format!("storage credential {} was changed meanwhile", changed.name))),
        _ => Ok(()),
    }
}

async fn users_of(tx: &mut Tx, org: OrgUid, uid: CredentialUid) -> Result<i64> {
    let row = sqlx::query("select count(*) as users from repositories where org_id = $1 and credential_uid = $2")
        .bind(org.to_string())
        .bind(uid.to_string())
        .fetch_one(tx.connection())
        .await
        .doing("count repositories")?;
    row.int("users")
}

async fn remove(tx: &mut Tx, org: OrgUid, uid: CredentialUid) -> Result<u64> {
    let removed = sqlx::query("delete from storage_credentials where org_id = $1 and uid = $2")
        .bind(org.to_string())
        .bind(uid.to_string())
        .execute(tx.connection())
        .await
        .doing("forget a storage credential")?;
    Ok(removed.rows_affected())
}

fn from_row(row: &AnyRow) -> Result<StorageCredential> {
    Ok(StorageCredential {
        uid: row.parsed("uid")?,
        org: row.parsed("org_id")?,
        name: row.text("name")?,
        kind: row.text("kind")?,
        public: row.json("public")?,
        created_at: row.time("created_at")?,
        version: row.int("version")?,
    })
}
