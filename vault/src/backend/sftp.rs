//! A repository in a folder of an SSH server, by russh and russh-sftp.
//!
//! One connection carries all calls. Reads are split into many requests that are under way together, so that a ranged
//! read costs one round trip and not one for every packet. A connection that breaks is made anew by the next call.

mod connection;
mod failure;
mod files;
mod host_key;
mod sign_in;
mod ssh_config;
mod target;
mod write;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::sync::Mutex;

use super::remote::{Remote, WHOLE_FILE_BYTES_MAX};
use super::{Backend, BackendOptions, CancelToken, Content, FileId, FileKind, Listed, Storage, layout};
use crate::error::{Error, ErrorKind, Result};
use crate::location::SftpLocation;
use connection::Connection;
use files::EntryKind;

/// Subfolders of `data/` that are listed at once.
const FOLDERS_AT_ONCE_MAX: usize = 8;

/// A repository on an SSH server.
#[derive(Debug)]
pub(super) struct Sftp {
    remote: Remote,
    location: SftpLocation,
    options: BackendOptions,
    connection: Mutex<Slot>,
    /// Attempts to connect that have ended.
    attempts: AtomicU64,
}

/// The connection, if there is one, or why there is none.
#[derive(Debug, Default)]
struct Slot {
    live: Option<Arc<Connection>>,
    failed: Option<(ErrorKind, String)>,
}

impl Sftp {
    /// The first call connects.
    ///
    /// # Errors
    /// The threads for remote storage cannot be started.
    pub(super) fn open(location: &SftpLocation, options: &BackendOptions, cancel: CancelToken) -> Result<Self> {
        Ok(Self {
            remote: Remote::new(location.to_string(), options, cancel)?,
            location: location.clone(),
            options: options.clone(),
            connection: Mutex::default(),
            attempts: AtomicU64::new(0),
        })
    }

    fn path(&self, below: &str) -> String {
        match self.location.path.as_str() {
            "/" => format!("/{below}"),
            folder => format!("{folder}/{below}"),
        }
    }

    /// The live connection, or a new one.
    async fn connection(&self) -> Result<Arc<Connection>> {
        let seen = self.attempts.load(Ordering::Acquire);
        let mut slot = self.connection.lock().await;
        if let Some(live) = slot.live.as_ref().filter(|live| live.is_alive()) {
            return Ok(Arc::clone(live));
        }
        // Callers that waited for an attempt share its failure: a server that does not answer costs them one deadline
        // together and not one after another.
        if let Some((kind, text)) = slot.failed.as_ref().filter(|_| self.attempts.load(Ordering::Acquire) != seen) {
            return Err(Error::new(*kind, text.clone()));
        }
        let doing = format!("connect to {}", self.remote.location());
        let attempt = connection::connect(&self.location, &self.options, &doing);
        let answer = self.remote.within(self.remote.deadlines.connect, &doing, attempt).await.map(Arc::new);
        *slot = match &answer {
            Ok(connection) => Slot { live: Some(Arc::clone(connection)), failed: None },
            Err(error) => Slot { live: None, failed: Some((error.kind(), error.chain())) },
        };
        self.attempts.fetch_add(1, Ordering::Release);
        answer
    }

    /// Runs `work` over the connection. After a failure that may be the connection's, the next call makes a new one.
    async fn over<T>(&self, work: impl AsyncFnOnce(&Arc<Connection>) -> Result<T>) -> Result<T> {
        let connection = self.connection().await?;
        let answer = work(&connection).await;
        if answer.as_ref().is_err_and(|error| error.kind().is_transient()) {
            let mut slot = self.connection.lock().await;
            if slot.live.as_ref().is_some_and(|live| Arc::ptr_eq(live, &connection)) {
                slot.live = None;
            }
        }
        answer
    }

    async fn list_kind(&self, connection: &Arc<Connection>, doing: &str, kind: FileKind) -> Result<Vec<Listed>> {
        match kind {
            FileKind::Config => {
                let size = self.config_size(connection, doing).await?;
                Ok(size.map(|size| Listed { id: FileId::CONFIG.id, size }).into_iter().collect())
            }
            FileKind::Pack => self.list_packs(connection, doing).await,
            FileKind::Key | FileKind::Lock | FileKind::Snapshot | FileKind::Index => {
                let folder = self.path(kind.folder());
                let Some(entries) = self.entries(connection, doing, &folder).await? else { return Ok(Vec::new()) };
                let files = entries.into_iter().filter_map(|entry| Some((layout::id_of(&entry.name)?, entry)));
                self.lines(connection, doing, &folder, files).await
            }
        }
    }

    async fn list_packs(&self, connection: &Arc<Connection>, doing: &str) -> Result<Vec<Listed>> {
        let data = self.path(FileKind::Pack.folder());
        let Some(shards) = self.entries(connection, doing, &data).await? else { return Ok(Vec::new()) };
        let shards = shards.into_iter().map(|shard| shard.name).filter(|name| layout::is_shard(name));
        let folders = stream::iter(shards.map(|shard| {
            let folder = format!("{data}/{shard}");
            async move {
                let entries = connection.list(&self.remote, doing, &folder).await?;
                let id = |name: &str| layout::pack_id_of(&shard, name);
                let files = entries.into_iter().filter_map(|entry| Some((id(&entry.name)?, entry)));
                self.lines(connection, doing, &folder, files).await
            }
        }));
        folders.buffer_unordered(FOLDERS_AT_ONCE_MAX).try_concat().await
    }

    /// The lines of a listing for the files among the entries of a folder.
    async fn lines(
        &self,
        connection: &Connection,
        doing: &str,
        folder: &str,
        entries: impl Iterator<Item = (bygone_common::Id, files::Entry)>,
    ) -> Result<Vec<Listed>> {
        let mut lines = Vec::new();
        for (id, entry) in entries {
            match entry.kind {
                EntryKind::File(size) => lines.push(Listed { id, size }),
                EntryKind::Folder => {}
                // A link, or a server that does not tell: ask.
                EntryKind::Unclear => {
                    let path = format!("{folder}/{}", entry.name);
                    if let EntryKind::File(size) = connection.look_at(&self.remote, doing, &path).await? {
                        lines.push(Listed { id, size });
                    }
                }
            }
        }
        Ok(lines)
    }

    /// The entries of a folder; `None` when it does not exist but the repository does.
    async fn entries(
        &self,
        connection: &Arc<Connection>,
        doing: &str,
        folder: &str,
    ) -> Result<Option<Vec<files::Entry>>> {
        match connection.list(&self.remote, doing, folder).await {
            Ok(entries) => Ok(Some(entries)),
            // A disk that is not mounted also has no such folder. That repository is away, not empty.
            Err(error) if error.kind() == ErrorKind::NotFound => match self.config_size(connection, doing).await? {
                Some(_) => Ok(None),
                None => Err(Error::new(
                    ErrorKind::NotARepository,
                    format!("{doing}: no repository there, as it holds no config file"),
                )),
            },
            Err(error) => Err(error),
        }
    }

    async fn config_size(&self, connection: &Connection, doing: &str) -> Result<Option<u64>> {
        let path = self.path(&layout::path_of(FileId::CONFIG));
        match connection.look_at(&self.remote, doing, &path).await {
            Ok(EntryKind::File(size)) => Ok(Some(size)),
            Ok(EntryKind::Folder | EntryKind::Unclear) => Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Backend for Sftp {
    fn location(&self) -> String {
        self.remote.location().to_owned()
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn list(&self, kind: FileKind) -> Result<Vec<Listed>> {
        let doing = format!("list {} of {}", kind.folder(), self.remote.location());
        let list = self.over(async |connection| self.list_kind(connection, &doing, kind).await);
        self.remote.call(|| doing.clone(), list)
    }

    fn read(&self, file: FileId) -> Result<Vec<u8>> {
        let doing = self.remote.reading(file);
        let read = self.over(async |connection| {
            let open = connection.open(&self.remote, &doing, file, &self.path(&layout::path_of(file))).await?;
            let size = connection.size(&self.remote, &doing, &open).await?;
            let len = usize::try_from(size).ok().filter(|_| size <= WHOLE_FILE_BYTES_MAX).ok_or_else(|| {
                Error::new(ErrorKind::Damaged, format!("{doing}: longer than {WHOLE_FILE_BYTES_MAX} bytes"))
            })?;
            let mut content = vec![0; len];
            connection.read(&self.remote, &doing, file, &open, 0, &mut content).await?;
            Ok(content)
        });
        self.remote.call(|| doing.clone(), read)
    }

    fn read_at(&self, file: FileId, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let doing = self.remote.reading(file);
        let read = self.over(async |connection| {
            let open = connection.open(&self.remote, &doing, file, &self.path(&layout::path_of(file))).await?;
            connection.read(&self.remote, &doing, file, &open, offset, buffer).await
        });
        self.remote.call(|| doing.clone(), read)
    }

    fn size(&self, file: FileId) -> Result<u64> {
        let doing = self.remote.reading(file);
        let path = self.path(&layout::path_of(file));
        let look = self.over(async |connection| match connection.look_at(&self.remote, &doing, &path).await? {
            EntryKind::File(size) => Ok(size),
            EntryKind::Folder | EntryKind::Unclear => Err(super::absent(file)),
        });
        self.remote.call(|| doing.clone(), look)
    }
}

impl Storage for Sftp {
    fn create(&self) -> Result<()> {
        let doing = format!("make {}", self.remote.location());
        let make = self.over(async |connection| self.make_folders(connection, &doing).await);
        self.remote.call(|| doing.clone(), make)
    }

    fn write(&self, file: FileId, content: &Content) -> Result<()> {
        let doing = self.remote.writing(file);
        let write = self.over(async |connection| self.write_file(connection, &doing, file, content).await);
        self.remote.call(|| doing.clone(), write)
    }

    fn remove(&self, file: FileId) -> Result<()> {
        let doing = self.remote.removing(file);
        let remove = self.over(async |connection| self.remove_file(connection, &doing, file).await);
        self.remote.call(|| doing.clone(), remove)
    }
}
