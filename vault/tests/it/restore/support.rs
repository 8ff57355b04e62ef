//! Sources with everything in them, restores in one call, and the comparison of two folders.

use std::collections::{BTreeMap, HashMap};
use std::ffi::CString;
use std::fs::{self, File, FileTimes};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, UNIX_EPOCH};

use bygone_common::SnapshotPath;
use bygone_vault::restore::{OnConflict, Options, Plan, Report, Source, plan};
use bygone_vault::{Repository, Result};
use sha2::{Digest, Sha256};

use crate::fixture::{Fixture, noise};

/// Nobody cancels.
pub(super) static GO_ON: AtomicBool = AtomicBool::new(false);

pub(super) fn target(fixture: &Fixture) -> PathBuf {
    fixture.source().with_file_name("target")
}

pub(super) fn options(target: &Path) -> Options {
    Options::new(target, jiff::civil::date(2026, 11, 20).at(10, 0, 0, 0))
}

pub(super) fn with_rule(target: &Path, on_conflict: OnConflict) -> Options {
    Options { on_conflict, ..options(target) }
}

/// The newest snapshot's source folder.
pub(super) fn source_of(fixture: &Fixture, repository: &Repository) -> Source {
    Source { tree: fixture.root(repository), path: SnapshotPath::root() }
}

pub(super) fn plan_for(fixture: &Fixture, options: Options) -> Plan {
    let repository = fixture.open();
    plan(&repository, &source_of(fixture, &repository), options, &GO_ON).unwrap()
}

pub(super) fn try_restore(fixture: &Fixture, options: Options) -> Result<Report> {
    plan_for(fixture, options).execute(&(), &GO_ON)
}

/// A restore that must not meet any trouble.
pub(super) fn restore(fixture: &Fixture, options: Options) -> Report {
    let report = try_restore(fixture, options).unwrap();
    assert!(report.is_complete(), "{report:#?}");
    report
}

pub(super) fn back_up(fixture: &Fixture) {
    fixture.restic(&["backup", fixture.source().to_str().unwrap()]);
}

pub(super) fn set_mtime(path: &Path, seconds: i64, nanos: u32) {
    let file = File::open(path).unwrap();
    let time = if seconds >= 0 {
        UNIX_EPOCH + Duration::new(seconds.unsigned_abs(), nanos)
    } else {
        UNIX_EPOCH - Duration::from_secs(seconds.unsigned_abs()) + Duration::from_nanos(nanos.into())
    };
    file.set_times(FileTimes::new().set_modified(time).set_accessed(time)).unwrap();
}

pub(super) fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn c_path(path: &Path) -> CString {
    CString::new(path.as_os_str().as_bytes()).unwrap()
}

fn set_xattr(path: &Path, name: &str, value: &[u8]) {
    rustix::fs::lsetxattr(path, name, value, rustix::fs::XattrFlags::empty()).unwrap();
}

fn make_node(path: &Path, kind: u32, device: u64) {
    // SAFETY: the path is a valid C string for the duration of the call.
    let result = unsafe { libc::mknod(c_path(path).as_ptr(), kind | 0o640, device) };
    assert_eq!(result, 0, "{}: {}", path.display(), std::io::Error::last_os_error());
}

/// A name for every trouble that names can be.
pub(super) fn odd_name() -> PathBuf {
    PathBuf::from(std::ffi::OsString::from_vec(b"odd \xff\n'\"\\*.txt".to_vec()))
}

/// A source with every type of node, all metadata and the odd cases of content.
pub(super) fn write_everything(source: &Path) {
    fs::create_dir_all(source.join("deep/er/and/deeper")).unwrap();
    fs::create_dir(source.join("empty-folder")).unwrap();
    fs::write(source.join("empty"), "").unwrap();
    fs::write(source.join("large"), noise(3, 9 << 20)).unwrap();
    fs::write(source.join("same-as-large"), noise(3, 9 << 20)).unwrap();
    let mut holes = vec![0; 12 << 20];
    holes[5 << 20..(5 << 20) + 7777].fill(9);
    fs::write(source.join("zeros"), holes).unwrap();
    fs::write(source.join(odd_name()), "odd").unwrap();
    fs::write(source.join("x".repeat(255)), "long").unwrap();
    for number in 0..200_u64 {
        fs::write(source.join(format!("deep/er/{number}")), noise(number, number as usize * 31)).unwrap();
    }
    fs::write(source.join("deep/first"), "several names").unwrap();
    for name in ["deep/second", "deep/er/third", "fourth"] {
        fs::hard_link(source.join("deep/first"), source.join(name)).unwrap();
    }
    fs::write(source.join("program"), "#!/bin/sh\n").unwrap();
    std::os::unix::fs::chown(source.join("program"), Some(1234), Some(4321)).unwrap();
    set_mode(&source.join("program"), 0o6755);
    fs::write(source.join("secret"), "nobody reads this").unwrap();
    set_mode(&source.join("secret"), 0);
    fs::write(source.join("attributes"), "a").unwrap();
    set_xattr(&source.join("attributes"), "user.comment", b"with \0 and \xff");
    set_xattr(&source.join("attributes"), "user.empty", b"");
    set_xattr(&source.join("attributes"), "trusted.note", b"for root");
    set_xattr(&source.join("deep"), "user.folder", b"yes");
    let acl = |path: &str, acl: &str| {
        let path = source.join(path);
        let output = std::process::Command::new("setfacl").args(["-m", acl]).arg(path).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    acl("attributes", "u:1234:rw,g:4321:r");
    acl("deep/er", "d:u:1234:rwx,u:77:rx");
    std::os::unix::fs::symlink("../no/such \u{e9}", source.join("link")).unwrap();
    std::os::unix::fs::symlink("deep", source.join("link-to-folder")).unwrap();
    std::os::unix::fs::lchown(source.join("link"), Some(1234), Some(4321)).unwrap();
    make_node(&source.join("pipe"), libc::S_IFIFO, 0);
    make_node(&source.join("disk"), libc::S_IFBLK, libc::makedev(259, 70_000));
    make_node(&source.join("terminal"), libc::S_IFCHR, libc::makedev(5, 1));
    let link = rustix::fs::Timespec { tv_sec: 1_000_000_001, tv_nsec: 5 };
    let times = rustix::fs::Timestamps { last_access: link, last_modification: link };
    for name in ["link", "pipe", "disk"] {
        let flags = rustix::fs::AtFlags::SYMLINK_NOFOLLOW;
        rustix::fs::utimensat(rustix::fs::CWD, source.join(name), &times, flags).unwrap();
    }
    set_mtime(&source.join("large"), 1_234_567_890, 123_456_789);
    set_mtime(&source.join("empty"), -5, 700_000_000);
    fs::create_dir(source.join("closed")).unwrap();
    fs::write(source.join("closed/file"), "in a folder that nobody may write").unwrap();
    set_mode(&source.join("closed"), 0o555);
    set_mode(&source.join("deep/er/and"), 0o1770);
    set_mtime(&source.join("deep/er"), 999_999_999, 1);
    set_mtime(&source.join("deep"), 5, 5);
}

/// Everything that can be said about a folder's content: one line for each path below it.
pub(super) fn describe(root: &Path) -> BTreeMap<PathBuf, String> {
    let mut lines = BTreeMap::new();
    let mut first_names = HashMap::new();
    let mut pending = vec![root.to_owned()];
    while let Some(folder) = pending.pop() {
        let mut paths: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            let metadata = fs::symlink_metadata(&path).unwrap();
            if metadata.is_dir() {
                pending.push(path.clone());
            }
            lines.insert(path.strip_prefix(root).unwrap().to_owned(), describe_one(&path, &metadata));
            if metadata.nlink() > 1 && !metadata.is_dir() {
                first_names.entry(metadata.ino()).or_insert_with(Vec::new).push(path);
            }
        }
    }
    for mut names in first_names.into_values() {
        names.sort();
        let first = names[0].strip_prefix(root).unwrap().display().to_string();
        for name in &names {
            lines.get_mut(name.strip_prefix(root).unwrap()).unwrap().push_str(&format!(" same file as {first}"));
        }
    }
    lines
}

fn describe_one(path: &Path, metadata: &fs::Metadata) -> String {
    let kind = metadata.file_type();
    let content = if kind.is_file() {
        format!("{} bytes {}", metadata.len(), hex::encode(Sha256::digest(fs::read(path).unwrap())))
    } else if kind.is_symlink() {
        format!("link to {:?}", fs::read_link(path).unwrap())
    } else if kind.is_block_device() || kind.is_char_device() {
        format!("device {}", metadata.rdev())
    } else {
        String::new()
    };
    let mut names = vec![0; 4096];
    let length = rustix::fs::llistxattr(path, &mut names[..]).unwrap_or(0);
    let mut xattrs: Vec<String> = names[..length]
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
        .map(|name| {
            let mut value = vec![0; 4096];
            let length = rustix::fs::lgetxattr(path, name, &mut value[..]).unwrap();
            format!("{}={}", String::from_utf8_lossy(name), hex::encode(&value[..length]))
        })
        .collect();
    xattrs.sort();
    format!(
        "{:o} {}:{} {}.{:09} {content} {xattrs:?}",
        metadata.mode(),
        metadata.uid(),
        metadata.gid(),
        metadata.mtime(),
        metadata.mtime_nsec(),
    )
}

/// Asserts that two folders are the same in everything, line by line.
pub(super) fn assert_same(left: &Path, right: &Path) {
    let (left, right) = (describe(left), describe(right));
    for (path, line) in &left {
        assert_eq!(Some(line), right.get(path), "{}", path.display());
    }
    let more: Vec<_> = right.keys().filter(|path| !left.contains_key(*path)).collect();
    assert!(more.is_empty(), "{more:?}");
}

/// The paths below a folder.
pub(super) fn names_in(root: &Path) -> Vec<String> {
    describe(root).into_keys().map(|path| path.display().to_string()).collect()
}
