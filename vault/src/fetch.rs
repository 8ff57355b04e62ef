//! From ids to plaintext: blobs that lie together in a pack are read together, opened and unpacked by the workers, and
//! handed to whoever waits.
//!
//! Invariant: no byte of a blob leaves before its authentication tag was checked.

use std::collections::VecDeque;
use std::io::Read as _;
use std::sync::Arc;

use bygone_common::{BlobId, TreeId};
use sha2::{Digest, Sha256};

use crate::backend::FileId;
use crate::blob_map::{BlobKind, BlobLocation};
use crate::decode::decode;
use crate::engine::queue::{Workspace, waiting};
use crate::engine::verify::is_id_of;
use crate::engine::{Blob, Priority};
use crate::error::{Error, ErrorKind, Result};
use crate::repository::RepositoryParts;
use crate::tree::{Directory, DirectoryBuilder};

/// Bytes between two blobs of a pack that are read through rather than asked for twice.
const GAP_BYTES_MAX: u64 = 64 << 10;
/// Bytes of one read of a local pack: several workers share what lies together.
const LOCAL_READ_BYTES_MAX: u64 = 2 << 20;
/// Bytes of one read over a network, where each costs a round trip.
const REMOTE_READ_BYTES_MAX: u64 = 8 << 20;
/// Blobs up to this much plaintext are unpacked in one piece; larger trees are parsed while they are unpacked.
const WHOLE_TREE_BYTES_MAX: u32 = 4 << 20;
/// Bytes of a large tree that are given to the parser at once, unless one node is larger.
const TREE_WINDOW_BYTES: usize = 1 << 20;
/// Plaintext that a blob may claim: restic cuts files at 8 MiB, but a tree may list millions of names.
const PLAIN_BYTES_MAX: u32 = 1 << 31;

/// What becomes of a blob's plaintext.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sink {
    /// Bytes of a file.
    Blob,
    /// A directory.
    Tree,
}

/// One blob that somebody wants, and where it lies.
#[derive(Debug, Clone, Copy)]
struct Want {
    id: BlobId,
    sink: Sink,
    location: BlobLocation,
}

impl RepositoryParts {
    /// Queues jobs that fetch these blobs; each has been asked for in its flight, and lands there.
    pub(crate) fn schedule(self: &Arc<Self>, wanted: &[BlobId], sink: Sink, priority: Priority) {
        if let Some(server) = &self.server {
            return self.schedule_served(server, wanted, sink, priority);
        }
        let mut wants = Vec::with_capacity(wanted.len());
        for id in wanted {
            match self.locate(id) {
                Ok(location) => wants.push(Want { id: *id, sink, location }),
                Err(error) => self.land_error(id, sink, error),
            }
        }
        wants.sort_by_key(|want| (want.location.pack, want.location.offset));
        let read_bytes_max = if self.backend.is_remote() { REMOTE_READ_BYTES_MAX } else { LOCAL_READ_BYTES_MAX };
        let groups = wants.chunk_by({
            let mut group_start = None;
            move |left, right| {
                let start = *group_start.get_or_insert(u64::from(left.location.offset));
                let near = left.location.pack == right.location.pack
                    && u64::from(right.location.offset) <= left.location.end() + GAP_BYTES_MAX
                    && right.location.end() - start <= read_bytes_max;
                if !near {
                    group_start = Some(u64::from(right.location.offset));
                }
                near
            }
        });
        for group in groups {
            let repository = self.clone();
            let landing = Landing::new(self, group.iter().map(|want| (want.id, want.sink)).collect());
            let group = group.to_vec();
            let queued =
                self.engine.0.queue.submit(priority, move |workspace| repository.run(&group, landing, workspace));
            if !queued {
                tracing::debug!("a read-ahead was turned away");
            }
        }
    }

    fn locate(&self, id: &BlobId) -> Result<BlobLocation> {
        if self.engine.0.verifier.is_wrong(id) {
            return Err(Error::new(ErrorKind::Damaged, format!("the bytes of blob {id} are not those of its id")));
        }
        let location = self.blob_map.locate(id).ok_or_else(|| {
            Error::new(ErrorKind::Damaged, format!("blob {id} is in no index file of {}", self.backend.location()))
        })?;
        if location.plain_bytes() > PLAIN_BYTES_MAX {
            return Err(Error::new(ErrorKind::Damaged, format!("blob {id} claims to be larger than 2 GiB")));
        }
        Ok(location)
    }

    /// One job: read what lies together, decode each blob that nobody else took meanwhile.
    fn run(&self, group: &[Want], mut landing: Landing, workspace: &mut Workspace) {
        let (mine, others): (Vec<Want>, Vec<Want>) = group.iter().partition(|want| self.start(&want.id, want.sink));
        for want in others {
            landing.close(&want.id);
        }
        let (Some(first), Some(last)) = (mine.first(), mine.last()) else { return };
        let start = u64::from(first.location.offset);
        let length = usize::try_from(last.location.end() - start).unwrap_or(usize::MAX);
        let mut sealed = self.engine.0.buffers.take(length);
        let read = self.read_pack(&first.location, start, &mut sealed);
        for want in &mine {
            let at = (u64::from(want.location.offset) - start) as usize;
            let bytes = sealed.get_mut(at..at + want.location.length as usize);
            let decoded = match (&read, bytes) {
                (Ok(()), Some(bytes)) => self.decode(want, bytes, workspace),
                (Err(error), _) => Err(error.clone()),
                (Ok(()), None) => {
                    Err(Error::new(ErrorKind::Damaged, format!("blob {} lies outside its pack", want.id)))
                }
            };
            let decoded = match decoded {
                Err(error) if matches!(error.kind(), ErrorKind::Damaged | ErrorKind::NotFound) => {
                    self.decode_elsewhere(want, error, workspace)
                }
                decoded => decoded,
            };
            self.land(want, decoded);
            landing.close(&want.id);
        }
    }

    /// Tries once more, and then the other copies of a blob, whose usual place failed with `error`.
    fn decode_elsewhere(&self, want: &Want, error: Error, workspace: &mut Workspace) -> Result<Decoded> {
        for location in self.blob_map.locate_all(&want.id) {
            if location.plain_bytes() > PLAIN_BYTES_MAX {
                continue;
            }
            self.drop_cached_pack(&location);
            let mut sealed = vec![0; location.length as usize];
            let again = Want { location, ..*want };
            let decoded = self
                .read_pack(&location, u64::from(location.offset), &mut sealed)
                .and_then(|()| self.decode(&again, &mut sealed, workspace));
            if let Ok(decoded) = decoded {
                tracing::warn!(blob = %want.id, pack = %want.location.pack, instead = %location.pack, error = error.chain(), "read a blob at the second try");
                return Ok(decoded);
            }
        }
        let Want { id, location: BlobLocation { pack, .. }, .. } = want;
        tracing::warn!(blob = %id, pack = %pack, error = error.chain(), "a blob cannot be read");
        Err(error.context(format!("read blob {id} of pack {pack}")))
    }

    /// Opens and unpacks one blob's stored bytes.
    fn decode(&self, want: &Want, sealed: &mut [u8], workspace: &mut Workspace) -> Result<Decoded> {
        match want.sink {
            Sink::Tree => self.decode_tree(want, sealed, workspace),
            Sink::Blob => {
                let mut plain = self.engine.0.buffers.take(want.location.plain_bytes() as usize);
                decode(&self.key, &want.location, sealed, &mut workspace.unpacker, &mut plain)?;
                let blob = Arc::new(Blob::from(plain));
                if self.engine.0.strict_ids {
                    check_id(&want.id, &blob)?;
                }
                Ok(Decoded::Blob(blob))
            }
        }
    }

    /// Ids of trees are always checked at once: parsing costs more than hashing.
    fn decode_tree(&self, want: &Want, sealed: &mut [u8], workspace: &mut Workspace) -> Result<Decoded> {
        let damaged = |what: &str| Error::new(ErrorKind::Damaged, what);
        let directory = if want.location.uncompressed > WHOLE_TREE_BYTES_MAX {
            let packed = self.key.open(sealed).ok_or_else(|| damaged("its authentication tag is wrong"))?;
            parse_large_tree(&want.id, packed)
        } else {
            let plain = &mut workspace.plain;
            plain.resize(want.location.plain_bytes() as usize, 0);
            decode(&self.key, &want.location, sealed, &mut workspace.unpacker, plain)?;
            check_id(&want.id, plain)?;
            Directory::parse(plain)
        };
        let directory = directory.map_err(|why| damaged("it is not a tree").because(why))?;
        Ok(Decoded::Tree(Arc::new(directory)))
    }

    /// Claims the fetching of what was asked for; `false` when another job has it or had it.
    pub(crate) fn start(&self, id: &BlobId, sink: Sink) -> bool {
        match sink {
            Sink::Blob => self.engine.0.blobs.start(&(self.number, *id)),
            Sink::Tree => self.engine.0.directories.start(&(self.number, TreeId(id.0))),
        }
    }

    fn land(&self, want: &Want, decoded: Result<Decoded>) {
        match decoded {
            Ok(Decoded::Blob(blob)) => {
                let key = (self.number, want.id);
                if !self.engine.0.strict_ids {
                    let engine = Arc::downgrade(&self.engine.0);
                    let pack = want.location.pack;
                    self.engine.0.verifier.later(want.id, &blob, move || {
                        tracing::error!(blob = %key.1, %pack, "a blob's bytes are not those of its id; it will not be given out again");
                        if let Some(engine) = engine.upgrade() {
                            engine.blobs.forget(&key);
                        }
                    });
                }
                self.engine.0.blobs.land(&key, Ok(blob));
            }
            Ok(Decoded::Tree(directory)) => {
                self.engine.0.directories.land(&(self.number, TreeId(want.id.0)), Ok(directory));
            }
            Err(error) => self.land_error(&want.id, want.sink, error),
        }
    }

    pub(crate) fn land_error(&self, id: &BlobId, sink: Sink, error: Error) {
        match sink {
            Sink::Blob => self.engine.0.blobs.land(&(self.number, *id), Err(error)),
            Sink::Tree => self.engine.0.directories.land(&(self.number, TreeId(id.0)), Err(error)),
        }
    }

    /// Reads a part of a pack; trees of remote repositories by way of the packs that are kept on disk.
    pub(crate) fn read_pack(&self, location: &BlobLocation, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let mut read = || match (&self.pack_cache, location.kind) {
            (Some(cache), BlobKind::Tree) => cache.read_at(self.backend.as_ref(), location.pack, offset, buffer),
            _ => self.backend.read_at(FileId::pack(location.pack), offset, buffer),
        };
        // What lies in a folder is mostly in memory; where it is not, the folder's backend waits.
        if self.backend.is_remote() { waiting(read) } else { read() }
    }

    /// What is damaged may be our copy on disk, not the repository's.
    fn drop_cached_pack(&self, location: &BlobLocation) {
        if let (Some(cache), BlobKind::Tree) = (&self.pack_cache, location.kind) {
            cache.forget(location.pack);
        }
    }
}

/// What a blob became.
enum Decoded {
    Blob(Arc<Blob>),
    Tree(Arc<Directory>),
}

/// The blobs of a job that have not landed. Dropped with some left (the job was turned away, or panicked), it lands them
/// with an error, so that nobody waits for ever.
pub(crate) struct Landing {
    repository: Arc<RepositoryParts>,
    open: VecDeque<(BlobId, Sink)>,
}

impl Landing {
    pub(crate) fn new(repository: &Arc<RepositoryParts>, open: VecDeque<(BlobId, Sink)>) -> Self {
        Self { repository: Arc::clone(repository), open }
    }

    /// What has not landed.
    pub(crate) fn ids(&self) -> Vec<BlobId> {
        self.open.iter().map(|(id, _)| *id).collect()
    }

    /// Leaves to others what is not `mine`.
    pub(crate) fn keep(&mut self, mine: impl Fn(&BlobId) -> bool) {
        self.open.retain(|(id, _)| mine(id));
    }

    /// It lands, or somebody else sees to it; `false` when it was closed before.
    pub(crate) fn close(&mut self, id: &BlobId) -> bool {
        // Mostly the first: what lies together is read in order.
        let at = self.open.iter().position(|(open, _)| open == id);
        at.and_then(|at| self.open.remove(at)).is_some()
    }

    /// Lands all that is left with an error.
    pub(crate) fn fail(&mut self, error: &Error) {
        for (id, sink) in std::mem::take(&mut self.open) {
            self.repository.land_error(&id, sink, error.clone());
        }
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        for (id, sink) in &self.open {
            let error = Error::new(ErrorKind::Cancelled, format!("reading blob {id} was given up"));
            self.repository.land_error(id, *sink, error);
        }
    }
}

fn check_id(id: &BlobId, plain: &[u8]) -> Result<()> {
    if is_id_of(id, plain) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Damaged, "its bytes are not those of its id"))
}

/// Unpacks and parses a tree window by window: the JSON of a million entries is hundreds of megabytes.
fn parse_large_tree(id: &BlobId, packed: &[u8]) -> Result<Directory, String> {
    let mut unpacker = zstd::stream::read::Decoder::with_buffer(packed).map_err(|error| error.to_string())?;
    let mut builder = DirectoryBuilder::default();
    let mut digest = Sha256::new();
    let mut window = Vec::with_capacity(2 * TREE_WINDOW_BYTES);
    let mut wanted = TREE_WINDOW_BYTES;
    loop {
        let before = window.len();
        (&mut unpacker)
            .take((wanted - before) as u64)
            .read_to_end(&mut window)
            .map_err(|error| format!("it cannot be unpacked: {error}"))?;
        digest.update(window.get(before..).unwrap_or_default());
        let last = window.len() < wanted;
        let used = builder.feed(&window, last)?;
        if last {
            break;
        }
        // A node larger than the window needs a larger one.
        wanted = if used == 0 { window.len() * 2 } else { TREE_WINDOW_BYTES.max(window.len() - used + 1) };
        window.drain(..used);
        wanted = wanted.max(window.len() + 1);
    }
    if digest.finalize().as_slice() != id.as_bytes().as_slice() {
        return Err("its bytes are not those of its id".to_owned());
    }
    builder.finish()
}
