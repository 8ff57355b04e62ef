//! Listing a repository's snapshots anew: also those that restic wrote without us.

use bygone_common::RepositoryUid;
use bygone_common::job::{CatalogSpec, Counts, Done, Outcome};

use super::task::{Result, Task};

pub(super) async fn run(task: &Task, spec: &CatalogSpec) -> Result<Outcome> {
    let snapshots = refresh(task, spec.repository).await?;
    let counts = Counts { snapshots, ..Counts::default() };
    Ok(Outcome::Succeeded(Done { counts, ..Done::default() }))
}

/// Refreshes the catalog; answers how many snapshots there are.
pub(super) async fn refresh(task: &Task, uid: RepositoryUid) -> Result<u64> {
    task.row(uid).await?;
    let refreshed = crate::catalog::refresh(&task.app, task.job.org, uid).await?;
    Ok(refreshed.total)
}
