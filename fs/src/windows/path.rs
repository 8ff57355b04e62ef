//! Paths as Windows writes them, to things.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::folder::Folder;
use super::wait;
use crate::core::Core;
use crate::core::Lifetime;
use crate::core::attributes::{Attributes, Kind};
use crate::core::fault::{Answer, Fault};
use crate::core::inode::Inode;

/// Between the names of a path.
const SEPARATOR: u16 = b'\\' as u16;
/// Directories whose names are kept in Windows's form.
const FOLDERS_MAX: usize = 64;
/// Names of one directory that are kept; larger ones are read again for each look.
const NAMES_MAX: usize = 100_000;

/// Resolves paths in one mounted view.
#[derive(Debug)]
pub struct Paths {
    core: Arc<Core>,
    folders: Mutex<HashMap<Inode, Arc<Rows>>>,
}

/// A directory's lines in Windows's form, without `.` and `..`.
#[derive(Debug)]
pub struct Rows {
    /// The names.
    pub folder: Folder,
    /// What is at each position.
    pub attributes: Vec<Attributes>,
}

/// Why a path leads nowhere, or not yet.
#[derive(Debug)]
pub enum Lost {
    /// The last name does not exist.
    Name,
    /// A name before it does not, or is no directory.
    Way,
    /// A name before it is a symbolic link, which must be followed first: where in the path that name begins.
    Link(usize),
    /// The core could not tell.
    Fault(Fault),
}

impl Paths {
    /// For one view.
    pub fn new(core: &Arc<Core>) -> Self {
        Self { core: Arc::clone(core), folders: Mutex::default() }
    }

    /// What lies at `\one\two`.
    ///
    /// # Errors
    /// [`Lost`].
    pub fn resolve(&self, path: &[u16]) -> Result<Attributes, Lost> {
        let mut at = wait::attributes(&self.core, Inode::ROOT).map_err(Lost::Fault)?;
        let (mut name_start, mut next_start) = (0, 0);
        for name in path.split(|unit| *unit == SEPARATOR) {
            let start = next_start;
            next_start += name.len() + 1;
            if name.is_empty() {
                continue;
            }
            match at.kind {
                Kind::Directory => {}
                Kind::Symlink => return Err(Lost::Link(name_start)),
                Kind::File | Kind::BlockDevice | Kind::CharDevice | Kind::Fifo | Kind::Socket => return Err(Lost::Way),
            }
            let rest = path.get(next_start..).unwrap_or_default();
            let is_last = rest.iter().all(|unit| *unit == SEPARATOR);
            let lost = || if is_last { Lost::Name } else { Lost::Way };
            let rows = self.rows(at.inode).map_err(Lost::Fault)?;
            let position = rows.folder.find(name).ok_or_else(lost)?;
            at = *rows.attributes.get(position).ok_or_else(lost)?;
            name_start = start;
        }
        Ok(at)
    }

    /// The lines of a directory. Those of a snapshot are kept, since they never change.
    ///
    /// # Errors
    /// As [`Core::list`].
    pub fn rows(&self, directory: Inode) -> Answer<Arc<Rows>> {
        if let Some(rows) = self.folders.lock().get(&directory) {
            return Ok(Arc::clone(rows));
        }
        let listing = wait::list(&self.core, directory)?;
        let (mut names, mut attributes, mut lasting) = (Vec::new(), Vec::new(), true);
        listing.each(0, |row| {
            if row.name != b"." && row.name != b".." {
                names.push(row.name.to_vec());
                attributes.push(row.attributes);
            }
            lasting &= row.lifetime == Lifetime::Forever;
            false
        });
        let folder = Folder::new(names.iter().map(Vec::as_slice));
        let rows = Arc::new(Rows { folder, attributes });
        if lasting && rows.attributes.len() <= NAMES_MAX {
            let mut folders = self.folders.lock();
            if folders.len() >= FOLDERS_MAX {
                folders.clear();
            }
            folders.insert(directory, Arc::clone(&rows));
        }
        Ok(rows)
    }
}
