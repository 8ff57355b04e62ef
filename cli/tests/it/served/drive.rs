//! `bygone mount --server`: what tests/mount holds a mount of a local repository to.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use bygone_common::access::Effect;
use bygone_tests::compare::{Aspects, assert_same};
use bygone_tests::noise::noise;
use bygone_tests::source_tree::write_everything;
use rustix::fs::SeekFrom;
use rustix::io::Errno;

use super::fixture::{Served, write};
use crate::program::Program;

/// What somebody mounted. Unmounted on drop, also when the test panics.
struct Drive {
    folder: PathBuf,
    point: PathBuf,
    home: PathBuf,
}

impl Drive {
    /// Mounts a snapshot, or all of them, as whoever has that token.
    fn mount(served: &Served, token: &Path, snapshot: Option<&str>) -> Self {
        let folder = served.folder.path().to_owned();
        let point = folder.join("point");
        fs::create_dir_all(&point).unwrap();
        let arguments: Vec<_> = ["mount", "-b"].into_iter().chain(snapshot).chain(["point"]).collect();
        served.bygone(token, &arguments).bytes();
        Self { folder, point, home: served.home() }
    }

    /// Where the homes are in a directory that shows a snapshot.
    fn homes(&self, snapshot: &str) -> PathBuf {
        self.point.join(snapshot).join(self.home.strip_prefix("/").unwrap())
    }
}

impl Drop for Drive {
    fn drop(&mut self) {
        let ran = Program::bygone(&self.folder).arguments(&["umount", "--force", "point"]).run();
        // A second panic would hide the first.
        assert!(ran.code == Some(0) || std::thread::panicking(), "{}", ran.stderr);
    }
}

/// A server with every kind of thing in Anna's home, and her token.
fn everything() -> (Served, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    write_everything(&folder.path().join("home/anna"));
    write(folder.path(), "home/bob/letter.txt", b"dear Anna\n");
    let served = Served::over(folder);
    let anna = served.person("anna", &[("anna", Effect::Allow)]);
    (served, anna)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_drive_shows_what_was_granted_and_outlasts_a_restart_of_the_server() {
    let mut served = Served::new();
    let anna = served.person("anna", &[("anna", Effect::Allow), ("anna/secret", Effect::Deny)]);
    let drive = Drive::mount(&served, &anna, Some("latest"));
    let shown = drive.homes("");
    assert_eq!(names(&shown), ["anna"]);
    assert_eq!(names(&shown.join("anna")), ["films", "letter.txt", "small"]);
    assert_same(&served.home().join("anna/small"), &shown.join("anna/small"), Aspects::ALL);
    served.stop();
    served.start();
    assert!(fs::read(shown.join("anna/films/long")).unwrap() == noise(1, 9 << 20));
}

#[test]
fn a_drive_of_everything_equals_its_source() {
    let (served, anna) = everything();
    let all = served.person("everybody", &[("", Effect::Allow)]);
    // Directories of which a part is shown come by another way than those that are shown whole.
    for (token, below) in [(&anna, "anna"), (&all, "")] {
        let drive = Drive::mount(&served, token, Some("latest"));
        // Twice: the first time from the server, the second from what the kernel kept.
        for _ in 0..2 {
            assert_same(&served.home().join(below), &drive.homes("").join(below), Aspects::ALL);
        }
    }
}

#[test]
fn the_layout_of_a_drive_shows_the_same_trees_and_new_snapshots() {
    let (served, anna) = everything();
    let drive = Drive::mount(&served, &anna, None);
    let ids = names(&drive.point.join("ids"));
    assert_eq!(ids.len(), 1);
    for snapshot in [&format!("ids/{}", ids[0]), "snapshots/latest", "hosts/pc/latest"] {
        assert_same(&served.home().join("anna"), &drive.homes(snapshot).join("anna"), Aspects::ALL);
    }
    fs::write(served.home().join("anna/small"), "changed").unwrap();
    let second = format!("ids/{}", &served.backup()[..8]);
    // A name that is not known yet is asked for.
    assert_eq!(fs::read(drive.homes(&second).join("anna/small")).unwrap(), b"changed");
    assert_eq!(fs::read(drive.homes(&format!("ids/{}", ids[0])).join("anna/small")).unwrap(), noise(1, 10_000));
}

#[test]
fn numbers_sizes_and_errors_of_a_drive_are_those_of_any_mount() {
    let (served, anna) = everything();
    let mut numbers = Vec::new();
    for _ in 0..2 {
        let drive = Drive::mount(&served, &anna, Some("latest"));
        let root = drive.homes("").join("anna");
        let number = |name: &str| fs::symlink_metadata(root.join(name)).unwrap().ino();
        numbers.push(["small", "names/...", "links/relative", "special/fifo", "attributes"].map(number));
        assert_eq!(number("links/first name"), number("links/below/third name"));

        let sparse = fs::File::open(root.join("sparse")).unwrap();
        let metadata = sparse.metadata().unwrap();
        assert_eq!((metadata.len(), metadata.blocks()), (20 << 20, (20 << 20) / 512));
        assert_eq!(rustix::fs::seek(&sparse, SeekFrom::Hole(0)).unwrap(), 20 << 20);
        assert_eq!(fs::symlink_metadata(root.join("links/long target")).unwrap().len(), 4000);

        let refusal = |refused: std::io::Result<()>| refused.unwrap_err().raw_os_error().map(Errno::from_raw_os_error);
        assert_eq!(refusal(fs::File::open(root.join("special/null")).map(drop)), Some(Errno::ACCESS));
        assert_eq!(refusal(fs::metadata(root.join("x".repeat(256))).map(drop)), Some(Errno::NAMETOOLONG));
        assert_eq!(refusal(fs::write(root.join("small"), "")), Some(Errno::ROFS));
        assert_eq!(refusal(fs::metadata(root.join("no such name")).map(drop)), Some(Errno::NOENT));
    }
    assert_eq!(numbers[0], numbers[1], "numbers are the same in the next mount");
}

#[test]
fn damage_at_the_server_is_an_error_of_its_file_only() {
    let served = Served::new();
    let anna = served.person("anna", &[("anna", Effect::Allow)]);
    let packs = || {
        let folders =
            fs::read_dir(Path::new(&served.location()).join("data")).unwrap().map(|folder| folder.unwrap().path());
        let packs = folders.flat_map(|folder| fs::read_dir(folder).unwrap().map(|pack| pack.unwrap().path()));
        packs.filter(|pack| fs::metadata(pack).unwrap().len() > 1 << 20).collect::<Vec<_>>()
    };
    let before = packs();
    write(served.folder.path(), "home/anna/films/short", &noise(2, 3 << 20));
    served.backup();
    let new: Vec<_> = packs().into_iter().filter(|pack| !before.contains(pack)).collect();
    let [pack] = new.as_slice() else { panic!("the file lies in one pack: {new:?}") };
    let mut bytes = fs::read(pack).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    // restic makes its files read-only.
    fs::remove_file(pack).unwrap();
    fs::write(pack, bytes).unwrap();
    let drive = Drive::mount(&served, &anna, Some("latest"));
    let films = drive.homes("").join("anna/films");
    let error = fs::read(films.join("short")).unwrap_err();
    assert_eq!(error.raw_os_error(), Some(Errno::IO.raw_os_error()), "{error}");
    assert_eq!(fs::metadata(films.join("short")).unwrap().len(), 3 << 20);
    assert!(fs::read(films.join("long")).unwrap() == noise(1, 9 << 20));
}

#[test]
fn many_readers_of_a_drive_all_read_the_truth() {
    let served = Served::new();
    let anna = served.person("anna", &[("anna", Effect::Allow)]);
    let drive = Drive::mount(&served, &anna, Some("latest"));
    let (root, long) = (drive.homes("").join("anna"), noise(1, 9 << 20));
    std::thread::scope(|scope| {
        for reader in 0..8_usize {
            let (root, long) = (&root, &long);
            scope.spawn(move || {
                for number in (0..200_usize).skip(reader).step_by(3) {
                    let expected = noise(number as u64, 300 + number);
                    assert_eq!(fs::read(root.join(format!("small/{number:03}"))).unwrap(), expected);
                }
                let open = fs::File::open(root.join("films/long")).unwrap();
                for step in 0..50_usize {
                    let offset = (step * 1_299_709 + reader * 7) % ((9 << 20) - 5000);
                    let mut buffer = [0; 5000];
                    std::os::unix::fs::FileExt::read_exact_at(&open, &mut buffer, offset as u64).unwrap();
                    assert_eq!(buffer[..], long[offset..][..5000]);
                }
            });
        }
    });
}

#[test]
fn what_was_shown_is_read_no_more_once_it_is_taken_away() {
    let served = Served::new();
    let anna = served.person("anna", &[("anna", Effect::Allow)]);
    let drive = Drive::mount(&served, &anna, Some("latest"));
    let long = drive.homes("").join("anna/films/long");
    assert_eq!(fs::metadata(&long).unwrap().len(), 9 << 20);
    let app = served.server.as_ref().unwrap().app();
    let admin = served.admin(served.org);
    served.runtime.block_on(async {
        let page = bygone_store::Page::new(None, None).unwrap();
        let grants = app.store.grants().list(&admin, served.org, Default::default(), &page).await.unwrap();
        for grant in grants.items {
            app.store.grants().delete(&admin, served.org, grant.uid).await.unwrap();
        }
    });
    let error = fs::read(&long).unwrap_err();
    assert!(error.raw_os_error().is_some(), "{error}");
}
