//! How much the gateway does at once: memory stays bounded however many come, and who has to wait is not read from.

use std::sync::Arc;

use axum::http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::refusal::Refusal;

/// Bytes of a piece on its way from a client to storage: one for each upload.
pub(super) const UPLOAD_PIECE_BYTES: usize = 256 << 10;
/// Uploads at once.
const UPLOADS_MAX: usize = 128;
/// Uploads that are sent on to remote storage at once: what is sent is mapped while it is.
const SENDS_MAX: usize = 8;
/// Bytes of a piece on its way from a folder of this machine to a client.
pub(super) const LOCAL_PIECE_BYTES: u64 = 256 << 10;
/// The same from remote storage, where every piece costs a round trip.
pub(super) const REMOTE_PIECE_BYTES: u64 = 2 << 20;
/// Kibibytes of all pieces on their way to clients.
const DOWNLOAD_KIBIBYTES_MAX: u32 = 96 << 10;
/// Calls to storages at once.
const CALLS_MAX: usize = 64;

/// Turns at what is scarce. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Turns {
    uploads: Arc<Semaphore>,
    sends: Arc<Semaphore>,
    downloads: Arc<Semaphore>,
    calls: Arc<Semaphore>,
}

impl Default for Turns {
    fn default() -> Self {
        Self {
            uploads: Arc::new(Semaphore::new(UPLOADS_MAX)),
            sends: Arc::new(Semaphore::new(SENDS_MAX)),
            downloads: Arc::new(Semaphore::new(DOWNLOAD_KIBIBYTES_MAX as usize)),
            calls: Arc::new(Semaphore::new(CALLS_MAX)),
        }
    }
}

impl Turns {
    pub(super) async fn upload(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        Arc::clone(&self.uploads).acquire_owned().await.map_err(stopping)
    }

    pub(super) async fn send(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        Arc::clone(&self.sends).acquire_owned().await.map_err(stopping)
    }

    /// Room for a piece that is at most [`REMOTE_PIECE_BYTES`] long.
    pub(super) async fn download(&self, bytes: u64) -> Result<OwnedSemaphorePermit, Refusal> {
        let kibibytes = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX).clamp(1, DOWNLOAD_KIBIBYTES_MAX);
        Arc::clone(&self.downloads).acquire_many_owned(kibibytes).await.map_err(stopping)
    }

    /// Runs what blocks on a thread where blocking is allowed.
    pub(super) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let _turn = self.calls.acquire().await.map_err(stopping)?;
        tokio::task::spawn_blocking(work).await.map_err(|error| {
            tracing::error!(%error, "a call to a storage did not end");
            Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "the server failed; its log says how")
        })
    }
}

fn stopping(_: tokio::sync::AcquireError) -> Refusal {
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "the server is stopping")
}
