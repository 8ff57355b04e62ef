//! Unmounting, by us or by fusermount3 for us.

use std::path::Path;

use bygone_vault::{Error, ErrorKind, Result};

use super::place::absolute;
use crate::options::Umount;

/// Unmounts a mount of ours, living or dead.
///
/// # Errors
/// `NotFound`: nothing is mounted there. `InvalidInput`: somebody else's mount. `Conflict`: it is in use.
#[cfg(target_os = "linux")]
pub(crate) fn umount(mountpoint: &Path, how: Umount) -> Result<()> {
    let path = absolute(mountpoint)?;
    let shown = mountpoint.display();
    let Some(line) = super::mount_table::at(&path)? else {
        return Err(Error::new(ErrorKind::NotFound, format!("nothing is mounted at {shown}")));
    };
    if !line.is_ours() {
        let text = format!("{shown} is not a mount of bygone: {} is mounted there ({})", line.source, line.kind);
        return Err(Error::new(ErrorKind::InvalidInput, text));
    }
    // Whoever still uses a dead mount gets errors only: there is nothing to wait for.
    let how = if line.is_dead() { Umount::Detach } else { how };
    detach(&path, how)
}

/// Unmounts a mount of ours.
///
/// # Errors
/// Nothing is mounted there, or it is in use.
#[cfg(not(target_os = "linux"))]
pub(crate) fn umount(mountpoint: &Path, how: Umount) -> Result<()> {
    detach(&absolute(mountpoint)?, how)
}

/// Unmounts whatever is mounted at an absolute path.
///
/// # Errors
/// `Conflict`: it is in use. `Denied`: neither we nor fusermount3 may.
#[cfg(target_os = "linux")]
pub(crate) fn detach(mountpoint: &Path, how: Umount) -> Result<()> {
    use rustix::io::Errno;
    use rustix::mount::{UnmountFlags, unmount};

    let flags = match how {
        Umount::Clean => UnmountFlags::NOFOLLOW,
        Umount::Detach => UnmountFlags::NOFOLLOW | UnmountFlags::DETACH,
    };
    match unmount(mountpoint, flags) {
        Ok(()) => Ok(()),
        Err(Errno::PERM) => by_helper(mountpoint, how),
        Err(Errno::BUSY) => Err(busy(mountpoint)),
        Err(errno) => Err(super::system(format!("unmount {}", mountpoint.display()), errno)),
    }
}

#[cfg(target_os = "linux")]
fn busy(mountpoint: &Path) -> Error {
    let shown = mountpoint.display();
    Error::new(ErrorKind::Conflict, format!("{shown} is in use: close what is open there, or detach it"))
}

#[cfg(target_os = "linux")]
fn by_helper(mountpoint: &Path, how: Umount) -> Result<()> {
    use std::process::{Command, Stdio};

    use super::attach::HELPERS;

    for helper in HELPERS {
        let mut command = Command::new(helper);
        command.arg("-u");
        if how == Umount::Detach {
            command.arg("-z");
        }
        command.arg("--").arg(mountpoint).stdin(Stdio::null()).env("LC_ALL", "C");
        let output = match command.output() {
            Ok(output) => output,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(Error::io(format!("run {helper}"), error)),
        };
        if output.status.success() {
            return Ok(());
        }
        let complaint = String::from_utf8_lossy(&output.stderr);
        if complaint.contains("busy") {
            return Err(busy(mountpoint));
        }
        let line = complaint.lines().next().unwrap_or("it gave no reason").trim_start_matches(helper);
        let text = format!("{helper} refuses to unmount: {}", line.trim_start_matches(':').trim());
        return Err(Error::new(ErrorKind::Denied, text));
    }
    let text = format!("only root can unmount {}: fusermount3 is not installed", mountpoint.display());
    Err(Error::new(ErrorKind::Denied, text))
}

/// Unmounts whatever is mounted at an absolute path.
///
/// # Errors
/// `Conflict`: it is in use.
#[cfg(not(target_os = "linux"))]
pub(crate) fn detach(mountpoint: &Path, how: Umount) -> Result<()> {
    use std::ffi::CString;
    use std::os::unix::ffi::OsStrExt;

    let shown = mountpoint.display();
    let path = CString::new(mountpoint.as_os_str().as_bytes())
        .map_err(|_| Error::new(ErrorKind::InvalidInput, format!("{shown} holds a zero byte")))?;
    let flags = match how {
        Umount::Clean => 0,
        Umount::Detach => libc::MNT_FORCE,
    };
    // SAFETY: the path is a C string that outlives the call.
    if unsafe { libc::unmount(path.as_ptr(), flags) } == 0 {
        return Ok(());
    }
    let error = std::io::Error::last_os_error();
    let kind = match error.raw_os_error() {
        Some(libc::EBUSY) => ErrorKind::Conflict,
        Some(libc::EINVAL) => ErrorKind::NotFound,
        Some(_) | None => ErrorKind::Io,
    };
    Err(Error::new(kind, format!("unmount {shown}")).because(error))
}
