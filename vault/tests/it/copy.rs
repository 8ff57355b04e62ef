//! Copying between repositories, with stock restic writing and judging both.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bygone_tests::noise::noise;
use bygone_vault::backend::faulty::{Fault, Faulty};
use bygone_vault::backend::{CancelToken, FileKind, SharedStorage};
use bygone_vault::check::{self, CheckOptions, ReadData};
use bygone_vault::copy::{Copied, Copy, CopyOptions, Outcome};
use bygone_vault::progress::Unwatched;
use bygone_vault::{ErrorKind, Repository, Result, WriteOptions};

use crate::cheap::Cheap;

fn copy_by(from: &Repository, to: &Cheap, options: CopyOptions, token: &CancelToken) -> Result<(Copied, Vec<Outcome>)> {
    copy_over(from, to, to.storage(), options, token)
}

fn copy_over(
    from: &Repository,
    to: &Cheap,
    storage: SharedStorage,
    options: CopyOptions,
    token: &CancelToken,
) -> Result<(Copied, Vec<Outcome>)> {
    let destination = to.open();
    let run = Copy { source: from, destination: &destination, storage, options, token, progress: &Unwatched };
    let mut outcomes = Vec::new();
    let copied = run.run(&from.snapshots(), &mut |_, outcome| {
        outcomes.push(outcome.clone());
        Ok(())
    })?;
    Ok((copied, outcomes))
}

fn copy(from: &Cheap, to: &Cheap) -> (Copied, Vec<Outcome>) {
    copy_by(&from.open(), to, CopyOptions::default(), &CancelToken::new()).unwrap()
}

/// Three snapshots of a folder: a file that stays, one of each day, and a folder that is the same throughout.
fn three_days(version: &str) -> (Cheap, PathBuf) {
    let cheap = Cheap::new(version);
    let source = cheap.beside("source");
    fs::create_dir_all(source.join("same/deep")).unwrap();
    fs::write(source.join("for ever"), noise(100, 2_000_000)).unwrap();
    fs::write(source.join("same/deep/text"), "a line of text\n".repeat(50_000)).unwrap();
    for day in 0..3 {
        fs::write(source.join("of the day"), noise(day, 1_000_000)).unwrap();
        let host = format!("host-{day}");
        cheap.restic.run(&["backup", source.to_str().unwrap(), "--host", &host, "--tag", "a,b"]);
    }
    (cheap, source)
}

fn assert_like_source(cheap: &Cheap, source: &Path) {
    cheap.restic.run(&["check", "--read-data"]);
    let target = cheap.beside("restored");
    cheap.restic.run(&["restore", "latest", "--target", target.to_str().unwrap()]);
    let restored = target.join(source.strip_prefix("/").unwrap());
    for name in ["for ever", "of the day", "same/deep/text"] {
        assert!(fs::read(source.join(name)).unwrap() == fs::read(restored.join(name)).unwrap(), "{name}");
    }
    fs::remove_dir_all(target).unwrap();
}

#[test]
fn copies_are_whole_in_every_format_and_made_once() {
    for (from, to) in [("2", "2"), ("1", "2"), ("2", "1")] {
        let (source, files) = three_days(from);
        let destination = Cheap::new(to);
        let (copied, _) = copy(&source, &destination);
        assert_eq!((copied.copied, copied.present, copied.unreadable), (3, 0, 0));
        assert_like_source(&destination, &files);
        let (originals, copies) = (source.open().snapshots(), destination.open().snapshots());
        for (original, copy) in originals.iter().zip(copies.iter()) {
            assert_eq!(copy.original, Some(original.id));
            assert_eq!(copy.parent, None);
            assert_eq!((copy.time, copy.tree, &copy.tags), (original.time, original.tree, &original.tags));
            assert_eq!((&copy.hostname, &copy.summary), (&original.hostname, &original.summary));
        }
        let (again, _) = copy(&source, &destination);
        assert_eq!((again.copied, again.present, again.written.packs), (0, 3, 0));
        // Back again: the copies are known by what they hold.
        let (back, _) = copy(&destination, &source);
        assert_eq!((back.copied, back.present), (0, 3));
    }
}

#[test]
fn stock_restic_takes_our_copies_for_copies() {
    let (source, _) = three_days("2");
    let destination = Cheap::new("2");
    copy(&source, &destination);
    let from = ["--from-repo", source.path().to_str().unwrap()].map(str::to_owned);
    let mut again = destination.restic.command(&["copy", &from[0], &from[1]]);
    let ended = again.env("RESTIC_FROM_PASSWORD", bygone_tests::restic::PASSWORD).output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    assert_eq!(destination.open().snapshots().len(), 3);
}

#[test]
fn only_what_is_missing_is_moved() {
    let (source, files) = three_days("2");
    let destination = Cheap::new("2");
    copy(&source, &destination);
    fs::write(files.join("new"), noise(77, 300_000)).unwrap();
    source.restic.run(&["backup", files.to_str().unwrap()]);
    let (copied, _) = copy(&source, &destination);
    assert_eq!((copied.copied, copied.present, copied.written.data_blobs), (1, 3, 1));
    assert!(copied.written.stored_bytes < 400_000, "{copied:?}");
    assert_like_source(&destination, &files);
}

#[test]
fn a_tree_that_only_looks_complete_is_completed() {
    let (source, files) = three_days("2");
    let destination = Cheap::new("2");
    copy(&source, &destination);
    // The index forgets the packs of data, as if a copy had been cut off between trees and data.
    let repository = destination.open();
    let mut data = std::collections::HashSet::new();
    repository.for_each_blob(|_, location| {
        if location.kind == bygone_vault::BlobKind::Data {
            data.insert(location.pack.to_string());
        }
        std::ops::ControlFlow::Continue(())
    });
    for pack in &data {
        fs::remove_file(destination.path().join("data").join(&pack[..2]).join(pack)).unwrap();
    }
    destination.restic.run(&["repair", "index"]);
    destination.restic.run(&["forget", "--tag", "a", "--keep-last", "1", "--group-by", ""]);
    let snapshot = destination.open().snapshots()[0].id.to_string();
    destination.restic.run(&["forget", &snapshot]);
    let (copied, _) = copy(&source, &destination);
    assert_eq!((copied.copied, copied.unreadable), (3, 0));
    assert!(copied.written.data_blobs > 0 && copied.written.tree_blobs == 0, "{copied:?}");
    assert_like_source(&destination, &files);
}

#[test]
fn a_damaged_file_is_named_and_other_snapshots_go_on() {
    let (source, _) = three_days("2");
    let repository = source.open();
    // The one blob that is of the second day alone.
    let second = repository.snapshots()[1].clone();
    let path = source.beside("source/of the day");
    let path = bygone_common::SnapshotPath::parse(path.to_str().unwrap().as_bytes()).unwrap();
    let resolved = repository.resolve(second.tree, &path).unwrap();
    let location = repository.locate(resolved.node().unwrap().content()[0]).unwrap();
    let pack = location.pack.to_string();
    let file = source.path().join("data").join(&pack[..2]).join(&pack);
    let mut bytes = fs::read(&file).unwrap();
    bytes[location.offset as usize + 40] ^= 1;
    fs::remove_file(&file).unwrap();
    fs::write(&file, bytes).unwrap();
    let destination = Cheap::new("2");
    let (copied, outcomes) = copy(&source, &destination);
    assert_eq!((copied.copied, copied.unreadable), (2, 1));
    let Outcome::Unreadable(unreadable) = &outcomes[1] else { panic!("{outcomes:?}") };
    assert_eq!(unreadable.len(), 1);
    assert!(unreadable[0].path.ends_with(b"/source/of the day"), "{unreadable:?}");
    assert!(unreadable[0].error.chain().contains("authentication tag"), "{unreadable:?}");
    destination.restic.run(&["check", "--read-data"]);
    assert_eq!(destination.open().snapshots().len(), 2);
}

#[test]
fn a_dry_run_writes_nothing_and_says_what_is_missing() {
    let (source, _) = three_days("2");
    let destination = Cheap::new("2");
    let options = CopyOptions { dry_run: true, ..CopyOptions::default() };
    let (copied, outcomes) = copy_by(&source.open(), &destination, options, &CancelToken::new()).unwrap();
    assert_eq!((copied.copied, copied.written.packs), (3, 0));
    assert!(copied.missing_bytes > 5_000_000 && matches!(outcomes[0], Outcome::Copied(None)), "{copied:?}");
    for kind in [FileKind::Pack, FileKind::Index, FileKind::Snapshot] {
        assert!(destination.backend().list(kind).unwrap().is_empty());
    }
}

#[test]
fn a_copy_onto_itself_or_cancelled_is_refused() {
    let (source, _) = three_days("2");
    let error = copy_by(&source.open(), &source, CopyOptions::default(), &CancelToken::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let token = CancelToken::new();
    token.cancel();
    let destination = Cheap::new("2");
    let error = copy_by(&source.open(), &destination, CopyOptions::default(), &token).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert!(destination.open().snapshots().is_empty());
}

/// Everything in the repository can be read.
fn assert_whole(cheap: &Cheap) {
    let options = CheckOptions { read: ReadData::All, sample_files: 0, seed: 1 };
    let report = check::check(&cheap.open(), &options, &CancelToken::new(), &Unwatched).unwrap();
    let errors: Vec<String> = report.errors().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn whatever_change_fails_the_copies_that_there_are_are_whole_and_it_goes_on() {
    let (source, files) = three_days("2");
    let from = source.open();
    let destination = Cheap::new("2");
    let empty = destination.beside("empty");
    copy_folder(&destination.path(), &empty);
    for (nth, fault) in
        (0..).flat_map(|nth| [(nth, Fault::Fail(ErrorKind::Io)), (nth, Fault::LoseAnswer(ErrorKind::Io))])
    {
        fs::remove_dir_all(destination.path()).unwrap();
        copy_folder(&empty, &destination.path());
        let changes = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&changes);
        let faulty = Faulty::new(destination.storage(), move |call| {
            let is_it = call.operation.changes() && counted.fetch_add(1, Ordering::SeqCst) == nth;
            is_it.then_some(fault)
        });
        let options = CopyOptions {
            write: WriteOptions { pack_bytes: 4 << 20, ..WriteOptions::default() },
            ..CopyOptions::default()
        };
        let ended = copy_over(&from, &destination, Arc::new(faulty), options, &CancelToken::new());
        if changes.load(Ordering::SeqCst) <= nth {
            assert!(ended.is_ok() && nth >= 5, "{nth}");
            break;
        }
        ended.unwrap_err();
        assert_whole(&destination);
        let (again, _) = copy(&source, &destination);
        assert_eq!(again.copied + again.present, 3, "{nth}");
        assert_whole(&destination);
        assert_eq!(destination.open().snapshots().len(), 3);
    }
    assert_like_source(&destination, &files);
}

fn copy_folder(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
}
