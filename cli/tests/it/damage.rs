//! Damage is confined to what it concerns: the rest works, what is missing is named, and the exit code is 3.

use std::fs;
use std::path::Path;

use crate::fixture::Fixture;

/// Flips a bit in the middle of a file.
fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let mut permissions = fs::metadata(path).unwrap().permissions();
    #[allow(clippy::permissions_set_readonly_false)]
    permissions.set_readonly(false);
    fs::set_permissions(path, permissions).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_broken_snapshot_is_told_of_and_passed_over() {
    let fixture = Fixture::to_break();
    flip(&fixture.repository.join("snapshots").join(&fixture.ids[2]));
    let ran = fixture.bygone(&["snapshots"]).partly();
    let text = String::from_utf8(ran.stdout).unwrap();
    assert!(text.ends_with("3 snapshots\n") && !text.contains("bob-pc"), "{text}");
    assert_eq!(ran.stderr.lines().count(), 1);
    assert!(ran.stderr.contains(&fixture.ids[2][..8]), "{}", ran.stderr);
    // It may have been the latest.
    assert_eq!(fixture.bygone(&["cat", "latest:/docs/report.txt"]).partly().stdout, b"first\n");
    // A snapshot that was named is the one meant.
    assert_eq!(fixture.bygone(&["cat", &format!("{}:/docs/report.txt", fixture.ids[1])]).text(), "second, longer\n");
    assert_eq!(
        fixture.bygone(&["find", "report.txt"]).partly().stdout.iter().filter(|byte| **byte == b'\n').count(),
        2
    );
    fixture.bygone(&["history", "/docs/report.txt"]).partly();
    fixture.bygone(&["stats"]).partly();
}

/// Breaks the packs that the last snapshot added, whose trees only it has.
fn break_last_snapshots_packs(fixture: &Fixture) {
    let times: Vec<_> = fixture.packs().iter().map(|pack| fs::metadata(pack).unwrap().modified().unwrap()).collect();
    let mut by_time: Vec<_> = fixture.packs().into_iter().zip(times).collect();
    by_time.sort_by_key(|(_, time)| *time);
    // Data and trees go into a pack each, and no backup but the first has other data than one small pack.
    for (pack, _) in by_time.iter().rev().take(2) {
        fs::remove_file(pack).unwrap();
    }
}

#[test]
fn a_missing_pack_breaks_only_the_snapshots_that_need_it() {
    let fixture = Fixture::to_break();
    break_last_snapshots_packs(&fixture);
    let last = fixture.short(3).to_owned();
    let ran = fixture.bygone(&["find", "report.txt", "--json"]).partly();
    let found: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!((&found["path"], &found["snapshots"]), (&"/docs/report.txt".into(), &3.into()));
    assert!(ran.stderr.starts_with(&format!("bygone: / of snapshot {last}: ")), "{}", ran.stderr);
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    let told = fixture.bygone(&["ls", &last]).fails(1);
    assert!(told.contains("pack"), "{told}");
    assert_eq!(fixture.bygone(&["ls", "latest~1:/docs"]).lines(), ["notes.md", "report.txt"]);
    let history = fixture.bygone(&["history", "/docs/report.txt", "--json"]).partly();
    let history: serde_json::Value = serde_json::from_slice(&history.stdout).unwrap();
    assert_eq!(history["versions"].as_array().unwrap().len(), 2);
    let stats = fixture.bygone(&["stats", "--per-snapshot", "--json"]).partly();
    let stats: serde_json::Value = serde_json::from_slice(&stats.stdout).unwrap();
    assert_eq!((&stats["snapshots"][3]["files"], &stats["snapshots"][2]["files"]), (&0.into(), &10.into()));
    let diff = fixture.bygone(&["diff", "latest~1", "latest"]).partly();
    assert!(diff.stderr.starts_with("bygone: /: "), "{}", diff.stderr);
}

#[test]
fn a_damaged_file_is_left_out_of_an_archive_and_the_others_are_in_it() {
    let fixture = Fixture::to_break();
    // The largest pack holds the large file.
    let largest = fixture.packs().into_iter().max_by_key(|pack| fs::metadata(pack).unwrap().len()).unwrap();
    flip(&largest);
    let ran = fixture.bygone(&["cat", "latest:/big.bin"]).run();
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stderr.contains("/big.bin of snapshot") && ran.stderr.lines().count() == 1, "{}", ran.stderr);
    let ran = fixture.bygone(&["tar", "latest", "-f", "all.tar"]).partly();
    assert!(ran.stderr.starts_with("bygone: big.bin: "), "{}", ran.stderr);
    let listed = std::process::Command::new("tar").arg("tf").arg(fixture.own.path().join("all.tar")).output().unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    assert!(String::from_utf8(listed.stdout).unwrap().lines().any(|name| name == "docs/report.txt"));
    let ran = fixture.bygone(&["restore", "latest", "-t", "target"]).partly();
    assert!(ran.stderr.contains("big.bin"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(fixture.own.path().join("target/docs/report.txt")).unwrap(), "first\n");
    assert!(!fixture.own.path().join("target/big.bin").exists());
}

#[test]
fn a_truncated_index_file_is_told_of() {
    let fixture = Fixture::to_break();
    let index = fs::read_dir(fixture.repository.join("index")).unwrap().next().unwrap().unwrap().path();
    fs::remove_file(&index).unwrap();
    fs::write(&index, b"short").unwrap();
    let ran = fixture.bygone(&["snapshots"]).run();
    let name = index.file_name().unwrap().to_string_lossy()[..8].to_owned();
    assert!(ran.stderr.contains(&name), "{}", ran.stderr);
    assert_eq!(String::from_utf8(ran.stdout).unwrap().lines().count(), 6);
}

#[test]
fn a_config_of_the_future_is_refused() {
    let fixture = Fixture::to_break();
    let config = fixture.repository.join("config");
    fs::remove_file(&config).unwrap();
    fs::write(&config, b"not sealed at all").unwrap();
    let told = fixture.bygone(&["ls"]).fails(1);
    assert!(told.contains("config"), "{told}");
}
