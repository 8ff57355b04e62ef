//! Making a repository where there is none: the place, a key file, then the config, which makes it a repository.

use bygone_common::{Id, KeyId, RepositoryId, Secret};
use serde_json::Map;

use crate::backend::{Content, FileId, FileKind, Storage};
use crate::config::{Config, Policy, VERSIONS};
use crate::crypto::MasterKey;
use crate::error::{Error, ErrorKind, Result};
use crate::key::{self, NewKey};
use crate::polynomial::Polynomial;
use crate::{random, sealed_file};

/// What a repository shall be like.
#[derive(Debug, Clone)]
pub struct InitOptions {
    /// The format version: 1, or 2 with compression.
    pub version: u32,
    /// How files are cut: as in another repository, between which blobs are copied; `None` is a way of its own.
    pub polynomial: Option<Polynomial>,
    /// Its first key.
    pub key: NewKey,
    /// What this program alone goes by.
    pub policy: Policy,
}

impl InitOptions {
    /// A repository of the newest format with one key.
    pub fn new(key: NewKey) -> Self {
        Self { version: *VERSIONS.end(), polynomial: None, key, policy: Policy::default() }
    }
}

/// A repository that was made.
#[derive(Debug, Clone)]
pub struct Initialized {
    /// Its master key.
    pub key: MasterKey,
    /// Its key file.
    pub key_id: KeyId,
    /// Its config.
    pub config: Config,
}

/// Makes a repository. Other files at the place are left alone.
///
/// # Errors
/// `Conflict` when a repository is there, or parts of one; `Denied` for a place that cannot be written to; what the storage
/// answers. After an error there is no repository, but a key file may be left behind.
pub fn init(storage: &dyn Storage, options: &InitOptions) -> Result<Initialized> {
    let location = storage.location();
    if !VERSIONS.contains(&options.version) {
        let sentence = format!(
            "format version {} cannot be written: there are {} to {}",
            options.version,
            VERSIONS.start(),
            VERSIONS.end()
        );
        return Err(Error::new(ErrorKind::InvalidInput, sentence));
    }
    let failed = |error: Error| error.context(format!("make a repository at {location}"));
    if has_config(storage).map_err(failed)? {
        return Err(Error::new(ErrorKind::Conflict, format!("there is a repository at {location} already")));
    }
    storage.create().map_err(failed)?;
    for kind in [FileKind::Key, FileKind::Snapshot] {
        if !absent_is_empty(storage.list(kind)).map_err(failed)?.is_empty() {
            let what = format!(
                "{location} holds no config, but {} of a repository: either it is damaged, or making it was cut off; what \
                 is there has to be moved away first",
                kind.folder()
            );
            return Err(Error::new(ErrorKind::Conflict, what));
        }
    }
    let polynomial = options.polynomial.map_or_else(Polynomial::random, Ok)?;
    let config = Config {
        version: options.version,
        id: RepositoryId(Id::new(random::bytes()?)),
        chunker_polynomial: polynomial.to_string(),
        bygone: options.policy.clone(),
        others: Map::new(),
    };
    let master = MasterKey::new(Secret::new(random::bytes()?));
    let key_id = key::add_noting(storage, &master, &options.key, None).map_err(failed)?;
    let sealed = sealed_file::seal(&master, config.version, FileKind::Config, &config.to_json()?)?;
    storage.write(FileId::CONFIG, &Content::from(sealed)).map_err(failed)?;
    // Of two that make a repository at once, one finds the other's config here.
    let read = sealed_file::read(storage, &master, FileId::CONFIG).and_then(|json| Config::parse(&json));
    match read {
        Ok(read) if read == config => Ok(Initialized { key: master, key_id, config }),
        Ok(_) | Err(_) => {
            let sentence = format!("another program made a repository at {location} at the same time");
            Err(Error::new(ErrorKind::Conflict, sentence))
        }
    }
}

fn has_config(storage: &dyn Storage) -> Result<bool> {
    match storage.read(FileId::CONFIG) {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotARepository) => Ok(false),
        Err(error) => Err(error),
    }
}

/// A folder that is not there holds nothing.
fn absent_is_empty<T>(listed: Result<Vec<T>>) -> Result<Vec<T>> {
    match listed {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotARepository) => Ok(Vec::new()),
        other => other,
    }
}
