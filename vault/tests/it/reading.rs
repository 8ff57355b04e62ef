//! Directories and files as restic stored them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use bygone_common::{Secret, SnapshotPath, TreeId};
use bygone_vault::backend::{self, BackendOptions};
use bygone_vault::{Engine, EngineOptions, ErrorKind, NodeKind, OpenOptions, Repository, Unlock};

struct Fixture {
    folder: tempfile::TempDir,
}

impl Fixture {
    fn new(version: &str) -> Self {
        let fixture = Self { folder: tempfile::tempdir().unwrap() };
        fixture.restic(&["init", "--repository-version", version]);
        fixture
    }

    fn repository(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    fn source(&self) -> PathBuf {
        self.folder.path().join("source")
    }

    fn restic(&self, arguments: &[&str]) {
        let output = Command::new("restic")
            .args(arguments)
            .env("RESTIC_REPOSITORY", self.repository())
            .env("RESTIC_PASSWORD", "secret")
            .env("RESTIC_CACHE_DIR", self.folder.path().join("restic-cache"))
            .output()
            .expect("restic is not installed; `cargo xtask test` installs it");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn open(&self) -> Repository {
        self.open_with("secret").unwrap()
    }

    fn open_with(&self, password: &str) -> bygone_vault::Result<Repository> {
        let engine = Engine::start(EngineOptions::default()).unwrap();
        let location = self.repository().to_str().unwrap().parse().unwrap();
        let backend = backend::open(&location, &BackendOptions::default())?.backend;
        let options = OpenOptions { cache_dir: Some(self.folder.path().join("cache")), ..OpenOptions::default() };
        Repository::open(&engine, backend, Unlock::Password(Secret::new(password.to_owned())), options)
    }

    /// The root of the newest snapshot's only path.
    fn root(&self, repository: &Repository) -> TreeId {
        let snapshot = repository.snapshots().last().unwrap().clone();
        let path = SnapshotPath::parse(snapshot.paths[0].as_bytes()).unwrap();
        repository.resolve(snapshot.tree, &path).unwrap().tree().unwrap()
    }
}

fn read_all(repository: &Repository, tree: TreeId, name: &str, step: usize) -> Vec<u8> {
    let directory = repository.directory(tree).unwrap();
    let reader = Arc::new(repository.file(directory.find(name.as_bytes()).unwrap()).unwrap());
    let mut content = Vec::new();
    let mut buffer = vec![0; step];
    loop {
        match reader.read_at(content.len() as u64, &mut buffer).unwrap() {
            0 => return content,
            count => content.extend_from_slice(&buffer[..count]),
        }
    }
}

/// Bytes that do not repeat and do not compress, the same at every run.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed | 1;
    let words = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.flatten().take(length).collect()
}

fn write_source(source: &Path) {
    fs::create_dir_all(source.join("folder/deep")).unwrap();
    fs::write(source.join("big"), noise(1, 20 << 20)).unwrap();
    fs::write(source.join("text"), "a line of text\n".repeat(100_000)).unwrap();
    fs::write(source.join("empty"), "").unwrap();
    for number in 0..300 {
        fs::write(source.join(format!("folder/{number:03}")), noise(number, number as usize * 7)).unwrap();
    }
}

fn files_come_back_as_they_were(version: &str) {
    let fixture = Fixture::new(version);
    write_source(&fixture.source());
    fixture.restic(&["backup", fixture.source().to_str().unwrap()]);
    let repository = fixture.open();
    let root = fixture.root(&repository);
    for name in ["big", "text", "empty"] {
        let expected = fs::read(fixture.source().join(name)).unwrap();
        for step in [1 << 20, 77_777] {
            assert!(read_all(&repository, root, name, step) == expected, "{name} in steps of {step}");
        }
    }
    let directory = repository.directory(root).unwrap();
    assert_eq!(directory.find(b"folder").unwrap().kind(), NodeKind::Dir);
    let folder = directory.find(b"folder").unwrap().subtree().unwrap();
    for number in 0..300 {
        let name = format!("{number:03}");
        assert!(read_all(&repository, folder, &name, 4096) == noise(number, number as usize * 7), "{name}");
    }
}

#[test]
fn files_come_back_as_they_were_from_format_1() {
    files_come_back_as_they_were("1");
}

#[test]
fn files_come_back_as_they_were_from_format_2() {
    files_come_back_as_they_were("2");
}

#[test]
fn a_refresh_learns_of_new_and_forgotten_snapshots_and_their_blobs() {
    let fixture = Fixture::new("2");
    write_source(&fixture.source());
    fixture.restic(&["backup", fixture.source().to_str().unwrap()]);
    let repository = fixture.open();
    let first = repository.snapshots()[0].id;
    fs::write(fixture.source().join("new"), "fresh").unwrap();
    fixture.restic(&["backup", fixture.source().to_str().unwrap()]);
    let refreshed = repository.refresh().unwrap();
    assert_eq!((refreshed.added.len(), refreshed.forgotten.len()), (1, 0));
    assert_eq!(read_all(&repository, fixture.root(&repository), "new", 100), b"fresh");
    fixture.restic(&["forget", "--prune", &first.to_string()]);
    let refreshed = repository.refresh().unwrap();
    assert_eq!((refreshed.added.len(), refreshed.forgotten.len()), (0, 1));
    assert_eq!(read_all(&repository, fixture.root(&repository), "new", 100), b"fresh");
    // A second open finds the same in the tables that were kept.
    assert_eq!(fixture.open().blob_map_stats().blobs, repository.blob_map_stats().blobs);
}

#[test]
fn a_wrong_password_and_a_place_without_repository_are_told_apart() {
    let fixture = Fixture::new("2");
    assert_eq!(fixture.open_with("wrong").unwrap_err().kind(), ErrorKind::WrongPassword);
    fs::remove_file(fixture.repository().join("config")).unwrap();
    assert_eq!(fixture.open_with("secret").unwrap_err().kind(), ErrorKind::NotARepository);
}
