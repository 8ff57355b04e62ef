//! A snapshot: one source at one time. Parsed from what restic, rustic and their forks write.

mod parse;
pub mod rewrite;
pub mod select;

use bygone_common::retention::Candidate;
use bygone_common::{SnapshotId, TreeId, hold};
use jiff::Timestamp;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

use crate::error::Result;

/// A snapshot file's content. Only `time` and `tree` must be there; whatever else is missing is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The file's name in the repository.
    pub id: SnapshotId,
    /// When it was taken, to the nanosecond where the writer stored that much.
    pub time: Timestamp,
    /// The time zone's offset from UTC at the source, as stored.
    pub offset: Offset,
    /// The root directory.
    pub tree: TreeId,
    /// The snapshot that it was compared with when it was taken.
    pub parent: Option<SnapshotId>,
    /// What was asked to be saved, as absolute paths of the source.
    pub paths: Vec<String>,
    /// The source's name.
    pub hostname: String,
    /// Who took it; empty when unknown.
    pub username: String,
    /// That user's number.
    pub uid: u32,
    /// That user's group's number.
    pub gid: u32,
    /// Labels, in stored order.
    pub tags: Vec<String>,
    /// Patterns that were left out.
    pub excludes: Vec<String>,
    /// The snapshot that this one was rewritten from.
    pub original: Option<SnapshotId>,
    /// The program that took it, such as `restic 0.19.1`; empty when unknown.
    pub program_version: String,
    /// What taking it found; newer writers only.
    pub summary: Option<Summary>,
}

/// What the writer counted while it took the snapshot. Fields that it did not write are zero or empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// When the run began, in RFC 3339.
    pub backup_start: String,
    /// When the run ended, in RFC 3339.
    pub backup_end: String,
    /// Files that the parent did not have.
    pub files_new: u64,
    /// Files that differ from the parent's.
    pub files_changed: u64,
    /// Files that are the parent's.
    pub files_unmodified: u64,
    /// Directories that the parent did not have.
    pub dirs_new: u64,
    /// Directories that differ from the parent's.
    pub dirs_changed: u64,
    /// Directories that are the parent's.
    pub dirs_unmodified: u64,
    /// Data blobs that were new to the repository.
    pub data_blobs: u64,
    /// Tree blobs that were new to the repository.
    pub tree_blobs: u64,
    /// Plain bytes that were new to the repository.
    pub data_added: u64,
    /// Stored bytes that were new to the repository.
    pub data_added_packed: u64,
    /// All files of the snapshot.
    pub total_files_processed: u64,
    /// The plain bytes of all files of the snapshot.
    pub total_bytes_processed: u64,
}

impl Snapshot {
    /// Reads the decrypted JSON of the snapshot file `id`. Fields that it does not know are left alone, and so are
    /// known ones of a shape it does not know, save the two without which there is no snapshot.
    ///
    /// # Errors
    /// `Damaged`: not JSON, or no time, or no tree.
    pub fn parse(id: SnapshotId, json: &[u8]) -> Result<Self> {
        parse::snapshot(id, json)
    }

    /// The time with second precision in the stored zone, `2026-11-01T10:00:00+01:00` or `…Z`: restic's name for the
    /// snapshot's directory in a mount.
    pub fn rfc3339(&self) -> String {
        let time = self.offset.to_datetime(self.time);
        let zone = match self.offset.seconds() {
            0 => "Z".to_owned(),
            seconds => {
                let sign = if seconds < 0 { '-' } else { '+' };
                let minutes = seconds.unsigned_abs() / 60;
                format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        };
        format!("{}{zone}", time.strftime("%Y-%m-%dT%H:%M:%S"))
    }

    /// What retention has to know of it at `now`. Holds are no tags by which it could be grouped or kept.
    pub fn candidate(&self, now: Timestamp) -> Candidate {
        Candidate {
            id: self.id,
            time: self.time,
            offset: self.offset,
            host: self.hostname.clone(),
            paths: self.paths.clone(),
            tags: hold::other_tags(&self.tags),
            held: hold::is_held(&self.tags, now),
        }
    }

    /// Where it stands in a list of snapshots: oldest first, those of one moment by id.
    pub fn order(&self) -> (Timestamp, SnapshotId) {
        (self.time, self.id)
    }
}
