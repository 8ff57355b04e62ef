//! What the end of a job sets going: jobs that wait for it, the end of its run, plans that follow its plan.

use std::collections::VecDeque;

use bygone_common::job::{Failure, FailureCode, JobKind, JobState, Outcome};
use bygone_common::plan::When;
use bygone_common::{JobUid, RunUid};
use jiff::Timestamp;

use crate::database::Tx;
use crate::error::{Doing, Result};
use crate::events::EventKind;
use crate::row::Columns;

use super::Job;

impl Tx {
    /// Everything that follows from a job's end. Jobs that can no longer be done end too, and what waits for them; a queue
    /// instead of calls, as chains may be long.
    pub(crate) async fn follow(&mut self, ended: &Job) -> Result<()> {
        let mut ends = VecDeque::from([ended.clone()]);
        while let Some(ended) = ends.pop_front() {
            for (waiting, must_succeed) in self.waiting_for(&ended).await? {
                let is_good = matches!(ended.state, JobState::Succeeded | JobState::Partial);
                let mut job = self.job(ended.org, waiting).await?;
                self.meet(&ended, waiting).await?;
                if job.state != JobState::Queued {
                    continue;
                }
                job.waits = job.waits.saturating_sub(1);
                if must_succeed && !is_good {
                    ends.push_back(self.cannot_be_done(job, &ended).await?);
                    continue;
                }
                self.keep_job(&job).await?;
                if job.waits == 0 {
                    self.happens(job.org, job.happening(EventKind::JobQueued)).await?;
                }
            }
            self.end_run(&ended).await?;
        }
        Ok(())
    }

    async fn cannot_be_done(&mut self, mut job: Job, because: &Job) -> Result<Job> {
        let sentence = format!("{} {}, which it waited for, has {}", because.kind(), because.uid, because.state);
        let outcome = match because.state {
            JobState::Cancelled => Outcome::Cancelled,
            _ => Outcome::Failed(Failure::new(FailureCode::DependencyFailed, sentence)),
        };
        job.state = outcome.state();
        job.outcome = Some(outcome);
        job.ended_at = Some(self.store().now());
        self.keep_job(&job).await?;
        self.happens(job.org, job.happening(EventKind::JobEnded)).await?;
        Ok(job)
    }

    async fn waiting_for(&mut self, ended: &Job) -> Result<Vec<(JobUid, bool)>> {
        let rows = sqlx::query(
            "select job_id, must_succeed from job_dependencies where org_id = $1 and on_id = $2 and met = 0 order by job_id",
        )
        .bind(ended.org.to_string())
        .bind(ended.uid.to_string())
        .fetch_all(self.connection())
        .await
        .doing("look for jobs that wait")?;
        rows.iter().map(|row| Ok((row.parsed("job_id")?, row.flag("must_succeed")?))).collect()
    }

    async fn meet(&mut self, ended: &Job, waiting: JobUid) -> Result<()> {
        sqlx::query("update job_dependencies set met = 1 where org_id = $1 and on_id = $2 and job_id = $3")
            .bind(ended.org.to_string())
            .bind(ended.uid.to_string())
            .bind(waiting.to_string())
            .execute(self.connection())
            .await
            .doing("let a job go on")?;
        Ok(())
    }

    /// Ends the run when this was the last of its backups, and asks for runs of the plans that follow.
    async fn end_run(&mut self, ended: &Job) -> Result<()> {
        let (Some(run), Some(plan), JobKind::Backup) = (ended.run, ended.plan, ended.kind()) else { return Ok(()) };
        let states = self.states_of_run(run).await?;
        if !states.iter().all(|state| state.is_final()) {
            return Ok(());
        }
        let closed = sqlx::query(
            "update plan_runs set ended_at = $3 where org_id = $1 and uid = $2 and ended_at is null and made_at is not null",
        )
        .bind(ended.org.to_string())
        .bind(run.to_string())
        .bind(self.store().now().as_microsecond())
        .execute(self.connection())
        .await
        .doing("end a run")?;
        if closed.rows_affected() == 0 {
            return Ok(());
        }
        let followers =
            sqlx::query("select plan_id, on_end from plan_links where org_id = $1 and after_id = $2 order by plan_id")
                .bind(ended.org.to_string())
                .bind(plan.to_string())
                .fetch_all(self.connection())
                .await
                .doing("look for plans that follow")?;
        for row in followers {
            let when = match row.text("on_end")?.as_str() {
                "failed" => When::Failed,
                "ended" => When::Ended,
                _ => When::Succeeded,
            };
            if when.fits(&states) {
                self.ask_for_run(ended, row.parsed("plan_id")?, run).await?;
            }
        }
        Ok(())
    }

    async fn states_of_run(&mut self, run: RunUid) -> Result<Vec<JobState>> {
        let rows = sqlx::query("select state from jobs where run_id = $1 and kind = 'backup'")
            .bind(run.to_string())
            .fetch_all(self.connection())
            .await
            .doing("read the states of a run")?;
        rows.iter().map(|row| row.parsed("state")).collect()
    }

    /// A run whose jobs the next scheduler's round makes.
    async fn ask_for_run(&mut self, ended: &Job, plan: bygone_common::PlanUid, after: RunUid) -> Result<()> {
        let (uid, now) = (self.store().uid(RunUid::new), self.store().now());
        sqlx::query(
            "insert into plan_runs (uid, org_id, plan_id, what, origin, cause, created_at) \
             values ($1, $2, $3, 'backup', 'after', $4, $5)",
        )
        .bind(uid.to_string())
        .bind(ended.org.to_string())
        .bind(plan.to_string())
        .bind(after.to_string())
        .bind(Timestamp::as_microsecond(now))
        .execute(self.connection())
        .await
        .doing("ask for the run of a plan that follows")?;
        Ok(())
    }
}
