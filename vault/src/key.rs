//! Key files: the master key, wrapped by what scrypt makes of a password. A repository may have several, one for each
//! person or program that may open it.
//!
//! Removing a key file takes its password the power to open the repository, and nothing else: whoever has seen the master
//! key knows it for good.

mod file;

use bygone_common::{Id, KeyId, Secret};
use jiff::{Timestamp, Zoned};
use sha2::{Digest, Sha256};

use crate::backend::{Backend, Content, FileId, FileKind, Storage};
use crate::crypto::MasterKey;
use crate::error::{Error, ErrorKind, Result};
use crate::lock::owner;
use crate::random;
use file::KeyFile;
pub(crate) use file::Note;

pub use file::KeyCost;

/// Key files that are tried with one password. Each try costs about half a second and 128 MiB; restic stops at 20 too.
pub const KEYS_TRIED_MAX: usize = 20;
/// Characters of generated passwords: those of Crockford's base 32, which nobody mistakes for each other.
const RECOVERY_DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Groups of a generated password.
const RECOVERY_GROUPS: usize = 8;
/// Characters of a group: 200 bits of chance in all.
const RECOVERY_GROUP_DIGITS: usize = 5;

/// A key that is to be made.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// The password that shall open it.
    pub password: Secret<String>,
    /// The machine that it is for; `None` is this one.
    pub host: Option<String>,
    /// The user that it is for; `None` is this one.
    pub user: Option<String>,
    /// What guessing the password shall cost.
    pub cost: KeyCost,
}

impl NewKey {
    /// A key of a password for this user of this machine.
    pub fn new(password: Secret<String>) -> Self {
        Self { password, host: None, user: None, cost: KeyCost::default() }
    }
}

/// A key file of a repository.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The file's name.
    pub id: KeyId,
    /// What it says of itself, unless it cannot be read.
    pub info: Result<KeyInfo>,
}

/// What a key file says in clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyInfo {
    /// The user that it is for; empty when unknown.
    pub user: String,
    /// The machine that it is for; empty when unknown.
    pub host: String,
    /// When it was made; `None` when nobody can tell.
    pub created: Option<Timestamp>,
}

/// Tries the password on every key file of the repository.
///
/// # Errors
/// `WrongPassword` when none opens; `NotARepository` when there is no key file at all; what the storage answers.
pub fn unlock(backend: &dyn Backend, password: &Secret<String>) -> Result<(KeyId, MasterKey)> {
    open(backend, password).map(|opened| (opened.id, opened.key))
}

/// A key file that a password opened.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) id: KeyId,
    pub(crate) key: MasterKey,
    /// What it says of a rotation that is not over.
    pub(crate) note: Option<Note>,
}

/// The same as [`unlock`], with what the key file says besides.
pub(crate) fn open(backend: &dyn Backend, password: &Secret<String>) -> Result<Opened> {
    let mut keys = backend.list(FileKind::Key)?;
    if keys.is_empty() {
        return Err(Error::new(
            ErrorKind::NotARepository,
            format!("{} holds no key file: not a repository, or only a part of one", backend.location()),
        ));
    }
    keys.sort();
    let mut damaged = None;
    let mut files = Vec::with_capacity(keys.len());
    for listed in &keys {
        let id = KeyId(listed.id);
        match backend.read(FileId::new(FileKind::Key, id)).and_then(|bytes| KeyFile::parse(&bytes)) {
            Ok(file) => files.push((id, file)),
            Err(error) if error.kind() == ErrorKind::Damaged => pass_over(id, error, &mut damaged),
            Err(error) => return Err(error),
        }
    }
    // What a rotation notes has to be known, also when it was cut off between its two files of one password.
    files.sort_by_key(|(_, file)| file.bygone.is_none());
    for (id, file) in files.into_iter().take(KEYS_TRIED_MAX) {
        match file.open(password) {
            Ok(Some(key)) => return Ok(Opened { id, key, note: file.bygone }),
            Ok(None) => {}
            Err(error) => pass_over(id, error, &mut damaged),
        }
    }
    Err(damaged.unwrap_or_else(|| {
        let sentence = format!("wrong password for {}, or no key of it fits", backend.location());
        Error::new(ErrorKind::WrongPassword, sentence)
    }))
}

fn pass_over(id: KeyId, error: Error, damaged: &mut Option<Error>) {
    let error = error.context(format!("read key file {}", id.short()));
    tracing::warn!(error = error.chain(), "passing over a key file");
    *damaged = Some(error);
}

/// All key files, by id.
///
/// # Errors
/// What the storage answers. A file that cannot be read does not fail the others.
pub fn list(backend: &dyn Backend) -> Result<Vec<Listed>> {
    let mut listed = backend.list(FileKind::Key)?;
    listed.sort();
    Ok(listed.into_iter().map(|file| Listed { id: KeyId(file.id), info: read(backend, KeyId(file.id)) }).collect())
}

fn read(backend: &dyn Backend, id: KeyId) -> Result<KeyInfo> {
    let file = backend.read(FileId::new(FileKind::Key, id)).and_then(|bytes| KeyFile::parse(&bytes));
    let file = file.map_err(|error| error.context(format!("read key file {}", id.short())))?;
    Ok(KeyInfo { user: file.username, host: file.hostname, created: file.created.parse().ok() })
}

/// Adds a key file for a master key. It is read back and tried before this returns.
///
/// # Errors
/// `Conflict`: there are [`KEYS_TRIED_MAX`] already, and with more a password might not be tried with its own. What the storage
/// answers; `Damaged` when what was written does not open: it is removed again.
pub fn add(storage: &dyn Storage, master: &MasterKey, new: &NewKey) -> Result<KeyId> {
    if storage.list(FileKind::Key)?.len() >= KEYS_TRIED_MAX {
        let sentence = format!("the repository has {KEYS_TRIED_MAX} keys already: remove one first");
        return Err(Error::new(ErrorKind::Conflict, sentence));
    }
    add_noting(storage, master, new, None)
}

/// The same with a note about a rotation.
pub(crate) fn add_noting(storage: &dyn Storage, master: &MasterKey, new: &NewKey, note: Option<Note>) -> Result<KeyId> {
    let mut file = KeyFile::wrap(master, &new.password, new.cost)?;
    let (host, user) = owner::names();
    file.hostname = new.host.clone().unwrap_or(host);
    file.username = new.user.clone().unwrap_or(user);
    // Go reads no time with a zone's name behind it.
    file.created = Zoned::now().strftime("%Y-%m-%dT%H:%M:%S%.f%:z").to_string();
    file.bygone = note;
    let (id, bytes) = named(&file)?;
    let stored = FileId::new(FileKind::Key, id);
    let failed = |error: Error| error.context(format!("add key file {}", id.short()));
    storage.write(stored, &Content::from(bytes)).map_err(failed)?;
    let opened = storage.read(stored).and_then(|bytes| KeyFile::parse(&bytes)?.open(&new.password));
    match opened.map_err(failed)? {
        Some(opened) if opened.bytes() == master.bytes() => Ok(id),
        Some(_) | None => {
            storage.remove(stored).map_err(failed)?;
            Err(failed(Error::new(ErrorKind::Damaged, "what was written does not open; it is removed again")))
        }
    }
}

/// A key file's name and bytes.
fn named(file: &KeyFile) -> Result<(KeyId, Vec<u8>)> {
    let bytes = file.to_json()?;
    Ok((KeyId(Id::new(Sha256::digest(&bytes).into())), bytes))
}

/// The key files that say something of a rotation.
pub(crate) fn noting(backend: &dyn Backend) -> Result<Vec<KeyId>> {
    let mut noting = Vec::new();
    for listed in backend.list(FileKind::Key)? {
        let bytes = backend.read(FileId::new(FileKind::Key, listed.id))?;
        if KeyFile::parse(&bytes).is_ok_and(|file| file.bygone.is_some()) {
            noting.push(KeyId(listed.id));
        }
    }
    Ok(noting)
}

/// A key file like `id` that says nothing of a rotation: its name and bytes.
pub(crate) fn without_note(backend: &dyn Backend, id: KeyId) -> Result<(KeyId, Vec<u8>)> {
    let mut file = KeyFile::parse(&backend.read(FileId::new(FileKind::Key, id))?)?;
    file.bygone = None;
    named(&file)
}

/// Removes a key file.
///
/// # Errors
/// `InvalidInput` for `current`, the one that opened the repository: the last key would be lost some day. What the storage
/// answers.
pub fn remove(storage: &dyn Storage, id: KeyId, current: Option<KeyId>) -> Result<()> {
    if current == Some(id) {
        let sentence = format!("key {} is the one that opened the repository now, so it stays", id.short());
        return Err(Error::new(ErrorKind::InvalidInput, sentence));
    }
    storage
        .remove(FileId::new(FileKind::Key, id))
        .map_err(|error| error.context(format!("remove key file {}", id.short())))
}

/// A password of chance alone, fit for paper: 200 bits in groups of letters and digits that nobody mistakes.
///
/// # Errors
/// The system gives no random numbers.
pub fn recovery_password() -> Result<Secret<String>> {
    let chance = random::bytes::<{ RECOVERY_GROUPS * RECOVERY_GROUP_DIGITS }>()?;
    let mut text = String::with_capacity(chance.len() + RECOVERY_GROUPS);
    for (nth, byte) in chance.iter().enumerate() {
        if nth > 0 && nth % RECOVERY_GROUP_DIGITS == 0 {
            text.push('-');
        }
        // Five bits of eight: each of the 32 digits is as likely as any other.
        text.extend(RECOVERY_DIGITS.get(usize::from(byte % 32)).map(|digit| char::from(*digit)));
    }
    Ok(Secret::new(text))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use crate::backend::{BackendOptions, open_storage};

    #[test]
    fn a_key_that_might_not_be_tried_is_not_added() {
        let folder = tempfile::tempdir().unwrap();
        let location = folder.path().to_str().unwrap().parse().unwrap();
        let storage = open_storage(&location, &BackendOptions::default()).unwrap().storage;
        storage.create().unwrap();
        for number in 1..KEYS_TRIED_MAX {
            let bytes = number.to_string().into_bytes();
            let id = Id::new(Sha256::digest(&bytes).into());
            storage.write(FileId::new(FileKind::Key, id), &Content::from(bytes)).unwrap();
        }
        let master = MasterKey::new(Secret::new(random::bytes().unwrap()));
        let cost = KeyCost { log_n: 1, r: 1, p: 1 };
        let new = NewKey { cost, ..NewKey::new(Secret::new("open sesame".to_owned())) };
        add(storage.as_ref(), &master, &new).unwrap();
        let error = add(storage.as_ref(), &master, &new).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict, "{}", error.chain());
        assert_eq!(storage.list(FileKind::Key).unwrap().len(), KEYS_TRIED_MAX);
    }

    #[test]
    fn recovery_passwords_are_eight_groups_of_five_and_never_the_same() {
        let (one, other) = (recovery_password().unwrap(), recovery_password().unwrap());
        assert_ne!(one, other);
        let groups: Vec<&str> = one.expose().split('-').collect();
        assert_eq!(groups.len(), 8);
        for group in groups {
            assert!(group.len() == 5 && group.bytes().all(|digit| RECOVERY_DIGITS.contains(&digit)), "{group}");
        }
    }
}
