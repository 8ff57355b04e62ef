//! What a job is to an agent: what is to be done, and what opens the repository for as long as it lasts.

use std::collections::BTreeMap;

use bygone_common::job::{FailureCode, JobSpec, Outcome, RestoreSpec};
use bygone_common::plan::StorageClass;
use bygone_common::protocol::{BackupWork, JobLease, RepositoryAccess, RestoreWork, Work};
use bygone_store::Actor;
use bygone_store::jobs::{Claimer, Job, RENEW_SECONDS};
use bygone_store::repositories::AgentRoute;
use jiff::Timestamp;

use super::known::Known;
use crate::app::App;
use crate::problem::{Problem, ProblemCode, Result};
use crate::restores;
use crate::storages::{Direct, StorageError};

/// Jobs that are given back at once because they cannot be told to an agent, in one claim.
const UNTOLD_MAX: usize = 16;

/// Takes the agent's next job.
///
/// # Errors
/// `Unavailable`: the database.
pub(crate) async fn next(app: &App, known: &Known) -> Result<Option<JobLease>> {
    for _ in 0..UNTOLD_MAX {
        let claimer = Claimer::Agent(known.agent.org, known.agent.uid);
        let Some(job) = app.store.jobs().claim(&known.actor, claimer, &app.queue_limits).await? else {
            return Ok(None);
        };
        let Some(lease) = job.lease.clone() else { continue };
        match work(app, &job).await {
            Ok(work) => {
                return Ok(Some(JobLease {
                    lease: lease.uid,
                    job: job.uid,
                    attempt: u32::try_from(job.attempt).unwrap_or(u32::MAX),
                    correlation: job.correlation,
                    expires_at: lease.expires_at.unwrap_or(Timestamp::MAX),
                    renew_seconds: RENEW_SECONDS,
                    work,
                }));
            }
            Err(failed) => {
                tracing::warn!(job = %job.uid, ?failed, "a job cannot be told to its agent");
                app.store.jobs().finish(&known.actor, job.org, job.uid, lease.uid, &failed).await?;
            }
        }
    }
    Ok(None)
}

/// What the agent is told; or how the job ends because it cannot be told.
async fn work(app: &App, job: &Job) -> std::result::Result<Work, Outcome> {
    match &job.spec {
        JobSpec::Backup(spec) => {
            let repository = access(app, job).await?;
            Ok(Work::Backup(Box::new(BackupWork { spec: (**spec).clone(), repository })))
        }
        JobSpec::Restore(spec) => {
            let spec = rightful(app, job, spec).await?;
            let repository = access(app, job).await?;
            Ok(Work::Restore(Box::new(RestoreWork { spec, repository })))
        }
        JobSpec::Catalog(_)
        | JobSpec::Forget(_)
        | JobSpec::Prune(_)
        | JobSpec::Verify(_)
        | JobSpec::Copy(_)
        | JobSpec::Mirror(_)
        | JobSpec::LegalHold(_) => {
            let text = format!("agents do no jobs of the kind {}", job.spec.kind());
            Err(Outcome::failed(FailureCode::Invalid, text))
        }
    }
}

/// A restore as whoever asked for it may have it now: it may have waited for days. One that no person asked for in the portal
/// stays as it is.
async fn rightful(app: &App, job: &Job, spec: &RestoreSpec) -> std::result::Result<RestoreSpec, Outcome> {
    let refused = |problem: Problem| {
        let code = match problem.code() {
            ProblemCode::Conflict => FailureCode::Denied,
            _ => FailureCode::Internal,
        };
        Outcome::failed(code, problem.title())
    };
    let server = Actor::system("restores", job.org);
    let asked = app.store.restores().of_job(&server, job.org, job.uid).await.map_err(|error| refused(error.into()))?;
    let Some(restore) = asked else { return Ok(spec.clone()) };
    if spec.undo.is_some() {
        let machine = restores::may_still_undo(app, &restore).await.map_err(refused)?;
        return Ok(RestoreSpec { confined: !machine.runs_it, ..spec.clone() });
    }
    let allowed = restores::still_allowed(app, &restore).await.map_err(refused)?.spec;
    Ok(RestoreSpec { within: allowed.within, confined: allowed.confined, ..spec.clone() })
}

/// How an agent reaches a repository, and its password: through the gateway beside this API, by the agent's certificate, or
/// where it lies, by what opens its storage.
async fn access(app: &App, job: &Job) -> std::result::Result<RepositoryAccess, Outcome> {
    let gone = |error: bygone_store::Error| {
        let problem = Problem::from(error);
        let code = if problem.code() == ProblemCode::NotFound { FailureCode::Invalid } else { FailureCode::Internal };
        Outcome::failed(code, problem.title())
    };
    let system = Actor::system("agents", job.org);
    let row = app.store.repositories().get(&system, job.org, job.repository()).await.map_err(gone)?;
    let org = app.store.orgs().get(&system, job.org).await.map_err(gone)?;
    let untold = |error| match error {
        StorageError::Store(error) => gone(error),
        other => Outcome::failed(FailureCode::Internal, other.to_string()),
    };
    // A plan may want what it writes to be kept colder than the repository is.
    let wanted = match &job.spec {
        JobSpec::Backup(spec) => spec.storage_class,
        _ => StorageClass::default(),
    };
    let password = app.storages.password(&row).await.map_err(untold)?;
    let by_gateway = RepositoryAccess {
        repository: row.uid,
        gateway_path: Some(format!("/restic/{}/{}/", org.name, row.name)),
        location: String::new(),
        user: None,
        user_password: None,
        ca: None,
        environment: BTreeMap::new(),
        storage_class: row.class.max(wanted),
        password,
    };
    Ok(match row.agent_route {
        AgentRoute::Gateway => by_gateway,
        AgentRoute::Direct => {
            let Direct { location, environment, authorities } = app.storages.direct(&row).await.map_err(untold)?;
            RepositoryAccess { gateway_path: None, location, environment, ca: authorities, ..by_gateway }
        }
    })
}
