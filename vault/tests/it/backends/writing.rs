//! The promises of `Storage`, checked against any storage.

use std::collections::BTreeSet;
use std::num::NonZeroU64;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bygone_common::Id;
use bygone_tests::ports::Silent;
use bygone_tests::process::wait_until;
use bygone_tests::restic::Restic;
use bygone_vault::backend::{
    self, Backend, BackendOptions, Content, FileId, FileKind, Limits, OpenStorage, RetryPolicy, SharedStorage,
};
use bygone_vault::location::Location;
use bygone_vault::{Error, ErrorKind};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::contract::{once, source};
use crate::fixture::noise;

/// Kinds of files that are named after their content.
const NAMED: [FileKind; 5] = [FileKind::Key, FileKind::Lock, FileKind::Snapshot, FileKind::Index, FileKind::Pack];
/// Larger than what any storage sends in one piece.
const BIG_BYTES: usize = 100 << 20;

pub(super) fn open(location: &str, options: &BackendOptions) -> OpenStorage {
    backend::open_storage(&Location::parse(location).unwrap(), options).unwrap()
}

/// Options that try again soon.
fn patient(mut options: BackendOptions) -> BackendOptions {
    options.retry =
        RetryPolicy { first_wait: Duration::from_millis(10), jitter_seed: Some(1), ..RetryPolicy::default() };
    options
}

/// A file of these bytes, under its right name, in pieces of uneven sizes.
pub(super) fn file(kind: FileKind, bytes: &[u8]) -> (FileId, Content) {
    let (id, whole) = (Id::new(Sha256::digest(bytes).into()), Bytes::copy_from_slice(bytes));
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < whole.len() {
        let end = whole.len().min(at + 1 + (at * 7919) % 70_001);
        pieces.push(whole.slice(at..end));
        at = end;
    }
    (FileId::new(kind, id), pieces.into_iter().collect())
}

fn ids(storage: &dyn Backend, kind: FileKind) -> BTreeSet<(Id, u64)> {
    let lines = storage.list(kind).unwrap();
    let count = lines.len();
    let ids: BTreeSet<_> = lines.into_iter().map(|line| (line.id, line.size)).collect();
    assert_eq!(ids.len(), count, "{kind:?}: listed twice");
    ids
}

/// Makes a place and writes, lists, reads and removes files of every kind there.
pub(super) fn check_writes(location: &str, options: &BackendOptions) {
    let open = open(location, &once(options.clone()));
    let storage = open.storage;
    storage.create().unwrap();
    storage.create().unwrap();
    storage.write(FileId::CONFIG, &b"config".to_vec().into()).unwrap();
    storage.write(FileId::CONFIG, &b"config".to_vec().into()).unwrap();
    assert_eq!(storage.read(FileId::CONFIG).unwrap(), b"config");
    assert_eq!(ids(storage.as_ref(), FileKind::Config), BTreeSet::from([(FileId::CONFIG.id, 6)]));

    for (seed, kind) in (10..).zip(NAMED) {
        assert_eq!(ids(storage.as_ref(), kind), BTreeSet::new(), "{kind:?}");
        let bytes = noise(seed, 200_001);
        let (name, content) = file(kind, &bytes);
        // The second time as after an answer that was lost.
        storage.write(name, &content).unwrap();
        storage.write(name, &content).unwrap();
        assert_eq!(ids(storage.as_ref(), kind), BTreeSet::from([(name.id, 200_001)]), "{kind:?}");
        assert!(storage.read(name).unwrap() == bytes, "{kind:?}");
        storage.remove(name).unwrap();
        assert_eq!(ids(storage.as_ref(), kind), BTreeSet::new(), "{kind:?}");
        assert_eq!(storage.read(name).unwrap_err().kind(), ErrorKind::NotFound, "{kind:?}");
        storage.remove(name).unwrap();
    }
    assert_eq!(open.meter.write.get().bytes, 2 * (6 + 5 * 200_001));
    assert_eq!(open.meter.remove.get().calls, 10);
    check_parallel_writers(&storage);
    check_big_pack(&storage);
}

/// Writers that write at once.
fn check_parallel_writers(storage: &SharedStorage) {
    let written: BTreeSet<(Id, u64)> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..8_u64)
            .map(|writer| {
                scope.spawn(move || {
                    let mut written = Vec::new();
                    for number in 0..6_u64 {
                        let seed = 100 + writer * 10 + number;
                        let bytes = noise(seed, 100_000 + seed as usize);
                        let (name, content) = file(FileKind::Pack, &bytes);
                        storage.write(name, &content).unwrap();
                        assert!(storage.read(name).unwrap() == bytes);
                        written.push((name.id, content.len()));
                    }
                    written
                })
            })
            .collect();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    assert_eq!(written.len(), 48);
    assert_eq!(ids(storage.as_ref(), FileKind::Pack), written);
    for (id, _) in written {
        storage.remove(FileId::new(FileKind::Pack, id)).unwrap();
    }
    assert_eq!(storage.list(FileKind::Pack).unwrap(), []);
}

/// Writers that write the same at once, in a place that was made. rclone does not promise that.
pub(super) fn check_same_writers(location: &str, options: &BackendOptions) {
    let storage = open(location, &once(options.clone())).storage;
    let (name, content) = file(FileKind::Pack, &noise(11, 3 << 20));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| storage.write(name, &content).unwrap());
        }
    });
    assert_eq!(ids(storage.as_ref(), FileKind::Pack), BTreeSet::from([(name.id, 3 << 20)]));
    assert!(storage.read(name).unwrap() == content.to_vec());
    storage.remove(name).unwrap();
}

fn check_big_pack(storage: &SharedStorage) {
    let bytes = noise(5, BIG_BYTES);
    let (name, content) = file(FileKind::Pack, &bytes);
    storage.write(name, &content).unwrap();
    assert_eq!(ids(storage.as_ref(), FileKind::Pack), BTreeSet::from([(name.id, BIG_BYTES as u64)]));
    let mut whole = vec![0; BIG_BYTES];
    storage.read_at(name, 0, &mut whole).unwrap();
    assert!(whole == bytes);
    storage.remove(name).unwrap();
}

/// A repository that restic made is written file by file to another place, where restic finds nothing missing.
pub(super) fn check_restic_reads(location: &str, options: &BackendOptions, folder: &Path, restic: &Restic) {
    let original = folder.join("original");
    Restic::new(original.to_str().unwrap()).init_and_back_up(&source(folder));
    let from = open(original.to_str().unwrap(), &BackendOptions::default()).storage;
    let to = open(location, &once(options.clone())).storage;
    to.create().unwrap();
    for kind in [FileKind::Key, FileKind::Pack, FileKind::Index, FileKind::Snapshot, FileKind::Config] {
        for line in from.list(kind).unwrap() {
            let name = FileId::new(kind, line.id);
            to.write(name, &from.read(name).unwrap().into()).unwrap();
        }
    }
    restic.run(&["check", "--read-data"]);
    restic.run(&["backup", folder.join("original/keys").to_str().unwrap()]);
    restic.run(&["prune"]);
}

/// A connection that is cut in the middle of a write leaves nothing to be seen, and another try succeeds. The place behind
/// `cut` is that of `location`, over a relay that cuts once.
pub(super) fn check_cut(location: &str, options: &BackendOptions, cut: impl Fn() -> (String, BackendOptions)) {
    let direct = open(location, &once(options.clone())).storage;
    direct.create().unwrap();
    direct.write(FileId::CONFIG, &b"config".to_vec().into()).unwrap();
    let (name, content) = file(FileKind::Pack, &noise(6, 8 << 20));

    let (through, its) = cut();
    let error = open(&through, &once(its)).storage.write(name, &content).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{}", error.chain());
    if location.starts_with("rest:") {
        // rclone writes in place, and removes what was cut as soon as it notices.
        wait_until("half a file to be gone", || direct.list(FileKind::Pack).unwrap().is_empty());
    }
    assert_eq!(direct.list(FileKind::Pack).unwrap(), [], "half a file is no file");
    assert_eq!(direct.read(name).unwrap_err().kind(), ErrorKind::NotFound);

    let (through, its) = cut();
    open(&through, &patient(its)).storage.write(name, &content).unwrap();
    assert!(direct.read(name).unwrap() == content.to_vec());
    direct.remove(name).unwrap();
}

/// A server that takes everything and never answers. `location` makes a location of a port.
pub(super) fn check_silent_server(options: &BackendOptions, location: impl Fn(u16) -> String) {
    let silent = Silent::start();
    let mut options = once(options.clone());
    options.deadlines.answer = Duration::from_millis(300);
    options.deadlines.connect = Duration::from_millis(300);
    options.deadlines.slowest_bytes_per_second = 100 << 20;
    let storage = open(&location(silent.port()), &options).storage;
    let (name, content) = file(FileKind::Pack, &noise(7, 40 << 20));
    let start = Instant::now();
    let errors: [Error; 3] =
        [storage.write(name, &content).unwrap_err(), storage.remove(name).unwrap_err(), storage.create().unwrap_err()];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::TimedOut, "{}", error.chain());
    }
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

/// Bytes cross no faster than the limits allow, in both directions.
pub(super) fn check_limits(location: &str, options: &BackendOptions) {
    let rate = 4 << 20;
    let mut options = once(options.clone());
    options.bandwidth = Arc::new(Limits::new(NonZeroU64::new(rate), NonZeroU64::new(rate)));
    let storage = open(location, &options).storage;
    let (name, content) = file(FileKind::Pack, &noise(8, 4 << 20));
    let start = Instant::now();
    storage.write(name, &content).unwrap();
    let wrote = start.elapsed();
    assert!(storage.read(name).unwrap() == content.to_vec());
    let read = start.elapsed() - wrote;
    // A second each, less what may cross at once.
    assert!(wrote > Duration::from_millis(800) && read > Duration::from_millis(800), "{wrote:?}, {read:?}");
    storage.remove(name).unwrap();
}
