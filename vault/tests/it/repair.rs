//! A repository that has lost something, and what is left of it after its repair, with stock restic's check as the judge.

use std::fs;

use bygone_common::PackId;
use bygone_tests::noise::noise;
use bygone_vault::backend::CancelToken;
use bygone_vault::progress::Unwatched;
use bygone_vault::repair::{self, Reread};

use crate::cheap::Cheap;

fn repository() -> Cheap {
    let cheap = Cheap::new("2");
    let source = cheap.beside("source");
    fs::create_dir_all(source.join("folder")).unwrap();
    for number in 0..5 {
        fs::write(source.join(format!("{number}")), noise(number, 3_000_000)).unwrap();
    }
    fs::write(source.join("folder/small"), "small\n").unwrap();
    let back_up = || cheap.restic.run(&["backup", "--pack-size", "4", "--host", "host", source.to_str().unwrap()]);
    back_up();
    fs::write(source.join("folder/new"), "new\n").unwrap();
    back_up();
    cheap
}

fn pack_of(path: &std::path::Path) -> PackId {
    path.file_name().unwrap().to_str().unwrap().parse().unwrap()
}

/// What is in the newest snapshot, by path.
fn sizes(cheap: &Cheap) -> Vec<(String, u64)> {
    let listed = cheap.restic.run(&["ls", "--json", "latest"]);
    let nodes = listed.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let files = nodes.filter(|node| node["type"] == "file");
    files.map(|node| (node["name"].as_str().unwrap().to_owned(), node["size"].as_u64().unwrap())).collect()
}

fn repair_index(cheap: &Cheap, reread: Reread) -> repair::IndexRepaired {
    repair::index(&cheap.open(), &cheap.storage(), reread, &CancelToken::new(), &Unwatched).unwrap()
}

fn repair_snapshots(cheap: &Cheap) -> Vec<repair::SnapshotRepaired> {
    let repository = cheap.open();
    let all = repository.snapshots();
    repair::snapshots(&repository, &cheap.storage(), &all, &CancelToken::new(), &Unwatched).unwrap()
}

#[test]
fn a_lost_index_comes_back_from_the_packs() {
    for reread in [Reread::Unknown, Reread::All] {
        let cheap = repository();
        let packs = cheap.files("data").len() as u64;
        let before = sizes(&cheap);
        let index = cheap.files("index");
        fs::remove_file(&index[0]).unwrap();
        let cut = fs::read(&index[1]).unwrap();
        fs::remove_file(&index[1]).unwrap();
        fs::write(&index[1], &cut[..cut.len() / 2]).unwrap();
        let repaired = repair_index(&cheap, reread);
        assert_eq!((repaired.packs_named, repaired.unreadable.len()), (packs, 0), "{reread:?}");
        cheap.restic.run(&["check", "--read-data"]);
        assert_eq!(sizes(&cheap), before);
        let nothing = repair_index(&cheap, Reread::Unknown);
        assert_eq!((nothing.packs_named, nothing.index_files_removed), (0, 0), "what is right is left");
    }
}

#[test]
fn without_a_lost_pack_snapshots_keep_what_is_left() {
    let cheap = repository();
    let before = sizes(&cheap);
    fs::remove_file(&cheap.files("data")[0]).unwrap();
    let repaired = repair_index(&cheap, Reread::Unknown);
    assert_eq!((repaired.packs_dropped, repaired.packs_named), (1, 0));
    let repaired = repair_snapshots(&cheap);
    assert_eq!(repaired.len(), 2);
    assert!(repaired.iter().all(|snapshot| snapshot.new.is_some()));
    cheap.restic.run(&["check", "--read-data"]);
    let after = sizes(&cheap);
    let names = |sizes: &[(String, u64)]| sizes.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&after), names(&before), "every file is there");
    let total = |sizes: &[(String, u64)]| sizes.iter().map(|(_, size)| size).sum::<u64>();
    assert!(total(&after) < total(&before) && total(&after) > 5_000_000);
    let snapshots = cheap.open().snapshots();
    assert!(snapshots.iter().all(|snapshot| snapshot.tags == ["repaired"] && snapshot.original.is_some()));
    assert_eq!(repair_snapshots(&cheap).len(), 0, "nothing is left to repair");
}

#[test]
fn what_is_whole_in_a_damaged_pack_is_saved() {
    let cheap = repository();
    let pack = cheap.files("data")[0].clone();
    let mut content = fs::read(&pack).unwrap();
    content[100] ^= 1;
    fs::remove_file(&pack).unwrap();
    fs::write(&pack, content).unwrap();
    let repository = cheap.open();
    let packs = [pack_of(&pack)];
    let repaired = repair::packs(&repository, &cheap.storage(), &packs, &CancelToken::new(), &Unwatched).unwrap();
    assert_eq!((repaired.lost.len(), repaired.packs_removed), (1, 1));
    assert!(repaired.saved > 0 && !pack.exists());
    assert_eq!(repair_snapshots(&cheap).len(), 2);
    cheap.restic.run(&["check", "--read-data"]);
    repair::packs(&cheap.open(), &cheap.storage(), &packs, &CancelToken::new(), &Unwatched).unwrap_err();
}

#[test]
fn a_lost_tree_is_an_empty_folder_and_a_lost_root_is_no_snapshot() {
    let cheap = repository();
    // Tree packs are the smallest: one for each snapshot.
    let packs = cheap.files("data");
    fs::remove_file(packs.last().unwrap()).unwrap();
    repair_index(&cheap, Reread::Unknown);
    let repaired = repair_snapshots(&cheap);
    assert!(!repaired.is_empty());
    cheap.restic.run(&["check", "--read-data"]);
    for pack in cheap.files("data") {
        fs::remove_file(pack).unwrap();
    }
    repair_index(&cheap, Reread::Unknown);
    let repaired = repair_snapshots(&cheap);
    assert!(repaired.iter().all(|snapshot| snapshot.new.is_none()));
    assert_eq!(cheap.open().snapshots().len(), 0);
    cheap.restic.run(&["check", "--read-data"]);
}
