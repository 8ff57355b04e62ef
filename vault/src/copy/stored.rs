//! Snapshot files: which of them are alike, and what a copy says.

use std::collections::HashMap;
use std::sync::Arc;

use bygone_common::{SnapshotId, TreeId};
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::backend::{FileId, FileKind};
use crate::error::{Error, ErrorKind, Result};
use crate::repository::Repository;
use crate::sealed_file;
use crate::snapshot::Snapshot;

/// By what two snapshots are the same one: what was saved, when, where and by which paths. Tags are no part of it, as they
/// change on either side (a hold is one).
type Key = (Timestamp, TreeId, String, Vec<String>);

/// Snapshots by their likeness.
pub(super) struct Likeness(HashMap<Key, SnapshotId>);

impl Likeness {
    pub(super) fn of_all(snapshots: &[Arc<Snapshot>]) -> Self {
        Self(snapshots.iter().map(|snapshot| (key(snapshot), snapshot.id)).collect())
    }

    pub(super) fn find(&self, snapshot: &Snapshot) -> Option<SnapshotId> {
        self.0.get(&key(snapshot)).copied()
    }

    pub(super) fn add(&mut self, snapshot: &Snapshot, id: SnapshotId) {
        self.0.insert(key(snapshot), id);
    }
}

fn key(snapshot: &Snapshot) -> Key {
    let mut paths = snapshot.paths.clone();
    paths.sort_unstable();
    (snapshot.time, snapshot.tree, snapshot.hostname.clone(), paths)
}

/// A snapshot file's JSON with everything in it.
pub(crate) fn read(repository: &Repository, id: SnapshotId) -> Result<Map<String, Value>> {
    let file = FileId::new(FileKind::Snapshot, id);
    let json = sealed_file::read(repository.backend().as_ref(), repository.master_key(), file)?;
    serde_json::from_slice(&json)
        .map_err(|error| Error::new(ErrorKind::Damaged, format!("{file} is malformed")).because(error))
}

/// The JSON of a snapshot's copy: all that the snapshot says, whose copy it is, and no parent, which means nothing
/// elsewhere.
pub(super) fn of_copy(source: &Repository, id: SnapshotId) -> Result<Map<String, Value>> {
    let mut json = read(source, id)?;
    json.remove("parent");
    remember_original(&mut json, id);
    Ok(json)
}

/// Says of which snapshot this one is another form, unless it says so already.
pub(crate) fn remember_original(json: &mut Map<String, Value>, id: SnapshotId) {
    if !json.get("original").is_some_and(Value::is_string) {
        json.insert("original".to_owned(), Value::String(id.to_string()));
    }
}
