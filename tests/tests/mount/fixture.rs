//! A repository, its source, and mounts that end with the test.

use std::path::{Path, PathBuf};

use bygone_common::{Secret, SnapshotPath};
use bygone_fs::{MountOptions, Mounted, View};
use bygone_tests::restic::PASSWORD;
use bygone_vault::backend::{self, BackendOptions};
use bygone_vault::{Engine, EngineOptions, OpenOptions, Repository, SnapshotFilter, SnapshotSpec, Unlock};
use tempfile::TempDir;

use crate::restic::{Release, Restic};

/// A folder with a repository in it.
pub(crate) struct Fixture {
    folder: TempDir,
    pub(crate) restic: Restic,
}

/// A mount point below the fixture's folder. Unmounted on drop, also when the test panics.
pub(crate) struct Mount {
    mounted: Option<Mounted>,
    path: PathBuf,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::with(Release::Newest, 2)
    }

    pub(crate) fn with(release: Release, version: u32) -> Self {
        let folder = tempfile::Builder::new().prefix("bygone-mount-").tempdir().unwrap();
        let restic = Restic::init(release, folder.path(), version);
        Self { folder, restic }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder that is saved.
    pub(crate) fn source(&self) -> PathBuf {
        self.path("source")
    }

    /// Saves the source under its absolute path; the snapshot's id.
    pub(crate) fn backup(&self) -> String {
        self.restic.backup(&self.source(), [] as [&str; 0])
    }

    /// Where the source is in a directory that shows a snapshot.
    pub(crate) fn source_in(&self, snapshot: &Path) -> PathBuf {
        snapshot.join(self.source().strip_prefix("/").unwrap())
    }

    pub(crate) fn repository(&self) -> Repository {
        let engine = Engine::start(EngineOptions::default()).unwrap();
        let location = self.restic.repository().to_str().unwrap().parse().unwrap();
        let backend = backend::open(&location, &BackendOptions::default()).unwrap().backend;
        let unlock = Unlock::Password(Secret::new(PASSWORD.to_owned()));
        Repository::open(&engine, backend, unlock, OpenOptions::default()).unwrap()
    }

    /// Mounts at `name`, which is made.
    pub(crate) fn mount(&self, name: &str, view: View, change: impl FnOnce(&mut MountOptions)) -> Mount {
        let path = self.path(name);
        std::fs::create_dir_all(&path).unwrap();
        let mut options = MountOptions::new(&path, view);
        change(&mut options);
        let mounted = bygone_fs::mount(&self.repository(), options).unwrap_or_else(|error| panic!("{}", error.chain()));
        Mount { mounted: Some(mounted), path }
    }

    /// Mounts the source as it is in the newest snapshot.
    pub(crate) fn mount_latest(&self) -> Mount {
        self.mount("mnt", self.latest(), |_| {})
    }

    /// The source in the newest snapshot.
    pub(crate) fn latest(&self) -> View {
        View::Snapshot {
            snapshot: SnapshotSpec::Latest { back: 0 },
            filter: SnapshotFilter::default(),
            path: SnapshotPath::parse(self.source().as_os_str().as_encoded_bytes()).unwrap(),
        }
    }
}

impl Mount {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn join(&self, path: &str) -> PathBuf {
        self.path.join(path)
    }

    /// How many messages of that kind the kernel sent.
    pub(crate) fn messages(&self, name: &str) -> u64 {
        let messages = self.mounted.as_ref().unwrap().messages();
        messages.into_iter().find(|(message, _)| *message == name).unwrap().1
    }

    /// How many messages the kernel sent in all, without what we gave unasked.
    pub(crate) fn messages_in_all(&self) -> u64 {
        let messages = self.mounted.as_ref().unwrap().messages();
        messages.into_iter().filter(|(name, _)| *name != "store").map(|(_, count)| count).sum()
    }

    pub(crate) fn into_mounted(mut self) -> Mounted {
        self.mounted.take().unwrap()
    }
}
