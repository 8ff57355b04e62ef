use std::fs;

use bygone_tests::compare::{Aspects, assert_same};

use crate::fixture::Fixture;

#[test]
fn a_mount_in_the_background_shows_the_saved_tree_until_it_is_unmounted() {
    let fixture = Fixture::shared();
    let point = fixture.own.path().join("point");
    fs::create_dir(&point).unwrap();
    fixture.bygone(&["mount", "--background", "latest", "point"]).bytes();
    let time = |path: &std::path::Path| fs::metadata(path).unwrap().modified().unwrap();
    assert!(time(&point.join("docs")) == time(&fixture.source.join("docs")));
    assert_same(&fixture.source.join("docs"), &point.join("docs"), Aspects { changed: false, ..Aspects::ALL });
    fixture.bygone(&["umount", "point"]).bytes();
    assert_eq!(fs::read_dir(&point).unwrap().count(), 0);
}

#[test]
fn a_mount_of_all_has_restics_folders() {
    let fixture = Fixture::shared();
    let point = fixture.own.path().join("point");
    fs::create_dir(&point).unwrap();
    fixture.bygone(&["mount", "-b", "--host", "alice-pc", "point"]).bytes();
    let mut times: Vec<_> = fs::read_dir(point.join("snapshots"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    times.sort();
    assert_eq!(times, ["2026-11-01T10:00:00Z", "2026-11-02T10:00:00Z", "2026-11-04T10:00:00Z", "latest"]);
    assert_eq!(
        fs::read_to_string(point.join("ids").join(fixture.short(1)).join("docs/report.txt")).unwrap(),
        "second, longer\n"
    );
    fixture.bygone(&["umount", "point"]).bytes();
}

#[test]
fn a_mount_that_cannot_be_made_says_why_in_the_foreground_too() {
    let fixture = Fixture::shared();
    let told = fixture.bygone(&["mount", "-b", "missing"]).fails(1);
    assert!(told.starts_with("bygone: ") && told.contains("missing"), "{told}");
    fs::create_dir(fixture.own.path().join("point")).unwrap();
    let told = fixture.bygone(&["mount", "-b", "latest:/nowhere", "point"]).fails(1);
    assert!(told.contains("/nowhere does not exist"), "{told}");
    let told = fixture.bygone(&["mount", "-b", "point"]).env("RESTIC_PASSWORD", "wrong").fails(1);
    assert!(told.starts_with("bygone: wrong password"), "{told}");
    let told = fixture.bygone(&["umount", "point"]).fails(1);
    assert!(told.starts_with("bygone: ") && told.contains("point"), "{told}");
}
