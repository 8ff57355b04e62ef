//! Directories and files as restic stored them.

use std::fs;

use bygone_vault::{ErrorKind, NodeKind};

use crate::fixture::{Fixture, noise, read_all, write_source};

fn files_come_back_as_they_were(version: &str) {
    let fixture = Fixture::new(version);
    write_source(&fixture.source());
    fixture.restic(&["backup", fixture.source().to_str().unwrap()]);
    let repository = fixture.open();
    let root = fixture.root(&repository);
    for name in ["big", "text", "empty"] {
        let expected = fs::read(fixture.source().join(name)).unwrap();
        for step in [1 << 20, 77_777] {
            assert!(read_all(&repository, root, name, step) == expected, "{name} in steps of {step}");
        }
    }
    let directory = repository.directory(root).unwrap();
    assert_eq!(directory.find(b"folder").unwrap().kind(), NodeKind::Dir);
    let folder = directory.find(b"folder").unwrap().subtree().unwrap();
    for number in 0..300 {
        let name = format!("{number:03}");
        assert!(read_all(&repository, folder, &name, 4096) == noise(number, number as usize * 7), "{name}");
    }
}

#[test]
fn files_come_back_as_they_were_from_format_1() {
    files_come_back_as_they_were("1");
}

#[test]
fn files_come_back_as_they_were_from_format_2() {
    files_come_back_as_they_were("2");
}

#[test]
fn a_refresh_learns_of_new_and_forgotten_snapshots_and_their_blobs() {
    let fixture = Fixture::new("2");
    write_source(&fixture.source());
    fixture.restic(&["backup", fixture.source().to_str().unwrap()]);
    let repository = fixture.open();
    let first = repository.snapshots()[0].id;
    fs::write(fixture.source().join("new"), "fresh").unwrap();
    fixture.restic(&["backup", fixture.source().to_str().unwrap()]);
    let refreshed = repository.refresh().unwrap();
    assert_eq!((refreshed.added.len(), refreshed.forgotten.len()), (1, 0));
    assert_eq!(read_all(&repository, fixture.root(&repository), "new", 100), b"fresh");
    fixture.restic(&["forget", "--prune", &first.to_string()]);
    let refreshed = repository.refresh().unwrap();
    assert_eq!((refreshed.added.len(), refreshed.forgotten.len()), (0, 1));
    assert_eq!(read_all(&repository, fixture.root(&repository), "new", 100), b"fresh");
    // A second open finds the same in the tables that were kept.
    assert_eq!(fixture.open().blob_map_stats().blobs, repository.blob_map_stats().blobs);
}

#[test]
fn a_wrong_password_and_a_place_without_repository_are_told_apart() {
    let fixture = Fixture::new("2");
    assert_eq!(fixture.open_with("wrong").unwrap_err().kind(), ErrorKind::WrongPassword);
    fs::remove_file(fixture.repository().join("config")).unwrap();
    assert_eq!(fixture.open_with("secret").unwrap_err().kind(), ErrorKind::NotARepository);
}
