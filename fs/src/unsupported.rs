//! Systems without an adapter.

use std::path::Path;

use bygone_vault::{Error, ErrorKind, Repository, Result};

use crate::mounted::Ended;
use crate::options::{MountOptions, Umount};

/// Never made.
#[derive(Debug)]
pub enum Mounted {}

fn unsupported() -> Error {
    Error::new(ErrorKind::Unsupported, "this system has no way to mount a repository that bygone knows")
}

/// Refuses.
///
/// # Errors
/// Always `Unsupported`.
pub fn mount(_repository: &Repository, _options: MountOptions) -> Result<Mounted> {
    Err(unsupported())
}

/// Refuses.
///
/// # Errors
/// Always `Unsupported`.
pub fn umount(_mountpoint: &Path, _how: Umount) -> Result<()> {
    Err(unsupported())
}

impl Mounted {
    /// Never called.
    pub fn mountpoint(&self) -> &Path {
        match *self {}
    }

    /// Never called.
    pub fn shows(&self) -> String {
        match *self {}
    }

    /// Never called.
    pub fn messages(&self) -> impl Fn() -> Vec<(&'static str, u64)> + Send + 'static {
        || match *self {}
    }

    /// Never called.
    ///
    /// # Errors
    /// None.
    pub fn wait(self) -> Result<Ended> {
        match self {}
    }

    /// Never called.
    ///
    /// # Errors
    /// None.
    pub fn unmount(self) -> Result<Ended> {
        match self {}
    }
}
