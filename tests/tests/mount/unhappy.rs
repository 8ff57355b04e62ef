//! Damage and loss under a mount: errors where they belong, and nowhere else.

use std::fs;
use std::path::{Path, PathBuf};

use bygone_tests::noise::noise;
use rustix::io::Errno;

use crate::fixture::Fixture;

/// Files whose contents lie in packs of their own, as they are saved one after the other.
fn fixture(files: &[&str]) -> Fixture {
    let fixture = Fixture::new();
    fs::create_dir_all(fixture.source()).unwrap();
    for (seed, name) in (0..).zip(files) {
        fs::write(fixture.source().join(name), noise(seed, 3 << 20)).unwrap();
        fixture.backup();
    }
    fixture
}

fn packs(repository: &Path) -> Vec<PathBuf> {
    let folders = fs::read_dir(repository.join("data")).unwrap().map(|folder| folder.unwrap().path());
    folders.flat_map(|folder| fs::read_dir(folder).unwrap().map(|pack| pack.unwrap().path())).collect()
}

fn read(file: &Path) -> Result<Vec<u8>, Option<i32>> {
    fs::read(file).map_err(|error| error.raw_os_error())
}

const EIO: Result<Vec<u8>, Option<i32>> = Err(Some(Errno::IO.raw_os_error()));

#[test]
fn a_flipped_bit_is_an_error_of_that_file_only() {
    let fixture = fixture(&["one", "two", "three"]);
    let intact = fixture.mount("intact", fixture.latest(), |_| {});
    assert_eq!(read(&intact.join("two")), Ok(noise(1, 3 << 20)));
    drop(intact);

    // Each 3 MiB file fills a pack alone; the second one's is found by what it takes to break it.
    let original: Vec<_> = packs(fixture.restic.repository())
        .into_iter()
        .filter(|pack| fs::metadata(pack).unwrap().len() > 1 << 20)
        .collect();
    let mut broken = 0;
    for pack in &original {
        let bytes = fs::read(pack).unwrap();
        let mut flipped = bytes.clone();
        flipped[bytes.len() / 2] ^= 0x10;
        overwrite(pack, &flipped);
        let mount = fixture.mount("mnt", fixture.latest(), |_| {});
        let results: Vec<_> = ["one", "two", "three"].map(|name| read(&mount.join(name))).into();
        let bad = results.iter().filter(|result| **result == EIO).count();
        let good = (0..).zip(&results).filter(|(seed, result)| **result == Ok(noise(*seed, 3 << 20))).count();
        assert_eq!((bad, good), (1, 2), "one file fails and the others are whole");
        broken += bad;
        drop(mount);
        overwrite(pack, &bytes);
    }
    assert!(broken >= 3, "every file had its turn");
}

/// restic makes its files read-only.
fn overwrite(file: &Path, bytes: &[u8]) {
    fs::remove_file(file).unwrap();
    fs::write(file, bytes).unwrap();
}

#[test]
fn the_repository_goes_away_and_comes_back() {
    let fixture = fixture(&["one", "two"]);
    let mount = fixture.mount_latest();
    assert_eq!(read(&mount.join("one")), Ok(noise(0, 3 << 20)));
    let (here, away) = (fixture.restic.repository().to_owned(), fixture.path("away"));
    fs::rename(&here, &away).unwrap();
    assert_eq!(read(&mount.join("two")), EIO);
    assert_eq!(read(&mount.join("one")), Ok(noise(0, 3 << 20)), "what the kernel has it has");
    fs::rename(&away, &here).unwrap();
    assert_eq!(read(&mount.join("two")), Ok(noise(1, 3 << 20)));
}

#[test]
fn a_truncated_pack_is_an_error_and_never_a_short_file() {
    let fixture = fixture(&["one"]);
    for pack in packs(fixture.restic.repository()) {
        let bytes = fs::read(&pack).unwrap();
        if bytes.len() > 1 << 20 {
            overwrite(&pack, &bytes[..bytes.len() / 2]);
        }
    }
    let mount = fixture.mount_latest();
    assert_eq!(read(&mount.join("one")), EIO);
    assert_eq!(fs::metadata(mount.join("one")).unwrap().len(), 3 << 20);
}

#[test]
fn many_readers_at_once_all_read_the_truth() {
    let fixture = fixture(&["one", "two", "three", "four"]);
    let mount = fixture.mount_latest();
    std::thread::scope(|scope| {
        for reader in 0..12_u64 {
            let mount = mount.path();
            scope.spawn(move || {
                for turn in 0..4 {
                    let file = (reader + turn) % 4;
                    let name = ["one", "two", "three", "four"][file as usize];
                    let expected = noise(file, 3 << 20);
                    if reader % 2 == 0 {
                        assert_eq!(fs::read(mount.join(name)).unwrap(), expected);
                    } else {
                        let open = fs::File::open(mount.join(name)).unwrap();
                        for step in 0..50_u64 {
                            let offset = (step * 1_299_709 + reader * 7) % ((3 << 20) - 5000);
                            let mut buffer = [0; 5000];
                            rustix::io::pread(&open, &mut buffer, offset).unwrap();
                            assert_eq!(buffer[..], expected[offset as usize..][..5000]);
                        }
                    }
                }
            });
        }
    });
}
