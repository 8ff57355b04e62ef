#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::{Duration, Instant};

use bygone_common::Id;

use super::*;
use crate::backend::faulty::{Call, Fault, Faulty};
use crate::backend::{Backend, Content, FileId, FileKind, Limits, RetryPolicy};
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
    /// The same for writing.
    storage: OpenStorage,
    faulty: Arc<Faulty<Local>>,
    folder: tempfile::TempDir,
}

fn local(folder: &tempfile::TempDir) -> Arc<Local> {
    Arc::new(Local::new(folder.path(), &BackendOptions::default(), CancelToken::new()))
}

/// The whole stack over a storage whose calls meet `rule`.
fn rig(policy: RetryPolicy, rule: impl Fn(&Call) -> Option<Fault> + Send + Sync + 'static) -> Rig {
    let folder = folder();
    let faulty = Arc::new(Faulty::new(local(&folder), rule));
    let options = BackendOptions { retry: policy, ..BackendOptions::default() };
    let open = decorate(Arc::clone(&faulty) as SharedBackend, &options, CancelToken::new());
    let storage = decorate_storage(Arc::clone(&faulty) as SharedStorage, &options, CancelToken::new());
    Rig { open, storage, faulty, folder }
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
    let faulty = Faulty::nth(local(&folder), 1, Fault::Fail(ErrorKind::Denied));
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

fn content() -> Content {
    b"abcdef".to_vec().into()
}

fn path(rig: &Rig) -> std::path::PathBuf {
    rig.folder.path().join("data/ab").join("ab".repeat(32))
}

#[test]
fn a_write_whose_answer_was_lost_is_made_again() {
    let rig = rig(quick(), |call| (call.number == 0).then_some(Fault::LoseAnswer(ErrorKind::Unavailable)));
    rig.storage.storage.write(PACK, &content()).unwrap();
    assert_eq!(std::fs::read(path(&rig)).unwrap(), b"abcdef");
    assert_eq!(rig.faulty.calls(), 2);
    let count = rig.storage.meter.write.get();
    assert_eq!((count.calls, count.failures, count.bytes), (1, 0, 6));
    assert_eq!((rig.storage.meter.bytes_written(), rig.storage.meter.calls()), (6, 1));
}

#[test]
fn a_removal_whose_answer_was_lost_is_made_again() {
    let rig = rig(quick(), |call| (call.number == 0).then_some(Fault::LoseAnswer(ErrorKind::TimedOut)));
    rig.storage.storage.remove(PACK).unwrap();
    assert!(!path(&rig).exists());
    assert_eq!((rig.faulty.calls(), rig.storage.meter.remove.get().calls), (2, 1));
}

#[test]
fn half_a_file_is_replaced_by_the_whole_when_it_is_written_again() {
    let rig = rig(quick(), |call| (call.number == 0).then_some(Fault::WriteHalf(ErrorKind::Unavailable)));
    rig.storage.storage.write(PACK, &content()).unwrap();
    assert_eq!(std::fs::read(path(&rig)).unwrap(), b"abcdef");
}

#[test]
fn half_a_file_can_be_left_by_storage_that_is_not_atomic() {
    let rig = rig(quick(), |_| Some(Fault::WriteHalf(ErrorKind::Denied)));
    assert_eq!(rig.storage.storage.write(PACK, &content()).unwrap_err().kind(), ErrorKind::Denied);
    assert_eq!(std::fs::read(path(&rig)).unwrap(), b"abc");
    assert_eq!(rig.storage.storage.remove(PACK).unwrap_err().kind(), ErrorKind::Denied);
    assert!(path(&rig).exists(), "other calls just fail");
}

#[test]
fn cancelled_storage_changes_nothing() {
    let rig = rig(quick(), |_| None);
    rig.storage.cancel.cancel();
    let storage = &rig.storage.storage;
    for error in
        [storage.create().unwrap_err(), storage.write(PACK, &content()).unwrap_err(), storage.remove(PACK).unwrap_err()]
    {
        assert_eq!(error.kind(), ErrorKind::Cancelled);
    }
    assert_eq!(rig.faulty.calls(), 0);
}

#[test]
fn limits_hold_for_all_threads_together() {
    let folder = folder();
    let rate = std::num::NonZeroU64::new(1 << 20).unwrap();
    let bandwidth = Arc::new(Limits::new(Some(rate), Some(rate)));
    let options = BackendOptions { bandwidth, ..BackendOptions::default() };
    let storage = open_storage(&folder.path().to_str().unwrap().parse().unwrap(), &options).unwrap().storage;
    let start = Instant::now();
    std::thread::scope(|scope| {
        for number in 0..4 {
            let storage = &storage;
            let file = FileId::new(FileKind::Pack, Id::new([number; 32]));
            scope.spawn(move || storage.write(file, &vec![number; 128 << 10].into()).unwrap());
        }
    });
    // Half a second's worth, less what may cross at once.
    assert!(start.elapsed() >= Duration::from_millis(350), "{:?}", start.elapsed());
    let start = Instant::now();
    storage.read(FileId::new(FileKind::Pack, Id::new([0; 32]))).unwrap();
    storage.read_at(FileId::new(FileKind::Pack, Id::new([1; 32])), 0, &mut vec![0; 128 << 10]).unwrap();
    assert!(start.elapsed() >= Duration::from_millis(100), "{:?}", start.elapsed());
}

#[test]
fn a_place_that_does_not_exist_can_be_opened_to_be_made() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::parse(folder.path().join("new/place").to_str().unwrap()).unwrap();
    let storage = open_storage(&location, &BackendOptions::default()).unwrap().storage;
    for error in [storage.write(FileId::CONFIG, &content()).unwrap_err(), storage.write(PACK, &content()).unwrap_err()]
    {
        assert_eq!(error.kind(), ErrorKind::NotARepository, "{}", error.chain());
    }
    assert!(!folder.path().join("new").exists(), "only making makes the place");
    storage.create().unwrap();
    storage.write(FileId::CONFIG, &content()).unwrap();
    storage.write(PACK, &content()).unwrap();
    // Reading takes a backend, which cannot write.
    let backend: SharedBackend = storage;
    assert_eq!(backend.read(PACK).unwrap(), b"abcdef");
}
