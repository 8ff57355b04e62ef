//! Every distinct tree below some roots, each looked at once.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use bygone_common::TreeId;

use crate::error::{Error, ErrorKind, Result};
use crate::repository::Repository;
use crate::tree::Directory;

/// Directories being fetched, decoded or looked at, at one time.
const IN_FLIGHT_DIRECTORIES_MAX: usize = 4096;
/// Directories requested at once at least, if there are as many: together they are read in large pieces.
const BATCH_DIRECTORIES: usize = 512;

/// A tree that was looked at.
#[derive(Debug)]
pub struct Seen<T> {
    /// Which.
    pub id: TreeId,
    /// What the look gave, or why there was nothing to look at.
    pub fact: Result<T>,
    /// The subdirectories, as positions in the graph; as often as the directory names them.
    pub children: Box<[u32]>,
}

/// All distinct trees below some roots. Equal directories of different snapshots or places are one.
#[derive(Debug)]
pub struct TreeGraph<T> {
    positions: HashMap<TreeId, u32>,
    trees: Vec<Seen<T>>,
}

/// What a worker sends back about the tree at a position.
type Answer<T> = (u32, Result<(T, Vec<TreeId>)>);

/// Answers exactly once, even when the look panics: otherwise the walk would wait for ever.
struct Reply<T> {
    position: u32,
    sender: Sender<Answer<T>>,
    answered: bool,
}

impl<T> Reply<T> {
    fn send(mut self, answer: Result<(T, Vec<TreeId>)>) {
        self.answered = true;
        // Nobody listens any more only when the walk itself unwinds.
        let _ = self.sender.send((self.position, answer));
    }
}

impl<T> Drop for Reply<T> {
    fn drop(&mut self) {
        if !self.answered {
            let error = Error::new(ErrorKind::Cancelled, "a directory was dropped before it was looked at");
            let _ = self.sender.send((self.position, Err(error)));
        }
    }
}

impl<T: Send + 'static> TreeGraph<T> {
    /// Looks at every distinct tree below `roots` on the engine's workers. `look` must not block.
    pub fn explore(
        repository: &Repository,
        roots: impl IntoIterator<Item = TreeId>,
        look: impl Fn(&Directory) -> T + Send + Sync + 'static,
    ) -> Self {
        Self::explore_where(repository, roots, |_| true, look)
    }

    /// The same without the trees that `enter` refuses, and without what only they lead to.
    pub fn explore_where(
        repository: &Repository,
        roots: impl IntoIterator<Item = TreeId>,
        enter: impl Fn(TreeId) -> bool,
        look: impl Fn(&Directory) -> T + Send + Sync + 'static,
    ) -> Self {
        let look = Arc::new(look);
        let (sender, receiver) = channel();
        let mut exploration = Exploration {
            graph: Self { positions: HashMap::new(), trees: Vec::new() },
            waiting: Vec::new(),
            in_flight: 0,
        };
        for root in roots.into_iter().filter(|root| enter(*root)) {
            exploration.position(root);
        }
        while exploration.send_off(repository, &look, &sender) {
            exploration.take_in(&receiver, &enter);
        }
        exploration.graph
    }
}

impl<T> TreeGraph<T> {
    /// Distinct trees.
    pub fn len(&self) -> usize {
        self.trees.len()
    }

    /// Whether there is no tree.
    pub fn is_empty(&self) -> bool {
        self.trees.is_empty()
    }

    /// The position of a tree.
    pub fn position(&self, tree: TreeId) -> Option<u32> {
        self.positions.get(&tree).copied()
    }

    /// The tree at a position.
    pub fn get(&self, position: u32) -> Option<&Seen<T>> {
        self.trees.get(position as usize)
    }

    /// All trees in the order of their positions.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Seen<T>> {
        self.trees.iter()
    }

    /// For each position, whether the tree or any below it is marked.
    pub fn reaching(&self, marked: impl Fn(&Seen<T>) -> bool) -> Vec<bool> {
        let mut parents: Vec<(u32, u32)> = Vec::new();
        for (parent, seen) in (0u32..).zip(&self.trees) {
            parents.extend(seen.children.iter().map(|child| (*child, parent)));
        }
        parents.sort_unstable();
        parents.dedup();
        let mut reaching: Vec<bool> = self.trees.iter().map(marked).collect();
        let mut todo: Vec<u32> =
            (0u32..).zip(&reaching).filter(|(_, marked)| **marked).map(|(position, _)| position).collect();
        while let Some(child) = todo.pop() {
            let first = parents.partition_point(|(of, _)| *of < child);
            for (_, parent) in parents.iter().skip(first).take_while(|(of, _)| *of == child) {
                if let Some(known @ false) = reaching.get_mut(*parent as usize) {
                    *known = true;
                    todo.push(*parent);
                }
            }
        }
        reaching
    }

    /// All positions, each after all positions below it.
    pub fn children_first(&self) -> Vec<u32> {
        let mut order = Vec::with_capacity(self.trees.len());
        let mut begun = vec![false; self.trees.len()];
        let mut stack: Vec<(u32, usize)> = Vec::new();
        for start in (0u32..).take(self.trees.len()) {
            stack.push((start, 0));
            while let Some((position, next)) = stack.pop() {
                let Some(is_begun) = begun.get_mut(position as usize) else { continue };
                if next == 0 && std::mem::replace(is_begun, true) {
                    continue;
                }
                let children = self.get(position).map_or(&[][..], |seen| &seen.children);
                match children.get(next) {
                    Some(child) => {
                        stack.push((position, next + 1));
                        stack.push((*child, 0));
                    }
                    None => order.push(position),
                }
            }
        }
        order
    }
}

struct Exploration<T> {
    graph: TreeGraph<T>,
    waiting: Vec<u32>,
    in_flight: usize,
}

impl<T: Send + 'static> Exploration<T> {
    /// The position of a tree; an unknown one gets the next position and waits to be looked at.
    fn position(&mut self, tree: TreeId) -> u32 {
        let next = u32::try_from(self.graph.trees.len()).unwrap_or(u32::MAX);
        *self.graph.positions.entry(tree).or_insert_with(|| {
            let unseen = Error::new(ErrorKind::Cancelled, "a directory was not looked at");
            self.graph.trees.push(Seen { id: tree, fact: Err(unseen), children: Box::default() });
            self.waiting.push(next);
            next
        })
    }

    /// Sends waiting trees to the workers; false when there is nothing left to wait for.
    fn send_off<F>(&mut self, repository: &Repository, look: &Arc<F>, sender: &Sender<Answer<T>>) -> bool
    where
        F: Fn(&Directory) -> T + Send + Sync + 'static,
    {
        let room = IN_FLIGHT_DIRECTORIES_MAX.saturating_sub(self.in_flight).min(self.waiting.len());
        // While enough is under way, a batch is worth waiting for.
        if room == 0 || (room < BATCH_DIRECTORIES && self.in_flight >= BATCH_DIRECTORIES) {
            return self.in_flight > 0;
        }
        let batch = self.waiting.split_off(self.waiting.len() - room);
        let trees: Vec<TreeId> =
            batch.iter().filter_map(|position| self.graph.get(*position)).map(|seen| seen.id).collect();
        if trees.len() > 1 {
            repository.prefetch_directories(&trees);
        }
        self.in_flight += trees.len();
        for (position, tree) in batch.into_iter().zip(trees) {
            let look = Arc::clone(look);
            let reply = Reply { position, sender: sender.clone(), answered: false };
            repository.directory_then(tree, move |directory| {
                let answer = directory.map(|directory| {
                    let children = directory.iter().filter_map(|node| node.subtree()).collect();
                    (look(&directory), children)
                });
                reply.send(answer);
            });
        }
        true
    }

    /// Waits for an answer, and takes in all that have come.
    fn take_in(&mut self, receiver: &Receiver<Answer<T>>, enter: &impl Fn(TreeId) -> bool) {
        let mut answer = receiver.recv().ok();
        while let Some((position, looked)) = answer {
            self.in_flight = self.in_flight.saturating_sub(1);
            let (fact, children) = match looked {
                Ok((fact, children)) => {
                    let children = children.into_iter().filter(|tree| enter(*tree));
                    (Ok(fact), children.map(|tree| self.position(tree)).collect())
                }
                Err(error) => (Err(error), Box::default()),
            };
            if let Some(seen) = self.graph.trees.get_mut(position as usize) {
                seen.fact = fact;
                seen.children = children;
            }
            answer = receiver.try_recv().ok();
        }
    }
}
