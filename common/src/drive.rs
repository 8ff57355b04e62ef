//! What a server says to a drive that shows its snapshots, under `/portal/v1/sources/{source}/drive`: requests are JSON,
//! trees and blobs are answered in [`frames`].
//!
//! Ids of trees and blobs are names that the server made up for one person in one source: whoever was shown a name may ask
//! for what it names, as long as their rights stay what they are.

pub mod frames;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{BlobId, RepositoryUid, SnapshotId, TreeId};

pub use frames::{Fault, FaultKind, Frame, Frames, ServedTree, frame};

/// Trees or blobs of one request at most.
pub const DRIVE_IDS_MAX: usize = 64;

/// The snapshots of a source that a drive shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DriveSnapshots {
    /// Where they lie: requests name it.
    #[cfg_attr(feature = "schema", schema(value_type = uuid::Uuid))]
    pub repository: RepositoryUid,
    /// Oldest first.
    pub snapshots: Vec<DriveSnapshot>,
}

/// A snapshot, as a drive shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DriveSnapshot {
    /// Its id.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub id: SnapshotId,
    /// When it was taken.
    pub time: Timestamp,
    /// The source's time zone then.
    pub utc_offset_seconds: i32,
    /// The machine.
    pub host: String,
    /// Who took it; empty when unknown.
    pub username: String,
    /// What was saved.
    pub paths: Vec<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// The program that took it.
    pub program: String,
    /// The name of its root.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub tree: TreeId,
    /// Whether only a part of it is shown: its root is then asked for by its place.
    pub partial: bool,
}

/// A request for trees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TreesRequest {
    /// Where they lie.
    #[cfg_attr(feature = "schema", schema(value_type = uuid::Uuid))]
    pub repository: RepositoryUid,
    /// Which.
    pub trees: Vec<TreeName>,
}

/// A tree that is asked for: by its name; one of which only a part is shown by its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum TreeName {
    /// All below it is shown alike.
    Whole {
        /// Its name.
        #[cfg_attr(feature = "schema", schema(value_type = String))]
        id: TreeId,
    },
    /// What is shown depends on where it is.
    Part {
        /// In which snapshot.
        #[cfg_attr(feature = "schema", schema(value_type = String))]
        snapshot: SnapshotId,
        /// Its path's bytes, in hexadecimal.
        path: String,
    },
}

/// A request for blobs of files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct BlobsRequest {
    /// Where they lie.
    #[cfg_attr(feature = "schema", schema(value_type = uuid::Uuid))]
    pub repository: RepositoryUid,
    /// Which.
    #[cfg_attr(feature = "schema", schema(value_type = Vec<String>))]
    pub blobs: Vec<BlobId>,
}
