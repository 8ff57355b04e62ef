//! The paths of a scope's clauses as one tree, whose edges are numbers of names.

use std::collections::HashMap;

/// No snapshot is allowed: the position behind all there can be.
pub(super) const NEVER: u32 = u32::MAX;

/// What clauses say at the end of their path.
#[derive(Debug)]
pub(super) struct Ends {
    pub(super) is_denied: bool,
    /// The position of the first snapshot from which on everybody's files are allowed.
    pub(super) since: u32,
    /// Numbers of owners whose files are allowed, each from a position on.
    pub(super) owned: Vec<(u32, u32)>,
    /// Whether clauses go on below.
    has_edges: bool,
}

static NOTHING: Ends = Ends { is_denied: false, since: NEVER, owned: Vec::new(), has_edges: false };

/// What a clause says at the end of its path.
#[derive(Debug, Clone, Copy)]
pub(super) enum Says {
    Deny,
    /// From a position on; only an owner's, if one is named.
    Allow {
        owner: Option<u32>,
        since: u32,
    },
}

/// All paths. Nodes are positions plus one; 0 is no node.
#[derive(Debug, Default)]
pub(super) struct Prefixes {
    edges: HashMap<(u32, u32), u32>,
    nodes: Vec<Ends>,
    roots: HashMap<u16, u32>,
}

impl Prefixes {
    fn add_node(&mut self) -> u32 {
        self.nodes.push(Ends { is_denied: false, since: NEVER, owned: Vec::new(), has_edges: false });
        u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)
    }

    fn node_mut(&mut self, node: u32) -> Option<&mut Ends> {
        self.nodes.get_mut(node.checked_sub(1)? as usize)
    }

    /// What clauses say that end there.
    #[inline]
    pub(super) fn ends(&self, node: u32) -> &Ends {
        node.checked_sub(1).and_then(|at| self.nodes.get(at as usize)).unwrap_or(&NOTHING)
    }

    /// Whether clauses go on below.
    pub(super) fn has_edges(&self, node: u32) -> bool {
        self.ends(node).has_edges
    }

    /// The node of a source's root.
    pub(super) fn root(&self, source: u16) -> u32 {
        self.roots.get(&source).copied().unwrap_or(0)
    }

    /// The node of a name below another.
    #[inline]
    pub(super) fn child(&self, node: u32, name: u32) -> u32 {
        if self.has_edges(node) { self.edges.get(&(node, name)).copied().unwrap_or(0) } else { 0 }
    }

    /// Whether any clause says more than yes or no: it is an owner's, or of some snapshots only.
    pub(super) fn have_terms(&self) -> bool {
        self.nodes.iter().any(|ends| !ends.owned.is_empty() || (ends.since != NEVER && ends.since != 0))
    }

    pub(super) fn add(&mut self, source: u16, names: &[u32], says: Says) {
        let mut at = self.root(source);
        if at == 0 {
            at = self.add_node();
            self.roots.insert(source, at);
        }
        for name in names {
            at = match self.edges.get(&(at, *name)) {
                Some(next) => *next,
                None => {
                    let next = self.add_node();
                    self.edges.insert((at, *name), next);
                    if let Some(ends) = self.node_mut(at) {
                        ends.has_edges = true;
                    }
                    next
                }
            };
        }
        let Some(ends) = self.node_mut(at) else { return };
        match says {
            Says::Deny => ends.is_denied = true,
            Says::Allow { owner: None, since } => ends.since = ends.since.min(since),
            Says::Allow { owner: Some(owner), since } => ends.owned.push((owner, since)),
        }
    }
}
