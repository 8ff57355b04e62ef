//! Files: reading them, cutting them into blobs, and adding these.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use bygone_common::BlobId;
use parking_lot::Mutex;

use super::chunker::{BLOB_BYTES_MAX, BLOB_BYTES_MIN};
use super::metadata::Folder;
use super::node::Metadata;
use super::pending::{Pending, Slot};
use super::report::{AddedBytes, Change};
use super::session::{Session, same};
use crate::blob_map::BlobKind;
use crate::error::{Error, ErrorKind, Result};
use crate::tree::{Node, NodeKind};

/// Bytes that are read at once.
const READ_BYTES: usize = 1 << 20;

/// Buffers that are kept for blobs on their way to another thread: large memory is dear to get from the system anew.
const BUFFERS_MAX: usize = 4;

/// A file to read.
#[derive(Debug)]
pub(super) struct FileJob {
    pub(super) folder: Arc<Folder>,
    /// The folder's path.
    pub(super) path: PathBuf,
    /// Its name there.
    pub(super) name: OsString,
    pub(super) pending: Arc<Pending>,
    pub(super) slot: usize,
    /// Its name in the snapshot.
    pub(super) key: Box<[u8]>,
}

/// A blob that another thread has read.
#[derive(Debug)]
pub(super) struct BlobJob {
    file: Arc<OpenFile>,
    position: usize,
    bytes: Vec<u8>,
}

/// What one thread keeps for itself.
#[derive(Debug, Default)]
pub(super) struct Worker {
    /// Room for the longest blob and what is read beyond it; made when first needed, and touched as far as files are long.
    buffer: Vec<u8>,
}

/// A file that is being saved, by the one thread that reads it and by others that add its blobs.
#[derive(Debug)]
struct OpenFile {
    pending: Arc<Pending>,
    slot: usize,
    key: Box<[u8]>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    blobs: Vec<BlobId>,
    /// Blobs that were read and are not added yet.
    missing: usize,
    added: AddedBytes,
    /// What it was when it was opened, with the bytes that were read, once all of it was.
    read: Option<Metadata>,
}

/// Where a file's content comes from.
pub(super) enum Content {
    File(File),
    Reader(Box<dyn Read + Send>),
}

impl Read for Content {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Reader(reader) => reader.read(buffer),
        }
    }
}

/// Why a file was not read to its end.
enum Stop {
    /// It cannot be read; the others can.
    Unreadable(io::Error),
    /// Nothing can go on.
    Failed(Error),
}

impl Session<'_> {
    /// Saves a file that is new or has changed. One that cannot be read is told of.
    pub(super) fn save_file(&self, job: FileJob, worker: &mut Worker) -> Result<()> {
        self.go_on()?;
        let source = || job.path.join(&job.name);
        let give_up = |error: Error| {
            self.problem(&source(), error);
            self.fill(&job.pending, job.slot, Slot::Left)
        };
        if self.watcher.wants_items() {
            self.watcher.started(&job.pending.place_of(&job.key));
        }
        let opened = job.folder.open_file(&job.name);
        let (file, metadata) = match opened {
            Ok(opened) => opened,
            Err(error) => return give_up(Error::io(format!("open {}", source().display()), error)),
        };
        if metadata.kind != NodeKind::File {
            let what = format!("{} is no longer a file", source().display());
            return give_up(Error::new(ErrorKind::Io, what));
        }
        let (mut metadata, lacking) = match job.folder.complete(&job.name, metadata, &self.names) {
            Ok(completed) => completed,
            Err(error) => return give_up(Error::io(format!("read {}", source().display()), error)),
        };
        if !lacking.is_empty() {
            self.lacking(&source(), lacking);
        }
        self.settle_atime(&mut metadata);
        let expected = metadata.size;
        let open = Arc::new(OpenFile {
            pending: job.pending.clone(),
            slot: job.slot,
            key: job.key.clone(),
            state: Mutex::default(),
        });
        match self.read(&open, &mut Content::File(file), Some(expected), worker) {
            Ok(size) => {
                if size != expected {
                    let what = format!("it changed while it was read: {expected} bytes became {size}");
                    self.warning(&source(), &what);
                }
                metadata.size = size;
                self.end_reading(&open, metadata)
            }
            Err(Stop::Unreadable(error)) => give_up(Error::io(format!("read {}", source().display()), error)),
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    /// Saves what a reader gives as a file. That it cannot be read ends the capture.
    pub(super) fn save_reader(
        &self,
        reader: Box<dyn Read + Send>,
        metadata: Metadata,
        (pending, slot, key): (&Arc<Pending>, usize, &[u8]),
    ) -> Result<()> {
        let open = Arc::new(OpenFile { pending: pending.clone(), slot, key: key.into(), state: Mutex::default() });
        let size =
            self.read(&open, &mut Content::Reader(reader), None, &mut Worker::default()).map_err(
                |stop| match stop {
                    Stop::Unreadable(error) => Error::io("read what is to be saved", error),
                    Stop::Failed(error) => error,
                },
            )?;
        self.end_reading(&open, Metadata { size, ..metadata })
    }

    /// Reads to the end, and adds or passes on every blob; answers how many bytes there were.
    fn read(
        &self,
        file: &Arc<OpenFile>,
        content: &mut Content,
        expected: Option<u64>,
        worker: &mut Worker,
    ) -> Result<u64, Stop> {
        if worker.buffer.is_empty() {
            worker.buffer = vec![0; BLOB_BYTES_MAX + READ_BYTES];
        }
        let buffer = &mut worker.buffer;
        // The bytes from `start` to `filled` are read and belong to no blob yet; `scanned` of them have no cut.
        let (mut start, mut filled, mut scanned, mut total) = (0, 0, 0, 0_u64);
        // A small file needs no more room than its size and the byte that tells that it has not grown.
        let small = expected.and_then(|size| usize::try_from(size).ok()).filter(|size| *size < BLOB_BYTES_MIN);
        let mut step = small.map_or(READ_BYTES, |size| size + 1);
        loop {
            self.go_on().map_err(Stop::Failed)?;
            if filled + step > buffer.len() {
                buffer.copy_within(start..filled, 0);
                (start, filled) = (0, filled - start);
            }
            let room = buffer.get_mut(filled..filled + step).unwrap_or_default();
            let count = fill(content, room).map_err(Stop::Unreadable)?;
            let is_end = count < step;
            filled += count;
            total += count as u64;
            step = READ_BYTES;
            while let Some(length) = self.chunker.cut(buffer.get(start..filled).unwrap_or_default(), &mut scanned) {
                self.blob(file, buffer.get(start..start + length).unwrap_or_default())?;
                (start, scanned) = (start + length, 0);
            }
            if is_end {
                let rest = buffer.get(start..filled).unwrap_or_default();
                if !rest.is_empty() {
                    self.blob(file, rest)?;
                }
                return Ok(total);
            }
        }
    }

    /// Adds a blob, or lets another thread do it that has nothing else to do.
    fn blob(&self, file: &Arc<OpenFile>, bytes: &[u8]) -> Result<(), Stop> {
        let position = {
            let mut state = file.state.lock();
            state.missing += 1;
            state.blobs.push(BlobId::default());
            state.blobs.len() - 1
        };
        if bytes.len() >= BLOB_BYTES_MIN && self.queue.has_idle() {
            let mut copy = self.buffers.lock().pop().unwrap_or_default();
            copy.extend_from_slice(bytes);
            let job = BlobJob { file: file.clone(), position, bytes: copy };
            return match self.queue.push_blob(job, bytes.len()) {
                Ok(()) => Ok(()),
                Err(job) => self.add_blob(job).map_err(Stop::Failed),
            };
        }
        self.add(file, position, bytes).map_err(Stop::Failed)
    }

    /// Adds a blob that another thread has read.
    pub(super) fn add_blob(&self, job: BlobJob) -> Result<()> {
        self.add(&job.file, job.position, &job.bytes)?;
        let BlobJob { mut bytes, .. } = job;
        bytes.clear();
        let mut buffers = self.buffers.lock();
        if buffers.len() < BUFFERS_MAX {
            buffers.push(bytes);
        }
        Ok(())
    }

    fn add(&self, file: &OpenFile, position: usize, bytes: &[u8]) -> Result<()> {
        let added = self.writer.add(BlobKind::Data, bytes)?;
        self.watcher.bytes(bytes.len() as u64);
        let mut state = file.state.lock();
        state.added.count(added, bytes.len());
        if let Some(blob) = state.blobs.get_mut(position) {
            *blob = added.id;
        }
        state.missing -= 1;
        self.end_file(file, state)
    }

    /// Says that all of a file was read.
    fn end_reading(&self, file: &OpenFile, metadata: Metadata) -> Result<()> {
        let mut state = file.state.lock();
        state.read = Some(metadata);
        self.end_file(file, state)
    }

    /// Ends a file if all of it was read and added. Whoever finds that, ends it.
    fn end_file(&self, file: &OpenFile, mut state: parking_lot::MutexGuard<'_, State>) -> Result<()> {
        if state.missing > 0 {
            return Ok(());
        }
        let Some(metadata) = state.read.take() else { return Ok(()) };
        let (blobs, added) = (std::mem::take(&mut state.blobs), state.added);
        drop(state);
        let before = file.pending.node_before(&file.key);
        let is_same = |node: &Node<'_>| metadata.is_of(*node) && node.content() == blobs;
        let (change, what) = match before {
            Some(node) if is_same(&node) => (Change::Unmodified, same(node)),
            before => {
                let was_file = before.is_some_and(|node| node.kind() == NodeKind::File);
                let mut text = Vec::new();
                metadata.push_file(&mut text, &file.key, &self.zone, &blobs);
                (if was_file { Change::Changed } else { Change::New }, Slot::Text(text.into()))
            }
        };
        self.file_done(&file.pending, &file.key, change, metadata.size, added);
        self.fill(&file.pending, file.slot, what)
    }
}

/// Fills the room as far as there is content.
fn fill(content: &mut Content, room: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = room.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match content.read(rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
