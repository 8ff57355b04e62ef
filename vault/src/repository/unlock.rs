//! From storage to its master key and its config: all that stands before a lock, and before anything is listed.

use bygone_common::{KeyId, Secret};

use crate::backend::{Backend, FileId};
use crate::config::Config;
use crate::crypto::MasterKey;
use crate::error::{Error, ErrorKind, Result};
use crate::{key, sealed_file};

/// What opens a repository.
#[derive(Debug, Clone)]
pub enum Unlock {
    /// A password that one of its key files was made with.
    Password(Secret<String>),
    /// Its master key: no key file is read, and scrypt is skipped.
    MasterKey(Box<MasterKey>),
}

/// A repository whose key is known, and nothing else of it yet.
#[derive(Debug, Clone)]
pub struct Unlocked {
    /// The master key.
    pub key: MasterKey,
    /// The key file that the password opened; `None` when the master key was at hand.
    pub key_id: Option<KeyId>,
    /// What the config file says.
    pub config: Config,
}

impl Unlocked {
    /// Reads the config file, and a key file that the password opens.
    ///
    /// # Errors
    /// `NotARepository`, `WrongPassword`, `Unsupported`, `Damaged`, and what the storage answers.
    pub fn read(backend: &dyn Backend, unlock: Unlock) -> Result<Self> {
        let location = backend.location();
        let sealed = backend.read(FileId::CONFIG).map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                let sentence = format!("{location} is not a restic repository: it has no config file");
                Error::new(ErrorKind::NotARepository, sentence)
            }
            _ => error.context(format!("open the repository {location}")),
        })?;
        let (key_id, key) = match unlock {
            Unlock::Password(password) => {
                let (id, key) = key::unlock(backend, &password)?;
                (Some(id), key)
            }
            Unlock::MasterKey(key) => (None, *key),
        };
        let config = Config::parse(&sealed_file::open(&key, FileId::CONFIG, sealed)?)
            .map_err(|error| error.context(format!("open the repository {location}")))?;
        Ok(Self { key, key_id, config })
    }
}
