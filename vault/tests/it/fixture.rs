//! A repository written by stock restic, and its source.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use bygone_common::{Secret, SnapshotPath, TreeId};
use bygone_vault::backend::{self, BackendOptions, SharedBackend};
use bygone_vault::{Engine, EngineOptions, OpenOptions, Repository, Unlock};

pub(crate) use bygone_tests::noise::noise;

pub(crate) struct Fixture {
    folder: tempfile::TempDir,
}

impl Fixture {
    pub(crate) fn new(version: &str) -> Self {
        let fixture = Self { folder: tempfile::tempdir().unwrap() };
        fixture.restic(&["init", "--repository-version", version]);
        fixture
    }

    /// One snapshot of what [`write_source`] writes.
    pub(crate) fn backed_up() -> Self {
        let fixture = Self::new("2");
        write_source(&fixture.source());
        fixture.restic(&["backup", fixture.source().to_str().unwrap()]);
        fixture
    }

    pub(crate) fn repository(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    pub(crate) fn source(&self) -> PathBuf {
        self.folder.path().join("source")
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    pub(crate) fn restic(&self, arguments: &[&str]) {
        let output = Command::new("restic")
            .args(arguments)
            .env("RESTIC_REPOSITORY", self.repository())
            .env("RESTIC_PASSWORD", "secret")
            .env("RESTIC_CACHE_DIR", self.folder.path().join("restic-cache"))
            .output()
            .expect("restic is not installed; `cargo xtask test` installs it");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    pub(crate) fn open(&self) -> Repository {
        self.open_with("secret").unwrap()
    }

    pub(crate) fn open_with(&self, password: &str) -> bygone_vault::Result<Repository> {
        self.open_over(self.backend(), password, EngineOptions::default())
    }

    /// The repository's storage, decorated as in real life.
    pub(crate) fn backend(&self) -> SharedBackend {
        let location = self.repository().to_str().unwrap().parse().unwrap();
        backend::open(&location, &BackendOptions::default()).unwrap().backend
    }

    pub(crate) fn open_over(
        &self,
        backend: SharedBackend,
        password: &str,
        options: EngineOptions,
    ) -> bygone_vault::Result<Repository> {
        let engine = Engine::start(options).unwrap();
        let options = OpenOptions { cache_dir: Some(self.cache()), ..OpenOptions::default() };
        Repository::open(&engine, backend, Unlock::Password(Secret::new(password.to_owned())), options)
    }

    /// The root of the newest snapshot's only path.
    pub(crate) fn root(&self, repository: &Repository) -> TreeId {
        let snapshot = repository.snapshots().last().unwrap().clone();
        let path = SnapshotPath::parse(snapshot.paths[0].as_bytes()).unwrap();
        repository.resolve(snapshot.tree, &path).unwrap().tree().unwrap()
    }
}

pub(crate) fn read_all(repository: &Repository, tree: TreeId, name: &str, step: usize) -> Vec<u8> {
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

pub(crate) fn write_source(source: &Path) {
    fs::create_dir_all(source.join("folder/deep")).unwrap();
    fs::write(source.join("big"), noise(1, 20 << 20)).unwrap();
    fs::write(source.join("text"), "a line of text\n".repeat(100_000)).unwrap();
    fs::write(source.join("empty"), "").unwrap();
    for number in 0..300 {
        fs::write(source.join(format!("folder/{number:03}")), noise(number, number as usize * 7)).unwrap();
    }
}
