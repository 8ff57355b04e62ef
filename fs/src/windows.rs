//! The adapter for Windows: a drive through WinFsp, over the same core.
//!
//! All that can be decided without Windows is decided in modules that compile and are tested everywhere: [`names`] that
//! Windows can hold, [`folder`]s without regard to case, [`path`]s, [`attributes`], [`reparse`] points, [`status`] codes.
//! The adapter itself only carries bytes between WinFsp and them.

#[cfg(windows)]
pub(crate) mod adapter;
pub mod attributes;
pub mod folder;
pub mod names;
pub mod path;
pub mod reparse;
pub mod status;
pub mod wait;
