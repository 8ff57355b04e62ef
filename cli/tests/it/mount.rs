use std::fs;
use std::process::Command;

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

/// What `bygone mount` says in a mount namespace of its own, in which `prepare` has changed `/dev`.
fn told_where(prepare: &str) -> String {
    let fixture = Fixture::shared();
    fs::create_dir(fixture.own.path().join("point")).unwrap();
    let bygone = fixture.bygone(&["mount", "latest", "point"]).command();
    let mut alone = Command::new("unshare");
    alone.args(["--mount", "sh", "-c", &format!("{prepare} && exec \"$0\" \"$@\"")]).arg(bygone.get_program());
    alone.args(bygone.get_args()).current_dir(bygone.get_current_dir().unwrap());
    for (name, value) in bygone.get_envs() {
        match value {
            Some(value) => alone.env(name, value),
            None => alone.env_remove(name),
        };
    }
    let output = alone.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_machine_without_fuse_is_told_what_it_lacks() {
    let told = told_where("mount -t tmpfs none /dev");
    assert_eq!(told, "bygone: /dev/fuse does not exist: load FUSE with `modprobe fuse`, or give it to the container\n");
    let told = told_where("mount -t tmpfs none /dev && mknod /dev/fuse c 10 77");
    assert_eq!(told, "bygone: /dev/fuse cannot be opened: No such device (os error 19)\n");
}
