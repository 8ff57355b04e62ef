//! Holds: written into the snapshots themselves, so that they survive the loss of this server, and mirrored in rows.

use std::time::Duration;

use bygone_common::hold::Hold;
use bygone_common::{Id, OrgUid, RepositoryUid, SnapshotId};
use bygone_store::{Action, Actor, Resource};
use bygone_vault::backend::{CancelToken, FileId, FileKind, OpenStorage, Storage};
use bygone_vault::lock::{LockKind, LockOptions, Locks};
use bygone_vault::snapshot::rewrite::Retagged;
use bygone_vault::{Repository, hold};
use serde_json::json;

use crate::app::App;
use crate::catalog;
use crate::problem::{Problem, ProblemCode, Result};
use crate::storages::blocking;

/// For how long a lock of somebody else is waited for.
const LOCK_WAIT_MAX: Duration = Duration::from_secs(20);

/// What happens to the holds of a snapshot.
#[derive(Debug, Clone)]
pub enum Change {
    /// One is put there, or takes the place of the one of its case.
    Add(Hold),
    /// Those of a case end.
    Release(String),
}

/// Changes the holds of a snapshot; answers its new id, or the old one when nothing changed.
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
) -> Result<String> {
    let action = match &change {
        Change::Add(_) => Action::Create,
        Change::Release(_) => Action::Delete,
    };
    actor.require(action, Resource::Hold)?;
    let known = app.store.snapshots().get(actor, org, repository, snapshot).await?;
    let missing = || Problem::not_found(format_args!("snapshot {snapshot}"));
    let id = Id::from_hex(known.id.as_bytes()).map(SnapshotId).ok_or_else(missing)?;
    let (row, open) = catalog::open(app, org, repository).await?;
    let storage = app.storages.storage(&row).await?;
    let unlocked = app.storages.unlocked(&row, &storage).await?;
    let locks = Locks::of(storage.storage.clone(), &unlocked);
    let details = match &change {
        Change::Add(hold) => {
            json!({ "repository": repository, "case": hold.case(), "reason": hold.reason(), "until": hold.until() })
        }
        Change::Release(case) => json!({ "repository": repository, "case": case }),
    };
    let changed = blocking(move || {
        let token = CancelToken::new();
        // Another id takes the old one's place: as restic's tag does, nobody else must be at work.
        let options = LockOptions { retry_for: LOCK_WAIT_MAX, ..LockOptions::new(LockKind::Exclusive) };
        let lock = locks.acquire(&options, &token)?;
        let done = apply(&open, &storage, id, &change);
        lock.release()?;
        done
    });
    let new = changed.await?.map_or(id, |retagged| retagged.id).to_string();
    let mut tx = app.store.begin().await?;
    tx.audit(actor, action, Resource::Hold, &new, details).await?;
    tx.commit().await?;
    catalog::refresh(app, org, repository).await?;
    Ok(new)
}

fn apply(
    repository: &Repository,
    storage: &OpenStorage,
    id: SnapshotId,
    change: &Change,
) -> bygone_vault::Result<Option<Retagged>> {
    let to: &dyn Storage = storage.storage.as_ref();
    let done = match change {
        Change::Add(new) => hold::add(repository, to, id, new)?,
        Change::Release(case) => hold::release(repository, to, id, case)?,
    };
    // Where the storage keeps the old file, it is hidden, so that the snapshot is not listed twice.
    if let Some(Some(why)) = done.as_ref().map(|done| &done.old_stays) {
        match &storage.object_lock {
            Some(object_lock) => object_lock.hide(FileId::new(FileKind::Snapshot, id))?,
            None => return Err(why.clone()),
        }
    }
    Ok(done)
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
