//! Broken repositories and full disks: errors stay with the files concerned.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bygone_common::PackId;
use bygone_vault::backend::FileKind;
use bygone_vault::backend::faulty::{Call, Fault, Faulty};
use bygone_vault::restore::{OnConflict, Options, Progress, Report, plan};
use bygone_vault::{EngineOptions, ErrorKind, Repository};

use super::support::{
    GO_ON, assert_same, back_up, describe, names_in, options, plan_for, restore, source_of, target, try_restore,
    with_rule,
};
use crate::fixture::{Fixture, noise};
use crate::small_disk::SmallDisk;

/// Some large files, each in packs of its own, and small ones together.
fn files() -> Fixture {
    let fixture = Fixture::new("2");
    fs::create_dir_all(fixture.source().join("small")).unwrap();
    for number in 0..4 {
        fs::write(fixture.source().join(format!("large-{number}")), noise(2 * number + 1, 20 << 20)).unwrap();
    }
    for number in 0..50 {
        fs::write(fixture.source().join(format!("small/{number:02}")), noise(101 + 2 * number, 5000)).unwrap();
    }
    back_up(&fixture);
    fixture
}

/// The pack that holds a file's blob of that number, counted from the end if negative.
fn pack_of(fixture: &Fixture, repository: &Repository, name: &str, nth: usize) -> (PackId, u64) {
    let directory = repository.directory(fixture.root(repository)).unwrap();
    let blob = directory.find(name.as_bytes()).unwrap().content()[nth];
    let location = repository.locate(blob).unwrap();
    (location.pack, u64::from(location.offset) + u64::from(location.length) / 2)
}

fn pack_path(fixture: &Fixture, pack: PackId) -> PathBuf {
    let name = pack.to_string();
    fixture.repository().join("data").join(&name[..2]).join(&name)
}

fn errors(report: &Report) -> Vec<(&str, String)> {
    let mut errors: Vec<_> = report.errors.iter().map(|error| (error.path.as_str(), error.error.chain())).collect();
    errors.sort();
    errors
}

#[test]
fn a_flipped_bit_costs_one_file_and_names_blob_and_pack() {
    let fixture = files();
    let (pack, at) = pack_of(&fixture, &fixture.open(), "large-1", 3);
    let path = pack_path(&fixture, pack);
    let mut bytes = fs::read(&path).unwrap();
    bytes[usize::try_from(at).unwrap()] ^= 1;
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    fs::write(&path, bytes).unwrap();
    let target = target(&fixture);
    let report = try_restore(&fixture, options(&target)).unwrap();
    let told = errors(&report);
    assert_eq!((told.len(), told[0].0), (1, "/large-1"), "{told:?}");
    assert!(told[0].1.contains(&format!("of pack {pack}")), "{told:?}");
    assert_eq!(report.errors[0].error.kind(), ErrorKind::Damaged);
    // The file is not there at all, in no form, and everything else is.
    let mut expected = names_in(&fixture.source());
    expected.retain(|name| name != "large-1");
    assert_eq!(names_in(&target), expected);
}

#[test]
fn a_damaged_blob_leaves_the_old_file_alone() {
    let fixture = files();
    let (pack, _) = pack_of(&fixture, &fixture.open(), "large-1", 3);
    fs::remove_file(pack_path(&fixture, pack)).unwrap();
    let target = target(&fixture);
    fs::create_dir(&target).unwrap();
    fs::write(target.join("large-1"), "the old one").unwrap();
    let report = try_restore(&fixture, with_rule(&target, OnConflict::Overwrite)).unwrap();
    assert!(errors(&report).iter().any(|(path, _)| *path == "/large-1"), "{report:?}");
    assert_eq!(fs::read_to_string(target.join("large-1")).unwrap(), "the old one");
}

#[test]
fn a_missing_pack_costs_the_files_in_it() {
    let fixture = files();
    let repository = fixture.open();
    let (pack, _) = pack_of(&fixture, &repository, "large-2", 0);
    fs::remove_file(pack_path(&fixture, pack)).unwrap();
    let target = target(&fixture);
    let report = try_restore(&fixture, options(&target)).unwrap();
    let told = errors(&report);
    assert!(told.iter().any(|(path, _)| *path == "/large-2"), "{told:?}");
    assert!(told.iter().all(|(_, why)| why.contains(&pack.to_string())), "{told:?}");
    assert!(report.stopped.is_none());
    // Whatever is there is right, and whatever is not was reported.
    let (source, made) = (describe(&fixture.source()), describe(&target));
    for (path, line) in &source {
        let reported = told.iter().any(|(told, _)| Path::new(told).strip_prefix("/").unwrap() == path);
        assert_eq!(made.get(path), Some(line).filter(|_| !reported), "{}", path.display());
    }
    assert!(told.len() < source.len());
}

#[test]
fn a_missing_tree_costs_its_folder() {
    let fixture = files();
    let repository = fixture.open();
    let root = repository.directory(fixture.root(&repository)).unwrap();
    let tree = root.find(b"small").unwrap().subtree().unwrap();
    let pack = repository.locate(tree.into()).unwrap().pack;
    let target = target(&fixture);
    let backend = Faulty::new(fixture.backend(), move |call: &Call| {
        // The root's tree is known by now: only the folder's is missing.
        (call.operation.file().map(|file| file.id) == Some(pack.0)).then_some(Fault::Fail(ErrorKind::NotFound))
    });
    let repository = fixture.open_over(Arc::new(backend), "secret", EngineOptions::default()).unwrap();
    let source = bygone_vault::restore::Source {
        tree: fixture.open().snapshots()[0].tree,
        path: bygone_common::SnapshotPath::root(),
    };
    let report = plan(&repository, &source, options(&target), &GO_ON).unwrap().execute(&(), &GO_ON).unwrap();
    assert_eq!(report.error_count, 1, "{report:?}");
    assert!(report.errors[0].error.chain().contains(&pack.to_string()), "{report:?}");
}

#[test]
fn storage_that_is_gone_for_good_stops_the_restore() {
    let fixture = files();
    let target = target(&fixture);
    let answered = Arc::new(AtomicU64::new(u64::MAX));
    let left = answered.clone();
    let gone = move |call: &Call| {
        let is_gone = matches!(call.operation.kind(), FileKind::Pack)
            && left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_err();
        is_gone.then_some(Fault::Fail(ErrorKind::Unavailable))
    };
    let backend = Faulty::new(fixture.backend(), gone);
    let repository = fixture.open_over(Arc::new(backend), "secret", EngineOptions::default()).unwrap();
    let plan = plan(&repository, &source_of(&fixture, &repository), options(&target), &GO_ON).unwrap();
    // Few, so that enough packs fail after whatever is answered last.
    answered.store(2, Ordering::Relaxed);
    let report = plan.execute(&(), &GO_ON).unwrap();
    assert_eq!(report.stopped.as_ref().map(|error| error.kind()), Some(ErrorKind::Unavailable), "{report:?}");
    // It is back: the restore goes on.
    restore(&fixture, options(&target));
    assert_same(&fixture.source(), &target);
}

#[test]
fn reading_back_finds_what_the_disk_changed() {
    let fixture = files();
    let target = target(&fixture);
    // Something scribbles over a file as soon as all is written.
    struct Scribbler(PathBuf);
    impl Progress for Scribbler {
        fn verifying(&self, _bytes: u64) {
            let path = self.0.join("large-0");
            let mut bytes = fs::read(&path).unwrap();
            bytes[10 << 20] ^= 1;
            fs::write(path, bytes).unwrap();
            fs::write(self.0.join("small/07"), "short").unwrap();
        }
    }
    let plan = plan_for(&fixture, Options { verify: true, ..options(&target) });
    let report = plan.execute(&Scribbler(target), &GO_ON).unwrap();
    let told = errors(&report);
    assert_eq!(told.iter().map(|(path, _)| *path).collect::<Vec<_>>(), ["/large-0", "/small/07"]);
    assert!(told[0].1.contains("differs from the snapshot in the blob at byte"), "{told:?}");
    assert_eq!(report.verified, Some(52));
}

#[test]
fn a_full_disk_stops_the_restore_and_the_next_run_goes_on() {
    let fixture = files();
    let disk = SmallDisk::mount(fixture.source().with_file_name("disk"), "size=30m");
    let target = disk.path().join("target");
    let report = try_restore(&fixture, options(&target)).unwrap();
    assert_eq!(report.stopped.as_ref().map(|error| error.kind()), Some(ErrorKind::NoSpace), "{report:?}");
    assert!(errors(&report).iter().any(|(_, why)| why.contains("No space left on device")), "{report:?}");
    // More than the disk holds, if the file that was given up made room for others.
    assert!(report.bytes > 0 && report.bytes < 80 << 20, "{report:?}");
    // What is there is whole, and nothing unfinished takes the room.
    let (source, made) = (describe(&fixture.source()), describe(&target));
    for (path, line) in made.iter().filter(|(path, _)| path.as_os_str() != "small") {
        assert_eq!(Some(line), source.get(path), "{}", path.display());
    }
    disk.resize("size=100m");
    restore(&fixture, options(&target));
    assert_same(&fixture.source(), &target);
}

#[test]
fn a_cancelled_restore_of_slow_storage_ends_soon() {
    let fixture = files();
    let target = target(&fixture);
    let slow = |call: &Call| {
        let data = matches!(call.operation.kind(), FileKind::Pack);
        data.then_some(Fault::Delay(std::time::Duration::from_millis(300)))
    };
    let backend = Faulty::new(fixture.backend(), slow);
    let repository = fixture.open_over(Arc::new(backend), "secret", EngineOptions::default()).unwrap();
    let plan = plan(&repository, &source_of(&fixture, &repository), options(&target), &GO_ON).unwrap();
    struct AtOnce(AtomicBool);
    impl Progress for AtOnce {
        fn planned(&self, _files: u64, _bytes: u64) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let cancel = AtOnce(AtomicBool::new(false));
    let report = plan.execute(&cancel, &cancel.0).unwrap();
    assert_eq!(report.stopped.map(|error| error.kind()), Some(ErrorKind::Cancelled));
    assert_eq!((report.files, report.bytes), (0, 0));
}
