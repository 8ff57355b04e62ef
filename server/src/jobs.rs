//! Jobs that people ask for.

use bygone_common::job::{JobKind, JobSpec};
use bygone_common::{OrgUid, RepositoryUid};
use bygone_store::jobs::{Job, NewJob};
use bygone_store::{Action, Actor, Resource};

use crate::app::App;
use crate::problem::{Problem, Result};

/// Makes a job that no plan makes.
///
/// # Errors
/// `Invalid`: a backup, which needs a plan, or what the server does not do; `NotFound`: a repository that is not there.
pub(crate) async fn create(app: &App, actor: &Actor, org: OrgUid, new: NewJob) -> Result<Job> {
    let refused = |why: &str| Err(Problem::invalid("spec", why));
    match new.spec.kind() {
        JobKind::Backup => return refused("a backup is made by running its plan"),
        JobKind::Restore => {}
        JobKind::Catalog | JobKind::Verify | JobKind::Copy | JobKind::Mirror => {
            actor.require(Action::Run, Resource::Repository)?
        }
        // What removes is for those who may remove.
        JobKind::Forget | JobKind::Prune => actor.require(Action::Delete, Resource::Snapshot)?,
        // It lifts what somebody held in the storage alone, where no hold of the snapshot says so.
        JobKind::LegalHold => actor.require(Action::Delete, Resource::Hold)?,
    }
    if let Some((from, to)) = from_to(&new.spec) {
        app.store.repositories().get(actor, org, from).await.map_err(unknown)?;
        if from == to {
            return refused("a repository cannot be copied to itself");
        }
    }
    if let JobSpec::Mirror(spec) = &new.spec
        && spec.delete
    {
        actor.require(Action::Delete, Resource::Snapshot)?;
    }
    if let JobSpec::Forget(spec) = &new.spec
        && spec.retention.keep.is_empty()
    {
        return refused("no rule keeps anything: name at least one");
    }
    app.store.repositories().get(actor, org, new.spec.repository()).await.map_err(unknown)?;
    if let Some(agent) = new.agent {
        app.store.agents().get(actor, org, agent).await.map_err(|error| match error.kind() {
            bygone_store::ErrorKind::NotFound => Problem::invalid("agent", format!("there is no agent {agent}")),
            _ => error.into(),
        })?;
    }
    Ok(app.store.jobs().create(actor, org, new).await?)
}

/// The two repositories of a job that has two.
const fn from_to(spec: &JobSpec) -> Option<(RepositoryUid, RepositoryUid)> {
    match spec {
        JobSpec::Copy(spec) => Some((spec.from, spec.to)),
        JobSpec::Mirror(spec) => Some((spec.from, spec.to)),
        JobSpec::Backup(_)
        | JobSpec::Restore(_)
        | JobSpec::Catalog(_)
        | JobSpec::Forget(_)
        | JobSpec::Prune(_)
        | JobSpec::Verify(_)
        | JobSpec::LegalHold(_) => None,
    }
}

fn unknown(error: bygone_store::Error) -> Problem {
    match error.kind() {
        bygone_store::ErrorKind::NotFound => Problem::invalid("spec.repository", error.context()),
        _ => error.into(),
    }
}
