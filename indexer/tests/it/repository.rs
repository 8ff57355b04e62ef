//! Over a repository of stock restic: what its `ls` and `find` say, the index says.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bygone_common::Secret;
use bygone_indexer::{Index, Limits, Scope, SnapshotRef};
use bygone_tests::restic::Restic;
use bygone_tests::source_tree::{write_everything, write_many};
use bygone_vault::backend::{self, BackendOptions};
use bygone_vault::{Engine, EngineOptions, OpenOptions, Repository, Unlock};

use crate::fixture::{query, repository, source};

fn open(place: &Path) -> Repository {
    let backend = backend::open(&place.to_str().unwrap().parse().unwrap(), &BackendOptions::default()).unwrap().backend;
    let engine = Engine::start(EngineOptions::default()).unwrap();
    let unlock = Unlock::Password(Secret::new(bygone_tests::restic::PASSWORD.to_owned()));
    Repository::open(&engine, backend, unlock, OpenOptions::default()).unwrap()
}

/// Every file of a folder with its bytes.
fn bytes_of(folder: &Path) -> BTreeMap<std::path::PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(bytes_of(&path));
        } else {
            let bytes = fs::read(&path).unwrap();
            found.insert(path, bytes);
        }
    }
    found
}

#[test]
fn what_restic_lists_is_found_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (place, files) = (folder.path().join("repository"), folder.path().join("source"));
    fs::create_dir(&files).unwrap();
    write_everything(&files);
    write_many(&files.join("many"), 5, 20);
    let restic = Restic::new(place.to_str().unwrap());
    restic.init_and_back_up(&files);
    fs::write(files.join("many/added later.txt"), b"new").unwrap();
    restic.run(&["backup", files.to_str().unwrap()]);
    let before = bytes_of(&place);

    let opened = open(&place);
    let index = Index::open(&folder.path().join("index"), Limits::default()).unwrap();
    let mut snapshots = opened.snapshots().to_vec();
    snapshots.sort_by_key(|snapshot| snapshot.time);
    for snapshot in &snapshots {
        let reference = SnapshotRef {
            source: source(1),
            source_name: "Laptop".to_owned(),
            host: snapshot.hostname.clone(),
            repository: repository(1),
            snapshot: snapshot.id,
            time: snapshot.time,
            tree: snapshot.tree,
        };
        let done = index.ingest(&opened, &reference).unwrap();
        assert_eq!((done.broken_count, done.was_known), (0, false));
    }
    for (at, snapshot) in snapshots.iter().enumerate() {
        let mut listed: Vec<String> = restic
            .run(&["ls", "--json", &snapshot.id.to_string()])
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .filter_map(|line| line["path"].as_str().filter(|_| line["type"].is_string()).map(str::to_owned))
            .collect();
        listed.sort();
        let mut held = Vec::new();
        index.documents(|document| {
            if document.first.0 <= snapshot.time && snapshot.time <= document.last.0 {
                held.push(String::from_utf8_lossy(&document.path).into_owned());
            }
        });
        held.sort();
        assert_eq!(held, listed, "snapshot {at}");
    }
    let found = index.search(&query("\"added later\""), &Scope::everything(), &Default::default()).unwrap();
    assert_eq!(found.total, 1);
    assert_eq!(found.hits[0].first.copies[0].snapshot, snapshots[1].id);
    assert_eq!(bytes_of(&place), before);
}
