//! Writing what snapshots need under the next key.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bygone_common::{BlobId, PackId};
use parking_lot::Mutex;

use super::{Filled, Rotation};
use crate::backend::{FileId, FileKind};
use crate::blob_map::BlobKind;
use crate::error::{Error, ErrorKind, Result};
use crate::parallel::for_each;
use crate::progress::Unit;
use crate::transfer::{Lost, Transfer};
use crate::tree::NodeKind;
use crate::walk::TreeGraph;
use crate::write::index::IndexPack;
use crate::write::pack::{LENGTH_BYTES, open_header};
use crate::write::{WriteOptions, Writer};

/// Packs that are looked into at once.
const READERS: usize = 4;
/// The same over a network.
const REMOTE_READERS: usize = 16;
/// Bytes at the end of a pack that are read first: most headers fit.
const TAIL_BYTES: u64 = 16 << 10;

pub(super) fn fill(rotation: &Rotation<'_>, before: Vec<IndexPack>, options: &WriteOptions) -> Result<Filled> {
    let Rotation { repository, storage, pending, token, progress } = rotation;
    let mut packs = present(rotation, before)?;
    let writer =
        Writer::withholding(pending.other.clone(), repository.version(), Arc::clone(storage), options, &packs)?;
    let needed = needed(rotation, &writer)?;
    let transfer = Transfer { source: repository, writer: &writer, recompress: false, token, progress: *progress };
    for (kind, doing) in [(BlobKind::Data, "write files under the new key"), (BlobKind::Tree, "write directories")] {
        let blobs: Vec<BlobId> = needed.iter().filter(|(of, _)| *of == kind).map(|(_, blob)| *blob).collect();
        let bytes = blobs.iter().filter_map(|blob| repository.locate_as(kind, *blob));
        progress.stage(doing, bytes.map(|location| u64::from(location.length)).sum(), Unit::Bytes);
        whole(transfer.run(kind, blobs)?)?;
    }
    writer.flush()?;
    packs.extend(writer.take_packs());
    Ok(Filled { packs, written: writer.written() })
}

/// What cannot be read would be lost with the old key.
fn whole(lost: Lost) -> Result<()> {
    match lost.into_values().next() {
        None => Ok(()),
        Some(error) => {
            Err(error.context("a snapshot needs what cannot be read: check and repair the repository first"))
        }
    }
}

/// The packs of the next generation: those of `before` that are there still, and others by their headers.
fn present(rotation: &Rotation<'_>, before: Vec<IndexPack>) -> Result<Vec<IndexPack>> {
    let Rotation { repository, token, progress, .. } = rotation;
    let backend = repository.backend();
    let mut listed: HashMap<PackId, u64> =
        backend.list(FileKind::Pack)?.iter().map(|file| (PackId(file.id), file.size)).collect();
    let packs: Vec<IndexPack> = before.into_iter().filter(|pack| listed.remove(&pack.id).is_some()).collect();
    for pack in repository.packs() {
        listed.remove(&pack);
    }
    let unknown: Vec<(PackId, u64)> = listed.into_iter().collect();
    progress.stage("look for what was written before", unknown.len() as u64, Unit::Items);
    let found = Mutex::new(packs);
    for_each(if backend.is_remote() { REMOTE_READERS } else { READERS }, &unknown, |(pack, size)| {
        token.check(|| "rotate the master key".to_owned())?;
        progress.advance(1);
        let opened = header(rotation, *pack, *size);
        match opened {
            Ok(Some(blobs)) => found.lock().push(blobs),
            // Under the old key (a backup is beside us), or not a pack at all.
            Ok(None) => {}
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Damaged) => {
                tracing::debug!(pack = %pack, error = error.chain(), "passing over a pack");
            }
            Err(error) => return Err(error),
        }
        Ok(())
    })?;
    Ok(found.into_inner())
}

/// What a pack of the next generation holds; `None` for others.
fn header(rotation: &Rotation<'_>, pack: PackId, size: u64) -> Result<Option<IndexPack>> {
    let mut wanted = size.min(TAIL_BYTES);
    loop {
        let mut tail = vec![0; usize::try_from(wanted).unwrap_or(usize::MAX)];
        rotation.repository.backend().read_at(FileId::pack(pack), size - wanted, &mut tail)?;
        let Some(length) = tail.last_chunk::<LENGTH_BYTES>() else { return Ok(None) };
        let needed = u64::from(u32::from_le_bytes(*length)) + LENGTH_BYTES as u64;
        if needed > size {
            return Ok(None);
        }
        if needed > wanted {
            wanted = needed;
            continue;
        }
        let Ok((blobs, length)) = open_header(&rotation.pending.other, &tail) else { return Ok(None) };
        let bytes: u64 = blobs.iter().map(|blob| u64::from(blob.length)).sum();
        // One that was cut or grew is none of ours.
        let is_whole = bytes + length as u64 + LENGTH_BYTES as u64 == size;
        return Ok(is_whole.then(|| IndexPack::new(pack, &blobs)));
    }
}

/// Every blob that a snapshot needs and the next generation lacks.
fn needed(rotation: &Rotation<'_>, writer: &Writer) -> Result<HashSet<(BlobKind, BlobId)>> {
    let Rotation { repository, token, progress, .. } = rotation;
    if let Some((_, error)) = repository.damaged_snapshots().into_iter().next() {
        return Err(error.context("what a snapshot needs is not known: repair or forget it first"));
    }
    let snapshots = repository.snapshots();
    progress.stage("find what snapshots need", 0, Unit::Items);
    let data = Arc::new(Mutex::new(HashSet::new()));
    let shared = Arc::clone(&data);
    let graph = TreeGraph::explore(repository, snapshots.iter().map(|snapshot| snapshot.tree), move |directory| {
        let mut data = shared.lock();
        for node in directory.iter().filter(|node| node.kind() == NodeKind::File) {
            data.extend(node.content().iter().map(|blob| (BlobKind::Data, *blob)));
        }
    });
    token.check(|| "rotate the master key".to_owned())?;
    let mut needed = std::mem::take(&mut *data.lock());
    for seen in graph.iter() {
        if let Err(error) = &seen.fact {
            let what = format!("what lies below tree {} is not known: check and repair the repository first", seen.id);
            return Err(Error::clone(error).of_what_is_named().context(what));
        }
        needed.insert((BlobKind::Tree, BlobId::from(seen.id)));
    }
    needed.retain(|(kind, blob)| !writer.holds(*kind, blob));
    Ok(needed)
}
