//! Source trees: one of every kind of node, and many small files.

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, FileType, Gid, Mode, Timespec, Timestamps, Uid, XattrFlags};

use crate::noise::noise;

/// Everything that a file system can hold and restic saves: all but sockets, which it skips, and the other names of pipes
/// and devices with several. As root, with devices, owners and trusted attributes.
pub fn write_everything(root: &Path) {
    fs::create_dir_all(root).unwrap();
    contents(root);
    names(root);
    links(root);
    special_files(root);
    attributes(root);
    // Last, since making entries changes it.
    times(root);
}

fn contents(root: &Path) {
    fs::write(root.join("empty"), "").unwrap();
    fs::write(root.join("one byte"), "x").unwrap();
    fs::write(root.join("small"), noise(1, 10_000)).unwrap();
    fs::write(root.join("page"), noise(2, 4096)).unwrap();
    fs::write(root.join("several blobs"), noise(3, 9_000_001)).unwrap();
    fs::write(root.join("compressible"), "all work and no play\n".repeat(100_000)).unwrap();
    fs::write(root.join("twin of several blobs"), noise(3, 9_000_001)).unwrap();
    let sparse = File::create(root.join("sparse")).unwrap();
    sparse.set_len(20 << 20).unwrap();
    rustix::io::pwrite(&sparse, b"in the middle", 10 << 20).unwrap();
    fs::create_dir(root.join("empty folder")).unwrap();
}

fn names(root: &Path) {
    let folder = root.join("names");
    fs::create_dir(&folder).unwrap();
    let longest = "n".repeat(255);
    let spread: [&[u8]; 12] = [
        b"space and 'quote' and \"double\"",
        b"new\nline",
        b"back\\slash",
        b"\xff\xfe not utf-8 \x80",
        b"\x01 control \x7f",
        "\u{fc}mlaut \u{1f600}".as_bytes(),
        b"-rf",
        b"...",
        b".hidden",
        b"a:b*c?d<e>f|g",
        b"trailing dot.",
        b"~%$%25",
    ];
    for name in spread.into_iter().chain([longest.as_bytes()]) {
        fs::write(folder.join(OsStr::from_bytes(name)), name).unwrap();
    }
    let mut deep = folder.join("deep");
    for level in 0..60 {
        deep = deep.join(format!("level {level}"));
    }
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join("bottom"), "far down").unwrap();
}

fn links(root: &Path) {
    let folder = root.join("links");
    fs::create_dir_all(folder.join("below")).unwrap();
    fs::write(folder.join("first name"), noise(5, 70_000)).unwrap();
    fs::hard_link(folder.join("first name"), folder.join("second name")).unwrap();
    fs::hard_link(folder.join("first name"), folder.join("below/third name")).unwrap();
    fs::write(folder.join("other pair"), "same inode").unwrap();
    fs::hard_link(folder.join("other pair"), folder.join("below/other pair")).unwrap();
    symlink("first name", folder.join("relative")).unwrap();
    symlink("/nowhere/at/all", folder.join("dangling")).unwrap();
    symlink("below", folder.join("to a folder")).unwrap();
    symlink(OsStr::from_bytes(b"\xff\xfe"), folder.join("to bytes")).unwrap();
    symlink("t".repeat(4000), folder.join("long target")).unwrap();
}

fn special_files(root: &Path) {
    let folder = root.join("special");
    fs::create_dir(&folder).unwrap();
    let make = |name: &str, kind, device| {
        rustix::fs::mknodat(CWD, folder.join(name), kind, Mode::from_raw_mode(0o640), device).unwrap();
    };
    make("fifo", FileType::Fifo, 0);
    if rustix::process::getuid().is_root() {
        make("null", FileType::CharacterDevice, rustix::fs::makedev(1, 3));
        make("disk", FileType::BlockDevice, rustix::fs::makedev(8, 17));
        make("large numbers", FileType::CharacterDevice, rustix::fs::makedev(4000, 1_000_000));
    }
}

fn attributes(root: &Path) {
    let folder = root.join("attributes");
    fs::create_dir(&folder).unwrap();
    for mode in [0o000, 0o400, 0o644, 0o755, 0o1777, 0o2755, 0o4755, 0o6711] {
        let file = folder.join(format!("mode {mode:o}"));
        fs::write(&file, format!("{mode:o}")).unwrap();
        if rustix::process::getuid().is_root() {
            let owner = Some(Uid::from_raw(1234)).zip(Some(Gid::from_raw(3_000_000_000)));
            rustix::fs::chown(&file, owner.map(|owner| owner.0), owner.map(|owner| owner.1)).unwrap();
        }
        fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
    }
    fs::create_dir(folder.join("sticky")).unwrap();
    fs::set_permissions(folder.join("sticky"), Permissions::from_mode(0o1777)).unwrap();
    let file = folder.join("attributed");
    fs::write(&file, "with attributes").unwrap();
    let set = |path: &Path, name: &str, value: &[u8]| {
        rustix::fs::lsetxattr(path, name, value, XattrFlags::empty()).unwrap();
    };
    set(&file, "user.comment", "gr\u{fc}n".as_bytes());
    set(&file, "user.empty", b"");
    set(&file, "user.binary", &[0, 255, 0, 1]);
    set(&file, "user.large", &noise(9, 3000));
    set(&folder, "user.on a folder", b"yes");
    set(
        &file,
        "system.posix_acl_access",
        &acl(&[(1, 6, NOBODY), (2, 4, 1000), (4, 4, NOBODY), (16, 6, NOBODY), (32, 0, NOBODY)]),
    );
    let defaulted = folder.join("default acl");
    fs::create_dir(&defaulted).unwrap();
    let entries = [(1, 7, NOBODY), (4, 5, NOBODY), (8, 7, 2000), (16, 7, NOBODY), (32, 5, NOBODY)];
    set(&defaulted, "system.posix_acl_default", &acl(&entries));
    if rustix::process::getuid().is_root() {
        set(&file, "trusted.secret", b"for root");
        let link = folder.join("attributed link");
        symlink("attributed", &link).unwrap();
        set(&link, "trusted.on a link", b"yes");
    }
}

/// An ACL entry for no particular user or group.
const NOBODY: u32 = u32::MAX;

/// The kernel's form of an access control list: a version, then tag, permissions and id of each entry.
fn acl(entries: &[(u16, u16, u32)]) -> Vec<u8> {
    let mut bytes = 2_u32.to_le_bytes().to_vec();
    for (tag, permissions, id) in entries {
        bytes.extend_from_slice(&tag.to_le_bytes());
        bytes.extend_from_slice(&permissions.to_le_bytes());
        bytes.extend_from_slice(&id.to_le_bytes());
    }
    bytes
}

fn times(root: &Path) {
    let folder = root.join("times");
    fs::create_dir(&folder).unwrap();
    let moments = [
        ("nanoseconds", 1_700_000_000, 123_456_789),
        ("epoch", 0, 0),
        ("before 1970", -86_400 * 365, 250_000_000),
        ("after 2038", 4_102_444_800, 1),
    ];
    for (name, seconds, nanoseconds) in moments {
        fs::write(folder.join(name), name).unwrap();
        set_times(&folder.join(name), seconds, nanoseconds);
    }
    symlink("nanoseconds", folder.join("link")).unwrap();
    set_times(&folder.join("link"), 1_600_000_000, 5);
    set_times(&folder, 1_500_000_000, 999_999_999);
}

/// Sets access and modification time of a file or link.
pub fn set_times(path: &Path, seconds: i64, nanoseconds: i64) {
    let time = Timespec { tv_sec: seconds, tv_nsec: nanoseconds };
    let times = Timestamps { last_access: time, last_modification: time };
    rustix::fs::utimensat(CWD, path, &times, AtFlags::SYMLINK_NOFOLLOW).unwrap();
}

/// `folders` folders below `root`, in two levels, with `files` small files each.
pub fn write_many(root: &Path, folders: usize, files: usize) {
    for folder in 0..folders {
        let folder = root.join(format!("{:02}/{folder:04}", folder % 10));
        fs::create_dir_all(&folder).unwrap();
        for file in 0..files {
            let seed = (folder.as_os_str().len() * 1_000_003 + file) as u64;
            let text = format!("{} {file}\n", folder.display()).repeat(3 + file % 40);
            fs::write(folder.join(format!("file {file:03}")), [text.as_bytes(), &noise(seed, file % 300)].concat())
                .unwrap();
        }
    }
}
