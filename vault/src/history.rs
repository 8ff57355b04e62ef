//! The versions of one path over many snapshots.

use std::sync::Arc;

use bygone_common::{SnapshotPath, TreeId};

use crate::error::Error;
use crate::repository::Repository;
use crate::snapshot::Snapshot;
use crate::tree::Node;
use crate::version::{same_content, same_metadata};
use crate::walk::{Entry, Group, regroup};

/// One state of the path: its content and metadata, and who has it.
#[derive(Debug, Clone)]
pub struct Version {
    /// What lies at the path; `None` for the root, which is nothing but its tree.
    pub entry: Option<Entry>,
    /// The tree, when it is a directory.
    pub tree: Option<TreeId>,
    /// The number of this content among all versions, from 0 in the order of their first snapshots. Versions of
    /// equal content differ in metadata only.
    pub content: usize,
    /// Positions in the list of snapshots, ascending.
    pub snapshots: Vec<u32>,
}

/// All versions of one path.
#[derive(Debug, Default)]
pub struct History {
    /// In the order of their first snapshots.
    pub versions: Vec<Version>,
    /// Snapshots that have nothing at the path.
    pub absent: Vec<u32>,
    /// Snapshots in which a directory on the way cannot be read, and why.
    pub broken: Vec<(Vec<u32>, Error)>,
}

/// Looks for `path` in all `snapshots`. Snapshots that share a directory on the way are looked at once.
pub fn history(repository: &Repository, snapshots: &[Arc<Snapshot>], path: &SnapshotPath) -> History {
    let positions: Vec<u32> = (0u32..).take(snapshots.len()).collect();
    let mut groups = regroup(snapshots.iter().map(|snapshot| snapshot.tree).zip(positions.chunks(1)));
    let mut history = History::default();
    if path.is_root() {
        for (content, group) in groups.into_iter().enumerate() {
            history.versions.push(Version { entry: None, tree: Some(group.tree), content, snapshots: group.snapshots });
        }
        return history;
    }
    let last = path.names().len() - 1;
    for (depth, name) in path.names().enumerate() {
        let found = history.step(repository, groups, name);
        if depth == last {
            for (entry, owners) in found {
                history.add(entry, owners);
            }
            break;
        }
        let mut below = Vec::new();
        for (entry, owners) in &found {
            match entry.node().and_then(|node| node.subtree()) {
                Some(tree) => below.push((tree, owners.as_slice())),
                None => history.absent.extend_from_slice(owners),
            }
        }
        groups = regroup(below);
    }
    history.finish()
}

impl History {
    /// The entries of that name in the directories of the groups.
    fn step(&mut self, repository: &Repository, groups: Vec<Group>, name: &[u8]) -> Vec<(Entry, Vec<u32>)> {
        if groups.len() > 1 {
            repository.prefetch_directories(&groups.iter().map(|group| group.tree).collect::<Vec<_>>());
        }
        let mut found = Vec::new();
        for group in groups {
            match repository.directory(group.tree) {
                Ok(directory) => match directory.find(name).map(|node| node.index()) {
                    Some(index) => found.push((Entry::new(directory, index), group.snapshots)),
                    None => self.absent.extend(group.snapshots),
                },
                Err(error) => self.broken.push((group.snapshots, error)),
            }
        }
        found
    }

    fn add(&mut self, entry: Entry, owners: Vec<u32>) {
        let Some(node) = entry.node() else { return };
        let known = self.versions.iter_mut().find(|version| {
            version.node().is_some_and(|known| same_metadata(known, node) && same_content(known, node))
        });
        match known {
            Some(version) => version.snapshots.extend(owners),
            None => {
                let tree = node.subtree();
                self.versions.push(Version { entry: Some(entry), tree, content: 0, snapshots: owners });
            }
        }
    }

    fn finish(mut self) -> Self {
        for version in &mut self.versions {
            version.snapshots.sort_unstable();
        }
        self.versions.sort_by_key(|version| version.snapshots.first().copied());
        self.absent.sort_unstable();
        let mut contents = 0;
        for at in 0..self.versions.len() {
            let (earlier, rest) = self.versions.split_at_mut(at);
            let Some(version) = rest.first_mut() else { continue };
            let equal = |known: &&Version| match (known.node(), version.node()) {
                (Some(known), Some(node)) => same_content(known, node),
                (None, _) | (_, None) => false,
            };
            version.content = match earlier.iter().find(equal).map(|known| known.content) {
                Some(content) => content,
                None => {
                    contents += 1;
                    contents - 1
                }
            };
        }
        self
    }
}

impl Version {
    /// The node; `None` for the root.
    pub fn node(&self) -> Option<Node<'_>> {
        self.entry.as_ref()?.node()
    }
}
