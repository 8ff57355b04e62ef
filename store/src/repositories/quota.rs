//! How much a repository and an organization may still take. Counted as it comes, and put right by every measurement.

use bygone_common::{OrgUid, RepositoryUid};

use super::Repositories;
use crate::actor::Actor;
use crate::error::{Doing, Error, ErrorKind, Result};
use crate::rights::{Action, Resource};
use crate::row::Columns;

impl Repositories<'_> {
    /// Counts bytes that are about to come, if neither quota is in their way.
    ///
    /// # Errors
    /// `Exhausted`, naming the quota; `NotFound`.
    pub async fn charge(&self, actor: &Actor, org: OrgUid, uid: RepositoryUid, bytes: i64) -> Result<()> {
        let org = actor.in_org(org)?;
        actor.require(Action::Run, Resource::Repository)?;
        let charged = sqlx::query(
            "update repositories set stored_bytes = stored_bytes + $3 where org_id = $1 and uid = $2 \
             and (bytes_max is null or stored_bytes + $3 <= bytes_max) \
             and exists (select 1 from orgs o where o.uid = $1 and (o.bytes_max is null or o.bytes_max - $3 >= \
             (select coalesce(sum(r.stored_bytes), 0) from repositories r where r.org_id = $1)))",
        )
        .bind(org.to_string())
        .bind(uid.to_string())
        .bind(bytes)
        .execute(self.store.pool())
        .await
        .doing("count what comes into a repository")?;
        if charged.rows_affected() > 0 {
            return Ok(());
        }
        let repository = self.get(actor, org, uid).await?;
        let sentence = match repository.bytes_max {
            Some(max) if repository.stored_bytes.saturating_add(bytes) > max => {
                format!("repository {} may hold {max} bytes, and holds {}", repository.name, repository.stored_bytes)
            }
            Some(_) | None => "the organization's quota of stored bytes is used up".to_owned(),
        };
        Err(Error::new(ErrorKind::Exhausted, sentence))
    }

    /// Counts bytes that went, or did not come after all.
    ///
    /// # Errors
    /// `Unavailable`, `Failed`: the database.
    pub async fn refund(&self, actor: &Actor, org: OrgUid, uid: RepositoryUid, bytes: i64) -> Result<()> {
        let org = actor.in_org(org)?;
        actor.require(Action::Run, Resource::Repository)?;
        sqlx::query(
            "update repositories set stored_bytes = case when stored_bytes > $3 then stored_bytes - $3 else 0 end \
             where org_id = $1 and uid = $2",
        )
        .bind(org.to_string())
        .bind(uid.to_string())
        .bind(bytes)
        .execute(self.store.pool())
        .await
        .doing("count what went from a repository")?;
        Ok(())
    }

    /// Bytes in all repositories of an organization.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn stored_bytes(&self, actor: &Actor, org: OrgUid) -> Result<i64> {
        let org = actor.in_org(org)?;
        actor.require(Action::See, Resource::Repository)?;
        let row = sqlx::query(
            "select cast(coalesce(sum(stored_bytes), 0) as bigint) as bytes from repositories where org_id = $1",
        )
        .bind(org.to_string())
        .fetch_one(self.store.pool())
        .await
        .doing("sum what repositories hold")?;
        row.int("bytes")
    }
}
