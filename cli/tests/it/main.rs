//! The real `bygone` on repositories written by stock restic, with stock restic as the judge wherever it answers the
//! same question.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod backup;
mod bad_input;
mod cat;
mod check;
mod copy;
mod damage;
mod dance;
mod demo;
mod diff;
mod find;
mod fixture;
mod forget;
mod full_disk;
mod global;
mod history;
mod init;
mod key;
mod large;
mod leased;
mod ls;
mod mirror;
#[cfg(feature = "mount")]
mod mount;
mod own;
mod program;
mod prune;
mod refused;
mod remote;
mod restore;
mod rotate;
mod serve;
mod served;
mod snapshots;
mod stats;
mod tar;
mod terminal;
mod worm;
