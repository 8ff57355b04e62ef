//! Repositories of stock restic that are large in one way each. They take up to some minutes to make, are then kept, and
//! nobody may write to them. Their sources are gone: what they held follows from numbers.

use std::path::{Path, PathBuf};

use crate::restic::Restic;

pub mod large_file;
pub mod large_folders;
pub mod many_snapshots;

/// A new repository in `place`.
fn init(place: &Path) -> Restic {
    let restic = Restic::new(repository_in(place).to_str().unwrap()).arguments(&["--no-cache", "--quiet"]);
    restic.run(&["init"]);
    restic
}

fn repository_in(place: &Path) -> PathBuf {
    place.join("repository")
}
