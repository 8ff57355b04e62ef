//! Leases: what somebody on this machine reads just now, so that nobody forgets or prunes it meanwhile.
//!
//! A lease is a pair of files in the repository's cache folder. The owner keeps the operating system's lock on one of them
//! for as long as it lives, also when it is killed; the other says what is read, a line a snapshot. Nothing has to be
//! refreshed, and nothing is left over but two small files, which the next look removes.
//!
//! Leases are seen on this machine alone, by those who use the same cache folder: reading takes no lock in a repository,
//! and needs no right to write there. Other machines are kept safe by the time that a prune leaves between marking and
//! removing.

mod take;

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use bygone_common::{RepositoryId, SnapshotId, TreeId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

pub use take::Lease;

/// Bytes of a lease's list that are read at most: a hundred thousand snapshots.
const LIST_BYTES_MAX: u64 = 32 << 20;
/// The end of the name of a file whose lock says that the owner lives.
const LOCK: &str = "lock";
/// The end of the name of a file that says what is read.
const LIST: &str = "lease";
/// The end of the name of a lock file that is not locked yet.
const UNFINISHED: &str = "new";

/// The leases of one repository on this machine.
#[derive(Debug, Clone)]
pub struct Leases {
    folder: PathBuf,
}

/// A lease whose owner lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveLease {
    /// The owner's process.
    pub pid: u32,
    /// What it does, such as `mount`.
    pub verb: String,
    /// Since when.
    pub since: Timestamp,
    /// What it reads. The trees are needed also when the snapshots are gone.
    pub snapshots: Vec<(SnapshotId, TreeId)>,
}

impl LiveLease {
    /// Whether the snapshot is read.
    pub fn holds(&self, snapshot: SnapshotId) -> bool {
        self.snapshots.iter().any(|(id, _)| *id == snapshot)
    }
}

impl fmt::Display for LiveLease {
    /// `mount (PID 7) since 2026-11-20T10:00:00Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (PID {}) since {}", self.verb, self.pid, self.since.strftime("%Y-%m-%dT%H:%M:%SZ"))
    }
}

/// The first line of a list.
#[derive(Serialize, Deserialize)]
struct Owner {
    pid: u32,
    verb: String,
    since: Timestamp,
}

/// Any other line.
#[derive(Serialize, Deserialize)]
struct Read {
    snapshot: SnapshotId,
    tree: TreeId,
}

impl Leases {
    /// Those in the cache folder, which each repository has a folder of its own in.
    pub fn new(cache_dir: &Path, repository: RepositoryId) -> Self {
        Self { folder: cache_dir.join(repository.to_string()).join("leases") }
    }

    /// Takes a lease that reads nothing yet; `verb` says what for.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn take(&self, verb: &str) -> Result<Lease> {
        Lease::take(&self.folder, verb)
    }

    /// All leases whose owners live. What dead ones left behind is removed.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn live(&self) -> Result<Vec<LiveLease>> {
        let failed = |error| Error::io(format!("look for leases in {}", self.folder.display()), error);
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut live = Vec::new();
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|end| end == LOCK) && owner_lives(&path).map_err(failed)? {
                live.extend(read(&path.with_extension(LIST))?);
            }
        }
        live.sort_by_key(|lease| (lease.since, lease.pid));
        Ok(live)
    }
}

/// The live leases of a repository on this machine; none where there is no cache folder.
///
/// # Errors
/// What the file system answers.
pub fn live(cache_dir: Option<&Path>, repository: RepositoryId) -> Result<Vec<LiveLease>> {
    cache_dir.map_or(Ok(Vec::new()), |folder| Leases::new(folder, repository).live())
}

/// Whether the owner of a lock file lives. If not, its files are removed.
fn owner_lives(lock: &Path) -> io::Result<bool> {
    let file = match File::open(lock) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    match file.try_lock_shared() {
        Err(fs::TryLockError::WouldBlock) => Ok(true),
        Err(fs::TryLockError::Error(error)) => Err(error),
        Ok(()) => {
            for path in [lock.with_extension(LIST), lock.to_owned()] {
                match fs::remove_file(&path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        tracing::debug!(path = %path.display(), %error, "an old lease stays");
                    }
                    Ok(()) | Err(_) => {}
                }
            }
            Ok(false)
        }
    }
}

/// What a live lease says; `None` when it ended meanwhile.
fn read(list: &Path) -> Result<Option<LiveLease>> {
    let failed = |error| Error::io(format!("read the lease {}", list.display()), error);
    let mut text = String::new();
    match File::open(list) {
        Ok(file) => io::Read::read_to_string(&mut io::Read::take(file, LIST_BYTES_MAX), &mut text).map_err(failed)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    // A line that is not finished is of a snapshot whose reader has not begun.
    let mut lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    let malformed = |error: serde_json::Error| failed(io::Error::new(io::ErrorKind::InvalidData, error));
    let Some(first) = lines.next() else { return Ok(None) };
    let Owner { pid, verb, since } = serde_json::from_str(first).map_err(malformed)?;
    let read = lines.map(|line| serde_json::from_str(line).map(|Read { snapshot, tree }| (snapshot, tree)));
    let snapshots = read.collect::<Result<_, _>>().map_err(malformed)?;
    Ok(Some(LiveLease { pid, verb, since, snapshots }))
}

#[cfg(test)]
mod tests;
