//! Plans while the server is away.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bygone_common::Secret;
use bygone_common::plan::StorageClass;
use bygone_common::protocol::{BackupWork, RepositoryAccess};
use bygone_vault::backend::CancelToken;

use super::{Shared, lock};
use crate::context::Context;
use crate::error::Result;
use crate::pause::Pause;
use crate::plans::DueRun;
use crate::watch::{JobLog, Meter};

/// Follows the plans while the server is away.
pub(super) async fn follow(shared: Arc<Shared>) -> Result<()> {
    let look = shared.options.heartbeat.unwrap_or(Duration::from_secs(20));
    let mut stop = shared.stop.clone();
    loop {
        tokio::select! {
            () = stop.stopped() => return Ok(()),
            () = tokio::time::sleep(look) => {}
        }
        let now = shared.clock.now();
        // Before the first contact of an agent's life there are no plans.
        let Some(contact) = lock(&shared.contact).at else { continue };
        if contact.duration_until(now) < shared.options.offline_after {
            continue;
        }
        let due = lock(&shared.plans).due(&shared.folder, contact, now)?;
        for run in due {
            let shared = Arc::clone(&shared);
            let ended = tokio::task::spawn_blocking(move || spool(&shared, &run)).await;
            if let Err(error) = ended {
                tracing::error!(%error, "a run without the server panicked");
            }
        }
        shared.write_status();
    }
}

/// A run of a plan without the server, which has the repository's password: into the spool.
fn spool(shared: &Shared, run: &DueRun) {
    let plan = &run.plan.spec.plan;
    tracing::info!(%plan, due = %run.due, "the server is away: a plan is run into the spool");
    let nowhere = RepositoryAccess {
        repository: run.plan.spec.repository,
        gateway_path: None,
        location: String::new(),
        user: None,
        user_password: None,
        ca: None,
        environment: BTreeMap::new(),
        storage_class: StorageClass::default(),
        password: Secret::new(String::new()),
    };
    let work = BackupWork { spec: run.plan.spec.clone(), repository: nowhere };
    let token = CancelToken::new();
    let log = JobLog::new(shared.clock.clone());
    let meter = Arc::new(Meter::default());
    let context = Context {
        folder: &shared.folder,
        clock: &shared.clock,
        token: &token,
        pause: &Pause::default(),
        log: &log,
        meter: &meter,
        spool: &shared.spool,
        locks: &shared.locks,
        safety: &shared.safety,
        restores_into: None,
        server: String::new(),
        job: None,
    };
    match crate::backup::perform_offline(&work, &context) {
        Ok(saved) => {
            tracing::info!(%plan, snapshot = ?saved.snapshot, problems = saved.problems, "a run is in the spool")
        }
        Err(text) => tracing::error!(%plan, text, "a run without the server failed"),
    }
}
