//! mount(2), for root and whoever has its rights.

use std::ffi::CString;
use std::fs::OpenOptions;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;

use bygone_vault::{Error, ErrorKind, Result};
use rustix::io::Errno;
use rustix::mount::{MountFlags, mount as mount_call};
use rustix::process::{getgid, getuid};

use crate::options::MountOptions;
use crate::unix::system;

const DEVICE: &str = "/dev/fuse";

/// Mounts; `None` when it takes fusermount3.
pub(super) fn mount(mountpoint: &Path, options: &MountOptions) -> Result<Option<OwnedFd>> {
    let device = match OpenOptions::new().read(true).write(true).open(DEVICE) {
        Ok(device) => OwnedFd::from(device),
        // fusermount3 may, and opens it for us.
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied && !getuid().is_root() => return Ok(None),
        Err(error) => return Err(missing(error)),
    };
    let mut data = format!(
        "fd={},rootmode=40000,user_id={},group_id={},default_permissions",
        device.as_raw_fd(),
        getuid().as_raw(),
        getgid().as_raw()
    );
    if options.allow_other {
        data.push_str(",allow_other");
    }
    let data = CString::new(data).map_err(|_| Error::new(ErrorKind::InvalidInput, "a zero byte in a mount option"))?;
    let kind = format!("fuse.{}", options.subtype);
    let flags = MountFlags::RDONLY | MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOATIME;
    match mount_call(options.fs_name.as_str(), mountpoint, kind.as_str(), flags, Some(data.as_c_str())) {
        Ok(()) => Ok(Some(device)),
        Err(Errno::PERM) => Ok(None),
        Err(Errno::NODEV) => {
            Err(Error::new(ErrorKind::Unsupported, "the kernel has no FUSE: load its module with `modprobe fuse`"))
        }
        Err(errno) => Err(system(format!("mount at {}", mountpoint.display()), errno)),
    }
}

fn missing(error: std::io::Error) -> Error {
    use std::io::ErrorKind as Io;
    match error.kind() {
        Io::NotFound => {
            let text = format!("{DEVICE} does not exist: load FUSE with `modprobe fuse`, or give it to the container");
            Error::new(ErrorKind::Unsupported, text)
        }
        Io::PermissionDenied => Error::io(format!("{DEVICE} may not be used"), error),
        _ => Error::new(ErrorKind::Unsupported, format!("{DEVICE} cannot be opened")).because(error),
    }
}
