//! From a location to a backend with its decorators.

use std::sync::Arc;

use super::cancel::Cancellable;
use super::local::Local;
use super::meter::Metered;
use super::rest::Rest;
use super::retry::Retry;
use super::s3::S3;
use super::sftp::Sftp;
use super::{BackendOptions, CancelToken, Meter, SharedBackend};
use crate::error::Result;
use crate::location::Location;

/// A backend ready for use, with what controls and watches it.
#[derive(Debug, Clone)]
pub struct OpenBackend {
    /// `metered(retry(cancel(storage)))`.
    pub backend: SharedBackend,
    /// Stops all calls, for good.
    pub cancel: CancelToken,
    /// What crossed so far.
    pub meter: Arc<Meter>,
}

/// Opens the storage of a repository, without looking for a repository there. Remote storage is connected to by the
/// first call.
///
/// # Errors
/// `NotARepository` when a local folder does not exist; whatever is wrong with the options: a certificate or key file
/// that cannot be read, keys that are missing.
pub fn open(location: &Location, options: &BackendOptions) -> Result<OpenBackend> {
    let cancel = CancelToken::new();
    let storage: SharedBackend = match location {
        Location::Local(path) => Arc::new(Local::open(path)?),
        Location::S3(at) => Arc::new(S3::open(at, options, cancel.clone())?),
        Location::Rest(at) => Arc::new(Rest::open(at, options, cancel.clone())?),
        Location::Sftp(at) => Arc::new(Sftp::open(at, options, cancel.clone())?),
    };
    Ok(decorate(storage, options, cancel))
}

/// Puts the decorators around a storage of one's own making, as [`open`] does.
pub fn decorate(storage: SharedBackend, options: &BackendOptions, cancel: CancelToken) -> OpenBackend {
    let meter = Arc::new(Meter::default());
    let cancellable = Arc::new(Cancellable::new(storage, cancel.clone()));
    let retry = Arc::new(Retry::new(cancellable, options.retry, cancel.clone()));
    let backend = Arc::new(Metered::new(retry, Arc::clone(&meter)));
    OpenBackend { backend, cancel, meter }
}

#[cfg(test)]
mod tests;
