//! Repositories of stock restic for tests of this crate's parts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bygone_common::access::{Access, Effect, Rule, Uses};
use bygone_common::{ByteRange, Secret, SnapshotPath, TreeId};
use bygone_tests::restic::{PASSWORD, Restic};
use bygone_vault::backend::{self, BackendOptions};
use bygone_vault::walk::Entry;
use bygone_vault::{Engine, EngineOptions, OpenOptions, Repository, Resolved, Unlock};

use jiff::SignedDuration;

use crate::archive::{Archive, Form, Root, Roots, Top};
use crate::feed::lanes::{LaneLimits, Lanes};
use crate::feed::meter::Meter;
use crate::feed::{Content, Feed, Span};

/// A repository, and the folder that was backed up into it.
pub(crate) struct Fixture {
    pub(crate) folder: tempfile::TempDir,
    /// What may be downloaded of it: everything, unless a test says otherwise.
    pub(crate) access: Access,
}

impl Fixture {
    /// One snapshot of what `write` makes.
    pub(crate) fn of(write: impl FnOnce(&Path)) -> Self {
        let everything = Rule::new(SnapshotPath::root(), Effect::Allow, Uses::ALL);
        let access = Access::new(Uses::ALL, [everything]);
        let fixture = Self { folder: tempfile::tempdir().unwrap(), access };
        std::fs::create_dir(fixture.source()).unwrap();
        write(&fixture.source());
        Restic::new(fixture.repository().to_str().unwrap()).init_and_back_up(&fixture.source());
        fixture
    }

    pub(crate) fn repository(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    pub(crate) fn source(&self) -> PathBuf {
        self.folder.path().join("source")
    }

    pub(crate) fn open(&self) -> Repository {
        let location = self.repository().to_str().unwrap().parse().unwrap();
        let backend = backend::open(&location, &BackendOptions::default()).unwrap().backend;
        let engine = Engine::start(EngineOptions::default()).unwrap();
        let unlock = Unlock::Password(Secret::new(PASSWORD.to_owned()));
        Repository::open(&engine, backend, unlock, OpenOptions::default()).unwrap()
    }

    /// A path below the source, in the last snapshot, under its own name.
    pub(crate) fn root(&self, repository: &Repository, below: &str) -> Root {
        let tree: TreeId = repository.snapshots().last().unwrap().tree;
        let full = self.source().join(below);
        let path = SnapshotPath::parse(full.as_os_str().as_encoded_bytes()).unwrap();
        let top = match repository.resolve(tree, &path).unwrap() {
            Resolved::Root(tree) => Top::Tree(tree),
            Resolved::Entry { parent, index } => Top::Entry(Entry::new(parent, index)),
        };
        let name = path.file_name().unwrap_or_default().to_vec();
        let view = self.access.view(SignedDuration::ZERO);
        let place = view.at(&path, []);
        Root { repository: repository.clone(), top, name, view, place }
    }
}

/// An archive of all of these.
pub(crate) async fn archive(form: Form, roots: Vec<Root>) -> Arc<Archive> {
    let roots = Roots::new(roots, form == Form::Zip);
    Arc::new(Archive::plan(form, roots).await.unwrap())
}

pub(crate) fn lanes() -> Arc<Lanes> {
    Lanes::new(LaneLimits::default())
}

pub(crate) fn feed(content: &Content, range: std::ops::Range<u64>, lanes: &Arc<Lanes>) -> Feed {
    let range = ByteRange::new(range.start, range.end - range.start).unwrap();
    Feed::new(content.clone(), vec![Span::Content(range)], lanes.clone(), Meter::default())
}

/// All bytes of a feed.
pub(crate) async fn drain(mut feed: Feed) -> bygone_vault::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(frame) = feed.next().await? {
        assert!(!frame.is_empty());
        bytes.extend_from_slice(&frame);
    }
    Ok(bytes)
}

pub(crate) async fn bytes_of(content: &Content, range: std::ops::Range<u64>) -> Vec<u8> {
    drain(feed(content, range, &lanes())).await.unwrap()
}
