//! The portal's routes in this process, over real repositories.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod bad_input;
mod past;
mod preview;
mod rights;
mod search;
mod search_rights;
mod support;
mod tree;
