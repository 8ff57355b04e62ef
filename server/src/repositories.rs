//! Repositories: made, adopted, tested and changed. Rows are store's; what is in them is found out here.

pub mod finding;
pub mod immutable;
pub mod keys;

use bygone_common::{CredentialUid, OrgUid, RepositoryUid, Secret};
use bygone_store::repositories::{AgentRoute, NewRepository, Repository as Row, RepositoryChange, StorageClass};
use bygone_store::{Action, Actor, Resource};
use bygone_vault::backend::{CancelToken, FileId, FileKind, OpenStorage};
use bygone_vault::config::Config;
use bygone_vault::init::{InitOptions, init};
use bygone_vault::key::NewKey;
use bygone_vault::location::Location;
use bygone_vault::lock::{LockKind, LockOptions, Locks};
use bygone_vault::{ErrorKind as VaultKind, Unlocked};

use crate::app::App;
use crate::problem::{Problem, ProblemCode, Result};
use crate::secrets::Purpose;
use crate::storages::{StorageError, blocking};
use finding::{Finding, FindingCode};

/// Characters of a password at most.
pub const PASSWORD_CHARS_MAX: usize = 1_000;

/// What is done at the place of a new repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Begin {
    /// A repository is made there.
    Create,
    /// One is there, and the password opens it.
    Adopt,
    /// Nothing: restic or an agent makes it through the gateway, with this password.
    Later,
}

/// What somebody wants of a new repository.
#[derive(Debug)]
pub struct Wanted {
    /// Its name in URLs.
    pub name: String,
    /// What is done at the place.
    pub begin: Begin,
    /// Where; none: a folder of the server.
    pub location: Option<String>,
    /// What opens the storage.
    pub credential: Option<CredentialUid>,
    /// The repository's password.
    pub password: Secret<String>,
    /// restic's format version, of one that is made.
    pub format: u32,
    /// How quickly it answers.
    pub class: StorageClass,
    /// How agents reach it.
    pub agent_route: AgentRoute,
    /// Bytes that it may hold at most.
    pub bytes_max: Option<i64>,
}

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Store(error) => error.into(),
            StorageError::Vault(error) => error.into(),
            StorageError::Location(error) => Self::invalid("location", error.to_string()),
            StorageError::Stopping => Self::new(ProblemCode::Unavailable, "the server is stopping"),
            StorageError::Secrets(error) => {
                tracing::error!(%error, "a sealed secret cannot be opened");
                Self::new(ProblemCode::Internal, "the server failed; its log says how")
            }
        }
    }
}

/// The place that a text names, or the server's own for this name.
async fn place(app: &App, actor: &Actor, org: OrgUid, name: &str, text: Option<&str>) -> Result<Location> {
    let org = app.store.orgs().get(actor, org).await?;
    match text {
        Some(text) => Ok(app.storages.allowed(&org.name, text).map_err(StorageError::Location)?),
        None => Ok(app.storages.managed(&org.name, name)),
    }
}

/// A folder of the server is nowhere else.
fn check_route(route: AgentRoute, location: &Location) -> Result<()> {
    match (route, location) {
        (AgentRoute::Direct, Location::Local(_)) => {
            let text = "agents reach a folder of the server through its gateway only";
            Err(Problem::invalid("agent_route", text))
        }
        (AgentRoute::Direct, Location::S3(_) | Location::Sftp(_) | Location::Rest(_)) | (AgentRoute::Gateway, _) => {
            Ok(())
        }
    }
}

fn check_password(password: &Secret<String>) -> Result<()> {
    match password.expose().chars().count() {
        0 => Err(Problem::invalid("password", "password must not be empty")),
        long if long > PASSWORD_CHARS_MAX => {
            Err(Problem::invalid("password", format!("password is longer than {PASSWORD_CHARS_MAX} characters")))
        }
        _ => Ok(()),
    }
}

/// Makes or adopts a repository, and keeps it. What fails is said as a finding says it.
///
/// # Errors
/// `Invalid`, `Conflict`, and findings about the storage.
pub async fn add(app: &App, actor: &Actor, org: OrgUid, wanted: Wanted) -> Result<Row> {
    actor.require(Action::Create, Resource::Repository)?;
    bygone_store::orgs::check_name(&wanted.name)?;
    check_password(&wanted.password)?;
    let location = place(app, actor, org, &wanted.name, wanted.location.as_deref()).await?;
    check_route(wanted.agent_route, &location)?;
    if let Some(uid) = wanted.credential {
        // Another organization's does not exist.
        app.store.storage_credentials().get(actor, org, uid).await?;
    }
    let storage = app.storages.storage_to_look_at(org, location.clone(), wanted.credential).await;
    let storage = storage.map_err(|error| finding::problem(&error))?;
    let found = match wanted.begin {
        Begin::Create => Some(made(&storage, &wanted).await),
        Begin::Adopt => Some(adopted(app, &storage, wanted.password.clone()).await),
        Begin::Later => None,
    };
    let Found { restic_id, format, worm_days } = match found {
        Some(found) => found.map_err(|error| finding::problem(&error))?,
        None => Found { restic_id: String::new(), format: i64::from(wanted.format), worm_days: None },
    };
    let uid = app.store.uid(RepositoryUid::new);
    let sealed = app.secrets.seal(Purpose::RepositoryPassword, &uid.to_string(), wanted.password.expose().as_bytes());
    let new = NewRepository {
        uid,
        name: wanted.name,
        location: location.to_string(),
        credential: wanted.credential,
        password_sealed: sealed.map_err(StorageError::Secrets)?,
        restic_id,
        format,
        class: wanted.class,
        agent_route: wanted.agent_route,
        worm_days,
        bytes_max: wanted.bytes_max,
        adopted: wanted.begin == Begin::Adopt,
    };
    Ok(app.store.repositories().create(actor, org, &new).await?)
}

/// What a repository says of itself.
struct Found {
    restic_id: String,
    format: i64,
    worm_days: Option<i64>,
}

impl Found {
    fn of(config: &Config) -> Self {
        Self {
            restic_id: config.id.to_string(),
            format: i64::from(config.version),
            worm_days: config.bygone.worm.map(|policy| i64::from(policy.days.get())),
        }
    }
}

async fn made(storage: &OpenStorage, wanted: &Wanted) -> Result<Found, StorageError> {
    let key = NewKey {
        host: Some("bygone".to_owned()),
        user: Some("server".to_owned()),
        ..NewKey::new(wanted.password.clone())
    };
    let options = InitOptions { version: wanted.format, ..InitOptions::new(key) };
    let storage = storage.storage.clone();
    let made = blocking(move || init(storage.as_ref(), &options)).await?;
    Ok(Found::of(&made.config))
}

async fn adopted(app: &App, storage: &OpenStorage, password: Secret<String>) -> Result<Found, StorageError> {
    let unlocked = explained(storage, app.storages.unlock(storage, password).await).await?;
    can_write(storage, &unlocked).await?;
    Ok(Found::of(&unlocked.config))
}

/// Whether files can be added and removed, found out by a lock that is taken and released. One that is in the way says
/// nothing about that.
async fn can_write(storage: &OpenStorage, unlocked: &Unlocked) -> Result<(), StorageError> {
    let locks = Locks::of(storage.storage.clone(), unlocked);
    let taken = blocking(move || {
        let lock = match locks.acquire(&LockOptions::new(LockKind::Shared), &CancelToken::new()) {
            Ok(lock) => lock,
            Err(error) if error.kind() == VaultKind::Locked => return Ok(()),
            Err(error) => return Err(error),
        };
        lock.release()
    });
    taken.await
}

/// Looks whether a repository can be reached, opened and written to, and notes what was found.
///
/// # Errors
/// `NotFound`; what is wrong with the storage is no error but a finding.
pub async fn test(app: &App, actor: &Actor, org: OrgUid, uid: RepositoryUid) -> Result<Finding> {
    actor.require(Action::Run, Resource::Repository)?;
    let row = app.store.repositories().get(actor, org, uid).await?;
    // What is kept open may be of a connection that once was good.
    app.storages.close(uid);
    let finding = match look(app, &row).await {
        Ok(()) => Finding::ready(),
        Err(error) => Finding::of(&error),
    };
    let fault = (!finding.is_good()).then_some(finding.message.as_str());
    app.store.repositories().note_check(actor, org, uid, fault).await?;
    Ok(finding)
}

async fn look(app: &App, row: &Row) -> Result<(), StorageError> {
    let location = app.storages.location(row).await?;
    let storage = app.storages.storage_to_look_at(row.org, location, row.credential).await?;
    let unlocked = explained(&storage, app.storages.unlocked(row, &storage).await).await?;
    can_write(&storage, &unlocked).await
}

/// Where there is no repository there may not even be a bucket: who asks for one file is not told, who lists is.
async fn explained<T>(storage: &OpenStorage, opened: Result<T, StorageError>) -> Result<T, StorageError> {
    match opened {
        Err(StorageError::Vault(error)) if error.kind() == VaultKind::NotARepository => {
            let storage = storage.storage.clone();
            let listed = blocking(move || storage.list(FileKind::Key)).await;
            match listed {
                Err(StorageError::Vault(listing)) if finding::names_bucket(&listing) => Err(listing.into()),
                Ok(_) | Err(_) => Err(error.into()),
            }
        }
        opened => opened,
    }
}

/// Looks at a place before it is kept.
///
/// # Errors
/// `NotFound`: the credential; what is wrong with the storage is no error but a finding.
pub async fn try_place(
    app: &App,
    actor: &Actor,
    org: OrgUid,
    location: &str,
    credential: Option<CredentialUid>,
    password: Option<Secret<String>>,
) -> Result<Finding> {
    actor.require(Action::Create, Resource::Repository)?;
    let location = place(app, actor, org, "", Some(location)).await?;
    if let Some(uid) = credential {
        app.store.storage_credentials().get(actor, org, uid).await?;
    }
    let storage = match app.storages.storage_to_look_at(org, location, credential).await {
        Ok(storage) => storage,
        Err(error) => return Ok(Finding::of(&error)),
    };
    let found = match password {
        Some(password) => adopted(app, &storage, password).await.map(|_| Finding::ready()),
        None => reached(&storage).await,
    };
    Ok(found.unwrap_or_else(|error| Finding::of(&error)))
}

async fn reached(storage: &OpenStorage) -> Result<Finding, StorageError> {
    let asked = storage.storage.clone();
    let size = blocking(move || match asked.size(FileId::CONFIG) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == VaultKind::NotFound => {
            Err(bygone_vault::Error::new(VaultKind::NotARepository, "there is no config file"))
        }
        Err(error) => Err(error),
    });
    match explained(storage, size.await).await {
        Ok(()) => Ok(Finding::new(FindingCode::PasswordNeeded, "a repository is there: its password opens it")),
        Err(StorageError::Vault(error)) if Finding::is_absence(&error) => {
            Ok(Finding::new(FindingCode::NoRepository, "the storage answers, and holds no repository there yet"))
        }
        Err(error) => Err(error),
    }
}

/// Changes a repository. A new password must open it.
///
/// # Errors
/// `PreconditionFailed`, `Invalid`, and findings about the storage.
pub async fn change(
    app: &App,
    actor: &Actor,
    org: OrgUid,
    uid: RepositoryUid,
    version: i64,
    mut change: RepositoryChange,
    password: Option<Secret<String>>,
) -> Result<Row> {
    actor.require(Action::Change, Resource::Repository)?;
    let row = app.store.repositories().get(actor, org, uid).await?;
    if let Some(Some(credential)) = change.credential {
        app.store.storage_credentials().get(actor, org, credential).await?;
    }
    if let Some(route) = change.agent_route {
        check_route(route, &Location::parse(&row.location).map_err(StorageError::Vault)?)?;
    }
    if let Some(password) = password {
        check_password(&password)?;
        let with = Row { credential: change.credential.unwrap_or(row.credential), ..row };
        let location = Location::parse(&with.location).map_err(StorageError::Vault)?;
        let storage = app.storages.storage_to_look_at(org, location, with.credential).await?;
        let opened = adopted(app, &storage, password.clone()).await;
        opened.map_err(|error| finding::problem(&error))?;
        let sealed = app.secrets.seal(Purpose::RepositoryPassword, &uid.to_string(), password.expose().as_bytes());
        change.password_sealed = Some(sealed.map_err(StorageError::Secrets)?);
    }
    let changed = app.store.repositories().change(actor, org, uid, version, &change).await;
    let changed = changed.map_err(crate::conditional::stale)?;
    app.storages.close(uid);
    Ok(changed)
}

/// Forgets a repository: its row and what is derived from it. What lies in its storage stays.
///
/// # Errors
/// `NotFound`.
pub async fn forget(app: &App, actor: &Actor, org: OrgUid, uid: RepositoryUid) -> Result<()> {
    app.store.repositories().delete(actor, org, uid).await?;
    app.storages.close(uid);
    Ok(())
}
