//! Folders.

use bygone_tests::restic::Restic;
use bygone_vault::ErrorKind;
use bygone_vault::backend::{BackendOptions, FileId, FileKind};

use super::writing::*;
use crate::fixture::noise;
use crate::small_disk::SmallDisk;

#[test]
fn a_folder_keeps_what_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let options = BackendOptions::default();
    let place = folder.path().join("some/new/place");
    check_writes(place.to_str().unwrap(), &options);
    check_same_writers(place.to_str().unwrap(), &options);
    let copy = folder.path().join("copy");
    let copy = copy.to_str().unwrap();
    check_restic_reads(copy, &options, folder.path(), &Restic::new(copy));
}

#[test]
fn a_full_folder_keeps_nothing_of_what_does_not_fit() {
    let folder = tempfile::tempdir().unwrap();
    let disk = SmallDisk::mount(folder.path().join("repo"), "size=6m");
    let storage = open(disk.path().to_str().unwrap(), &BackendOptions::default()).storage;
    storage.create().unwrap();
    storage.write(FileId::CONFIG, &b"config".to_vec().into()).unwrap();
    let (name, content) = file(FileKind::Pack, &noise(9, 8 << 20));
    for _ in 0..2 {
        let error = storage.write(name, &content).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoSpace, "{}", error.chain());
        assert_eq!(storage.list(FileKind::Pack).unwrap(), []);
    }
    // What failed has not kept the room.
    let (small, content) = file(FileKind::Pack, &noise(10, 4 << 20));
    storage.write(small, &content).unwrap();
    disk.make_read_only();
    for error in [
        storage.write(small, &content).unwrap_err(),
        storage.remove(small).unwrap_err(),
        storage.write(FileId::CONFIG, &content).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Denied, "{}", error.chain());
    }
    assert!(storage.read(small).unwrap() == content.to_vec());
}
