//! Open directories of the target, a bounded number of them.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use parking_lot::Mutex;

use super::table::{ROOT, Table, at};
use super::target::Folder;

/// Directories held open. With the files being written that stays far below the usual limit of 1024 handles.
const FOLDERS_OPEN_MAX: usize = 128;

/// The directories of a plan, opened when they are needed, each from its parent.
#[derive(Debug)]
pub(super) struct Folders {
    root: Option<Arc<Folder>>,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    /// With the time of last use.
    folders: HashMap<u32, (Arc<Folder>, u64)>,
    now: u64,
}

impl Folders {
    pub(super) fn new(root: Option<Folder>) -> Self {
        Self { root: root.map(Arc::new), open: Mutex::default() }
    }

    /// The target itself.
    pub(super) fn root(&self) -> Option<Arc<Folder>> {
        self.root.clone()
    }

    pub(super) fn has_root(&self) -> bool {
        self.root.is_some()
    }

    /// The directory at a position of the plan, which has to exist.
    pub(super) fn get(&self, table: &Table, dir: u32) -> io::Result<Arc<Folder>> {
        let mut missing = Vec::new();
        let mut position = dir;
        let mut folder = loop {
            if position == ROOT {
                break self.root.clone().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
            }
            if let Some(folder) = self.open.lock().get(position) {
                break folder;
            }
            missing.push(position);
            position = table.dirs.get(at(position)).map_or(ROOT, |dir| dir.parent);
        };
        for position in missing.into_iter().rev() {
            let Some(dir) = table.dirs.get(at(position)) else { continue };
            folder = Arc::new(folder.open(table.dir_name(dir))?);
            self.open.lock().insert(position, folder.clone());
        }
        Ok(folder)
    }
}

impl Open {
    fn get(&mut self, position: u32) -> Option<Arc<Folder>> {
        self.now += 1;
        let now = self.now;
        let (folder, used) = self.folders.get_mut(&position)?;
        *used = now;
        Some(folder.clone())
    }

    fn insert(&mut self, position: u32, folder: Arc<Folder>) {
        self.now += 1;
        if self.folders.len() >= FOLDERS_OPEN_MAX {
            // Half at once, so that finding the oldest costs little each time.
            let mut times: Vec<u64> = self.folders.values().map(|(_, used)| *used).collect();
            times.sort_unstable();
            let median = times.get(times.len() / 2).copied().unwrap_or(0);
            self.folders.retain(|_, (_, used)| *used > median);
        }
        self.folders.insert(position, (folder, self.now));
    }
}
