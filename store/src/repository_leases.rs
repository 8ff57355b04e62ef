//! Who uses a repository, and until when: restic's locks as the gateway sees them, and readers of our own. Whoever removes
//! from a repository asks here first.

use bygone_common::{LeaseUid, OrgUid, RepositoryUid};
use jiff::{SignedDuration, Timestamp};
use sqlx::any::AnyRow;

use crate::actor::Actor;
use crate::database::Store;
use crate::error::{Doing, Result};
use crate::rights::{Action, Resource};
use crate::row::Columns;

/// Live leases of one repository that are listed at most.
const LEASES_MAX: i64 = 10_000;

/// A lease on a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryLease {
    /// Its uid.
    pub uid: LeaseUid,
    /// Of what.
    pub repository: RepositoryUid,
    /// What for: `lock`, `mount`, `restore`, `backup`.
    pub kind: String,
    /// What tells it from others of the repository and kind: the name of restic's lock file.
    pub name: String,
    /// Whether nobody else may use the repository meanwhile; none: it cannot be told.
    pub exclusive: Option<bool>,
    /// Whose, for people.
    pub holder: String,
    /// Since when.
    pub opened_at: Timestamp,
    /// Until when, unless it is prolonged.
    pub expires_at: Timestamp,
}

/// What a lease is made of.
#[derive(Debug, Clone)]
pub struct NewLease<'a> {
    /// What for.
    pub kind: &'a str,
    /// What tells it from others.
    pub name: &'a str,
    /// Whether nobody else may use the repository meanwhile.
    pub exclusive: Option<bool>,
    /// Whose, for people.
    pub holder: &'a str,
    /// For how long, from now on.
    pub lasts: SignedDuration,
}

/// Leases on repositories.
#[derive(Debug, Clone, Copy)]
pub struct RepositoryLeases<'a> {
    store: &'a Store,
}

impl Store {
    /// Leases on repositories.
    pub const fn repository_leases(&self) -> RepositoryLeases<'_> {
        RepositoryLeases { store: self }
    }
}

impl RepositoryLeases<'_> {
    /// Opens a lease, or prolongs the one of this name.
    ///
    /// # Errors
    /// `Unavailable`, `Failed`: the database.
    pub async fn open(&self, actor: &Actor, org: OrgUid, repository: RepositoryUid, new: &NewLease<'_>) -> Result<()> {
        let org = actor.in_org(org)?;
        actor.require(Action::Create, Resource::Lease)?;
        let now = self.store.now();
        let expires = now.saturating_add(new.lasts).unwrap_or(Timestamp::MAX);
        sqlx::query(
            "insert into repository_leases (uid, org_id, repository_uid, kind, name, exclusive, holder, opened_at, \
             expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             on conflict (repository_uid, kind, name) do update set expires_at = excluded.expires_at",
        )
        .bind(self.store.uid(LeaseUid::new).to_string())
        .bind(org.to_string())
        .bind(repository.to_string())
        .bind(new.kind)
        .bind(new.name)
        .bind(new.exclusive.map(i64::from))
        .bind(new.holder)
        .bind(now.as_microsecond())
        .bind(expires.as_microsecond())
        .execute(self.store.pool())
        .await
        .doing("open a lease")?;
        Ok(())
    }

    /// Closes a lease. One that is gone is as good.
    ///
    /// # Errors
    /// `Unavailable`, `Failed`: the database.
    pub async fn close(
        &self,
        actor: &Actor,
        org: OrgUid,
        repository: RepositoryUid,
        kind: &str,
        name: &str,
    ) -> Result<()> {
        let org = actor.in_org(org)?;
        actor.require(Action::Delete, Resource::Lease)?;
        sqlx::query(
            "delete from repository_leases where org_id = $1 and repository_uid = $2 and kind = $3 and name = $4",
        )
        .bind(org.to_string())
        .bind(repository.to_string())
        .bind(kind)
        .bind(name)
        .execute(self.store.pool())
        .await
        .doing("close a lease")?;
        Ok(())
    }

    /// The leases of a repository that have not expired, the oldest first.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn live(&self, actor: &Actor, org: OrgUid, repository: RepositoryUid) -> Result<Vec<RepositoryLease>> {
        let org = actor.in_org(org)?;
        actor.require(Action::See, Resource::Lease)?;
        let rows = sqlx::query(
            "select * from repository_leases where org_id = $1 and repository_uid = $2 and expires_at > $3 \
             order by opened_at, uid limit $4",
        )
        .bind(org.to_string())
        .bind(repository.to_string())
        .bind(self.store.now().as_microsecond())
        .bind(LEASES_MAX)
        .fetch_all(self.store.pool())
        .await
        .doing("list leases")?;
        rows.iter().map(from_row).collect()
    }

    /// Forgets leases that have expired; answers how many.
    ///
    /// # Errors
    /// `Unavailable`, `Failed`: the database.
    pub async fn sweep(&self, actor: &Actor, org: OrgUid) -> Result<u64> {
        let org = actor.in_org(org)?;
        actor.require(Action::Delete, Resource::Lease)?;
        let swept = sqlx::query("delete from repository_leases where org_id = $1 and expires_at <= $2")
            .bind(org.to_string())
            .bind(self.store.now().as_microsecond())
            .execute(self.store.pool())
            .await
            .doing("forget expired leases")?;
        Ok(swept.rows_affected())
    }
}

fn from_row(row: &AnyRow) -> Result<RepositoryLease> {
    Ok(RepositoryLease {
        uid: row.parsed("uid")?,
        repository: row.parsed("repository_uid")?,
        kind: row.text("kind")?,
        name: row.text("name")?,
        exclusive: row.int_opt("exclusive")?.map(|exclusive| exclusive != 0),
        holder: row.text("holder")?,
        opened_at: row.time("opened_at")?,
        expires_at: row.time("expires_at")?,
    })
}
