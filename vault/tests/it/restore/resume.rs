//! Restores that end early, and the next run.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bygone_vault::ErrorKind;
use bygone_vault::restore::{OnConflict, Progress};

use super::support::{assert_same, back_up, names_in, options, plan_for, restore, target, with_rule, write_everything};
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
