//! Copying snapshots from one repository to another.

use bygone_common::job::{CopySpec, Counts, Done, LogLevel, Outcome};
use bygone_vault::SnapshotFilter;
use bygone_vault::copy::{Copy, CopyOptions};
use bygone_vault::lock::LockKind;

use super::task::{Result, Task};

pub(super) async fn run(task: &Task, spec: &CopySpec) -> Result<Outcome> {
    let source = task.open(spec.from, LockKind::Shared).await?;
    let destination = match task.open(spec.to, LockKind::Shared).await {
        Ok(destination) => destination,
        Err(fault) => {
            source.work(|_| Ok(())).await?;
            return Err(fault);
        }
    };
    let filter = SnapshotFilter {
        hosts: Vec::new(),
        tags: spec.tag.iter().map(|tag| vec![tag.clone()]).collect(),
        paths: Vec::new(),
    };
    let watch = task.watch.clone();
    let from = source.repository.clone();
    let copied = destination
        .work(move |destination| {
            let mut snapshots: Vec<_> =
                from.snapshots().iter().filter(|snapshot| filter.matches(snapshot)).cloned().collect();
            // The oldest first: each is the parent of the next.
            snapshots.sort_by_key(|snapshot| (snapshot.time, snapshot.id));
            let copy = Copy {
                source: &from,
                destination: &destination.repository,
                storage: destination.storage.clone(),
                options: CopyOptions::default(),
                token: &destination.token,
                progress: watch.as_ref(),
            };
            copy.run(&snapshots, &mut |_, _| Ok(()))
        })
        .await;
    source.work(|_| Ok(())).await?;
    let copied = copied?;
    // Whoever looks for the copies finds them: no plan of the destination may run for weeks.
    super::catalog::refresh(task, spec.to).await?;
    let line = format!("{} snapshots were copied, {} were there already", copied.copied, copied.present);
    task.log(LogLevel::Info, line).await;
    let counts = Counts { snapshots: copied.copied, problems: copied.unreadable, ..Counts::default() };
    let done = Done { counts, ..Done::default() };
    Ok(if copied.unreadable > 0 { Outcome::Partial(done) } else { Outcome::Succeeded(done) })
}
