//! How the queue is doing: for metrics, for /readyz, and for those who wait to be told.

use bygone_common::job::Outcome;
use bygone_common::{AgentUid, OrgUid, RepositoryUid};
use jiff::SignedDuration;

use crate::actor::Actor;
use crate::error::{Doing, Result};
use crate::row::Columns;

use super::Jobs;

/// Agents that are told in one round.
const AGENTS_MAX: i64 = 1_000;

/// How many jobs are in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Depth {
    /// The kind's word.
    pub kind: String,
    /// The state's word.
    pub state: String,
    /// How many.
    pub count: i64,
}

impl Jobs<'_> {
    /// For how long the job has waited that could have been taken for longest. None: nothing waits.
    ///
    /// # Errors
    /// `Unavailable`: the database.
    pub async fn queue_age(&self) -> Result<Option<SignedDuration>> {
        let now = self.store.now();
        let row = sqlx::query("select min(available_at) as since from jobs where state = 'queued' and waits = 0")
            .fetch_one(self.store.pool())
            .await
            .doing("ask for the age of the queue")?;
        Ok(row.time_opt("since")?.map(|since| now.duration_since(since).max(SignedDuration::ZERO)))
    }

    /// How many jobs are queued, leased and running, by kind.
    ///
    /// # Errors
    /// `Unavailable`: the database.
    pub async fn depths(&self) -> Result<Vec<Depth>> {
        let rows = sqlx::query(
            "select kind, state, count(*) as jobs from jobs where state in ('queued', 'leased', 'running') \
             group by kind, state order by kind, state",
        )
        .fetch_all(self.store.pool())
        .await
        .doing("count jobs")?;
        let depth = |row: &sqlx::any::AnyRow| {
            Ok(Depth { kind: row.text("kind")?, state: row.text("state")?, count: row.int("jobs")? })
        };
        rows.iter().map(depth).collect()
    }

    /// How the newest verify of a repository that is over ended. None: there was none.
    ///
    /// # Errors
    /// `NotFound`: another organization; `Unavailable`: the database.
    pub async fn last_verify(&self, actor: &Actor, org: OrgUid, repository: RepositoryUid) -> Result<Option<Outcome>> {
        let org = actor.in_org(org)?;
        let row = sqlx::query(
            "select outcome from jobs where org_id = $1 and repository_id = $2 and kind = 'verify' and \
             state in ('succeeded', 'partial', 'failed') order by ended_at desc limit 1",
        )
        .bind(org.to_string())
        .bind(repository.to_string())
        .fetch_optional(self.store.pool())
        .await
        .doing("look for a repository's last verify")?;
        row.map(|row| row.json("outcome")).transpose()
    }

    /// Agents that have a job to take, those that have waited longest first.
    ///
    /// # Errors
    /// `Unavailable`: the database.
    pub async fn agents_with_work(&self) -> Result<Vec<AgentUid>> {
        let rows = sqlx::query(
            "select agent_id, min(available_at) as since from jobs where state = 'queued' and waits = 0 and \
             runs_on = 'agent' and available_at <= $1 group by agent_id order by since limit $2",
        )
        .bind(self.store.now().as_microsecond())
        .bind(AGENTS_MAX)
        .fetch_all(self.store.pool())
        .await
        .doing("look for agents that have work")?;
        rows.iter().map(|row| row.parsed("agent_id")).collect()
    }
}
