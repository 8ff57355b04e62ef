//! A repository as a job reaches it: through the server's gateway or where it lies itself, and locked for as long as the
//! job lasts.

use std::time::Duration;

use bygone_common::job::LogLevel;
use bygone_common::plan;
use bygone_common::protocol::RepositoryAccess;
use bygone_vault::backend::{BackendOptions, OpenStorage, SharedBackend, open_storage};
use bygone_vault::location::Location;
use bygone_vault::lock::{LockKind, LockOptions, Locks, release};
use bygone_vault::worm::{self, Applied};
use bygone_vault::{Engine, EngineOptions, Error, ErrorKind, OpenOptions, Repository, Result, Unlock, Unlocked};
use jiff::tz::TimeZone;

use crate::context::Context;
use crate::limits::Bandwidth;
use crate::state::Folder;

/// For how long another program's lock is waited for.
const LOCK_WAIT_MAX: Duration = Duration::from_mins(5);
/// Memory for decoded blobs of one job.
const MEMORY_BYTES: u64 = 64 << 20;

/// A repository that is open, and locked.
pub(crate) struct Reached {
    pub(crate) engine: Engine,
    pub(crate) repository: Repository,
    pub(crate) opened: OpenStorage,
}

/// What reads and decodes for one job.
pub(crate) fn engine() -> Result<Engine> {
    Engine::start(EngineOptions { memory_bytes: MEMORY_BYTES, ..EngineOptions::default() })
}

/// Opens a repository, and works with it under restic's shared lock: who adds wants it, and so does who reads for long, so
/// that nobody prunes meanwhile.
///
/// # Errors
/// What keeps it from being opened or locked; what the work answers; that the lock was lost meanwhile.
pub(crate) fn within<T>(
    access: &RepositoryAccess,
    limits: &plan::Limits,
    context: &Context<'_>,
    work: impl FnOnce(&Reached) -> Result<T>,
) -> Result<T> {
    let bandwidth = Bandwidth::follow(limits, context.clock, TimeZone::system());
    let options = options(access, context.folder, &bandwidth)?;
    let location = match &access.gateway_path {
        Some(path) => Location::parse(&format!("rest:{}{path}", context.server))?,
        None => Location::parse(&access.location)?,
    };
    let opened = open_storage(&location, &options)?;
    // Of its own, so that it answers also when the work was given up.
    let of_lock = open_storage(&location, &options)?.storage;
    context.token.pulls_too(&opened.cancel);
    let unlocked = Unlocked::read(opened.storage.as_ref(), Unlock::Password(access.password.clone()))?;
    // Behind a gateway it is the server that has the storage lock what comes.
    if access.gateway_path.is_none()
        && let Applied::InVain(policy) = worm::apply(&unlocked.config, opened.object_lock.as_ref())?
    {
        let days = policy.days;
        context.log.say(
            LogLevel::Warn,
            format!("files should be locked for {days} days, but this storage cannot: what is written can be removed"),
        );
    }
    remove_left(access, context, &of_lock);
    // Before the lock, so that it is let go of after it.
    let holder = context.locks.holder(access.repository, access.gateway_path.as_deref());
    let how = LockOptions { retry_for: LOCK_WAIT_MAX, ..LockOptions::new(LockKind::Shared) };
    let lock = Locks::of(of_lock, &unlocked).noted(holder.notes()).acquire(&how, &opened.cancel)?;
    let done = (|| {
        let backend: SharedBackend = opened.storage.clone();
        let engine = engine()?;
        let cache_dir = Some(context.folder.join("cache"));
        let repository =
            Repository::open_unlocked(&engine, backend, unlocked, OpenOptions { cache_dir, ..OpenOptions::default() })?;
        work(&Reached { engine, repository, opened })
    })();
    release(lock, done)
}

/// Locks of an agent that ended suddenly. Those that stay keep nobody from adding.
fn remove_left(access: &RepositoryAccess, context: &Context<'_>, storage: &bygone_vault::backend::SharedStorage) {
    let (level, text) = match context.locks.remove_left_in(access.repository, storage) {
        Ok(0) => return,
        Ok(left) => (LogLevel::Info, format!("{left} locks were left by an agent that ended suddenly: they are gone")),
        Err(error) => {
            let why = error.chain();
            (LogLevel::Warn, format!("locks that an agent left when it ended suddenly stay for now: {why}"))
        }
    };
    context.log.say(level, text);
}

/// How the gateway of a server is reached, by the agent's certificate.
pub(crate) fn at_gateway(folder: &Folder, mut options: BackendOptions) -> BackendOptions {
    options.tls.client_certificate_file = Some(folder.join("identity.pem"));
    options.tls.ca_file = Some(folder.join("ca.pem"));
    options
}

/// How a repository's storage is reached.
///
/// # Errors
/// A value that cannot be used; a certificate that cannot be written.
fn options(access: &RepositoryAccess, folder: &Folder, bandwidth: &Bandwidth) -> Result<BackendOptions> {
    // Of this machine's environment nothing counts: what opens a repository comes with the lease.
    let lookup = |name: &str| access.environment.get(name).map(|value| value.expose().clone());
    let mut options = BackendOptions::from_env(lookup)?;
    if access.user.is_some() {
        options.rest.user.clone_from(&access.user);
        options.rest.password.clone_from(&access.user_password);
    }
    if access.gateway_path.is_some() {
        options = at_gateway(folder, options);
    }
    if let Some(ca) = &access.ca {
        let name = format!("ca-{}.pem", access.repository);
        let failed = |error: crate::Error| Error::new(ErrorKind::Io, error.to_string());
        folder.write_bytes(&name, ca.as_bytes()).map_err(failed)?;
        options.tls.ca_file = Some(folder.join(name));
    }
    options.class = access.storage_class;
    options.bandwidth = bandwidth.limits();
    Ok(options)
}
