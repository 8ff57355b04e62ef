//! Packs in storage against what index files say of them.

use std::collections::HashMap;
use std::ops::ControlFlow;

use bygone_common::{BlobId, PackId};

use super::{Finding, ReadData, Report};
use crate::backend::FileKind;
use crate::blob_map::BlobLocation;
use crate::crypto::SEAL_BYTES;
use crate::error::Result;
use crate::repository::Repository;
use crate::write::pack::{COMPRESSED_ENTRY_BYTES, ENTRY_BYTES, LENGTH_BYTES};

/// A pack that index files name.
#[derive(Debug, Clone, Copy, Default)]
struct Indexed {
    blobs: u64,
    /// What its size should be.
    expected_bytes: u64,
    /// Its size in storage; `None` when it is not there.
    stored_bytes: Option<u64>,
}

/// A pack to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) pack: PackId,
    pub(super) stored_bytes: u64,
    pub(super) blobs: u64,
}

pub(super) struct IndexedPacks {
    packs: HashMap<PackId, Indexed>,
    unindexed: Vec<(PackId, u64)>,
}

impl IndexedPacks {
    pub(super) fn collect(repository: &Repository) -> Result<Self> {
        let mut packs: HashMap<PackId, Indexed> =
            repository.packs().into_iter().map(|pack| (pack, Indexed::default())).collect();
        repository.for_each_blob(|_, location| {
            packs.entry(location.pack).or_default().add(&location);
            ControlFlow::Continue(())
        });
        let mut unindexed = Vec::new();
        for listed in repository.backend().list(FileKind::Pack)? {
            let pack = PackId(listed.id);
            match packs.get_mut(&pack) {
                Some(indexed) => indexed.stored_bytes = Some(listed.size),
                None => unindexed.push((pack, listed.size)),
            }
        }
        let mut collected = Self { packs, unindexed };
        collected.count_again(repository);
        Ok(collected)
    }

    /// Blobs that several index files name were counted several times: the packs whose size does not fit are counted again,
    /// each place once.
    fn count_again(&mut self, repository: &Repository) {
        let mut places: HashMap<PackId, Vec<(u32, BlobId, BlobLocation)>> = self
            .packs
            .iter()
            .filter(|(_, indexed)| indexed.stored_bytes.is_some_and(|bytes| bytes != indexed.size()))
            .map(|(pack, _)| (*pack, Vec::new()))
            .collect();
        if places.is_empty() {
            return;
        }
        repository.for_each_blob(|id, location| {
            if let Some(places) = places.get_mut(&location.pack) {
                places.push((location.offset, id, location));
            }
            ControlFlow::Continue(())
        });
        for (pack, mut places) in places {
            places.sort_unstable_by_key(|(offset, id, _)| (*offset, *id));
            places.dedup_by_key(|(offset, id, _)| (*offset, *id));
            let Some(indexed) = self.packs.get_mut(&pack) else { continue };
            *indexed = Indexed { stored_bytes: indexed.stored_bytes, ..Indexed::default() };
            places.iter().for_each(|(_, _, location)| indexed.add(location));
        }
    }

    pub(super) fn compare(&self, repository: &Repository, report: &mut Report) {
        report.snapshots = repository.snapshots().len() as u64;
        report.packs = self.packs.values().filter(|pack| pack.stored_bytes.is_some()).count() as u64;
        report.packs += self.unindexed.len() as u64;
        let mut packs: Vec<(&PackId, &Indexed)> = self.packs.iter().collect();
        packs.sort_unstable_by_key(|(pack, _)| **pack);
        for (pack, indexed) in packs {
            let Indexed { blobs, stored_bytes, .. } = *indexed;
            // A pack without blobs is one that a prune has marked, and does not know.
            match stored_bytes {
                _ if blobs == 0 => {}
                None => report.findings.push(Finding::PackMissing { pack: *pack, blobs }),
                Some(stored_bytes) if stored_bytes != indexed.size() => {
                    let expected_bytes = indexed.size();
                    report.findings.push(Finding::PackSize { pack: *pack, stored_bytes, expected_bytes });
                }
                Some(_) => {}
            }
        }
        let unindexed = self.unindexed.iter();
        report.findings.extend(
            unindexed.map(|(pack, stored_bytes)| Finding::PackUnindexed { pack: *pack, stored_bytes: *stored_bytes }),
        );
    }

    /// The packs that are to be read, in the order of their ids, which has nothing to do with what they hold.
    pub(super) fn choose(&self, read: ReadData, seed: u64) -> Vec<Chosen> {
        let mut all: Vec<Chosen> = self
            .packs
            .iter()
            .filter(|(_, indexed)| indexed.blobs > 0)
            .filter_map(|(pack, indexed)| {
                Some(Chosen { pack: *pack, stored_bytes: indexed.stored_bytes?, blobs: indexed.blobs })
            })
            .collect();
        all.sort_unstable_by_key(|chosen| chosen.pack);
        let bytes_wanted = match read {
            ReadData::None => return Vec::new(),
            ReadData::All => return all,
            ReadData::Part { part, parts } => {
                all.retain(|chosen| {
                    let [first, ..] = *chosen.pack.as_bytes();
                    u32::from(first) % parts.max(1) == part.saturating_sub(1)
                });
                return all;
            }
            ReadData::Share(share) => (all.iter().map(|chosen| chosen.stored_bytes).sum::<u64>() as f64 * share) as u64,
            ReadData::Bytes(bytes) => bytes,
        };
        fastrand::Rng::with_seed(seed).shuffle(&mut all);
        let mut bytes = 0;
        let enough = all.iter().position(|chosen| {
            let is_enough = bytes >= bytes_wanted;
            bytes += chosen.stored_bytes;
            is_enough
        });
        all.truncate(enough.unwrap_or(all.len()));
        all.sort_unstable_by_key(|chosen| chosen.pack);
        all
    }
}

impl Indexed {
    fn add(&mut self, location: &BlobLocation) {
        let entry = if location.uncompressed > 0 { COMPRESSED_ENTRY_BYTES } else { ENTRY_BYTES };
        self.blobs += 1;
        self.expected_bytes += u64::from(location.length) + entry as u64;
    }

    /// Its blobs, its header, and the header's length.
    fn size(&self) -> u64 {
        self.expected_bytes + (SEAL_BYTES + LENGTH_BYTES) as u64
    }
}
