//! How the queue is doing: for metrics, for /readyz, and for those who wait to be told.

use bygone_common::job::{FailureCode, JobSpec, Outcome, VerifyDepth};
use bygone_common::{AgentUid, OrgUid, RepositoryUid};
use jiff::SignedDuration;

use crate::actor::Actor;
use crate::error::{Doing, Result};
use crate::row::Columns;

use super::Jobs;

/// Agents that are told in one round.
const AGENTS_MAX: i64 = 1_000;

/// Verifies of one repository that are looked at: the newest.
const VERIFIES_MAX: i64 = 1_000;

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

    /// Whether a verify has found damage in a repository, and no later one that reads as much has found none. What was damaged
    /// in contents only a full verify proves whole: another sample may pass it by.
    ///
    /// # Errors
    /// `NotFound`: another organization; `Unavailable`: the database.
    pub async fn has_damage(&self, actor: &Actor, org: OrgUid, repository: RepositoryUid) -> Result<bool> {
        let org = actor.in_org(org)?;
        let rows = sqlx::query(
            "select spec, outcome from jobs where org_id = $1 and repository_id = $2 and kind = 'verify' and \
             state in ('succeeded', 'failed') order by ended_at desc, uid desc limit $3",
        )
        .bind(org.to_string())
        .bind(repository.to_string())
        .bind(VERIFIES_MAX)
        .fetch_all(self.store.pool())
        .await
        .doing("look for a repository's verifies")?;
        let verifies = rows.iter().map(|row| Ok((row.json::<JobSpec>("spec")?, row.json::<Outcome>("outcome")?)));
        let verifies = verifies.collect::<Result<Vec<_>>>()?;
        Ok(stays_damaged(verifies.iter().filter_map(|(spec, outcome)| {
            let JobSpec::Verify(verify) = spec else { return None };
            Some((verify.depth, outcome))
        })))
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

/// Whether damage that a verify found was never disproved. The newest comes first.
fn stays_damaged<'a>(verifies: impl Iterator<Item = (VerifyDepth, &'a Outcome)>) -> bool {
    let (mut lists_are_whole, mut contents_are_whole) = (false, false);
    for (depth, outcome) in verifies {
        let reads_all = match depth {
            VerifyDepth::Metadata => false,
            VerifyDepth::Sampled { percent } => percent >= 100,
            VerifyDepth::Full => true,
        };
        match outcome {
            Outcome::Succeeded(_) => {
                lists_are_whole = true;
                contents_are_whole |= reads_all;
            }
            Outcome::Failed(failure) if failure.code == FailureCode::Damaged => {
                let is_disproved = match depth {
                    VerifyDepth::Metadata => lists_are_whole,
                    VerifyDepth::Sampled { .. } | VerifyDepth::Full => contents_are_whole,
                };
                if !is_disproved {
                    return true;
                }
            }
            Outcome::Failed(_) | Outcome::Partial(_) | Outcome::Cancelled => {}
        }
        if contents_are_whole {
            return false;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use bygone_common::job::Done;

    use super::*;

    #[test]
    fn damage_stays_until_a_verify_that_reads_as_much_finds_none() {
        let (metadata, full) = (VerifyDepth::Metadata, VerifyDepth::Full);
        let (part, all) = (VerifyDepth::Sampled { percent: 5 }, VerifyDepth::Sampled { percent: 100 });
        let good = Outcome::Succeeded(Done::default());
        let bad = Outcome::failed(FailureCode::Damaged, "a pack is damaged");
        let away = Outcome::failed(FailureCode::StorageUnavailable, "no answer");
        // From the newest to the oldest.
        let check = |verifies: &[(VerifyDepth, &Outcome)], expected| {
            assert_eq!(stays_damaged(verifies.iter().copied()), expected, "{verifies:?}");
        };
        check(&[], false);
        check(&[(full, &bad)], true);
        check(&[(full, &good), (full, &bad)], false);
        check(&[(metadata, &good), (full, &bad)], true);
        check(&[(part, &good), (part, &bad)], true);
        check(&[(all, &good), (part, &bad)], false);
        check(&[(part, &good), (metadata, &bad)], false);
        check(&[(metadata, &good), (metadata, &bad), (full, &bad)], true);
        check(&[(full, &bad), (full, &good)], true);
        check(&[(full, &away), (full, &bad)], true);
        check(&[(full, &away), (full, &good), (full, &bad)], false);
    }
}
