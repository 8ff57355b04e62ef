//! Bringing the storage in line with the holds of a snapshot: while one holds it, nobody can remove what it needs.

use bygone_common::job::{Counts, Done, FailureCode, LegalHoldSpec, LogLevel, Outcome};
use bygone_vault::lock::LockKind;
use bygone_vault::worm::{self, Followed, LegallyHeld};

use super::task::{Fault, Result, Task};

/// Files and directories that are written to the job's log at most.
const PROBLEMS_LOGGED_MAX: usize = 200;

/// What came of it.
enum Found {
    /// The files of the snapshot were held or released.
    Followed(Followed),
    /// There is no such snapshot.
    Gone,
    /// The storage locks nothing.
    Unlocked,
}

pub(super) async fn run(task: &Task, spec: &LegalHoldSpec) -> Result<Outcome> {
    let opened = task.open(spec.repository, LockKind::Shared).await?;
    let (id, now, watch) = (spec.snapshot, task.app.clock.now(), task.watch.clone());
    let found = opened.work(move |opened| {
        let object_lock = opened.object_lock.as_ref().filter(|object_lock| worm::in_force(object_lock));
        let Some(object_lock) = object_lock else { return Ok(Found::Unlocked) };
        let snapshots = opened.repository.snapshots();
        let Some(snapshot) = snapshots.iter().find(|snapshot| snapshot.id == id) else { return Ok(Found::Gone) };
        let (repository, token) = (&opened.repository, &opened.token);
        worm::follow_holds(repository, object_lock, snapshot, now, token, watch.as_ref()).map(Found::Followed)
    });
    match found.await? {
        Found::Followed(followed) => told(task, spec, followed).await,
        Found::Gone => {
            // Whoever holds or releases it once more gives it another id, and that one a job of its own.
            let line =
                format!("snapshot {} is not there any more: it has another id now, or was forgotten", id.short());
            task.log(LogLevel::Warn, line).await;
            Ok(Outcome::Succeeded(Done::default()))
        }
        Found::Unlocked => {
            Err(Fault::new(FailureCode::Invalid, "the storage of this repository locks no files, and so holds none"))
        }
    }
}

async fn told(task: &Task, spec: &LegalHoldSpec, followed: Followed) -> Result<Outcome> {
    let Followed { is_held, files: LegallyHeld { files, still_needed, missing, broken } } = followed;
    for missing in missing.iter().take(PROBLEMS_LOGGED_MAX) {
        task.log(LogLevel::Error, missing.error.chain()).await;
    }
    for (tree, error) in broken.iter().take(PROBLEMS_LOGGED_MAX) {
        task.log(LogLevel::Error, format!("tree {} cannot be read: {}", tree.short(), error.chain())).await;
    }
    let snapshot = spec.snapshot.short();
    let held = files.saturating_sub(missing.len() as u64);
    let line = if is_held {
        format!("snapshot {snapshot} is held: {held} files that it needs are under legal hold")
    } else if files == 0 && !broken.is_empty() {
        format!("snapshot {snapshot} is not held, but what others need that are is not known: nothing is released")
    } else {
        format!(
            "snapshot {snapshot} is not held: {held} files are released, {still_needed} stay under legal hold, because \
             other snapshots that are held need them"
        )
    };
    task.log(LogLevel::Info, line).await;
    let problems = (missing.len() + broken.len()) as u64;
    let counts = Counts { snapshots: u64::from(is_held), packs: held, problems, ..Counts::default() };
    let done = Done { counts, ..Done::default() };
    Ok(if problems == 0 { Outcome::Succeeded(done) } else { Outcome::Partial(done) })
}
