//! Searching names over all snapshots at once.
//!
//! Every distinct tree is looked at once, whatever the number of snapshots and places that have it; then only those
//! that lead to a match are walked, in the order of paths, for all snapshots together.

mod among;
mod glob;
mod merge;
pub mod pattern;

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use bygone_common::{SnapshotPath, TreeId};
use jiff::Timestamp;

use crate::error::Error;
use crate::repository::Repository;
use crate::snapshot::Snapshot;
use crate::tree::{Node, NodeKind, NodeTime};
use crate::walk::{Entry, Group, TreeGraph, regroup};

pub use pattern::Pattern;

/// What to look for: all conditions must hold.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Any of these; none lets every name through.
    pub patterns: Vec<Pattern>,
    /// Any of these; none lets every kind through.
    pub kinds: Vec<NodeKind>,
    /// At least so many bytes. Conditions on the size let only files through.
    pub size_min: Option<u64>,
    /// At most so many bytes.
    pub size_max: Option<u64>,
    /// Changed at or after this moment.
    pub newer: Option<Timestamp>,
    /// Changed before this moment.
    pub older: Option<Timestamp>,
}

impl Query {
    /// Whether a node fits all conditions but those on the whole path.
    fn may_match(&self, node: Node<'_>) -> bool {
        let name = self.patterns.is_empty() || self.patterns.iter().any(|pattern| pattern.may_match(node.name()));
        name && self.admits(node)
    }

    /// Whether a node at `path` fits all conditions.
    fn matches(&self, path: &[u8], node: Node<'_>) -> bool {
        let name = self.patterns.is_empty() || self.patterns.iter().any(|pattern| pattern.matches(path, node.name()));
        name && self.admits(node)
    }

    fn admits(&self, node: Node<'_>) -> bool {
        let kind = self.kinds.is_empty() || self.kinds.contains(&node.kind());
        let size = (self.size_min.is_none() && self.size_max.is_none())
            || (node.kind() == NodeKind::File
                && self.size_min.is_none_or(|min| node.size() >= min)
                && self.size_max.is_none_or(|max| node.size() <= max));
        kind && size
            && self.newer.is_none_or(|newer| node.mtime() >= NodeTime::from(newer))
            && self.older.is_none_or(|older| node.mtime() < NodeTime::from(older))
    }
}

/// A path that matched, with what lies there.
#[derive(Debug)]
pub struct Found<'a> {
    /// The path, beginning with a slash.
    pub path: &'a [u8],
    /// The distinct states of the path that match, in the order of their first snapshots.
    pub versions: &'a [FoundVersion],
}

/// One state of a path, and who has it.
#[derive(Debug, Clone)]
pub struct FoundVersion {
    /// What lies there.
    pub entry: Entry,
    /// Positions in the list of snapshots searched, ascending.
    pub snapshots: Vec<u32>,
}

/// What a search comes across.
#[derive(Debug)]
pub enum Event<'a> {
    /// A path that matches.
    Found(Found<'a>),
    /// A directory that cannot be read: what is below it is not searched.
    Broken {
        /// Its path; empty for the root.
        path: &'a [u8],
        /// Who has it, as positions.
        snapshots: &'a [u32],
        /// Why.
        error: Error,
    },
}

/// A search whose distinct trees have been looked at.
pub struct Finder<'a> {
    repository: &'a Repository,
    roots: Vec<Group>,
    query: Query,
    leads: Leads,
}

/// Which trees lead to a match.
enum Leads {
    /// By position in a graph of all trees: whether the tree, or one below it, holds a possible match or cannot be read.
    Looked(TreeGraph<bool>, Vec<bool>),
    /// These alone: somebody who knows has said where to look.
    Told(HashSet<TreeId>),
}

impl<'a> Finder<'a> {
    /// Looks at every distinct tree of `snapshots`, in parallel.
    pub fn new(repository: &'a Repository, snapshots: &[Arc<Snapshot>], query: Query) -> Self {
        let positions: Vec<u32> = (0u32..).take(snapshots.len()).collect();
        let roots = regroup(snapshots.iter().map(|snapshot| snapshot.tree).zip(positions.chunks(1)));
        let look = query.clone();
        let trees = roots.iter().map(|group| group.tree);
        let graph =
            TreeGraph::explore(repository, trees, move |directory| directory.iter().any(|node| look.may_match(node)));
        let leads = graph.reaching(|seen| seen.fact.as_ref().copied().unwrap_or(true));
        Self { repository, roots, query, leads: Leads::Looked(graph, leads) }
    }

    /// Looks only where these paths lead: nothing else fits, says an index. What lies there is checked all the same.
    pub fn among(
        repository: &'a Repository,
        snapshots: &[Arc<Snapshot>],
        query: Query,
        paths: &[SnapshotPath],
    ) -> Self {
        let positions: Vec<u32> = (0u32..).take(snapshots.len()).collect();
        let roots = regroup(snapshots.iter().map(|snapshot| snapshot.tree).zip(positions.chunks(1)));
        let leads = Leads::Told(among::leading(repository, &roots, paths));
        Self { repository, roots, query, leads }
    }

    /// Distinct directories looked at.
    pub fn directories(&self) -> usize {
        match &self.leads {
            Leads::Looked(graph, _) => graph.len(),
            Leads::Told(trees) => trees.len(),
        }
    }

    /// Tells of all matches in the order of their paths, until `tell` breaks off.
    pub fn run(&self, tell: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>) {
        merge::run(self, self.roots.clone(), tell);
    }

    /// The same for one of the snapshots, by its position.
    pub fn run_in(&self, snapshot: u32, tell: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>) {
        let has = |group: &&Group| group.snapshots.binary_search(&snapshot).is_ok();
        let roots = self.roots.iter().find(has).map(|group| Group { tree: group.tree, snapshots: vec![snapshot] });
        merge::run(self, roots.into_iter().collect(), tell);
    }

    fn leads(&self, tree: TreeId) -> bool {
        match &self.leads {
            Leads::Looked(graph, leads) => {
                graph.position(tree).and_then(|position| leads.get(position as usize).copied()).unwrap_or(true)
            }
            Leads::Told(trees) => trees.contains(&tree),
        }
    }
}
