//! From options and environment to an open repository.

use std::path::{Path, PathBuf};

use bygone_common::Secret;
use bygone_vault::backend::options::PathStyle;
use bygone_vault::backend::{self, BackendOptions};
use bygone_vault::location::Location;
use bygone_vault::{
    Engine, EngineOptions, Error, ErrorKind, MasterKey, OpenOptions, Repository, Result, Unlock, keyring,
};

use crate::console;
use crate::global::Global;
use crate::password::{self, variable};

/// Everything that opening needs, asked for beforehand: nothing has been connected to, no thread runs.
pub(crate) struct Opening {
    location: Location,
    backend: BackendOptions,
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

/// Opens the repository that the options name.
///
/// # Errors
/// Whatever keeps it from being opened, in one sentence.
pub(crate) fn open(global: &Global) -> Result<Repository> {
    Opening::prepare(global)?.open()
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
        if let Some(location) = variable(&format!("{prefix}_REPOSITORY"))? {
            return Ok(location);
        }
        if let Some(file) = variable(&format!("{prefix}_REPOSITORY_FILE"))? {
            return location_in(Path::new(&file));
        }
    }
    Err(Error::new(ErrorKind::InvalidInput, "no repository: give -r LOCATION or set RESTIC_REPOSITORY"))
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
        let engine = EngineOptions { strict_ids: global.verify_ids, ..EngineOptions::default() };
        let memory_bytes = global.memory.unwrap_or(engine.memory_bytes);
        Ok(Self {
            location,
            backend: backend_options(global)?,
            key,
            options: OpenOptions { cache_dir: cache_dir(global)?, ..OpenOptions::default() },
            engine: EngineOptions { memory_bytes, ..engine },
        })
    }

    /// Where the repository lies.
    #[cfg(feature = "mount")]
    pub(crate) fn location(&self) -> &Location {
        &self.location
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
        let engine = Engine::start(self.engine.clone())?;
        let opened = backend::open(&self.location, &self.backend)?;
        let with = |unlock| Repository::open(&engine, opened.backend.clone(), unlock, self.options.clone());
        let repository = match &self.key {
            Key::Password(password) => with(Unlock::Password(password.clone()))?,
            Key::Kept { key, global } => match with(Unlock::MasterKey(Box::new(MasterKey::clone(key)))) {
                Err(error) if matches!(error.kind(), ErrorKind::Damaged | ErrorKind::WrongPassword) => {
                    // Another repository may lie there by now.
                    tracing::info!(error = %error.chain(), "the kept key does not open the repository");
                    with(Unlock::Password(password::find(global, &self.location.to_string())?))?
                }
                other => other?,
            },
        };
        for (_, error) in repository.damaged_index_files() {
            console::problem(&error.chain());
        }
        Ok(repository)
    }
}

fn backend_options(global: &Global) -> Result<BackendOptions> {
    let mut options = BackendOptions::from_env(|name| std::env::var(name).ok())?;
    if let Some(file) = &global.cacert {
        options.tls.ca_file = Some(file.clone());
    }
    if let Some(file) = &global.tls_client_cert {
        options.tls.client_certificate_file = Some(file.clone());
    }
    for option in &global.options {
        set_option(&mut options, option)?;
    }
    Ok(options)
}

/// restic's extended options, as far as they mean something here.
fn set_option(options: &mut BackendOptions, option: &str) -> Result<()> {
    let refused = |why: &str| Error::new(ErrorKind::InvalidInput, format!("option {option:?}: {why}"));
    let (key, value) = option.split_once('=').ok_or_else(|| refused("write KEY=VALUE"))?;
    match key.trim() {
        "s3.region" => options.s3.region = Some(value.to_owned()),
        "s3.bucket-lookup" => {
            options.s3.path_style = match value {
                "auto" => PathStyle::Auto,
                "path" => PathStyle::On,
                "dns" => PathStyle::Off,
                _ => return Err(refused("it is auto, dns or path")),
            }
        }
        "s3.profile" => options.s3.profile = Some(value.to_owned()),
        "s3.unsafe-anonymous-auth" => {
            options.s3.anonymous = value.parse().map_err(|_| refused("it is true or false"))?;
        }
        "s3.connections" | "sftp.connections" | "rest.connections" | "local.connections" => {
            options.limits.connections =
                value.parse().ok().filter(|number| *number > 0).ok_or_else(|| refused("it is a number from 1 on"))?;
        }
        "sftp.user" => options.sftp.user = Some(value.to_owned()),
        "sftp.port" => options.sftp.port = Some(value.parse().map_err(|_| refused("it is a port"))?),
        "sftp.identity-file" => options.sftp.identity_files = vec![PathBuf::from(value)],
        "sftp.known-hosts" => options.sftp.known_hosts_files = vec![PathBuf::from(value)],
        "sftp.config" if value == "none" => options.sftp.openssh.config_files.clear(),
        "sftp.config" => options.sftp.openssh.config_files = vec![PathBuf::from(value)],
        "sftp.command" | "sftp.args" => {
            return Err(refused(
                "no ssh program is run here; ~/.ssh/config is read, and see sftp.config, sftp.user, sftp.port, \
                 sftp.identity-file and sftp.known-hosts",
            ));
        }
        _ => return Err(refused("there is no such option")),
    }
    Ok(())
}

/// The folder below which each repository has one of its own; `None` keeps nothing on disk.
fn cache_dir(global: &Global) -> Result<Option<PathBuf>> {
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
