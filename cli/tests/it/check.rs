//! `bygone check` and `bygone repair` as people call them, with stock restic as the second opinion.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use bygone_tests::noise::noise;

use crate::own::Own;

/// Two snapshots; the larger of two packs of data is the first path.
fn damaged_later() -> (Own, Vec<PathBuf>) {
    let own = Own::new();
    own.snapshot(1, "alice", &[]);
    fs::write(own.path("source/large"), noise(5, 3 << 20)).unwrap();
    own.snapshot(2, "alice", &[]);
    let mut packs = Vec::new();
    for folder in fs::read_dir(own.repository().join("data")).unwrap() {
        packs.extend(fs::read_dir(folder.unwrap().path()).unwrap().map(|pack| pack.unwrap().path()));
    }
    packs.sort_by_key(|pack| std::cmp::Reverse(pack.metadata().unwrap().len()));
    (own, packs)
}

fn flip(path: &PathBuf) {
    let mut content = fs::read(path).unwrap();
    content[1000] ^= 1;
    fs::remove_file(path).unwrap();
    fs::write(path, content).unwrap();
}

#[test]
fn a_sound_repository_is_called_sound_by_every_way_of_looking() {
    let (own, packs) = damaged_later();
    let report = own.bygone(&["check", "--read-data", "--sample-files", "5", "--second-opinion", "--json"]).json();
    assert_eq!(report["num_errors"], 0, "{report}");
    assert_eq!((report["snapshots"].as_u64(), report["packs_read"].as_u64()), (Some(2), Some(packs.len() as u64)));
    assert_eq!(report["files_sampled"], 5);
    for part in ["1/2", "50%", "1M"] {
        own.bygone(&["check", "-q", "--read-data-subset", part]).bytes();
    }
    for part in ["0/2", "3/2", "0%", "101%", "0", "some"] {
        own.bygone(&["check", "--read-data-subset", part]).run();
        let told = own.bygone(&["check", "--read-data-subset", part]).run();
        assert_eq!(told.code, Some(2), "{part}: {}", told.stderr);
    }
    assert_eq!(own.count("locks"), 0);
}

#[test]
fn a_flipped_pack_is_named_with_the_file_it_hits_and_a_mirror_heals_it() {
    let (own, packs) = damaged_later();
    let mirror = own.path("mirror");
    assert!(Command::new("cp").arg("-a").arg(own.repository()).arg(&mirror).status().unwrap().success());
    flip(&packs[0]);
    own.bygone(&["check", "-q"]).bytes();
    let told = own.bygone(&["check", "--read-data"]).run();
    let pack = packs[0].file_name().unwrap().to_str().unwrap();
    assert_eq!(told.code, Some(1));
    assert!(told.stderr.contains(pack) && told.stderr.contains("source/large"), "{}", told.stderr);
    let asked = own.bygone(&["check", "--read-data", "--second-opinion"]).run();
    assert!(asked.code == Some(1) && asked.stderr.contains("rustic_core says"), "{}", asked.stderr);
    fs::remove_file(&packs[1]).unwrap();
    let healed = own.bygone(&["check", "--read-data", "--heal-from", mirror.to_str().unwrap()]).run();
    assert_eq!(healed.code, Some(0), "{}", healed.stderr);
    assert!(healed.stderr.contains("healed"), "{}", healed.stderr);
    own.bygone(&["check", "-q", "--read-data"]).bytes();
    own.check();
}

#[test]
fn what_no_mirror_has_is_repaired_as_far_as_it_goes() {
    let (own, packs) = damaged_later();
    flip(&packs[0]);
    let pack = packs[0].file_name().unwrap().to_str().unwrap();
    let salvaged = own.bygone(&["repair", "packs", pack, "--json"]).run();
    assert_eq!(salvaged.code, Some(3), "a blob is lost: {}", salvaged.stderr);
    assert_eq!(own.bygone(&["repair", "snapshots", "--json"]).json().as_array().unwrap().len(), 1);
    own.bygone(&["check", "-q", "--read-data"]).bytes();
    own.check();
    let index = own.repository().join("index");
    for file in fs::read_dir(&index).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    let repaired = own.bygone(&["repair", "index", "--json"]).json();
    assert!(repaired["packs_named"].as_u64().unwrap() >= 2, "{repaired}");
    own.check();
    let told = own.bygone(&["repair", "packs", pack]).fails(1);
    assert!(told.contains("no index file names"), "{told}");
}

#[test]
fn another_programs_lock_is_respected_and_none_is_left() {
    let (own, _) = damaged_later();
    let locks = own.repository().join("locks");
    let mut restic = own.restic.command(&["backup", "--stdin"]);
    restic.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::null());
    let mut running = restic.spawn().unwrap();
    bygone_tests::process::wait_until("restic's lock", || fs::read_dir(&locks).unwrap().count() > 0);
    own.bygone(&["check", "-q"]).bytes();
    for verb in [["prune", "-q"], ["repair", "index"], ["repair", "snapshots"]] {
        let told = own.bygone(&verb).fails(11);
        assert!(told.contains("lock"), "{told}");
    }
    running.stdin.take().unwrap().write_all(b"something").unwrap();
    assert!(running.wait().unwrap().success());
    own.bygone(&["prune", "-q"]).bytes();
    assert_eq!(own.count("locks"), 0);
}
