//! A repository that a server reads: the same engine, readers and walks over names that only the server understands.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bygone_common::drive::DRIVE_IDS_MAX;
use bygone_common::{BlobId, Id, SnapshotPath, TreeId};
use bygone_vault::served::rewrite::{self, Show};
use bygone_vault::served::{Served, ServedTree};
use bygone_vault::{Engine, EngineOptions, Error, ErrorKind, NodeKind, Repository, Result, Snapshot};

use super::fixture::{Fixture, noise, read_all};

/// Names that are their ids turned over: what a client may not do itself.
fn named(id: Id) -> Id {
    let mut bytes = *id.as_bytes();
    bytes.reverse();
    Id::new(bytes)
}

#[derive(Debug)]
struct Desk {
    repository: Repository,
    requests: AtomicUsize,
    is_away: AtomicBool,
    lies: AtomicBool,
}

impl Desk {
    fn new(repository: Repository) -> Arc<Self> {
        Arc::new(Self {
            repository,
            requests: AtomicUsize::new(0),
            is_away: AtomicBool::new(false),
            lies: AtomicBool::new(false),
        })
    }

    fn asked(&self, ids: usize) -> Result<()> {
        assert!((1..=DRIVE_IDS_MAX).contains(&ids));
        self.requests.fetch_add(1, Ordering::SeqCst);
        match self.is_away.load(Ordering::SeqCst) {
            true => Err(Error::new(ErrorKind::Unavailable, "the server is away")),
            false => Ok(()),
        }
    }
}

impl Served for Desk {
    fn location(&self) -> String {
        "desk".to_owned()
    }

    fn snapshots(&self) -> Result<Vec<Snapshot>> {
        let all = self.repository.snapshots();
        Ok(all.iter().map(|one| Snapshot { tree: TreeId(named(one.tree.0)), ..(**one).clone() }).collect())
    }

    fn trees(&self, ids: &[TreeId], land: &mut dyn FnMut(usize, Result<ServedTree>)) -> Result<()> {
        self.asked(ids.len())?;
        for (at, id) in ids.iter().enumerate() {
            let tree = rewrite::tree(&self.repository, TreeId(named(id.0)), |entry| match entry.name {
                b"text" => Show::Nothing,
                b"folder" => Show::Bare(TreeId(named(entry.subtree.unwrap().0))),
                _ => Show::Seen(
                    entry.subtree.map(|tree| TreeId(named(tree.0))),
                    entry.content.iter().map(|blob| BlobId(named(blob.0))).collect(),
                ),
            });
            land(at, tree);
        }
        Ok(())
    }

    fn blobs(&self, ids: &[BlobId], land: &mut dyn FnMut(usize, Result<Vec<u8>>)) -> Result<()> {
        self.asked(ids.len())?;
        for (at, id) in ids.iter().enumerate() {
            let blob = self.repository.blob(BlobId(named(id.0)));
            let cut = usize::from(self.lies.load(Ordering::SeqCst));
            land(at, blob.map(|blob| blob[cut..].to_vec()));
        }
        Ok(())
    }
}

struct Bench {
    fixture: Fixture,
    desk: Arc<Desk>,
    repository: Repository,
}

impl Bench {
    fn new() -> Self {
        let fixture = Fixture::backed_up();
        let desk = Desk::new(fixture.open());
        let engine = Engine::start(EngineOptions::default()).unwrap();
        let repository = Repository::open_served(&engine, desk.clone()).unwrap();
        Self { fixture, desk, repository }
    }
}

#[test]
fn what_a_server_shows_reads_as_it_lies_there_and_nothing_else_shows() {
    let Bench { fixture, desk, repository } = Bench::new();
    let root = fixture.root(&repository);
    assert!(read_all(&repository, root, "big", 1 << 20) == noise(1, 20 << 20), "a file of many blobs");
    let directory = repository.directory(root).unwrap();
    assert!(directory.find(b"text").is_none(), "what is hidden is not there");
    let folder = directory.find(b"folder").unwrap();
    assert_eq!((folder.kind(), folder.mode(), folder.mtime().seconds), (NodeKind::Dir, 0o40_555, 0));
    let before = desk.requests.load(Ordering::SeqCst);
    let below = folder.subtree().unwrap();
    for number in 0..300_u64 {
        let content = read_all(&repository, below, &format!("{number:03}"), 4096);
        assert_eq!(content, noise(number, number as usize * 7));
    }
    let small = repository.directory(below).unwrap();
    assert_eq!(small.len(), 301);
    // A second look costs no request.
    let asked = desk.requests.load(Ordering::SeqCst);
    assert!(asked - before <= 301);
    read_all(&repository, below, "299", 4096);
    assert_eq!(desk.requests.load(Ordering::SeqCst), asked);
}

#[test]
fn small_files_that_are_wanted_together_are_asked_for_together() {
    let Bench { fixture, desk, repository } = Bench::new();
    let path = SnapshotPath::parse(b"/folder").unwrap();
    let below = repository.resolve(fixture.root(&repository), &path).unwrap().tree().unwrap();
    let directory = repository.directory(below).unwrap();
    let blobs: Vec<BlobId> = directory.iter().flat_map(|node| node.content().to_vec()).collect();
    let before = desk.requests.load(Ordering::SeqCst);
    repository.prefetch_blobs(&blobs, bygone_vault::Priority::Prefetch);
    read_all(&repository, below, "299", 4096);
    let asked = desk.requests.load(Ordering::SeqCst) - before;
    assert!(asked <= blobs.len() / DRIVE_IDS_MAX + 2, "{asked}");
}

#[test]
fn a_server_that_goes_away_fails_reads_until_it_returns() {
    let Bench { fixture, desk, repository } = Bench::new();
    let root = fixture.root(&repository);
    let directory = repository.directory(root).unwrap();
    let reader = Arc::new(repository.file(directory.find(b"empty").unwrap()).unwrap());
    assert_eq!(reader.read_at(0, &mut [0; 8]).unwrap(), 0);
    let reader = Arc::new(repository.file(directory.find(b"big").unwrap()).unwrap());
    desk.is_away.store(true, Ordering::SeqCst);
    let error = reader.read_at(10 << 20, &mut [0; 8]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(repository.refresh().is_ok(), "snapshots are asked for otherwise");
    desk.is_away.store(false, Ordering::SeqCst);
    assert_eq!(reader.read_at(10 << 20, &mut [0; 8]).unwrap(), 8);
}

#[test]
fn blobs_of_another_length_are_errors_and_never_wrong_bytes() {
    let Bench { fixture, desk, repository } = Bench::new();
    desk.lies.store(true, Ordering::SeqCst);
    let directory = repository.directory(fixture.root(&repository)).unwrap();
    let big = Arc::new(repository.file(directory.find(b"big").unwrap()).unwrap());
    for _ in 0..2 {
        assert_eq!(big.read_at(0, &mut [0; 4096]).unwrap_err().kind(), ErrorKind::Damaged);
    }
    let folder = repository.directory(directory.find(b"folder").unwrap().subtree().unwrap()).unwrap();
    let small = Arc::new(repository.file(folder.find(b"100").unwrap()).unwrap());
    assert_eq!(small.read_at(0, &mut [0; 4096]).unwrap_err().kind(), ErrorKind::Damaged);
}
