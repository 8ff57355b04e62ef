//! Changing the master key: what everybody can open at each moment, and that it may be killed at any.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bygone_common::Secret;
use bygone_tests::noise::noise;
use bygone_tests::restic::{PASSWORD, Restic};
use bygone_vault::backend::faulty::{Fault, Faulty};
use bygone_vault::backend::{CancelToken, FileKind, SharedStorage};
use bygone_vault::check::{self, CheckOptions, ReadData};
use bygone_vault::key::{KeyCost, NewKey};
use bygone_vault::progress::Unwatched;
use bygone_vault::prune::{PruneOptions, PrunePlan};
use bygone_vault::rotate::{self, Filled, Rotation};
use bygone_vault::{Engine, EngineOptions, ErrorKind, OpenOptions, Repository, Result, Unlock, Unlocked, WriteOptions};

use crate::cheap::{Cheap, storage_at};

const NEXT: &str = "new password";

/// Less than the 512 KiB that restic's chunker never cuts: where it cuts more is of chance, by the polynomial of each repository.
const ONE_CHUNK: usize = 500_000;

fn unlock(storage: &SharedStorage, password: &str) -> Result<Unlocked> {
    Unlocked::read(storage.as_ref(), Unlock::Password(Secret::new(password.to_owned())))
}

fn open(storage: &SharedStorage, unlocked: Unlocked) -> Result<Repository> {
    let engine = Engine::start(EngineOptions::default()).unwrap();
    Repository::open_unlocked(&engine, storage.clone(), unlocked, OpenOptions::default())
}

fn new_key() -> NewKey {
    NewKey { cost: KeyCost { log_n: 1, r: 1, p: 1 }, ..NewKey::new(Secret::new(NEXT.to_owned())) }
}

/// All that `bygone key rotate` does by way of `storage`, begun or gone on with.
fn rotate_over(storage: &SharedStorage) -> Result<()> {
    let next = Secret::new(NEXT.to_owned());
    let unlocked = match unlock(storage, PASSWORD) {
        Err(error) if error.kind() == ErrorKind::WrongPassword => unlock(storage, NEXT)?,
        Err(error) if error.kind() == ErrorKind::NotARepository => unlock(storage, NEXT)?,
        unlocked => match rotate::find(storage.as_ref(), unlocked.as_ref().map_err(Clone::clone)?, &next)? {
            Some(unlocked) => unlocked,
            None => rotate::begin(storage.as_ref(), &unlocked?, &new_key())?,
        },
    };
    let token = CancelToken::new();
    let Some(pending) = unlocked.pending.clone() else { return Ok(()) };
    if pending.switched {
        rotate::clean(storage, &unlocked, &token)?;
        return rotate::conclude(storage, &unlocked);
    }
    let repository = open(storage, unlocked)?;
    let rotation = Rotation {
        repository: &repository,
        storage: storage.clone(),
        pending: &pending,
        token: &token,
        progress: &Unwatched,
    };
    let filled = rotation.fill(Filled::default(), &WriteOptions { uploads: 1, ..WriteOptions::default() })?;
    repository.refresh()?;
    let filled = rotation.fill(filled, &WriteOptions::default())?;
    let switched = rotation.switch(&filled, ReadData::All)?;
    rotate::clean(storage, &switched.unlocked, &token)?;
    rotate::conclude(storage, &switched.unlocked)
}

/// Everything in the repository that `unlocked` opens can be read.
fn assert_whole(storage: &SharedStorage, unlocked: Unlocked, snapshots: usize) {
    let repository = open(storage, unlocked).unwrap();
    assert_eq!((repository.snapshots().len(), repository.damaged_index_files().len()), (snapshots, 0));
    assert!(repository.damaged_snapshots().is_empty());
    let options = CheckOptions { read: ReadData::All, sample_files: 0, seed: 1 };
    let report = check::check(&repository, &options, &CancelToken::new(), &Unwatched).unwrap();
    let errors: Vec<String> = report.errors().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

fn back_up(cheap: &Cheap, day: u64) {
    let source = cheap.beside("source");
    fs::create_dir_all(source.join("folder")).unwrap();
    fs::write(source.join("of the day"), noise(day, ONE_CHUNK)).unwrap();
    fs::write(source.join("folder/text"), "a line of text\n".repeat(10_000)).unwrap();
    cheap.restic.run(&["backup", source.to_str().unwrap(), "--tag", "keep"]);
}

fn two_days() -> Cheap {
    let cheap = Cheap::new("2");
    (0..2).for_each(|day| back_up(&cheap, day));
    cheap
}

/// Stock restic, by another password.
fn restic(cheap: &Cheap, password: &str) -> Restic {
    let restic = Restic::new(cheap.path().to_str().unwrap()).arguments(&["--no-cache", "--quiet"]);
    restic.env("RESTIC_PASSWORD", password)
}

fn opens(cheap: &Cheap, password: &str) -> bool {
    restic(cheap, password).command(&["snapshots"]).output().unwrap().status.success()
}

#[test]
fn the_new_password_alone_opens_and_everything_is_there() {
    let cheap = two_days();
    let storage = cheap.storage();
    let before = cheap.open();
    rotate_over(&storage).unwrap();
    assert!(opens(&cheap, NEXT) && !opens(&cheap, PASSWORD));
    restic(&cheap, NEXT).run(&["check", "--read-data"]);
    let unlocked = unlock(&storage, NEXT).unwrap();
    assert!(unlocked.pending.is_none());
    assert_ne!(unlocked.key.bytes(), before.master_key().bytes());
    assert_eq!(&unlocked.config, before.config());
    let after = open(&storage, unlocked.clone()).unwrap();
    for (old, new) in before.snapshots().iter().zip(after.snapshots().iter()) {
        assert_eq!((new.original, new.tree, new.time, &new.tags), (Some(old.id), old.tree, old.time, &old.tags));
    }
    // A parent is known by its new name.
    assert_eq!(after.snapshots()[1].parent, Some(after.snapshots()[0].id));
    // The old master key opens nothing but packs, and the next prune takes these.
    let old = Unlock::MasterKey(Box::new(before.master_key().clone()));
    assert_eq!(Unlocked::read(storage.as_ref(), old).unwrap_err().kind(), ErrorKind::Damaged);
    let packs = storage.list(FileKind::Pack).unwrap().len();
    let options = PruneOptions { grace: std::time::Duration::ZERO, ..PruneOptions::new(jiff::Timestamp::now()) };
    let plan = PrunePlan::make(&after, options, &CancelToken::new(), &Unwatched).unwrap();
    plan.execute(&after, &storage, &CancelToken::new(), &Unwatched).unwrap();
    assert!(storage.list(FileKind::Pack).unwrap().len() < packs);
    for pack in storage.list(FileKind::Pack).unwrap() {
        assert!(after.packs().iter().any(|named| named.0 == pack.id), "a pack of the old key stays");
    }
    restic(&cheap, NEXT).run(&["check", "--read-data"]);
    // restic goes on with it, and knows the files it has.
    let source = cheap.beside("source");
    let said = restic(&cheap, NEXT).command(&["backup", source.to_str().unwrap(), "--json"]).output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains("\"files_unmodified\":2"), "{said}");
    // And again: a repository may be rotated any number of times.
    let unlocked = unlock(&storage, NEXT).unwrap();
    let key = NewKey { password: Secret::new("third".to_owned()), ..new_key() };
    assert!(rotate::begin(storage.as_ref(), &unlocked, &key).unwrap().pending.is_some());
}

#[test]
fn backups_go_on_while_it_fills_and_both_passwords_open() {
    let cheap = two_days();
    let storage = cheap.storage();
    let unlocked = unlock(&storage, PASSWORD).unwrap();
    let rotating = rotate::begin(storage.as_ref(), &unlocked, &new_key()).unwrap();
    let pending = rotating.pending.clone().unwrap();
    let repository = open(&storage, rotating).unwrap();
    let token = CancelToken::new();
    let rotation = Rotation {
        repository: &repository,
        storage: storage.clone(),
        pending: &pending,
        token: &token,
        progress: &Unwatched,
    };
    let filled = rotation.fill(Filled::default(), &WriteOptions::default()).unwrap();
    assert!(filled.packs() >= 2 && filled.written.index_files == 0);
    // restic by the old password takes no notice, nor do we by either.
    back_up(&cheap, 5);
    assert!(opens(&cheap, PASSWORD) && !opens(&cheap, NEXT));
    restic(&cheap, PASSWORD).run(&["check", "--read-data"]);
    assert_whole(&storage, unlock(&storage, PASSWORD).unwrap(), 3);
    assert_whole(&storage, unlock(&storage, NEXT).unwrap(), 3);
    // A second begin is refused, whoever asks.
    let error = rotate::begin(storage.as_ref(), &unlocked, &new_key()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    // The next pass writes what is new alone, also after restic has pruned all of the first one away.
    repository.refresh().unwrap();
    let again = rotation.fill(filled, &WriteOptions::default()).unwrap();
    assert!(again.written.data_blobs == 1 && again.packs() >= 4, "{again:?}");
    restic(&cheap, PASSWORD).run(&["prune"]);
    rotate_over(&storage).unwrap();
    assert_whole(&storage, unlock(&storage, NEXT).unwrap(), 3);
    restic(&cheap, NEXT).run(&["check", "--read-data"]);
}

#[test]
fn given_up_it_leaves_no_trace_but_packs() {
    let cheap = two_days();
    let storage = cheap.storage();
    let rotating = rotate::begin(storage.as_ref(), &unlock(&storage, PASSWORD).unwrap(), &new_key()).unwrap();
    let pending = rotating.pending.clone().unwrap();
    let repository = open(&storage, rotating).unwrap();
    let token = CancelToken::new();
    let rotation = Rotation {
        repository: &repository,
        storage: storage.clone(),
        pending: &pending,
        token: &token,
        progress: &Unwatched,
    };
    rotation.fill(Filled::default(), &WriteOptions::default()).unwrap();
    rotation.abort().unwrap();
    assert!(!rotate::is_under_way(storage.as_ref()).unwrap());
    assert!(opens(&cheap, PASSWORD) && !opens(&cheap, NEXT));
    restic(&cheap, PASSWORD).run(&["check", "--read-data"]);
}

#[test]
fn what_cannot_be_read_stops_it_before_anything_is_lost() {
    let cheap = two_days();
    let storage = cheap.storage();
    let repository = cheap.open();
    let pack = repository.packs()[0].to_string();
    let file = cheap.path().join("data").join(&pack[..2]).join(&pack);
    fs::rename(&file, cheap.beside("away")).unwrap();
    let error = rotate_over(&storage).unwrap_err();
    assert!(error.chain().contains("repair the repository first"), "{}", error.chain());
    fs::rename(cheap.beside("away"), &file).unwrap();
    assert!(opens(&cheap, PASSWORD));
    rotate_over(&storage).unwrap();
    assert_whole(&storage, unlock(&storage, NEXT).unwrap(), 2);
}

/// Storage that works until its `nth` change, and answers nothing from then on: as a process sees it that is killed there.
/// With `made`, that change itself is still made.
fn killed_at(path: &Path, nth: u64, made: bool) -> (SharedStorage, Arc<AtomicU64>) {
    let changes = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&changes);
    let faulty = Faulty::new(storage_at(path), move |call| {
        if !call.operation.changes() {
            return (counted.load(Ordering::SeqCst) > nth).then_some(Fault::Fail(ErrorKind::Denied));
        }
        let number = counted.fetch_add(1, Ordering::SeqCst);
        match number.cmp(&nth) {
            std::cmp::Ordering::Less => None,
            std::cmp::Ordering::Equal if made => Some(Fault::LoseAnswer(ErrorKind::Io)),
            std::cmp::Ordering::Equal | std::cmp::Ordering::Greater => Some(Fault::Fail(ErrorKind::Io)),
        }
    });
    (Arc::new(faulty), changes)
}

fn copy_folder(from: &Path, to: &Path) {
    let copied = std::process::Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(copied.success());
}

#[test]
fn killed_at_any_change_it_opens_as_a_whole_and_goes_on() {
    let cheap = two_days();
    let whole = cheap.beside("whole");
    copy_folder(&cheap.path(), &whole);
    for (nth, made) in (0..).flat_map(|nth| [(nth, false), (nth, true)]) {
        fs::remove_dir_all(cheap.path()).unwrap();
        copy_folder(&whole, &cheap.path());
        let (killed, changes) = killed_at(&cheap.path(), nth, made);
        let ended = rotate_over(&killed);
        let storage = cheap.storage();
        if changes.load(Ordering::SeqCst) <= nth {
            ended.unwrap();
            assert!(nth > 8, "{nth} changes");
            restic(&cheap, NEXT).run(&["check", "--read-data"]);
            return;
        }
        ended.unwrap_err();
        let (old, new) = (unlock(&storage, PASSWORD), unlock(&storage, NEXT));
        assert!(old.is_ok() || new.is_ok(), "{nth}: {old:?} {new:?}");
        // The new password opens from its key file on, to the end.
        let is_begun = storage.list(FileKind::Key).unwrap().len() > 1;
        assert_whole(&storage, if is_begun { new } else { old.or(new) }.unwrap(), 2);
        rotate_over(&storage).unwrap_or_else(|error| panic!("{nth}: {}", error.chain()));
        let unlocked = unlock(&storage, NEXT).unwrap();
        assert!(unlocked.pending.is_none() && unlock(&storage, PASSWORD).is_err(), "{nth}");
        assert_whole(&storage, unlocked, 2);
        assert_eq!(storage.list(FileKind::Key).unwrap().len(), 1, "{nth}");
        assert_eq!(storage.list(FileKind::Snapshot).unwrap().len(), 2, "{nth}");
        restic(&cheap, NEXT).run(&["check"]);
    }
}

#[test]
fn a_config_that_cannot_be_replaced_is_removed_first_and_never_missed() {
    let cheap = two_days();
    let whole = cheap.beside("whole");
    copy_folder(&cheap.path(), &whole);
    // As on a REST server: what is there is not written over. It ends behind the removal.
    for kills in [true, false] {
        fs::remove_dir_all(cheap.path()).unwrap();
        copy_folder(&whole, &cheap.path());
        let config = cheap.path().join("config");
        let is_there = config.clone();
        let refusing: SharedStorage = Arc::new(Faulty::new(cheap.storage(), move |call| {
            let writes_config = call.operation.changes()
                && call.operation.kind() == FileKind::Config
                && call.operation.file().is_some();
            let is_write = matches!(call.operation, bygone_vault::backend::faulty::Operation::Write { .. });
            (writes_config && is_write && (is_there.exists() || kills)).then_some(Fault::Fail(ErrorKind::Denied))
        }));
        let ended = rotate_over(&refusing);
        assert_eq!(ended.is_err(), kills);
        let storage = cheap.storage();
        assert_eq!(config.exists(), !kills);
        let unlocked = unlock(&storage, NEXT).unwrap();
        assert_eq!(unlocked.pending.as_ref().is_some_and(|pending| pending.switched), kills);
        assert_whole(&storage, unlocked, 2);
        rotate_over(&storage).unwrap();
        assert_whole(&storage, unlock(&storage, NEXT).unwrap(), 2);
        restic(&cheap, NEXT).run(&["check", "--read-data"]);
    }
}
