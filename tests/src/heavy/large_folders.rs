//! Folders of a hundred thousand and of a million files.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::{init, repository_in};
use crate::kept::kept;

/// The folders in the snapshot's root, and how many files they hold.
pub const FOLDERS: [(&str, usize); 2] = [("hundred thousand", 100_000), ("million", 1_000_000)];
/// Every so many files, one is not empty.
const FILLED_EVERY: usize = 50_000;

/// The repository: one snapshot of the folders.
pub fn repository(folder: &Path) -> PathBuf {
    let place = kept(folder, "large-folders", include_str!("large_folders.rs"), |place| {
        let source = place.join("source");
        for (name, files) in FOLDERS {
            let folder = source.join(name);
            fs::create_dir_all(&folder).unwrap();
            for number in 0..files {
                let path = folder.join(file_name(number));
                match content(number) {
                    text if text.is_empty() => drop(File::create(path).unwrap()),
                    text => fs::write(path, text).unwrap(),
                }
            }
        }
        init(place).in_folder(&source).run(&["backup", "."]);
        fs::remove_dir_all(source).unwrap();
    });
    repository_in(&place)
}

/// The name of a file. They sort as their numbers do.
pub fn file_name(number: usize) -> String {
    // Of several lengths, so that a page of a listing ends anywhere.
    format!("entry {number:07}{}", &"-abcdefghijkl"[..number % 13])
}

/// What a file holds: most hold nothing.
pub fn content(number: usize) -> String {
    if number % FILLED_EVERY == FILLED_EVERY - 1 { format!("file {number}\n") } else { String::new() }
}
