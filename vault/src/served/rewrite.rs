//! The other side: a tree as a server gives it out, with its own names for what lies below, and without what may not be seen.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bygone_common::{BlobId, Sid, TreeId};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::ServedTree;
use crate::error::{Error, ErrorKind, Result};
use crate::repository::Repository;
use crate::tree::unquoted;

/// The mode of a folder of which only the name is shown, as Go writes it: a directory that all may list.
const BARE_MODE: u32 = (1 << 31) | 0o555;

/// An entry of a tree, to whoever decides what is shown of it.
#[derive(Debug)]
pub struct Entry<'a> {
    /// Its name's bytes.
    pub name: &'a [u8],
    /// Its owner's number.
    pub uid: u32,
    /// Its owner's name; empty where none is stored.
    pub user: &'a str,
    /// Its owner's security identifier, where a Windows machine stored one.
    pub sid: Option<&'a Sid>,
    /// The directory below it.
    pub subtree: Option<TreeId>,
    /// The blobs of a file.
    pub content: &'a [BlobId],
}

/// What is shown of an entry.
#[derive(Debug)]
pub enum Show {
    /// Nothing, as if it were not there.
    Nothing,
    /// Of a directory its name alone, and the name of what lies below.
    Bare(TreeId),
    /// All of it, with these names of what lies below, or of its blobs.
    Seen(Option<TreeId>, Vec<BlobId>),
}

#[derive(Deserialize)]
struct Nodes<'a> {
    #[serde(borrow, default)]
    nodes: Vec<&'a RawValue>,
}

/// Rewrites a tree. Nodes that make no sense are left out.
///
/// # Errors
/// What the storage answers; `Damaged`.
pub fn tree(repository: &Repository, tree: TreeId, mut show: impl FnMut(&Entry<'_>) -> Show) -> Result<ServedTree> {
    let plain = repository.blob(tree.into())?;
    let damaged = |why| Error::new(ErrorKind::Damaged, format!("tree {tree} is not a tree")).because(why);
    let Nodes { nodes } = serde_json::from_slice(&plain).map_err(damaged)?;
    let mut served = ServedTree { json: br#"{"nodes":["#.to_vec(), ..ServedTree::default() };
    for node in nodes {
        let Ok(mut node) = serde_json::from_str::<Map<String, Value>>(node.get()) else { continue };
        let Some(content) = rewrite(&mut node, &mut show) else { continue };
        if content.len() > 1 {
            for (named, stored) in content {
                // A blob that no index file knows has no length either: reading it says so.
                served.lengths.extend(repository.plain_bytes(&stored).map(|length| (named, length)));
            }
        }
        if !served.json.ends_with(b"[") {
            served.json.push(b',');
        }
        serde_json::to_writer(&mut served.json, &node).map_err(damaged)?;
    }
    served.json.extend_from_slice(b"]}\n");
    Ok(served)
}

/// As `tree::parse` reads it.
fn owner_sid(node: &Map<String, Value>) -> Option<Sid> {
    let descriptor = node.get("generic_attributes")?.get("windows.security_descriptor")?.as_str()?;
    Sid::of_owner(&STANDARD.decode(descriptor).ok()?)
}

/// Makes a node what is shown of it; answers its blobs as they are named and as they are stored, or none if nothing is shown.
fn rewrite(node: &mut Map<String, Value>, show: &mut impl FnMut(&Entry<'_>) -> Show) -> Option<Vec<(BlobId, BlobId)>> {
    let name = unquoted(node.get("name")?.as_str()?)?;
    let id = |value: &Value| value.as_str()?.parse::<BlobId>().ok();
    let stored: Vec<BlobId> = match node.get("content") {
        Some(Value::Array(ids)) => ids.iter().map(id).collect::<Option<_>>()?,
        Some(_) | None => Vec::new(),
    };
    let sid = owner_sid(node);
    let shown = show(&Entry {
        name: &name,
        uid: node.get("uid").and_then(Value::as_u64).and_then(|uid| u32::try_from(uid).ok()).unwrap_or_default(),
        user: node.get("user").and_then(Value::as_str).unwrap_or_default(),
        sid: sid.as_ref(),
        subtree: node.get("subtree").and_then(id).map(|id| TreeId(id.0)),
        content: &stored,
    });
    match shown {
        Show::Nothing => None,
        Show::Bare(subtree) => {
            let name = node.remove("name")?;
            let bare = json!({ "name": name, "type": "dir", "mode": BARE_MODE, "subtree": subtree.to_string() });
            if let Value::Object(bare) = bare {
                *node = bare;
            }
            Some(Vec::new())
        }
        Show::Seen(subtree, named) => {
            match subtree {
                Some(subtree) => drop(node.insert("subtree".to_owned(), subtree.to_string().into())),
                None => drop(node.remove("subtree")),
            }
            if node.contains_key("content") {
                node.insert("content".to_owned(), named.iter().map(BlobId::to_string).collect());
            }
            Some(named.into_iter().zip(stored).collect())
        }
    }
}
