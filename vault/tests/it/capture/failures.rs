use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bygone_tests::noise::noise;
use bygone_vault::backend::{CancelToken, discard};
use bygone_vault::capture::{Capture, Options, Problem, Sources, Watcher};
use bygone_vault::{ErrorKind, NodeTime, WriteOptions, Writer};

use super::support::{Place, Told, write};

/// Pulls the token when the first file is begun.
struct Impatient(CancelToken);

impl Watcher for Impatient {
    fn problem(&self, _problem: &Problem) {}

    fn bytes(&self, _count: u64) {
        self.0.cancel();
    }
}

/// Files that are in the repository's folder, locks left out.
fn stored(place: &Place) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![place.folder.path().join("repository")];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() { waiting.push(entry) } else { found.push(entry) }
        }
    }
    found.sort();
    found
}

#[test]
fn a_backup_that_is_given_up_takes_no_snapshot_and_harms_nothing() {
    let place = Place::new();
    for number in 0..40 {
        write(&place.source(), &format!("{number}"), &noise(number, 3 << 20));
    }
    let repository = place.open();
    let token = CancelToken::new();
    let watcher = Impatient(token.clone());
    let options = Options::default();
    let begun = Instant::now();
    {
        let writer = Writer::start(&repository, place.storage(), &WriteOptions::default()).unwrap();
        let capture =
            Capture { repository: &repository, writer: &writer, options: &options, watcher: &watcher, token: &token };
        let sources = Sources { paths: vec![place.source()], as_path: None };
        assert_eq!(capture.files(&sources).unwrap_err().kind(), ErrorKind::Cancelled);
    }
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!(place.open().snapshots().len(), 0);
    place.back_up();
    place.restic_checks();
}

#[test]
fn a_dry_run_finds_everything_and_writes_nothing() {
    let place = Place::new();
    write(&place.source(), "file", &noise(1, 3 << 20));
    let before = stored(&place);
    let repository = place.open();
    let (told, token, options) = (Told::default(), CancelToken::new(), Options::default());
    let writer = Writer::start(&repository, discard(place.storage()), &WriteOptions::default()).unwrap();
    let capture =
        Capture { repository: &repository, writer: &writer, options: &options, watcher: &told, token: &token };
    let captured = capture.files(&Sources { paths: vec![place.source()], as_path: None }).unwrap();
    writer.flush().unwrap();
    assert_eq!((captured.summary.files_new, writer.written().data_blobs > 0), (1, true));
    assert_eq!(stored(&place), before);
    let saved = place.back_up();
    assert_eq!(saved.summary.total_bytes_processed, captured.summary.total_bytes_processed);
}

#[test]
fn what_cannot_be_read_is_told_and_left_out() {
    let place = Place::new();
    write(&place.source(), "kept", b"kept");
    let Some(unreadable) = Unreadable::make(&place) else { return };
    let taken = place.back_up();
    let problems = taken.told.problems.lock().unwrap().clone();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].0, unreadable.file);
    drop(unreadable);
    assert_eq!((taken.summary.files_new, taken.summary.total_bytes_processed), (1, 4));
    place.restic_checks();
}

/// A file whose content nobody can read, not even root: the memory of this process, at addresses where there is none.
struct Unreadable {
    file: PathBuf,
}

impl Unreadable {
    fn make(place: &Place) -> Option<Self> {
        let folder = place.source().join("mounted");
        fs::create_dir(&folder).unwrap();
        let file = folder.join("mem");
        fs::write(&file, "").unwrap();
        let mounted =
            std::process::Command::new("mount").args(["--bind", "/proc/self/mem"]).arg(&file).output().ok()?;
        mounted.status.success().then_some(Self { file })
    }
}

impl Drop for Unreadable {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg(&self.file).status();
    }
}

#[test]
fn nothing_at_all_is_no_snapshot() {
    let place = Place::new();
    fs::remove_dir(place.source()).unwrap();
    let error = place.back_up_with(|_| ()).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(place.open().snapshots().len(), 0);
}

#[test]
fn a_reader_is_saved_as_a_file_unless_it_fails() {
    let place = Place::new();
    let repository = place.open();
    let (told, token, options) = (Told::default(), CancelToken::new(), Options::default());
    let writer = Writer::start(&repository, place.storage(), &WriteOptions::default()).unwrap();
    let capture =
        Capture { repository: &repository, writer: &writer, options: &options, watcher: &told, token: &token };
    let content = noise(8, 20 << 20);
    let reader = Box::new(std::io::Cursor::new(content.clone()));
    let captured = capture.reader("/dump/db.sql".as_ref(), reader, NodeTime::default()).unwrap();
    place.save(&repository, &writer, &captured, vec!["/dump/db.sql".to_owned()], None).unwrap();
    let dumped = place.restic.command(&["dump", "latest", "/dump/db.sql"]).output().unwrap();
    assert!(dumped.stdout == content);

    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _buffer: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the command failed"))
        }
    }
    let error = capture.reader("/x".as_ref(), Box::new(Broken), NodeTime::default()).unwrap_err();
    assert!(error.chain().contains("the command failed"), "{}", error.chain());
    drop(Arc::new(writer));
}
