use std::fs;

use serde_json::Value;

use crate::fixture::{BIG_BYTES, Fixture};

fn check_with_restic(arguments: &[&str], fields: &[&str]) -> Value {
    let fixture = Fixture::shared();
    let ours = fixture.bygone(&[&["stats", "--json"], arguments].concat()).json();
    let theirs: Value = serde_json::from_str(&fixture.restic(&[&["stats", "--json"], arguments].concat())).unwrap();
    for field in fields {
        assert_eq!(ours[field], theirs[field], "{arguments:?} {field}");
    }
    ours
}

#[test]
fn sums_are_restics_sums() {
    let sizes = ["total_size", "total_file_count", "snapshots_count"];
    check_with_restic(&[], &sizes);
    check_with_restic(&["latest"], &sizes);
    check_with_restic(&["--host", "alice-pc"], &sizes);
    check_with_restic(&["--mode", "files-by-contents"], &["total_size", "total_file_count"]);
    let raw = check_with_restic(&["--mode", "raw-data"], &["total_size", "total_blob_count"]);
    assert!(raw["total_uncompressed_size"].as_u64() > raw["total_size"].as_u64(), "{raw}");
    check_with_restic(&["--mode", "raw-data", "latest"], &["total_size", "total_blob_count"]);
}

#[test]
fn each_snapshot_is_counted_with_hard_links_once() {
    let fixture = Fixture::shared();
    let stats = fixture.bygone(&["stats", "--per-snapshot", "--json"]).json();
    let first = &stats["snapshots"][0];
    assert_eq!((&first["files"], &first["dirs"], &first["others"]), (&10.into(), &4.into(), &2.into()));
    // report, notes (once), gone, main, lib, Mod, odd, big.
    assert_eq!(first["size"], 6 + 6 + 10 + 13 + 8 + 4 + 4 + BIG_BYTES as u64);
    assert_eq!(stats["snapshots"].as_array().unwrap().len(), 4);
}

#[test]
fn the_repository_is_measured_by_its_files() {
    let fixture = Fixture::shared();
    let stats = fixture.bygone(&["stats", "--json"]).json();
    let packs = fixture.packs();
    let bytes: u64 = packs.iter().map(|pack| fs::metadata(pack).unwrap().len()).sum();
    let repository = &stats["repository"];
    assert_eq!(repository["packs"], packs.len());
    assert_eq!(repository["pack_bytes"], bytes);
    assert_eq!(
        (&repository["snapshots"], &repository["keys"], &repository["version"]),
        (&4.into(), &1.into(), &2.into())
    );
    let text = fixture.bygone(&["stats"]).text();
    assert!(text.contains("format 2") && text.contains("4 snapshots, 1 keys"), "{text}");
}
