//! Reading restores.

use bygone_common::{JobUid, OrgUid, RestoreUid};

use super::{Followed, Restore, Restores, may_see, rows};
use crate::actor::Actor;
use crate::error::{Doing, Result};
use crate::page::{List, Page};
use crate::rights::{Action, Resource, Right};

/// Whose restores are meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Whose {
    /// One's own.
    #[default]
    Mine,
    /// Everybody's, for who sees all jobs.
    All,
}

/// Which restores are meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RestoreFilter {
    /// Whose.
    pub whose: Whose,
    /// Only those that somebody else has to agree to.
    pub waiting: bool,
}

impl Restores<'_> {
    /// One restore.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get(&self, actor: &Actor, org: OrgUid, uid: RestoreUid) -> Result<Followed> {
        let org = actor.in_org(org)?;
        let mut connection = self.store.pool().acquire().await.doing("read a restore")?;
        let followed = rows::read(&mut connection, org, uid).await?;
        may_see(actor, &followed.restore)?;
        Ok(followed)
    }

    /// The restore that a job does or thinks through. None: nobody asked for it in the portal.
    ///
    /// # Errors
    /// `NotFound`: another organization.
    pub async fn of_job(&self, actor: &Actor, org: OrgUid, job: JobUid) -> Result<Option<Restore>> {
        let org = actor.in_org(org)?;
        let mut connection = self.store.pool().acquire().await.doing("look for a job's restore")?;
        let restore = rows::of_job(&mut connection, org, job).await?;
        restore.map(|restore| may_see(actor, &restore).map(|()| restore)).transpose()
    }

    /// A page of restores, the newest first. Who sees only their own sees those alone.
    ///
    /// # Errors
    /// `NotFound`: another organization; `Invalid`: the page.
    pub async fn list(&self, actor: &Actor, org: OrgUid, filter: RestoreFilter, page: &Page) -> Result<List<Followed>> {
        let org = actor.in_org(org)?;
        let user = match (actor.right(Action::See, Resource::Job), filter.whose) {
            (Right::Allowed, Whose::All) => String::new(),
            (Right::Allowed | Right::Own, _) => match actor.who().user() {
                Some(user) => user.to_string(),
                None => return Ok(List::empty()),
            },
            (Right::Denied, _) => return actor.require(Action::See, Resource::Job).map(|()| List::empty()),
        };
        let before = page.after::<RestoreUid>()?.map_or_else(|| "g".to_owned(), |uid| uid.to_string());
        let mut connection = self.store.pool().acquire().await.doing("list restores")?;
        let statement = format!(
            "{} where r.org_id = $1 and r.uid < $2 and ($3 = '' or r.user_uid = $3) and ($4 = 0 or r.approval = 'waits' \
             and r.cancelled_at is null) order by r.uid desc limit $5",
            rows::SELECT
        );
        let found = sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(org.to_string())
            .bind(before)
            .bind(user)
            .bind(i64::from(filter.waiting))
            .bind(page.rows())
            .fetch_all(&mut *connection)
            .await
            .doing("list restores")?;
        let mut restores = Vec::with_capacity(found.len());
        for row in &found {
            restores.push(rows::with_jobs(&mut connection, row).await?);
        }
        Ok(page.list(restores, |followed| followed.restore.uid))
    }
}
