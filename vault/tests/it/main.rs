//! What a repository promises, over repositories that stock restic wrote.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod anomaly;
mod backends;
mod cache;
mod capture;
mod cheap;
mod check;
mod copy;
mod damage;
mod fixture;
mod hold;
mod keyring;
mod lock;
mod over_storage;
mod prune;
mod reading;
mod repair;
mod restore;
mod retention;
mod rotate;
mod rustic;
mod served;
mod small_disk;
mod worm;
mod write;
