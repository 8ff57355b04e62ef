//! Pruning, in two phases: packs that nobody needs are marked, and removed by a later prune after the grace. Never after a
//! verify that found damage, and nothing that a reader of the gateway may still know.

use std::time::Duration;

use bygone_common::job::{Counts, Done, FailureCode, LogLevel, Outcome, PruneSpec};
use bygone_vault::lock::LockKind;
use bygone_vault::prune::{MaxUnused, PruneOptions, PrunePlan, Pruned};

use super::task::{Fault, Result, Task};

/// What the gateway writes down of restic's own lock files: those are seen in the storage as well.
const LOCK_LEASE: &str = "lock";

pub(super) async fn run(task: &Task, spec: &PruneSpec) -> Result<Outcome> {
    refuse_after_damage(task, spec).await?;
    let opened = task.open(spec.repository, LockKind::Exclusive).await?;
    let leases = task.app.store.repository_leases().live(&task.actor, task.job.org, spec.repository).await?;
    let readers = leases.iter().filter(|lease| lease.kind != LOCK_LEASE).map(|lease| lease.opened_at).min();
    let options = PruneOptions {
        max_unused: MaxUnused::Share(f64::from(spec.max_unused_percent) / 100.0),
        max_repack_bytes: spec.max_repack_bytes.unwrap_or(u64::MAX),
        grace: Duration::from_secs(u64::from(spec.grace_hours) * 3_600),
        ..PruneOptions::new(task.app.clock.now())
    };
    let (is_dry, watch) = (spec.dry_run, task.watch.clone());
    let (stats, pruned) = opened
        .work(move |opened| {
            let local = match opened.repository.leases() {
                Some(leases) => leases.live()?,
                None => Vec::new(),
            };
            let object_lock = opened.object_lock.clone().filter(|lock| lock.policy().is_some());
            let options = PruneOptions {
                leased_since: local.iter().map(|lease| lease.since).chain(readers).min(),
                leased_trees: local.iter().flat_map(|lease| &lease.snapshots).map(|(_, tree)| *tree).collect(),
                object_lock: object_lock.clone(),
                ..options
            };
            let plan = PrunePlan::make(&opened.repository, options, &opened.token, watch.as_ref())?;
            let stats = *plan.stats();
            let pruned = if is_dry || plan.is_empty() {
                Pruned::default()
            } else {
                plan.execute(&opened.repository, &opened.storage, &opened.token, watch.as_ref())?
            };
            if let Some(object_lock) = object_lock.filter(|_| !is_dry) {
                object_lock.sweep_index()?;
            }
            Ok((stats, pruned))
        })
        .await?;
    let would = if is_dry { "would be " } else { "" };
    let line = format!(
        "{} packs {would}marked, {} {would}moved to new packs, {} wait for their grace, {} removed ({} bytes)",
        stats.marked.packs, stats.repacked.blobs, stats.waiting.packs, pruned.packs_deleted, pruned.bytes_deleted
    );
    task.log(LogLevel::Info, line).await;
    let counts = Counts {
        packs: stats.marked.packs,
        packs_removed: pruned.packs_deleted,
        bytes_removed: pruned.bytes_deleted,
        ..Counts::default()
    };
    Ok(Outcome::Succeeded(Done { counts, ..Done::default() }))
}

/// What is damaged may be what a repair would need.
async fn refuse_after_damage(task: &Task, spec: &PruneSpec) -> Result<()> {
    if task.app.store.jobs().has_damage(&task.actor, task.job.org, spec.repository).await? {
        let sentence = "a verify of this repository found damage: nothing is removed until one that reads as much finds \
                        none (where contents were damaged, a full one)";
        return Err(Fault::new(FailureCode::VerifyFailed, sentence));
    }
    Ok(())
}
