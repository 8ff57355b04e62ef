//! Mount points of Unix systems: checking, attaching, detaching, and a watchdog for when we are killed.

pub(crate) mod attach;
pub(crate) mod detach;
#[cfg(target_os = "linux")]
pub(crate) mod mount_table;
pub(crate) mod place;
#[cfg(target_os = "linux")]
pub(crate) mod watchdog;

/// An error of a system call.
#[cfg(target_os = "linux")]
pub(crate) fn system(what: impl Into<String>, errno: rustix::io::Errno) -> bygone_vault::Error {
    use bygone_vault::{Error, ErrorKind};
    use rustix::io::Errno;

    let kind = match errno {
        Errno::PERM | Errno::ACCESS => ErrorKind::Denied,
        Errno::BUSY => ErrorKind::Conflict,
        _ => return Error::io(what, std::io::Error::from(errno)),
    };
    Error::new(kind, what).because(std::io::Error::from(errno))
}
