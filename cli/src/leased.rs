//! What a verb reads is leased while it reads, so that nobody on this machine forgets or prunes it meanwhile.

use bygone_vault::lease::Lease;
use bygone_vault::{Repository, Result, Snapshot};

/// Leases snapshots for a verb, until the answer is dropped. Where no lease can be had, reading goes on without.
#[must_use]
pub(crate) fn lease<'a>(
    repository: &Repository,
    verb: &str,
    snapshots: impl IntoIterator<Item = &'a Snapshot>,
) -> Option<Lease> {
    let Some(leases) = repository.leases() else {
        tracing::debug!("nothing is kept on disk, so what is read cannot be leased");
        return None;
    };
    let taken = leases.take(verb).and_then(|lease| {
        snapshots.into_iter().try_for_each(|snapshot| lease.hold(snapshot.id, snapshot.tree))?;
        Result::Ok(lease)
    });
    match taken {
        Ok(lease) => Some(lease),
        Err(error) => {
            tracing::info!(error = error.chain(), "a prune on this machine will not see what is read");
            None
        }
    }
}
