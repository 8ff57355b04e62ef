//! The directories on the ways to some paths, in all snapshots.

use std::collections::HashSet;
use std::ops::Range;

use bygone_common::{SnapshotPath, TreeId};

use crate::repository::Repository;
use crate::walk::Group;

/// A directory, the paths that lead through it, and how many of their names lie above.
type Pending = (TreeId, Range<usize>, usize);

/// The trees of all directories that hold one of the paths, or lead to one. One that cannot be read is among them: whoever
/// comes there says so.
pub(super) fn leading(repository: &Repository, roots: &[Group], paths: &[SnapshotPath]) -> HashSet<TreeId> {
    let mut paths: Vec<Vec<&[u8]>> = paths.iter().map(|path| path.names().collect()).collect();
    // Paths with a common beginning stand together.
    paths.sort_unstable();
    let mut leading = HashSet::new();
    let mut seen: HashSet<(TreeId, usize, usize)> = HashSet::new();
    let mut pending: Vec<Pending> = roots.iter().map(|root| (root.tree, 0..paths.len(), 0)).collect();
    while let Some((tree, range, depth)) = pending.pop() {
        if !seen.insert((tree, range.start, depth)) {
            continue;
        }
        leading.insert(tree);
        let Ok(directory) = repository.directory(tree) else { continue };
        for (name, below) in steps(&paths, range, depth) {
            let subtree = directory.find(name).and_then(|node| node.subtree());
            pending.extend(subtree.map(|subtree| (subtree, below, depth + 1)));
        }
    }
    leading
}

/// The names that paths go on by from a directory, each with those of the paths that do not end there.
fn steps<'a>(paths: &[Vec<&'a [u8]>], range: Range<usize>, depth: usize) -> Vec<(&'a [u8], Range<usize>)> {
    let mut steps: Vec<(&[u8], Range<usize>)> = Vec::new();
    for at in range {
        // The last name of a path lies in the directory itself.
        let Some(path) = paths.get(at).filter(|path| path.len() > depth + 1) else { continue };
        let Some(name) = path.get(depth) else { continue };
        match steps.last_mut() {
            Some((last, below)) if last == name => below.end = at + 1,
            Some(_) | None => steps.push((name, at..at + 1)),
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_go_on_together_as_long_as_their_names_are_the_same() {
        let path = |names: &'static [&'static str]| names.iter().map(|name| name.as_bytes()).collect::<Vec<_>>();
        let paths = [path(&["a"]), path(&["a", "b", "c"]), path(&["a", "b", "d"]), path(&["e", "f"]), path(&["g"])];
        assert_eq!(steps(&paths, 0..5, 0), [(b"a".as_slice(), 1..3), (b"e".as_slice(), 3..4)]);
        assert_eq!(steps(&paths, 1..3, 1), [(b"b".as_slice(), 1..3)]);
        assert!(steps(&paths, 1..3, 2).is_empty());
    }
}
