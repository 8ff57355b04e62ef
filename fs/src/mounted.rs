//! A mount that lives.

use std::path::Path;

use bygone_vault::{Repository, Result};

#[cfg(any(target_os = "linux", target_os = "macos"))]
use crate::fuse as platform;
use crate::options::{MountOptions, Umount};
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
use crate::unsupported as platform;
#[cfg(windows)]
use crate::windows::adapter as platform;

/// How a mount came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Nobody used it any more.
    Unmounted,
    /// It was in use: it is gone from the tree, and its users see errors from now on.
    Detached,
}

/// A mount. Dropping it unmounts.
#[derive(Debug)]
pub struct Mounted {
    inner: platform::Mounted,
}

/// Mounts what `options` say. When it returns, the mount point can be listed.
///
/// # Errors
/// One line that names the thing: the mount point is missing, no directory, busy, not empty, not permitted, or would
/// cover the repository; FUSE or WinFsp is missing; the snapshot or path does not exist.
pub fn mount(repository: &Repository, options: MountOptions) -> Result<Mounted> {
    platform::mount(repository, options).map(|inner| Mounted { inner })
}

/// Unmounts what [`mount`] mounted, in this process or another, living or killed.
///
/// # Errors
/// `NotFound` when nothing is mounted there, `InvalidInput` when it is not one of ours, `Conflict` when it is in use.
pub fn umount(mountpoint: &Path, how: Umount) -> Result<()> {
    platform::umount(mountpoint, how)
}

impl Mounted {
    /// Where it is, as an absolute path.
    pub fn mountpoint(&self) -> &Path {
        self.inner.mountpoint()
    }

    /// What it shows, for people: `snapshot 1a2b3c4d of alice-pc, 2026-11-01T10:00:00Z` or `42 snapshots`.
    pub fn shows(&self) -> String {
        self.inner.shows()
    }

    /// How many messages of each kind the operating system sent so far, by name. For tests and the curious.
    pub fn messages(&self) -> Vec<(&'static str, u64)> {
        self.inner.messages()()
    }

    /// The same, to be asked even when the mount is gone.
    pub fn watch_messages(&self) -> impl Fn() -> Vec<(&'static str, u64)> + Send + 'static {
        self.inner.messages()
    }

    /// Waits until somebody unmounts it, or ends it on SIGINT or SIGTERM ([`MountOptions::signals`]).
    ///
    /// # Errors
    /// The connection with the operating system broke.
    pub fn wait(self) -> Result<Ended> {
        self.inner.wait()
    }

    /// Unmounts it, even when it is in use.
    ///
    /// # Errors
    /// The operating system refuses.
    pub fn unmount(self) -> Result<Ended> {
        self.inner.unmount()
    }
}
