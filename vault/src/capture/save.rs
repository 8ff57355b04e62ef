//! The snapshot itself: which one went before, what the file says, and that it can be read back.

use bygone_common::{BlobId, SnapshotId, TreeId};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use zstd::bulk::Decompressor;

use super::Captured;
use super::metadata::current_user;
use super::time::Zone;
use crate::backend::{Backend, FileId, FileKind};
use crate::decode::decode;
use crate::error::{Error, ErrorKind, Result};
use crate::repository::Repository;
use crate::snapshot::{Snapshot, Summary};
use crate::tree::{Directory, NodeTime};
use crate::write::{Writer, Written};

/// What a snapshot says of itself, beside what was found.
#[derive(Debug, Clone)]
pub struct Draft {
    /// When it was taken.
    pub time: Timestamp,
    /// The zone in which times are written.
    pub zone: TimeZone,
    /// The one before.
    pub parent: Option<SnapshotId>,
    /// What was asked to be saved, absolute.
    pub paths: Vec<String>,
    /// The name of the machine.
    pub host: String,
    /// Labels.
    pub tags: Vec<String>,
    /// Patterns that were left out.
    pub excludes: Vec<String>,
    /// When the run began.
    pub begun: Timestamp,
}

/// restic's snapshot file, in its order of fields.
#[derive(Serialize)]
struct SnapshotFile<'a> {
    time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<SnapshotId>,
    tree: TreeId,
    paths: &'a [String],
    #[serde(skip_serializing_if = "str::is_empty")]
    hostname: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    username: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    uid: u32,
    #[serde(skip_serializing_if = "is_zero")]
    gid: u32,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    excludes: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    tags: &'a [String],
    program_version: &'a str,
    summary: &'a Summary,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Which snapshots may be the one before.
#[derive(Debug, Clone, Default)]
pub struct ParentFilter {
    /// Of this machine.
    pub host: Option<String>,
    /// Of all these paths.
    pub paths: Vec<String>,
    /// With all these tags; `None` when tags do not count.
    pub tags: Option<Vec<String>>,
}

/// The newest snapshot that fits and is not after `time`.
pub fn parent_of(repository: &Repository, filter: &ParentFilter, time: Timestamp) -> Option<std::sync::Arc<Snapshot>> {
    let fits = |snapshot: &Snapshot| {
        let tags = filter.tags.as_ref().is_none_or(|tags| {
            if tags.is_empty() { snapshot.tags.is_empty() } else { tags.iter().all(|tag| snapshot.tags.contains(tag)) }
        });
        snapshot.time <= time
            && filter.host.as_ref().is_none_or(|host| *host == snapshot.hostname)
            && filter.paths.iter().all(|path| snapshot.paths.contains(path))
            && tags
    };
    repository.snapshots().iter().rev().find(|snapshot| fits(snapshot)).cloned()
}

/// Makes everything durable that was added, and completes what was counted: what a dry run ends with.
///
/// # Errors
/// What the storage answers.
pub fn complete(writer: &Writer, captured: &Captured, draft: &Draft) -> Result<Summary> {
    writer.flush()?;
    let Written { data_blobs, tree_blobs, plain_bytes, stored_bytes, .. } = writer.written();
    Ok(Summary {
        backup_start: rfc3339(draft.begun, &draft.zone),
        backup_end: rfc3339(Timestamp::now(), &draft.zone),
        data_blobs,
        tree_blobs,
        data_added: plain_bytes,
        data_added_packed: stored_bytes,
        ..captured.summary.clone()
    })
}

/// Saves the snapshot of what was captured, and reads it back.
///
/// # Errors
/// What the storage answers; `Damaged` when it does not give back what was written.
pub fn save(
    repository: &Repository,
    writer: &Writer,
    captured: &Captured,
    draft: &Draft,
    summary: &Summary,
) -> Result<SnapshotId> {
    let user = current_user();
    let id = writer.save_snapshot(&SnapshotFile {
        time: rfc3339(draft.time, &draft.zone),
        parent: draft.parent,
        tree: captured.tree,
        paths: &draft.paths,
        hostname: &draft.host,
        username: &user.name,
        uid: user.uid,
        gid: user.gid,
        excludes: &draft.excludes,
        tags: &draft.tags,
        program_version: concat!("bygone ", env!("CARGO_PKG_VERSION")),
        summary,
    })?;
    read_back(repository, id, captured.tree)
        .map_err(|error| error.context(format!("snapshot {} was written, but cannot be read back", id.short())))?;
    Ok(id)
}

/// Reads the snapshot's file and its root from the storage, and nothing from memory.
fn read_back(repository: &Repository, id: SnapshotId, tree: TreeId) -> Result<()> {
    let backend = repository.backend();
    let file = FileId::new(FileKind::Snapshot, id);
    let json = crate::sealed_file::read(backend.as_ref(), repository.master_key(), file)?;
    if Snapshot::parse(id, &json)?.tree != tree {
        return Err(Error::new(ErrorKind::Damaged, "it names another tree"));
    }
    repository.refresh()?;
    let root = read_blob(repository, backend.as_ref(), tree.into())?;
    Directory::parse(&root).map(drop).map_err(|sentence| Error::new(ErrorKind::Damaged, sentence))
}

fn read_blob(repository: &Repository, backend: &dyn Backend, blob: BlobId) -> Result<Vec<u8>> {
    let missing = || Error::new(ErrorKind::Damaged, format!("no index file names blob {blob}"));
    let location = repository.locate(blob).ok_or_else(missing)?;
    let mut sealed = vec![0; location.length as usize];
    backend.read_at(FileId::pack(location.pack), u64::from(location.offset), &mut sealed)?;
    let mut plain = vec![0; location.plain_bytes() as usize];
    let mut unpacker = Decompressor::new().map_err(|error| Error::io("make a decompressor", error))?;
    decode(repository.master_key(), &location, &mut sealed, &mut unpacker, &mut plain)?;
    Ok(plain)
}

/// RFC 3339 with nanoseconds, as restic writes it.
fn rfc3339(time: Timestamp, zone: &TimeZone) -> String {
    let mut text = Vec::new();
    Zone::new(zone.clone()).push(&mut text, NodeTime::from(time));
    String::from_utf8_lossy(&text).trim_matches('"').to_owned()
}
