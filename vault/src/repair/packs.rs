//! Damaged packs: what is whole in them moves to new packs, and they go.

use std::ops::ControlFlow;

use bygone_common::{BlobId, IndexId, PackId};
use zstd::bulk::Decompressor;

use crate::backend::{CancelToken, FileId, FileKind, SharedStorage};
use crate::blob_map::BlobLocation;
use crate::decode::decode;
use crate::engine::verify::is_id_of;
use crate::error::{Error, ErrorKind, Result};
use crate::progress::{Progress, Unit};
use crate::repository::Repository;
use crate::write::index::index_file;
use crate::write::reindex::IndexRewriter;
use crate::write::{WriteOptions, Writer};

/// Plaintext that a blob may claim.
const PLAIN_BYTES_MAX: u32 = 1 << 31;

/// What a repair of packs did.
#[derive(Debug, Default)]
pub struct PacksRepaired {
    /// Blobs that were whole, and lie in new packs now.
    pub saved: u64,
    /// Blobs that are lost, unless they lie elsewhere too.
    pub lost: Vec<BlobId>,
    /// Packs that were removed.
    pub packs_removed: u64,
}

/// Moves what is whole out of `packs`, and removes them.
///
/// # Errors
/// `NotFound` when no index file names one of them; what the storage answers. The packs are there then.
pub fn packs(
    repository: &Repository,
    storage: &SharedStorage,
    packs: &[PackId],
    token: &CancelToken,
    progress: &dyn Progress,
) -> Result<PacksRepaired> {
    let mut blobs: Vec<(BlobId, BlobLocation)> = Vec::new();
    repository.for_each_blob(|id, location| {
        if packs.contains(&location.pack) {
            blobs.push((id, location));
        }
        ControlFlow::Continue(())
    });
    if let Some(pack) = packs.iter().find(|pack| !blobs.iter().any(|(_, location)| location.pack == **pack)) {
        return Err(Error::new(ErrorKind::NotFound, format!("no index file names pack {pack}")));
    }
    blobs.sort_unstable_by_key(|(id, location)| (location.pack, location.offset, *id));
    blobs.dedup();
    progress.stage("save what is whole", blobs.len() as u64, Unit::Items);
    let writer = Writer::rewriting(repository, storage.clone(), &WriteOptions::default())?;
    let mut repaired = PacksRepaired::default();
    let mut unpacker = Decompressor::new().map_err(|error| Error::io("make a decompressor", error))?;
    for (id, location) in &blobs {
        token.check(|| "repair packs".to_owned())?;
        if save(repository, &writer, *id, location, &mut unpacker)? {
            repaired.saved += 1;
        } else {
            repaired.lost.push(*id);
        }
        progress.advance(1);
    }
    writer.flush()?;
    let replaced = forget_packs(repository, storage, &writer, packs)?;
    for id in replaced {
        storage.remove(FileId::new(FileKind::Index, id))?;
    }
    for pack in packs {
        storage.remove(FileId::pack(*pack))?;
        repaired.packs_removed += 1;
    }
    repository.refresh()?;
    repaired.lost.retain(|id| repository.locate(*id).is_none());
    Ok(repaired)
}

/// Whether a blob was whole, and is written anew.
fn save(
    repository: &Repository,
    writer: &Writer,
    id: BlobId,
    location: &BlobLocation,
    unpacker: &mut Decompressor<'_>,
) -> Result<bool> {
    if location.plain_bytes() > PLAIN_BYTES_MAX {
        return Ok(false);
    }
    let mut sealed = vec![0; location.length as usize];
    match repository.backend().read_at(FileId::pack(location.pack), u64::from(location.offset), &mut sealed) {
        Ok(()) => {}
        Err(error) if matches!(error.kind(), ErrorKind::Damaged | ErrorKind::NotFound) => return Ok(false),
        Err(error) => return Err(error),
    }
    let mut plain = vec![0; location.plain_bytes() as usize];
    let decoded = decode(repository.master_key(), location, &mut sealed, unpacker, &mut plain);
    if decoded.is_err() || !is_id_of(&id, &plain) {
        return Ok(false);
    }
    writer.add_hashed(location.kind, id, &plain).map(|_| true)
}

/// Writes the index files anew that name the packs; answers which they replace.
fn forget_packs(
    repository: &Repository,
    storage: &SharedStorage,
    writer: &Writer,
    packs: &[PackId],
) -> Result<Vec<IndexId>> {
    let mut replaced = Vec::new();
    let mut new = IndexRewriter::new(writer);
    for listed in storage.list(FileKind::Index)? {
        let id = IndexId(listed.id);
        let file = index_file(repository, id)?;
        let all = || file.packs.iter().chain(&file.packs_to_delete);
        if !all().any(|pack| packs.contains(&pack.id)) {
            continue;
        }
        for pack in all().filter(|pack| !packs.contains(&pack.id)) {
            new.push(pack.clone())?;
        }
        replaced.push(id);
    }
    new.finish()?;
    Ok(replaced)
}
