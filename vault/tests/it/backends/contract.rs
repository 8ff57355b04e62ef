//! The promises of `Backend`, checked against any storage.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bygone_common::Id;
use bygone_tests::ports::{self, Absent, Silent};
use bygone_vault::backend::{self, BackendOptions, FileId, FileKind, OpenBackend, RetryPolicy};
use bygone_vault::location::Location;
use bygone_vault::{Error, ErrorKind};
use sha2::{Digest, Sha256};

use crate::fixture::noise;

/// Folders of a repository that restic fills.
const FILLED: [FileKind; 5] = [FileKind::Config, FileKind::Key, FileKind::Snapshot, FileKind::Index, FileKind::Pack];

/// Bytes that make several packs of the size that `Restic::init_and_back_up` asks for.
const SOURCE_BYTES: usize = 18 << 20;

/// A folder to back up.
pub(super) fn source(folder: &Path) -> PathBuf {
    let source = folder.join("source");
    fs::create_dir(&source).unwrap();
    fs::write(source.join("noise"), noise(3, SOURCE_BYTES)).unwrap();
    fs::write(source.join("text"), "a line of text\n".repeat(10_000)).unwrap();
    source
}

/// Options that never try again, so that the storage's own answer is seen.
pub(super) fn once(mut options: BackendOptions) -> BackendOptions {
    options.retry = RetryPolicy::never();
    options
}

pub(super) fn open(location: &str, options: &BackendOptions) -> OpenBackend {
    backend::open(&Location::parse(location).unwrap(), options).unwrap()
}

/// What the storage answers to its first question.
pub(super) fn first_answer(location: &str, options: &BackendOptions) -> Result<Vec<u8>, Error> {
    open(location, &once(options.clone())).backend.read(FileId::CONFIG)
}

pub(super) fn refusal(location: &str, options: &BackendOptions) -> Error {
    first_answer(location, options).expect_err("the storage must refuse")
}

/// Reads all that restic wrote, in every way there is.
pub(super) fn check_reads(location: &str, options: &BackendOptions) {
    let open = open(location, &once(options.clone()));
    let backend = open.backend;
    assert_eq!(backend.list(FileKind::Lock).unwrap(), [], "nobody holds a lock");

    let mut files = BTreeMap::new();
    for kind in FILLED {
        let listed = backend.list(kind).unwrap();
        assert!(!listed.is_empty(), "{kind:?}");
        for line in listed {
            let content = backend.read(FileId { kind, id: line.id }).unwrap();
            assert_eq!(content.len() as u64, line.size, "{kind:?} {}", line.id);
            if kind != FileKind::Config {
                assert_eq!(Id::new(Sha256::digest(&content).into()), line.id, "{kind:?}: content and name");
            }
            assert!(files.insert(FileId { kind, id: line.id }, content).is_none(), "{kind:?}: listed twice");
        }
    }
    let packs: Vec<_> = files.iter().filter(|(file, _)| file.kind == FileKind::Pack).collect();
    assert!(packs.len() >= 4, "several packs, not {}", packs.len());
    assert_eq!(open.meter.list.get().calls, 6);
    assert_eq!(open.meter.bytes_read(), files.values().map(|content| content.len() as u64).sum::<u64>());

    let (&largest, content) = packs.iter().copied().max_by_key(|(_, content)| content.len()).unwrap();
    let size = content.len();
    assert!(size > 3 << 20, "a pack of several MiB, not {size} bytes");
    for (start, end) in [
        (0, 1),
        (0, size),
        (1, 32 << 10),
        ((32 << 10) - 1, (32 << 10) + 1),
        (65_535, 65_536 * 3 + 1),
        (7, (2 << 20) + 7),
        (size - 1, size),
        (size - 70_000, size),
        (5, 5),
    ] {
        let mut buffer = vec![0; end - start];
        backend.read_at(largest, start as u64, &mut buffer).unwrap();
        assert!(buffer == content[start..end], "{start}..{end} of {size}");
    }
    for (start, len) in [(size - 1, 2), (size, 1), (size + 100_000, 1), (0, size + 1), (size - 70_000, 200_000)] {
        let error = backend.read_at(largest, start as u64, &mut vec![0; len]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Damaged, "{start}+{len} of {size}: {}", error.chain());
    }

    // Many readers at once, each over all packs.
    std::thread::scope(|scope| {
        for reader in 0..8_usize {
            let (backend, packs) = (&backend, &packs);
            scope.spawn(move || {
                for (number, (file, content)) in packs.iter().enumerate() {
                    let len = content.len().min(300_000);
                    let start = (reader * 77_777 + number * 4_099) % (content.len() - len + 1);
                    let mut buffer = vec![0; len];
                    backend.read_at(**file, start as u64, &mut buffer).unwrap();
                    assert!(buffer == content[start..start + len], "reader {reader}");
                }
            });
        }
    });

    let missing = FileId { kind: FileKind::Pack, id: Id::new([0x5a; 32]) };
    for error in [backend.read(missing).unwrap_err(), backend.read_at(missing, 0, &mut [0; 10]).unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::NotFound, "{}", error.chain());
        assert!(error.chain().contains(&missing.id.to_hex()), "it names the file: {}", error.chain());
    }
    // The missing file did no harm to what follows.
    assert_eq!(&backend.read(largest).unwrap(), content);
}

/// A port that nobody listens on. `location` makes a location of a port.
pub(super) fn check_refused_port(options: &BackendOptions, location: impl Fn(u16) -> String) {
    let error = refusal(&location(ports::free()), options);
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{}", error.chain());
}

/// A server that accepts and stays silent.
pub(super) fn check_silent_server(options: &BackendOptions, location: impl Fn(u16) -> String) {
    let silent = Silent::start();
    let location = location(silent.port());
    let mut options = once(options.clone());
    options.deadlines.answer = Duration::from_millis(300);
    options.deadlines.connect = Duration::from_millis(300);
    let open = open(&location, &options);
    let start = Instant::now();
    for error in [
        open.backend.read(FileId::CONFIG).unwrap_err(),
        open.backend.read_at(FileId::CONFIG, 0, &mut [0; 8]).unwrap_err(),
        open.backend.list(FileKind::Snapshot).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::TimedOut, "{}", error.chain());
    }
    assert!(start.elapsed() < Duration::from_secs(20), "{:?} for three deadlines of 300 ms", start.elapsed());
    check_cancel(&location, &options);
}

/// Cancelling ends a call that waits for a server.
fn check_cancel(location: &str, options: &BackendOptions) {
    let hour = Duration::from_secs(3600);
    let mut options = options.clone();
    options.deadlines.answer = hour;
    options.deadlines.connect = hour;
    let open = open(location, &options);
    std::thread::scope(|scope| {
        let (began, begins) = std::sync::mpsc::channel();
        let backend = &open.backend;
        let call = scope.spawn(move || {
            began.send(()).unwrap();
            backend.read(FileId::CONFIG).unwrap_err()
        });
        begins.recv().unwrap();
        open.cancel.cancel();
        assert_eq!(call.join().unwrap().kind(), ErrorKind::Cancelled);
    });
}

/// A server that goes away in the middle and comes back: the call that meets the gap succeeds.
pub(super) fn check_return<S>(
    location: &str,
    options: &BackendOptions,
    port: u16,
    server: &mut S,
    stop: impl Fn(&mut S),
    start_again: impl Fn(&mut S),
) {
    let mut options = options.clone();
    options.retry = RetryPolicy {
        tries_max: u32::MAX,
        first_wait: Duration::from_millis(20),
        wait_max: Duration::from_millis(200),
        total_max: Duration::from_secs(120),
        jitter_seed: Some(1),
    };
    let open = open(location, &options);
    let backend = &open.backend;
    let pack = backend.list(FileKind::Pack).unwrap().into_iter().max_by_key(|pack| pack.size).unwrap();
    let file = FileId { kind: FileKind::Pack, id: pack.id };
    let whole = backend.read(file).unwrap();
    let mut buffer = vec![0; 100_000];
    backend.read_at(file, 1000, &mut buffer).unwrap();

    stop(server);
    let away = Absent::start(port);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut buffer = vec![0; 100_000];
            backend.read_at(file, 5000, &mut buffer).map(|()| buffer)
        });
        away.wait_for_a_caller();
        drop(away);
        start_again(server);
        assert!(reader.join().unwrap().unwrap() == whole[5000..105_000]);
    });
    assert_eq!(&backend.read(file).unwrap(), &whole);
}
