//! A snapshot with other tags: a new file in place of the old one, as in restic, for files of a repository never change.
//!
//! The new file is there before the old one goes, so that at no moment the snapshot is missing. Whatever else the old file
//! says, by whichever program, stays.

use bygone_common::SnapshotId;
use serde_json::{Map, Value, json};

use super::Snapshot;
use crate::backend::{FileId, FileKind, Storage};
use crate::error::{Error, ErrorKind, Result};
use crate::repository::Repository;
use crate::sealed_file;

/// A snapshot that has a new file.
#[derive(Debug, Clone)]
pub struct Retagged {
    /// Its new id.
    pub id: SnapshotId,
    /// Why its old file stays beside the new one: the storage keeps it until a time to come.
    pub old_stays: Option<Error>,
}

/// Gives a snapshot the tags that `change` makes of its own. Answers `None` when nothing changed.
///
/// # Errors
/// `NotFound` when it was forgotten meanwhile; `Damaged`; what the storage answers. After an error there may be two files
/// of the snapshot, never none.
pub fn retag(
    repository: &Repository,
    storage: &dyn Storage,
    id: SnapshotId,
    change: impl FnOnce(&[String]) -> Vec<String>,
) -> Result<Option<Retagged>> {
    retag_file(repository, storage, id, change)
        .map_err(|error| error.context(format!("change the tags of snapshot {}", id.short())))
}

fn retag_file(
    repository: &Repository,
    storage: &dyn Storage,
    id: SnapshotId,
    change: impl FnOnce(&[String]) -> Vec<String>,
) -> Result<Option<Retagged>> {
    let key = repository.master_key();
    let old_file = FileId::new(FileKind::Snapshot, id);
    let old_json = sealed_file::read(storage, key, old_file)?;
    let old = Snapshot::parse(id, &old_json)?;
    let tags = change(&old.tags);
    if tags == old.tags {
        return Ok(None);
    }
    let mut fields: Map<String, Value> = serde_json::from_slice(&old_json)
        .map_err(|error| Error::new(ErrorKind::Damaged, "it is not a JSON object").because(error))?;
    if tags.is_empty() {
        fields.remove("tags");
    } else {
        fields.insert("tags".to_owned(), json!(tags));
    }
    if old.original.is_none() {
        fields.insert("original".to_owned(), json!(id));
    }
    let json = serde_json::to_vec(&fields)
        .map_err(|error| Error::new(ErrorKind::Io, "write a snapshot's JSON").because(error))?;
    let new = SnapshotId(sealed_file::write(storage, key, repository.version(), FileKind::Snapshot, &json)?);
    // The old file goes only when the new one can be read.
    let stored = sealed_file::read(storage, key, FileId::new(FileKind::Snapshot, new))?;
    let parsed = Snapshot::parse(new, &stored)?;
    if parsed.tree != old.tree || parsed.time != old.time || parsed.tags != tags {
        return Err(Error::new(
            ErrorKind::Damaged,
            format!("snapshot {} was not stored as it was written", new.short()),
        ));
    }
    let old_stays = match storage.remove(old_file) {
        Ok(()) => None,
        Err(error) if error.kind() == ErrorKind::Retained => Some(error),
        Err(error) => return Err(error),
    };
    Ok(Some(Retagged { id: new, old_stays }))
}
