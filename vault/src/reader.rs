//! Positional reads of one file: any offset, any number of threads.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;

use bygone_common::BlobId;
use parking_lot::Mutex;

use crate::engine::{Blob, Priority};
use crate::error::{Error, ErrorKind, Result};
use crate::prefetch::{Advice, Streams};
use crate::repository::{Keep, Repository};
use crate::tree::{Node, NodeKind};

/// A blob that comes again within so many is kept: disk images hold long runs of one blob.
const SOON_BLOBS: usize = 64;

/// A file of a snapshot, open for reading. Sequential readers are noticed and read ahead for.
#[derive(Debug)]
pub struct FileReader {
    repository: Repository,
    blobs: Box<[BlobId]>,
    /// Where each blob ends in the file: sums of the lengths so far.
    ends: Box<[u64]>,
    streams: Streams,
}

impl FileReader {
    /// Opens a file. Costs one look-up in the blob map for each blob, and no input or output.
    pub(crate) fn open(repository: &Repository, node: Node<'_>) -> Result<Self> {
        if node.kind() != NodeKind::File {
            return Err(Error::new(ErrorKind::InvalidInput, "only regular files have content"));
        }
        let mut end = 0;
        let mut ends = Vec::with_capacity(node.content().len());
        for id in node.content() {
            end += match repository.plain_bytes(id) {
                Some(length) => u64::from(length),
                // A server tells the lengths only of those that share a file.
                None if repository.is_served() && node.content().len() == 1 => node.size(),
                None => {
                    let sentence = format!("blob {id} of the file is in no index file");
                    return Err(Error::new(ErrorKind::Damaged, sentence));
                }
            };
            ends.push(end);
        }
        if end != node.size() {
            let sentence = format!("the file should have {} bytes, but its blobs have {end}", node.size());
            return Err(Error::new(ErrorKind::Damaged, sentence));
        }
        Ok(Self {
            repository: repository.clone(),
            blobs: node.content().into(),
            ends: ends.into(),
            streams: Streams::default(),
        })
    }

    /// The file's size in bytes.
    pub fn size(&self) -> u64 {
        self.ends.last().copied().unwrap_or_default()
    }

    /// The file's blobs in order.
    pub fn blobs(&self) -> &[BlobId] {
        &self.blobs
    }

    /// The blobs that hold some of the bytes, with the offset of the first in the file.
    pub fn blobs_at(&self, offset: u64, len: usize) -> (Range<usize>, u64) {
        let end = offset.saturating_add(len as u64).min(self.size());
        if offset >= end {
            return (0..0, 0);
        }
        let first = self.ends_at_or_before(offset);
        let last = self.ends.partition_point(|blob_end| *blob_end < end);
        (first..last + 1, self.start_of(first))
    }

    /// The bytes of the file that the blob at an offset holds; none at or past its end.
    pub fn span_at(&self, offset: u64) -> Option<Range<u64>> {
        let blob = self.ends_at_or_before(offset);
        Some(self.start_of(blob)..*self.ends.get(blob)?)
    }

    /// Fills `buffer` from `offset` on; fewer bytes only at the end of the file. Blocks: not for callbacks of this crate.
    ///
    /// # Errors
    /// What the storage answers, or `Damaged`; never wrong bytes.
    pub fn read_at(self: &Arc<Self>, offset: u64, buffer: &mut [u8]) -> Result<usize> {
        let pieces = match self.try_read(offset, buffer.len()) {
            Some(pieces) => pieces,
            None => {
                let (send, receive) = sync_channel(1);
                self.fetch_then(offset, buffer.len(), move |pieces| {
                    let _ = send.send(pieces);
                });
                receive.recv().map_err(|_| Error::new(ErrorKind::Cancelled, "reading was given up"))??
            }
        };
        let mut rest = buffer;
        for slice in pieces.slices() {
            let (head, tail) = rest.split_at_mut(slice.len().min(rest.len()));
            head.copy_from_slice(slice.get(..head.len()).unwrap_or_default());
            rest = tail;
        }
        Ok(pieces.len())
    }

    /// The bytes, if all of them are decoded already: no input or output, no waiting.
    pub fn try_read(&self, offset: u64, len: usize) -> Option<Pieces> {
        let (range, start) = self.blobs_at(offset, len);
        let mut blobs = Vec::with_capacity(range.len());
        for id in self.blobs.get(range.clone())? {
            blobs.push(self.repository.cached_blob(*id)?);
        }
        if !self.fit(range.start, &blobs) {
            return None;
        }
        self.note(offset, len);
        Some(self.pieces(blobs, start, offset, len))
    }

    /// Calls `then` with the bytes: at once if they are decoded already, otherwise from a worker. `then` must not block.
    pub fn read_then(self: &Arc<Self>, offset: u64, len: usize, then: impl FnOnce(Result<Pieces>) + Send + 'static) {
        match self.try_read(offset, len) {
            Some(pieces) => then(Ok(pieces)),
            None => self.fetch_then(offset, len, then),
        }
    }

    fn fetch_then(self: &Arc<Self>, offset: u64, len: usize, then: impl FnOnce(Result<Pieces>) + Send + 'static) {
        read_together(vec![PartRead { reader: self.clone(), offset, len, then: Box::new(then) }]);
    }

    /// What waits for the blobs of a read, and which these are.
    fn gather(self: &Arc<Self>, offset: u64, len: usize, then: PartThen) -> (&[BlobId], Gathering) {
        let (range, start) = self.blobs_at(offset, len);
        let first = range.start;
        let wanted = self.blobs.get(range).unwrap_or_default();
        let reader = self.clone();
        let gathering = Gathering::new(wanted.len(), move |blobs| {
            then(blobs.and_then(|blobs| match reader.fit(first, &blobs) {
                true => Ok(reader.pieces(blobs, start, offset, len)),
                false => Err(Error::new(ErrorKind::Damaged, "a blob of the file has another length than it should")),
            }));
        });
        (wanted, gathering)
    }

    /// Fetches what a sequential reader will want next, and keeps nothing that it will not want again.
    fn note(&self, offset: u64, len: usize) {
        let engine = self.repository.engine();
        let Advice { ahead, behind } = self.streams.note(engine, offset, len as u64, self.size());
        if let Some(wanted) = ahead.and_then(|ahead| self.blobs.get(self.blobs_in(&ahead))) {
            self.repository.prefetch_blobs(wanted, Priority::Prefetch);
        }
        if let Some(behind) = behind {
            let passed = self.ends_at_or_before(behind.start)..self.ends_at_or_before(behind.end);
            let soon = self.blobs.get(passed.end..).unwrap_or_default();
            let soon = soon.get(..SOON_BLOBS).unwrap_or(soon);
            for blob in self.blobs.get(passed).unwrap_or_default().iter().filter(|blob| !soon.contains(blob)) {
                self.repository.forget_blob(*blob);
            }
        }
    }

    fn blobs_in(&self, bytes: &Range<u64>) -> Range<usize> {
        self.blobs_at(bytes.start, usize::try_from(bytes.end - bytes.start).unwrap_or(usize::MAX)).0
    }

    /// How many blobs lie wholly before an offset.
    fn ends_at_or_before(&self, offset: u64) -> usize {
        self.ends.partition_point(|end| *end <= offset)
    }

    /// Whether blobs, from the `first` of the file on, are as long as they should be.
    fn fit(&self, first: usize, blobs: &[Arc<Blob>]) -> bool {
        let mut start = self.start_of(first);
        let ends = self.ends.get(first..).unwrap_or_default();
        blobs.iter().zip(ends).all(|(blob, end)| {
            let length = *end - start;
            start = *end;
            blob.len() as u64 == length
        })
    }

    fn start_of(&self, blob: usize) -> u64 {
        blob.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default()
    }

    /// Cuts the wanted bytes out of the blobs that hold them; the first of these begins at `start` in the file.
    fn pieces(&self, blobs: Vec<Arc<Blob>>, start: u64, offset: u64, len: usize) -> Pieces {
        let end = offset.saturating_add(len as u64).min(self.size()).max(offset);
        let skip = usize::try_from(offset.saturating_sub(start)).unwrap_or(usize::MAX);
        Pieces { blobs, skip, len: usize::try_from(end - offset).unwrap_or(usize::MAX) }
    }
}

/// What is called with the bytes of a [`PartRead`], from a worker; it must not block.
pub type PartThen = Box<dyn FnOnce(Result<Pieces>) + Send>;

/// A part of a file that is to be read beside others.
pub struct PartRead {
    /// The file.
    pub reader: Arc<FileReader>,
    /// Where the part begins.
    pub offset: u64,
    /// Its length in bytes.
    pub len: usize,
    /// What becomes of it.
    pub then: PartThen,
}

/// Reads parts of files, those of one repository together: what lies near each other in a pack is read and decoded in one
/// go, which for small files costs a fraction of reading each alone.
pub fn read_together(parts: Vec<PartRead>) {
    let mut parts = parts.into_iter().peekable();
    while let Some(first) = parts.next() {
        let repository = first.reader.repository.clone();
        let (mut blobs, mut waiting, mut notes) = (Vec::new(), Vec::new(), Vec::new());
        let mut next = Some(first);
        while let Some(PartRead { reader, offset, len, then }) = next {
            let (wanted, gathering) = reader.gather(offset, len, then);
            let gathering = Arc::new(gathering);
            waiting.extend((0..wanted.len()).map(|position| (gathering.clone(), position)));
            blobs.extend_from_slice(wanted);
            notes.push((reader, offset, len));
            next = parts.next_if(|part| part.reader.repository.is(&repository));
        }
        let on_blob = move |position: usize, blob| {
            if let Some((gathering, position)) = waiting.get(position) {
                gathering.add(*position, blob);
            }
        };
        repository.fetch(&blobs, Priority::Demand, Keep::InCache, Arc::new(on_blob));
        notes.into_iter().for_each(|(reader, offset, len)| reader.note(offset, len));
    }
}

/// Bytes of a file, as slices of decoded blobs.
#[derive(Debug, Clone)]
pub struct Pieces {
    blobs: Vec<Arc<Blob>>,
    /// Bytes of the first blob that come before.
    skip: usize,
    len: usize,
}

impl Pieces {
    /// Bytes in all.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no byte: the offset was at or past the end of the file.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bytes, if one slice holds them all.
    pub fn as_single(&self) -> Option<&[u8]> {
        match self.blobs.as_slice() {
            [] => Some(&[]),
            [blob] => blob.get(self.skip..self.skip + self.len),
            _ => None,
        }
    }

    /// The bytes, in order.
    pub fn slices(&self) -> impl Iterator<Item = &[u8]> {
        let mut skip = self.skip;
        let mut left = self.len;
        self.blobs.iter().map(move |blob| {
            let rest = blob.get(skip..).unwrap_or_default();
            let slice = rest.get(..left).unwrap_or(rest);
            skip = 0;
            left -= slice.len();
            slice
        })
    }

    /// The decoded blobs that hold the bytes, whole.
    pub fn blobs(&self) -> &[Arc<Blob>] {
        &self.blobs
    }

    /// Appends the bytes.
    pub fn copy_to(&self, buffer: &mut Vec<u8>) {
        buffer.reserve(self.len);
        self.slices().for_each(|slice| buffer.extend_from_slice(slice));
    }
}

type Gathered = Box<dyn FnOnce(Result<Vec<Arc<Blob>>>) + Send>;

/// Waits for several blobs that come in any order, and passes them on together, or the first error at once.
struct Gathering {
    missing: AtomicUsize,
    blobs: Mutex<Vec<Option<Arc<Blob>>>>,
    then: Mutex<Option<Gathered>>,
}

impl Gathering {
    fn new(count: usize, then: impl FnOnce(Result<Vec<Arc<Blob>>>) + Send + 'static) -> Self {
        let then: Gathered = Box::new(then);
        let gathering = Self {
            missing: AtomicUsize::new(count),
            blobs: Mutex::new(vec![None; count]),
            then: Mutex::new(Some(then)),
        };
        if count == 0 {
            gathering.finish(Ok(Vec::new()));
        }
        gathering
    }

    fn add(&self, position: usize, blob: Result<Arc<Blob>>) {
        match blob {
            Err(error) => self.finish(Err(error)),
            Ok(blob) => {
                if let Some(slot) = self.blobs.lock().get_mut(position) {
                    *slot = Some(blob);
                }
                if self.missing.fetch_sub(1, Ordering::AcqRel) == 1 {
                    let blobs = std::mem::take(&mut *self.blobs.lock());
                    self.finish(Ok(blobs.into_iter().flatten().collect()));
                }
            }
        }
    }

    fn finish(&self, blobs: Result<Vec<Arc<Blob>>>) {
        let then = self.then.lock().take();
        if let Some(then) = then {
            then(blobs);
        }
    }
}
