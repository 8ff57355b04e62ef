//! What a check finds, and what heals it: one fault at a time, with stock restic's check as the second opinion.

use std::fs;
use std::path::Path;
use std::process::Command;

use bygone_tests::noise::noise;
use bygone_vault::backend::CancelToken;
use bygone_vault::check::heal::heal;
use bygone_vault::check::{CheckOptions, Finding, ReadData, Report, check};
use bygone_vault::progress::Unwatched;

use crate::cheap::{Cheap, id_of, storage_at};

const EVERYTHING: CheckOptions = CheckOptions { read: ReadData::All, sample_files: 20, seed: 7 };
const NAMES_ONLY: CheckOptions = CheckOptions { read: ReadData::None, sample_files: 0, seed: 7 };

/// Two snapshots of a few files, in packs of some megabytes.
fn repository() -> Cheap {
    let cheap = Cheap::new("2");
    let source = cheap.beside("source");
    fs::create_dir_all(source.join("folder/deeper")).unwrap();
    for number in 0..6 {
        fs::write(source.join(format!("folder/{number}")), noise(number, 2_000_000)).unwrap();
    }
    fs::write(source.join("folder/deeper/text"), "text\n".repeat(10_000)).unwrap();
    cheap.restic.run(&["backup", "--pack-size", "4", source.to_str().unwrap()]);
    fs::write(source.join("folder/deeper/new"), noise(99, 3000)).unwrap();
    cheap.restic.run(&["backup", "--pack-size", "4", source.to_str().unwrap()]);
    cheap
}

fn look(cheap: &Cheap, options: &CheckOptions) -> Report {
    check(&cheap.open(), options, &CancelToken::new(), &Unwatched).unwrap()
}

fn codes(report: &Report) -> Vec<&'static str> {
    let mut codes: Vec<_> = report.findings.iter().map(Finding::code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

fn flip(path: &Path, at: u64) {
    let mut content = fs::read(path).unwrap();
    let at = usize::try_from(at).unwrap() % content.len();
    content[at] ^= 0x40;
    fs::remove_file(path).unwrap();
    fs::write(path, content).unwrap();
}

fn restic_agrees(cheap: &Cheap) -> bool {
    cheap.restic.command(&["check", "--read-data"]).output().unwrap().status.success()
}

#[test]
fn nothing_is_wrong_with_what_restic_wrote() {
    let cheap = repository();
    let report = look(&cheap, &EVERYTHING);
    assert_eq!(report.findings.len(), 0, "{:?}", report.findings);
    assert_eq!((report.snapshots, report.packs, report.packs_read), (2, report.packs, report.packs));
    assert_eq!(report.bytes_read, cheap.files("data").iter().map(|path| path.metadata().unwrap().len()).sum::<u64>());
    assert!(report.files_sampled > 10 && report.bytes_sampled > 0);
    let names = look(&cheap, &NAMES_ONLY);
    assert_eq!((names.findings.len(), names.packs_read, names.files_sampled), (0, 0, 0));
}

#[test]
fn a_flipped_bit_anywhere_in_a_pack_is_found() {
    let cheap = repository();
    let pack = cheap.files("data")[0].clone();
    let whole = fs::read(&pack).unwrap();
    let size = whole.len() as u64;
    for at in [0, 20, size / 2, size - 300, size - 40, size - 5, size - 1] {
        flip(&pack, at);
        let report = look(&cheap, &EVERYTHING);
        assert!(codes(&report).contains(&"pack-damaged"), "byte {at} of {size}: {:?}", report.findings);
        assert_eq!(look(&cheap, &NAMES_ONLY).errors().count(), 0, "nobody read it");
        assert!(!restic_agrees(&cheap));
        fs::remove_file(&pack).unwrap();
        fs::write(&pack, &whole).unwrap();
    }
    flip(&pack, size / 2);
    let report = look(&cheap, &EVERYTHING);
    let file = report.findings.iter().find(|finding| finding.code() == "file").unwrap().to_string();
    assert!(file.contains("/folder/") && file.contains("damaged"), "{file}");
}

#[test]
fn what_is_missing_or_cut_is_found_without_reading_packs() {
    let cheap = repository();
    let pack = cheap.files("data")[0].clone();
    let whole = fs::read(&pack).unwrap();
    fs::remove_file(&pack).unwrap();
    fs::write(&pack, &whole[..whole.len() - 1]).unwrap();
    assert_eq!(codes(&look(&cheap, &NAMES_ONLY)), ["pack-size"]);
    fs::remove_file(&pack).unwrap();
    assert_eq!(codes(&look(&cheap, &NAMES_ONLY)), ["pack-missing"]);
    fs::write(&pack, &whole).unwrap();
    let stray = noise(1, 1000);
    let name = id_of(&stray).to_string();
    fs::create_dir_all(cheap.path().join("data").join(&name[..2])).unwrap();
    fs::write(cheap.path().join("data").join(&name[..2]).join(&name), stray).unwrap();
    let report = look(&cheap, &NAMES_ONLY);
    assert_eq!((codes(&report), report.errors().count()), (vec!["pack-unindexed"], 0));
}

#[test]
fn files_that_cannot_be_read_any_more_are_named_by_their_paths() {
    let cheap = repository();
    for index in cheap.files("index") {
        let away = cheap.beside("index away");
        fs::rename(&index, &away).unwrap();
        let report = look(&cheap, &NAMES_ONLY);
        let told: Vec<String> = report.errors().map(ToString::to_string).collect();
        assert!(told.iter().any(|line| line.contains(" of snapshot ")), "{told:?}");
        assert!(!restic_agrees(&cheap));
        fs::rename(&away, &index).unwrap();
    }
    for (kind, code) in [("index", "index-file"), ("snapshots", "snapshot"), ("keys", "key")] {
        let path = cheap.files(kind)[0].clone();
        let whole = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        assert!(codes(&look(&cheap, &NAMES_ONLY)).contains(&code), "{kind}");
        fs::remove_file(&path).unwrap();
        fs::write(&path, whole).unwrap();
    }
    assert_eq!(look(&cheap, &EVERYTHING).findings.len(), 0);
}

#[test]
fn all_parts_together_read_every_pack_once() {
    let cheap = repository();
    let all = look(&cheap, &EVERYTHING).packs_read;
    let read = |read| look(&cheap, &CheckOptions { read, ..NAMES_ONLY }).packs_read;
    assert_eq!((1..=3).map(|part| read(ReadData::Part { part, parts: 3 })).sum::<u64>(), all);
    assert_eq!(read(ReadData::Share(1.0)), all);
    assert!((1..all).contains(&read(ReadData::Share(0.3))));
    assert_eq!(read(ReadData::Bytes(1)), 1);
}

#[test]
fn a_mirror_heals_what_is_damaged_and_only_by_good_copies() {
    let cheap = repository();
    let mirror = cheap.beside("mirror");
    assert!(Command::new("cp").arg("-a").arg(cheap.path()).arg(&mirror).status().unwrap().success());
    let packs = cheap.files("data");
    flip(&packs[0], 1000);
    fs::remove_file(&packs[1]).unwrap();
    flip(&packs[packs.len() - 1], 10);
    flip(&cheap.files("snapshots")[0], 30);
    flip(&cheap.files("index")[0], 30);
    let mirrored = storage_at(&mirror);
    // What the index lost hides what else is wrong: healing goes on until nothing is found.
    let mut healed = 0;
    for _ in 0..3 {
        let report = look(&cheap, &EVERYTHING);
        let done = heal(&report, cheap.storage().as_ref(), mirrored.as_ref(), &CancelToken::new(), &Unwatched);
        let done = done.unwrap();
        assert!(done.iter().all(|healed| healed.outcome.is_ok()), "{done:?}");
        healed += done.len();
    }
    assert!(healed >= 5, "{healed}");
    assert_eq!(look(&cheap, &EVERYTHING).findings.len(), 0);
    assert!(restic_agrees(&cheap));

    flip(&packs[0], 1000);
    flip(&mirror.join(packs[0].strip_prefix(cheap.path()).unwrap()), 2000);
    let damaged = fs::read(&packs[0]).unwrap();
    let report = look(&cheap, &EVERYTHING);
    let done = heal(&report, cheap.storage().as_ref(), mirrored.as_ref(), &CancelToken::new(), &Unwatched);
    let why = done.unwrap()[0].outcome.clone().unwrap_err().chain();
    assert!(why.contains("damaged too"), "{why}");
    assert_eq!(fs::read(&packs[0]).unwrap(), damaged, "a bad copy does not take its place");
}
