//! The server's own jobs: takes them from the queue, some at a time, and does them.
//!
//! Whichever replica takes a job says a word of it every few seconds; if it dies, the lease runs out and another goes on. So
//! every job may run twice, and each does only what it finds left to do.
//!
//! Read in this order: here the loop, [`task`] (what a job has while it is done), [`opened`] (a repository to write to), then
//! one module for each kind.

mod catalog;
mod copy;
mod forget;
mod legal_hold;
mod mirror;
mod opened;
mod prune;
mod task;
mod verify;

use std::time::Duration;

use bygone_common::job::{FailureCode, JobSpec, Outcome};
use bygone_store::Actor;
use bygone_store::jobs::{Claimer, Job};
use tokio::task::JoinSet;
use tracing::Instrument;

use crate::app::App;
use crate::problem::chain;
use task::{End, Task};

/// How long a worker sleeps that nobody wakes: other replicas queue jobs too, and some become due by the clock.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How often the end of a job is told again to a database that does not answer.
const FINISH_AGAIN: Duration = Duration::from_secs(2);

/// Takes jobs until the server stops, and then waits for those that it has: they are told to give up.
pub(crate) async fn run(app: App) {
    let name = format!("worker-{}", app.store.uid(bygone_common::LeaseUid::new));
    let jobs_max = usize::try_from(app.config.limits.jobs).unwrap_or(usize::MAX);
    let mut running = JoinSet::new();
    loop {
        while running.try_join_next().is_some() {}
        let free = jobs_max.saturating_sub(running.len());
        if free > 0
            && !app.stopping.is_cancelled()
            && let Some(job) = claim(&app, &name).await
        {
            let correlation = job.correlation.map(|correlation| correlation.to_string());
            let span =
                tracing::info_span!("job", job = %job.uid, kind = %job.kind(), attempt = job.attempt, correlation);
            running.spawn(perform(app.clone(), job).instrument(span));
            continue;
        }
        tokio::select! {
            () = app.stopping.cancelled() => break,
            () = app.wakes.worker_woken() => {}
            _ = running.join_next(), if !running.is_empty() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
    while running.join_next().await.is_some() {}
}

async fn claim(app: &App, name: &str) -> Option<Job> {
    let actor = Actor::installation("worker");
    match app.store.jobs().claim(&actor, Claimer::Worker(name), &app.queue_limits).await {
        Ok(job) => job,
        Err(error) => {
            tracing::debug!(error = chain(&error), "no job could be taken");
            None
        }
    }
}

/// Does a job, and tells how it ended until the database has heard it, or somebody else has the job.
async fn perform(app: App, job: Job) {
    let Some(task) = Task::new(app, job) else { return };
    tracing::info!("a job begins");
    let outcome = task.watched(work(&task)).await;
    let end = match outcome {
        Outcome::Cancelled if task.app.stopping.is_cancelled() && !task.is_unwanted() => End::GivenBack,
        outcome => End::Outcome(outcome),
    };
    loop {
        match task.finish(&end).await {
            Ok(state) => {
                tracing::info!(%state, "a job ended");
                return;
            }
            Err(error)
                if *error.kind() == bygone_store::ErrorKind::Unavailable && !task.app.stopping.is_cancelled() =>
            {
                tokio::time::sleep(FINISH_AGAIN).await;
            }
            Err(error) => {
                tracing::warn!(error = chain(&error), "the end of a job could not be told");
                return;
            }
        }
    }
}

async fn work(task: &Task) -> Outcome {
    let done = match &task.job.spec {
        JobSpec::Catalog(spec) => catalog::run(task, spec).await,
        JobSpec::Forget(spec) => forget::run(task, spec).await,
        JobSpec::Prune(spec) => prune::run(task, spec).await,
        JobSpec::Verify(spec) => verify::run(task, spec).await,
        JobSpec::Copy(spec) => copy::run(task, spec).await,
        JobSpec::Mirror(spec) => mirror::run(task, spec).await,
        JobSpec::LegalHold(spec) => legal_hold::run(task, spec).await,
        JobSpec::Backup(_) | JobSpec::Restore(_) => {
            return Outcome::failed(FailureCode::Invalid, "this is nothing that the server does");
        }
    };
    match done {
        Ok(outcome) => outcome,
        Err(fault) => fault.outcome(),
    }
}
