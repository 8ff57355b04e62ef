//! The core, without an operating system, over repositories made in memory.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod against_model;
mod ask;
mod model;
mod store;
mod unhappy;
mod windows_paths;
