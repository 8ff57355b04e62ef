//! An open repository: its snapshots, directories and files.

mod of_server;
mod resolved;
mod snapshots;
mod unlock;

use std::path::PathBuf;
use std::sync::Arc;

use bygone_common::{BlobId, IndexId, PackId, RepositoryId, SnapshotId, SnapshotPath, TreeId};

use crate::backend::{FileKind, SharedBackend};
use crate::blob_map::{BlobKind, BlobLocation, BlobMap, BlobMapStats};
use crate::config::Config;
use crate::crypto::MasterKey;
use crate::engine::flight::Asked;
use crate::engine::{Blob, Engine, Priority, REMOTE_WORKERS};
use crate::error::{Error, ErrorKind, Result};
use crate::fetch::Sink;
use crate::lease::Leases;
use crate::pack_cache::PackCache;
use crate::reader::FileReader;
use crate::rotate::OneGeneration;
use crate::served::Server;
use crate::snapshot::Snapshot;
use crate::tree::{Directory, Node, NodeKind};
use snapshots::SnapshotList;

pub use resolved::Resolved;
pub use snapshots::Refreshed;
pub use unlock::{Pending, Unlock, Unlocked};

/// Bytes of remote tree packs that are kept on disk, unless told otherwise.
pub const CACHE_BYTES_DEFAULT: u64 = 2 << 30;

/// How a repository is opened.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// The folder below which each repository has one of its own, named by its id. Without it nothing is kept on disk.
    pub cache_dir: Option<PathBuf>,
    /// Bytes of remote tree packs kept there, still encrypted.
    pub cache_bytes: u64,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { cache_dir: None, cache_bytes: CACHE_BYTES_DEFAULT }
    }
}

/// Whether a fetched blob stays in the cache of decoded blobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// It may be read again soon.
    InCache,
    /// It goes to those who asked, and is gone.
    Transient,
}

/// An open repository. Clones share it.
#[derive(Debug, Clone)]
pub struct Repository(Arc<RepositoryParts>);

#[derive(Debug)]
pub(crate) struct RepositoryParts {
    pub(crate) engine: Engine,
    /// The first half of this repository's keys in the engine's caches.
    pub(crate) number: u32,
    pub(crate) backend: SharedBackend,
    pub(crate) key: MasterKey,
    pub(crate) blob_map: BlobMap,
    pub(crate) pack_cache: Option<PackCache>,
    /// Who reads instead of us, if the storage is out of reach.
    pub(crate) server: Option<Arc<Server>>,
    leases: Option<Leases>,
    config: Config,
    snapshots: SnapshotList,
}

impl Repository {
    /// Opens a repository: unlocks it, and learns of its snapshots and index files.
    ///
    /// # Errors
    /// `NotARepository`, `WrongPassword`, `Unsupported`, `Damaged`, and what the storage answers.
    pub fn open(engine: &Engine, backend: SharedBackend, unlock: Unlock, options: OpenOptions) -> Result<Self> {
        let unlocked = Unlocked::read(backend.as_ref(), unlock)?;
        Self::open_unlocked(engine, backend, unlocked, options)
    }

    /// Opens a repository whose key is known already: learns of its snapshots and index files.
    ///
    /// # Errors
    /// What the storage answers.
    pub fn open_unlocked(
        engine: &Engine,
        backend: SharedBackend,
        unlocked: Unlocked,
        options: OpenOptions,
    ) -> Result<Self> {
        let Unlocked { key, key_id: _, config, pending } = unlocked;
        let backend = match pending {
            Some(pending) => Arc::new(OneGeneration::new(backend, pending.other)),
            None => backend,
        };
        let leases = options.cache_dir.as_deref().map(|folder| Leases::new(folder, config.id));
        let folder = options.cache_dir.map(|folder| folder.join(config.id.to_string()));
        if backend.is_remote() {
            engine.0.queue.want_workers(REMOTE_WORKERS)?;
        }
        let pack_cache = folder
            .as_ref()
            .filter(|_| backend.is_remote())
            .and_then(|folder| PackCache::open(folder.join("packs"), options.cache_bytes));
        let repository = Self(Arc::new(RepositoryParts {
            number: engine.next_repository(),
            engine: engine.clone(),
            blob_map: BlobMap::open(config.id, folder.as_ref().map(|folder| folder.join("blob-map"))),
            snapshots: SnapshotList::new(folder.filter(|_| backend.is_remote()).map(|folder| folder.join("snapshots"))),
            pack_cache,
            server: None,
            leases,
            backend,
            key,
            config,
        }));
        repository.refresh()?;
        Ok(repository)
    }

    /// Whether both are the same open repository.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The repository's identity.
    pub fn id(&self) -> RepositoryId {
        self.0.config.id
    }

    /// What its config file says.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Its format version.
    pub fn version(&self) -> u32 {
        self.0.config.version
    }

    /// Where it lies, for people: without secrets.
    pub fn location(&self) -> String {
        self.0.backend.location()
    }

    /// Its master key, for those who keep keys.
    pub fn master_key(&self) -> &MasterKey {
        &self.0.key
    }

    /// Its storage.
    pub fn backend(&self) -> &SharedBackend {
        &self.0.backend
    }

    /// Who reads it on this machine; `None` where nothing is kept on disk.
    pub fn leases(&self) -> Option<&Leases> {
        self.0.leases.as_ref()
    }

    /// The engine that works for it.
    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// Its snapshots as of the last refresh, oldest first.
    pub fn snapshots(&self) -> Arc<[Arc<Snapshot>]> {
        self.0.snapshots.get()
    }

    /// Snapshot files that could not be read, as of the last refresh.
    pub fn damaged_snapshots(&self) -> Vec<(SnapshotId, Error)> {
        self.0.snapshots.damaged()
    }

    /// Index files that could not be read, as of the last refresh.
    pub fn damaged_index_files(&self) -> Vec<(IndexId, Error)> {
        self.0.blob_map.damaged()
    }

    /// Learns of snapshots that came or went, and of new index files.
    ///
    /// # Errors
    /// What the storage answers; what was known before stays known.
    pub fn refresh(&self) -> Result<Refreshed> {
        let parts = &self.0;
        if let Some(server) = &parts.server {
            return Ok(parts.snapshots.replace(server.snapshots()?));
        }
        // Index files after snapshots: a snapshot's index files are written before it.
        let listed = parts.backend.list(FileKind::Snapshot)?;
        parts.blob_map.refresh(&parts.backend, &parts.key)?;
        parts.snapshots.refresh(&listed, parts.backend.as_ref(), &parts.key)
    }

    /// A directory.
    ///
    /// # Errors
    /// What the storage answers, or `Damaged`. Blocks: not for callbacks of this crate.
    pub fn directory(&self, tree: TreeId) -> Result<Arc<Directory>> {
        if let Some(directory) = self.cached_directory(tree) {
            return Ok(directory);
        }
        let (send, receive) = std::sync::mpsc::sync_channel(1);
        self.directory_then(tree, move |directory| {
            let _ = send.send(directory);
        });
        receive.recv().map_err(|_| Error::new(ErrorKind::Cancelled, format!("reading tree {tree} was given up")))?
    }

    /// A directory that is parsed already: no input or output, no waiting.
    pub fn cached_directory(&self, tree: TreeId) -> Option<Arc<Directory>> {
        self.0.engine.0.directories.get(&(self.0.number, tree))
    }

    /// Calls `then` with a directory: at once if it is parsed already, otherwise from a worker. `then` must not block.
    pub fn directory_then(&self, tree: TreeId, then: impl FnOnce(Result<Arc<Directory>>) + Send + 'static) {
        let parts = &self.0;
        match parts.engine.0.directories.ask((parts.number, tree), Priority::Demand, true, Some(Box::new(then))) {
            Asked::Hit(directory, waiter) => waiter.into_iter().for_each(|waiter| waiter(Ok(directory.clone()))),
            Asked::Waiting => {}
            Asked::Wanted => parts.schedule(&[tree.into()], Sink::Tree, Priority::Demand),
        }
    }

    /// Parses directories in the background, for whoever will want them. Faults show when they are asked for.
    pub fn prefetch_directories(&self, trees: &[TreeId]) {
        let parts = &self.0;
        let wanted: Vec<BlobId> = trees
            .iter()
            .filter(|tree| {
                let asked = parts.engine.0.directories.ask((parts.number, **tree), Priority::Prefetch, true, None);
                matches!(asked, Asked::Wanted)
            })
            .map(|tree| (*tree).into())
            .collect();
        parts.schedule(&wanted, Sink::Tree, Priority::Prefetch);
    }

    /// Walks from `root` down to `path`.
    ///
    /// # Errors
    /// `NotFound` naming the path as far as it does not exist.
    pub fn resolve(&self, root: TreeId, path: &SnapshotPath) -> Result<Resolved> {
        let mut names = path.names();
        let Some(mut name) = names.next() else { return Ok(Resolved::Root(root)) };
        let mut tree = root;
        loop {
            let missing = || Error::new(ErrorKind::NotFound, format!("{path} does not exist in the snapshot"));
            let directory = self.directory(tree)?;
            let (index, subtree, kind) = {
                let node = directory.find(name).ok_or_else(missing)?;
                (node.index(), node.subtree(), node.kind())
            };
            let Some(next) = names.next() else { return Ok(Resolved::Entry { parent: directory, index }) };
            tree = match (kind, subtree) {
                (NodeKind::Dir, Some(subtree)) => subtree,
                (NodeKind::Dir, None) => {
                    return Err(Error::new(
                        ErrorKind::Damaged,
                        format!("a directory on the way to {path} has no tree"),
                    ));
                }
                _ => return Err(missing()),
            };
            name = next;
        }
    }

    /// Opens a file for reading.
    ///
    /// # Errors
    /// `Damaged` when its blobs are unknown or do not make up its size.
    pub fn file(&self, node: Node<'_>) -> Result<FileReader> {
        FileReader::open(self, node)
    }

    /// Fetches blobs: `on_blob` is called once for each position in `blobs`, in any order, at once for what is decoded
    /// already and otherwise from workers. It must not block.
    pub fn fetch(
        &self,
        blobs: &[BlobId],
        priority: Priority,
        keep: Keep,
        on_blob: Arc<dyn Fn(usize, Result<Arc<Blob>>) + Send + Sync>,
    ) {
        let parts = &self.0;
        let flights = &parts.engine.0.blobs;
        let mut wanted = Vec::new();
        for (position, id) in blobs.iter().enumerate() {
            let on_blob = on_blob.clone();
            let waiter = Box::new(move |blob| on_blob(position, blob));
            match flights.ask((parts.number, *id), priority, keep == Keep::InCache, Some(waiter)) {
                Asked::Hit(blob, waiter) => waiter.into_iter().for_each(|waiter| waiter(Ok(blob.clone()))),
                Asked::Waiting => {}
                Asked::Wanted => wanted.push(*id),
            }
        }
        parts.schedule(&wanted, Sink::Blob, priority);
    }

    /// The plaintext of one blob, a tree's as it is stored. Blocks: not for callbacks of this crate.
    ///
    /// # Errors
    /// `Damaged`, and what the storage answers.
    pub fn blob(&self, id: BlobId) -> Result<Arc<Blob>> {
        let (send, receive) = std::sync::mpsc::sync_channel(1);
        let on_blob = move |_, blob| {
            let _ = send.send(blob);
        };
        self.fetch(&[id], Priority::Demand, Keep::Transient, Arc::new(on_blob));
        receive.recv().map_err(|_| Error::new(ErrorKind::Cancelled, format!("reading blob {id} was given up")))?
    }

    /// Decodes blobs into the cache, for whoever will want them next.
    pub fn prefetch_blobs(&self, blobs: &[BlobId], priority: Priority) {
        let parts = &self.0;
        let wanted: Vec<BlobId> = blobs
            .iter()
            .filter(|id| {
                let asked = parts.engine.0.blobs.ask((parts.number, **id), priority, true, None);
                matches!(asked, Asked::Wanted)
            })
            .copied()
            .collect();
        parts.schedule(&wanted, Sink::Blob, priority);
    }

    /// A blob that is decoded already.
    pub fn cached_blob(&self, id: BlobId) -> Option<Arc<Blob>> {
        self.0.engine.0.blobs.get(&(self.0.number, id))
    }

    /// Lets go of a decoded blob that nobody will want soon.
    pub(crate) fn forget_blob(&self, id: BlobId) {
        self.0.engine.0.blobs.forget(&(self.0.number, id));
    }

    /// Reads a part of the pack of a blob, from `offset` on.
    pub(crate) fn read_pack(&self, location: &BlobLocation, offset: u64, buffer: &mut [u8]) -> Result<()> {
        self.0.read_pack(location, offset, buffer)
    }

    /// Where a blob lies; `None` when no index file knows it.
    pub fn locate(&self, blob: BlobId) -> Option<BlobLocation> {
        self.0.blob_map.locate(&blob)
    }

    /// Where a blob of a kind lies: the bytes of a tree may also be a piece of a file.
    pub fn locate_as(&self, kind: BlobKind, blob: BlobId) -> Option<BlobLocation> {
        let first = self.locate(blob)?;
        if first.kind == kind {
            return Some(first);
        }
        self.0.blob_map.locate_all(&blob).into_iter().find(|location| location.kind == kind)
    }

    /// Whether a blob is there to stay: it lies in a pack that no prune has marked for deletion, as of the last refresh.
    pub fn holds(&self, kind: BlobKind, blob: &BlobId) -> bool {
        self.0.blob_map.holds(kind, blob)
    }

    /// Numbers about the blob map.
    pub fn blob_map_stats(&self) -> BlobMapStats {
        self.0.blob_map.stats()
    }

    /// All packs that hold blobs.
    pub fn packs(&self) -> Vec<PackId> {
        self.0.blob_map.packs()
    }

    /// Calls `each` with every blob and its place until it says to stop.
    pub fn for_each_blob(&self, each: impl FnMut(BlobId, BlobLocation) -> std::ops::ControlFlow<()>) {
        self.0.blob_map.for_each(each);
    }
}
