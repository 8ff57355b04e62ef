//! Adding blobs to a repository: what backup, prune, copy and key rotation write by.
//!
//! A [`Writer`] hashes, compresses and seals in the threads of its callers, fills one pack of each kind at a time, and
//! uploads full ones in the background. Index files follow their packs, and a snapshot follows everything.
//!
//! Invariant: whatever is named in the repository is there. A pack is named by an index file only when it is durable, and a
//! snapshot is written only when all blobs before it are named by durable index files.

pub(crate) mod index;
pub mod options;
pub(crate) mod pack;
pub(crate) mod reindex;
pub(crate) mod seal;

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bygone_common::{BlobId, Id, SnapshotId};
use parking_lot::Mutex;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::backend::{FileId, FileKind, ParallelUploads, SharedStorage, Storage};
use crate::blob_map::BlobKind;
use crate::crypto::MasterKey;
use crate::error::{Error, ErrorKind, Result};
use crate::repository::Repository;
use crate::sealed_file;
use index::{IndexFile, IndexPack};
use pack::OpenPack;
use seal::Sealer;

pub use options::{Compression, WriteOptions};

/// Blobs that one index file names, as restic bounds it.
pub(crate) const INDEX_BLOBS_MAX: usize = 50_000;
/// Packs that were stored wait at most so long for the index file that names them: what a killed backup keeps.
const INDEX_INTERVAL: Duration = Duration::from_mins(5);
/// Parts of the set of blobs that were added, so that threads seldom wait for each other.
const SHARDS: usize = 16;

/// Which blobs need not be added.
enum Known {
    /// Those of the repository, and those added before.
    Repository(Repository),
    /// Those added before: others are written again.
    Added,
}

/// One session of adding blobs to a repository. Any number of threads add by reference.
///
/// When it is dropped before [`flush`](Self::flush), the repository stays valid: packs that no index file names are left
/// over for the next prune.
pub struct Writer {
    uploads: ParallelUploads,
    known: Known,
    key: MasterKey,
    version: u32,
    sealer: Sealer,
    pack_bytes: u32,
    added: [Mutex<HashSet<(BlobKind, BlobId)>>; SHARDS],
    data: Mutex<OpenPack>,
    trees: Mutex<OpenPack>,
    /// Whether packs are not named in the repository: their names are taken by [`take_packs`](Self::take_packs).
    withholds: bool,
    unindexed: Mutex<Unindexed>,
    counters: Counters,
}

/// Packs that no index file names yet.
struct Unindexed {
    packs: Vec<IndexPack>,
    blobs: usize,
    since: Instant,
}

#[derive(Default)]
struct Counters {
    data_blobs: AtomicU64,
    tree_blobs: AtomicU64,
    plain_bytes: AtomicU64,
    stored_bytes: AtomicU64,
    packs: AtomicU64,
    index_files: AtomicU64,
}

/// What became of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Added {
    /// Its id: the SHA-256 of its plaintext.
    pub id: BlobId,
    /// Whether it was not there before.
    pub is_new: bool,
    /// Bytes it takes in its pack, with its line of the header; 0 when it was there.
    pub stored_bytes: u64,
}

/// What a session wrote so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// New blobs of files.
    pub data_blobs: u64,
    /// New trees.
    pub tree_blobs: u64,
    /// Plain bytes of both.
    pub plain_bytes: u64,
    /// Bytes they take in packs.
    pub stored_bytes: u64,
    /// Packs.
    pub packs: u64,
    /// Index files.
    pub index_files: u64,
}

impl Writer {
    /// Begins to add to `repository` by way of `storage`, which is where the repository lies. What the repository holds, as
    /// of its last refresh, is not written again.
    ///
    /// # Errors
    /// The system has no thread left.
    pub fn start(repository: &Repository, storage: SharedStorage, options: &WriteOptions) -> Result<Self> {
        let known = Known::Repository(repository.clone());
        Self::with(known, repository.master_key().clone(), repository.version(), storage, options)
    }

    /// The same, but what the repository holds is written again: for packs that take the place of others.
    ///
    /// # Errors
    /// The system has no thread left.
    pub(crate) fn rewriting(repository: &Repository, storage: SharedStorage, options: &WriteOptions) -> Result<Self> {
        Self::with(Known::Added, repository.master_key().clone(), repository.version(), storage, options)
    }

    /// A writer of packs that no index file names, under a key that is not the repository's: for another generation of it.
    /// What lies in `packs` is not written again.
    ///
    /// # Errors
    /// The system has no thread left.
    pub(crate) fn withholding(
        key: MasterKey,
        version: u32,
        storage: SharedStorage,
        options: &WriteOptions,
        packs: &[IndexPack],
    ) -> Result<Self> {
        let writer = Self { withholds: true, ..Self::with(Known::Added, key, version, storage, options)? };
        for blob in packs.iter().flat_map(|pack| &pack.blobs) {
            writer.shard(&blob.id).lock().insert((blob.kind, blob.id));
        }
        Ok(writer)
    }

    /// The packs that were stored and are named nowhere.
    pub(crate) fn take_packs(&self) -> Vec<IndexPack> {
        self.unindexed.lock().take()
    }

    fn with(
        known: Known,
        key: MasterKey,
        version: u32,
        storage: SharedStorage,
        options: &WriteOptions,
    ) -> Result<Self> {
        Ok(Self {
            uploads: ParallelUploads::start(storage, options.uploads, options.upload_bytes_max)?,
            known,
            sealer: Sealer::new(key.clone(), version, options.compression),
            key,
            version,
            pack_bytes: options.pack_bytes,
            added: std::array::from_fn(|_| Mutex::default()),
            data: Mutex::default(),
            trees: Mutex::default(),
            withholds: false,
            unindexed: Mutex::new(Unindexed { packs: Vec::new(), blobs: 0, since: Instant::now() }),
            counters: Counters::default(),
        })
    }

    /// Whether a blob need not be added: it is stored, in a pack that no prune has marked, or was added before.
    pub fn holds(&self, kind: BlobKind, id: &BlobId) -> bool {
        self.shard(id).lock().contains(&(kind, *id)) || self.is_stored(kind, id)
    }

    fn is_stored(&self, kind: BlobKind, id: &BlobId) -> bool {
        match &self.known {
            Known::Repository(repository) => repository.holds(kind, id),
            Known::Added => false,
        }
    }

    /// Adds a blob if it is not there. Blocks while too many packs wait to be uploaded.
    ///
    /// # Errors
    /// What the storage answered to an upload, this one's or an earlier one's. Nothing can be added then any more.
    pub fn add(&self, kind: BlobKind, plain: &[u8]) -> Result<Added> {
        self.add_hashed(kind, BlobId(Id::new(Sha256::digest(plain).into())), plain)
    }

    /// The same for a blob whose id is known to be the SHA-256 of `plain`.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn add_hashed(&self, kind: BlobKind, id: BlobId, plain: &[u8]) -> Result<Added> {
        let known = Added { id, is_new: false, stored_bytes: 0 };
        if self.is_stored(kind, &id) || !self.shard(&id).lock().insert((kind, id)) {
            return Ok(known);
        }
        let sealed = self.sealer.seal(kind, plain)?;
        self.counters.plain_bytes.fetch_add(plain.len() as u64, Ordering::Relaxed);
        let stored_bytes = sealed.stored_bytes();
        self.push(kind, id, &sealed.bytes, sealed.uncompressed)?;
        self.sealer.recycle(sealed);
        Ok(Added { id, is_new: true, stored_bytes })
    }

    /// The same for a blob whose bytes were compressed for another repository: they are sealed as they are. The format of
    /// this one must know compression.
    pub(crate) fn add_packed(&self, kind: BlobKind, id: BlobId, packed: &[u8], uncompressed: u32) -> Result<Added> {
        if self.is_stored(kind, &id) || !self.shard(&id).lock().insert((kind, id)) {
            return Ok(Added { id, is_new: false, stored_bytes: 0 });
        }
        let sealed = seal::Sealed { bytes: self.sealer.seal_raw(packed)?, uncompressed };
        self.counters.plain_bytes.fetch_add(u64::from(uncompressed), Ordering::Relaxed);
        self.push(kind, id, &sealed.bytes, uncompressed)?;
        Ok(Added { id, is_new: true, stored_bytes: sealed.stored_bytes() })
    }

    /// Whether it takes compressed blobs.
    pub(crate) fn compresses(&self) -> bool {
        self.version >= 2
    }

    /// Adds a blob that is sealed under this repository's key already, unless this session has added it before.
    pub(crate) fn add_sealed(&self, kind: BlobKind, id: BlobId, sealed: &[u8], uncompressed: u32) -> Result<()> {
        if self.shard(&id).lock().insert((kind, id)) {
            self.push(kind, id, sealed, uncompressed)?;
        }
        Ok(())
    }

    fn push(&self, kind: BlobKind, id: BlobId, sealed: &[u8], uncompressed: u32) -> Result<()> {
        let (open, count) = match kind {
            BlobKind::Data => (&self.data, &self.counters.data_blobs),
            BlobKind::Tree => (&self.trees, &self.counters.tree_blobs),
        };
        count.fetch_add(1, Ordering::Relaxed);
        let full = {
            let mut open = open.lock();
            open.push(kind, id, sealed, uncompressed, self.pack_bytes);
            open.is_full(self.pack_bytes).then(|| std::mem::take(&mut *open))
        };
        full.map_or(Ok(()), |pack| self.store(pack))
    }

    /// Closes a pack and hands it to the uploads; names those that wait, when they are many or have waited long.
    fn store(&self, pack: OpenPack) -> Result<()> {
        let full = pack.close(&self.sealer)?;
        self.counters.packs.fetch_add(1, Ordering::Relaxed);
        self.counters.stored_bytes.fetch_add(full.content.len(), Ordering::Relaxed);
        self.uploads.write(FileId::pack(full.id), &full.content)?;
        let due = {
            let mut unindexed = self.unindexed.lock();
            unindexed.blobs += full.blobs.len();
            unindexed.packs.push(IndexPack::new(full.id, &full.blobs));
            let due =
                !self.withholds && (unindexed.blobs >= INDEX_BLOBS_MAX || unindexed.since.elapsed() >= INDEX_INTERVAL);
            due.then(|| unindexed.take())
        };
        due.map_or(Ok(()), |packs| self.write_index(packs))
    }

    fn write_index(&self, packs: Vec<IndexPack>) -> Result<()> {
        if packs.is_empty() {
            return Ok(());
        }
        self.write_index_file(&IndexFile { packs, ..IndexFile::default() }).map(drop)
    }

    /// Writes an index file, after every pack before it.
    pub(crate) fn write_index_file(&self, file: &IndexFile) -> Result<Id> {
        self.counters.index_files.fetch_add(1, Ordering::Relaxed);
        self.write_file(FileKind::Index, &to_json("an index file", file)?)
    }

    fn write_file(&self, kind: FileKind, json: &[u8]) -> Result<Id> {
        sealed_file::write(&self.uploads, &self.key, self.version, kind, json)
    }

    /// Makes every blob whose addition has returned durable, and names it by a durable index file.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn flush(&self) -> Result<()> {
        for open in [&self.data, &self.trees] {
            let pack = std::mem::take(&mut *open.lock());
            if !pack.is_empty() {
                self.store(pack)?;
            }
        }
        if !self.withholds {
            let packs = self.unindexed.lock().take();
            self.write_index(packs)?;
        }
        self.uploads.finish()
    }

    /// Saves a snapshot of the form that restic reads, after all blobs before it.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn save_snapshot(&self, snapshot: &impl Serialize) -> Result<SnapshotId> {
        self.flush()?;
        let json = to_json("a snapshot", snapshot)?;
        self.write_file(FileKind::Snapshot, &json).map(SnapshotId)
    }

    /// What was written so far. Packs are counted when they are full.
    pub fn written(&self) -> Written {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let Counters { data_blobs, tree_blobs, plain_bytes, stored_bytes, packs, index_files } = &self.counters;
        Written {
            data_blobs: read(data_blobs),
            tree_blobs: read(tree_blobs),
            plain_bytes: read(plain_bytes),
            stored_bytes: read(stored_bytes),
            packs: read(packs),
            index_files: read(index_files),
        }
    }

    fn shard(&self, id: &BlobId) -> &Mutex<HashSet<(BlobKind, BlobId)>> {
        let [byte, ..] = *id.as_bytes();
        &self.added[usize::from(byte) % SHARDS]
    }
}

impl Unindexed {
    fn take(&mut self) -> Vec<IndexPack> {
        self.blobs = 0;
        self.since = Instant::now();
        std::mem::take(&mut self.packs)
    }
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("written", &self.written()).finish_non_exhaustive()
    }
}

fn to_json(what: &str, value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| Error::new(ErrorKind::Io, format!("write {what}")).because(error))
}
