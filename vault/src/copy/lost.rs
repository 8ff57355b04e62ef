//! What cannot be copied: of which directories, and of which files.

use std::collections::HashSet;
use std::sync::Arc;

use bygone_common::{BlobId, TreeId};

use super::Copying;
use crate::error::{Error, ErrorKind, Result};
use crate::repository::Repository;
use crate::snapshot::Snapshot;
use crate::transfer::Lost;
use crate::walk::{Step, TreeGraph, Walk};

/// Files and directories of one snapshot that are told of.
const TOLD_MAX: usize = 100;

/// A file or directory of the source that cannot be read.
#[derive(Debug, Clone)]
pub struct Unreadable {
    /// Its path in the snapshot.
    pub path: Vec<u8>,
    /// Why.
    pub error: Error,
}

/// Whether the rest can go on after such an error.
pub(crate) fn passable(error: &Error) -> Result<()> {
    if matches!(error.kind(), ErrorKind::Damaged | ErrorKind::NotFound) { Ok(()) } else { Err(error.clone()) }
}

/// Why a blob that no index file knows cannot be copied.
pub(crate) fn unknown(source: &Repository, blob: BlobId) -> Error {
    Error::new(ErrorKind::Damaged, format!("blob {blob} is in no index file of {}", source.location()))
}

/// The trees of some snapshots below which something is lost.
pub(super) fn trees(copying: &Copying<'_>, snapshots: &[Arc<Snapshot>]) -> Result<HashSet<TreeId>> {
    let lost: Arc<HashSet<_>> = Arc::new(copying.lost.keys().copied().collect());
    let roots = snapshots.iter().map(|snapshot| snapshot.tree);
    let graph = TreeGraph::explore_where(
        copying.source,
        roots,
        |tree| !copying.done.contains(&tree),
        move |directory| directory.iter().any(|node| node.content().iter().any(|blob| lost.contains(blob))),
    );
    copying.token.check(|| "copy".to_owned())?;
    for error in graph.iter().filter_map(|seen| seen.fact.as_ref().err()) {
        passable(error)?;
    }
    let reaching = graph.reaching(|seen| !matches!(seen.fact, Ok(false)));
    Ok(graph.iter().zip(reaching).filter(|(_, bad)| *bad).map(|(seen, _)| seen.id).collect())
}

/// What is lost of a snapshot, by path.
pub(super) fn find(source: &Repository, snapshot: &Snapshot, bad: &HashSet<TreeId>, lost: &Lost) -> Vec<Unreadable> {
    let mut found = Vec::new();
    let mut walk = Walk::new(source, snapshot.tree, b"");
    while found.len() < TOLD_MAX
        && let Some(step) = walk.next()
    {
        let error = match step {
            Step::Enter(_) => continue,
            Step::Broken(error) => error,
            Step::Entry(entry) => {
                let Some(node) = entry.node() else { continue };
                if node.subtree().is_some_and(|tree| !bad.contains(&tree)) {
                    walk.skip();
                }
                match node.content().iter().find_map(|blob| lost.get(blob)) {
                    Some(error) => error.clone(),
                    None => continue,
                }
            }
        };
        let path = if walk.path().is_empty() { b"/".to_vec() } else { walk.path().to_vec() };
        found.push(Unreadable { path, error });
    }
    found
}
