//! Holds: written into the snapshots themselves, so that they survive the loss of this server, and mirrored in rows. Where the
//! storage locks files, a job has it keep all that a held snapshot needs.

use std::time::Duration;

use bygone_common::hold::Hold;
use bygone_common::job::LegalHoldSpec;
use bygone_common::{Id, JobUid, OrgUid, RepositoryUid, SnapshotId};
use bygone_store::{Action, Actor, Resource};
use bygone_vault::backend::CancelToken;
use bygone_vault::lock::{LockKind, LockOptions, Locks};
use bygone_vault::{hold, worm};
use serde_json::json;
use tracing::Instrument as _;

use crate::app::App;
use crate::catalog;
use crate::problem::{Problem, ProblemCode, Result};
use crate::storages::blocking;

pub use bygone_vault::hold::Change;

/// For how long a lock of somebody else is waited for.
const LOCK_WAIT_MAX: Duration = Duration::from_secs(20);

/// What became of a snapshot whose holds were changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Its id from now on: the old one when nothing changed.
    pub snapshot: String,
    /// What brings the storage in line; none where it locks no files, or nothing has to be done.
    pub job: Option<JobUid>,
}

/// Changes the holds of a snapshot.
///
/// # Errors
/// `NotFound`; `Conflict`: somebody else has the repository locked; what the storage answers.
pub async fn change(
    app: &App,
    actor: &Actor,
    org: OrgUid,
    repository: RepositoryUid,
    snapshot: &str,
    change: Change,
) -> Result<Changed> {
    actor.require(action_of(&change), Resource::Hold)?;
    let known = app.store.snapshots().get(actor, org, repository, snapshot).await?;
    let missing = || Problem::not_found(format_args!("snapshot {snapshot}"));
    let id = Id::from_hex(known.id.as_bytes()).map(SnapshotId).ok_or_else(missing)?;
    // A client that goes away must not leave a snapshot changed of which nobody wrote down who did it, and why.
    let (app, actor) = (app.clone(), actor.clone());
    let work = async move { change_all(&app, &actor, org, repository, id, change).await };
    let done = tokio::spawn(work.in_current_span()).await;
    done.unwrap_or_else(|_| Err(Problem::new(ProblemCode::Internal, "the server failed; its log says how")))
}

const fn action_of(change: &Change) -> Action {
    match change {
        Change::Add(_) => Action::Create,
        Change::Release(_) => Action::Delete,
    }
}

async fn change_all(
    app: &App,
    actor: &Actor,
    org: OrgUid,
    repository: RepositoryUid,
    id: SnapshotId,
    change: Change,
) -> Result<Changed> {
    let (row, open) = catalog::open(app, org, repository).await?;
    let storage = app.storages.storage(&row).await?;
    let unlocked = app.storages.unlocked(&row, &storage).await?;
    let locks = Locks::of(storage.storage.clone(), &unlocked);
    let locks_files = storage.object_lock.as_ref().is_some_and(worm::in_force);
    let action = action_of(&change);
    let (is_added, mut details) = match &change {
        Change::Add(hold) => (
            true,
            json!({ "repository": repository, "case": hold.case(), "reason": hold.reason(), "until": hold.until() }),
        ),
        Change::Release(case) => (false, json!({ "repository": repository, "case": case })),
    };
    let changed = blocking(move || {
        let token = CancelToken::new();
        // Another id takes the old one's place: as restic's tag does, nobody else must be at work.
        let options = LockOptions { retry_for: LOCK_WAIT_MAX, ..LockOptions::new(LockKind::Exclusive) };
        let lock = locks.acquire(&options, &token)?;
        let done = hold::change(&open, storage.storage.as_ref(), storage.object_lock.as_ref(), id, &change);
        if let Err(stays) = lock.release() {
            tracing::warn!(error = stays.chain(), "a lock stays in a repository until it is stale");
        }
        done
    });
    let changed = changed.await?;
    let new = changed.unwrap_or(id);
    let mut tx = app.store.begin().await?;
    let mut job = None;
    // To hold what is held already makes up for what could not be held before; to release what is not has nothing to do.
    if locks_files && (is_added || changed.is_some()) {
        let spec = LegalHoldSpec { repository, snapshot: new };
        let made = tx.follow_holds(actor, org, spec).await?.uid;
        details["job"] = json!(made);
        job = Some(made);
    }
    tx.audit(actor, action, Resource::Hold, new, details).await?;
    tx.commit().await?;
    catalog::refresh(app, org, repository).await?;
    Ok(Changed { snapshot: new.to_string(), job })
}

/// What a person gives as a hold.
///
/// # Errors
/// `Invalid`: a text that cannot be, or an end that has passed.
pub fn parse(app: &App, actor: &Actor, case: &str, reason: &str, until: Option<jiff::Timestamp>) -> Result<Hold> {
    let hold = Hold::new(case, &actor.who().to_string(), reason, until);
    let hold = hold.map_err(|error| Problem::new(ProblemCode::Invalid, error.to_string()))?;
    if hold.holds_at(app.clock.now()) {
        return Ok(hold);
    }
    Err(Problem::invalid("until", "a hold that ends in the past holds nothing"))
}
