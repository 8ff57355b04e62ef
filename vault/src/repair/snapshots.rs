//! Snapshots that need what is gone, without it: a file keeps the pieces that are left, a folder whose tree is lost is empty.

use std::collections::HashMap;
use std::sync::Arc;

use bygone_common::{BlobId, SnapshotId, TreeId};
use serde_json::{Value, json};

use crate::backend::{CancelToken, FileId, FileKind, SharedStorage};
use crate::blob_map::BlobKind;
use crate::error::{Error, ErrorKind, Result};
use crate::progress::{Progress, Unit};
use crate::repository::Repository;
use crate::sealed_file;
use crate::snapshot::Snapshot;
use crate::tree::{Directory, NodeKind};
use crate::walk::TreeGraph;
use crate::write::{WriteOptions, Writer};

/// The tag of a snapshot that was repaired, as restic's.
const TAG: &str = "repaired";

/// What became of a snapshot that needed what is gone.
#[derive(Debug, Clone)]
pub struct SnapshotRepaired {
    /// It, as it was.
    pub snapshot: Arc<Snapshot>,
    /// The snapshot that took its place; `None` when nothing of it is left.
    pub new: Option<SnapshotId>,
}

/// Writes snapshots anew without what is gone, and removes the old ones. Others are left.
///
/// # Errors
/// What the storage answers. The old snapshots that are not in the answer are there then.
pub fn snapshots(
    repository: &Repository,
    storage: &SharedStorage,
    snapshots: &[Arc<Snapshot>],
    token: &CancelToken,
    progress: &dyn Progress,
) -> Result<Vec<SnapshotRepaired>> {
    progress.stage("repair snapshots", snapshots.len() as u64, Unit::Items);
    let writer = Writer::start(repository, storage.clone(), &WriteOptions::default())?;
    let look = {
        let repository = repository.clone();
        move |directory: &Directory| is_short(&repository, directory)
    };
    let graph = TreeGraph::explore(repository, snapshots.iter().map(|snapshot| snapshot.tree), look);
    token.check(|| "repair snapshots".to_owned())?;
    let mut trees: HashMap<TreeId, Replaced> = HashMap::new();
    for position in graph.children_first() {
        let Some(seen) = graph.get(position) else { continue };
        let replaced = match &seen.fact {
            Err(error) if is_loss(error) => Replaced::Lost,
            Err(error) => return Err(error.clone()),
            Ok(is_short) => {
                let children = seen.children.iter().filter_map(|child| graph.get(*child));
                let is_changed = children.into_iter().any(|child| trees.contains_key(&child.id));
                if !is_short && !is_changed {
                    continue;
                }
                Replaced::By(rewritten(repository, &writer, seen.id, &trees)?)
            }
        };
        trees.insert(seen.id, replaced);
    }
    let mut repaired = Vec::new();
    for snapshot in snapshots {
        token.check(|| "repair snapshots".to_owned())?;
        let new = match trees.get(&snapshot.tree) {
            None => continue,
            Some(Replaced::Lost) => None,
            Some(Replaced::By(tree)) => Some(save(repository, &writer, snapshot, *tree)?),
        };
        storage.remove(FileId::new(FileKind::Snapshot, snapshot.id))?;
        repaired.push(SnapshotRepaired { snapshot: Arc::clone(snapshot), new });
        progress.advance(1);
    }
    repository.refresh()?;
    Ok(repaired)
}

/// What takes the place of a tree.
#[derive(Debug, Clone, Copy)]
enum Replaced {
    /// Nothing: it cannot be read.
    Lost,
    /// Another.
    By(TreeId),
}

/// Whether an error says that something is gone for good, rather than out of reach.
fn is_loss(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Damaged | ErrorKind::NotFound | ErrorKind::Unsupported)
}

/// Whether a file of the folder lacks a piece.
fn is_short(repository: &Repository, directory: &Directory) -> bool {
    let files = directory.iter().filter(|node| node.kind() == NodeKind::File);
    files.into_iter().any(|node| node.content().iter().any(|blob| !is_there(repository, blob)))
}

fn is_there(repository: &Repository, blob: &BlobId) -> bool {
    repository.locate(*blob).is_some_and(|location| location.kind == BlobKind::Data)
}

/// A tree without what is gone. Whatever else its JSON says stays.
fn rewritten(
    repository: &Repository,
    writer: &Writer,
    tree: TreeId,
    replaced: &HashMap<TreeId, Replaced>,
) -> Result<TreeId> {
    let malformed = || Error::new(ErrorKind::Damaged, format!("tree {tree} is malformed"));
    let mut json: Value =
        serde_json::from_slice(&repository.blob(tree.into())?).map_err(|error| malformed().because(error))?;
    let nodes = json.get_mut("nodes").and_then(Value::as_array_mut).ok_or_else(malformed)?;
    for node in nodes {
        if let Some(subtree) = id_in(node, "subtree").map(TreeId) {
            let new = match replaced.get(&subtree) {
                None => continue,
                Some(Replaced::By(new)) => *new,
                Some(Replaced::Lost) => add_tree(writer, &json!({ "nodes": [] }))?,
            };
            set(node, "subtree", json!(new));
        } else if let Some(content) = node.get("content").and_then(Value::as_array) {
            let left: Vec<BlobId> = content
                .iter()
                .filter_map(|id| id.as_str()?.parse().ok())
                .filter(|blob| is_there(repository, blob))
                .collect();
            if left.len() < content.len() {
                let bytes = left.iter().filter_map(|blob| repository.locate(*blob));
                let size: u64 = bytes.map(|location| u64::from(location.plain_bytes())).sum();
                set(node, "content", json!(left));
                set(node, "size", json!(size));
            }
        }
    }
    add_tree(writer, &json)
}

fn id_in(node: &Value, field: &str) -> Option<bygone_common::Id> {
    node.get(field)?.as_str()?.parse().ok()
}

fn set(node: &mut Value, field: &str, value: Value) {
    if let Some(fields) = node.as_object_mut() {
        fields.insert(field.to_owned(), value);
    }
}

fn add_tree(writer: &Writer, json: &Value) -> Result<TreeId> {
    let mut bytes = json.to_string().into_bytes();
    bytes.push(b'\n');
    Ok(TreeId(writer.add(BlobKind::Tree, &bytes)?.id.0))
}

/// Saves a snapshot with another tree, and a tag that says so.
fn save(repository: &Repository, writer: &Writer, old: &Snapshot, tree: TreeId) -> Result<SnapshotId> {
    let file = FileId::new(FileKind::Snapshot, old.id);
    let json = sealed_file::read(repository.backend().as_ref(), repository.master_key(), file)?;
    let mut fields: Value = serde_json::from_slice(&json)
        .map_err(|error| Error::new(ErrorKind::Damaged, format!("{file} is malformed")).because(error))?;
    let mut tags = old.tags.clone();
    if !tags.iter().any(|tag| tag == TAG) {
        tags.push(TAG.to_owned());
    }
    set(&mut fields, "tree", json!(tree));
    set(&mut fields, "tags", json!(tags));
    set(&mut fields, "original", json!(old.original.unwrap_or(old.id)));
    // It counts what the old one had.
    if let Some(fields) = fields.as_object_mut() {
        fields.remove("summary");
    }
    writer.save_snapshot(&fields)
}
