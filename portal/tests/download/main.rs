//! Downloads as programs see them: a portal on a free port of loopback, over a repository of stock restic.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod archives;
mod clients;
mod damage;
mod drives;
mod large;
mod limits;
mod load;
mod ranges;
mod rows;
mod support;
mod tickets;
