//! Snapshots that share a tree.

use std::collections::HashMap;

use bygone_common::TreeId;

/// A tree, and the snapshots that have it at the path in question, as positions in a list of snapshots, ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The tree.
    pub tree: TreeId,
    /// Who has it.
    pub snapshots: Vec<u32>,
}

/// One group for each distinct tree, in the order of each group's first snapshot.
pub fn regroup<'a>(parts: impl IntoIterator<Item = (TreeId, &'a [u32])>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut positions: HashMap<TreeId, usize> = HashMap::new();
    for (tree, snapshots) in parts {
        let position = *positions.entry(tree).or_insert(groups.len());
        match groups.get_mut(position) {
            Some(group) => group.snapshots.extend_from_slice(snapshots),
            None => groups.push(Group { tree, snapshots: snapshots.to_vec() }),
        }
    }
    for group in &mut groups {
        group.snapshots.sort_unstable();
    }
    groups.sort_by_key(|group| group.snapshots.first().copied());
    groups
}

#[cfg(test)]
mod tests {
    use bygone_common::Id;

    use super::*;

    #[test]
    fn snapshots_with_equal_trees_form_one_group() {
        let tree = |byte| TreeId(Id::new([byte; 32]));
        let groups = regroup([(tree(2), &[0, 3][..]), (tree(1), &[1]), (tree(2), &[2])]);
        let expected = [Group { tree: tree(2), snapshots: vec![0, 2, 3] }, Group { tree: tree(1), snapshots: vec![1] }];
        assert_eq!(groups, expected);
    }
}
