//! The index from what packs say of themselves.

use std::collections::{HashMap, HashSet};

use bygone_common::{IndexId, PackId};
use parking_lot::Mutex;

use crate::backend::{CancelToken, FileId, FileKind, SharedStorage};
use crate::crypto::SEAL_BYTES;
use crate::error::{Error, ErrorKind, Result};
use crate::parallel::for_each;
use crate::progress::{Progress, Unit};
use crate::repository::Repository;
use crate::write::index::{IndexBlob, IndexFile, IndexPack, index_file};
use crate::write::pack::{COMPRESSED_ENTRY_BYTES, ENTRY_BYTES, LENGTH_BYTES, PackedBlob, open_header};
use crate::write::reindex::IndexRewriter;
use crate::write::{WriteOptions, Writer};

/// Headers that are read at once.
const READERS: usize = 8;
/// Bytes from the end of a pack that are read for its header at first: enough for all but packs of tiny blobs.
const HEADER_BYTES_GUESSED: u64 = 128 << 10;

/// Which packs are asked what they hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reread {
    /// Those that no readable index file names, or names with another size.
    Unknown,
    /// All: the index is made anew.
    All,
}

/// What a repair of the index did.
#[derive(Debug, Default)]
pub struct IndexRepaired {
    /// Packs that are named again, or otherwise than before.
    pub packs_named: u64,
    /// Packs that are not there, and not named any more.
    pub packs_dropped: u64,
    /// Index files that were removed.
    pub index_files_removed: u64,
    /// Packs whose header cannot be read, and why.
    pub unreadable: Vec<(PackId, Error)>,
}

/// Makes the index say what packs hold.
///
/// # Errors
/// What the storage answers. The old index files are there then.
pub fn index(
    repository: &Repository,
    storage: &SharedStorage,
    reread: Reread,
    token: &CancelToken,
    progress: &dyn Progress,
) -> Result<IndexRepaired> {
    let stored: HashMap<PackId, u64> =
        storage.list(FileKind::Pack)?.iter().map(|file| (PackId(file.id), file.size)).collect();
    let old = Old::read(repository, storage, &stored, reread, token, progress)?;
    let mut repaired = IndexRepaired { packs_dropped: old.missing.len() as u64, ..IndexRepaired::default() };
    let unknown: Vec<(PackId, u64)> =
        stored.iter().filter(|(pack, _)| !old.known.contains(pack)).map(|(pack, size)| (*pack, *size)).collect();
    let read = read_headers(repository, &unknown, token, progress)?;
    let writer = Writer::rewriting(repository, storage.clone(), &WriteOptions::default())?;
    let mut new = IndexRewriter::new(&writer);
    for (id, header) in read {
        match header {
            Ok(blobs) => {
                repaired.packs_named += 1;
                new.push(IndexPack::new(id, &blobs))?;
            }
            Err(error) => repaired.unreadable.push((id, error)),
        }
    }
    for pack in old.files.into_iter().flat_map(|file| file.packs.into_iter().chain(file.packs_to_delete)) {
        if old.known.contains(&pack.id) {
            new.push(pack)?;
        }
    }
    new.finish()?;
    token.check(|| "repair the index".to_owned())?;
    for id in &old.replaced {
        storage.remove(FileId::new(FileKind::Index, *id))?;
    }
    repaired.index_files_removed = old.replaced.len() as u64;
    repository.refresh()?;
    Ok(repaired)
}

/// What the index says so far.
#[derive(Default)]
struct Old {
    /// Packs that are named as they are.
    known: HashSet<PackId>,
    /// Packs that are named and not there.
    missing: HashSet<PackId>,
    /// Index files that are written anew, or cannot be read.
    replaced: Vec<IndexId>,
    /// The content of those that can.
    files: Vec<IndexFile>,
}

impl Old {
    fn read(
        repository: &Repository,
        storage: &SharedStorage,
        stored: &HashMap<PackId, u64>,
        reread: Reread,
        token: &CancelToken,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let listed = storage.list(FileKind::Index)?;
        progress.stage("read the index", listed.len() as u64, Unit::Items);
        let mut old = Self::default();
        for listed in listed {
            token.check(|| "read the index".to_owned())?;
            progress.advance(1);
            let id = IndexId(listed.id);
            let file = match index_file(repository, id) {
                Ok(file) if reread == Reread::Unknown => file,
                Ok(_) => {
                    old.replaced.push(id);
                    continue;
                }
                Err(error) if matches!(error.kind(), ErrorKind::Damaged | ErrorKind::Unsupported) => {
                    old.replaced.push(id);
                    continue;
                }
                Err(error) => return Err(error),
            };
            let mut is_right = true;
            for pack in file.packs.iter().chain(&file.packs_to_delete) {
                match stored.get(&pack.id) {
                    None => _ = old.missing.insert(pack.id),
                    // One that a prune has marked without knowing it.
                    Some(_) if pack.blobs.is_empty() && pack.time.is_some() => _ = old.known.insert(pack.id),
                    Some(size) if *size == pack_bytes(&pack.blobs) => _ = old.known.insert(pack.id),
                    Some(_) => {}
                }
                is_right &= old.known.contains(&pack.id);
            }
            if !is_right {
                old.replaced.push(id);
                old.files.push(file);
            }
        }
        Ok(old)
    }
}

/// The size of a pack with these blobs.
fn pack_bytes(blobs: &[IndexBlob]) -> u64 {
    let each = blobs.iter().map(|blob| {
        let entry = if blob.uncompressed_length > 0 { COMPRESSED_ENTRY_BYTES } else { ENTRY_BYTES };
        u64::from(blob.length) + entry as u64
    });
    each.sum::<u64>() + (SEAL_BYTES + LENGTH_BYTES) as u64
}

type Header = Result<Vec<PackedBlob>>;

fn read_headers(
    repository: &Repository,
    packs: &[(PackId, u64)],
    token: &CancelToken,
    progress: &dyn Progress,
) -> Result<Vec<(PackId, Header)>> {
    progress.stage("read what packs hold", packs.len() as u64, Unit::Items);
    let read = Mutex::new(Vec::with_capacity(packs.len()));
    for_each(READERS, packs, |(pack, size)| {
        token.check(|| "read what packs hold".to_owned())?;
        let header = read_header(repository, *pack, *size);
        if let Err(error) = &header
            && !matches!(error.kind(), ErrorKind::Damaged | ErrorKind::NotFound)
        {
            return Err(error.clone());
        }
        read.lock().push((*pack, header));
        progress.advance(1);
        Ok(())
    })?;
    Ok(read.into_inner())
}

/// What a pack's own header lists.
pub(super) fn read_header(repository: &Repository, pack: PackId, size: u64) -> Header {
    let mut guessed = HEADER_BYTES_GUESSED.min(size);
    loop {
        let mut tail = vec![0; usize::try_from(guessed).unwrap_or(usize::MAX)];
        repository.backend().read_at(FileId::pack(pack), size - guessed, &mut tail)?;
        let length = tail.last_chunk::<LENGTH_BYTES>().map_or(0, |length| u64::from(u32::from_le_bytes(*length)));
        let needed = (length + LENGTH_BYTES as u64).min(size);
        if needed > guessed {
            guessed = needed;
            continue;
        }
        let (blobs, length) = open_header(repository.master_key(), &tail)
            .map_err(|error| error.context(format!("read what pack {pack} holds")))?;
        let end = blobs.last().map_or(0, |blob| u64::from(blob.offset) + u64::from(blob.length));
        if end + (length + LENGTH_BYTES) as u64 != size {
            let sentence = format!("pack {pack} is damaged: its header does not make up its size");
            return Err(Error::new(ErrorKind::Damaged, sentence));
        }
        return Ok(blobs);
    }
}
