//! Mount points of Unix systems: checking, attaching, detaching, and a watchdog for when we are killed.

pub(crate) mod attach;
pub(crate) mod detach;
#[cfg(target_os = "linux")]
pub(crate) mod mount_table;
pub(crate) mod place;
#[cfg(target_os = "linux")]
pub(crate) mod watchdog;

use bygone_vault::{Error, ErrorKind};
use rustix::io::Errno;

/// Type of our mounts after `fuse.`, and their device name, unless the user chose others.
pub(crate) const OURS: &str = "bygone";

/// An error of a system call.
pub(crate) fn system(what: impl Into<String>, errno: Errno) -> Error {
    let kind = match errno {
        Errno::PERM | Errno::ACCESS => ErrorKind::Denied,
        Errno::BUSY => ErrorKind::Conflict,
        _ => return Error::io(what, std::io::Error::from(errno)),
    };
    Error::new(kind, what).because(std::io::Error::from(errno))
}
