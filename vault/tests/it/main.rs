//! What a repository promises, over repositories that stock restic wrote.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[cfg(unix)]
mod anomaly;
#[cfg(unix)]
mod backends;
mod cache;
#[cfg(unix)]
mod capture;
#[cfg(unix)]
mod cheap;
#[cfg(unix)]
mod check;
#[cfg(unix)]
mod copy;
mod damage;
mod fixture;
#[cfg(unix)]
mod hold;
mod keyring;
#[cfg(unix)]
mod lock;
#[cfg(unix)]
mod over_storage;
#[cfg(unix)]
mod prune;
mod reading;
#[cfg(unix)]
mod repair;
mod restore;
#[cfg(unix)]
mod retention;
#[cfg(unix)]
mod rotate;
mod rustic;
mod small_disk;
#[cfg(unix)]
mod worm;
#[cfg(unix)]
mod write;
