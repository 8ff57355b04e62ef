//! What a restore takes the place of, kept: in a folder of the target, under the path that it had.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::table::{ROOT, Table, at};
use super::target::Folder;

/// What the name of the folder begins with.
pub(super) const REPLACED: &str = "replaced";

/// The name of the folder of a restore, by the moment that names it.
pub(super) fn name(label: &str) -> String {
    format!("{REPLACED} (restored {label})")
}

/// The folder, made when the first file comes.
#[derive(Debug)]
pub(super) struct Aside {
    root: Arc<Folder>,
    name: String,
    holds_some: AtomicBool,
}

impl Aside {
    /// A folder in the target, named by the moment of the restore.
    pub(super) fn new(root: Arc<Folder>, label: &str) -> Self {
        Self { root, name: name(label), holds_some: AtomicBool::new(false) }
    }

    /// Its name, once there is something in it.
    pub(super) fn used(&self) -> Option<&str> {
        self.holds_some.load(Ordering::Relaxed).then_some(self.name.as_str())
    }

    /// Moves what lies under a name in a directory of the plan. What is gone by then need not be moved.
    pub(super) fn keep(&self, table: &Table, dir: u32, from: &Folder, name: &[u8]) -> io::Result<()> {
        match from.move_to(name, &*self.folder(table, dir)?, name) {
            Ok(()) => self.holds_some.store(true, Ordering::Relaxed),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// The folder that stands for a directory of the plan, with those above it.
    fn folder(&self, table: &Table, dir: u32) -> io::Result<Arc<Folder>> {
        let mut names = Vec::new();
        let mut position = dir;
        while position != ROOT
            && let Some(dir) = table.dirs.get(at(position))
        {
            names.push(table.dir_name(dir));
            position = dir.parent;
        }
        names.push(self.name.as_bytes());
        let mut folder = Arc::clone(&self.root);
        for name in names.into_iter().rev() {
            match folder.make_folder(name) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                Ok(()) | Err(_) => folder = Arc::new(folder.open(name)?),
            }
        }
        Ok(folder)
    }
}
