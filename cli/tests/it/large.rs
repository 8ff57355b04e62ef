//! Repositories that are large in one way: a file beyond 4 GiB, folders of a million files, hundreds of snapshots.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::{FileExt, MetadataExt};

use bygone_tests::heavy::{large_file, large_folders, many_snapshots};
use rustix::fs::SeekFrom;
use rustix::io::Errno;
use serde_json::Value;

use crate::fixture::{Fixture, tests_folder};

#[test]
fn a_part_beyond_4_gib_is_what_lies_there() {
    let fixture = Fixture::over(large_file::repository(tests_folder()));
    let model = large_file::Model::new();
    let what = format!("latest:/{}", large_file::NAME);
    let cat = |offset: u64, length: u64| {
        let (offset, length) = (offset.to_string(), length.to_string());
        fixture.bygone(&["cat", &what, "--offset", &offset, "--length", &length]).bytes()
    };
    let around = (1_u64 << 32) - 12_345;
    assert!(cat(around, 1 << 20) == model.part(around, 1 << 20));
    let last = large_file::BYTES - 1_000_000;
    assert!(cat(last, 2_000_000) == model.part(last, 1_000_000));
    assert!(cat(large_file::BYTES, 10).is_empty());
    let tail = fixture.bygone(&["cat", &what, "--offset", "5G"]).bytes();
    assert!(tail == model.part(5 << 30, 1 << 20) && tail.len() == 12_345);
    let listed = fixture.bygone(&["ls", &what, "--json"]).json_lines();
    assert_eq!(listed.last().unwrap()["size"], large_file::BYTES);
}

#[test]
fn a_file_beyond_4_gib_is_restored_with_its_holes() {
    let fixture = Fixture::over(large_file::repository(tests_folder()));
    // Beside the repository, where there is room should the holes not become holes.
    let target = tempfile::tempdir_in(tests_folder()).unwrap();
    let report =
        fixture.bygone(&["restore", "latest", "--sparse", "--json", "--target"]).argument(target.path()).json();
    assert_eq!((&report["files"], &report["bytes"]), (&1.into(), &large_file::BYTES.into()));
    let path = target.path().join(large_file::NAME);
    let metadata = fs::metadata(&path).unwrap();
    assert_eq!(metadata.len(), large_file::BYTES);
    let (stored, noise) = (metadata.blocks() * 512, large_file::NOISE_BYTES);
    assert!((noise..noise + (1 << 20)).contains(&stored), "{stored} bytes are stored");
    let (file, model) = (File::open(path).unwrap(), large_file::Model::new());
    let mut buffer = vec![0; 1 << 20];
    for offset in (0..large_file::BYTES).step_by(buffer.len()) {
        let len = buffer.len().min(usize::try_from(large_file::BYTES - offset).unwrap());
        // The kernel takes a second for each 300 MiB of holes that are read: it is asked where they are.
        match rustix::fs::seek(&file, SeekFrom::Data(offset)) {
            Ok(data) if data < offset + len as u64 => file.read_exact_at(&mut buffer[..len], offset).unwrap(),
            Ok(_) | Err(Errno::NXIO) => buffer[..len].fill(0),
            Err(error) => panic!("{error}"),
        }
        model.check(offset, &buffer[..len]);
    }
}

#[test]
fn a_folder_of_a_million_is_listed_whole() {
    let fixture = Fixture::over(large_folders::repository(tests_folder()));
    for (folder, files) in large_folders::FOLDERS {
        let listed = fixture.bygone(&["ls", &format!("latest:/{folder}")]).text();
        let mut names: Vec<&str> = listed.lines().collect();
        assert_eq!(names.len(), files);
        names.sort_unstable();
        for (number, name) in names.into_iter().enumerate() {
            assert_eq!(name, large_folders::file_name(number));
        }
    }
    let last = large_folders::file_name(999_999);
    assert_eq!(fixture.bygone(&["cat", &format!("latest:/million/{last}")]).text(), large_folders::content(999_999));
    let told = fixture.bygone(&["cat", &format!("latest:/million/{last}x")]).fails(1);
    assert!(told.contains("does not exist"), "{told}");
    let found = fixture.bygone(&["find", &large_folders::file_name(77_777)]).lines();
    assert_eq!(found.len(), 2, "{found:?}");
}

/// The ids that `bygone snapshots` lists, in its order.
fn ids(fixture: &Fixture, arguments: &[&str]) -> Vec<String> {
    let listed = fixture.bygone(&[&["snapshots", "--json"], arguments].concat()).json();
    listed.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn hundreds_of_snapshots_are_listed_and_selected() {
    let (repository, told) = many_snapshots::repository(tests_folder());
    let fixture = Fixture::over(repository);
    let told: Vec<Value> = serde_json::from_str(&told).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of = |wanted: &dyn Fn(&Value) -> bool| -> BTreeSet<String> {
        told.iter().filter(|one| wanted(one)).map(|one| text(&one["id"])).collect()
    };
    let has_tag = |one: &Value, tag: &str| one["tags"].as_array().unwrap().iter().any(|has| has == tag);
    let set = |arguments: &[&str]| -> BTreeSet<String> { ids(&fixture, arguments).into_iter().collect() };

    let all = ids(&fixture, &[]);
    assert_eq!(all.len(), many_snapshots::SNAPSHOTS);
    assert_eq!(all.iter().cloned().collect::<BTreeSet<_>>(), of(&|_| true));
    let time_of = |id: &String| text(&told.iter().find(|one| one["id"] == **id).unwrap()["time"]);
    assert!(all.iter().map(time_of).is_sorted());
    assert_eq!(
        fixture.bygone(&["snapshots"]).lines().last().unwrap(),
        &format!("{} snapshots", many_snapshots::SNAPSHOTS)
    );
    assert_eq!(set(&["--host", "copy-3"]), of(&|one| one["hostname"] == "copy-3"));
    assert_eq!(set(&["--tag", "full"]), of(&|one| has_tag(one, "full")));
    assert_eq!(set(&["--tag", "full,rewrite"]), of(&|one| has_tag(one, "full") && has_tag(one, "rewrite")));
    assert_eq!(ids(&fixture, &["--latest", "1"]).len(), many_snapshots::HOSTS.len() + many_snapshots::NEW_HOSTS.len());

    let day = |snapshot: &str, arguments: &[&str]| {
        let what = format!("{snapshot}:/{}", many_snapshots::FILE);
        fixture.bygone(&["cat", &what]).arguments(arguments).text()
    };
    let last = many_snapshots::DAYS - 1;
    assert_eq!(day("latest", &[]), many_snapshots::content(last));
    // Of each day there are as many snapshots as any other has.
    let each = many_snapshots::SNAPSHOTS / many_snapshots::DAYS;
    assert_eq!(day(&format!("latest~{each}"), &[]), many_snapshots::content(last - 1));
    assert_eq!(day(&format!("latest~{}", many_snapshots::SNAPSHOTS - 1), &[]), many_snapshots::content(0));
    // That host saved the last day, and every third one.
    assert_eq!(day("latest~2", &["--host", "bob-pc"]), many_snapshots::content(last - 6));
    assert_eq!(day("@2026-10-07T23:00", &[]), many_snapshots::content(6));
    for id in all.iter().step_by(97) {
        let expected = (0..=last).find(|day| many_snapshots::time(*day) == time_of(id)).unwrap();
        assert_eq!(day(&id[..8], &[]), many_snapshots::content(expected), "{id}");
    }
    let told = fixture.bygone(&["ls", &format!("latest~{}", many_snapshots::SNAPSHOTS)]).fails(1);
    assert!(told.starts_with("bygone: "), "{told}");
    // Sixteen digits stand at the head of hundreds of ids.
    let told = fixture.bygone(&["ls", &all[0][..1]]).fails(1);
    assert!(told.contains(" snapshots: "), "{told}");

    let history = fixture.bygone(&["history", many_snapshots::FILE, "--json"]).json();
    assert_eq!(history["versions"].as_array().unwrap().len(), many_snapshots::DAYS);
}
