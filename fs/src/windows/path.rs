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

/// Why a path leads nowhere.
#[derive(Debug)]
pub enum Lost {
    /// The last name does not exist.
    Name,
    /// A name before it does not, or is no directory.
    Way,
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
        let mut names = path.split(|unit| *unit == u16::from(b'\\')).filter(|name| !name.is_empty()).peekable();
        while let Some(name) = names.next() {
            let lost = || if names.clone().next().is_some() { Lost::Way } else { Lost::Name };
            if at.kind != Kind::Directory {
                return Err(Lost::Way);
            }
            let rows = self.rows(at.inode).map_err(Lost::Fault)?;
            let position = rows.folder.find(name).ok_or_else(lost)?;
            at = *rows.attributes.get(position).ok_or_else(lost)?;
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
