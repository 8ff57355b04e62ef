//! Files of the index that are not tantivy's: written whole, synced, then named by the state; never changed.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tantivy::directory::{Directory, MmapDirectory, OwnedBytes};

use crate::error::{Error, Result};

/// A file, its length and checksum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileRef {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) crc: u32,
}

/// Writes a file of these parts and syncs it. The folder is synced by [`sync_folder`], before the state that names it.
pub(crate) fn write(folder: &Path, name: &str, parts: &[&[u8]]) -> Result<FileRef> {
    let path = folder.join(name);
    let what = || format!("writing {}", path.display());
    let mut file = File::create(&path).map_err(|error| Error::io(what(), error))?;
    let mut hasher = crc32fast::Hasher::new();
    let mut bytes = 0;
    for part in parts {
        file.write_all(part).map_err(|error| Error::io(what(), error))?;
        hasher.update(part);
        bytes += part.len() as u64;
    }
    file.sync_all().map_err(|error| Error::io(what(), error))?;
    Ok(FileRef { name: name.to_owned(), bytes, crc: hasher.finalize() })
}

/// Makes new names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    // Windows cannot sync a folder and orders its metadata itself.
    if cfg!(unix) {
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(|error| Error::io(format!("syncing {}", folder.display()), error))?;
    }
    Ok(())
}

/// Maps a file.
///
/// # Errors
/// `Damaged` when it is not there, or not what was written.
pub(crate) fn map(folder: &Path, file: &FileRef, verify: bool) -> Result<OwnedBytes> {
    let fault = |why: &str| Error::damaged(format!("{} {why}", file.name));
    if file.bytes == 0 {
        return Ok(OwnedBytes::empty());
    }
    let directory = MmapDirectory::open(folder).map_err(|error| fault("cannot be opened").because(error))?;
    let slice = directory.open_read(Path::new(&file.name)).map_err(|error| fault("cannot be opened").because(error))?;
    let bytes = slice.read_bytes().map_err(|error| fault("cannot be read").because(error))?;
    if bytes.len() as u64 != file.bytes {
        return Err(fault("has another length than was written"));
    }
    if verify && crc32fast::hash(&bytes) != file.crc {
        return Err(fault("has another checksum than was written"));
    }
    Ok(bytes)
}

/// Removes what no state names.
pub(crate) fn remove_others(folder: &Path, keep: impl Fn(&str) -> bool) -> Result<()> {
    let what = || format!("reading {}", folder.display());
    for entry in fs::read_dir(folder).map_err(|error| Error::io(what(), error))? {
        let entry = entry.map_err(|error| Error::io(what(), error))?;
        let name = entry.file_name();
        if entry.path().is_file() && !name.to_str().is_some_and(&keep) {
            let removed = fs::remove_file(entry.path());
            removed.map_err(|error| Error::io(format!("removing {}", entry.path().display()), error))?;
        }
    }
    Ok(())
}

/// Four bytes of a table.
#[inline]
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let word = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(word.try_into().ok()?))
}

/// Eight bytes of a table.
#[inline]
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let word = bytes.get(at..at.checked_add(8)?)?;
    Some(u64::from_le_bytes(word.try_into().ok()?))
}

/// A hash that never changes: FNV-1a with a finalizer. For ties and tables, never where somebody may choose the input
/// to their advantage.
pub(crate) fn stable_hash(seed: u64, bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325 ^ seed;
    for byte in bytes {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ (hash >> 29)
}
