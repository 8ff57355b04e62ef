//! Repositories that rustic wrote: another program, other habits (no metadata of the source's root, packs of other sizes,
//! packs marked for deletion).

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::Path;
use std::sync::Arc;

use bygone_common::{Secret, SnapshotPath, TreeId};
use bygone_vault::backend::{self, BackendOptions};
use bygone_vault::{Engine, EngineOptions, NodeKind, OpenOptions, Repository, Unlock};
use rustic_core::{
    BackupOptions, ConfigOptions, Credentials, KeyOptions, PathList, RepositoryBackends, RepositoryOptions,
    SnapshotOptions,
};

use crate::fixture::{Fixture, noise, write_source};

const PASSWORD: &str = "secret";

fn rustic(folder: &Path) -> rustic_core::Repository<()> {
    let storage = Arc::new(rustic_backend::LocalBackend::new(folder.to_str().unwrap(), []).unwrap());
    let options = RepositoryOptions::default().no_cache(true);
    rustic_core::Repository::new(&options, &RepositoryBackends::new(storage, None)).unwrap()
}

fn init(folder: &Path) {
    let password = Credentials::Password(PASSWORD.to_owned());
    rustic(folder).init(&password, &KeyOptions::default(), &ConfigOptions::default()).unwrap();
}

fn back_up(folder: &Path, source: &Path) {
    let repository =
        rustic(folder).open(&Credentials::Password(PASSWORD.to_owned())).unwrap().to_indexed_ids().unwrap();
    let paths = PathList::from_iter([source.to_owned()]);
    let snapshot = SnapshotOptions::default().host("web".to_owned()).to_snapshot().unwrap();
    repository.backup(&BackupOptions::default(), &paths, snapshot).unwrap();
}

fn open(folder: &Path) -> Repository {
    let engine = Engine::start(EngineOptions::default()).unwrap();
    let storage =
        backend::open(&folder.to_str().unwrap().parse().unwrap(), &BackendOptions::default()).unwrap().backend;
    Repository::open(&engine, storage, Unlock::Password(Secret::new(PASSWORD.to_owned())), OpenOptions::default())
        .unwrap()
}

/// Every entry of the source is in the snapshot, with its kind, size, mode, times, owner and content.
fn assert_same(repository: &Repository, tree: TreeId, source: &Path) {
    let directory = repository.directory(tree).unwrap();
    assert_eq!(directory.len(), fs::read_dir(source).unwrap().count(), "{}", source.display());
    for entry in fs::read_dir(source).unwrap() {
        let path = entry.unwrap().path();
        let metadata = path.symlink_metadata().unwrap();
        let name = path.file_name().unwrap().as_bytes();
        let node = directory.find(name).unwrap_or_else(|| panic!("{} is missing", path.display()));
        let kind = metadata.file_type();
        assert_eq!(node.kind() == NodeKind::Dir, kind.is_dir());
        assert_eq!(node.kind() == NodeKind::Fifo, kind.is_fifo());
        assert_eq!(node.mode(), metadata.mode(), "{}", path.display());
        assert_eq!((node.uid(), node.gid()), (metadata.uid(), metadata.gid()));
        assert_eq!(node.mtime().seconds, metadata.mtime());
        assert_eq!(i64::from(node.mtime().nanos), metadata.mtime_nsec());
        if kind.is_dir() {
            assert_same(repository, node.subtree().unwrap(), &path);
        } else if kind.is_symlink() {
            assert_eq!(node.link_target(), fs::read_link(&path).unwrap().as_os_str().as_bytes());
        } else if kind.is_file() {
            let mut content = vec![0; metadata.len() as usize + 1];
            let reader = Arc::new(repository.file(node).unwrap());
            let count = reader.read_at(0, &mut content).unwrap();
            assert!(content[..count] == fs::read(&path).unwrap(), "{}", path.display());
        }
    }
}

/// Two snapshots that rustic takes of a source come back, from an empty repository of that format.
fn reads_what_rustic_wrote(repository: &Path, source: &Path, version: u32) {
    write_source(source);
    std::os::unix::fs::symlink("folder/000", source.join("link")).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, source.join("pipe"), rustix::fs::FileType::Fifo, 0o640.into(), 0).unwrap();
    fs::write(source.join(std::ffi::OsStr::from_bytes(b"n\xffot utf-8 \\ \"q\"")), "odd").unwrap();
    back_up(repository, source);
    fs::write(source.join("second"), noise(77, 3 << 20)).unwrap();
    back_up(repository, source);
    let opened = open(repository);
    assert_eq!((opened.version(), opened.snapshots().len()), (version, 2));
    let snapshot = opened.snapshots()[1].clone();
    assert_eq!(snapshot.hostname, "web");
    let path = SnapshotPath::parse(source.as_os_str().as_bytes()).unwrap();
    let root = opened.resolve(snapshot.tree, &path).unwrap().tree().unwrap();
    assert_same(&opened, root, source);
}

#[test]
fn reads_what_rustic_wrote_into_a_repository_of_format_1() {
    // rustic makes repositories of the newest format only.
    let fixture = Fixture::new("1");
    reads_what_rustic_wrote(&fixture.repository(), &fixture.source(), 1);
}

#[test]
fn reads_what_rustic_wrote_into_a_repository_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let repository = folder.path().join("repository");
    init(&repository);
    reads_what_rustic_wrote(&repository, &folder.path().join("source"), 2);
}
