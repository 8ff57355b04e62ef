//! What keeps jobs from running into storage that is down: after some failures in a row a repository's breaker opens, its
//! jobs wait, then one of them tries, and either all go on or all wait for longer.

use bygone_common::job::{Failure, Outcome};
use bygone_common::{JobUid, OrgUid, RepositoryUid};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;

use crate::actor::Actor;
use crate::database::Tx;
use crate::error::{Doing, Result};
use crate::events::{EventKind, Happening};
use crate::rights::{Action, Resource};
use crate::row::Columns;

use super::{Job, Jobs};

/// Failures in a row after which jobs wait.
pub const FAILURES_MAX: i64 = 3;

/// Seconds until the first try after opening.
const FIRST_SECONDS: i64 = 15;

/// Seconds between tries at most.
const SECONDS_MAX: i64 = 600;

/// Where a breaker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// Jobs run.
    Closed,
    /// Jobs wait.
    Open,
    /// One job tries.
    HalfOpen,
}

impl BreakerState {
    /// The word for it, in SQL and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

impl std::str::FromStr for BreakerState {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let all = [Self::Closed, Self::Open, Self::HalfOpen];
        all.into_iter().find(|state| state.name() == text).ok_or_else(|| format!("{text:?} is no state of a breaker"))
    }
}

/// A repository's breaker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Breaker {
    /// Where it stands.
    pub state: BreakerState,
    /// Failures in a row.
    pub failures: i64,
    /// How often it has opened in a row.
    pub openings: i64,
    /// Since when jobs wait.
    pub opened_at: Option<Timestamp>,
    /// When the next one may try.
    pub retry_at: Option<Timestamp>,
    /// The one that tries.
    pub probe: Option<JobUid>,
    /// What the last failure said.
    pub last_error: Option<String>,
}

impl Breaker {
    const CLOSED: Self = Self {
        state: BreakerState::Closed,
        failures: 0,
        openings: 0,
        opened_at: None,
        retry_at: None,
        probe: None,
        last_error: None,
    };

    fn open(&mut self, now: Timestamp) {
        self.state = BreakerState::Open;
        self.openings += 1;
        let doublings = u32::try_from(self.openings.clamp(1, 20) - 1).unwrap_or_default();
        let seconds = FIRST_SECONDS.saturating_mul(1 << doublings).min(SECONDS_MAX);
        self.retry_at = now.checked_add(SignedDuration::from_secs(seconds)).ok();
        self.opened_at = self.opened_at.or(Some(now));
        self.probe = None;
    }
}

impl Jobs<'_> {
    /// A repository's breaker.
    ///
    /// # Errors
    /// `NotFound`: the actor may not see the repository.
    pub async fn breaker(&self, actor: &Actor, org: OrgUid, repository: RepositoryUid) -> Result<Breaker> {
        actor.require(Action::See, Resource::Repository)?;
        let org = actor.in_org(org)?;
        let row = sqlx::query("select * from breakers where org_id = $1 and repository_id = $2")
            .bind(org.to_string())
            .bind(repository.to_string())
            .fetch_optional(self.store.pool())
            .await
            .doing("read a breaker")?;
        row.map_or(Ok(Breaker::CLOSED), |row| from_row(&row))
    }
}

impl Tx {
    /// Whether a job may run as far as its repository's storage is concerned. If it is the one to try, it is written down.
    pub(crate) async fn passes_breaker(&mut self, job: &Job) -> Result<bool> {
        let now = self.store().now();
        let Some(mut breaker) = self.breaker_of(job).await? else { return Ok(true) };
        match breaker.state {
            BreakerState::Closed => Ok(true),
            BreakerState::HalfOpen => Ok(false),
            BreakerState::Open if breaker.retry_at.is_some_and(|retry_at| retry_at > now) => Ok(false),
            BreakerState::Open => {
                breaker.state = BreakerState::HalfOpen;
                breaker.probe = Some(job.uid);
                self.keep_breaker(job, &breaker).await?;
                Ok(true)
            }
        }
    }

    /// Learns from how an attempt ended.
    pub(crate) async fn teach_breaker(&mut self, job: &Job, outcome: &Outcome) -> Result<()> {
        let failure = match outcome {
            Outcome::Failed(failure) if failure.code.blames_storage() => Some(failure),
            Outcome::Failed(_) | Outcome::Cancelled | Outcome::Succeeded(_) | Outcome::Partial(_) => None,
        };
        if failure.is_some() {
            // Failures that are told at the same time are all counted.
            self.lock_claims(job.org).await?;
        }
        let known = self.breaker_of(job).await?;
        match (failure, known) {
            (Some(failure), known) => self.storage_failed(job, known.unwrap_or(Breaker::CLOSED), failure).await,
            (None, Some(breaker)) => self.storage_answered(job, breaker, outcome).await,
            (None, None) => Ok(()),
        }
    }

    async fn storage_failed(&mut self, job: &Job, mut breaker: Breaker, failure: &Failure) -> Result<()> {
        let now = self.store().now();
        breaker.failures += 1;
        breaker.last_error = Some(failure.text.clone());
        let was_open = breaker.opened_at.is_some();
        let is_probe = breaker.probe == Some(job.uid);
        if is_probe || (breaker.state == BreakerState::Closed && breaker.failures >= FAILURES_MAX) {
            breaker.open(now);
        }
        self.keep_breaker(job, &breaker).await?;
        if breaker.opened_at.is_some() && !was_open {
            let data = json!({ "repository": job.repository(), "error": failure.text, "retry_at": breaker.retry_at });
            self.happens(job.org, Happening::new(EventKind::RepositoryDown, data)).await?;
        }
        Ok(())
    }

    async fn storage_answered(&mut self, job: &Job, mut breaker: Breaker, outcome: &Outcome) -> Result<()> {
        let is_probe = breaker.probe == Some(job.uid);
        match outcome {
            Outcome::Succeeded(_) | Outcome::Partial(_) => {
                sqlx::query("delete from breakers where org_id = $1 and repository_id = $2")
                    .bind(job.org.to_string())
                    .bind(job.repository().to_string())
                    .execute(self.connection())
                    .await
                    .doing("close a breaker")?;
                if breaker.opened_at.is_some() {
                    let data = json!({ "repository": job.repository(), "since": breaker.opened_at });
                    self.happens(job.org, Happening::new(EventKind::RepositoryUp, data)).await?;
                }
                Ok(())
            }
            // A probe that ended otherwise has proved nothing: the next one tries.
            Outcome::Failed(_) | Outcome::Cancelled if is_probe => {
                breaker.state = BreakerState::Open;
                breaker.probe = None;
                breaker.retry_at = Some(self.store().now());
                self.keep_breaker(job, &breaker).await
            }
            Outcome::Failed(_) | Outcome::Cancelled => Ok(()),
        }
    }

    async fn breaker_of(&mut self, job: &Job) -> Result<Option<Breaker>> {
        let row = sqlx::query("select * from breakers where org_id = $1 and repository_id = $2")
            .bind(job.org.to_string())
            .bind(job.repository().to_string())
            .fetch_optional(self.connection())
            .await
            .doing("read a breaker")?;
        row.map(|row| from_row(&row)).transpose()
    }

    async fn keep_breaker(&mut self, job: &Job, breaker: &Breaker) -> Result<()> {
        sqlx::query(
            "insert into breakers (repository_id, org_id, state, failures, openings, opened_at, retry_at, probe_id, \
             last_error) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (repository_id) do update set \
             state = excluded.state, failures = excluded.failures, openings = excluded.openings, \
             opened_at = excluded.opened_at, retry_at = excluded.retry_at, probe_id = excluded.probe_id, \
             last_error = excluded.last_error",
        )
        .bind(job.repository().to_string())
        .bind(job.org.to_string())
        .bind(breaker.state.name())
        .bind(breaker.failures)
        .bind(breaker.openings)
        .bind(breaker.opened_at.map(Timestamp::as_microsecond))
        .bind(breaker.retry_at.map(Timestamp::as_microsecond))
        .bind(breaker.probe.map(|probe| probe.to_string()))
        .bind(&breaker.last_error)
        .execute(self.connection())
        .await
        .doing("change a breaker")?;
        Ok(())
    }
}

fn from_row(row: &sqlx::any::AnyRow) -> Result<Breaker> {
    Ok(Breaker {
        state: row.parsed("state")?,
        failures: row.int("failures")?,
        openings: row.int("openings")?,
        opened_at: row.time_opt("opened_at")?,
        retry_at: row.time_opt("retry_at")?,
        probe: row.parsed_opt("probe_id")?,
        last_error: row.text_opt("last_error")?,
    })
}
