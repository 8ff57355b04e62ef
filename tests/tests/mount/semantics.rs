//! docs/SEMANTICS.md, sentence by sentence: what it promises is quoted and tried.

use std::fs;
use std::io::ErrorKind as Io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use bygone_fs::{Owner, View};
use bygone_tests::source_tree::write_everything;
use rustix::fs::{SeekFrom, StatVfsMountFlags};
use rustix::io::Errno;

use crate::fixture::{Fixture, Server};

/// Fails unless the page says this, however its lines are broken.
fn quote(sentence: &str) {
    let page = include_str!("../../../docs/SEMANTICS.md");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words(page).contains(&words(sentence)), "docs/SEMANTICS.md does not say: {sentence}");
}

fn everything() -> Fixture {
    let fixture = Fixture::new();
    write_everything(&fixture.source());
    fixture.backup();
    fixture
}

#[test]
fn layout_names_and_directories() {
    let fixture = Fixture::new();
    fs::create_dir_all(fixture.source()).unwrap();
    fixture.restic.backup(&fixture.source(), ["--tag", "a/b", "--tag", "..", "--time", "2026-11-01 10:00:00"]);
    fixture.restic.backup(&fixture.source(), ["--time", "2026-11-01 10:00:00"]);
    let mount = fixture.mount("mnt", View::all(), |_| {});

    quote("Times are RFC 3339 to the second, in the zone in which the snapshot was made.");
    let time = mount.join("snapshots/2026-11-01T10:00:00Z");
    assert!(time.is_dir());
    quote("A name that is taken gets a number: `…-1`, `…-2`.");
    assert!(mount.join("snapshots/2026-11-01T10:00:00Z-1").is_dir());
    quote("Beside times, `latest` is a symbolic link to the newest.");
    assert_eq!(fs::read_link(mount.join("snapshots/latest")).unwrap(), Path::new("2026-11-01T10:00:00Z-1"));
    quote("In hosts, users and tags a slash becomes `_`; `.` and nothing become `_`, and `..` becomes `__`.");
    assert!(mount.join("tags/a_b/latest").is_dir());
    assert!(mount.join("tags/__/latest").is_dir());

    quote(
        "Directories above the snapshots belong to the mounting user, with mode 0555 and the time of the newest snapshot below.",
    );
    let above = fs::metadata(mount.join("ids")).unwrap();
    assert_eq!((above.mode() & 0o7777, above.uid()), (0o555, rustix::process::getuid().as_raw()));
    assert_eq!(above.mtime(), fs::metadata(time).unwrap().mtime());
}

#[test]
fn numbers_and_hard_links() {
    let fixture = everything();
    let number = |mount: &crate::fixture::Mount, name: &str| fs::symlink_metadata(mount.join(name)).unwrap().ino();
    let names = ["small", "names/...", "links/relative", "special/fifo", "attributes"];

    quote(
        "Inode numbers follow from where a thing lies: they stay the same while the mount lives, and in the next mount of the same view.",
    );
    let mount = fixture.mount_latest();
    let first: Vec<_> = names.iter().map(|name| number(&mount, name)).collect();
    drop(mount);
    let mount = fixture.mount_latest();
    // In another order, as a number must not depend on who looked first.
    let mut second: Vec<_> = names.iter().rev().map(|name| number(&mount, name)).collect();
    second.reverse();
    assert_eq!(first, second);

    quote("Names that were one file when they were saved share a number within their snapshot");
    assert_eq!(number(&mount, "links/first name"), number(&mount, "links/below/third name"));
    assert_eq!(fs::metadata(mount.join("links/first name")).unwrap().nlink(), 3);
    quote("Directories inside snapshots have a link count of 1");
    assert_eq!(fs::metadata(mount.join("links")).unwrap().nlink(), 1);
}

#[test]
fn owners_and_modes() {
    let fixture = everything();
    quote("`--owner-root` and `--as-me` change the owner and group of everything, not the modes");
    let owner = Owner::As { uid: 4321, gid: 8765 };
    let mount = fixture.mount("mnt", fixture.latest(), |options| options.owner = owner);
    for name in ["", "small", "links", "links/dangling", "special/fifo"] {
        let metadata = fs::symlink_metadata(mount.join(name)).unwrap();
        assert_eq!((metadata.uid(), metadata.gid()), (4321, 8765), "{name:?}");
    }
    assert_eq!(fs::metadata(mount.join("attributes/mode 4755")).unwrap().mode() & 0o7777, 0o4755);
    quote("The mount is `nosuid` and `nodev`.");
    let flags = rustix::fs::statvfs(mount.path()).unwrap().f_flag;
    assert!(flags.contains(StatVfsMountFlags::NOSUID | StatVfsMountFlags::NODEV | StatVfsMountFlags::RDONLY));
}

#[test]
fn sizes_blocks_and_holes() {
    let fixture = everything();
    let mount = fixture.mount_latest();
    quote("a file that was sparse counts whole, and `SEEK_HOLE` finds no holes.");
    let sparse = fs::File::open(mount.join("sparse")).unwrap();
    let metadata = sparse.metadata().unwrap();
    assert_eq!((metadata.len(), metadata.blocks()), (20 << 20, (20 << 20) / 512));
    assert_eq!(rustix::fs::seek(&sparse, SeekFrom::Hole(0)).unwrap(), 20 << 20);
    quote("Symbolic links have the length of their target, directories 0.");
    assert_eq!(fs::symlink_metadata(mount.join("links/long target")).unwrap().len(), 4000);
    assert_eq!(fs::metadata(mount.join("links")).unwrap().len(), 0);

    quote("`df` shows what the snapshots' own summaries say");
    let totals = rustix::fs::statvfs(mount.path()).unwrap();
    let bytes = totals.f_blocks * totals.f_frsize;
    assert!(((39 << 20)..(45 << 20)).contains(&bytes), "{bytes} bytes");
    assert!(totals.f_files > 100, "{} files", totals.f_files);
    quote("Nothing is free.");
    assert_eq!((totals.f_bfree, totals.f_bavail, totals.f_ffree, totals.f_namemax), (0, 0, 0, 255));
}

#[test]
fn other_kinds_and_errors() {
    let fixture = everything();
    let mount = fixture.mount_latest();
    quote("devices are refused (`nodev`)");
    assert_eq!(fs::File::open(mount.join("special/null")).unwrap_err().kind(), Io::PermissionDenied);
    quote("| a name longer than 255 bytes | `ENAMETOOLONG` |");
    let error = fs::metadata(mount.join(&"x".repeat(256))).unwrap_err();
    assert_eq!(error.raw_os_error(), Some(Errno::NAMETOOLONG.raw_os_error()));
    quote("| anything that would write | `EROFS` |");
    assert_eq!(fs::write(mount.join("small"), "").unwrap_err().kind(), Io::ReadOnlyFilesystem);
    assert_eq!(fs::metadata(mount.join("no such name")).unwrap_err().kind(), Io::NotFound);
}

#[test]
fn only_the_mounting_user_sees_it_unless_others_are_let_in() {
    let fixture = Fixture::new();
    fs::create_dir_all(fixture.source()).unwrap();
    fs::write(fixture.source().join("for all"), "x").unwrap();
    fs::write(fixture.source().join("for one"), "x").unwrap();
    fs::set_permissions(fixture.source().join("for one"), PermissionsExt::from_mode(0o600)).unwrap();
    fixture.backup();
    fixture.open_to_all();
    quote("Without `--allow-other` only the user who mounted sees it, not even root.");
    let mount = fixture.mount_latest();
    assert!(!as_nobody(&mount.join("for all")));
    drop(mount);
    let mount = fixture.mount("mnt", fixture.latest(), |options| options.allow_other = true);
    assert!(as_nobody(&mount.join("for all")));
    quote("all bits of the mode are as saved, and the kernel enforces them for whoever looks");
    assert!(!as_nobody(&mount.join("for one")));
}

/// Whether a user without rights can read a file.
fn as_nobody(file: &Path) -> bool {
    let mut command = crate::fixture::as_nobody("cat");
    command.arg(file).output().unwrap().status.success()
}

#[test]
fn users_mount_without_root() {
    let fixture = Fixture::new();
    fs::create_dir_all(fixture.source()).unwrap();
    fs::write(fixture.source().join("file"), "content").unwrap();
    fixture.backup();
    fixture.open_to_all();
    let server = Server::start_as_nobody(&fixture, &["latest"]);
    let file = fixture.source_in(server.mountpoint()).join("file");
    // Not even root: the kernel lets in the mounting user alone.
    assert_eq!(fs::read(&file).unwrap_err().kind(), Io::PermissionDenied);
    let output = crate::fixture::as_nobody("cat").arg(&file).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "content", "{}", String::from_utf8_lossy(&output.stderr));
    server.signal(rustix::process::Signal::TERM);
    let (status, output) = server.wait();
    assert!(status.success(), "{output}");
    assert!(output.contains("Unmounted"), "{output}");
}

#[test]
fn a_users_dead_mount_is_cleared_through_the_helper() {
    let fixture = Fixture::new();
    fs::create_dir_all(fixture.source()).unwrap();
    fixture.backup();
    fixture.open_to_all();
    quote("When the program is killed, a small watchdog process clears the mount point within moments.");
    let server = Server::start_as_nobody(&fixture, &["latest"]);
    let mountpoint = server.mountpoint().to_owned();
    server.signal(rustix::process::Signal::KILL);
    server.wait();
    fixture.until("the watchdog has cleared it", || !crate::fixture::is_mounted(&mountpoint));
}
