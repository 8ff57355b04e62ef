//! A repository as a read-only file system of the operating system.
//!
//! Never: asynchronous code, HTTP, databases, writes to a repository, or plaintext on a disk.
//!
//! Read in this order: [`options`] says what can be asked for; [`layout`] which directories show the snapshots; [`core`]
//! answers lookups, listings and reads without knowing of any operating system; `fuse` and `windows` carry the
//! answers to kernels; `push` and `walker` run ahead of readers; `mounted` holds it all together.
//!
//! ```no_run
//! # fn show(repository: &bygone_vault::Repository) -> bygone_vault::Result<()> {
//! let options = bygone_fs::MountOptions::new("/mnt/past", bygone_fs::View::all());
//! let mounted = bygone_fs::mount(repository, options)?;
//! mounted.wait()?; // Until somebody unmounts it, or SIGINT or SIGTERM ends it.
//! # Ok(())
//! # }
//! ```

pub mod core;
pub mod daemon;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod fuse;
pub mod layout;
mod mounted;
pub mod options;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod push;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod threads;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod unix;
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
mod unsupported;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod walker;
pub mod windows;

pub use mounted::{Ended, Mounted, mount, umount};
pub use options::{MountOptions, Owner, Umount, View, Xattrs};

/// What WinFsp's license asks every program that uses it to show to its users.
pub const WINFSP_NOTICE: &str =
    "WinFsp - Windows File System Proxy, Copyright (C) Bill Zissimopoulos, https://github.com/winfsp/winfsp";
