//! Keys of a repository: the passwords that open it, with this server or without it. Made and removed in its storage; no row
//! knows of them.

use std::time::Duration;

use bygone_common::{Id, KeyId, OrgUid, RepositoryUid, Secret};
use bygone_store::repositories::Repository as Row;
use bygone_store::{Action, Actor, Resource};
use bygone_vault::backend::{CancelToken, FileKind, OpenStorage};
use bygone_vault::key::{self, Listed, NewKey, recovery_password};
use bygone_vault::lock::{self, LockKind, LockOptions, Locks};
use bygone_vault::{Error, ErrorKind, Unlocked, rotate};
use serde_json::json;

use super::check_password;
use crate::app::App;
use crate::problem::{Problem, ProblemCode, Result};
use crate::storages::{StorageError, blocking};

/// For how long a lock of somebody else is waited for.
const LOCK_WAIT_MAX: Duration = Duration::from_secs(20);
/// Characters of a user's or a machine's name at most.
pub const NAME_CHARS_MAX: usize = 200;

/// A key of a repository.
#[derive(Debug)]
pub struct Key {
    /// Its file.
    pub listed: Listed,
    /// Whether it is the one with which the server opens the repository.
    pub is_servers: bool,
}

/// What a new key is to be opened by.
#[derive(Debug)]
pub enum By {
    /// A password that somebody chose.
    Password(Secret<String>),
    /// One of chance alone, which is shown once.
    Recovery,
}

/// What somebody wants of a new key.
#[derive(Debug)]
pub struct Wanted {
    /// What opens it.
    pub by: By,
    /// The user that it is for.
    pub user: String,
    /// The machine that it is for; may be empty.
    pub host: String,
}

/// A key that was made.
#[derive(Debug)]
pub struct Made {
    /// The key.
    pub key: Key,
    /// Its password, where nobody knows it yet.
    pub recovery: Option<Secret<String>>,
}

/// All keys of a repository.
///
/// # Errors
/// `NotFound`; what the storage answers.
pub async fn list(app: &App, actor: &Actor, org: OrgUid, uid: RepositoryUid) -> Result<Vec<Key>> {
    let row = app.store.repositories().get(actor, org, uid).await?;
    let storage = app.storages.storage(&row).await?;
    let servers = opened(app, &row, &storage).await?.key_id;
    let listed = blocking(move || key::list(storage.storage.as_ref())).await?;
    Ok(listed.into_iter().map(|listed| Key { is_servers: servers == Some(listed.id), listed }).collect())
}

/// What the server's password opens. The master key that is at hand would not tell which key that is.
async fn opened(app: &App, row: &Row, storage: &OpenStorage) -> Result<Unlocked, StorageError> {
    let password = app.storages.password(row).await?;
    app.storages.unlock(storage, password).await
}

/// Adds a key.
///
/// # Errors
/// `NotFound`, `Forbidden`, `Invalid`; `Conflict`: somebody else has the repository locked, or its master key is being
/// changed; what the storage answers.
pub async fn add(app: &App, actor: &Actor, org: OrgUid, uid: RepositoryUid, wanted: Wanted) -> Result<Made> {
    // Whoever has a key reads everything, for good, wherever the storage lets them.
    actor.require(Action::Export, Resource::Repository)?;
    let row = app.store.repositories().get(actor, org, uid).await?;
    check_name("user", &wanted.user, 1)?;
    check_name("host", &wanted.host, 0)?;
    let (password, recovery) = match wanted.by {
        By::Password(password) => {
            check_password(&password)?;
            (password, None)
        }
        By::Recovery => {
            let made = recovery_password().map_err(StorageError::Vault)?;
            (made.clone(), Some(made))
        }
    };
    let details = json!({ "key": "added", "recovery": recovery.is_some(), "user": wanted.user, "host": wanted.host });
    let new = NewKey { host: Some(wanted.host), user: Some(wanted.user), ..NewKey::new(password) };
    let storage = app.storages.storage(&row).await?;
    let unlocked = app.storages.unlocked(&row, &storage).await?;
    let listed = blocking(move || {
        locked(&storage, &unlocked, LockKind::Shared, || {
            let id = key::add(storage.storage.as_ref(), &unlocked.key, &new)?;
            let listed = key::list(storage.storage.as_ref())?.into_iter().find(|listed| listed.id == id);
            listed.ok_or_else(|| Error::new(ErrorKind::NotFound, format!("key {} is gone again", id.short())))
        })
    });
    let listed = listed.await?;
    note(app, actor, Action::Export, uid, listed.id, details).await?;
    Ok(Made { key: Key { listed, is_servers: false }, recovery })
}

/// What became of a key that was to be removed.
enum Removal {
    Done,
    Missing,
    Servers,
    Last,
}

/// Removes a key: its password opens the repository no more.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Conflict`: it is the one with which the server opens the repository, or the last one, or
/// somebody else has the repository locked; what the storage answers.
pub async fn remove(app: &App, actor: &Actor, org: OrgUid, uid: RepositoryUid, key: &str) -> Result<()> {
    actor.require(Action::Delete, Resource::Repository)?;
    let row = app.store.repositories().get(actor, org, uid).await?;
    let missing = || Problem::not_found(format_args!("key {key}"));
    let id = Id::from_hex(key.as_bytes()).map(KeyId).ok_or_else(missing)?;
    let storage = app.storages.storage(&row).await?;
    let unlocked = opened(app, &row, &storage).await?;
    let removal = blocking(move || {
        locked(&storage, &unlocked, LockKind::Exclusive, || {
            let keys = storage.storage.list(FileKind::Key)?;
            if !keys.iter().any(|file| KeyId(file.id) == id) {
                return Ok(Removal::Missing);
            }
            if unlocked.key_id.is_none_or(|servers| servers == id) {
                return Ok(Removal::Servers);
            }
            if keys.len() == 1 {
                return Ok(Removal::Last);
            }
            key::remove(storage.storage.as_ref(), id, unlocked.key_id).map(|()| Removal::Done)
        })
    });
    let refused = |why: &str| Err(Problem::new(ProblemCode::Conflict, why));
    match removal.await? {
        Removal::Done => note(app, actor, Action::Change, uid, id, json!({ "key": "removed" })).await,
        Removal::Missing => Err(missing()),
        Removal::Servers => refused("the server opens the repository with this key: give it another password first"),
        Removal::Last => refused("without its last key nobody could open the repository"),
    }
}

/// Does something to the keys while the repository is locked.
fn locked<T>(
    storage: &OpenStorage,
    unlocked: &Unlocked,
    kind: LockKind,
    work: impl FnOnce() -> bygone_vault::Result<T>,
) -> bygone_vault::Result<T> {
    let locks = Locks::of(storage.storage.clone(), unlocked);
    let options = LockOptions { retry_for: LOCK_WAIT_MAX, ..LockOptions::new(kind) };
    let held = locks.acquire(&options, &CancelToken::new())?;
    lock::release(held, not_rotating(storage).and_then(|()| work()))
}

/// Which keys are to stay is not to be said while a rotation is under way: it removes all but its own.
fn not_rotating(storage: &OpenStorage) -> bygone_vault::Result<()> {
    match rotate::is_under_way(storage.storage.as_ref())? {
        true => Err(Error::new(ErrorKind::Conflict, "the master key is being changed: that has to end first")),
        false => Ok(()),
    }
}

fn check_name(field: &'static str, name: &str, min: usize) -> Result<()> {
    let chars = name.chars().count();
    if (min..=NAME_CHARS_MAX).contains(&chars) && !name.chars().any(char::is_control) {
        return Ok(());
    }
    Err(Problem::invalid(field, format!("{field} has {min} to {NAME_CHARS_MAX} characters, in one line")))
}

/// Writes down what was done to a key; never what opens it.
async fn note(
    app: &App,
    actor: &Actor,
    action: Action,
    uid: RepositoryUid,
    key: KeyId,
    mut details: serde_json::Value,
) -> Result<()> {
    if let Some(details) = details.as_object_mut() {
        details.insert("id".to_owned(), json!(key.to_string()));
    }
    let mut tx = app.store.begin().await?;
    tx.audit(actor, action, Resource::Repository, uid, details).await?;
    tx.commit().await?;
    Ok(())
}
