//! A file beyond what 32 bits can count: noise at its ends and across the boundaries of 2 and 4 GiB, zeros between.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::{init, repository_in};
use crate::kept::kept;
use crate::noise::noise;

/// The file's name, in the snapshot's root.
pub const NAME: &str = "large";
/// Its size: 5 GiB and a bit.
pub const BYTES: u64 = (5 << 30) + 12_345;
/// Its size without the zeros.
pub const NOISE_BYTES: u64 = 20 << 20;

/// Where noise begins, and how long it is. The seed is its position in this list.
const NOISE: [(u64, usize); 4] = [
    (0, 3 << 20),
    ((2 << 30) - (1 << 20) - 7, 3 << 20),
    ((4 << 30) - (3 << 20) - 17, 10 << 20),
    (BYTES - (4 << 20), 4 << 20),
];

/// The repository: one snapshot of the file.
pub fn repository(folder: &Path) -> PathBuf {
    let place = kept(folder, "large-file", include_str!("large_file.rs"), |place| {
        let source = place.join("source");
        fs::create_dir(&source).unwrap();
        let file = File::create(source.join(NAME)).unwrap();
        file.set_len(BYTES).unwrap();
        for ((offset, len), seed) in NOISE.iter().zip(0..) {
            std::os::unix::fs::FileExt::write_all_at(&file, &noise(seed, *len), *offset).unwrap();
        }
        init(place).in_folder(&source).run(&["backup", "."]);
        fs::remove_dir_all(source).unwrap();
    });
    repository_in(&place)
}

/// What the file holds, for comparing parts of it.
#[derive(Debug)]
pub struct Model {
    noise: Vec<(u64, Vec<u8>)>,
}

impl Model {
    /// Makes the noise.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Self { noise: NOISE.iter().zip(0..).map(|((offset, len), seed)| (*offset, noise(seed, *len))).collect() }
    }

    /// The file's bytes from `offset` on, at most `len`.
    pub fn part(&self, offset: u64, len: usize) -> Vec<u8> {
        let end = (offset + len as u64).min(BYTES);
        let mut part = vec![0; usize::try_from(end.saturating_sub(offset)).unwrap()];
        for (start, noise) in &self.noise {
            let (from, to) = (offset.max(*start), end.min(start + noise.len() as u64));
            if from < to {
                let at = |position: u64, base: u64| usize::try_from(position - base).unwrap();
                part[at(from, offset)..at(to, offset)].copy_from_slice(&noise[at(from, *start)..at(to, *start)]);
            }
        }
        part
    }

    /// Fails the test unless `bytes` are those of the file from `offset` on.
    pub fn check(&self, offset: u64, bytes: &[u8]) {
        assert!(self.part(offset, bytes.len()) == bytes, "{} bytes at {offset} are not the file's", bytes.len());
    }

    /// Offsets where something begins, ends or overflows.
    pub fn edges(&self) -> impl Iterator<Item = u64> {
        let noise = NOISE.iter().flat_map(|(start, len)| [*start, start + *len as u64]);
        noise.chain([1 << 31, 1 << 32, 3 << 30, BYTES])
    }
}
