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
    /// A rotation of the master key that is not over, if the password was the one it is for.
    pub pending: Option<Pending>,
}

/// A rotation of the master key that is not over: both keys are known.
#[derive(Debug, Clone)]
pub struct Pending {
    /// The key file that speaks of it: the new password's.
    pub key_id: KeyId,
    /// The master key that is not the repository's at present: the next one before the switch, the one before after it.
    pub other: MasterKey,
    /// Whether the repository has been switched over to the new key.
    pub switched: bool,
    /// Whether the config has to be written still.
    pub(crate) lacks_config: bool,
}

impl Unlocked {
    /// Reads the config file, and a key file that the password opens.
    ///
    /// # Errors
    /// `NotARepository`, `WrongPassword`, `Unsupported`, `Damaged`, and what the storage answers.
    pub fn read(backend: &dyn Backend, unlock: Unlock) -> Result<Self> {
        let location = backend.location();
        let within = |error: Error| error.context(format!("open the repository {location}"));
        let sealed = match backend.read(FileId::CONFIG) {
            Ok(sealed) => Some(sealed),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(within(error)),
        };
        let absent = || {
            let sentence = format!("{location} is not a restic repository: it has no config file");
            Error::new(ErrorKind::NotARepository, sentence)
        };
        let opened = match unlock {
            // A rotation may have been cut off between two configs, where storage cannot replace one by another at once.
            Unlock::Password(password) if sealed.is_none() => match key::open(backend, &password) {
                Ok(opened) if opened.note.is_some() => opened,
                Ok(_) | Err(_) => return Err(absent()),
            },
            Unlock::Password(password) => key::open(backend, &password)?,
            Unlock::MasterKey(key) => {
                let sealed = sealed.ok_or_else(absent)?;
                let config = config(&key, sealed).map_err(within)?;
                return Ok(Self { key: *key, key_id: None, config, pending: None });
            }
        };
        let key::Opened { id, key, note } = opened;
        let Some(note) = note else {
            let sealed = sealed.ok_or_else(absent)?;
            let config = config(&key, sealed).map_err(|error| explain(backend, error)).map_err(within)?;
            return Ok(Self { key, key_id: Some(id), config, pending: None });
        };
        let (previous, noted) = note.open(&key).map_err(within)?;
        let pending = |other, switched| Some(Pending { key_id: id, other, switched, lacks_config: sealed.is_none() });
        let belongs = |key: &MasterKey| sealed.as_ref().is_none_or(|sealed| key.is_of(sealed));
        if belongs(&key) {
            let config = config(&key, sealed.clone().unwrap_or(noted)).map_err(within)?;
            return Ok(Self { key_id: Some(id), config, pending: pending(previous, true), key });
        }
        let config = config(&previous, sealed.clone().unwrap_or_default()).map_err(within)?;
        Ok(Self { key: previous, key_id: Some(id), config, pending: pending(key, false) })
    }
}

fn config(key: &MasterKey, sealed: Vec<u8>) -> Result<Config> {
    Config::parse(&sealed_file::open(key, FileId::CONFIG, sealed)?)
}

/// A config that the key does not open: it may be under a newer one.
fn explain(backend: &dyn Backend, error: Error) -> Error {
    match key::noting(backend) {
        Ok(noting) if !noting.is_empty() => {
            Error::new(ErrorKind::WrongPassword, "its master key has been changed: give the new password")
                .because(error)
        }
        Ok(_) | Err(_) => error,
    }
}
