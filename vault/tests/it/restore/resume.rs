//! Restores that end early, and the next run.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bygone_common::{Secret, SnapshotPath};
use bygone_vault::backend::{self, BackendOptions};
use bygone_vault::restore::{OnConflict, Progress, Source};
use bygone_vault::{Engine, EngineOptions, ErrorKind, OpenOptions, Repository, Unlock};

use super::support::{
    GO_ON, assert_same, back_up, describe, names_in, options, plan_for, restore, target, with_rule, write_everything,
};
use crate::fixture::{Fixture, noise};

/// Gives up once so many bytes were written.
struct GiveUp {
    after_bytes: u64,
    bytes: AtomicU64,
    cancel: AtomicBool,
}

impl Progress for GiveUp {
    fn bytes(&self, count: u64) {
        if self.bytes.fetch_add(count, Ordering::Relaxed) + count >= self.after_bytes {
            self.cancel.store(true, Ordering::Relaxed);
        }
    }
}

fn many_files() -> (Fixture, PathBuf) {
    let fixture = Fixture::new("2");
    write_everything(&fixture.source());
    for number in 0..40 {
        fs::write(fixture.source().join(format!("file-{number}")), noise(1001 + 2 * number, 3 << 20)).unwrap();
    }
    back_up(&fixture);
    let target = target(&fixture);
    (fixture, target)
}

fn cancel_after(fixture: &Fixture, target: &std::path::Path, after_bytes: u64) {
    let watch = GiveUp { after_bytes, bytes: AtomicU64::new(0), cancel: AtomicBool::new(false) };
    let report = plan_for(fixture, options(target)).execute(&watch, &watch.cancel).unwrap();
    assert_eq!(report.stopped.as_ref().map(|error| error.kind()), Some(ErrorKind::Cancelled), "{report:?}");
    assert_eq!(report.error_count, 0, "{report:?}");
}

#[test]
fn a_cancelled_restore_goes_on_where_it_was() {
    let (fixture, target) = many_files();
    cancel_after(&fixture, &target, 40 << 20);
    let there = names_in(&target);
    assert!(there.iter().all(|name| !name.contains(".partial")), "{there:?}");
    let before = there.iter().filter(|name| name.starts_with("file-")).count();
    assert!((1..40).contains(&before), "{before} files");
    // The strictest rule goes on, too: what is there is complete.
    let report = restore(&fixture, options(&target));
    assert!(report.unchanged >= before as u64 && report.bytes < 130 << 20, "{report:?}");
    assert_same(&fixture.source(), &target);
}

/// Says so and stands still once so many bytes were written.
struct StandStill {
    after_bytes: u64,
    bytes: AtomicU64,
}

impl Progress for StandStill {
    fn bytes(&self, count: u64) {
        if self.bytes.fetch_add(count, Ordering::Relaxed) + count >= self.after_bytes {
            std::io::stdout().write_all(b"standing still\n").unwrap();
            loop {
                std::thread::park();
            }
        }
    }
}

fn restore_until_killed(folder: &Path) {
    let location = folder.join("repository").to_str().unwrap().parse().unwrap();
    let backend = backend::open(&location, &BackendOptions::default()).unwrap().backend;
    let engine = Engine::start(EngineOptions::default()).unwrap();
    let unlock = Unlock::Password(Secret::new("secret".to_owned()));
    let repository = Repository::open(&engine, backend, unlock, OpenOptions::default()).unwrap();
    let snapshot = repository.snapshots()[0].clone();
    let path = SnapshotPath::parse(snapshot.paths[0].as_bytes()).unwrap();
    let source = Source { tree: snapshot.tree, path };
    let watch = StandStill { after_bytes: 50 << 20, bytes: AtomicU64::new(0) };
    let plan = bygone_vault::restore::plan(&repository, &source, options(&folder.join("target")), &GO_ON).unwrap();
    plan.execute(&watch, &GO_ON).unwrap();
}

const CHILD: &str = "BYGONE_TEST_RESTORE_CHILD";

/// The test runs itself again as the process that is killed.
#[test]
fn a_killed_restore_goes_on_under_the_strictest_rule() {
    if let Some(folder) = std::env::var_os(CHILD) {
        restore_until_killed(&PathBuf::from(folder));
        return;
    }
    let (fixture, target) = many_files();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["restore::resume::a_killed_restore_goes_on_under_the_strictest_rule", "--exact", "--nocapture"])
        .env(CHILD, fixture.repository().parent().unwrap())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.map(Result::unwrap).any(|line| line.contains("standing still")));
    child.kill().unwrap();
    child.wait().unwrap();
    let (source, there) = (describe(&fixture.source()), describe(&target));
    let unfinished = there.keys().filter(|path| path.to_string_lossy().ends_with(".partial")).count();
    assert!(unfinished > 0 && there.len() > unfinished + 10, "{unfinished} of {}", there.len());
    // What has its name is complete: the folders alone wait for their metadata, and hard links come last.
    for (path, line) in there.iter().filter(|(path, _)| fs::symlink_metadata(target.join(path)).unwrap().is_file()) {
        let expected = source.get(path).map(|line| line.split(" same file as ").next().unwrap());
        assert!(path.to_string_lossy().ends_with(".partial") || Some(line.as_str()) == expected, "{}", path.display());
    }
    let report = restore(&fixture, options(&target));
    assert!(report.unchanged > 10, "{report:?}");
    assert_same(&fixture.source(), &target);
}

#[test]
fn a_restore_cancelled_at_once_writes_nothing() {
    let (fixture, target) = many_files();
    let cancel = AtomicBool::new(false);
    let plan = plan_for(&fixture, options(&target));
    cancel.store(true, Ordering::Relaxed);
    assert_eq!(plan.execute(&(), &cancel).unwrap_err().kind(), ErrorKind::Cancelled);
    assert!(!target.exists());
    let repository = fixture.open();
    let source = super::support::source_of(&fixture, &repository);
    let error = bygone_vault::restore::plan(&repository, &source, options(&target), &cancel).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}

#[test]
fn what_a_killed_restore_left_is_cleared() {
    let (fixture, target) = many_files();
    restore(&fixture, options(&target));
    // As a kill leaves them: unfinished files under the names that a run gives them.
    let plan = plan_for(&fixture, options(&target));
    assert_eq!(plan.summary().files_new, 0);
    let leftovers = ["file-1", "file-2", "deep/er/17"];
    for name in leftovers {
        let path = target.join(name);
        let temporary = path.with_file_name(temporary_name(path.file_name().unwrap().as_encoded_bytes()));
        fs::write(temporary, "half").unwrap();
        fs::remove_file(path).unwrap();
    }
    let report = restore(&fixture, options(&target));
    assert_eq!(report.files, leftovers.len() as u64);
    assert_same(&fixture.source(), &target);
}

fn temporary_name(name: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    format!(".bygone-{}.partial", hex::encode(&Sha256::digest(name)[..16]))
}

#[test]
fn a_source_with_names_like_unfinished_files_is_restored_whole() {
    let fixture = Fixture::new("2");
    fs::create_dir(fixture.source()).unwrap();
    fs::write(fixture.source().join("file"), "content").unwrap();
    fs::write(fixture.source().join(temporary_name(b"file")), "a trap").unwrap();
    back_up(&fixture);
    let target = target(&fixture);
    restore(&fixture, options(&target));
    assert_same(&fixture.source(), &target);
}

#[test]
fn a_second_restore_has_nothing_to_do_under_any_rule() {
    let (fixture, target) = many_files();
    restore(&fixture, options(&target));
    for rule in OnConflict::ALL {
        let report = restore(&fixture, with_rule(&target, rule));
        assert_eq!((report.files, report.bytes, report.skipped), (0, 0, 0), "{rule}");
        assert_same(&fixture.source(), &target);
    }
}

#[test]
fn two_restores_into_one_target_do_not_meet() {
    let (fixture, target) = many_files();
    fs::create_dir(&target).unwrap();
    let other = fs::File::open(&target).unwrap();
    rustix::fs::flock(&other, rustix::fs::FlockOperation::NonBlockingLockExclusive).unwrap();
    let error = super::support::try_restore(&fixture, options(&target)).unwrap_err();
    assert!(error.chain().contains("another restore"), "{}", error.chain());
    drop(other);
    restore(&fixture, options(&target));
}
