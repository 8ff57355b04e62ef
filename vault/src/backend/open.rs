//! From a location to a backend with its decorators.

use std::sync::Arc;

use super::cancel::Cancellable;
use super::local::Local;
use super::meter::Metered;
use super::object_lock::ObjectLock;
use super::rest::Rest;
use super::retry::Retry;
use super::s3::S3;
use super::sftp::Sftp;
use super::{Backend, BackendOptions, CancelToken, Meter, SharedBackend, SharedStorage};
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

/// Storage ready for use, with what controls and watches it.
#[derive(Debug, Clone)]
pub struct OpenStorage {
    /// `metered(retry(cancel(storage)))`.
    pub storage: SharedStorage,
    /// Stops all calls, for good.
    pub cancel: CancelToken,
    /// What crossed so far.
    pub meter: Arc<Meter>,
    /// What keeps files from being removed; only S3 has it.
    pub object_lock: Option<ObjectLock>,
}

/// Opens the storage of a repository for reading, without looking for a repository there. Remote storage is connected to
/// by the first call.
///
/// # Errors
/// `NotARepository` when a local folder does not exist; whatever is wrong with the options: a certificate or key file
/// that cannot be read, keys that are missing.
pub fn open(location: &Location, options: &BackendOptions) -> Result<OpenBackend> {
    if let Location::Local(path) = location {
        Local::look_for(path)?;
    }
    let cancel = CancelToken::new();
    let (storage, _) = undecorated(location, options, &cancel)?;
    Ok(decorate(storage, options, cancel))
}

/// The same for writing. The place need not exist yet: [`Storage::create`](super::Storage::create) makes it.
///
/// # Errors
/// Whatever is wrong with the options.
pub fn open_storage(location: &Location, options: &BackendOptions) -> Result<OpenStorage> {
    let cancel = CancelToken::new();
    let (storage, object_lock) = undecorated(location, options, &cancel)?;
    Ok(OpenStorage { object_lock, ..decorate_storage(storage, options, cancel) })
}

fn undecorated(
    location: &Location,
    options: &BackendOptions,
    cancel: &CancelToken,
) -> Result<(SharedStorage, Option<ObjectLock>)> {
    match location {
        Location::S3(at) => {
            let host = match at.host.rsplit_once(':') {
                Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !host.ends_with(':') => host,
                Some(_) | None => at.host.as_str(),
            };
            options.addresses.check_host(host)?;
        }
        Location::Rest(at) => options.addresses.check_host(at.url.host_str().unwrap_or_default())?,
        Location::Local(_) | Location::Sftp(_) => {}
    }
    let storage: SharedStorage = match location {
        Location::S3(at) => {
            let s3 = Arc::new(S3::open(at, options, cancel.clone())?);
            let lock = ObjectLock::new(Arc::clone(&s3), options.retry, cancel.clone());
            return Ok((s3, Some(lock)));
        }
        Location::Local(path) => Arc::new(Local::new(path, options, cancel.clone())),
        Location::Rest(at) => Arc::new(Rest::open(at, options, cancel.clone())?),
        Location::Sftp(at) => Arc::new(Sftp::open(at, options, cancel.clone())?),
    };
    Ok((storage, None))
}

/// Puts the decorators around a backend of one's own making, as [`open`] does.
pub fn decorate(backend: SharedBackend, options: &BackendOptions, cancel: CancelToken) -> OpenBackend {
    let (backend, meter) = stack(backend, options, &cancel);
    OpenBackend { backend, cancel, meter }
}

/// Puts the decorators around storage of one's own making, as [`open_storage`] does.
pub fn decorate_storage(storage: SharedStorage, options: &BackendOptions, cancel: CancelToken) -> OpenStorage {
    let (storage, meter) = stack(storage, options, &cancel);
    OpenStorage { storage, cancel, meter, object_lock: None }
}

type Stack<B> = Arc<Metered<Retry<Cancellable<B>>>>;

/// The one order of decorators.
fn stack<B: Backend + ?Sized>(inner: Arc<B>, options: &BackendOptions, cancel: &CancelToken) -> (Stack<B>, Arc<Meter>) {
    let meter = Arc::new(Meter::default());
    let cancellable = Arc::new(Cancellable::new(inner, cancel.clone()));
    let retry = Arc::new(Retry::new(cancellable, options.retry, cancel.clone()));
    (Arc::new(Metered::new(retry, Arc::clone(&meter))), meter)
}

#[cfg(test)]
mod tests;
