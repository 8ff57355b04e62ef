//! The versions of one file over all snapshots, and the snapshots in which a file or folder changed.

use std::collections::HashMap;

use axum::extract::State;
use bygone_common::access::Use;
use bygone_common::{SnapshotPath, SourceUid, TreeId};
use bygone_http::extract::{Json, Path, Query};
use bygone_http::offload::offload;
use bygone_http::{Problem, Result};
use bygone_store::snapshots::SnapshotRow;
use bygone_vault::NodeKind;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::asker::Asker;
use crate::content;
use crate::entries::{SnapshotRefBody, StatBody};
use crate::names::{PathBody, path_of};
use crate::past::{Found, Past};
use crate::portal::Portal;
use crate::reads::Read;

pub(crate) fn routes() -> OpenApiRouter<Portal> {
    OpenApiRouter::new().routes(routes!(versions)).routes(routes!(changes))
}

/// Which path is meant.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PathQuery {
    /// The path.
    path: Option<String>,
    /// The same in base64, where it is not UTF-8.
    path_base64: Option<String>,
}

/// One content of a path.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionBody {
    /// As the newest snapshot has it.
    #[serde(flatten)]
    stat: StatBody,
    /// The snapshots that have it, the newest first.
    snapshots: Vec<SnapshotRefBody>,
}

/// All contents of a path.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionsBody {
    #[serde(flatten)]
    path: PathBody,
    /// Distinct contents, that of the newest snapshot first.
    versions: Vec<VersionBody>,
    /// Snapshots that were looked at.
    snapshots: usize,
    /// Whether every snapshot was looked at, and could be read.
    complete: bool,
}

/// Lists the distinct contents that a path had, each with the snapshots that have it.
#[utoipa::path(
    get, path = "/sources/{source}/versions", tag = "portal", params(("source" = uuid::Uuid, Path), PathQuery),
    responses((status = 200, body = VersionsBody), (status = "default", body = Problem))
)]
async fn versions(
    State(portal): State<Portal>,
    Asker(actor): Asker,
    Path(uid): Path<SourceUid>,
    Query(query): Query<PathQuery>,
) -> Result<Json<VersionsBody>> {
    let path = path_of(query.path.as_deref(), query.path_base64.as_deref())?;
    let source = portal.source(&actor, uid).await?;
    let past = portal.past(&source, None).await?;
    let read = Read::of("versions", &source, "", &path);
    let body = offload(move || versions_of(&past, &path)).await?;
    portal.reads.note(&actor, read).await?;
    Ok(Json(body))
}

/// What makes two states of a path one version.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Version {
    /// A folder, and all that is in it.
    Folder(TreeId),
    /// A file's content.
    File(String),
    /// Anything else: what it is, where it leads, which device.
    Other(NodeKind, Vec<u8>, u64),
}

impl Version {
    fn of(found: &Found) -> Option<Self> {
        if let Some(tree) = found.tree {
            return Some(Self::Folder(tree));
        }
        let node = found.entry.as_ref()?.node()?;
        let other = || Self::Other(node.kind(), node.link_target().to_vec(), node.device());
        Some(content::of(node).map_or_else(other, Self::File))
    }
}

/// What lies at a path, in every snapshot that has it and shows it, oldest first.
fn states(past: &Past, path: &SnapshotPath) -> (Vec<(SnapshotRow, Version, StatBody)>, bool) {
    let (mut states, mut complete) = (Vec::new(), !past.is_cut);
    for part in &past.parts {
        let trail = part.trail(path, Use::See);
        complete &= trail.broken.is_empty();
        for found in &trail.found {
            let (Some((row, _, view)), Some(version)) = (part.snapshots.get(found.snapshot), Version::of(found)) else {
                continue;
            };
            let is_seen = found.place.uses(view).has(Use::See);
            let node = found.entry.as_ref().and_then(|entry| entry.node()).filter(|_| is_seen);
            // What is but the way to others shows no state of its own.
            let stat = node.map_or_else(StatBody::bare, |node| StatBody::under(node, &found.place, view));
            if is_seen {
                states.push((row.clone(), version, stat));
            }
        }
    }
    states.sort_by_key(|(row, _, _)| row.taken_at);
    (states, complete)
}

fn looked_at(past: &Past) -> usize {
    past.parts.iter().map(|part| part.snapshots.len()).sum()
}

fn versions_of(past: &Past, path: &SnapshotPath) -> Result<VersionsBody> {
    let (states, complete) = states(past, path);
    let mut versions: Vec<VersionBody> = Vec::new();
    let mut known: HashMap<Version, usize> = HashMap::new();
    for (row, version, stat) in states.into_iter().rev() {
        let at = *known.entry(version).or_insert_with(|| {
            versions.push(VersionBody { stat, snapshots: Vec::new() });
            versions.len() - 1
        });
        if let Some(version) = versions.get_mut(at) {
            version.snapshots.push((&row).into());
        }
    }
    if versions.is_empty() && complete {
        return Err(Problem::not_found("what this path names"));
    }
    Ok(VersionsBody { path: path.into(), versions, snapshots: looked_at(past), complete })
}

/// What became of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TurnBody {
    /// It was not there before.
    Appeared,
    /// It was another before.
    Changed,
    /// It was there before.
    Gone,
}

/// A snapshot in which a path changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangedBody {
    #[serde(flatten)]
    snapshot: SnapshotRefBody,
    change: TurnBody,
}

/// The snapshots in which a path changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangesBody {
    #[serde(flatten)]
    path: PathBody,
    /// The newest first.
    changes: Vec<ChangedBody>,
    /// Whether every snapshot was looked at, and could be read.
    complete: bool,
}

/// Lists the snapshots in which a file, or anything in a folder, changed.
#[utoipa::path(
    get, path = "/sources/{source}/changes", tag = "portal", params(("source" = uuid::Uuid, Path), PathQuery),
    responses((status = 200, body = ChangesBody), (status = "default", body = Problem))
)]
async fn changes(
    State(portal): State<Portal>,
    Asker(actor): Asker,
    Path(uid): Path<SourceUid>,
    Query(query): Query<PathQuery>,
) -> Result<Json<ChangesBody>> {
    let path = path_of(query.path.as_deref(), query.path_base64.as_deref())?;
    let source = portal.source(&actor, uid).await?;
    let past = portal.past(&source, None).await?;
    let read = Read::of("changes", &source, "", &path);
    let body = offload(move || changes_of(&past, &path)).await?;
    portal.reads.note(&actor, read).await?;
    Ok(Json(body))
}

fn changes_of(past: &Past, path: &SnapshotPath) -> Result<ChangesBody> {
    let (states, complete) = states(past, path);
    if states.is_empty() && complete {
        return Err(Problem::not_found("what this path names"));
    }
    let mut all: Vec<(Timestamp, SnapshotRefBody)> =
        past.parts.iter().flat_map(|part| &part.snapshots).map(|(row, _, _)| (row.taken_at, row.into())).collect();
    all.sort_by(|left, right| (left.0, &left.1.id).cmp(&(right.0, &right.1.id)));
    let had: HashMap<String, Version> = states.into_iter().map(|(row, version, _)| (row.id, version)).collect();
    let mut before: Option<&Version> = None;
    let mut changes = Vec::new();
    for (_, snapshot) in all {
        let now = had.get(&snapshot.id);
        let change = match (before, now) {
            (None, Some(_)) => Some(TurnBody::Appeared),
            (Some(_), None) => Some(TurnBody::Gone),
            (Some(before), Some(now)) if before != now => Some(TurnBody::Changed),
            (Some(_), Some(_)) | (None, None) => None,
        };
        before = now;
        changes.extend(change.map(|change| ChangedBody { snapshot, change }));
    }
    changes.reverse();
    Ok(ChangesBody { path: path.into(), changes, complete })
}
