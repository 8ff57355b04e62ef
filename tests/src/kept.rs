//! What is dear to make: made by the first test that asks, and kept for the next run.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// A folder that `make` has filled, below `folder` (a test's `CARGO_TARGET_TMPDIR`). Nobody may write to it. `text` is what
/// it is made by, as a rule a source file: another text makes another folder.
pub fn kept(folder: &Path, name: &str, text: &str, make: impl FnOnce(&Path)) -> PathBuf {
    fs::create_dir_all(folder).unwrap();
    // Snapshots hold the path that the system gives for the current directory: no links in it.
    let folder = folder.canonicalize().unwrap();
    let place = folder.join(format!("{name}-{:016x}", fingerprint(text)));
    let lock = File::create(place.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    if !place.join("done").exists() {
        fs::remove_dir_all(&place).ok();
        fs::create_dir(&place).unwrap();
        make(&place);
        fs::write(place.join("done"), "").unwrap();
    }
    place
}

/// FNV-1a.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
