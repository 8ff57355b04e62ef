use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
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
fn a_source_that_is_missing_is_told_of_and_keeps_no_other_from_being_saved() {
    let place = Place::new();
    write(&place.source(), "file", b"here");
    let gone = place.folder.path().join("gone");
    for missing in [
        vec![gone.clone()],
        // Nor is there the folder above it.
        vec![gone.join("deep/er")],
        // One that stands in another, both of them missing.
        vec![gone.clone(), gone.join("inside")],
        vec![place.source().join("file/below")],
    ] {
        let named = [vec![place.source()], missing.clone()].concat();
        let taken = place.back_up_paths(&named, |_| ()).unwrap();
        let told = taken.told.problems.into_inner().unwrap();
        assert_eq!(told.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>(), missing, "{told:?}");
    }
    let refused = place.back_up_paths(&[gone.join("deep/er"), gone.clone()], |_| ()).map(drop).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NotFound);
    assert!(refused.to_string().contains("gone/deep/er, "), "it says which: {refused}");
    place.restic_checks();
}

/// Does something when a file is begun, or when the first bytes of one are saved.
struct Meddler<'a> {
    told: Told,
    when_begun: &'a (dyn Fn(&str) + Sync),
    when_read: &'a (dyn Fn() + Sync),
    has_read: AtomicBool,
}

impl Watcher for Meddler<'_> {
    fn problem(&self, problem: &Problem) {
        self.told.problem(problem);
    }

    fn warning(&self, path: &[u8], what: &str) {
        self.told.warning(path, what);
    }

    fn started(&self, path: &[u8]) {
        (self.when_begun)(std::str::from_utf8(path).unwrap());
    }

    fn bytes(&self, _count: u64) {
        if !self.has_read.swap(true, Ordering::Relaxed) {
            (self.when_read)();
        }
    }

    fn wants_items(&self) -> bool {
        true
    }
}

/// Takes a snapshot while somebody meddles with the source; what was told.
fn meddle(place: &Place, when_begun: &(dyn Fn(&str) + Sync), when_read: &(dyn Fn() + Sync)) -> (u64, Told) {
    let repository = place.open();
    let (token, options) = (CancelToken::new(), Options::default());
    let watcher = Meddler { told: Told::default(), when_begun, when_read, has_read: AtomicBool::new(false) };
    let writer = Writer::start(&repository, place.storage(), &WriteOptions::default()).unwrap();
    let capture =
        Capture { repository: &repository, writer: &writer, options: &options, watcher: &watcher, token: &token };
    let captured = capture.files(&Sources { paths: vec![place.source()], as_path: None }).unwrap();
    place.save(&repository, &writer, &captured, vec![place.source().to_str().unwrap().to_owned()], None).unwrap();
    assert_eq!(captured.problems, watcher.told.problems.lock().unwrap().len() as u64);
    (captured.problems, watcher.told)
}

#[test]
fn what_cannot_be_read_is_told_and_left_out() {
    let place = Place::new();
    for name in ["becomes a link", "becomes a pipe", "vanishes", "kept"] {
        write(&place.source(), name, b"content");
    }
    let when_begun = |path: &str| {
        let path = PathBuf::from(path);
        let name = path.file_name().unwrap().to_str().unwrap();
        if name != "kept" {
            fs::remove_file(&path).unwrap();
        }
        match name {
            "becomes a link" => std::os::unix::fs::symlink("kept", &path).unwrap(),
            "becomes a pipe" => {
                assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
            }
            _ => {}
        }
    };
    let (problems, told) = meddle(&place, &when_begun, &|| ());
    let mut paths: Vec<PathBuf> = told.problems.into_inner().unwrap().into_iter().map(|(path, _)| path).collect();
    paths.sort();
    assert_eq!(problems, 3);
    assert_eq!(paths, ["becomes a link", "becomes a pipe", "vanishes"].map(|name| place.source().join(name)));
    let kept = place.open();
    let newest = kept.snapshots().last().unwrap().clone();
    let directory = kept.directory(place.below(newest.tree)).unwrap();
    assert_eq!(directory.iter().map(|node| node.name().to_vec()).collect::<Vec<_>>(), [b"kept"]);
    place.restic_checks();
}

#[test]
fn a_file_that_grows_while_it_is_read_is_saved_as_it_was_read() {
    let place = Place::new();
    write(&place.source(), "growing", &noise(4, 120 << 20));
    let grow = || {
        let mut file = fs::OpenOptions::new().append(true).open(place.source().join("growing")).unwrap();
        file.write_all(&noise(5, 1 << 20)).unwrap();
    };
    let (problems, told) = meddle(&place, &|_| (), &grow);
    assert_eq!(problems, 0);
    let warnings = told.warnings.into_inner().unwrap();
    assert_eq!(warnings[0].0, place.source().join("growing"));
    assert_eq!(warnings[0].1, format!("it changed while it was read: {} bytes became {}", 120 << 20, 121 << 20));
    place.restic_checks();
    assert_eq!(fs::metadata(place.restic_restores().join("growing")).unwrap().len(), 121 << 20);
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
}
