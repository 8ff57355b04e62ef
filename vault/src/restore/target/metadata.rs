//! Metadata on Unix-like systems. The order matters: setting the owner clears set-uid bits and capabilities, attributes
//! of a read-only file can only be set while it is not yet read-only, and every step but the last changes a time.

use std::io;
use std::os::fd::AsFd;

use rustix::fs::{AtFlags, Gid, Mode, Timespec, Timestamps, Uid, XattrFlags};
use rustix::io::Errno;

use super::{Metadata, Steps, TIMES_FAILED};
use crate::error::Result;
use crate::restore::Ownership;
use crate::tree::{NodeKind, NodeTime, Xattr};

const SET_UID: u16 = 0o4000;
const SET_GID: u16 = 0o2000;
const NANOS_MAX: u32 = 999_999_999;

// What is said when a step fails.
const READ_FAILED: &str = "read what was made";
const MODE_FAILED: &str = "set its mode";

/// Of something that is open for reading or writing.
pub(super) fn set_open(fd: impl AsFd, metadata: &Metadata<'_>) -> Result<()> {
    let fd = fd.as_fd();
    let mut steps = Steps::default();
    let Some(stat) = steps.step(|| READ_FAILED, rustix::fs::fstat(fd)) else { return steps.end() };
    let owned = set_owner(&mut steps, metadata, stat.st_uid, stat.st_gid, |uid, gid| rustix::fs::fchown(fd, uid, gid));
    for xattr in metadata.xattrs {
        set_xattr(&mut steps, xattr, |name, value| rustix::fs::fsetxattr(fd, name, value, XattrFlags::empty()));
    }
    let mode = mode_allowed(metadata.mode, owned);
    // An owner that was just set cleared bits that the mode before says are there.
    // macOS has narrower modes.
    #[allow(clippy::useless_conversion)]
    let mode_now = u32::from(stat.st_mode) & 0o7777;
    if owned.changed || !metadata.xattrs.is_empty() || u32::from(mode) != mode_now {
        steps.step(|| MODE_FAILED, rustix::fs::fchmod(fd, Mode::from_raw_mode(mode.into())));
    }
    steps.step(|| TIMES_FAILED, rustix::fs::futimens(fd, &timestamps(metadata)));
    steps.end()
}

/// Whose a file is after the attempt to give it to its owner.
#[derive(Debug, Clone, Copy)]
struct Owned {
    uid_fits: bool,
    gid_fits: bool,
    changed: bool,
}

/// Only root may give files away. Others may choose among their groups; that they may not is no failure.
fn set_owner(
    steps: &mut Steps,
    metadata: &Metadata<'_>,
    uid: u32,
    gid: u32,
    change: impl Fn(Option<Uid>, Option<Gid>) -> rustix::io::Result<()>,
) -> Owned {
    let (mut uid_fits, mut gid_fits) = (uid == metadata.uid, gid == metadata.gid);
    let gives = match metadata.ownership {
        Ownership::AsSaved => true,
        Ownership::AsMade => false,
    };
    // All ones stands for "leave it" in the system's call.
    let wanted_uid = (gives && !uid_fits && metadata.uid != u32::MAX).then(|| Uid::from_raw(metadata.uid));
    let wanted_gid = (gives && !gid_fits && metadata.gid != u32::MAX).then(|| Gid::from_raw(metadata.gid));
    let mut changed = false;
    if rustix::process::geteuid().is_root() {
        if wanted_uid.is_some() || wanted_gid.is_some() {
            let result = change(wanted_uid, wanted_gid);
            changed = result.is_ok();
            uid_fits |= changed && wanted_uid.is_some();
            gid_fits |= changed && wanted_gid.is_some();
            let what = || format!("give it to user {} and group {}", metadata.uid, metadata.gid);
            steps.step(what, result);
        }
    } else if wanted_gid.is_some() && change(None, wanted_gid).is_ok() {
        (gid_fits, changed) = (true, true);
    }
    Owned { uid_fits, gid_fits, changed }
}

/// A set-uid bit under another owner would lend the wrong one's rights.
fn mode_allowed(mode: u16, owned: Owned) -> u16 {
    let lost = if owned.uid_fits { 0 } else { SET_UID } | if owned.gid_fits { 0 } else { SET_GID };
    mode & 0o7777 & !lost
}

/// Attributes that only root may set are left out for everyone else.
fn set_xattr(steps: &mut Steps, xattr: &Xattr, set: impl Fn(&[u8], &[u8]) -> rustix::io::Result<()>) {
    let Err(error) = set(&xattr.name, &xattr.value) else { return };
    let privileged = xattr.name.starts_with(b"security.") || xattr.name.starts_with(b"trusted.");
    let refused = matches!(error, Errno::PERM | Errno::ACCESS | Errno::OPNOTSUPP);
    if privileged && refused && !rustix::process::geteuid().is_root() {
        return;
    }
    let what = || format!("set its attribute {}", String::from_utf8_lossy(&xattr.name));
    steps.step(what, Err::<(), _>(error));
}

fn timestamps(metadata: &Metadata<'_>) -> Timestamps {
    // Larger values would be commands to the system: "now", "leave it".
    let time = |time: NodeTime| Timespec { tv_sec: time.seconds, tv_nsec: time.nanos.min(NANOS_MAX).into() };
    Timestamps { last_access: time(metadata.atime), last_modification: time(metadata.mtime) }
}

/// Of something by its name that is not a directory. Nothing a name points to is touched: the thing is pinned first.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn set_named(folder: impl AsFd, name: &[u8], kind: NodeKind, metadata: &Metadata<'_>) -> Result<()> {
    let mut steps = Steps::default();
    match (pin(folder.as_fd(), name), kind) {
        (Err(error), _) => {
            steps.step(|| "open what was made", Err::<(), _>(error));
        }
        (Ok(pinned), NodeKind::Symlink) => set_link(&mut steps, folder, name, pinned, metadata),
        (Ok(pinned), _) => return set_pinned(&pinned, metadata),
    }
    steps.end()
}

/// A link has no mode, and can be reached by its name only; the handle tells its owner.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn set_link(steps: &mut Steps, folder: impl AsFd, name: &[u8], link: std::os::fd::OwnedFd, metadata: &Metadata<'_>) {
    let folder = folder.as_fd();
    if let Some(stat) = steps.step(|| READ_FAILED, rustix::fs::fstat(&link)) {
        set_owner(steps, metadata, stat.st_uid, stat.st_gid, |uid, gid| {
            rustix::fs::chownat(&link, "", uid, gid, AtFlags::EMPTY_PATH)
        });
    }
    if !metadata.xattrs.is_empty() {
        let path = [proc_path(folder).as_bytes(), b"/", name].concat();
        for xattr in metadata.xattrs {
            set_xattr(steps, xattr, |name, value| rustix::fs::lsetxattr(&path, name, value, XattrFlags::empty()));
        }
    }
    let times = rustix::fs::utimensat(folder, name, &timestamps(metadata), AtFlags::SYMLINK_NOFOLLOW);
    steps.step(|| TIMES_FAILED, times);
}

/// Of something that is held by a handle good for nothing but its name: the way leads through `/proc`.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn set_pinned(pinned: impl AsFd, metadata: &Metadata<'_>) -> Result<()> {
    let pinned = pinned.as_fd();
    let mut steps = Steps::default();
    let Some(stat) = steps.step(|| READ_FAILED, rustix::fs::fstat(pinned)) else { return steps.end() };
    let path = proc_path(pinned);
    let owned = set_owner(&mut steps, metadata, stat.st_uid, stat.st_gid, |uid, gid| {
        rustix::fs::chownat(pinned, "", uid, gid, AtFlags::EMPTY_PATH)
    });
    for xattr in metadata.xattrs {
        set_xattr(&mut steps, xattr, |name, value| rustix::fs::setxattr(&path, name, value, XattrFlags::empty()));
    }
    let mode = Mode::from_raw_mode(mode_allowed(metadata.mode, owned).into());
    steps.step(|| MODE_FAILED, rustix::fs::chmod(&path, mode));
    let times = rustix::fs::utimensat(rustix::fs::CWD, &path, &timestamps(metadata), AtFlags::empty());
    steps.step(|| TIMES_FAILED, times);
    steps.end()
}

/// Of a file, by name.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn set_named_mode(folder: impl AsFd, name: &[u8], _kind: NodeKind, mode: u16) -> io::Result<()> {
    let pinned = pin(folder.as_fd(), name)?;
    Ok(rustix::fs::chmod(proc_path(pinned.as_fd()), Mode::from_raw_mode(mode.into()))?)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
const ACCESS_ACL: &str = "system.posix_acl_access";
#[cfg(any(target_os = "linux", target_os = "android"))]
const DEFAULT_ACL: &str = "system.posix_acl_default";

/// Whether what is made in a directory gets an ACL from it.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn bequeaths_acl(folder: impl AsFd) -> bool {
    rustix::fs::fgetxattr_query(folder, DEFAULT_ACL).is_ok()
}

/// Removes the ACLs of something by its name.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn remove_acls(folder: impl AsFd, name: &[u8]) -> io::Result<()> {
    let path = [proc_path(folder.as_fd()).as_bytes(), b"/", name].concat();
    for acl in [ACCESS_ACL, DEFAULT_ACL] {
        match rustix::fs::lremovexattr(&path, acl) {
            Ok(()) | Err(Errno::NODATA | Errno::OPNOTSUPP) => {}
            // Only directories have a default one.
            Err(Errno::ACCESS) if acl == DEFAULT_ACL => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Other systems have no such ACLs.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn bequeaths_acl(_folder: impl AsFd) -> bool {
    false
}

/// Other systems have no such ACLs.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn remove_acls(_folder: impl AsFd, _name: &[u8]) -> io::Result<()> {
    Ok(())
}

/// A handle that follows nothing and opens nothing, not even a pipe or a device.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn pin(folder: std::os::fd::BorrowedFd<'_>, name: &[u8]) -> io::Result<std::os::fd::OwnedFd> {
    use rustix::fs::OFlags;
    Ok(rustix::fs::openat(folder, name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn proc_path(fd: std::os::fd::BorrowedFd<'_>) -> String {
    use std::os::fd::AsRawFd;
    format!("/proc/self/fd/{}", fd.as_raw_fd())
}

/// Of something by its name that is not a directory. These systems have calls that follow no link.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn set_named(folder: impl AsFd, name: &[u8], kind: NodeKind, metadata: &Metadata<'_>) -> Result<()> {
    let folder = folder.as_fd();
    let mut steps = Steps::default();
    if let Some(stat) = steps.step(|| READ_FAILED, rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)) {
        let owned = set_owner(&mut steps, metadata, stat.st_uid, stat.st_gid, |uid, gid| {
            rustix::fs::chownat(folder, name, uid, gid, AtFlags::SYMLINK_NOFOLLOW)
        });
        let mode = mode_allowed(metadata.mode, owned);
        if kind != NodeKind::Symlink {
            steps.step(|| MODE_FAILED, set_named_mode(folder, name, kind, mode));
        }
    }
    let times = rustix::fs::utimensat(folder, name, &timestamps(metadata), AtFlags::SYMLINK_NOFOLLOW);
    steps.step(|| TIMES_FAILED, times);
    steps.end()
}

/// Of a directory whose handle cannot do more: there is none on these systems.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn set_pinned(pinned: impl AsFd, metadata: &Metadata<'_>) -> Result<()> {
    set_open(pinned, metadata)
}

/// Of a file, by name.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn set_named_mode(folder: impl AsFd, name: &[u8], _kind: NodeKind, mode: u16) -> io::Result<()> {
    let mode = Mode::from_raw_mode(mode as rustix::fs::RawMode);
    Ok(rustix::fs::chmodat(folder, name, mode, AtFlags::SYMLINK_NOFOLLOW)?)
}
