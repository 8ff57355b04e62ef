use std::os::unix::net::UnixListener;

use bygone_tests::compare::{Aspects, assert_same};
use bygone_tests::noise::noise;
use bygone_tests::source_tree::{write_everything, write_many};

use super::support::{Place, write};

#[test]
fn every_kind_of_node_is_saved_as_restic_saves_it() {
    let place = Place::new();
    write_everything(&place.source());
    UnixListener::bind(place.source().join("socket")).unwrap();
    let ours = place.back_up();
    assert_eq!(*ours.told.problems.lock().unwrap(), []);
    let (theirs, _) = place.restic_backs_up(&["--force"]);
    assert_eq!(ours.tree, theirs);
    place.restic_checks();
    std::fs::remove_file(place.source().join("socket")).unwrap();
    // restic writes the times of folders before it writes what is in them.
    assert_same(
        &place.source().join("times"),
        &place.restic_restores().join("times"),
        Aspects { changed: false, ..Aspects::ALL },
    );
}

#[test]
fn what_was_saved_is_restored_by_restic() {
    let place = Place::new();
    write_many(&place.source(), 30, 20);
    write(&place.source(), "large", &noise(11, 30 << 20));
    let ours = place.back_up();
    assert_eq!(ours.summary.files_new, 601);
    place.restic_checks();
    assert_same(&place.source(), &place.restic_restores(), Aspects { changed: false, ..Aspects::ALL });
}

#[test]
fn content_is_cut_where_restic_cuts_it() {
    let place = Place::new();
    const MIB: usize = 1 << 20;
    for (number, bytes) in
        [0, 1, 512 << 10, (512 << 10) - 1, (512 << 10) + 1, MIB, 8 * MIB, 8 * MIB + 1, 9 * MIB, 70 * MIB]
            .into_iter()
            .enumerate()
    {
        write(&place.source(), &format!("noise {bytes}"), &noise(number as u64, bytes));
        write(&place.source(), &format!("zeros {bytes}"), &vec![0; bytes]);
        write(&place.source(), &format!("ones {bytes}"), &vec![1; bytes]);
    }
    let (theirs, summary) = place.restic_backs_up(&[]);
    let ours = place.back_up_with(|options| options.before = None).unwrap();
    assert_eq!((ours.tree, ours.summary.data_blobs), (theirs, 0));
    assert_eq!(ours.summary.total_bytes_processed, summary.total_bytes_processed);
    assert_eq!(ours.told.bytes.into_inner(), summary.total_bytes_processed);
}

#[test]
fn sources_stand_where_restic_puts_them() {
    let place = Place::new();
    write(&place.source(), "a/b/file", b"1");
    write(&place.source(), "a/c", b"2");
    write(&place.source(), "d", b"3");
    let paths = ["a/b", "a/c", "a", "d"].map(|name| place.source().join(name));
    for count in 1..=paths.len() {
        let named: Vec<&str> = paths[..count].iter().map(|path| path.to_str().unwrap()).collect();
        let ours = place.back_up_paths(&paths[..count], |options| options.before = None).unwrap();
        place.restic.run(&[&["backup", "--force"], named.as_slice()].concat());
        let theirs = place.open().snapshots().last().unwrap().clone();
        assert!(theirs.program_version.starts_with("restic"));
        assert_eq!(ours.tree, place.below(theirs.tree), "{named:?}");
    }
}
