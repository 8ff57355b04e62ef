//! Reading packs from their first byte to their last: the hash of the whole, the tag and hash of each blob, the header.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

use bygone_common::{BlobId, Id, PackId};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use zstd::bulk::Decompressor;

use super::packs::Chosen;
use super::{Damaged, Finding, Report};
use crate::backend::{CancelToken, FileId};
use crate::blob_map::BlobLocation;
use crate::decode::decode;
use crate::engine::verify::is_id_of;
use crate::error::{Error, ErrorKind, Result};
use crate::parallel::for_each;
use crate::progress::{Progress, Unit};
use crate::repository::Repository;
use crate::write::pack::{LENGTH_BYTES, PackedBlob, open_header};

/// Packs that are read at once over a network.
const REMOTE_READERS: usize = 8;
/// Bytes that are read together, unless one blob is larger.
const READ_BYTES: u64 = 4 << 20;
/// Blobs whose places are in memory at once.
const BLOBS_AT_ONCE: u64 = 1 << 20;
/// Faults of one pack that are named.
const FAULTS_NAMED_MAX: usize = 8;
/// Plaintext that a blob may claim.
const PLAIN_BYTES_MAX: u32 = 1 << 31;

type Place = (BlobId, BlobLocation);

/// Reads the chosen packs; answers the blobs whose bytes are wrong.
pub(super) fn read(
    repository: &Repository,
    chosen: &[Chosen],
    token: &CancelToken,
    progress: &dyn Progress,
    report: &mut Report,
) -> Result<Damaged> {
    if chosen.is_empty() {
        return Ok(Damaged::new());
    }
    progress.stage("read packs", chosen.iter().map(|pack| pack.stored_bytes).sum(), Unit::Bytes);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let readers = if repository.backend().is_remote() { REMOTE_READERS.max(cores) } else { cores };
    let found = Mutex::new((Vec::new(), Damaged::new()));
    let bytes_read = AtomicU64::new(0);
    let mut left = chosen;
    while !left.is_empty() {
        let (batch, rest) = left.split_at(batch_len(left));
        left = rest;
        let places = places(repository, batch);
        let reading = Reading { repository, token, progress, bytes_read: &bytes_read };
        for_each(readers, batch, |pack| {
            token.check(|| "read packs".to_owned())?;
            let verdict = reading.pack(pack, places.get(&pack.pack).map(Vec::as_slice).unwrap_or_default());
            let mut found = found.lock();
            match verdict {
                Ok(verdict) => {
                    found.1.extend(verdict.damaged);
                    if !verdict.faults.is_empty() {
                        found.0.push(Finding::PackDamaged { pack: pack.pack, faults: verdict.faults });
                    }
                }
                Err(error) if error.kind() == ErrorKind::Cancelled => return Err(error),
                Err(why) => found.0.push(Finding::PackUnread { pack: pack.pack, why }),
            }
            Ok(())
        })?;
    }
    let (findings, damaged) = found.into_inner();
    report.packs_read = chosen.len() as u64;
    report.bytes_read = bytes_read.into_inner();
    // A pack of the wrong size has been named already: what was found by reading it says more.
    report.findings.retain(|finding| match finding {
        Finding::PackSize { pack, .. } => !findings.iter().any(|other: &Finding| other.pack() == Some(*pack)),
        _ => true,
    });
    report.findings.extend(findings);
    Ok(damaged)
}

/// Packs that are read together: one pass over the blob map finds what they hold.
fn batch_len(chosen: &[Chosen]) -> usize {
    let mut blobs = 0;
    let end = chosen.iter().position(|pack| {
        blobs += pack.blobs;
        blobs > BLOBS_AT_ONCE
    });
    end.unwrap_or(chosen.len()).max(1)
}

/// What packs hold, in the order of offsets, each place once.
fn places(repository: &Repository, packs: &[Chosen]) -> HashMap<PackId, Vec<Place>> {
    let mut places: HashMap<PackId, Vec<Place>> = packs.iter().map(|pack| (pack.pack, Vec::new())).collect();
    repository.for_each_blob(|id, location| {
        if let Some(places) = places.get_mut(&location.pack) {
            places.push((id, location));
        }
        ControlFlow::Continue(())
    });
    for places in places.values_mut() {
        places.sort_unstable_by_key(|(id, location)| (location.offset, *id));
        places.dedup();
    }
    places
}

/// What is wrong with a pack.
#[derive(Default)]
struct Verdict {
    faults: Vec<String>,
    damaged: Vec<BlobId>,
    more_faults: usize,
}

impl Verdict {
    fn fault(&mut self, sentence: String) {
        if self.faults.len() < FAULTS_NAMED_MAX { self.faults.push(sentence) } else { self.more_faults += 1 }
    }

    fn closed(mut self) -> Self {
        if self.more_faults > 0 {
            self.faults.push(format!("and {} more faults", self.more_faults));
        }
        self
    }
}

struct Reading<'a> {
    repository: &'a Repository,
    token: &'a CancelToken,
    progress: &'a dyn Progress,
    bytes_read: &'a AtomicU64,
}

impl Reading<'_> {
    fn pack(&self, pack: &Chosen, places: &[Place]) -> Result<Verdict> {
        let failed = |error| Error::io("make a decompressor", error);
        let mut unpacker = Decompressor::new().map_err(failed)?;
        let mut verdict = Verdict::default();
        let mut whole = Sha256::new();
        let (mut bytes, mut plain) = (Vec::new(), Vec::new());
        let mut at = 0;
        let mut left = places;
        while let Some((_, first)) = left.first() {
            self.token.check(|| "read packs".to_owned())?;
            let start = at.min(u64::from(first.offset));
            let count = left.iter().take_while(|(_, location)| location.end() <= start + READ_BYTES).count().max(1);
            let (group, rest) = left.split_at(count);
            left = rest;
            let end = group.iter().map(|(_, location)| location.end()).max().unwrap_or(at).min(pack.stored_bytes);
            let begin = start.min(end);
            bytes.resize(usize::try_from(end - begin).unwrap_or(usize::MAX), 0);
            self.read(pack, begin, &mut bytes)?;
            // What overlaps was hashed before.
            let new = bytes.get(usize::try_from(at - begin).unwrap_or(usize::MAX)..).unwrap_or_default();
            whole.update(new);
            at = at.max(end);
            for (id, location) in group {
                let from = usize::try_from(u64::from(location.offset) - begin).unwrap_or(usize::MAX);
                let sealed = bytes.get(from..from.saturating_add(location.length as usize));
                let fault = match sealed {
                    None => Some("it lies outside its pack".to_owned()),
                    // Decoding uses it up, and blobs may overlap in a pack that is not whole.
                    Some(sealed) => self.blob(*id, location, &mut sealed.to_vec(), &mut unpacker, &mut plain),
                };
                if let Some(fault) = fault {
                    verdict.damaged.push(*id);
                    verdict.fault(format!("blob {}: {fault}", id.short()));
                }
            }
        }
        bytes.resize(usize::try_from(pack.stored_bytes.saturating_sub(at)).unwrap_or(usize::MAX), 0);
        self.read(pack, at, &mut bytes)?;
        whole.update(&bytes);
        if let Some(fault) = self.header(&bytes, places) {
            verdict.fault(fault);
        }
        if Id::new(whole.finalize().into()) != pack.pack.0 {
            verdict.fault("its SHA-256 is not its name".to_owned());
        }
        Ok(verdict.closed())
    }

    fn read(&self, pack: &Chosen, offset: u64, bytes: &mut [u8]) -> Result<()> {
        if !bytes.is_empty() {
            self.repository.backend().read_at(FileId::pack(pack.pack), offset, bytes)?;
        }
        self.bytes_read.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.progress.advance(bytes.len() as u64);
        Ok(())
    }

    /// What is wrong with a blob.
    fn blob(
        &self,
        id: BlobId,
        location: &BlobLocation,
        sealed: &mut [u8],
        unpacker: &mut Decompressor<'_>,
        plain: &mut Vec<u8>,
    ) -> Option<String> {
        if location.plain_bytes() > PLAIN_BYTES_MAX {
            return Some("it claims to be larger than 2 GiB".to_owned());
        }
        plain.clear();
        plain.resize(location.plain_bytes() as usize, 0);
        match decode(self.repository.master_key(), location, sealed, unpacker, plain) {
            Err(error) => Some(error.chain()),
            Ok(()) if !is_id_of(&id, plain) => Some("its SHA-256 is not its id".to_owned()),
            Ok(()) => None,
        }
    }

    /// What is wrong with the header, which ends `tail`.
    fn header(&self, tail: &[u8], places: &[Place]) -> Option<String> {
        let header_bytes = tail.len().saturating_sub(LENGTH_BYTES);
        let listed = match open_header(self.repository.master_key(), tail) {
            Ok((listed, length)) if length == header_bytes => listed,
            Ok(_) => return Some("its header is not behind its last blob".to_owned()),
            Err(error) => return Some(error.chain()),
        };
        let said = |(id, location): &Place| {
            let BlobLocation { kind, offset, length, uncompressed, .. } = *location;
            PackedBlob { id: *id, kind, offset, length, uncompressed }
        };
        let indexed: Vec<PackedBlob> = places.iter().map(said).collect();
        (listed != indexed).then(|| "its header and the index do not say the same".to_owned())
    }
}
