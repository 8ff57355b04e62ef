//! From options and environment to an open repository.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bygone_common::Secret;
use bygone_vault::backend::failover::is_silence;
use bygone_vault::backend::{self, Backend, BackendOptions, Failover, OpenStorage, SharedBackend};
use bygone_vault::location::Location;
use bygone_vault::{
    Engine, EngineOptions, Error, ErrorKind, MasterKey, OpenOptions, Repository, Result, Unlock, Unlocked, keyring,
};

use crate::console;
use crate::drive::DriveOpening;
use crate::global::{Global, Role};
use crate::password::{self, variable};
use crate::storage::backend_options;

/// Everything that opening needs, asked for beforehand: nothing has been connected to, no thread runs.
pub(crate) struct Opening {
    location: Location,
    backend: BackendOptions,
    /// Where its mirror lies, and how that is reached.
    failover: Option<(Location, BackendOptions)>,
    key: Key,
    options: OpenOptions,
    engine: EngineOptions,
}

/// What opens the repository.
enum Key {
    /// The key that `bygone unlock` keeps; if it does not fit any more, what the options say.
    Kept { key: Box<MasterKey>, global: Box<Global> },
    /// A password.
    Password(Secret<String>),
}

/// Opens the repository that the options name, or what a server shows.
///
/// # Errors
/// Whatever keeps it from being opened, in one sentence.
pub(crate) fn open(global: &Global) -> Result<Repository> {
    match DriveOpening::prepare(global)? {
        Some(server) => server.open(),
        None => Opening::prepare(global)?.open(),
    }
}

/// How the engine works that reads.
pub(crate) fn engine_options(global: &Global) -> EngineOptions {
    let engine = EngineOptions { strict_ids: global.verify_ids, ..EngineOptions::default() };
    EngineOptions { memory_bytes: global.memory.unwrap_or(engine.memory_bytes), ..engine }
}

/// Where the mirror lies that is read while the repository does not answer, and how it is reached.
fn failover(global: &Global) -> Result<Option<(Location, BackendOptions)>> {
    let named = match (&global.failover, global.role) {
        (Some(named), _) => Some(named.clone()),
        (None, Role::Main) => variable("BYGONE_FAILOVER")?,
        (None, Role::From | Role::Mirror) => None,
    };
    let Some(named) = named else { return Ok(None) };
    let mirror = global.of_mirror(&named);
    Ok(Some((location(&mirror)?, backend_options(&mirror)?)))
}

/// The location that the options name.
///
/// # Errors
/// `InvalidInput` when there is none, or it is malformed.
pub(crate) fn location(global: &Global) -> Result<Location> {
    let location = Location::parse(&location_text(global)?)?;
    Ok(match location {
        // The same folder gets the same name from everywhere: kept keys are found by it.
        Location::Local(path) => Location::Local(std::path::absolute(&path).unwrap_or(path)),
        other => other,
    })
}

fn location_text(global: &Global) -> Result<String> {
    if let Some(location) = &global.repository {
        return Ok(location.clone());
    }
    if let Some(file) = &global.repository_file {
        return location_in(file);
    }
    for prefix in ["BYGONE", "RESTIC"] {
        if let Some(location) = variable(&global.role.variable(prefix, "REPOSITORY"))? {
            return Ok(location);
        }
        if let Some(file) = variable(&global.role.variable(prefix, "REPOSITORY_FILE"))? {
            return location_in(Path::new(&file));
        }
    }
    Err(Error::new(
        ErrorKind::InvalidInput,
        match global.role {
            Role::Main => "no repository: give -r LOCATION or set RESTIC_REPOSITORY",
            Role::Mirror => "no mirror is named",
            Role::From => "no repository to take from: give --from-repo LOCATION or set RESTIC_FROM_REPOSITORY",
        },
    ))
}

fn location_in(file: &Path) -> Result<String> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Error::io(format!("read the repository file {}", file.display()), error))?;
    Ok(text.trim().to_owned())
}

impl Opening {
    /// Gathers what is needed, asking for the password if nothing else gives it.
    ///
    /// # Errors
    /// An option that makes no sense, or no password.
    pub(crate) fn prepare(global: &Global) -> Result<Self> {
        let location = location(global)?;
        let shown = location.to_string();
        let key = match keyring::load(&shown) {
            Ok(Some(key)) => Key::Kept { key: Box::new(key), global: Box::new(global.clone()) },
            Ok(None) => Key::Password(password::find(global, &shown)?),
            Err(error) => {
                tracing::debug!(error = %error.chain(), "the keyring is of no use here");
                Key::Password(password::find(global, &shown)?)
            }
        };
        Self::with_key(global, location, key)
    }

    /// The same by password, also where a key is kept: for what changes who may open the repository.
    ///
    /// # Errors
    /// As [`prepare`](Self::prepare).
    pub(crate) fn prepare_by_password(global: &Global) -> Result<Self> {
        let location = location(global)?;
        let key = Key::Password(password::find(global, &location.to_string())?);
        Self::with_key(global, location, key)
    }

    fn with_key(global: &Global, location: Location, key: Key) -> Result<Self> {
        Ok(Self {
            failover: failover(global)?,
            location,
            backend: backend_options(global)?,
            key,
            options: OpenOptions { cache_dir: cache_dir(global)?, ..OpenOptions::default() },
            engine: engine_options(global),
        })
    }

    /// Where the repository lies.
    #[cfg(feature = "mount")]
    pub(crate) fn location(&self) -> &Location {
        &self.location
    }

    /// Where the repository lies, for people, and for the keyring.
    pub(crate) fn shown(&self) -> String {
        self.location.to_string()
    }

    /// Where the cache lies, if there is one.
    #[cfg(feature = "mount")]
    pub(crate) fn cache_dir(&self) -> Option<&Path> {
        self.options.cache_dir.as_deref()
    }

    /// Starts the engine and opens the repository.
    ///
    /// # Errors
    /// Whatever keeps it from being opened, in one sentence.
    pub(crate) fn open(self) -> Result<Repository> {
        let backend = self.backend()?;
        let unlocked = self.unlock(backend.as_ref())?;
        self.open_unlocked(backend, unlocked)
    }

    /// The storage to read from; with its mirror, if there is one.
    fn backend(&self) -> Result<SharedBackend> {
        let primary = backend::open(&self.location, &self.backend);
        let Some((location, options)) = &self.failover else { return primary.map(|opened| opened.backend) };
        match primary {
            Ok(primary) => {
                let mirror = backend::open(location, options)?.backend;
                Ok(Arc::new(Failover::new(primary.backend, mirror)))
            }
            // A disk that is not there says so at once.
            Err(error) if is_silence(&error) => {
                tracing::error!(error = error.chain(), mirror = %location, "the repository is away; its mirror is read");
                Ok(backend::open(location, options)?.backend)
            }
            Err(error) => Err(error),
        }
    }

    /// The storage, to write to. Each call answers storage of its own, with a token of its own.
    ///
    /// # Errors
    /// Whatever is wrong with the options.
    pub(crate) fn storage(&self) -> Result<OpenStorage> {
        backend::open_storage(&self.location, &self.backend)
    }

    /// The repository's key: the one that is kept if it fits, otherwise by password.
    ///
    /// # Errors
    /// Whatever keeps it from being opened, in one sentence.
    pub(crate) fn unlock(&self, backend: &dyn Backend) -> Result<Unlocked> {
        let by = |unlock| Unlocked::read(backend, unlock);
        match &self.key {
            Key::Password(password) => by(Unlock::Password(password.clone())),
            Key::Kept { key, global } => match by(Unlock::MasterKey(key.clone())) {
                Err(error) if matches!(error.kind(), ErrorKind::Damaged | ErrorKind::WrongPassword) => {
                    // Another repository may lie there by now.
                    tracing::info!(error = %error.chain(), "the kept key does not open the repository");
                    by(Unlock::Password(password::find(global, &self.location.to_string())?))
                }
                other => other,
            },
        }
    }

    /// Starts the engine and opens the repository whose key is known.
    ///
    /// # Errors
    /// What the storage answers.
    pub(crate) fn open_unlocked(&self, backend: SharedBackend, unlocked: Unlocked) -> Result<Repository> {
        let engine = Engine::start(self.engine.clone())?;
        let repository = Repository::open_unlocked(&engine, backend, unlocked, self.options.clone())?;
        for (_, error) in repository.damaged_index_files() {
            console::problem(&error.chain());
        }
        Ok(repository)
    }
}

/// The folder below which each repository has one of its own; `None` keeps nothing on disk.
pub(crate) fn cache_dir(global: &Global) -> Result<Option<PathBuf>> {
    if global.no_cache {
        return Ok(None);
    }
    if let Some(folder) = &global.cache_dir {
        return Ok(Some(folder.clone()));
    }
    if let Some(folder) = variable("BYGONE_CACHE_DIR")? {
        return Ok(Some(PathBuf::from(folder)));
    }
    let base = if cfg!(windows) {
        variable("LOCALAPPDATA")?.map(PathBuf::from)
    } else {
        match variable("XDG_CACHE_HOME")?.map(PathBuf::from).filter(|folder| folder.is_absolute()) {
            Some(folder) => Some(folder),
            None => variable("HOME")?.map(|home| Path::new(&home).join(".cache")),
        }
    };
    Ok(base.map(|folder| folder.join("bygone")))
}
