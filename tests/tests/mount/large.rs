//! Repositories that are large in one way: a file beyond 4 GiB, folders of a million files, hundreds of snapshots.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;

use bygone_fs::View;
use bygone_tests::heavy::{large_file, large_folders, many_snapshots};
use serde_json::Value;

use crate::fixture::{Fixture, Server};

/// Where what is dear to make is kept.
fn kept() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

#[test]
fn a_file_beyond_4_gib_is_right_at_every_place() {
    let fixture = Fixture::over(large_file::repository(kept()));
    let server = Server::start(&fixture, &["latest"]);
    let path = server.mountpoint().join(large_file::NAME);
    assert_eq!(fs::metadata(&path).unwrap().len(), large_file::BYTES);
    let (file, model) = (File::open(&path).unwrap(), large_file::Model::new());
    let mut buffer = vec![0; 1 << 20];
    // Here and there, as a program that seeks reads.
    for edge in model.edges().chain([5 << 28, 11 << 28]) {
        for (before, len) in [(1, 2), (4097, 8191), (300_000, 1 << 20)] {
            let Some(offset) = edge.checked_sub(before) else { continue };
            let expected = model.part(offset, len);
            let read = read_whole(&file, &mut buffer[..len], offset);
            assert!(buffer[..read] == expected, "{len} bytes at {offset}");
        }
    }
    // And all of it, in order.
    let (mut file, mut offset) = (file, 0);
    loop {
        let read = file.read(&mut buffer).unwrap();
        if read == 0 {
            break;
        }
        model.check(offset, &buffer[..read]);
        offset += read as u64;
    }
    assert_eq!(offset, large_file::BYTES);
    let peak = server.peak_bytes();
    assert!(peak <= 256 << 20, "{} MiB for one file", peak >> 20);
}

/// Reads until the buffer is full or the file ends; how much was read.
fn read_whole(file: &File, buffer: &mut [u8], offset: u64) -> usize {
    let mut read = 0;
    while read < buffer.len() {
        match file.read_at(&mut buffer[read..], offset + read as u64).unwrap() {
            0 => break,
            more => read += more,
        }
    }
    read
}

#[test]
fn folders_of_a_million_files_are_listed_whole_in_bounded_memory() {
    let fixture = Fixture::over(large_folders::repository(kept()));
    let server = Server::start(&fixture, &["latest"]);
    for (folder, files) in large_folders::FOLDERS {
        let folder = server.mountpoint().join(folder);
        // What is looked up before a listing, in it, and after it.
        check_some(&folder, files, 11);
        let mut listing = fs::read_dir(&folder).unwrap();
        let first = listing.next().unwrap().unwrap();
        assert!(first.file_type().unwrap().is_file());
        check_some(&folder, files, 13);
        let rest = listing.map(|entry| entry.unwrap().file_name());
        let mut listed: Vec<_> = rest.chain([first.file_name()]).collect();
        assert_eq!(listed.len(), files);
        listed.sort_unstable();
        // Sorted and as many, so equal in place means that each comes once.
        for (number, name) in listed.iter().enumerate() {
            assert_eq!(name.to_str(), Some(large_folders::file_name(number).as_str()));
        }
        check_some(&folder, files, 17);
        check_missing(&folder, files);
    }
    let held: usize = large_folders::FOLDERS.iter().map(|(_, files)| files).sum();
    let (peak, allowed) = (server.peak_bytes(), (256 << 20) + 64 * held as u64);
    assert!(peak <= allowed, "{} MiB, {} MiB are allowed", peak >> 20, allowed >> 20);
}

/// Looks at some of the files, in an order without order, and reads those that hold something.
fn check_some(folder: &Path, files: usize, seed: usize) {
    for step in 0..400 {
        let number = (step * 7_654_321 + seed * 104_729) % files;
        let metadata = fs::symlink_metadata(folder.join(large_folders::file_name(number))).unwrap();
        assert!(metadata.is_file());
        assert_eq!((metadata.len(), metadata.nlink()), (large_folders::content(number).len() as u64, 1), "{number}");
    }
    for number in (49_999..files).step_by(50_000).chain([0, files - 1]) {
        let text = fs::read_to_string(folder.join(large_folders::file_name(number))).unwrap();
        assert_eq!(text, large_folders::content(number));
    }
}

fn check_missing(folder: &Path, files: usize) {
    let before_all = "entry".to_owned();
    let (cut, longer) = (large_folders::file_name(5)[..13].to_owned(), large_folders::file_name(7) + "x");
    for name in [before_all, cut, longer, large_folders::file_name(files), "zzz".to_owned(), "ENTRY 0000000".to_owned()]
    {
        let error = fs::symlink_metadata(folder.join(&name)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{name}");
    }
}

/// What restic says of a snapshot: id, time, host, tags.
struct Told {
    id: String,
    time: String,
    host: String,
    tags: Vec<String>,
}

fn told(listed: &str) -> Vec<Told> {
    let listed: Vec<Value> = serde_json::from_str(listed).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let tags = |one: &Value| one["tags"].as_array().into_iter().flatten().map(text).collect();
    let told = |one: Value| Told {
        id: text(&one["id"]),
        time: text(&one["time"]),
        host: text(&one["hostname"]),
        tags: tags(&one),
    };
    listed.into_iter().map(told).collect()
}

/// What a folder of times must hold: each time, with a number from its second snapshot on, and the link to the newest.
fn times<'a>(told: impl IntoIterator<Item = &'a Told>) -> Vec<String> {
    let mut counts = BTreeMap::new();
    told.into_iter().for_each(|one| *counts.entry(one.time.as_str()).or_insert(0) += 1);
    let numbered = |(time, count): (&str, u32)| -> Vec<String> {
        let more = (1..count).map(|number| format!("{time}-{number}"));
        std::iter::once(time.to_owned()).chain(more).collect()
    };
    let mut names: Vec<String> = counts.into_iter().flat_map(numbered).chain(["latest".to_owned()]).collect();
    names.sort_unstable();
    names
}

#[test]
fn hundreds_of_snapshots_are_shown_in_every_folder() {
    let (repository, listed) = many_snapshots::repository(kept());
    let told = told(&listed);
    assert_eq!(told.len(), many_snapshots::SNAPSHOTS);
    let fixture = Fixture::over(repository);
    let mount = fixture.mount("mnt", View::all(), |_| {});
    let day = |snapshot: &Path| fs::read_to_string(snapshot.join(many_snapshots::FILE)).unwrap();

    let mut ids: Vec<_> = told.iter().map(|one| one.id[..8].to_owned()).collect();
    ids.sort_unstable();
    assert_eq!(names(&mount.join("ids")), ids);
    for one in &told {
        let number = (0..many_snapshots::DAYS).find(|number| many_snapshots::time(*number) == one.time).unwrap();
        assert_eq!(day(&mount.join("ids").join(&one.id[..8])), many_snapshots::content(number), "{}", one.id);
    }

    assert_eq!(names(&mount.join("snapshots")), times(&told));
    let hosts: BTreeSet<_> = told.iter().map(|one| one.host.clone()).collect();
    assert_eq!(hosts.len(), many_snapshots::HOSTS.len() + many_snapshots::NEW_HOSTS.len());
    assert_eq!(names(&mount.join("hosts")), hosts.iter().cloned().collect::<Vec<_>>());
    for host in &hosts {
        let of_host = told.iter().filter(|one| one.host == *host);
        assert_eq!(names(&mount.join("hosts").join(host)), times(of_host), "{host}");
    }
    let tags: BTreeSet<_> = told.iter().flat_map(|one| one.tags.clone()).collect();
    assert!(tags.contains("daily") && tags.contains("full"), "{tags:?}");
    for tag in &tags {
        let of_tag = told.iter().filter(|one| one.tags.contains(tag));
        assert_eq!(names(&mount.join("tags").join(tag)), times(of_tag), "{tag}");
    }

    let newest = many_snapshots::content(many_snapshots::DAYS - 1);
    assert_eq!(day(&mount.join("snapshots/latest")), newest);
    for (number, host) in many_snapshots::HOSTS.iter().enumerate() {
        let last = (0..many_snapshots::DAYS).rev().find(|day| day % many_snapshots::HOSTS.len() == number).unwrap();
        assert_eq!(day(&mount.join("hosts").join(host).join("latest")), many_snapshots::content(last), "{host}");
    }
    for day_number in 0..many_snapshots::DAYS {
        let folder = mount.join("snapshots").join(many_snapshots::time(day_number) + "-3");
        assert_eq!(day(&folder), many_snapshots::content(day_number));
    }
}
