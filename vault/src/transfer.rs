//! Moving blobs from one repository into a [`Writer`] of another, or of the same under another key.
//!
//! Each thread reads what lies together in a pack, opens it, proves every blob by its id and adds it. What is compressed
//! stays as it is compressed: only the seal is new.

use std::collections::HashMap;
use std::sync::Arc;

use bygone_common::BlobId;
use parking_lot::Mutex;
use zstd::bulk::Decompressor;

use crate::backend::CancelToken;
use crate::blob_map::{BlobKind, BlobLocation};
use crate::copy::{passable, unknown};
use crate::engine::verify::is_id_of;
use crate::engine::{Blob, Priority};
use crate::error::{Error, ErrorKind, Result};
use crate::parallel::for_each;
use crate::progress::Progress;
use crate::repository::{Keep, Repository};
use crate::write::Writer;

/// Threads over a network, most of which wait.
const REMOTE_THREADS: usize = 8;
/// Bytes of one read.
const READ_BYTES_MAX: u64 = 4 << 20;
/// The same over a network, where each costs a round trip.
const REMOTE_READ_BYTES_MAX: u64 = 8 << 20;
/// Bytes between two wanted blobs that are read through.
const GAP_BYTES_MAX: u64 = 128 << 10;
/// Plaintext that a blob may claim.
const PLAIN_BYTES_MAX: u32 = 1 << 31;

/// A blob that is wanted, and where it lies.
type Want = (BlobId, BlobLocation);

/// Blobs that could not be moved since they are missing or damaged, and why.
pub(crate) type Lost = HashMap<BlobId, Error>;

/// From where to where.
pub(crate) struct Transfer<'a> {
    pub(crate) source: &'a Repository,
    pub(crate) writer: &'a Writer,
    /// Whether everything is compressed anew, as the writer does it.
    pub(crate) recompress: bool,
    pub(crate) token: &'a CancelToken,
    pub(crate) progress: &'a dyn Progress,
}

/// What a thread needs from one read to the next.
struct Workspace {
    sealed: Vec<u8>,
    plain: Vec<u8>,
    unpacker: Decompressor<'static>,
}

impl Transfer<'_> {
    /// Moves blobs of a kind; answers those that are missing or damaged. Progress advances by their stored bytes.
    ///
    /// # Errors
    /// What either storage answers; `Cancelled`.
    pub(crate) fn run(&self, kind: BlobKind, blobs: impl IntoIterator<Item = BlobId>) -> Result<Lost> {
        let mut lost = Lost::new();
        let mut wants: Vec<Want> = Vec::new();
        for id in blobs {
            match self.source.locate_as(kind, id) {
                Some(location) if location.plain_bytes() <= PLAIN_BYTES_MAX => wants.push((id, location)),
                Some(_) => {
                    lost.insert(id, damaged(format!("blob {id} claims to be larger than 2 GiB")));
                }
                None => {
                    lost.insert(id, unknown(self.source, id));
                }
            }
        }
        wants.sort_unstable_by_key(|(_, location)| (location.pack, location.offset));
        let remote = self.source.backend().is_remote();
        let groups = groups(&wants, if remote { REMOTE_READ_BYTES_MAX } else { READ_BYTES_MAX });
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let idle = Mutex::new(Vec::new());
        let lost = Mutex::new(lost);
        for_each(if remote { cores.max(REMOTE_THREADS) } else { cores }, &groups, |group| {
            let waiting = idle.lock().pop();
            let mut workspace = waiting.map_or_else(Workspace::new, Ok)?;
            self.group(group, &mut workspace, &lost)?;
            idle.lock().push(workspace);
            Ok(())
        })?;
        Ok(lost.into_inner())
    }

    fn group(&self, group: &[Want], workspace: &mut Workspace, lost: &Mutex<Lost>) -> Result<()> {
        self.token.check(|| "copy".to_owned())?;
        let (Some((_, first)), Some((_, last))) = (group.first(), group.last()) else { return Ok(()) };
        let start = u64::from(first.offset);
        let mut sealed = std::mem::take(&mut workspace.sealed);
        sealed.resize(usize::try_from(last.end() - start).unwrap_or(usize::MAX), 0);
        let read = self.source.read_pack(first, start, &mut sealed);
        if let Err(error) = &read {
            passable(error)?;
        }
        for (id, location) in group {
            self.token.check(|| "copy".to_owned())?;
            let at = (u64::from(location.offset) - start) as usize;
            let bytes = sealed.get_mut(at..at + location.length as usize).unwrap_or_default();
            let opened = match &read {
                Ok(()) => self.open(id, location, bytes, workspace),
                Err(error) => Err(error.clone()),
            };
            match opened {
                Ok(opened) => self.add(*id, location, opened)?,
                Err(error) => {
                    if let Err(error) = self.by_the_engine(*id, location.kind, error) {
                        passable(&error)?;
                        lost.lock().insert(*id, error);
                    }
                }
            }
            self.progress.advance(u64::from(location.length));
        }
        workspace.sealed = sealed;
        Ok(())
    }

    /// The packed form of a blob whose id was proved, or its plaintext.
    fn open<'b>(
        &self,
        id: &BlobId,
        location: &BlobLocation,
        sealed: &'b mut [u8],
        workspace: &'b mut Workspace,
    ) -> Result<Opened<'b>> {
        let text = self.source.master_key().open(sealed).ok_or_else(|| damaged("its authentication tag is wrong"))?;
        if location.uncompressed == 0 {
            prove(id, text)?;
            return Ok(Opened::Plain(text));
        }
        workspace.plain.resize(location.uncompressed as usize, 0);
        let length = workspace
            .unpacker
            .decompress_to_buffer(text, &mut workspace.plain)
            .map_err(|error| damaged("it cannot be unpacked").because(error))?;
        let plain = workspace.plain.get(..length).unwrap_or_default();
        prove(id, plain)?;
        if length != location.uncompressed as usize {
            return Err(damaged("its length is not the one in the index"));
        }
        if self.recompress || !self.writer.compresses() { Ok(Opened::Plain(plain)) } else { Ok(Opened::Packed(text)) }
    }

    fn add(&self, id: BlobId, location: &BlobLocation, opened: Opened<'_>) -> Result<()> {
        match opened {
            Opened::Plain(plain) => self.writer.add_hashed(location.kind, id, plain),
            Opened::Packed(packed) => self.writer.add_packed(location.kind, id, packed, location.uncompressed),
        }
        .map(drop)
    }

    /// Asks the engine for a blob that could not be read: it knows its other copies.
    fn by_the_engine(&self, id: BlobId, kind: BlobKind, first: Error) -> Result<()> {
        let (send, receive) = std::sync::mpsc::sync_channel::<Result<Arc<Blob>>>(1);
        let on_blob = move |_, blob| {
            // Whoever waits here has room for the one answer.
            let _ = send.try_send(blob);
        };
        self.source.fetch(&[id], Priority::Demand, Keep::Transient, Arc::new(on_blob));
        let blob = receive.recv().unwrap_or_else(|_| Err(first.clone()))?;
        prove(&id, &blob).map_err(|error| error.context(format!("read blob {id}")))?;
        self.writer.add_hashed(kind, id, &blob).map(drop)
    }
}

/// What is added.
enum Opened<'b> {
    Plain(&'b [u8]),
    /// As it is compressed in its pack.
    Packed(&'b [u8]),
}

impl Workspace {
    fn new() -> Result<Self> {
        let unpacker = Decompressor::new().map_err(|error| Error::io("start to unpack", error))?;
        Ok(Self { sealed: Vec::new(), plain: Vec::new(), unpacker })
    }
}

/// Wants that are read together.
fn groups(wants: &[Want], read_bytes_max: u64) -> Vec<&[Want]> {
    let mut start = None;
    let near = |(_, left): &Want, (_, right): &Want| {
        let from = *start.get_or_insert(u64::from(left.offset));
        let near = left.pack == right.pack
            && u64::from(right.offset) <= left.end() + GAP_BYTES_MAX
            && right.end().saturating_sub(from) <= read_bytes_max;
        if !near {
            start = Some(u64::from(right.offset));
        }
        near
    };
    wants.chunk_by(near).collect()
}

fn prove(id: &BlobId, plain: &[u8]) -> Result<()> {
    if is_id_of(id, plain) { Ok(()) } else { Err(damaged(format!("the bytes of blob {id} are not those of its id"))) }
}

fn damaged(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Damaged, what.into())
}
