//! Repositories as the server reaches them: from a row to storage, and from storage to an open repository. The one place
//! that opens secrets of repositories.

mod credential;
mod direct;
mod locations;
mod networks;

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bygone_common::{CredentialUid, OrgUid, RepositoryUid, Secret};
use bygone_store::repositories::Repository as Row;
use bygone_store::{Actor, Store};
use bygone_vault::backend::{AddressRule, BackendOptions, OpenStorage, open_storage};
use bygone_vault::location::Location;
use bygone_vault::lock::Locks;
use bygone_vault::{Engine, MasterKey, OpenOptions, Repository, Unlock, Unlocked, worm};
use tokio::sync::Semaphore;

use crate::config::Network;
use crate::secrets::{Purpose, Secrets, SecretsError};

pub use credential::StorageSecret;
pub use direct::Direct;
pub use locations::LocationError;

/// Storages that are kept open. The least recently opened goes first; who uses it keeps it.
const STORAGES_MAX: usize = 1_000;
/// Repositories whose snapshots and blob map are kept at hand.
const REPOSITORIES_MAX: usize = 64;
/// Tries of a call to a place that is looked at.
const LOOKS_MAX: u32 = 2;
/// How long one of these tries may take to connect, and then to answer.
const LOOK_CONNECT_MAX: Duration = Duration::from_secs(5);
const LOOK_ANSWER_MAX: Duration = Duration::from_secs(10);
/// Keys that are derived from passwords at once: each takes 128 MiB.
const UNLOCKS_MAX: usize = 1;

/// Where storage may lie, and what is kept beside it.
#[derive(Debug, Clone)]
pub struct StoragePolicy {
    /// The folder below which local repositories lie: `<org>/<repository>`.
    pub folder: PathBuf,
    /// Other folders below which an organization may have a folder of its name with repositories in it.
    pub local_roots: Vec<PathBuf>,
    /// Networks that may be reached although they are denied by default.
    pub allowed_networks: Vec<Network>,
    /// Where uploads to remote storage are gathered.
    pub spool: PathBuf,
    /// Where blob maps and packs are cached.
    pub cache: Option<PathBuf>,
    /// PEM file with the authorities to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
}

/// What can go wrong between a row and an open repository.
#[derive(Debug)]
pub enum StorageError {
    /// The rows.
    Store(bygone_store::Error),
    /// The storage.
    Vault(bygone_vault::Error),
    /// A secret cannot be opened.
    Secrets(SecretsError),
    /// A location that may not be used.
    Location(LocationError),
    /// The server is stopping.
    Stopping,
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Vault(error) => f.write_str(&error.chain()),
            Self::Secrets(error) => error.fmt(f),
            Self::Location(error) => error.fmt(f),
            Self::Stopping => f.write_str("the server is stopping"),
        }
    }
}

impl std::error::Error for StorageError {}

impl From<bygone_store::Error> for StorageError {
    fn from(error: bygone_store::Error) -> Self {
        Self::Store(error)
    }
}

impl From<bygone_vault::Error> for StorageError {
    fn from(error: bygone_vault::Error) -> Self {
        Self::Vault(error)
    }
}

impl From<SecretsError> for StorageError {
    fn from(error: SecretsError) -> Self {
        Self::Secrets(error)
    }
}

impl From<LocationError> for StorageError {
    fn from(error: LocationError) -> Self {
        Self::Location(error)
    }
}

/// What most calls return.
pub type Result<T, E = StorageError> = std::result::Result<T, E>;

/// Runs what blocks where blocking is allowed.
///
/// # Errors
/// `Stopping`, and what it answers.
pub async fn blocking<T: Send + 'static, E>(
    work: impl FnOnce() -> std::result::Result<T, E> + Send + 'static,
) -> Result<T>
where
    E: Into<StorageError> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(answer) => answer.map_err(Into::into),
        Err(_) => Err(StorageError::Stopping),
    }
}

/// Opens storages and repositories. Cheap to clone.
#[derive(Clone)]
pub struct Storages(Arc<Shared>);

struct Shared {
    store: Store,
    secrets: Secrets,
    engine: Engine,
    policy: StoragePolicy,
    open: Mutex<Kept<OpenStorage>>,
    repositories: Mutex<Kept<Repository>>,
    keys: Mutex<HashMap<RepositoryUid, MasterKey>>,
    unlocks: Semaphore,
}

/// What is kept open, each for one version of its row.
struct Kept<T> {
    items: HashMap<RepositoryUid, (i64, u64, T)>,
    clock: u64,
    max: usize,
}

impl<T: Clone> Kept<T> {
    fn new(max: usize) -> Self {
        Self { items: HashMap::new(), clock: 0, max }
    }

    fn get(&mut self, uid: RepositoryUid, version: i64) -> Option<T> {
        self.clock += 1;
        let (of, used, item) = self.items.get_mut(&uid)?;
        *used = self.clock;
        (*of == version).then(|| item.clone())
    }

    fn put(&mut self, uid: RepositoryUid, version: i64, item: T) {
        self.clock += 1;
        if self.items.len() >= self.max
            && let Some(oldest) = self.items.iter().min_by_key(|(_, (_, used, _))| *used).map(|(uid, _)| *uid)
        {
            self.items.remove(&oldest);
        }
        self.items.insert(uid, (version, self.clock, item));
    }
}

impl fmt::Debug for Storages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Storages").field("policy", &self.0.policy).finish_non_exhaustive()
    }
}

impl Storages {
    /// Storages of the rows of `store`, under `policy`.
    pub fn new(store: Store, secrets: Secrets, engine: Engine, policy: StoragePolicy) -> Self {
        Self(Arc::new(Shared {
            store,
            secrets,
            engine,
            policy,
            open: Mutex::new(Kept::new(STORAGES_MAX)),
            repositories: Mutex::new(Kept::new(REPOSITORIES_MAX)),
            keys: Mutex::default(),
            unlocks: Semaphore::new(UNLOCKS_MAX),
        }))
    }

    /// The rows.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// What seals secrets.
    pub fn secrets(&self) -> &Secrets {
        &self.0.secrets
    }

    /// Where storage may lie.
    pub fn policy(&self) -> &StoragePolicy {
        &self.0.policy
    }

    /// The storage of a repository.
    ///
    /// # Errors
    /// Its credential cannot be opened, or its location may not be used.
    pub async fn storage(&self, row: &Row) -> Result<OpenStorage> {
        if let Some(open) = lock(&self.0.open).get(row.uid, row.version) {
            return Ok(open);
        }
        let location = self.location(row).await?;
        let options = BackendOptions { class: row.class, ..self.options(row.org, row.credential).await? };
        let open = blocking(move || open_storage(&location, &options)).await?;
        if row.worm_days.is_some() {
            // What is written from now on has to be kept by the storage, as the repository's own config says.
            let unlocked = self.unlocked(row, &open).await?;
            let protected = open.clone();
            blocking(move || worm::apply(&unlocked.config, protected.object_lock.as_ref())).await?;
        }
        lock(&self.0.open).put(row.uid, row.version, open.clone());
        Ok(open)
    }

    /// Storage at a place that has no row yet.
    ///
    /// # Errors
    /// As [`storage`](Self::storage).
    pub async fn storage_at(
        &self,
        org: OrgUid,
        location: Location,
        credential: Option<CredentialUid>,
    ) -> Result<OpenStorage> {
        let options = self.options(org, credential).await?;
        blocking(move || open_storage(&location, &options)).await
    }

    /// The same for a look at it: somebody waits for the answer, and it may be no.
    ///
    /// # Errors
    /// As [`storage`](Self::storage).
    pub async fn storage_to_look_at(
        &self,
        org: OrgUid,
        location: Location,
        credential: Option<CredentialUid>,
    ) -> Result<OpenStorage> {
        let mut options = self.options(org, credential).await?;
        options.retry.tries_max = LOOKS_MAX;
        options.deadlines.connect = LOOK_CONNECT_MAX;
        options.deadlines.answer = LOOK_ANSWER_MAX;
        blocking(move || open_storage(&location, &options)).await
    }

    /// A repository, opened, as of its last refresh.
    ///
    /// # Errors
    /// Whatever opening it answers.
    pub async fn repository(&self, row: &Row) -> Result<Repository> {
        if let Some(open) = lock(&self.0.repositories).get(row.uid, row.version) {
            return Ok(open);
        }
        let storage = self.storage(row).await?;
        let unlocked = self.unlocked(row, &storage).await?;
        let options = OpenOptions { cache_dir: self.0.policy.cache.clone(), ..OpenOptions::default() };
        let engine = self.0.engine.clone();
        let open = blocking(move || Repository::open_unlocked(&engine, storage.storage, unlocked, options)).await?;
        lock(&self.0.repositories).put(row.uid, row.version, open.clone());
        Ok(open)
    }

    /// What opens a repository: its password is tried once, then its key is at hand.
    ///
    /// # Errors
    /// `WrongPassword` and whatever the storage answers.
    pub async fn unlocked(&self, row: &Row, storage: &OpenStorage) -> Result<Unlocked> {
        let known = lock(&self.0.keys).get(&row.uid).cloned();
        if let Some(key) = known {
            let backend = Arc::clone(&storage.storage);
            let by_key = move || Unlocked::read(backend.as_ref(), Unlock::MasterKey(Box::new(key)));
            match blocking(by_key).await {
                Ok(unlocked) => return Ok(unlocked),
                // Its key may have been changed: the password decides.
                Err(_) => lock(&self.0.keys).remove(&row.uid),
            };
        }
        let password = self.password(row).await?;
        let unlocked = self.unlock(storage, password).await?;
        lock(&self.0.keys).insert(row.uid, unlocked.key.clone());
        Ok(unlocked)
    }

    /// Tries a password. One at a time: each takes much memory.
    ///
    /// # Errors
    /// `WrongPassword` and whatever the storage answers.
    pub async fn unlock(&self, storage: &OpenStorage, password: Secret<String>) -> Result<Unlocked> {
        let _turn = self.0.unlocks.acquire().await.map_err(|_| StorageError::Stopping)?;
        let backend = Arc::clone(&storage.storage);
        blocking(move || Unlocked::read(backend.as_ref(), Unlock::Password(password))).await
    }

    /// The locks of a repository whose key is at hand.
    pub fn known_locks(&self, row: &Row, storage: &OpenStorage) -> Option<Locks> {
        let key = lock(&self.0.keys).get(&row.uid).cloned()?;
        let version = u32::try_from(row.format).ok()?;
        Some(Locks::new(Arc::clone(&storage.storage), key, version))
    }

    /// The password of a repository.
    ///
    /// # Errors
    /// It cannot be opened.
    pub async fn password(&self, row: &Row) -> Result<Secret<String>> {
        let system = Actor::system("storage", row.org);
        let sealed = self.0.store.repositories().sealed_password(&system, row.org, row.uid).await?;
        Ok(self.0.secrets.open_text(Purpose::RepositoryPassword, &row.uid.to_string(), &sealed)?)
    }

    /// Forgets what is open of a repository: its row is gone, or its storage changed.
    pub fn close(&self, uid: RepositoryUid) {
        lock(&self.0.open).items.remove(&uid);
        lock(&self.0.repositories).items.remove(&uid);
        lock(&self.0.keys).remove(&uid);
    }

    /// Forgets everything that is open: a credential changed, and who uses it is not looked up here.
    pub fn close_all(&self) {
        lock(&self.0.open).items.clear();
        lock(&self.0.repositories).items.clear();
    }

    /// Where a repository lies, if its organization may use that place.
    ///
    /// # Errors
    /// `Location`: it may not; the rows.
    pub async fn location(&self, row: &Row) -> Result<Location> {
        let system = Actor::system("storage", row.org);
        let org = self.0.store.orgs().get(&system, row.org).await?;
        Ok(locations::allowed(&self.0.policy, &org.name, &row.location)?)
    }

    async fn options(&self, org: OrgUid, credential: Option<CredentialUid>) -> Result<BackendOptions> {
        let mut options = BackendOptions { addresses: self.address_rule(), ..Default::default() };
        options.tls.ca_file.clone_from(&self.0.policy.ca_file);
        if let Some(uid) = credential {
            let (kind, opened) = self.opened(org, uid).await?;
            credential::apply(&mut options, &kind, opened.expose())?;
        }
        Ok(options)
    }

    /// What opens a storage, and of which kind it is.
    async fn opened(&self, org: OrgUid, uid: CredentialUid) -> Result<(String, Secret<Vec<u8>>)> {
        let system = Actor::system("storage", org);
        let row = self.0.store.storage_credentials().get(&system, org, uid).await?;
        let sealed = self.0.store.storage_credentials().sealed(&system, org, uid).await?;
        let opened = self.0.secrets.open(Purpose::StorageCredential, &uid.to_string(), &sealed)?;
        Ok((row.kind, opened))
    }
}

impl Storages {
    /// The location that a text names, if this organization may use it.
    ///
    /// # Errors
    /// It may not, or is none.
    pub fn allowed(&self, org_name: &str, text: &str) -> Result<Location, LocationError> {
        locations::allowed(&self.0.policy, org_name, text)
    }

    /// Which addresses may be connected to on behalf of an organization.
    pub fn address_rule(&self) -> AddressRule {
        networks::rule(&self.0.policy.allowed_networks)
    }

    /// The place of a local repository that names none.
    pub fn managed(&self, org_name: &str, name: &str) -> Location {
        Location::Local(self.0.policy.folder.join(org_name).join(name))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
