//! `bygone prune` as people call it.

use std::fs;

use bygone_tests::noise::noise;

use crate::own::Own;

/// Three snapshots of which each alone needs three megabytes.
fn three_snapshots() -> Own {
    let own = Own::new();
    for day in 1..=3 {
        fs::create_dir_all(own.path("source")).unwrap();
        fs::write(own.path("source/large"), noise(u64::from(day), 3 << 20)).unwrap();
        own.snapshot(day, "alice", &[]);
    }
    own
}

#[test]
fn a_dry_run_says_what_a_prune_would_do_and_does_nothing() {
    let own = three_snapshots();
    own.restic.run(&["forget", "--keep-last", "1"]);
    let before = own.bygone(&["stats", "--mode", "raw-data", "--json"]).json();
    let dry = own.bygone(&["prune", "--dry-run", "--grace", "0", "--json"]).json();
    assert!(dry["deleted"]["bytes"].as_u64().unwrap() > 6 << 20, "{dry}");
    assert_eq!((dry["packs_deleted"].as_u64(), dry["dry_run"].as_bool()), (Some(0), Some(true)));
    assert_eq!(own.bygone(&["stats", "--mode", "raw-data", "--json"]).json(), before);
    let done = own.bygone(&["prune", "--grace", "0", "--json"]).json();
    assert_eq!(done["deleted"], dry["deleted"]);
    assert!(done["packs_deleted"].as_u64().unwrap() > 0 && done["bytes_deleted"].as_u64().unwrap() > 6 << 20);
    own.check();
}

#[test]
fn without_grace_0_packs_are_marked_and_people_are_told_until_when() {
    let own = three_snapshots();
    own.restic.run(&["forget", "--keep-last", "1"]);
    let told = own.bygone(&["prune"]).text();
    assert!(told.contains("marked: ") && told.contains("marked packs are deleted by a prune after 20"), "{told}");
    own.check();
    let again = own.bygone(&["prune"]).text();
    assert!(again.contains("marked before, and not due yet"), "{again}");
    let gone = own.bygone(&["prune", "--grace", "0s", "--json"]).json();
    assert!(gone["packs_deleted"].as_u64().unwrap() > 0, "{gone}");
    own.check();
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let own = Own::new();
    for arguments in [
        &["--max-unused", "100%"][..],
        &["--max-unused", "-1"],
        &["--grace", "soon"],
        &["--pack-size", "1000"],
        &["--repack-small", "--repack-uncompressed"],
    ] {
        let ran = own.bygone(&["prune"]).arguments(arguments).run();
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.stderr);
    }
    own.bygone(&["prune", "-q"]).bytes();
}
