//! A mount follows its repository.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bygone_fs::{MountOptions, View};

use crate::fixture::{Fixture, Mount};

fn names(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn often(options: &mut MountOptions) {
    options.refresh = Some(Duration::from_millis(50));
}

fn fixture() -> Fixture {
    let fixture = Fixture::new();
    fs::create_dir_all(fixture.source()).unwrap();
    fs::write(fixture.source().join("file"), "first").unwrap();
    fixture
}

/// What the newest snapshot's file holds.
fn newest(fixture: &Fixture, mount: &Mount) -> String {
    fs::read_to_string(fixture.source_in(&mount.join("snapshots/latest")).join("file")).unwrap_or_default()
}

#[test]
fn new_and_forgotten_snapshots_show_without_a_remount() {
    let fixture = fixture();
    let first = fixture.backup();
    let mount = fixture.mount("mnt", View::all(), often);
    assert_eq!(names(&mount.join("ids")), BTreeSet::from([first[..8].to_owned()]));
    assert_eq!(newest(&fixture, &mount), "first");

    fs::write(fixture.source().join("file"), "second").unwrap();
    let second = fixture.backup();
    fixture.until("the new snapshot shows", || names(&mount.join("ids")).contains(&second[..8]));
    fixture.until("latest moves", || newest(&fixture, &mount) == "second");

    fixture.restic.forget(&second);
    fixture.until("the forgotten snapshot goes", || !names(&mount.join("ids")).contains(&second[..8]));
    fixture.until("latest moves back", || newest(&fixture, &mount) == "first");
    assert!(!mount.join("ids").join(&second[..8]).exists());
}

#[test]
fn a_name_that_is_not_there_yet_is_looked_for() {
    let fixture = fixture();
    fixture.backup();
    let mount = fixture.mount("mnt", View::all(), |options| options.refresh = None);
    names(&mount.join("ids"));
    let second = fixture.backup();
    let shown = mount.join("ids").join(&second[..8]);
    assert!(shown.exists(), "the first question for an unknown name refreshes");
    assert_eq!(fs::read_to_string(fixture.source_in(&shown).join("file")).unwrap(), "first");
    fixture.until("the listing follows", || names(&mount.join("ids")).contains(&second[..8]));
}

#[test]
fn a_mount_of_the_latest_snapshot_stays_with_it() {
    let fixture = fixture();
    fixture.backup();
    let mount = fixture.mount("mnt", fixture.latest(), often);
    fs::write(fixture.source().join("file"), "second").unwrap();
    fixture.backup();
    assert_eq!(fs::read_to_string(mount.join("file")).unwrap(), "first");
}

#[test]
fn readers_of_a_forgotten_snapshot_go_on() {
    let fixture = fixture();
    let first = fixture.backup();
    let mount = fixture.mount("mnt", View::all(), often);
    let folder = fixture.source_in(&mount.join("ids").join(&first[..8]));
    let file = fs::File::open(folder.join("file")).unwrap();
    fixture.restic.forget(&first);
    fixture.until("the forgotten snapshot goes", || names(&mount.join("ids")).is_empty());
    assert_eq!(std::io::read_to_string(file).unwrap(), "first");
}

#[test]
fn listings_racing_with_backups_and_forgets_are_always_whole() {
    let fixture = fixture();
    let stays = fixture.backup();
    let mount = fixture.mount("mnt", View::all(), |options| options.refresh = Some(Duration::from_millis(5)));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for folder in ["ids", "snapshots", "hosts/test-host"] {
            let (mount, done, stays) = (mount.path(), &done, &stays);
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    let listed: Vec<_> =
                        fs::read_dir(mount.join(folder)).unwrap().map(|entry| entry.unwrap().file_name()).collect();
                    let different: BTreeSet<_> = listed.iter().collect();
                    assert_eq!(different.len(), listed.len(), "a name is listed twice: {listed:?}");
                    if folder == "ids" {
                        assert!(different.iter().any(|name| name.to_str() == Some(&stays[..8])));
                    }
                }
            });
        }
        for round in 0..4 {
            fs::write(fixture.source().join("file"), format!("round {round}")).unwrap();
            let comes_and_goes = fixture.backup();
            fixture.restic.forget(&comes_and_goes);
        }
        done.store(true, Ordering::Relaxed);
    });
    fixture.until("the last one has gone", || newest(&fixture, &mount) == "first");
}
