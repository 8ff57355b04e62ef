//! rustic_core over our storage: what it writes stock restic reads, and its traps are not ours.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bygone_tests::restic::{PASSWORD, Restic};
use bygone_vault::backend::faulty::{Call, Fault, Faulty, Operation};
use bygone_vault::backend::{FileKind, ParallelUploads, SharedStorage};
use bygone_vault::rustic::{backends, run};
use bygone_vault::{ErrorKind, Result};
use rustic_core::{
    BackupOptions, ConfigOptions, Credentials, KeyOptions, OpenStatus, PathList, PruneOptions, Repository,
    RepositoryOptions, RusticResult, SnapshotOptions,
};

use crate::cheap::storage_at;
use crate::fixture::{noise, write_source};

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        write_source(&place.source());
        place
    }

    fn source(&self) -> PathBuf {
        self.folder.path().join("source")
    }

    fn repository(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    fn storage(&self) -> SharedStorage {
        storage_at(&self.repository())
    }

    fn faulty(&self, rule: impl Fn(&Call) -> Option<Fault> + Send + Sync + 'static) -> SharedStorage {
        Arc::new(Faulty::new(self.storage(), rule))
    }

    fn restic(&self) -> Restic {
        Restic::new(self.repository().to_str().unwrap())
    }

    fn snapshots(&self) -> usize {
        fs::read_dir(self.repository().join("snapshots")).unwrap().count()
    }
}

fn parallel(storage: SharedStorage) -> SharedStorage {
    Arc::new(ParallelUploads::start(storage, 4, 64 << 20).unwrap())
}

fn repository(storage: SharedStorage) -> RusticResult<Repository<()>> {
    Repository::new(&RepositoryOptions::default().no_cache(true), &backends(storage))
}

fn password() -> Credentials {
    Credentials::Password(PASSWORD.to_owned())
}

fn open(storage: SharedStorage) -> RusticResult<Repository<OpenStatus>> {
    repository(storage)?.open(&password())
}

fn init(storage: &SharedStorage) -> Result<()> {
    run("init", 4, || {
        let mut options = ConfigOptions::default();
        // Small packs, so that there are many.
        options.set_datapack_size = Some("2MiB".parse().unwrap());
        repository(Arc::clone(storage))?.init(&password(), &KeyOptions::default(), &options).map(drop)
    })
}

fn back_up(storage: &SharedStorage, source: &Path) -> Result<()> {
    run("back up", 4, || {
        let paths = PathList::from_iter([source.to_owned()]);
        let snapshot = SnapshotOptions::default().host("web".to_owned()).to_snapshot()?;
        open(Arc::clone(storage))?.to_indexed_ids()?.backup(&BackupOptions::default(), &paths, snapshot).map(drop)
    })
}

fn prune(storage: &SharedStorage) -> Result<()> {
    run("prune", 4, || {
        let repository = open(Arc::clone(storage))?;
        let options = PruneOptions::default();
        let plan = repository.prune_plan(&options)?;
        repository.prune(&options, plan)
    })
}

#[test]
fn stock_restic_reads_what_rustic_core_writes_over_our_storage() {
    let place = Place::new();
    let (at_once, at_once_max) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let watched = {
        let at_once_max = Arc::clone(&at_once_max);
        place.faulty(move |call| {
            let Operation::Write { file, .. } = call.operation else { return None };
            if file.kind == FileKind::Pack {
                at_once_max.fetch_max(at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                // Long enough for others to come in.
                std::thread::sleep(std::time::Duration::from_millis(50));
                at_once.fetch_sub(1, Ordering::SeqCst);
            }
            None
        })
    };
    let storage = parallel(watched);
    init(&storage).unwrap();
    back_up(&storage, &place.source()).unwrap();
    place.restic().run(&["check", "--read-data"]);
    assert!(at_once_max.load(Ordering::SeqCst) > 1, "packs are written in parallel");

    fs::write(place.source().join("text"), "another text").unwrap();
    back_up(&storage, &place.source()).unwrap();
    prune(&storage).unwrap();
    place.restic().run(&["check", "--read-data"]);
    assert_eq!(place.snapshots(), 2);
    let target = place.folder.path().join("target");
    place.restic().run(&["restore", "latest", "--target", target.to_str().unwrap()]);
    let restored = target.join(place.source().strip_prefix("/").unwrap());
    assert_eq!(fs::read_to_string(restored.join("text")).unwrap(), "another text");
    assert!(fs::read(restored.join("big")).unwrap() == fs::read(place.source().join("big")).unwrap());
}

#[test]
fn the_kind_of_an_error_survives_and_a_failed_backup_leaves_no_snapshot() {
    let place = Place::new();
    init(&place.storage()).unwrap();
    for kind in [ErrorKind::NoSpace, ErrorKind::Denied, ErrorKind::Cancelled] {
        for nth in [1, 4] {
            let packs = AtomicU64::new(0);
            let storage = place.faulty(move |call| {
                let Operation::Write { file, .. } = call.operation else { return None };
                let fails = file.kind == FileKind::Pack && packs.fetch_add(1, Ordering::SeqCst) + 1 >= nth;
                fails.then_some(Fault::Fail(kind))
            });
            let error = back_up(&parallel(storage), &place.source()).unwrap_err();
            assert_eq!(error.kind(), kind, "{}", error.chain());
            assert!(error.chain().starts_with("back up: "), "{}", error.chain());
            assert_eq!(place.snapshots(), 0);
        }
    }
    back_up(&place.storage(), &place.source()).unwrap();
    place.restic().run(&["check", "--read-data"]);
}

#[test]
fn every_call_may_fail_and_the_snapshots_before_stay() {
    let place = Place { folder: tempfile::tempdir().unwrap() };
    fs::create_dir(place.source()).unwrap();
    fs::write(place.source().join("first"), noise(1, 3 << 20)).unwrap();
    init(&place.storage()).unwrap();
    back_up(&place.storage(), &place.source()).unwrap();
    fs::write(place.source().join("second"), noise(2, 3 << 20)).unwrap();
    let kept = place.folder.path().join("kept");
    fs::rename(place.repository(), &kept).unwrap();
    let mut failed = 0;
    'calls: for number in 0.. {
        for fault in [Fault::Fail(ErrorKind::NoSpace), Fault::LoseAnswer(ErrorKind::NoSpace)] {
            // Each begins with the same, or there would be ever more calls.
            fs::remove_dir_all(place.repository()).ok();
            let copied = Command::new("cp").arg("-a").args([&kept, &place.repository()]).status().unwrap();
            assert!(copied.success());
            let met = Arc::new(Mutex::new(None));
            let meets = Arc::clone(&met);
            let storage = place.faulty(move |call| {
                let meets_it = call.number == number;
                if meets_it {
                    *meets.lock().unwrap() = Some(call.operation);
                }
                meets_it.then_some(fault)
            });
            let before = place.snapshots();
            let answer = back_up(&parallel(storage), &place.source());
            match (*met.lock().unwrap(), answer) {
                // A backup has fewer calls.
                (None, answer) => {
                    answer.unwrap();
                    break 'calls;
                }
                (Some(operation), Err(error)) => {
                    assert_eq!(error.kind(), ErrorKind::NoSpace, "{operation:?}: {}", error.chain());
                    // Only a snapshot whose own answer was lost may be there.
                    let is_snapshot = operation.changes() && operation.kind() == FileKind::Snapshot;
                    assert!(is_snapshot || place.snapshots() == before, "{operation:?}");
                    failed += 1;
                    if operation.changes() {
                        place.restic().run(&["check", "--read-data"]);
                    }
                }
                // Without its parent, a backup only takes longer.
                (Some(operation), Ok(())) => {
                    let is_for_parent = operation.kind() == FileKind::Snapshot || operation.file().is_some();
                    assert!(!operation.changes() && is_for_parent, "{operation:?} failed in silence");
                    assert_eq!(place.snapshots(), before + 1);
                }
            }
        }
    }
    assert!(failed > 10, "{failed}");
    place.restic().run(&["check", "--read-data"]);
}

#[test]
fn a_wrong_password_is_told_apart() {
    let place = Place::new();
    init(&place.storage()).unwrap();
    let error =
        run("open", 2, || repository(place.storage())?.open(&Credentials::Password("wrong".to_owned())).map(drop));
    assert_eq!(error.unwrap_err().kind(), ErrorKind::WrongPassword);
}

#[test]
fn a_panic_of_the_storage_is_an_error_of_the_operation() {
    let place = Place::new();
    init(&place.storage()).unwrap();
    let storage = place.faulty(|call| match call.operation {
        Operation::List(FileKind::Index) => panic!("on purpose"),
        _ => None,
    });
    let error = back_up(&storage, &place.source()).unwrap_err();
    assert!(error.chain().contains("panicked: on purpose"), "{}", error.chain());
}

/// The trap: a listing that loses its error makes all packs look unused.
#[test]
fn prune_removes_nothing_when_a_listing_fails() {
    let place = Place::new();
    init(&place.storage()).unwrap();
    back_up(&place.storage(), &place.source()).unwrap();
    for kind in [FileKind::Snapshot, FileKind::Index, FileKind::Pack] {
        let changed = Arc::new(AtomicBool::new(false));
        let changes = Arc::clone(&changed);
        let storage = place.faulty(move |call| {
            changes.fetch_or(call.operation.changes(), Ordering::SeqCst);
            (call.operation == Operation::List(kind)).then_some(Fault::Fail(ErrorKind::Denied))
        });
        let error = prune(&storage).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied, "{kind:?}: {}", error.chain());
        assert!(!changed.load(Ordering::SeqCst), "{kind:?}: something was written or removed");
    }
    // The same for a folder that cannot be listed.
    let snapshots = place.repository().join("snapshots");
    let away = place.repository().join("elsewhere");
    fs::rename(&snapshots, &away).unwrap();
    fs::write(&snapshots, "not a folder").unwrap();
    prune(&place.storage()).unwrap_err();
    fs::remove_file(&snapshots).unwrap();
    fs::rename(&away, &snapshots).unwrap();
    place.restic().run(&["check", "--read-data"]);
}
