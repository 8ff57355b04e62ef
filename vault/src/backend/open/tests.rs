#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::{Duration, Instant};

use bygone_common::Id;

use super::*;
use crate::backend::faulty::{Call, Fault, Faulty};
use crate::backend::{Backend, FileId, FileKind, RetryPolicy};
use crate::error::ErrorKind;

const PACK: FileId = FileId { kind: FileKind::Pack, id: Id::new([0xab; 32]) };

/// A folder with a config and one pack of ten bytes.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let shard = folder.path().join("data/ab");
    std::fs::create_dir_all(&shard).unwrap();
    std::fs::write(folder.path().join("config"), b"config").unwrap();
    std::fs::write(shard.join("ab".repeat(32)), b"0123456789").unwrap();
    folder
}

struct Rig {
    open: OpenBackend,
    faulty: Arc<Faulty>,
    _folder: tempfile::TempDir,
}

/// The whole stack over a storage whose calls meet `rule`.
fn rig(policy: RetryPolicy, rule: impl Fn(&Call) -> Option<Fault> + Send + Sync + 'static) -> Rig {
    let folder = folder();
    let faulty = Arc::new(Faulty::new(Arc::new(Local::open(folder.path()).unwrap()), rule));
    let options = BackendOptions { retry: policy, ..BackendOptions::default() };
    Rig { open: decorate(Arc::clone(&faulty) as SharedBackend, &options, CancelToken::new()), faulty, _folder: folder }
}

fn quick() -> RetryPolicy {
    RetryPolicy { first_wait: Duration::from_millis(1), jitter_seed: Some(7), ..RetryPolicy::default() }
}

#[test]
fn a_call_that_fails_for_the_moment_is_tried_again() {
    let rig = rig(quick(), |call| (call.number < 3).then_some(Fault::Fail(ErrorKind::Unavailable)));
    assert_eq!(rig.open.backend.read(PACK).unwrap(), b"0123456789");
    assert_eq!(rig.faulty.calls(), 4);
    let count = rig.open.meter.read.get();
    assert_eq!((count.calls, count.failures, count.bytes), (1, 0, 10), "tries of one call count once");
}

#[test]
fn a_call_that_fails_for_good_is_not_tried_again() {
    for kind in [ErrorKind::NotFound, ErrorKind::Denied, ErrorKind::Damaged, ErrorKind::Io] {
        let rig = rig(quick(), move |_| Some(Fault::Fail(kind)));
        assert_eq!(rig.open.backend.list(FileKind::Pack).unwrap_err().kind(), kind);
        assert_eq!(rig.faulty.calls(), 1);
        assert_eq!(rig.open.meter.list.get().failures, 1);
    }
}

#[test]
fn tries_are_bounded_and_the_last_error_is_told() {
    let rig = rig(quick(), |_| Some(Fault::Fail(ErrorKind::TimedOut)));
    let error = rig.open.backend.read_at(PACK, 0, &mut [0; 4]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert_eq!(rig.faulty.calls(), u64::from(crate::backend::retry::TRIES_MAX));
    assert!(error.chain().contains("gave up after 6 tries: fault injected into call 5"), "{}", error.chain());
}

#[test]
fn no_try_starts_after_the_overall_deadline() {
    let policy = RetryPolicy {
        first_wait: Duration::from_secs(3600),
        wait_max: Duration::from_secs(3600),
        total_max: Duration::from_secs(10),
        ..quick()
    };
    let rig = rig(policy, |_| Some(Fault::Fail(ErrorKind::Unavailable)));
    let start = Instant::now();
    assert_eq!(rig.open.backend.read(PACK).unwrap_err().kind(), ErrorKind::Unavailable);
    assert!(start.elapsed() < Duration::from_secs(10), "it must not wait for a try that would come too late");
    assert_eq!(rig.faulty.calls(), 1);
}

#[test]
fn a_cancelled_backend_answers_no_further_call() {
    let rig = rig(quick(), |_| None);
    rig.open.cancel.cancel();
    for error in [
        rig.open.backend.read(PACK).unwrap_err(),
        rig.open.backend.list(FileKind::Pack).unwrap_err(),
        rig.open.backend.read_at(PACK, 0, &mut [0]).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Cancelled);
    }
    assert_eq!(rig.faulty.calls(), 0);
}

#[test]
fn cancelling_wakes_a_retry_that_sleeps() {
    let hour = Duration::from_secs(3600);
    let policy = RetryPolicy { first_wait: hour, wait_max: hour, total_max: hour * 9, ..quick() };
    let rig = rig(policy, |_| Some(Fault::Fail(ErrorKind::Unavailable)));
    let error = std::thread::scope(|scope| {
        let reader = scope.spawn(|| rig.open.backend.read(PACK).unwrap_err());
        while rig.faulty.calls() == 0 {
            std::thread::yield_now();
        }
        rig.open.cancel.cancel();
        reader.join().unwrap()
    });
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(rig.faulty.calls(), 1);
}

#[test]
fn a_flipped_bit_reaches_every_read_that_covers_it_and_no_other() {
    let rig = rig(quick(), |call| call.operation.file().map(|_| Fault::FlipBit(4)));
    assert_eq!(rig.open.backend.read(PACK).unwrap(), b"0123556789");
    let read = |offset, len| {
        let mut buffer = vec![0; len];
        rig.open.backend.read_at(PACK, offset, &mut buffer).unwrap();
        buffer
    };
    assert_eq!(read(0, 4), b"0123");
    assert_eq!(read(4, 2), b"55");
    assert_eq!(read(5, 2), b"56");
}

#[test]
fn a_truncated_file_is_damaged_where_it_is_cut() {
    let rig = rig(quick(), |_| Some(Fault::Truncate(6)));
    assert_eq!(rig.open.backend.read(PACK).unwrap(), b"012345");
    rig.open.backend.read_at(PACK, 0, &mut [0; 6]).unwrap();
    assert_eq!(rig.open.backend.read_at(PACK, 1, &mut [0; 6]).unwrap_err().kind(), ErrorKind::Damaged);
}

#[test]
fn the_nth_call_alone_fails() {
    let folder = folder();
    let faulty = Faulty::nth(Arc::new(Local::open(folder.path()).unwrap()), 1, Fault::Fail(ErrorKind::Denied));
    faulty.list(FileKind::Pack).unwrap();
    assert_eq!(faulty.list(FileKind::Pack).unwrap_err().kind(), ErrorKind::Denied);
    faulty.list(FileKind::Pack).unwrap();
}

#[test]
fn a_delayed_call_still_answers() {
    let rig = rig(quick(), |_| Some(Fault::Delay(Duration::from_millis(20))));
    let start = Instant::now();
    assert_eq!(rig.open.backend.read(PACK).unwrap(), b"0123456789");
    assert!(start.elapsed() >= Duration::from_millis(20));
}

#[test]
fn a_local_folder_opens_by_its_location() {
    let folder = folder();
    let location = Location::parse(folder.path().to_str().unwrap()).unwrap();
    let open = open(&location, &BackendOptions::default()).unwrap();
    assert!(!open.backend.is_remote());
    assert_eq!(open.backend.read(FileId::CONFIG).unwrap(), b"config");
    assert_eq!(open.backend.location(), location.to_string());
}
