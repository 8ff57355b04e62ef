//! Snapshots that are being downloaded: each is leased, so that nobody forgets or prunes it meanwhile, and for a while after,
//! as downloads are resumed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bygone_common::{RepositoryId, SnapshotId, TreeId};
use bygone_http::Result;
use bygone_http::offload::offload;
use bygone_vault::Repository;
use bygone_vault::lease::Lease;
use tokio::time::Instant;

/// How long a snapshot stays leased after it was last read.
const LINGER: Duration = Duration::from_secs(10 * 60);

/// What is leased.
#[derive(Debug, Default)]
pub(crate) struct Leases(Mutex<HashMap<(RepositoryId, SnapshotId), Kept>>);

#[derive(Debug)]
struct Kept {
    lease: Arc<Lease>,
    until: Instant,
}

/// A snapshot that is leased for at least as long as this is kept. None: the repository has no place for leases.
pub(crate) type Held = Option<Arc<Lease>>;

impl Leases {
    /// Leases a snapshot, or goes on to.
    ///
    /// # Errors
    /// What the file system answers.
    pub(crate) async fn take(&self, repository: &Repository, snapshot: SnapshotId, tree: TreeId) -> Result<Held> {
        let key = (repository.id(), snapshot);
        if let Some(kept) = self.lock().get_mut(&key) {
            kept.until = Instant::now() + LINGER;
            return Ok(Some(kept.lease.clone()));
        }
        let Some(leases) = repository.leases().cloned() else { return Ok(None) };
        let taken = offload(move || {
            let lease = leases.take("download")?;
            lease.hold(snapshot, tree)?;
            Ok::<Lease, bygone_vault::Error>(lease)
        });
        let kept = Kept { lease: Arc::new(taken.await?), until: Instant::now() + LINGER };
        // Of two that came at once, one lease is let go again.
        Ok(Some(self.lock().entry(key).or_insert(kept).lease.clone()))
    }

    /// Ends leases of what nobody has read for a while.
    pub(crate) fn sweep(&self) {
        let now = Instant::now();
        self.lock().retain(|_, kept| {
            if Arc::strong_count(&kept.lease) > 1 {
                kept.until = now + LINGER;
            }
            kept.until > now
        });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(RepositoryId, SnapshotId), Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
