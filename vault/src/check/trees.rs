//! What snapshots need against what is there: every tree, and for every file all of its blobs.

use std::collections::HashSet;
use std::sync::Arc;

use bygone_common::{SnapshotId, TreeId};

use super::{Damaged, Finding, Report};
use crate::backend::CancelToken;
use crate::error::{Error, ErrorKind, Result};
use crate::progress::{Progress, Unit};
use crate::repository::Repository;
use crate::tree::{Directory, Node, NodeKind};
use crate::walk::{Step, TreeGraph, Walk};

/// What is wrong in one folder: entries by their positions.
type Faults = Vec<(usize, String)>;

pub(super) fn walk(
    repository: &Repository,
    damaged: Damaged,
    token: &CancelToken,
    progress: &dyn Progress,
    report: &mut Report,
) -> Result<()> {
    let mut snapshots: Vec<_> = repository.snapshots().iter().cloned().collect();
    snapshots.reverse();
    progress.stage("walk through the trees of snapshots", snapshots.len() as u64, Unit::Items);
    let look = {
        let repository = repository.clone();
        let damaged = Arc::new(damaged);
        move |directory: &Directory| (faults(&repository, &damaged, directory), !directory.rejected().is_empty())
    };
    let graph = TreeGraph::explore(repository, snapshots.iter().map(|snapshot| snapshot.tree), look.clone());
    token.check(|| "check the trees of snapshots".to_owned())?;
    report.trees = graph.len() as u64;
    let reaching = graph.reaching(|seen| match &seen.fact {
        Ok((faults, has_rejected)) => !faults.is_empty() || *has_rejected,
        Err(_) => true,
    });
    let leads = |tree: TreeId| {
        graph.position(tree).and_then(|position| reaching.get(position as usize).copied()).unwrap_or_default()
    };
    let mut told: HashSet<TreeId> = HashSet::new();
    for snapshot in &snapshots {
        if leads(snapshot.tree) && told.insert(snapshot.tree) {
            tell(repository, (snapshot.id, snapshot.tree), &look, &leads, &mut told, &mut report.findings);
        }
        progress.advance(1);
    }
    Ok(())
}

/// Tells of what is wrong below one snapshot's root, but of no tree twice.
fn tell(
    repository: &Repository,
    (snapshot, root): (SnapshotId, TreeId),
    look: &impl Fn(&Directory) -> (Faults, bool),
    leads: &impl Fn(TreeId) -> bool,
    told: &mut HashSet<TreeId>,
    findings: &mut Vec<Finding>,
) {
    let mut walk = Walk::new(repository, root, b"");
    while let Some(step) = walk.next() {
        let path = match walk.path() {
            b"" => "/".to_owned(),
            path => String::from_utf8_lossy(path).into_owned(),
        };
        match step {
            Step::Broken(why) => findings.push(Finding::Folder { snapshot, path, why }),
            Step::Entry(entry) => {
                let subtree = entry.node().and_then(|node| node.subtree());
                if !subtree.is_some_and(|tree| leads(tree) && told.insert(tree)) {
                    walk.skip();
                }
            }
            Step::Enter(directory) => {
                for name in directory.rejected() {
                    let name = String::from_utf8_lossy(name).into_owned();
                    findings.push(Finding::Name { snapshot, path: path.clone(), name });
                }
                for (index, fault) in look(&directory).0 {
                    let name = directory.get(index).map(|node| String::from_utf8_lossy(node.name()).into_owned());
                    let path = format!("{}/{}", path.trim_end_matches('/'), name.unwrap_or_default());
                    findings.push(Finding::File { snapshot, path, why: Error::new(ErrorKind::Damaged, fault) });
                }
            }
        }
    }
}

fn faults(repository: &Repository, damaged: &Damaged, directory: &Directory) -> Faults {
    directory.iter().filter_map(|node| Some((node.index(), fault(repository, damaged, node)?))).collect()
}

/// What is wrong with an entry, as far as its folder does not say it.
fn fault(repository: &Repository, damaged: &Damaged, node: Node<'_>) -> Option<String> {
    match node.kind() {
        NodeKind::File => {}
        NodeKind::Dir if node.subtree().is_none() => return Some("it is a folder without a tree".to_owned()),
        NodeKind::Dir
        | NodeKind::Symlink
        | NodeKind::BlockDevice
        | NodeKind::CharDevice
        | NodeKind::Fifo
        | NodeKind::Socket
        | NodeKind::Unknown => return None,
    }
    let mut bytes = 0_u64;
    for blob in node.content() {
        match repository.locate(*blob) {
            None => return Some(format!("its blob {blob} is in no index file")),
            Some(_) if damaged.contains(blob) => return Some(format!("its blob {blob} is damaged")),
            Some(location) => bytes += u64::from(location.plain_bytes()),
        }
    }
    (bytes != node.size()).then(|| format!("it should have {} bytes, and its blobs have {bytes}", node.size()))
}
