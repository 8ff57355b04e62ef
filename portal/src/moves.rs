//! What was moved: what is gone from one place and is new in another, with the same content.

use std::collections::HashMap;

use bygone_common::TreeId;
use bygone_vault::{Node, NodeKind};

use crate::compare::Change;
use crate::content;

/// Things that may have been moved and are remembered, at most: further ones are shown as removed and added.
const REMEMBERED_MAX: usize = 200_000;

/// What makes a thing the same in another place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Identity {
    /// A file's content.
    File(String),
    /// A folder and all that is in it.
    Folder(TreeId),
}

impl Identity {
    /// None of what is alike everywhere: what is empty, or no content at all.
    fn of(node: Node<'_>) -> Option<Self> {
        match node.kind() {
            NodeKind::File if !node.content().is_empty() => content::of(node).map(Self::File),
            NodeKind::Dir => node.subtree().map(Self::Folder),
            NodeKind::File
            | NodeKind::Symlink
            | NodeKind::BlockDevice
            | NodeKind::CharDevice
            | NodeKind::Fifo
            | NodeKind::Socket
            | NodeKind::Unknown => None,
        }
    }
}

/// Where things of one identity were, and are.
#[derive(Debug, Default)]
struct Places {
    removed: Vec<Box<[u8]>>,
    added: Vec<Box<[u8]>>,
}

/// What may have been moved.
#[derive(Debug, Default)]
pub(crate) struct Moves {
    places: HashMap<Identity, Places>,
    remembered: usize,
}

/// What was moved, from where to where.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    /// By where it is now.
    from: HashMap<Box<[u8]>, Box<[u8]>>,
    sources: std::collections::HashSet<Box<[u8]>>,
}

impl Moves {
    pub(crate) fn add(&mut self, path: &[u8], change: Change, before: Option<Node<'_>>, after: Option<Node<'_>>) {
        if self.remembered >= REMEMBERED_MAX {
            return;
        }
        let node = match change {
            Change::Added => after,
            Change::Removed => before,
            Change::Changed => None,
        };
        let Some(identity) = node.and_then(Identity::of) else { return };
        self.remembered += 1;
        let places = self.places.entry(identity).or_default();
        match change {
            Change::Added => places.added.push(path.into()),
            Change::Removed => places.removed.push(path.into()),
            Change::Changed => {}
        }
    }

    /// Pairs in the order of paths, of things of the same name first: of two copies each stays what it was called.
    pub(crate) fn pair(self) -> Pairs {
        let mut pairs = Pairs::default();
        for mut places in self.places.into_values() {
            let mut later = Vec::new();
            for to in places.added {
                match places.removed.iter().position(|from| name(from) == name(&to)) {
                    Some(at) => pairs.add(places.removed.remove(at), to),
                    None => later.push(to),
                }
            }
            for (from, to) in places.removed.into_iter().zip(later) {
                pairs.add(from, to);
            }
        }
        pairs
    }
}

impl Pairs {
    fn add(&mut self, from: Box<[u8]>, to: Box<[u8]>) {
        self.sources.insert(from.clone());
        self.from.insert(to, from);
    }

    /// Where what lies here was before.
    pub(crate) fn from(&self, to: &[u8]) -> Option<&[u8]> {
        self.from.get(to).map(|from| &**from)
    }

    /// Whether what lay here lies elsewhere now.
    pub(crate) fn is_source(&self, from: &[u8]) -> bool {
        self.sources.contains(from)
    }
}

fn name(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or_default()
}
