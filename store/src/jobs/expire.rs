//! Leases that ran out: whoever had the job is gone.

use bygone_common::job::{Failure, FailureCode, JobState, Outcome};
use bygone_common::{JobUid, OrgUid};

use crate::database::Tx;
use crate::error::{Doing, ErrorKind, Result};
use crate::row::Columns;

use super::Jobs;

/// Jobs that are put back in one round.
const ROUND_JOBS: i64 = 200;

impl Jobs<'_> {
    /// Puts jobs back whose leases ran out, each with one attempt counted; those that had their last one fail, those that
    /// were to be given up are. Answers how many.
    ///
    /// Any replica may do it, and two at once: each job is put back by one.
    ///
    /// # Errors
    /// `Unavailable`: the database.
    pub async fn expire(&self) -> Result<usize> {
        let rows = sqlx::query(
            "select org_id, uid from jobs where state in ('leased', 'running') and lease_expires_at < $1 \
             order by lease_expires_at limit $2",
        )
        .bind(self.store.now().as_microsecond())
        .bind(ROUND_JOBS)
        .fetch_all(self.store.pool())
        .await
        .doing("look for leases that ran out")?;
        let mut expired = 0;
        for row in rows {
            let (org, uid) = (row.parsed("org_id")?, row.parsed("uid")?);
            match self.expire_one(org, uid).await {
                Ok(has_expired) => expired += usize::from(has_expired),
                Err(error) if *error.kind() == ErrorKind::Unavailable => return Err(error),
                // One that cannot be put back holds up no other.
                Err(error) => tracing::error!(job = %uid, %error, "a job whose lease ran out cannot be put back"),
            }
        }
        Ok(expired)
    }

    async fn expire_one(&self, org: OrgUid, uid: JobUid) -> Result<bool> {
        let mut tx = self.store.begin().await?;
        let has_expired = tx.expire_job(org, uid).await?;
        if has_expired {
            tx.commit().await?;
        }
        Ok(has_expired)
    }
}

impl Tx {
    async fn expire_job(&mut self, org: OrgUid, uid: JobUid) -> Result<bool> {
        let job = self.job(org, uid).await?;
        let now = self.store().now();
        let has_expired = job.lease.as_ref().and_then(|lease| lease.expires_at).is_some_and(|at| at < now);
        if !has_expired || !matches!(job.state, JobState::Leased | JobState::Running) {
            return Ok(false);
        }
        let by = job.lease.as_ref().map(|lease| lease.by.clone()).unwrap_or_default();
        let lost = Failure::new(FailureCode::LeaseLost, format!("{by} went away, or did not say a word for too long"));
        tracing::info!(job = %uid, attempt = job.attempt, "a lease ran out");
        self.end_attempt(job, &Outcome::Failed(lost)).await?;
        Ok(true)
    }
}
