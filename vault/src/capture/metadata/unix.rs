//! Unix: everything goes through handles of folders, and by names in them.

use std::collections::{HashMap, HashSet};
use std::ffi::{CStr, CString, OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::sync::Arc;

use parking_lot::RwLock;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, fstat, openat, readlinkat, statat};
use rustix::io::Errno;

use super::{Completed, IoClass, Lacking, User, Xattrs};
use crate::capture::node::Metadata;
use crate::tree::{NodeKind, NodeTime, Xattr};

/// Room that is tried first for the names of attributes; most files have none.
const XATTR_NAMES_BYTES: usize = 1024;
/// Tries to read attributes that somebody makes longer meanwhile.
const XATTR_TRIES_MAX: usize = 5;
/// Bytes that the system may want to tell of one user or group.
const ACCOUNT_BYTES_MAX: usize = 1 << 20;

/// A folder that is open.
#[derive(Debug)]
pub(in crate::capture) struct Folder {
    fd: OwnedFd,
    path: Box<Path>,
}

impl Folder {
    /// Opens a folder. When it must not be a symbolic link, `follows` is false.
    pub(in crate::capture) fn open(path: &Path, follows: bool) -> io::Result<Self> {
        let nofollow = if follows { OFlags::empty() } else { OFlags::NOFOLLOW };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | nofollow;
        let fd = open_quietly(rustix::fs::CWD, path, flags)?;
        Ok(Self { fd, path: path.into() })
    }

    /// Opens the folder above a source, which may be a symbolic link, and need not allow to be listed.
    pub(in crate::capture) fn above(path: &Path) -> io::Result<Self> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let fd = openat(rustix::fs::CWD, path, flags, Mode::empty())?;
            Ok(Self { fd, path: path.into() })
        }
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        Self::open(path, true)
    }

    /// The names in it, in the order of their bytes.
    pub(in crate::capture) fn names(&self) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.fd)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." {
                names.push(OsString::from_vec(name.to_vec()));
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// What the system tells of an entry, names of users and attributes not included.
    pub(in crate::capture) fn stat(&self, name: &OsStr) -> io::Result<Metadata> {
        Ok(metadata(&statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW)?))
    }

    /// What is still lacking of the metadata of an entry.
    pub(in crate::capture) fn complete(
        &self,
        name: &OsStr,
        metadata: Metadata,
        names: &Names,
    ) -> io::Result<Completed> {
        complete(&self.path.join(name), metadata, names, || readlinkat(&self.fd, name, Vec::new()))
    }

    /// Opens a regular file for reading, and tells what it is now.
    pub(in crate::capture) fn open_file(&self, name: &OsStr) -> io::Result<(File, Metadata)> {
        open_file(&self.fd, name)
    }
}

/// What the system tells of something by its path, all of it.
pub(in crate::capture) fn stat_path(path: &Path, follows: bool, names: &Names) -> io::Result<Completed> {
    let flags = if follows { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW };
    let metadata = metadata(&statat(rustix::fs::CWD, path, flags)?);
    complete(path, metadata, names, || readlinkat(rustix::fs::CWD, path, Vec::new()))
}

fn open_file(at: impl AsFd + Copy, name: impl rustix::path::Arg + Copy) -> io::Result<(File, Metadata)> {
    // NONBLOCK: what has become a pipe since it was looked at must not be waited for.
    let fd = open_quietly(at, name, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC)?;
    let metadata = metadata(&fstat(&fd)?);
    // Only advice.
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    if metadata.size > super::super::chunker::BLOB_BYTES_MIN as u64 {
        let _ = rustix::fs::fadvise(&fd, 0, None, rustix::fs::Advice::Sequential);
    }
    Ok((File::from(fd), metadata))
}

/// Opens without changing the time of the last access, where that is allowed: for the owner and root.
fn open_quietly(
    at: impl AsFd + Copy,
    name: impl rustix::path::Arg + Copy,
    flags: OFlags,
) -> rustix::io::Result<OwnedFd> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    match openat(at, name, flags | OFlags::NOATIME, Mode::empty()) {
        Err(Errno::PERM) => {}
        opened => return opened,
    }
    openat(at, name, flags, Mode::empty())
}

fn complete(
    path: &Path,
    mut metadata: Metadata,
    names: &Names,
    read_link: impl FnOnce() -> rustix::io::Result<CString>,
) -> io::Result<Completed> {
    metadata.user = names.user(metadata.uid);
    metadata.group = names.group(metadata.gid);
    if metadata.kind == NodeKind::Symlink {
        metadata.link_target = read_link()?.into_bytes();
    }
    let (xattrs, lacking) = xattrs(path, metadata.device_id, names);
    metadata.xattrs = xattrs;
    Ok((metadata, lacking))
}

// The fields of `stat` have other types on other systems: none of them is larger than its field here.
#[allow(clippy::unnecessary_cast, clippy::useless_conversion, clippy::cast_possible_wrap, trivial_numeric_casts)]
fn metadata(stat: &Stat) -> Metadata {
    let time = |seconds: i64, nanos: i64| NodeTime { seconds, nanos: u32::try_from(nanos).unwrap_or(0) };
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => NodeKind::File,
        FileType::Directory => NodeKind::Dir,
        FileType::Symlink => NodeKind::Symlink,
        FileType::BlockDevice => NodeKind::BlockDevice,
        FileType::CharacterDevice => NodeKind::CharDevice,
        FileType::Fifo => NodeKind::Fifo,
        FileType::Socket => NodeKind::Socket,
        FileType::Unknown => NodeKind::Unknown,
    };
    let (has_links, is_device) = match kind {
        NodeKind::BlockDevice | NodeKind::CharDevice => (true, true),
        NodeKind::File | NodeKind::Symlink => (true, false),
        NodeKind::Dir | NodeKind::Fifo | NodeKind::Socket | NodeKind::Unknown => (false, false),
    };
    Metadata {
        kind,
        mode: u32::from(stat.st_mode) & 0o7777,
        uid: stat.st_uid,
        gid: stat.st_gid,
        mtime: time(stat.st_mtime as i64, stat.st_mtime_nsec as i64),
        atime: time(stat.st_atime as i64, stat.st_atime_nsec as i64),
        ctime: time(stat.st_ctime as i64, stat.st_ctime_nsec as i64),
        inode: stat.st_ino as u64,
        device_id: stat.st_dev as u64,
        size: if kind == NodeKind::File { u64::try_from(stat.st_size).unwrap_or(0) } else { 0 },
        links: if has_links { stat.st_nlink as u64 } else { 0 },
        device: if is_device { stat.st_rdev as u64 } else { 0 },
        ..Metadata::default()
    }
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn xattrs(path: &Path, device: u64, names: &Names) -> Xattrs {
    if names.without_xattrs.read().contains(&device) {
        return Xattrs::default();
    }
    let mut small = [0_u8; XATTR_NAMES_BYTES];
    let list = match rustix::fs::llistxattr(path, &mut small) {
        Ok(0) => return Xattrs::default(),
        Ok(length) => small.get(..length).unwrap_or_default().to_vec(),
        Err(Errno::RANGE) => {
            match read_growing(|| rustix::fs::llistxattr_query(path), |room| rustix::fs::llistxattr(path, room)) {
                Ok(list) => list,
                Err(error) => return lacking_all(error),
            }
        }
        Err(Errno::OPNOTSUPP) => {
            names.without_xattrs.write().insert(device);
            return Xattrs::default();
        }
        // Some network file systems say so instead of that they have none.
        #[cfg(any(target_os = "linux", target_os = "android"))]
        Err(Errno::NODATA) => return Xattrs::default(),
        Err(error) => return lacking_all(error),
    };
    let (mut found, mut lacking) = Xattrs::default();
    for name in list.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        match read_growing(|| rustix::fs::lgetxattr_query(path, name), |room| rustix::fs::lgetxattr(path, name, room)) {
            Ok(value) => found.push(Xattr { name: name.into(), value: value.into() }),
            // It went meanwhile.
            #[cfg(any(target_os = "linux", target_os = "android"))]
            Err(Errno::NODATA) => {}
            Err(error) => {
                let what = format!("its attribute {}", String::from_utf8_lossy(name));
                lacking.push(Lacking { what, error: error.into() });
            }
        }
    }
    (found, lacking)
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn lacking_all(error: Errno) -> Xattrs {
    (Vec::new(), vec![Lacking { what: "its attributes".to_owned(), error: error.into() }])
}

/// Reads with more and more room.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn read_growing(
    ask: impl Fn() -> rustix::io::Result<usize>,
    read: impl Fn(&mut [u8]) -> rustix::io::Result<usize>,
) -> rustix::io::Result<Vec<u8>> {
    for _ in 0..XATTR_TRIES_MAX {
        let wanted = ask()?;
        if wanted == 0 {
            return Ok(Vec::new());
        }
        let mut room = vec![0; wanted];
        match read(&mut room) {
            Ok(length) => {
                room.truncate(length);
                return Ok(room);
            }
            Err(Errno::RANGE) => {}
            Err(error) => return Err(error),
        }
    }
    Err(Errno::RANGE)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn xattrs(_path: &Path, _device: u64, _names: &Names) -> Xattrs {
    Xattrs::default()
}

/// Names of users and groups, each asked for once, and which file systems have no attributes.
#[derive(Debug, Default)]
pub(in crate::capture) struct Names {
    users: RwLock<HashMap<u32, Arc<str>>>,
    groups: RwLock<HashMap<u32, Arc<str>>>,
    without_xattrs: RwLock<HashSet<u64>>,
}

impl Names {
    fn user(&self, uid: u32) -> Arc<str> {
        known(&self.users, uid, user_name)
    }

    fn group(&self, gid: u32) -> Arc<str> {
        known(&self.groups, gid, group_name)
    }
}

fn known(table: &RwLock<HashMap<u32, Arc<str>>>, id: u32, ask: impl FnOnce(u32) -> Option<String>) -> Arc<str> {
    if let Some(name) = table.read().get(&id) {
        return name.clone();
    }
    let name: Arc<str> = ask(id).unwrap_or_default().into();
    table.write().entry(id).or_insert(name).clone()
}

/// Who this process runs as.
pub(in crate::capture) fn current_user() -> User {
    let (uid, gid) = (rustix::process::getuid().as_raw(), rustix::process::getgid().as_raw());
    let name = user_name(uid).or_else(|| std::env::var("USER").ok()).unwrap_or_default();
    User { name, uid, gid, sid: None }
}

/// The name of a user, by whatever the system is configured to ask.
fn user_name(uid: u32) -> Option<String> {
    with_room(|room| {
        // SAFETY: passwd is a struct of numbers and pointers, for which zeros are valid values.
        let mut entry: libc::passwd = unsafe { std::mem::zeroed() };
        let mut found = std::ptr::null_mut();
        // SAFETY: the pointers are of `entry`, `found` and `room`, which all live until the call returns, and the length
        // is that of `room`.
        let code = unsafe { libc::getpwuid_r(uid, &raw mut entry, room.as_mut_ptr(), room.len(), &raw mut found) };
        // SAFETY: when `found` is set, `entry` was filled, and its name is a string inside `room` that ends with a zero.
        let name = (!found.is_null()).then(|| unsafe { CStr::from_ptr(entry.pw_name) }.to_string_lossy().into_owned());
        (code, name)
    })
}

/// The name of a group, likewise.
fn group_name(gid: u32) -> Option<String> {
    with_room(|room| {
        // SAFETY: group is a struct of numbers and pointers, for which zeros are valid values.
        let mut entry: libc::group = unsafe { std::mem::zeroed() };
        let mut found = std::ptr::null_mut();
        // SAFETY: as for `getpwuid_r`.
        let code = unsafe { libc::getgrgid_r(gid, &raw mut entry, room.as_mut_ptr(), room.len(), &raw mut found) };
        // SAFETY: as for `getpwuid_r`.
        let name = (!found.is_null()).then(|| unsafe { CStr::from_ptr(entry.gr_name) }.to_string_lossy().into_owned());
        (code, name)
    })
}

/// Asks with more and more room until it is enough.
fn with_room(ask: impl Fn(&mut [libc::c_char]) -> (libc::c_int, Option<String>)) -> Option<String> {
    let mut bytes = 4096;
    loop {
        let (code, name) = ask(&mut vec![0; bytes]);
        if code != libc::ERANGE || bytes >= ACCOUNT_BYTES_MAX {
            return name;
        }
        bytes *= 4;
    }
}

/// Lets other programs go first, in computing (`nice`, up to 19) and in reading.
pub(in crate::capture) fn lower_priority(nice: Option<i32>, io_class: Option<IoClass>) -> io::Result<()> {
    if let Some(nice) = nice {
        rustix::process::setpriority_process(None, nice)?;
    }
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if let Some(class) = io_class {
        const WHO_PROCESS: libc::c_int = 1;
        const CLASS_SHIFT: u32 = 13;
        let value: libc::c_int = match class {
            IoClass::BestEffort => 2 << CLASS_SHIFT | 7,
            IoClass::Idle => 3 << CLASS_SHIFT,
        };
        // SAFETY: the call takes three numbers.
        if unsafe { libc::syscall(libc::SYS_ioprio_set, WHO_PROCESS, 0, value) } != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = io_class;
    Ok(())
}
