#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use bygone_common::{BlobId, Id, PackId, RepositoryId, Secret};
use parking_lot::Mutex;
use proptest::prelude::*;

use super::{BlobKind, BlobLocation, BlobMap};
use crate::backend::{Backend, FileId, FileKind, Listed, SharedBackend};
use crate::crypto::MasterKey;
use crate::error::{Error, ErrorKind, Result};

/// Index files in memory.
#[derive(Debug, Default)]
struct Indexes(Mutex<BTreeMap<Id, Vec<u8>>>);

impl Backend for Indexes {
    fn location(&self) -> String {
        "memory".to_owned()
    }
    fn is_remote(&self) -> bool {
        false
    }
    fn list(&self, _: FileKind) -> Result<Vec<Listed>> {
        Ok(self.0.lock().iter().map(|(id, bytes)| Listed { id: *id, size: bytes.len() as u64 }).collect())
    }
    fn read(&self, file: FileId) -> Result<Vec<u8>> {
        self.0.lock().get(&file.id).cloned().ok_or_else(|| Error::new(ErrorKind::NotFound, file.to_string()))
    }
    fn read_at(&self, _: FileId, _: u64, _: &mut [u8]) -> Result<()> {
        unreachable!("index files are read whole")
    }
}

fn key() -> MasterKey {
    MasterKey::new(Secret::new([7; 64]))
}

fn id(number: u32) -> Id {
    // Spread over the fan-out, and dense enough in places that blobs share a prefix.
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&number.wrapping_mul(0x9e37_79b9).to_be_bytes());
    bytes[28..].copy_from_slice(&number.to_be_bytes());
    Id::new(bytes)
}

/// The model: what each index file says.
type Model = BTreeMap<u32, Vec<(BlobId, BlobLocation)>>;

fn entries(seed: u32, count: u32) -> Vec<(BlobId, BlobLocation)> {
    (0..count)
        .map(|number| {
            let location = BlobLocation {
                pack: PackId(id(seed * 10 + number / 7)),
                kind: if number % 5 == 0 { BlobKind::Tree } else { BlobKind::Data },
                offset: number * 100,
                length: 90 + number,
                uncompressed: if number % 2 == 0 { 0 } else { 500 + number },
            };
            // Index files overlap: the same blob may lie in several packs.
            (BlobId(id((seed % 3) * 1000 + number)), location)
        })
        .collect()
}

fn json(entries: &[(BlobId, BlobLocation)]) -> String {
    let packs = entries.chunk_by(|left, right| left.1.pack == right.1.pack).map(|blobs| {
        let lines = blobs.iter().map(|(id, location)| {
            let kind = if location.kind == BlobKind::Tree { "tree" } else { "data" };
            let BlobLocation { offset, length, uncompressed, .. } = location;
            let packed =
                if *uncompressed == 0 { String::new() } else { format!(",\"uncompressed_length\":{uncompressed}") };
            format!("{{\"id\":\"{id}\",\"type\":\"{kind}\",\"offset\":{offset},\"length\":{length}{packed}}}")
        });
        let pack = blobs.first().map(|(_, location)| location.pack).unwrap();
        format!("{{\"id\":\"{pack}\",\"blobs\":[{}]}}", lines.collect::<Vec<_>>().join(","))
    });
    format!("{{\"packs\":[{}]}}", packs.collect::<Vec<_>>().join(","))
}

fn check(map: &BlobMap, model: &Model) {
    let mut expected: BTreeMap<BlobId, Vec<BlobLocation>> = BTreeMap::new();
    for (blob, location) in model.values().flatten() {
        expected.entry(*blob).or_default().push(*location);
    }
    for number in 0..3200 {
        let blob = BlobId(id(number));
        let found = map.locate_all(&blob);
        let wanted = expected.get(&blob).cloned().unwrap_or_default();
        assert!(wanted.iter().all(|location| found.contains(location)), "{blob} misses a place");
        assert!(found.iter().all(|location| wanted.contains(location)), "{blob} has a place too many");
        assert_eq!(map.locate(&blob).is_some(), !wanted.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_blob_map_says_what_the_index_files_say(
        steps in prop::collection::vec((0_u32..12, 1_u32..400, any::<bool>(), any::<bool>()), 1..12),
        on_disk in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let cache = on_disk.then(|| folder.path().join("blob-map"));
        let repository = RepositoryId(id(1));
        let indexes = Arc::new(Indexes::default());
        let backend: SharedBackend = indexes.clone();
        let mut model = Model::new();
        let mut map = BlobMap::open(repository, cache.clone());
        for (seed, count, remove, reopen) in steps {
            let name = id(90_000 + seed);
            if remove {
                model.remove(&seed);
                indexes.0.lock().remove(&name);
            } else {
                let entries = model.entry(seed).or_insert_with(|| entries(seed, count));
                indexes.0.lock().insert(name, key().seal([3; 16], json(entries).as_bytes()));
            }
            if reopen {
                map = BlobMap::open(repository, cache.clone());
            }
            map.refresh(&backend, &key()).unwrap();
            check(&map, &model);
        }
    }
}

#[test]
fn tables_stay_few_however_many_index_files_come_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let indexes = Arc::new(Indexes::default());
    let backend: SharedBackend = indexes.clone();
    let map = BlobMap::open(RepositoryId(id(1)), Some(folder.path().to_owned()));
    for seed in 0..64 {
        let sealed = key().seal([3; 16], json(&entries(seed, 50)).as_bytes());
        indexes.0.lock().insert(id(90_000 + seed), sealed);
        map.refresh(&backend, &key()).unwrap();
    }
    assert!(map.stats().tables <= 7, "{:?}", map.stats());
    assert_eq!(map.stats().index_files, 64);
    let files = std::fs::read_dir(folder.path()).unwrap().count() as u64;
    assert_eq!(files, map.stats().tables, "merged tables are removed");
}

#[test]
fn an_open_reads_only_index_files_it_has_not_seen() {
    let folder = tempfile::tempdir().unwrap();
    let indexes = Arc::new(Indexes::default());
    let backend: SharedBackend = indexes.clone();
    indexes.0.lock().insert(id(90_001), key().seal([3; 16], json(&entries(1, 50)).as_bytes()));
    BlobMap::open(RepositoryId(id(1)), Some(folder.path().to_owned())).refresh(&backend, &key()).unwrap();
    // The file is listed still, but its bytes are gone: whoever read it again would say so.
    indexes.0.lock().insert(id(90_001), Vec::new());
    let map = BlobMap::open(RepositoryId(id(1)), Some(folder.path().to_owned()));
    assert!(!map.refresh(&backend, &key()).unwrap());
    assert!(map.locate(&BlobId(id(1000))).is_some());
    assert!(map.damaged().is_empty(), "{:?}", map.damaged());
}

#[test]
fn a_pack_marked_for_deletion_is_the_last_choice() {
    let marked = json(&entries(1, 1)).replace("\"packs\"", "\"packs_to_delete\"");
    let mut live = entries(1, 1);
    // The live pack sorts after the marked one by every other measure.
    live.iter_mut().for_each(|(_, location)| location.pack = PackId(Id::new([0xff; 32])));
    let text = format!("{},{}", marked.trim_end_matches('}'), json(&live).trim_start_matches('{'));
    let indexes = Arc::new(Indexes::default());
    indexes.0.lock().insert(id(90_001), key().seal([3; 16], text.as_bytes()));
    let backend: SharedBackend = indexes;
    let map = BlobMap::open(RepositoryId(id(1)), None);
    map.refresh(&backend, &key()).unwrap();
    let found = map.locate_all(&BlobId(id(1000)));
    let packs: HashSet<PackId> = found.iter().map(|location| location.pack).collect();
    assert_eq!((found.len(), packs.len()), (2, 2));
    assert_eq!(map.locate(&BlobId(id(1000))).unwrap().pack, PackId(Id::new([0xff; 32])));
}
