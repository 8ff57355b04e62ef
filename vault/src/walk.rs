//! Walks over trees, shared by everything that looks at more than one directory.
//!
//! - [`Walk`]: one tree in the order of its paths, for listings and archives;
//! - [`TreeGraph`]: every distinct tree below any number of roots, each once and in parallel, for searches and sums;
//! - [`Group`]: the snapshots that share a tree, for questions about one path over all snapshots.
//!
//! All of them go on after a damaged directory, keep no recursion on the stack (a repository may nest deeper than the
//! stack does), and run ahead of themselves so that storage is read in large pieces.

mod graph;
mod group;

use std::sync::Arc;

use bygone_common::TreeId;

use crate::error::Error;
use crate::repository::Repository;
use crate::tree::{Directory, Node};

pub use graph::{Seen, TreeGraph};
pub use group::{Group, regroup};

/// Directories requested ahead of the walk, of each directory on its path.
const LOOK_AHEAD_DIRECTORIES: usize = 256;

/// An entry of a directory that is kept alive by it.
#[derive(Debug, Clone)]
pub struct Entry {
    directory: Arc<Directory>,
    index: usize,
}

impl Entry {
    /// The entry at a position.
    pub fn new(directory: Arc<Directory>, index: usize) -> Self {
        Self { directory, index }
    }

    /// The node; `None` when the directory has no such position.
    pub fn node(&self) -> Option<Node<'_>> {
        self.directory.get(self.index)
    }

    /// The directory it lies in.
    pub fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }
}

/// What a [`Walk`] comes across.
#[derive(Debug)]
pub enum Step {
    /// A directory begins; its entries follow, then those of its subdirectories in between. Its path is the walk's.
    Enter(Arc<Directory>),
    /// An entry. Unless [`Walk::skip`] is called now, its own entries follow when it is a directory.
    Entry(Entry),
    /// The directory at the walk's path cannot be read; the walk goes on after it.
    Broken(Error),
}

struct Frame {
    directory: Arc<Directory>,
    next: usize,
    /// Position up to which subdirectories have been requested ahead.
    requested: usize,
    /// The length of the path of this directory.
    path_len: usize,
}

/// A walk through one tree, in the order of names, each directory before what is in it.
pub struct Walk<'a> {
    repository: &'a Repository,
    path: Vec<u8>,
    stack: Vec<Frame>,
    /// What to enter before going on.
    pending: Option<TreeId>,
}

impl<'a> Walk<'a> {
    /// Begins at `tree`, whose path is `path` (without a slash at its end; empty for the root).
    pub fn new(repository: &'a Repository, tree: TreeId, path: &[u8]) -> Self {
        Self { repository, path: path.to_vec(), stack: Vec::new(), pending: Some(tree) }
    }

    /// The path of what the last step came across.
    pub fn path(&self) -> &[u8] {
        &self.path
    }

    /// Directories above what the last step came across, counted from where the walk began.
    pub fn depth(&self) -> usize {
        self.stack.len().saturating_sub(1)
    }

    /// Does not go into the directory that the last step came across.
    pub fn skip(&mut self) {
        self.pending = None;
    }

    /// Goes on; `None` at the end.
    #[expect(clippy::should_implement_trait, reason = "the path belongs to the walk, so it cannot be an iterator")]
    pub fn next(&mut self) -> Option<Step> {
        if let Some(tree) = self.pending.take() {
            return Some(match self.repository.directory(tree) {
                Ok(directory) => {
                    let frame =
                        Frame { directory: Arc::clone(&directory), next: 0, requested: 0, path_len: self.path.len() };
                    self.stack.push(frame);
                    Step::Enter(directory)
                }
                Err(error) => Step::Broken(error),
            });
        }
        loop {
            let frame = self.stack.last_mut()?;
            self.path.truncate(frame.path_len);
            let Some(node) = frame.directory.get(frame.next) else {
                self.stack.pop();
                continue;
            };
            self.path.push(b'/');
            self.path.extend_from_slice(node.name());
            self.pending = node.subtree();
            let entry = Entry::new(Arc::clone(&frame.directory), frame.next);
            request_ahead(self.repository, frame);
            frame.next += 1;
            return Some(Step::Entry(entry));
        }
    }
}

/// Requests the next subdirectories once half of those requested before have been walked.
fn request_ahead(repository: &Repository, frame: &mut Frame) {
    if frame.directory.subdirectories() == 0 || frame.next + LOOK_AHEAD_DIRECTORIES / 2 < frame.requested {
        return;
    }
    let mut trees = Vec::new();
    let mut at = frame.requested.max(frame.next);
    while trees.len() < LOOK_AHEAD_DIRECTORIES {
        let Some(node) = frame.directory.get(at) else { break };
        trees.extend(node.subtree());
        at += 1;
    }
    frame.requested = if at < frame.directory.len() { at } else { usize::MAX };
    if trees.len() > 1 {
        repository.prefetch_directories(&trees);
    }
}
