//! Holding a lease.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use bygone_common::{SnapshotId, TreeId};
use jiff::Timestamp;
use parking_lot::Mutex;
use serde::Serialize;

use super::{LIST, LOCK, Owner, Read, UNFINISHED};
use crate::error::{Error, Result};
use crate::random;

/// A lease that is held until it is dropped, or the process ends in whatever way.
#[derive(Debug)]
pub struct Lease {
    /// Open for as long as this lives: the lock on it is the lease.
    _lock: File,
    lock_path: PathBuf,
    pub(super) list: Mutex<List>,
}

#[derive(Debug)]
pub(super) struct List {
    pub(super) file: File,
    path: PathBuf,
    read: HashSet<SnapshotId>,
}

impl Lease {
    pub(super) fn take(folder: &Path, verb: &str) -> Result<Self> {
        let failed = |error| Error::io(format!("take a lease in {}", folder.display()), error);
        fs::create_dir_all(folder).map_err(failed)?;
        let pid = std::process::id();
        let name = format!("{pid}-{}", hex::encode(random::bytes::<8>()?));
        let (unfinished, lock_path) =
            (folder.join(format!("{name}.{UNFINISHED}")), folder.join(format!("{name}.{LOCK}")));
        let mut list = List::make(folder.join(format!("{name}.{LIST}"))).map_err(failed)?;
        list.append(&Owner { pid, verb: verb.to_owned(), since: Timestamp::now() }).map_err(failed)?;
        let lock = OpenOptions::new().read(true).write(true).create_new(true).open(&unfinished).map_err(failed)?;
        // Locked before it has a name by which it would be taken for one that was left behind.
        let named = lock.lock().and_then(|()| fs::rename(&unfinished, &lock_path));
        if let Err(error) = named {
            let _ = (fs::remove_file(&unfinished), fs::remove_file(&list.path));
            return Err(failed(error));
        }
        Ok(Self { _lock: lock, lock_path, list: Mutex::new(list) })
    }

    /// From now on the snapshot with this root is read. Costs nothing for one that is read already.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn hold(&self, snapshot: SnapshotId, tree: TreeId) -> Result<()> {
        let mut list = self.list.lock();
        if list.read.contains(&snapshot) {
            return Ok(());
        }
        list.append(&Read { snapshot, tree })
            .map_err(|error| Error::io(format!("write the lease {}", list.path.display()), error))?;
        list.read.insert(snapshot);
        Ok(())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let list = self.list.lock();
        for path in [&self.lock_path, &list.path] {
            if let Err(error) = fs::remove_file(path) {
                tracing::debug!(path = %path.display(), %error, "an old lease stays until somebody looks for leases");
            }
        }
    }
}

impl List {
    fn make(path: PathBuf) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create_new(true).open(&path)?;
        Ok(Self { file, path, read: HashSet::new() })
    }

    /// A line, in one call.
    fn append(&mut self, line: &impl Serialize) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        self.file.write_all(&bytes)
    }
}
