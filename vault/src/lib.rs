//! A restic repository and all one can do with it: open, list, search, read, restore.
//!
//! Synchronous: every call blocks, and any thread may call. Never: databases, HTTP servers, the search index.
//!
//! Read in this order: [`location`] and [`backend`] (where files lie), [`crypto`], `key` and [`config`] (what opens
//! them), [`blob_map`] (where blobs lie), [`engine`] (who decodes them), `fetch` (from ids to plaintext), `tree` and
//! [`reader`] (directories and files), [`repository`] (all of it together), [`served`] (the same, read by a server); [`lock`] (how writers keep out of
//! each other's way) and [`rustic`] (what they write by); then what is built on it.

pub mod backend;
pub mod blob_map;
pub mod capture;
pub mod check;
pub mod config;
pub mod copy;
pub mod crypto;
pub mod decode;
pub mod diff;
mod disk;
pub mod engine;
pub mod error;
mod fetch;
pub mod find;
pub mod forget;
pub mod history;
pub mod hold;
pub mod init;
mod json;
pub mod key;
pub mod keyring;
pub mod lease;
pub mod location;
pub mod lock;
pub mod mirror;
mod pack_cache;
mod parallel;
pub mod polynomial;
mod prefetch;
pub mod progress;
pub mod prune;
mod random;
mod raw_frame;
pub mod reader;
pub mod repair;
pub mod repository;
pub mod restore;
pub mod rotate;
pub mod rustic;
mod sealed_file;
pub mod served;
pub mod snapshot;
pub mod stats;
pub mod tar;
mod transfer;
mod tree;
mod version;
pub mod walk;
pub mod worm;
pub mod write;

pub use blob_map::{BlobKind, BlobLocation, BlobMapStats};
pub use crypto::MasterKey;
pub use engine::{Blob, Engine, EngineOptions, Priority};
pub use error::{Error, ErrorKind, Result};
pub use reader::{FileReader, PartRead, PartThen, Pieces, read_together};
pub use repository::{Keep, OpenOptions, Pending, Refreshed, Repository, Resolved, Unlock, Unlocked};
pub use snapshot::select::{SnapshotAndPath, SnapshotFilter, SnapshotSpec};
pub use snapshot::{Snapshot, Summary};
pub use tree::{Directory, Node, NodeKind, NodeTime, WindowsAttributes, Xattr};
pub use write::{Added, Compression, WriteOptions, Writer, Written};
