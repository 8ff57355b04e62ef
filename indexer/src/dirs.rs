//! The table of directories: every directory that any snapshot of a source had, once, as a parent and a name.
//!
//! A parent always has a smaller number than what is in it, so one pass over the table tells for every directory what
//! follows from those above it: whether it lies below a prefix, what a scope says of it, whether a word fits its path.
//! The table is one file that only grows; the state says how much of it counts. It is held in memory, 18 bytes each.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::files::{self, FileRef, stable_hash, u32_at};
use crate::names::Names;

/// No parent, no name: the root of a source.
pub(crate) const NONE: u32 = u32::MAX;
const RECORD_BYTES: usize = 12;
const FILE: &str = "directories";

/// How much of the file counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct DirsRef {
    pub(crate) count: u32,
    pub(crate) crc: u32,
}

/// One directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dir {
    pub(crate) parent: u32,
    pub(crate) name: u32,
    /// Position of its source in the state.
    pub(crate) source: u16,
}

/// All directories of a commit.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dirs {
    pub(crate) parents: Vec<u32>,
    pub(crate) names: Vec<u32>,
    pub(crate) sources: Vec<u16>,
    /// A hash of source and path that no rebuild changes.
    hashes: Vec<u64>,
    hasher: crc32fast::Hasher,
}

impl Dirs {
    pub(crate) fn open(
        folder: &Path,
        reference: DirsRef,
        names: &Names,
        source_hash: impl Fn(u16) -> u64,
    ) -> Result<Self> {
        let mut dirs = Self::default();
        if reference.count == 0 {
            return Ok(dirs);
        }
        let fault = || Error::damaged("the table of directories is not what was written");
        let bytes = std::fs::read(folder.join(FILE)).map_err(|error| fault().because(error))?;
        let bytes = bytes.get(..reference.count as usize * RECORD_BYTES).ok_or_else(fault)?;
        dirs.hasher.update(bytes);
        if dirs.hasher.clone().finalize() != reference.crc {
            return Err(fault());
        }
        for record in bytes.chunks_exact(RECORD_BYTES) {
            let field = |at| u32_at(record, at).ok_or_else(fault);
            let source = u16::try_from(field(8)?).map_err(|_| fault())?;
            let dir = Dir { parent: field(0)?, name: field(4)?, source };
            let count = dirs.count();
            if dir.parent != NONE && dir.parent >= count {
                return Err(fault());
            }
            dirs.push(dir, names.shown(dir.name), &source_hash);
        }
        Ok(dirs)
    }

    fn push(&mut self, dir: Dir, name: &[u8], source_hash: &impl Fn(u16) -> u64) {
        let hash = match self.hashes.get(dir.parent as usize) {
            Some(parent) => stable_hash(*parent, name),
            None => source_hash(dir.source),
        };
        self.parents.push(dir.parent);
        self.names.push(dir.name);
        self.sources.push(dir.source);
        self.hashes.push(hash);
    }

    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.parents.len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn get(&self, dir: u32) -> Option<Dir> {
        let at = dir as usize;
        Some(Dir { parent: *self.parents.get(at)?, name: *self.names.get(at)?, source: *self.sources.get(at)? })
    }

    pub(crate) fn source(&self, dir: u32) -> u16 {
        self.sources.get(dir as usize).copied().unwrap_or(u16::MAX)
    }

    pub(crate) fn hash(&self, dir: u32) -> u64 {
        self.hashes.get(dir as usize).copied().unwrap_or_default()
    }

    /// The numbers of the names from the root down to a directory.
    pub(crate) fn path(&self, dir: u32) -> Vec<u32> {
        let mut names = Vec::new();
        let mut at = dir;
        while let (Some(parent), Some(name)) = (self.parents.get(at as usize), self.names.get(at as usize)) {
            if *parent == NONE {
                break;
            }
            names.push(*name);
            at = *parent;
        }
        names.reverse();
        names
    }

    /// What holds for every directory, from what holds for the one above it. The first argument of `below` is what
    /// holds above, or the default for the root of a source.
    pub(crate) fn descend<T: Copy + Default>(&self, mut below: impl FnMut(T, Dir, u32) -> T) -> Vec<T> {
        let mut states: Vec<T> = Vec::with_capacity(self.parents.len());
        let rows = self.parents.iter().zip(&self.names).zip(&self.sources);
        for (number, ((parent, name), source)) in (0_u32..).zip(rows) {
            let above = states.get(*parent as usize).copied().unwrap_or_default();
            let state = below(above, Dir { parent: *parent, name: *name, source: *source }, number);
            states.push(state);
        }
        states
    }

    /// The directory of each (parent, name) of a source.
    pub(crate) fn children(&self, source: u16) -> HashMap<(u32, u32), u32> {
        let rows = (0_u32..).zip(self.sources.iter().zip(self.parents.iter().zip(&self.names)));
        rows.filter(|(_, (of, _))| **of == source)
            .map(|(number, (_, (parent, name)))| ((*parent, *name), number))
            .collect()
    }

    /// Adds directories behind those that count, and syncs the file.
    pub(crate) fn append(
        &self,
        folder: &Path,
        new: &[Dir],
        names: &Names,
        source_hash: impl Fn(u16) -> u64,
    ) -> Result<(Self, DirsRef)> {
        let mut dirs = self.clone();
        let mut bytes = Vec::with_capacity(new.len() * RECORD_BYTES);
        for dir in new {
            if dirs.count() >= NONE - 1 {
                return Err(Error::new(ErrorKind::TooLarge, "the table of directories is full"));
            }
            bytes.extend_from_slice(&dir.parent.to_le_bytes());
            bytes.extend_from_slice(&dir.name.to_le_bytes());
            bytes.extend_from_slice(&u32::from(dir.source).to_le_bytes());
            dirs.push(*dir, names.shown(dir.name), &source_hash);
        }
        if !new.is_empty() {
            let path = folder.join(FILE);
            let write = || {
                let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
                // What lies behind is of a writer that did not come to its commit.
                let start = u64::from(self.count()) * RECORD_BYTES as u64;
                file.set_len(start)?;
                file.seek(SeekFrom::Start(start))?;
                file.write_all(&bytes)?;
                file.sync_all()
            };
            write().map_err(|error| Error::io(format!("writing {}", path.display()), error))?;
            dirs.hasher.update(&bytes);
        }
        let reference = DirsRef { count: dirs.count(), crc: dirs.hasher.clone().finalize() };
        Ok((dirs, reference))
    }
}

/// Whether a file belongs to the table.
pub(crate) fn is_file(name: &str) -> bool {
    name == FILE
}

/// What each directory of a source's newest snapshot had as its tree, shortened to 8 bytes: what is equal is not
/// walked again.
#[derive(Debug, Default)]
pub(crate) struct TreeMarks(HashMap<u32, u64>);

impl TreeMarks {
    pub(crate) fn open(folder: &Path, file: &FileRef) -> Result<Self> {
        let bytes = files::map(folder, file, true)?;
        let mark = |record: &[u8]| Some((u32_at(record, 0)?, files::u64_at(record, 4)?));
        Ok(Self(bytes.chunks_exact(RECORD_BYTES).filter_map(mark).collect()))
    }

    pub(crate) fn get(&self, dir: u32) -> Option<u64> {
        self.0.get(&dir).copied()
    }

    pub(crate) fn set(&mut self, dir: u32, mark: Option<u64>) {
        match mark {
            Some(mark) => self.0.insert(dir, mark),
            None => self.0.remove(&dir),
        };
    }

    pub(crate) fn write(&self, folder: &Path, name: &str) -> Result<FileRef> {
        let mut marks: Vec<_> = self.0.iter().collect();
        marks.sort_unstable();
        let mut bytes = Vec::with_capacity(marks.len() * RECORD_BYTES);
        for (dir, mark) in marks {
            bytes.extend_from_slice(&dir.to_le_bytes());
            bytes.extend_from_slice(&mark.to_le_bytes());
        }
        files::write(folder, name, &[&bytes])
    }
}
