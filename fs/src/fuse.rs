//! The adapter for Linux and macOS: carries questions of the kernel to the core and answers back. No rule lives here
//! but those of the FUSE protocol.
//!
//! Read in this order: [`filesystem`] (one handler for each message), [`reply`] and [`errno`] (answers in the kernel's
//! words), [`xattrs`], [`counters`], [`refresh`] (what to forget, and when), [`mounted`] (threads and their ends).

pub(crate) mod counters;
pub(crate) mod errno;
mod filesystem;
pub(crate) mod mounted;
mod read_ahead;
mod refresh;
mod reply;
mod signals;
mod xattrs;

pub(crate) use crate::unix::detach::umount;
pub(crate) use mounted::{Mounted, mount};
