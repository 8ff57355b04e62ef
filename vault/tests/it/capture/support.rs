//! A repository, a source, and captures of ours and of stock restic's.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use bygone_common::{Secret, SnapshotPath, TreeId};
use bygone_tests::restic::{PASSWORD, Restic};
use bygone_vault::backend::{CancelToken, SharedStorage};
use bygone_vault::capture::{
    self, Capture, Captured, Change, Draft, Item, Options, ParentFilter, Problem, Sources, Watcher, absolute_paths,
    machine_name, parent_of, save,
};
use bygone_vault::{
    Engine, EngineOptions, OpenOptions, Repository, Result, Snapshot, Summary, Unlock, WriteOptions, Writer,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cheap::storage_at;

pub(crate) struct Place {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) restic: Restic,
}

/// What a capture told.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) problems: Mutex<Vec<(PathBuf, String)>>,
    pub(crate) warnings: Mutex<Vec<(PathBuf, String)>>,
    pub(crate) items: Mutex<Vec<(String, Change)>>,
    pub(crate) bytes: AtomicU64,
    pub(crate) total: Mutex<Option<(u64, u64)>>,
}

fn path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

impl Watcher for Told {
    fn problem(&self, problem: &Problem) {
        self.problems.lock().unwrap().push((path(&problem.path), problem.error.chain()));
    }

    fn warning(&self, at: &[u8], what: &str) {
        self.warnings.lock().unwrap().push((path(at), what.to_owned()));
    }

    fn done(&self, item: &Item<'_>) {
        self.items.lock().unwrap().push((String::from_utf8_lossy(item.path).into_owned(), item.change));
    }

    fn bytes(&self, count: u64) {
        self.bytes.fetch_add(count, Ordering::Relaxed);
    }

    fn total(&self, files: u64, bytes: u64) {
        *self.total.lock().unwrap() = Some((files, bytes));
    }

    fn wants_items(&self) -> bool {
        true
    }
}

/// A backup that succeeded.
pub(crate) struct Taken {
    /// The source's own tree: folders above it are used by everybody, and change.
    pub(crate) tree: TreeId,
    pub(crate) summary: Summary,
    pub(crate) told: Told,
}

impl Taken {
    /// What was done with the source and what is in it, by its path there, but for what was unmodified.
    pub(crate) fn changes(&self, place: &Place) -> Vec<(String, Change)> {
        let source = place.source().to_str().unwrap().to_owned();
        let items = self.told.items.lock().unwrap();
        let below = items.iter().filter_map(|(path, change)| Some((path.strip_prefix(&source)?.to_owned(), *change)));
        let mut changes: Vec<_> = below.filter(|(_, change)| *change != Change::Unmodified).collect();
        changes.sort_by(|left, right| left.0.cmp(&right.0));
        changes
    }
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let repository = folder.path().join("repository").to_str().unwrap().to_owned();
        let restic = Restic::new(repository).env("TZ", "UTC").arguments(&["--quiet"]);
        restic.run(&["init"]);
        std::fs::create_dir(folder.path().join("source")).unwrap();
        Self { folder, restic }
    }

    pub(crate) fn source(&self) -> PathBuf {
        self.folder.path().join("source")
    }

    pub(crate) fn storage(&self) -> SharedStorage {
        storage_at(&self.folder.path().join("repository"))
    }

    pub(crate) fn open(&self) -> Repository {
        let engine = Engine::start(EngineOptions::default()).unwrap();
        let unlock = Unlock::Password(Secret::new(PASSWORD.to_owned()));
        Repository::open(&engine, self.storage(), unlock, OpenOptions::default()).unwrap()
    }

    /// Backs the source up with everything as restic does it by default.
    pub(crate) fn back_up(&self) -> Taken {
        self.back_up_with(|_| ()).unwrap()
    }

    pub(crate) fn back_up_with(&self, change: impl FnOnce(&mut Options)) -> Result<Taken> {
        self.back_up_paths(&[self.source()], change)
    }

    pub(crate) fn back_up_paths(&self, paths: &[PathBuf], change: impl FnOnce(&mut Options)) -> Result<Taken> {
        let repository = self.open();
        let sources = Sources { paths: paths.to_vec(), as_path: None };
        let filter = ParentFilter { paths: absolute_paths(&sources)?, host: Some(machine_name()), tags: None };
        let parent = parent_of(&repository, &filter, Timestamp::now());
        let mut options =
            Options { before: parent.as_ref().map(|parent| parent.tree), zone: TimeZone::UTC, ..Options::default() };
        change(&mut options);
        let writer = Writer::start(&repository, self.storage(), &WriteOptions::default())?;
        let (told, token) = (Told::default(), CancelToken::new());
        let capture =
            Capture { repository: &repository, writer: &writer, options: &options, watcher: &told, token: &token };
        let captured = capture.files(&sources)?;
        let parent = parent.filter(|_| options.before.is_some());
        let summary = self.save(&repository, &writer, &captured, filter.paths, parent.as_deref())?;
        Ok(Taken { tree: self.below(captured.tree), summary, told })
    }

    pub(crate) fn save(
        &self,
        repository: &Repository,
        writer: &Writer,
        captured: &Captured,
        paths: Vec<String>,
        parent: Option<&Snapshot>,
    ) -> Result<Summary> {
        let draft = Draft {
            time: Timestamp::now(),
            zone: TimeZone::UTC,
            parent: parent.map(|parent| parent.id),
            paths,
            host: machine_name(),
            tags: vec!["ours".to_owned()],
            excludes: Vec::new(),
            begun: Timestamp::now(),
        };
        let summary = capture::save::complete(writer, captured, &draft)?;
        save(repository, writer, captured, &draft, &summary)?;
        Ok(summary)
    }

    /// The source's tree in a snapshot.
    pub(crate) fn below(&self, root: TreeId) -> TreeId {
        let path = SnapshotPath::parse(self.source().to_str().unwrap().as_bytes()).unwrap();
        self.open().resolve(root, &path).unwrap().tree().unwrap()
    }

    /// Backs the source up with stock restic; the source's tree, and the summary of the snapshot.
    pub(crate) fn restic_backs_up(&self, arguments: &[&str]) -> (TreeId, Summary) {
        let source = self.source();
        self.restic.run(&[&["backup", source.to_str().unwrap()], arguments].concat());
        let repository = self.open();
        let newest = repository.snapshots().last().unwrap().clone();
        assert!(newest.program_version.starts_with("restic"));
        (self.below(newest.tree), newest.summary.clone().unwrap())
    }

    /// restic finds nothing wrong, and every byte is there.
    pub(crate) fn restic_checks(&self) {
        self.restic.run(&["check", "--read-data"]);
    }

    /// The newest snapshot's source, restored by stock restic.
    pub(crate) fn restic_restores(&self) -> PathBuf {
        let target = self.folder.path().join("restored");
        self.restic.run(&["restore", "latest", "--target", target.to_str().unwrap()]);
        target.join(self.source().strip_prefix("/").unwrap())
    }
}

pub(crate) fn write(folder: &Path, name: &str, content: &[u8]) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}
