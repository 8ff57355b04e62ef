//! What is looked at is leased, so that nobody on this machine forgets or prunes it meanwhile.

use bygone_common::TreeId;
use bygone_vault::lease::Lease;
use bygone_vault::{Repository, Snapshot};

/// The snapshots of a mount that somebody looked into.
#[derive(Debug)]
pub(super) struct Leased(Option<Lease>);

impl Leased {
    /// Nothing yet. Where no lease can be had, reading goes on without.
    pub(super) fn begin(repository: &Repository) -> Self {
        let Some(leases) = repository.leases() else {
            tracing::debug!("nothing is kept on disk, so what is mounted cannot be leased");
            return Self(None);
        };
        match leases.take("mount") {
            Ok(lease) => Self(Some(lease)),
            Err(error) => {
                tracing::warn!(error = error.chain(), "a prune on this machine will not see what is mounted");
                Self(None)
            }
        }
    }

    /// Somebody looks into a snapshot, from this tree on. Only the first time is more than a look-up.
    pub(super) fn hold(&self, snapshot: &Snapshot, tree: TreeId) {
        if let Some(lease) = &self.0
            && let Err(error) = lease.hold(snapshot.id, tree)
        {
            tracing::warn!(error = error.chain(), "a prune on this machine will not see what is read");
        }
    }
}
