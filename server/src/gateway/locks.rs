//! restic's locks as leases: whoever is to remove something from a repository learns from the rows who uses it, without
//! asking the storage. A lock that is neither refreshed nor removed expires with its lease.

use bygone_common::Id;
use bygone_store::repository_leases::NewLease;
use bygone_vault::lock::LockKind;
use bygone_vault::lock::file::STALE_AFTER;
use jiff::SignedDuration;

use super::Admitted;
use super::refusal::Refusal;
use super::write::name_of;

/// What leases of restic's locks are for.
pub(super) const LOCK_LEASE: &str = "lock";

/// A lock was written. `sealed` is its content, where that is at hand: who holds it can be read if the key is.
pub(super) async fn opened(admitted: &Admitted, id: Id, sealed: Vec<u8>) -> Result<(), Refusal> {
    let lock = admitted
        .app
        .storages
        .known_locks(&admitted.row, &admitted.open)
        .filter(|_| !sealed.is_empty())
        .and_then(|locks| locks.open_sealed(id, sealed).ok());
    let holder = match &lock {
        Some(lock) => format!("{}: {lock}", admitted.guest.name),
        None => admitted.guest.name.clone(),
    };
    let lease = NewLease {
        kind: LOCK_LEASE,
        name: &name_of(id),
        exclusive: lock.map(|lock| lock.kind == LockKind::Exclusive),
        holder: &holder,
        lasts: SignedDuration::try_from(STALE_AFTER).unwrap_or(SignedDuration::from_mins(30)),
    };
    let leases = admitted.app.store.repository_leases();
    Ok(leases.open(&admitted.actor(), admitted.org(), admitted.row.uid, &lease).await?)
}

/// A lock was removed.
pub(super) async fn closed(admitted: &Admitted, id: Id) -> Result<(), Refusal> {
    let leases = admitted.app.store.repository_leases();
    Ok(leases.close(&admitted.actor(), admitted.org(), admitted.row.uid, LOCK_LEASE, &name_of(id)).await?)
}
