//! Bad repositories: the error names the thing, the damage stays with the files concerned, nobody hangs.

use std::fs;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bygone_common::PackId;
use bygone_vault::backend::faulty::{Fault, Faulty};
use bygone_vault::{BlobLocation, EngineOptions, ErrorKind, Repository};

use crate::fixture::{Fixture, noise, read_all};

/// Where the first blob of a file lies.
fn place(fixture: &Fixture, repository: &Repository, name: &str) -> BlobLocation {
    let directory = repository.directory(fixture.root(repository)).unwrap();
    repository.locate(directory.find(name.as_bytes()).unwrap().content()[0]).unwrap()
}

fn pack_path(fixture: &Fixture, pack: PackId) -> PathBuf {
    let name = pack.to_string();
    fixture.repository().join("data").join(&name[..2]).join(name)
}

fn flip(path: &Path, offset: u64) {
    let file = fs::File::options().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, offset).unwrap();
    file.write_all_at(&[byte[0] ^ 1], offset).unwrap();
}

fn read_error(fixture: &Fixture, repository: &Repository, name: &str) -> bygone_vault::Error {
    let directory = repository.directory(fixture.root(repository)).unwrap();
    let reader = Arc::new(repository.file(directory.find(name.as_bytes()).unwrap()).unwrap());
    reader.read_at(0, &mut vec![0; 1 << 20]).unwrap_err()
}

#[test]
fn a_flipped_bit_is_an_error_that_names_blob_and_pack_and_spares_other_files() {
    let fixture = Fixture::backed_up();
    let repository = fixture.open();
    let place = place(&fixture, &repository, "big");
    flip(&pack_path(&fixture, place.pack), u64::from(place.offset) + 1000);
    let error = read_error(&fixture, &repository, "big");
    assert_eq!(error.kind(), ErrorKind::Damaged);
    assert!(error.chain().contains(&place.pack.to_string()), "{}", error.chain());
    assert!(error.chain().contains("authentication tag"), "{}", error.chain());
    let text = read_all(&repository, fixture.root(&repository), "text", 1 << 16);
    assert!(text == fs::read(fixture.source().join("text")).unwrap());
}

#[test]
fn a_missing_pack_and_a_truncated_pack_are_errors_of_the_files_in_them() {
    let fixture = Fixture::backed_up();
    let repository = fixture.open();
    let place = place(&fixture, &repository, "big");
    let path = pack_path(&fixture, place.pack);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..place.offset as usize + 10]).unwrap();
    assert_eq!(read_error(&fixture, &repository, "big").kind(), ErrorKind::Damaged);
    fs::remove_file(&path).unwrap();
    let repository = fixture.open();
    let error = read_error(&fixture, &repository, "big");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.chain().contains(&place.pack.to_string()), "{}", error.chain());
    // What comes back is read again: no error is remembered.
    fs::write(&path, &whole).unwrap();
    assert!(read_all(&repository, fixture.root(&repository), "big", 1 << 20) == noise(1, 20 << 20));
}

#[test]
fn a_damaged_index_file_is_passed_over_and_named() {
    let fixture = Fixture::backed_up();
    fs::write(fixture.source().join("later"), noise(99, 3000)).unwrap();
    fixture.restic(&["backup", fixture.source().to_str().unwrap()]);
    let mut indexes: Vec<_> = fs::read_dir(fixture.repository().join("index")).unwrap().map(|e| e.unwrap()).collect();
    indexes.sort_by_key(|entry| entry.metadata().unwrap().modified().unwrap());
    flip(&indexes[0].path(), 50);
    let repository = fixture.open();
    let damaged = repository.damaged_index_files();
    assert_eq!(damaged.len(), 1);
    assert_eq!(damaged[0].0.to_string(), indexes[0].file_name().to_str().unwrap());
    assert!(read_all(&repository, fixture.root(&repository), "later", 1000) == noise(99, 3000));
}

#[test]
fn a_damaged_snapshot_file_is_passed_over_and_named() {
    let fixture = Fixture::backed_up();
    fixture.restic(&["backup", fixture.source().to_str().unwrap()]);
    let victim = fixture.open().snapshots()[0].id;
    flip(&fixture.repository().join("snapshots").join(victim.to_string()), 20);
    let repository = fixture.open();
    assert_eq!(repository.snapshots().len(), 1);
    assert_eq!(repository.damaged_snapshots()[0].0, victim);
}

#[test]
fn a_newer_format_is_refused_by_its_number() {
    let error = bygone_vault::config::Config::parse(
        format!(r#"{{"version":3,"id":"{}","chunker_polynomial":"1"}}"#, "0".repeat(64)).as_bytes(),
    )
    .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(error.chain(), "the repository has format version 3; this program reads versions 1 to 2");
}

#[test]
fn a_backend_that_goes_away_in_the_middle_fails_reads_until_it_returns() {
    let fixture = Fixture::backed_up();
    let away = Arc::new(AtomicBool::new(false));
    let its = away.clone();
    let backend = Arc::new(Faulty::new(fixture.backend(), move |_| {
        its.load(Ordering::Relaxed).then_some(Fault::Fail(ErrorKind::Unavailable))
    }));
    let repository = fixture.open_over(backend, "secret", EngineOptions::default()).unwrap();
    let root = fixture.root(&repository);
    repository.directory(root).unwrap();
    away.store(true, Ordering::Relaxed);
    assert_eq!(read_error(&fixture, &repository, "big").kind(), ErrorKind::Unavailable);
    assert!(repository.refresh().is_err());
    assert_eq!(repository.snapshots().len(), 1);
    away.store(false, Ordering::Relaxed);
    // What was asked for ahead while it was away may still fail whoever joins it: the next try succeeds.
    let directory = repository.directory(root).unwrap();
    let reader = Arc::new(repository.file(directory.find(b"big").unwrap()).unwrap());
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let mut content = vec![0; 20 << 20];
    while let Err(error) = reader.read_at(0, &mut content) {
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(std::time::Instant::now() < deadline, "it has returned long ago");
    }
    assert!(content == noise(1, 20 << 20));
}

#[test]
fn bytes_that_are_not_those_of_their_id_are_refused_when_ids_are_strict() {
    // Two blobs of equal stored length change places: every tag fits, every id is wrong.
    let fixture = Fixture::new("1");
    fs::create_dir_all(fixture.source()).unwrap();
    fs::write(fixture.source().join("one"), noise(1, 5000)).unwrap();
    fs::write(fixture.source().join("two"), noise(2, 5000)).unwrap();
    fixture.restic(&["backup", fixture.source().to_str().unwrap()]);
    let repository = fixture.open();
    let (one, two) = (place(&fixture, &repository, "one"), place(&fixture, &repository, "two"));
    assert_eq!((one.pack, one.length), (two.pack, two.length), "the fixture puts both into one pack");
    let path = pack_path(&fixture, one.pack);
    let mut bytes = fs::read(&path).unwrap();
    let range = |place: &BlobLocation| place.offset as usize..place.end() as usize;
    let (first, second) = (bytes[range(&one)].to_vec(), bytes[range(&two)].to_vec());
    bytes[range(&one)].copy_from_slice(&second);
    bytes[range(&two)].copy_from_slice(&first);
    fs::write(&path, bytes).unwrap();
    let strict = EngineOptions { strict_ids: true, ..EngineOptions::default() };
    let repository = fixture.open_over(fixture.backend(), "secret", strict).unwrap();
    let error = read_error(&fixture, &repository, "one");
    assert!(error.chain().contains("not those of its id"), "{}", error.chain());
    // Otherwise they are found out off the critical path, and then refused for good.
    let repository = fixture.open();
    let directory = repository.directory(fixture.root(&repository)).unwrap();
    let reader = Arc::new(repository.file(directory.find(b"two").unwrap()).unwrap());
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while reader.read_at(0, &mut [0; 5000]).is_ok() {
        assert!(std::time::Instant::now() < deadline, "the wrong blob is given out for ever");
        std::thread::yield_now();
    }
}
