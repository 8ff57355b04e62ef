//! How many jobs run at one time, and who gets the next place.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use bygone_common::{AgentUid, OrgUid, RepositoryUid};
use jiff::{SignedDuration, Timestamp};

use crate::database::{Store, Tx};
use crate::error::{Doing, Result};
use crate::row::Columns;

/// How old the numbers of the whole installation may be: by as much as comes in that time it may have more jobs than it should.
const COUNTED_FOR: SignedDuration = SignedDuration::from_millis(500);

/// Jobs of the whole installation at one time, unless told otherwise.
pub const INSTALLATION_JOBS: i64 = 10_000;
/// Jobs in one repository at one time, unless told otherwise.
pub const REPOSITORY_JOBS: i64 = 256;
/// Jobs on one agent at one time, unless told otherwise.
pub const AGENT_JOBS: i64 = 2;

/// How many jobs run at one time.
#[derive(Debug)]
pub struct QueueLimits {
    /// In the installation.
    pub installation_max: i64,
    /// In one organization whose quota says nothing; none: no limit but the installation's.
    pub org_max: Option<i64>,
    /// In one repository.
    pub repository_max: i64,
    /// On one agent.
    pub agent_max: i64,
    counted: Mutex<Option<Counted>>,
}

/// Jobs that run, by organization.
#[derive(Debug, Clone)]
struct Counted {
    at: Timestamp,
    by_org: BTreeMap<String, i64>,
}

impl Default for QueueLimits {
    fn default() -> Self {
        Self::new(INSTALLATION_JOBS, None, REPOSITORY_JOBS, AGENT_JOBS)
    }
}

impl QueueLimits {
    /// These numbers.
    pub const fn new(installation_max: i64, org_max: Option<i64>, repository_max: i64, agent_max: i64) -> Self {
        Self { installation_max, org_max, repository_max, agent_max, counted: Mutex::new(None) }
    }

    /// Whether the installation has room for another job of an organization.
    ///
    /// As long as less than half of all places are taken, who comes first gets one. After that an organization gets no more
    /// than its equal share among those that have jobs at all, so that none waits for ever behind another's thousands.
    pub(crate) async fn has_room(&self, store: &Store, org: OrgUid) -> Result<bool> {
        let counted = self.counted(store).await?;
        let total: i64 = counted.by_org.values().sum();
        let own = counted.by_org.get(&org.to_string()).copied().unwrap_or_default();
        Ok(has_place(total, own, counted.by_org.len(), self.installation_max))
    }

    /// Counts one more without asking the database.
    pub(crate) fn took(&self, org: OrgUid) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(counted) = counted.as_mut() {
            *counted.by_org.entry(org.to_string()).or_default() += 1;
        }
    }

    async fn counted(&self, store: &Store) -> Result<Counted> {
        let now = store.now();
        let known = self.counted.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known.filter(|known| now.duration_since(known.at).abs() < COUNTED_FOR) {
            return Ok(known);
        }
        // Organizations that only wait count as well: a share is kept for them.
        let rows = sqlx::query(
            "select org_id, cast(sum(running) as bigint) as running from (select org_id, count(*) as running from jobs \
             where state in ('leased', 'running') group by org_id union all select org_id, 0 as running from jobs \
             where state = 'queued' and waits = 0 and available_at <= $1 group by org_id) as each_org group by org_id",
        )
        .bind(now.as_microsecond())
        .fetch_all(store.pool())
        .await
        .doing("count jobs")?;
        let mut by_org = BTreeMap::new();
        for row in rows {
            by_org.insert(row.text("org_id")?, row.int("running")?);
        }
        let counted = Counted { at: now, by_org };
        *self.counted.lock().unwrap_or_else(PoisonError::into_inner) = Some(counted.clone());
        Ok(counted)
    }
}

fn has_place(total: i64, own: i64, orgs: usize, most: i64) -> bool {
    let orgs = i64::try_from(orgs).unwrap_or(i64::MAX).max(1);
    total < most && (total * 2 < most || own < (most / orgs).max(1))
}

impl Tx {
    /// Whether an organization may have another job at one time: by its quota, or else by `most` of every organization.
    pub(crate) async fn org_has_room(&mut self, org: OrgUid, most: Option<i64>) -> Result<bool> {
        let row = sqlx::query("select jobs_max from orgs where uid = $1")
            .bind(org.to_string())
            .fetch_optional(self.connection())
            .await
            .doing("read a quota")?;
        let quota = row.map(|row| row.int_opt("jobs_max")).transpose()?.flatten();
        let Some(most) = quota.or(most) else { return Ok(true) };
        let running = sqlx::query(
            "select count(*) as running from (select 1 from jobs where org_id = $1 and state in ('leased', 'running') \
             limit $2) as counted",
        )
        .bind(org.to_string())
        .bind(most)
        .fetch_one(self.connection())
        .await
        .doing("count an organization's jobs")?;
        Ok(running.int("running")? < most)
    }

    /// Whether an agent may have another job at one time.
    pub(crate) async fn agent_has_room(&mut self, agent: AgentUid, most: i64) -> Result<bool> {
        let running = sqlx::query(
            "select count(*) as running from (select 1 from jobs where agent_id = $1 and state in ('leased', 'running') \
             limit $2) as counted",
        )
        .bind(agent.to_string())
        .bind(most)
        .fetch_one(self.connection())
        .await
        .doing("count an agent's jobs")?;
        Ok(running.int("running")? < most)
    }

    /// How many jobs run in a repository, up to `most`.
    pub(crate) async fn repository_has_room(&mut self, repository: RepositoryUid, most: i64) -> Result<bool> {
        let running = sqlx::query(
            "select count(*) as running from (select 1 from jobs where repository_id = $1 and state in ('leased', 'running') \
             limit $2) as counted",
        )
        .bind(repository.to_string())
        .bind(most)
        .fetch_one(self.connection())
        .await
        .doing("count a repository's jobs")?;
        Ok(running.int("running")? < most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_house_is_shared_equally_and_an_empty_one_is_open_to_all() {
        let check =
            |total, own, orgs, expected| assert_eq!(has_place(total, own, orgs, 100), expected, "{total} {own} {orgs}");
        check(49, 49, 2, true);
        check(60, 60, 2, false);
        check(60, 10, 2, true);
        check(99, 0, 500, true);
        check(99, 1, 500, false);
        check(100, 0, 2, false);
        check(99, 99, 1, true);
    }
}
