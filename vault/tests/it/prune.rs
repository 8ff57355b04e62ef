//! Prune in two phases: what stays, what goes, and when; with stock restic writing, checking and pruning in between.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use bygone_tests::noise::noise;
use bygone_vault::backend::{CancelToken, FileKind};
use bygone_vault::progress::Unwatched;
use bygone_vault::prune::{MaxUnused, PruneOptions, PrunePlan, PruneStats};
use bygone_vault::{ErrorKind, Repository, Result};
use jiff::{SignedDuration, Timestamp};

use crate::cheap::Cheap;

fn prune_opened(cheap: &Cheap, repository: &Repository, options: PruneOptions) -> Result<PruneStats> {
    let token = CancelToken::new();
    let plan = PrunePlan::make(repository, options, &token, &Unwatched)?;
    let stats = *plan.stats();
    plan.execute(repository, &cheap.storage(), &token, &Unwatched)?;
    Ok(stats)
}

fn prune(cheap: &Cheap, options: PruneOptions) -> PruneStats {
    prune_opened(cheap, &cheap.open(), options).unwrap()
}

fn in_days(days: i64) -> PruneOptions {
    PruneOptions::new(Timestamp::now().checked_add(SignedDuration::from_hours(24 * days)).unwrap())
}

fn at_once() -> PruneOptions {
    PruneOptions { grace: Duration::ZERO, max_unused: MaxUnused::Bytes(0), ..PruneOptions::new(Timestamp::now()) }
}

fn packs(cheap: &Cheap) -> usize {
    cheap.open().backend().list(FileKind::Pack).unwrap().len()
}

/// A repository of three snapshots; each day a file of 3 MB is new, one goes, and one stays for ever.
fn three_days(version: &str) -> (Cheap, PathBuf) {
    let cheap = Cheap::new(version);
    let source = cheap.beside("source");
    fs::create_dir(&source).unwrap();
    fs::write(source.join("for ever"), noise(100, 1_000_000)).unwrap();
    for day in 0..3 {
        back_up(&cheap, day);
    }
    (cheap, source)
}

fn back_up(cheap: &Cheap, day: u64) {
    let source = cheap.beside("source");
    let _ = fs::remove_file(source.join("of the day"));
    fs::write(source.join("of the day"), noise(day, 3_000_000)).unwrap();
    fs::write(source.join(format!("small {day}")), noise(day + 50, 1000)).unwrap();
    cheap.restic.run(&["backup", "--pack-size", "4", source.to_str().unwrap()]);
}

/// The newest snapshot restores to what the source is now.
fn assert_whole(cheap: &Cheap) {
    let check = cheap.restic.run(&["check", "--read-data"]);
    assert!(!check.contains("error"), "{check}");
    let target = cheap.beside("restored");
    cheap.restic.run(&["restore", "latest", "--target", target.to_str().unwrap()]);
    let source = cheap.beside("source");
    let restored = target.join(source.strip_prefix("/").unwrap());
    for entry in fs::read_dir(&source).unwrap() {
        let entry = entry.unwrap();
        assert!(fs::read(entry.path()).unwrap() == fs::read(restored.join(entry.file_name())).unwrap());
    }
    fs::remove_dir_all(target).unwrap();
}

#[test]
fn what_nobody_needs_is_marked_and_a_later_prune_deletes_it() {
    for version in ["1", "2"] {
        let (cheap, _) = three_days(version);
        let before = packs(&cheap);
        cheap.restic.run(&["forget", "--keep-last", "1"]);
        let marked = prune(&cheap, in_days(0));
        assert!(marked.marked.packs >= 2 && marked.deleted.packs == 0, "{marked:?}");
        assert!(packs(&cheap) >= before, "nothing is gone yet");
        assert_whole(&cheap);
        let waiting = prune(&cheap, in_days(0));
        assert_eq!((waiting.waiting.packs, waiting.deleted.packs), (marked.marked.packs, 0));
        let deleted = prune(&cheap, in_days(1));
        assert_eq!((deleted.waiting.packs, deleted.deleted.packs), (0, marked.marked.packs));
        assert!(packs(&cheap) < before);
        assert_whole(&cheap);
        let nothing = prune(&cheap, in_days(2));
        assert_eq!(
            (nothing.marked.packs, nothing.deleted.packs, nothing.unused.bytes),
            (0, 0, nothing.unused_bytes_after)
        );
    }
}

#[test]
fn without_a_grace_it_goes_at_once_and_partly_used_packs_are_rewritten() {
    let (cheap, _) = three_days("2");
    cheap.restic.run(&["forget", "--keep-last", "1"]);
    let stats = prune(&cheap, at_once());
    assert!(stats.deleted.packs > 0 && stats.repacked.blobs > 0 && stats.unused_bytes_after == 0, "{stats:?}");
    assert_whole(&cheap);
    let after = cheap.open();
    assert_eq!(after.blob_map_stats().packs as usize, packs(&cheap), "every pack is named");
    // What restic would do now is nothing.
    let dry = cheap.restic.command(&["prune", "--dry-run", "--max-unused", "0", "-v"]).output().unwrap();
    let said = String::from_utf8_lossy(&dry.stdout).into_owned();
    assert!(!said.contains("to delete: ") || said.contains("total prune:         0 blobs"), "{said}");
}

#[test]
fn a_writer_that_knew_only_the_old_index_finds_its_packs_recovered() {
    let (cheap, _) = three_days("2");
    let snapshots = cheap.path().join("snapshots");
    let kept: Vec<_> = fs::read_dir(&snapshots)
        .unwrap()
        .map(|file| file.unwrap())
        .map(|file| (file.path(), fs::read(file.path()).unwrap()))
        .collect();
    cheap.restic.run(&["forget", "--keep-last", "1"]);
    let marked = prune(&cheap, PruneOptions { max_unused: MaxUnused::Unlimited, ..in_days(0) });
    assert!(marked.marked.packs > 0);
    // Snapshots that name blobs of marked packs appear.
    for (path, content) in &kept {
        fs::write(path, content).unwrap();
    }
    let recovered = prune(&cheap, in_days(5));
    assert_eq!((recovered.recovered.packs, recovered.deleted.packs), (marked.marked.packs, 0));
    assert_whole(&cheap);
    assert_eq!(cheap.open().snapshots().len(), 3);
}

#[test]
fn restic_writes_and_prunes_between_our_phases() {
    let (cheap, _) = three_days("2");
    cheap.restic.run(&["forget", "--keep-last", "1"]);
    prune(&cheap, in_days(0));
    // restic passes the marks over: what it needs of marked packs it writes again.
    back_up(&cheap, 0);
    assert_whole(&cheap);
    cheap.restic.run(&["prune", "--max-unused", "0"]);
    assert_whole(&cheap);
    back_up(&cheap, 7);
    prune(&cheap, in_days(1));
    assert_whole(&cheap);
    cheap.restic.run(&["forget", "--keep-last", "1", "--prune"]);
    prune(&cheap, at_once());
    assert_whole(&cheap);
}

#[test]
fn trees_under_a_lease_stay_with_all_they_need() {
    let (cheap, _) = three_days("2");
    let repository = cheap.open();
    let oldest = repository.snapshots()[0].clone();
    cheap.restic.run(&["forget", "--keep-last", "1"]);
    let options = PruneOptions { leased_trees: vec![oldest.tree], ..at_once() };
    prune(&cheap, options);
    assert_whole(&cheap);
    let contents = bygone_vault::stats::used(&cheap.open(), std::slice::from_ref(&oldest));
    assert_eq!((contents.missing_blobs, contents.broken.len()), (0, 0));
    // A lease on trees that are gone already is none.
    prune(&cheap, at_once());
    prune(&cheap, PruneOptions { leased_trees: vec![oldest.tree], ..at_once() });
    assert_whole(&cheap);
}

#[test]
fn what_a_killed_writer_left_is_marked_and_goes() {
    let (cheap, _) = three_days("2");
    let stray = noise(4711, 5000);
    let name = crate::cheap::id_of(&stray).to_string();
    let path = cheap.path().join("data").join(&name[..2]).join(&name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, &stray).unwrap();
    let stats = prune(&cheap, in_days(0));
    assert_eq!((stats.unindexed.packs, stats.unindexed.bytes, stats.marked.packs), (1, 5000, 1));
    assert!(path.exists());
    assert_whole(&cheap);
    prune(&cheap, in_days(1));
    assert!(!path.exists());
    assert_whole(&cheap);
}

#[test]
fn nothing_is_pruned_when_what_is_needed_is_not_known() {
    let (cheap, _) = three_days("2");
    let refused = |cheap: &Cheap| {
        let before = packs(cheap);
        let error = prune_opened(cheap, &cheap.open(), at_once()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Damaged, "{}", error.chain());
        assert_eq!(packs(cheap), before);
        error.chain()
    };
    let first_of = |kind: &str| fs::read_dir(cheap.path().join(kind)).unwrap().next().unwrap().unwrap().path();
    for (kind, says) in [("snapshots", "what a snapshot needs"), ("index", "repair the index")] {
        let file = first_of(kind);
        let whole = fs::read(&file).unwrap();
        fs::write(&file, &whole[..whole.len() / 2]).unwrap();
        let said = refused(&cheap);
        assert!(said.contains(says), "{said}");
        fs::write(&file, whole).unwrap();
    }
    let file = first_of("index");
    fs::rename(&file, cheap.beside("index away")).unwrap();
    let said = refused(&cheap);
    assert!(said.contains("nothing is pruned"), "{said}");
    fs::rename(cheap.beside("index away"), &file).unwrap();
    let folder = first_of("data");
    fs::rename(&folder, cheap.beside("packs away")).unwrap();
    let away = fs::read_dir(cheap.beside("packs away")).unwrap().count();
    if away > 0 {
        refused(&cheap);
    }
}

#[test]
fn a_cancelled_prune_leaves_everything() {
    let (cheap, _) = three_days("2");
    cheap.restic.run(&["forget", "--keep-last", "1"]);
    let repository = cheap.open();
    let token = CancelToken::new();
    let plan = PrunePlan::make(&repository, at_once(), &token, &Unwatched).unwrap();
    token.cancel();
    let error = plan.execute(&repository, &cheap.storage(), &token, &Unwatched).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_whole(&cheap);
}
