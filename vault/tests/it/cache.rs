//! What lies in the cache folder is derived: torn, foreign or missing, it costs time and never an answer.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bygone_vault::backend::{Backend, FileId, FileKind, Listed, SharedBackend};
use bygone_vault::{EngineOptions, Repository};

use crate::fixture::{Fixture, noise, read_all};

/// A local repository that counts as remote, and counts what is read of it.
#[derive(Debug)]
struct FarAway {
    near: SharedBackend,
    pack_reads: AtomicU64,
    snapshot_reads: AtomicU64,
}

impl FarAway {
    fn new(near: SharedBackend) -> Arc<Self> {
        Arc::new(Self { near, pack_reads: AtomicU64::new(0), snapshot_reads: AtomicU64::new(0) })
    }

    fn count(&self, file: FileId) {
        match file.kind {
            FileKind::Pack => self.pack_reads.fetch_add(1, Ordering::Relaxed),
            FileKind::Snapshot => self.snapshot_reads.fetch_add(1, Ordering::Relaxed),
            _ => 0,
        };
    }
}

impl Backend for FarAway {
    fn location(&self) -> String {
        self.near.location()
    }
    fn is_remote(&self) -> bool {
        true
    }
    fn list(&self, kind: FileKind) -> bygone_vault::Result<Vec<Listed>> {
        self.near.list(kind)
    }
    fn read(&self, file: FileId) -> bygone_vault::Result<Vec<u8>> {
        self.count(file);
        self.near.read(file)
    }
    fn read_at(&self, file: FileId, offset: u64, buffer: &mut [u8]) -> bygone_vault::Result<()> {
        self.count(file);
        self.near.read_at(file, offset, buffer)
    }
}

/// Lists both folders of the source.
fn list(fixture: &Fixture, repository: &Repository) -> usize {
    let root = fixture.root(repository);
    let directory = repository.directory(root).unwrap();
    let folder = directory.find(b"folder").unwrap().subtree().unwrap();
    directory.len() + repository.directory(folder).unwrap().len()
}

fn files_below(folder: PathBuf) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files
}

#[test]
fn directories_of_a_remote_repository_are_fetched_once_for_ever() {
    let fixture = Fixture::backed_up();
    let far = FarAway::new(fixture.backend());
    let open = || fixture.open_over(far.clone(), "secret", EngineOptions::default()).unwrap();
    let entries = list(&fixture, &open());
    let reads = far.pack_reads.load(Ordering::Relaxed);
    assert!(reads > 0);
    assert_eq!(list(&fixture, &open()), entries);
    assert_eq!(far.pack_reads.load(Ordering::Relaxed), reads);
    assert_eq!(far.snapshot_reads.load(Ordering::Relaxed), 1);
}

#[test]
fn no_plaintext_of_the_repository_lies_in_the_cache() {
    let fixture = Fixture::backed_up();
    let far = FarAway::new(fixture.backend());
    let repository = fixture.open_over(far, "secret", EngineOptions::default()).unwrap();
    list(&fixture, &repository);
    read_all(&repository, fixture.root(&repository), "text", 1 << 20);
    let files = files_below(fixture.cache());
    assert!(files.len() >= 3, "{files:?}");
    for file in files {
        let bytes = fs::read(&file).unwrap();
        for word in ["a line of text", "folder", "nodes", "hostname"] {
            let found = bytes.windows(word.len()).any(|window| window == word.as_bytes());
            assert!(!found, "{} holds {word:?}", file.display());
        }
    }
}

#[test]
fn rubbish_in_the_cache_is_dropped_and_made_anew() {
    let fixture = Fixture::backed_up();
    let far = FarAway::new(fixture.backend());
    let open = || fixture.open_over(far.clone(), "secret", EngineOptions::default()).unwrap();
    let entries = list(&fixture, &open());
    for damage in ["flipped", "truncated", "foreign", "empty"] {
        for file in files_below(fixture.cache()) {
            let mut bytes = fs::read(&file).unwrap();
            match damage {
                "flipped" => bytes.iter_mut().for_each(|byte| *byte ^= 0x40),
                "truncated" => bytes.truncate(bytes.len() / 2),
                "foreign" => bytes = b"#!/bin/sh\n".to_vec(),
                _ => bytes.clear(),
            }
            fs::write(&file, bytes).unwrap();
        }
        let repository = open();
        assert_eq!(list(&fixture, &repository), entries, "{damage}");
        assert!(read_all(&repository, fixture.root(&repository), "big", 1 << 20) == noise(1, 20 << 20), "{damage}");
    }
}

#[test]
fn a_cache_folder_that_cannot_be_made_is_done_without() {
    let fixture = Fixture::backed_up();
    fs::write(fixture.cache(), "a file where the folder should be").unwrap();
    let far = FarAway::new(fixture.backend());
    let repository = fixture.open_over(far, "secret", EngineOptions::default()).unwrap();
    assert!(list(&fixture, &repository) > 300);
    assert!(read_all(&repository, fixture.root(&repository), "big", 1 << 20) == noise(1, 20 << 20));
}
