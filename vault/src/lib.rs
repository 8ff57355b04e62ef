//! A restic repository and all one can do with it: open, list, search, read, restore.
//!
//! Synchronous: every call blocks, and any thread may call. Never: databases, HTTP servers, the search index.

pub mod backend;
pub mod error;
pub mod crypto;
pub mod tree;
pub mod location;
pub mod snapshot;

pub use crypto::MasterKey;
pub use tree::{Directory, Node, NodeKind, NodeTime, Xattr};
pub use error::{Error, ErrorKind, Result};
pub use snapshot::select::{SnapshotAndPath, SnapshotFilter, SnapshotSpec};
pub use snapshot::{Snapshot, Summary};
