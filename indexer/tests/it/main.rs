//! The search index from outside: over trees in memory, and over a real repository.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod asking;
mod crash;
mod fixture;
mod history;
mod many;
#[cfg(unix)]
mod repository;
mod rights;
