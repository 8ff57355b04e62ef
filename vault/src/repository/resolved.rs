//! Where paths of a snapshot lead.

use std::sync::Arc;

use bygone_common::TreeId;

use crate::tree::{Directory, Node};

/// Where a path leads.
#[derive(Debug, Clone)]
pub enum Resolved {
    /// To the snapshot's root.
    Root(TreeId),
    /// To an entry of a directory.
    Entry {
        /// The directory.
        parent: Arc<Directory>,
        /// The entry's position in it.
        index: usize,
    },
}

impl Resolved {
    /// The entry; `None` for the root.
    pub fn node(&self) -> Option<Node<'_>> {
        match self {
            Self::Root(_) => None,
            Self::Entry { parent, index } => parent.get(*index),
        }
    }

    /// The tree of what was found; `None` when it is not a directory.
    pub fn tree(&self) -> Option<TreeId> {
        match self {
            Self::Root(tree) => Some(*tree),
            Self::Entry { .. } => self.node().and_then(|node| node.subtree()),
        }
    }
}
