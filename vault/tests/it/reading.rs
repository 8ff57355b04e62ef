//! Directories and files as restic stored them.

use std::fs;
use std::sync::Arc;

use bygone_vault::{EngineOptions, ErrorKind, NodeKind, PartRead, Pieces, read_together};

use crate::fixture::{Fixture, noise, read_all, write_source};

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

#[test]
fn any_range_read_by_any_thread_is_that_range_of_the_file() {
    let fixture = Fixture::new("2");
    write_source(&fixture.source());
    fixture.restic(&["backup", fixture.source().to_str().unwrap()]);
    // Little memory, so that blobs are evicted and fetched again meanwhile.
    let small = EngineOptions { memory_bytes: 64 << 20, ..EngineOptions::default() };
    let repository = fixture.open_over(fixture.backend(), "secret", small).unwrap();
    let whole = noise(1, 20 << 20);
    let directory = repository.directory(fixture.root(&repository)).unwrap();
    let reader = Arc::new(repository.file(directory.find(b"big").unwrap()).unwrap());
    assert!(reader.blobs().len() > 5, "the file must have several blobs");
    let starts: Vec<u64> =
        noise(5, 8 * 600).chunks(8).map(|word| u64::from_le_bytes(word.try_into().unwrap())).collect();
    std::thread::scope(|scope| {
        for starts in starts.chunks(150) {
            let (reader, whole) = (&reader, &whole);
            scope.spawn(move || {
                for start in starts {
                    // Some begin or end past the end of the file, some are empty, some span several blobs.
                    let offset = start % (21 << 20);
                    let len = (start >> 40) as usize % if start % 5 == 0 { 4 << 20 } else { 9000 };
                    let mut buffer = vec![0; len];
                    let count = reader.read_at(offset, &mut buffer).unwrap();
                    let from = (offset as usize).min(whole.len());
                    let expected = &whole[from..(from + len).min(whole.len())];
                    assert!(buffer[..count] == *expected, "{offset} + {len}");
                }
            });
        }
    });
}

#[test]
fn parts_of_many_files_of_two_repositories_are_read_together() {
    let fixtures = [Fixture::new("2"), Fixture::new("1")];
    let (send, receive) = std::sync::mpsc::channel();
    let mut parts = Vec::new();
    for (which, fixture) in fixtures.iter().enumerate() {
        write_source(&fixture.source());
        fixture.restic(&["backup", fixture.source().to_str().unwrap()]);
        let repository = fixture.open();
        let root = repository.directory(fixture.root(&repository)).unwrap();
        let folder = repository.directory(root.find(b"folder").unwrap().subtree().unwrap()).unwrap();
        // One is asked for twice, and the first of all is empty.
        for number in (0..300).chain([299]) {
            let reader = repository.file(folder.find(format!("{number:03}").as_bytes()).unwrap()).unwrap();
            let (send, skip) = (send.clone(), number % 3);
            let then = Box::new(move |pieces: Result<Pieces, _>| {
                let mut read = Vec::new();
                pieces.unwrap().copy_to(&mut read);
                send.send((which, number, skip, read)).unwrap();
            });
            parts.push(PartRead { reader: Arc::new(reader), offset: skip, len: 1 << 20, then });
        }
    }
    drop(send);
    read_together(parts);
    let mut count = 0;
    for (_, number, skip, read) in receive {
        let whole = noise(number, number as usize * 7);
        assert!(read == whole[whole.len().min(skip as usize)..], "{number} from {skip} on");
        count += 1;
    }
    assert_eq!(count, 602);
}

#[test]
fn every_key_of_a_repository_opens_it() {
    let fixture = Fixture::new("2");
    let second = fixture.repository().join("second-password");
    fs::write(&second, "another").unwrap();
    fixture.restic(&["key", "add", "--new-password-file", second.to_str().unwrap()]);
    for password in ["secret", "another"] {
        assert!(fixture.open_with(password).is_ok(), "{password}");
    }
    assert_eq!(fixture.open_with("neither").unwrap_err().kind(), ErrorKind::WrongPassword);
}
