//! Copying a repository's files to another place, where the same passwords open them.

use std::sync::Arc;

use bygone_common::job::{Counts, Done, LogLevel, MirrorSpec, Outcome};
use bygone_vault::backend::OpenStorage;
use bygone_vault::lock::{HeldLock, LockKind};
use bygone_vault::mirror::{Delete, MirrorOptions, MirrorPlan, Mirrored, execute, is_mirror};
use bygone_vault::worm::{self, Applied};

use super::opened::{Locked, acquire, released};
use super::task::{Result, Task};
use crate::storages::StorageError;

/// Damaged files that are written to the job's log at most.
const DAMAGED_LOGGED_MAX: usize = 200;

/// The place that becomes, or is, the mirror.
struct Place {
    storage: OpenStorage,
    /// None when there is nothing yet that somebody could lock.
    lock: Option<HeldLock>,
}

pub(super) async fn run(task: &Task, spec: &MirrorSpec) -> Result<Outcome> {
    let row = task.row(spec.to).await?;
    let storage = task.storage(&row).await?;
    task.stops(&storage.cancel);
    // The lock has storage of its own, so that it can be given back after the token was pulled.
    let locking = task.storage(&row).await?;
    let (store, actor, org) = (&task.app.store, &task.actor, task.job.org);
    let seen = store.mirrors().seen(actor, org, spec.from, spec.to).await?;
    let delete = if spec.delete { Delete::Gone } else { Delete::Nothing };
    let source = task.lock(spec.from, LockKind::Shared).await?;
    let planned = source.step(move |source| {
        let lock = lock_mirror(source, &storage, &locking, delete)?;
        let options = MirrorOptions { verify: false, delete, seen };
        match MirrorPlan::make(source.storage.as_ref(), storage.storage.as_ref(), &options) {
            Ok(plan) => Ok((Place { storage, lock }, plan)),
            Err(error) => unlocked(lock, Err(error)),
        }
    });
    let (source, (place, plan)) = planned.await?;
    // Before the first file is copied: what lies at the mirror without having been seen here is a stranger's.
    if let Err(error) = store.mirrors().note(actor, org, spec.from, spec.to, plan.snapshots()).await {
        source.work(move |_| unlocked(place.lock, Ok(()))).await?;
        return Err(error.into());
    }
    let watch = Arc::clone(&task.watch);
    let mirrored = source.work(move |source| {
        let Place { storage, lock } = place;
        let to = storage.storage.as_ref();
        unlocked(lock, execute(&plan, source.storage.as_ref(), to, &source.token, watch.as_ref()))
    });
    let mirrored = mirrored.await?;
    task.app.storages.close(spec.to);
    catalogue(task, spec).await?;
    told(task, &mirrored).await
}

/// Locks the mirror against those who remove from it; alone, when something is to be removed.
fn lock_mirror(
    source: &Locked,
    storage: &OpenStorage,
    locking: &OpenStorage,
    delete: Delete,
) -> bygone_vault::Result<Option<HeldLock>> {
    if let Applied::InVain(policy) = worm::apply(&source.unlocked.config, storage.object_lock.as_ref())? {
        tracing::warn!(days = policy.days, "files should be kept by the storage of a mirror, which cannot");
    }
    let kind = match delete {
        Delete::Nothing => LockKind::Shared,
        Delete::Gone | Delete::Any => LockKind::Exclusive,
    };
    if is_mirror(source.storage.as_ref(), locking.storage.as_ref())? {
        acquire(&locking.storage, &source.unlocked, kind, &storage.cancel).map(Some)
    } else {
        Ok(None)
    }
}

fn unlocked<T>(lock: Option<HeldLock>, done: bygone_vault::Result<T>) -> bygone_vault::Result<T> {
    match lock {
        Some(lock) => released(lock, done),
        None => done,
    }
}

/// Lists the mirror's snapshots. Its row may have another password than its files, which are the source's.
async fn catalogue(task: &Task, spec: &MirrorSpec) -> Result<()> {
    match crate::catalog::refresh(&task.app, task.job.org, spec.to).await {
        Ok(_) => Ok(()),
        Err(StorageError::Vault(error)) if error.kind() == bygone_vault::ErrorKind::WrongPassword => {
            let line =
                "the mirror's files are the source's, but its password here is another: change it to the source's";
            task.log(LogLevel::Warn, line).await;
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

async fn told(task: &Task, mirrored: &Mirrored) -> Result<Outcome> {
    let Mirrored { copied, present, repaired: _, extra, deleted, damaged } = mirrored;
    for (file, error) in damaged.iter().take(DAMAGED_LOGGED_MAX) {
        task.log(LogLevel::Error, format!("{file} was not copied: {}", error.chain())).await;
    }
    let line = format!(
        "{} files were copied ({} bytes), {} were there already, {} were deleted, {} are at the mirror alone",
        copied.files, copied.bytes, present.files, deleted.files, extra.files
    );
    task.log(LogLevel::Info, line).await;
    let counts = Counts {
        packs: copied.files,
        bytes_written: copied.bytes,
        packs_removed: deleted.files,
        bytes_removed: deleted.bytes,
        problems: damaged.len() as u64,
        ..Counts::default()
    };
    let done = Done { counts, ..Done::default() };
    Ok(if damaged.is_empty() { Outcome::Succeeded(done) } else { Outcome::Partial(done) })
}
