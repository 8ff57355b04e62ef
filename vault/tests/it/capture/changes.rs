use std::fs;

use bygone_tests::noise::noise;
use bygone_tests::source_tree::{write_everything, write_many};
use bygone_vault::capture::Change;

use super::support::{Place, write};

#[test]
fn nothing_is_read_or_written_when_nothing_has_changed() {
    let place = Place::new();
    write_everything(&place.source());
    let first = place.back_up();
    let second = place.back_up();
    assert_eq!(second.tree, first.tree);
    assert_eq!(second.changes(&place), []);
    let summary = &second.summary;
    assert_eq!((summary.files_new, summary.files_changed, summary.dirs_new), (0, 0, 0));
    assert_eq!((summary.files_unmodified, summary.data_blobs), (first.summary.files_new, 0));
}

#[test]
fn restic_goes_on_from_ours_and_we_from_restic() {
    let place = Place::new();
    write_many(&place.source(), 12, 10);
    let ours = place.back_up();
    let (theirs, summary) = place.restic_backs_up(&[]);
    assert_eq!(theirs, ours.tree);
    assert_eq!((summary.files_new, summary.files_changed, summary.files_unmodified), (0, 0, 120));
    assert_eq!(summary.data_blobs, 0);
    let again = place.back_up();
    assert_eq!((again.tree, again.summary.files_unmodified, again.summary.data_blobs), (theirs, 120, 0));
    assert_eq!(again.changes(&place), []);
}

#[test]
fn every_change_is_found_and_only_changes_are_written() {
    let place = Place::new();
    write_many(&place.source(), 20, 10);
    write(&place.source(), "large", &noise(3, 20 << 20));
    write(&place.source(), "gone", b"gone");
    place.back_up();
    let mut large = noise(3, 20 << 20);
    large[9 << 20] ^= 1;
    write(&place.source(), "large", &large);
    write(&place.source(), "new folder/new", b"new");
    fs::remove_file(place.source().join("gone")).unwrap();
    fs::set_permissions(place.source().join("03"), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let second = place.back_up();
    let expected = [
        ("/", Change::Changed),
        ("/03/", Change::Changed),
        ("/large", Change::Changed),
        ("/new folder/", Change::New),
        ("/new folder/new", Change::New),
    ];
    assert_eq!(second.changes(&place), expected.map(|(path, change)| (path.to_owned(), change)));
    assert!(second.summary.data_blobs <= 4, "{:?}", second.summary);
    assert!(second.summary.data_added < 17 << 20, "{:?}", second.summary);
    let (theirs, summary) = place.restic_backs_up(&["--force"]);
    assert_eq!((theirs, summary.data_blobs), (second.tree, 0));
    place.restic_checks();
}

#[test]
fn a_file_whose_blobs_are_gone_is_stored_again() {
    let place = Place::new();
    write(&place.source(), "file", &noise(5, 5000));
    let first = place.back_up();
    // Everything but the snapshot and its trees is lost.
    let packs = place.folder.path().join("repository/data");
    let repository = place.open();
    let blob = repository.directory(first.tree).unwrap();
    assert_eq!(blob.len(), 1);
    drop(repository);
    for pack in data_packs(&place) {
        fs::remove_file(packs.join(&pack[..2]).join(&pack)).unwrap();
    }
    place.restic.run(&["repair", "index"]);
    let second = place.back_up();
    assert_eq!((second.tree, second.summary.data_blobs), (first.tree, 1));
    let warned: Vec<_> = second.told.warnings.lock().unwrap().iter().map(|(path, _)| path.clone()).collect();
    assert_eq!(warned, [place.source().join("file")]);
    place.restic_checks();
}

/// The packs that hold data.
fn data_packs(place: &Place) -> Vec<String> {
    let repository = place.open();
    let mut packs = Vec::new();
    repository.for_each_blob(|_, location| {
        if location.kind == bygone_vault::BlobKind::Data {
            packs.push(location.pack.to_string());
        }
        std::ops::ControlFlow::Continue(())
    });
    packs.sort();
    packs.dedup();
    packs
}

#[test]
fn attributes_that_change_are_saved_without_reading_the_file() {
    let place = Place::new();
    write(&place.source(), "file", b"content");
    place.back_up();
    let file = place.source().join("file");
    rustix::fs::setxattr(&file, "user.new", b"value", rustix::fs::XattrFlags::empty()).unwrap();
    let second = place.back_up_with(|options| options.ignore_ctime = true).unwrap();
    assert_eq!((second.summary.files_unmodified, second.summary.data_added > 0), (1, true));
    let (theirs, _) = place.restic_backs_up(&["--force"]);
    assert_eq!(second.tree, theirs);
}
