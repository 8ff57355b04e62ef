//! Real mounts of repositories that stock restic wrote.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod ends;
mod everything;
mod fixture;
mod follows;
mod large;
mod messages;
mod refused;
mod restic;
mod semantics;
mod unhappy;
