//! What each data set is made of.

use crate::generate::chance::Chance;
use crate::generate::code::{Writer, source_size};
use crate::signals;
use anyhow::{Context, Result};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

const SEED: u64 = 0xb1_90_4e;
const THREADS: usize = 2;
/// Folders are at most this deep, as in a kernel's sources.
const DEPTH_MAX: usize = 7;
const TINY_BYTES_MAX: u64 = 4096;
const TINY_FILES_PER_FOLDER: u64 = 100;
const HISTORY_FILES_PER_FOLDER: u64 = 20;

/// The name, and part of the content, that `bench find` looks for: a few files of the history carry it.
pub(crate) const NEEDLE: &str = "needle";

/// Files like source code, in folders like a source tree's.
pub(crate) fn source(root: &Path, files: u64, folders: u64) -> Result<()> {
    let writer = Writer::new(SEED);
    let paths = folder_paths(root, folders, &writer)?;
    each(files, |number| {
        let mut chance = Chance::of(SEED, number);
        let folder = paths.get(chance.index(paths.len())).map_or(root, PathBuf::as_path);
        let size = source_size(&mut chance);
        let path = folder.join(format!("{}_{number}.c", writer.name(&mut chance)));
        write(&path, &writer.text(&mut chance, size))
    })
}

fn folder_paths(root: &Path, count: u64, writer: &Writer) -> Result<Vec<PathBuf>> {
    let mut chance = Chance::new(SEED);
    let mut paths: Vec<PathBuf> = vec![root.to_path_buf()];
    let depth = root.components().count() + DEPTH_MAX;
    for number in 1..count {
        let parent = paths.get(chance.index(paths.len())).filter(|path| path.components().count() < depth);
        let path = parent.map_or(root, PathBuf::as_path).join(format!("{}{number}", writer.name(&mut chance)));
        make_folder(&path)?;
        paths.push(path);
    }
    Ok(paths)
}

/// Files that no compressor shortens.
pub(crate) fn big(root: &Path, files: u64, size: u64) -> Result<()> {
    const BLOCK_BYTES: usize = 1 << 20;
    each(files, |number| {
        let path = root.join(format!("random_{number}.bin"));
        let mut file = File::create(&path).with_context(|| format!("creating {}", path.display()))?;
        let mut chance = Chance::of(SEED, 1_000_000 + number);
        let mut block = vec![0; BLOCK_BYTES];
        let mut left = size as usize;
        while left > 0 {
            chance.fill(&mut block);
            let part = block.get(..left.min(BLOCK_BYTES)).unwrap_or_default();
            file.write_all(part).with_context(|| format!("writing {}", path.display()))?;
            left -= part.len();
        }
        Ok(())
    })
}

/// Files of 0 to 4 KiB, 100 to a folder.
pub(crate) fn tiny(root: &Path, files: u64) -> Result<()> {
    let writer = Writer::new(SEED);
    each(files.div_ceil(TINY_FILES_PER_FOLDER), |folder| {
        let path = root.join(format!("part_{:02}", folder / 100)).join(format!("group_{folder:04}"));
        make_folder(&path)?;
        let first = folder * TINY_FILES_PER_FOLDER;
        for number in first..(first + TINY_FILES_PER_FOLDER).min(files) {
            let mut chance = Chance::of(SEED, 2_000_000 + number);
            let size = chance.below(TINY_BYTES_MAX + 1) as usize;
            let path = path.join(format!("{}_{number}.txt", writer.name(&mut chance)));
            write(&path, &writer.text(&mut chance, size))?;
        }
        Ok(())
    })
}

/// One folder: nine of ten files are empty, the tenth has one line.
pub(crate) fn million(root: &Path, files: u64) -> Result<()> {
    each(files, |number| {
        let line = if number % 10 == 0 { format!("line {number}\n") } else { String::new() };
        write(&root.join(format!("entry_{number:07}.txt")), line.as_bytes())
    })
}

/// A tree that lives: each day one percent of its files are changed, made or removed.
pub(crate) struct History {
    root: PathBuf,
    writer: Writer,
    /// The numbers of the files that are there.
    alive: Vec<u64>,
    made: u64,
    files: u64,
}

impl History {
    pub(crate) fn new(root: &Path, files: u64) -> Self {
        Self { root: root.to_path_buf(), writer: Writer::new(SEED), alive: Vec::new(), made: 0, files }
    }

    /// Brings the tree to a day; day 0 makes it.
    pub(crate) fn live(&mut self, day: u64) -> Result<()> {
        if day == 0 {
            return (0..self.files).try_for_each(|_| self.make());
        }
        let mut chance = Chance::of(SEED, 3_000_000 + day);
        let changes = (self.files / 100).max(1);
        for _ in 0..changes {
            let position = chance.index(self.alive.len());
            match chance.below(10) {
                0 => {
                    let number = self.alive.swap_remove(position);
                    let path = self.path(number);
                    fs::remove_file(&path).with_context(|| format!("removing {}", path.display()))?;
                    self.make()?;
                }
                _ => {
                    let number = self.alive.get(position).copied().unwrap_or_default();
                    self.fill(number, day)?;
                }
            }
        }
        Ok(())
    }

    fn make(&mut self) -> Result<()> {
        let number = self.made;
        self.made += 1;
        self.alive.push(number);
        self.fill(number, 0)
    }

    fn path(&self, number: u64) -> PathBuf {
        let folder = number / HISTORY_FILES_PER_FOLDER % (self.files / HISTORY_FILES_PER_FOLDER).max(1);
        let name =
            if number % 4001 == 7 { NEEDLE } else { self.writer.name(&mut Chance::of(SEED, 4_000_000 + number)) };
        self.root.join(format!("area_{:02}/unit_{folder:04}/{name}_{number}.c", folder / 50))
    }

    fn fill(&self, number: u64, day: u64) -> Result<()> {
        let path = self.path(number);
        if let Some(folder) = path.parent() {
            make_folder(folder)?;
        }
        let mut chance = Chance::of(SEED + day, 5_000_000 + number);
        let size = source_size(&mut chance) / 2 + 40;
        write(&path, &self.writer.text(&mut chance, size))
    }
}

/// Calls the work for every number, on all cores; the first error ends it.
fn each(count: u64, work: impl Fn(u64) -> Result<()> + Sync) -> Result<()> {
    /// Numbers that one thread takes at once, so that neighbors are made by one thread.
    const STEP: u64 = 16;
    let next = AtomicU64::new(0);
    let step = if count < STEP * THREADS as u64 { 1 } else { STEP };
    thread::scope(|scope| {
        let worker = || -> Result<()> {
            loop {
                let first = next.fetch_add(step, Ordering::Relaxed);
                if first >= count {
                    return Ok(());
                }
                signals::check()?;
                (first..(first + step).min(count)).try_for_each(&work)?;
            }
        };
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(worker)).collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a thread panicked"))))
    })
}

fn make_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).with_context(|| format!("creating {}", path.display()))
}

fn write(path: &Path, content: &[u8]) -> Result<()> {
    fs::write(path, content).with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::compare;

    #[test]
    fn a_set_is_the_same_every_time() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (folder.path().join("one"), folder.path().join("two"));
        for root in [&one, &two] {
            make_folder(root).unwrap();
            source(root, 200, 20).unwrap();
            tiny(root, 150).unwrap();
        }
        let differences = compare::differences(&one, &two).unwrap();
        // Times differ, as nobody sets them; names, sizes and contents do not.
        assert!(differences.iter().all(|line| line.contains(": time is ")), "{differences:?}");
    }

    #[test]
    fn a_day_changes_about_one_percent() {
        let folder = tempfile::tempdir().unwrap();
        let mut history = History::new(folder.path(), 1000);
        history.live(0).unwrap();
        let before = history.alive.clone();
        history.live(1).unwrap();
        assert_eq!(history.alive.len(), 1000);
        let gone = before.iter().filter(|number| !history.alive.contains(number)).count();
        assert!(gone <= 10);
    }
}
