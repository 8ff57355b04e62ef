//! Where a repository's files lie: one trait over local folders, S3, SFTP and restic's REST servers.
//!
//! Who reads takes a [`Backend`], who writes a [`Storage`]: by type alone, a mount cannot write.
//!
//! Decorators stack in one visible order, made by [`open`] and [`open_storage`]: `metered(retry(cancel(backend)))`.
//!
//! Invariant: a listing is complete or an error, never short. Somebody will delete what a listing does not name.

mod body;
pub mod cancel;
mod content;
mod discard;
pub mod failover;
pub mod faulty;
mod http;
mod incoming;
mod layout;
mod limits;
mod local;
pub mod meter;
pub mod object_lock;
mod open;
pub mod options;
pub mod parallel;
mod remote;
mod rest;
pub mod retry;
mod s3;
mod sftp;
mod upload;

use std::fmt;
use std::sync::Arc;

use bygone_common::{Id, PackId};

use crate::error::{Error, ErrorKind, Result};

pub use cancel::CancelToken;
pub use content::Content;
pub use discard::discard;
pub use failover::Failover;
pub use incoming::{Incoming, Receive};
pub use limits::Limits;
pub use meter::Meter;
pub use object_lock::ObjectLock;
pub use open::{OpenBackend, OpenStorage, decorate, decorate_storage, open, open_storage};
pub use options::{AddressRule, BackendOptions};
pub use parallel::ParallelUploads;
pub use rest::STORAGE_CLASS_HEADER;
pub use retry::RetryPolicy;

/// The kinds of files a repository is made of, after restic's design document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FileKind {
    /// `config`: the one file that makes a place a repository.
    Config,
    /// `keys/`: the master key, wrapped by a password each.
    Key,
    /// `locks/`: restic's own locks.
    Lock,
    /// `snapshots/`.
    Snapshot,
    /// `index/`.
    Index,
    /// `data/`: packs, in one folder for each first byte of their ids on file systems.
    Pack,
}

impl FileKind {
    /// The folder's name, which is also its name in restic's REST protocol. The config is a file of that name.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Key => "keys",
            Self::Lock => "locks",
            Self::Snapshot => "snapshots",
            Self::Index => "index",
            Self::Pack => "data",
        }
    }
}

/// One file of a repository. The config's id is all zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId {
    /// Which folder it lies in.
    pub kind: FileKind,
    /// Its name.
    pub id: Id,
}

impl FileId {
    /// The config file.
    pub const CONFIG: Self = Self { kind: FileKind::Config, id: Id::new([0; 32]) };

    /// A file of a kind.
    pub fn new(kind: FileKind, id: impl Into<Id>) -> Self {
        Self { kind, id: id.into() }
    }

    /// A pack.
    pub fn pack(id: PackId) -> Self {
        Self { kind: FileKind::Pack, id: id.0 }
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            FileKind::Config => f.write_str("config"),
            kind => write!(f, "{}/{}", kind.folder(), self.id),
        }
    }
}

/// A line of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// The file's name.
    pub id: Id,
    /// Its stored size in bytes.
    pub size: u64,
}

/// Storage that holds a repository. Calls block; any number of threads may call at once.
///
/// Every call has a deadline of its own and answers with an error when it passes, so that nobody waits for ever.
pub trait Backend: Send + Sync + fmt::Debug {
    /// The location for people and logs: never a password or secret key.
    fn location(&self) -> String;

    /// Whether reads cross a network, so that fewer, larger and more parallel ones pay.
    fn is_remote(&self) -> bool;

    /// All files of a kind, in no order. A folder that does not exist in an existing repository is empty.
    /// Names that are not ids are not repository files and are left out.
    ///
    /// # Errors
    /// Any part of the listing that could not be had makes the whole an error.
    fn list(&self, kind: FileKind) -> Result<Vec<Listed>>;

    /// The whole file.
    ///
    /// # Errors
    /// `NotFound` when there is no such file, and whatever the storage answers.
    fn read(&self, file: FileId) -> Result<Vec<u8>>;

    /// Fills `buffer` from `offset` on.
    ///
    /// # Errors
    /// `Damaged` when the file ends before the buffer is full; `NotFound` when there is no such file.
    fn read_at(&self, file: FileId, offset: u64, buffer: &mut [u8]) -> Result<()>;

    /// The file's stored size in bytes. Storage that can tell without listing a folder does.
    ///
    /// # Errors
    /// `NotFound` when there is no such file, and whatever the storage answers.
    fn size(&self, file: FileId) -> Result<u64> {
        let listed = self.list(file.kind)?.into_iter().find(|listed| listed.id == file.id);
        listed.map(|listed| listed.size).ok_or_else(|| absent(file))
    }
}

/// A shared backend.
pub type SharedBackend = Arc<dyn Backend>;

/// A backend that can also be written to.
///
/// Every call may be made again after an error, by anybody: what is already done succeeds.
pub trait Storage: Backend {
    /// Makes the place: its folders or its bucket. Whether a repository is there already is for the caller to ask first.
    ///
    /// # Errors
    /// Whatever the storage answers.
    fn create(&self) -> Result<()>;

    /// Writes a whole file, or nothing: nobody ever sees a part of it under its name, and when this returns it stays,
    /// even if the machine goes down. A file of that name is replaced, or left if it is the same.
    ///
    /// A REST server promises what its own storage does: rclone, over a folder, shows a file while it arrives.
    ///
    /// That the name is the SHA-256 of the content (of every file but the config) is for the caller to see to.
    ///
    /// # Errors
    /// `NoSpace`, `Denied` for storage that cannot be written to, `NotARepository` when the place is not there, and
    /// whatever else the storage answers. After an error the file may be there, whole.
    fn write(&self, file: FileId, content: &Content) -> Result<()>;

    /// Begins a file that comes piece by piece, where this storage can keep the pieces out of sight until the last one is
    /// there; `None` where it cannot, so that the whole has to be gathered first. See [`Incoming`].
    ///
    /// # Errors
    /// As [`write`](Self::write).
    fn receive(&self, _file: FileId) -> Result<Option<Box<dyn Receive>>> {
        Ok(None)
    }

    /// Removes a file. One that is already gone is a success: who removes many must be able to begin again.
    ///
    /// In a bucket with versions all of them go, so that the bytes do: a plain delete would only hide them. Keys that may
    /// not remove versions hide the file; so does everybody with an index file that is locked, since others replace it.
    ///
    /// # Errors
    /// `Retained` for a file that is locked until some time, with that time; `Denied`, and whatever else the storage
    /// answers.
    fn remove(&self, file: FileId) -> Result<()>;
}

/// Shared storage.
pub type SharedStorage = Arc<dyn Storage>;

/// A file that is not there.
fn absent(file: FileId) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is no {file}"))
}

/// A file that ends before what was asked of it: somebody cut it, or its index lies.
fn too_short(file: FileId, size: u64, offset: u64, len: usize) -> Error {
    let context = format!("read {file}: it ends at byte {size}, before the {len} bytes from {offset} on");
    Error::new(ErrorKind::Damaged, context)
}
