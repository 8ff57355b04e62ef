//! One walk for all snapshots: at every path, the distinct trees that lie there and who has them.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::{Event, Finder, Found, FoundVersion};
use crate::tree::{Directory, Node, NodeKind};
use crate::version::same_metadata;
use crate::walk::{Entry, Group, regroup};

/// Directories requested ahead of the walk, of each path on its way.
const LOOK_AHEAD_DIRECTORIES: usize = 256;

type Tell<'t> = dyn FnMut(Event<'_>) -> ControlFlow<()> + 't;

/// A name, in all directories of one path that have it and where it matters.
struct Named {
    name: Box<[u8]>,
    /// Where: the position of the directory among those of the path, and the entry.
    places: Vec<(usize, Entry)>,
}

struct Frame {
    names: std::vec::IntoIter<Named>,
    /// Who has each of the directories of the path.
    owners: Vec<Vec<u32>>,
    path_len: usize,
}

pub(super) fn run(finder: &Finder<'_>, roots: Vec<Group>, tell: &mut Tell<'_>) {
    let mut path = Vec::new();
    let mut stack = Vec::new();
    if let ControlFlow::Break(()) = enter(finder, roots, &path, &mut stack, tell) {
        return;
    }
    while let Some(frame) = stack.last_mut() {
        path.truncate(frame.path_len);
        let Some(named) = frame.names.next() else {
            stack.pop();
            continue;
        };
        path.push(b'/');
        path.extend_from_slice(&named.name);
        let versions = versions(finder, &path, &named, &frame.owners);
        if !versions.is_empty()
            && let ControlFlow::Break(()) = tell(Event::Found(Found { path: &path, versions: &versions }))
        {
            return;
        }
        let below = regroup(named.places.iter().filter_map(|(directory, entry)| {
            let tree = entry.node()?.subtree()?;
            Some((tree, frame.owners.get(*directory)?.as_slice()))
        }));
        if let ControlFlow::Break(()) = enter(finder, below, &path, &mut stack, tell) {
            return;
        }
    }
}

/// Puts the directories of one path on the stack, if any of them leads to a match.
fn enter(
    finder: &Finder<'_>,
    groups: Vec<Group>,
    path: &[u8],
    stack: &mut Vec<Frame>,
    tell: &mut Tell<'_>,
) -> ControlFlow<()> {
    let groups: Vec<Group> = groups.into_iter().filter(|group| finder.leads(group.tree)).collect();
    if groups.len() > 1 {
        finder.repository.prefetch_directories(&groups.iter().map(|group| group.tree).collect::<Vec<_>>());
    }
    let mut directories = Vec::with_capacity(groups.len());
    let mut owners = Vec::with_capacity(groups.len());
    for group in groups {
        match finder.repository.directory(group.tree) {
            Ok(directory) => {
                directories.push(directory);
                owners.push(group.snapshots);
            }
            Err(error) => tell(Event::Broken { path, snapshots: &group.snapshots, error })?,
        }
    }
    let names = names(finder, &directories);
    if !names.is_empty() {
        request_ahead(finder, &names);
        stack.push(Frame { names: names.into_iter(), owners, path_len: path.len() });
    }
    ControlFlow::Continue(())
}

/// Requests the subdirectories that come next together. Most are still in memory from the first look at them.
fn request_ahead(finder: &Finder<'_>, names: &[Named]) {
    let entries = names.iter().flat_map(|named| &named.places).map(|(_, entry)| entry);
    let trees = entries.filter_map(|entry| entry.node()?.subtree()).filter(|tree| finder.leads(*tree));
    let trees: Vec<_> = trees.take(LOOK_AHEAD_DIRECTORIES).collect();
    if trees.len() > 1 {
        finder.repository.prefetch_directories(&trees);
    }
}

/// The names of the directories that may match or lead on, sorted, each with all its places.
fn names(finder: &Finder<'_>, directories: &[Arc<Directory>]) -> Vec<Named> {
    let mut places: Vec<(&[u8], usize, usize)> = Vec::new();
    for (position, directory) in directories.iter().enumerate() {
        let matters = directory.iter().filter(|node| leads(finder, *node) || finder.query.may_match(*node));
        places.extend(matters.map(|node| (node.name(), position, node.index())));
    }
    places.sort_unstable();
    let same_name = |left: &(&[u8], usize, usize), right: &(&[u8], usize, usize)| left.0 == right.0;
    let named = places.chunk_by(same_name).filter_map(|chunk| {
        let name = chunk.first()?.0.into();
        let entry = |(_, position, index): &(&[u8], usize, usize)| {
            Some((*position, Entry::new(Arc::clone(directories.get(*position)?), *index)))
        };
        Some(Named { name, places: chunk.iter().filter_map(entry).collect() })
    });
    named.collect()
}

fn leads(finder: &Finder<'_>, node: Node<'_>) -> bool {
    node.subtree().is_some_and(|tree| finder.leads(tree))
}

/// The distinct states of a name that match.
fn versions(finder: &Finder<'_>, path: &[u8], named: &Named, owners: &[Vec<u32>]) -> Vec<FoundVersion> {
    let mut versions: Vec<FoundVersion> = Vec::new();
    for (directory, entry) in &named.places {
        let (Some(node), Some(owners)) = (entry.node(), owners.get(*directory)) else { continue };
        if !finder.query.matches(path, node) {
            continue;
        }
        let known = versions.iter_mut().find(|version| version.entry.node().is_some_and(|known| same(known, node)));
        match known {
            Some(version) => version.snapshots.extend_from_slice(owners),
            None => versions.push(FoundVersion { entry: entry.clone(), snapshots: owners.clone() }),
        }
    }
    for version in &mut versions {
        version.snapshots.sort_unstable();
    }
    versions.sort_by_key(|version| version.snapshots.first().copied());
    versions
}

/// What lies in a directory does not make it another one to somebody who looks for its name.
fn same(left: Node<'_>, right: Node<'_>) -> bool {
    same_metadata(left, right) && (left.kind() == NodeKind::Dir || left.content() == right.content())
}
