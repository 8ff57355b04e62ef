//! Forgetting by retention: never what is under hold, never the last snapshot of a source.

use bygone_common::job::{Counts, Done, ForgetSpec, LogLevel, Outcome};
use bygone_vault::SnapshotFilter;
use bygone_vault::forget::{LastOfSource, Plan, remove};
use bygone_vault::lock::LockKind;
use jiff::Timestamp;

use super::task::{Result, Task};

pub(super) async fn run(task: &Task, spec: &ForgetSpec) -> Result<Outcome> {
    let opened = task.open(spec.repository, LockKind::Exclusive).await?;
    let (rules, group_by, is_dry) = (spec.retention.keep.clone(), spec.retention.group_by, spec.dry_run);
    let filter = SnapshotFilter {
        hosts: spec.hosts.clone(),
        tags: spec.tag.iter().map(|tag| vec![tag.clone()]).collect(),
        paths: Vec::new(),
    };
    let (now, watch): (Timestamp, _) = (task.app.clock.now(), task.watch.clone());
    let (going, staying) = opened
        .work(move |opened| {
            let leases = match opened.repository.leases() {
                Some(leases) => leases.live()?,
                None => Vec::new(),
            };
            let plan = Plan::by_rules(&opened.repository, &rules, group_by, &filter, LastOfSource::Keep, &leases, now);
            let going = plan.going();
            if !is_dry && !going.is_empty() {
                let watch: &dyn bygone_vault::progress::Progress = watch.as_ref();
                watch.stage("forgetting", going.len() as u64, bygone_vault::progress::Unit::Items);
                remove(opened.storage.as_ref(), &going, &opened.token, |_| watch.advance(1))?;
            }
            let ids: Vec<_> = going.iter().map(|snapshot| snapshot.id).collect();
            Ok((ids, plan.staying() as u64))
        })
        .await?;
    let names: Vec<_> = going.iter().map(bygone_common::SnapshotId::short).collect();
    let would = if is_dry { "would forget" } else { "forgot" };
    task.log(LogLevel::Info, format!("{would} {} snapshots, {staying} stay: {}", going.len(), names.join(" "))).await;
    if !is_dry && !going.is_empty() {
        super::catalog::refresh(task, spec.repository).await?;
    }
    let counts = Counts { snapshots: staying, snapshots_forgotten: going.len() as u64, ..Counts::default() };
    Ok(Outcome::Succeeded(Done { counts, ..Done::default() }))
}
