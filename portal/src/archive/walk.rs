//! A walk through what goes into an archive, in an order that is always the same, from the beginning or from a place that
//! was noted before. It waits for directories without holding a thread, and may be dropped at any point.

use std::collections::HashSet;
use std::sync::Arc;

use bygone_common::TreeId;
use bygone_common::access::{Place, Use, View};
use bygone_vault::walk::Entry;
use bygone_vault::{Directory, Error, ErrorKind, Node, Repository, Result};
use tokio::sync::oneshot;

use super::zip_name::Names;
use crate::moment::whose;

/// Directories requested ahead of the walk.
const LOOK_AHEAD_DIRECTORIES: usize = 128;

/// One file or folder that was chosen.
#[derive(Debug, Clone)]
pub(crate) struct Root {
    /// Where it lies.
    pub(crate) repository: Repository,
    /// What it is.
    pub(crate) top: Top,
    /// Its name in the archive; empty for a whole snapshot, whose entries then come without a folder around them.
    pub(crate) name: Vec<u8>,
    /// What may be done in its snapshot.
    pub(crate) view: View,
    /// Where in it this lies.
    pub(crate) place: Place,
}

/// What becomes of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// It goes into the archive.
    Take,
    /// It does not, but something below may.
    Descend,
    /// Neither it nor anything below.
    Skip,
}

impl Root {
    fn verdict(&self, place: &Place) -> Verdict {
        if place.uses(&self.view).has(Use::Download) {
            Verdict::Take
        } else if place.leads_to(&self.view, Use::Download) {
            Verdict::Descend
        } else {
            Verdict::Skip
        }
    }
}

/// What was chosen.
#[derive(Debug, Clone)]
pub(crate) enum Top {
    /// An entry of a directory.
    Entry(Entry),
    /// All of a snapshot.
    Tree(TreeId),
}

impl Top {
    fn tree(&self) -> Option<TreeId> {
        match self {
            Self::Entry(entry) => entry.node().and_then(|node| node.subtree()),
            Self::Tree(tree) => Some(*tree),
        }
    }
}

/// Everything that was chosen.
#[derive(Debug, Clone)]
pub(crate) struct Roots {
    list: Arc<[Root]>,
    /// Whether names are made safe for every system.
    is_safe: bool,
}

impl Roots {
    /// What was chosen, as far as it may be downloaded. Names that two have in common get a number.
    pub(crate) fn new(mut list: Vec<Root>, is_safe: bool) -> Self {
        let names: Vec<Vec<u8>> = list.iter().map(|root| root.name.clone()).collect();
        let safe = Names::new(names.iter().map(Vec::as_slice));
        for (at, root) in list.iter_mut().enumerate().filter(|(_, root)| !root.name.is_empty()) {
            let is_first = names.iter().position(|name| *name == root.name) == Some(at);
            if is_safe || !is_first {
                root.name = safe.get(at, &root.name).into_bytes();
            }
        }
        Self { list: list.into(), is_safe }
    }

    /// The root at a position.
    pub(super) fn get(&self, at: usize) -> Option<&Root> {
        self.list.get(at)
    }
}

/// Where a walk is: between two entries.
#[derive(Debug, Clone, Default)]
pub(super) struct Bookmark {
    roots_begun: usize,
    /// The next entry of each directory on the way down.
    positions: Box<[u32]>,
    /// Whether the entry before is a directory that has yet to be entered.
    is_above: bool,
}

impl Bookmark {
    pub(super) fn weight_bytes(&self) -> usize {
        size_of::<Self>() + size_of_val(&*self.positions)
    }
}

/// What a walk comes across.
#[derive(Debug)]
pub(super) enum Step {
    /// Something that goes into the archive under the walk's name.
    Entry {
        /// Of which root.
        root: usize,
        /// What it is.
        entry: Entry,
    },
    /// Names in the folder of the walk's name that cannot be names of files.
    Rejected(Arc<Directory>),
    /// The folder of the walk's name cannot be read.
    Broken(Error),
}

#[derive(Debug)]
struct Frame {
    directory: Arc<Directory>,
    next: usize,
    /// Up to where subdirectories have been requested.
    requested: usize,
    name_len: usize,
    place: Place,
    names: Option<Names>,
}

/// A walk.
#[derive(Debug)]
pub(super) struct Walker {
    roots: Roots,
    begun: usize,
    stack: Vec<Frame>,
    /// What to enter before going on.
    pending: Option<TreeId>,
    name: Vec<u8>,
    /// Where what the last step came across lies, under the rules of its root.
    place: Option<Place>,
}

impl Walker {
    /// A walk from the beginning.
    pub(super) fn new(roots: Roots) -> Self {
        Self { roots, begun: 0, stack: Vec::new(), pending: None, name: Vec::new(), place: None }
    }

    /// A walk from a place on.
    ///
    /// # Errors
    /// What the storage answers.
    pub(super) async fn from(roots: Roots, bookmark: &Bookmark) -> Result<Self> {
        let mut walker = Self::new(roots);
        walker.begun = bookmark.roots_begun;
        let Some(at) = bookmark.roots_begun.checked_sub(1) else { return Ok(walker) };
        let gone = || Error::new(ErrorKind::Damaged, "a directory is not what it was");
        let root = walker.roots.get(at).ok_or_else(gone)?.clone();
        (walker.name, walker.place) = (root.name.clone(), Some(root.place.clone()));
        let mut tree = root.top.tree();
        for position in bookmark.positions.iter().map(|position| *position as usize) {
            let directory = directory(&root.repository, tree.ok_or_else(gone)?).await?;
            walker.push(directory.clone(), position);
            tree = None;
            if let Some(node) = position.checked_sub(1).and_then(|entry| directory.get(entry)) {
                // Of the last directory only if it is not entered yet; all others led to the next.
                walker.extend(position - 1, node);
                tree = node.subtree();
            }
        }
        walker.pending = tree.filter(|_| bookmark.is_above);
        Ok(walker)
    }

    /// Where it is.
    pub(super) fn bookmark(&self) -> Bookmark {
        let positions = self.stack.iter().map(|frame| u32::try_from(frame.next).unwrap_or(u32::MAX)).collect();
        Bookmark { roots_begun: self.begun, positions, is_above: self.pending.is_some() }
    }

    /// The name in the archive of what the last step came across.
    pub(super) fn name(&self) -> &[u8] {
        &self.name
    }

    /// Goes on, past folders in `left_out`; none at the end. May be dropped while it waits, and asked again.
    ///
    /// # Errors
    /// What the storage answers, other than that a folder is damaged.
    pub(super) async fn next(&mut self, left_out: &HashSet<Vec<u8>>) -> Result<Option<Step>> {
        loop {
            if let Some(tree) = self.pending {
                if left_out.contains(&self.name) {
                    self.pending = None;
                    continue;
                }
                let Some(root) = self.begun.checked_sub(1).and_then(|at| self.roots.get(at)) else { return Ok(None) };
                let entered = directory(&root.repository, tree).await;
                self.pending = None;
                match entered {
                    Ok(directory) => {
                        self.push(directory.clone(), 0);
                        if !directory.rejected().is_empty() {
                            return Ok(Some(Step::Rejected(directory)));
                        }
                    }
                    Err(error) if matches!(error.kind(), ErrorKind::Damaged | ErrorKind::NotFound) => {
                        return Ok(Some(Step::Broken(error)));
                    }
                    Err(error) => return Err(error),
                }
            }
            if let Some(step) = self.step() {
                return Ok(Some(step));
            }
            if self.stack.is_empty() && self.pending.is_none() && self.begun >= self.roots.list.len() {
                return Ok(None);
            }
        }
    }

    /// The next entry that is at hand and taken; none when a directory, or the next root, has to be entered first.
    fn step(&mut self) -> Option<Step> {
        let Some(frame) = self.stack.last_mut() else { return self.next_root() };
        self.name.truncate(frame.name_len);
        let (directory, at) = (frame.directory.clone(), frame.next);
        let Some(node) = directory.get(at) else {
            self.stack.pop();
            return None;
        };
        frame.next += 1;
        self.request_ahead();
        self.extend(at, node);
        let root = self.begun.saturating_sub(1);
        let verdict = self.place.as_ref().zip(self.roots.get(root)).map(|(place, root)| root.verdict(place));
        match verdict.unwrap_or(Verdict::Skip) {
            Verdict::Take => {
                self.pending = node.subtree();
                Some(Step::Entry { root, entry: Entry::new(directory.clone(), at) })
            }
            Verdict::Descend => {
                self.pending = node.subtree();
                None
            }
            Verdict::Skip => None,
        }
    }

    fn next_root(&mut self) -> Option<Step> {
        let at = self.begun;
        let root = self.roots.get(at)?.clone();
        self.begun += 1;
        let verdict = root.verdict(&root.place);
        (self.name, self.place) = (root.name, Some(root.place));
        if verdict != Verdict::Skip {
            self.pending = root.top.tree();
        }
        match root.top {
            Top::Entry(entry) if verdict == Verdict::Take => Some(Step::Entry { root: at, entry }),
            Top::Entry(_) | Top::Tree(_) => None,
        }
    }

    fn push(&mut self, directory: Arc<Directory>, next: usize) {
        let names = self.roots.is_safe.then(|| Names::of(&directory));
        let (name_len, Some(place)) = (self.name.len(), self.place.clone()) else { return };
        self.stack.push(Frame { directory, next, requested: next, name_len, place, names });
    }

    /// Goes to an entry of the last directory.
    fn extend(&mut self, at: usize, node: Node<'_>) {
        let Some((frame, root)) = self.stack.last().zip(self.begun.checked_sub(1).and_then(|at| self.roots.get(at)))
        else {
            return;
        };
        if !self.name.is_empty() {
            self.name.push(b'/');
        }
        match &frame.names {
            Some(names) => self.name.extend_from_slice(names.get(at, node.name()).as_bytes()),
            None => self.name.extend_from_slice(node.name()),
        }
        self.place = Some(frame.place.enter(&root.view, node.name(), Some(whose(node))));
    }

    /// Requests the next subdirectories, once half of those requested before have been walked.
    fn request_ahead(&mut self) {
        let Some(root) = self.begun.checked_sub(1).and_then(|at| self.roots.get(at)) else { return };
        let Some(frame) = self.stack.last_mut() else { return };
        if frame.directory.subdirectories() == 0 || frame.next + LOOK_AHEAD_DIRECTORIES / 2 < frame.requested {
            return;
        }
        let end = (frame.next + LOOK_AHEAD_DIRECTORIES).min(frame.directory.len());
        let from = frame.requested.max(frame.next);
        let trees: Vec<TreeId> =
            (from..end).filter_map(|at| frame.directory.get(at)).filter_map(|node| node.subtree()).collect();
        frame.requested = end;
        if trees.len() > 1 {
            root.repository.prefetch_directories(&trees);
        }
    }
}

/// A directory, without a thread that waits for it.
pub(crate) async fn directory(repository: &Repository, tree: TreeId) -> Result<Arc<Directory>> {
    if let Some(directory) = repository.cached_directory(tree) {
        return Ok(directory);
    }
    let (send, receive) = oneshot::channel();
    repository.directory_then(tree, move |directory| {
        // Nobody waits any more when the client is gone.
        let _ = send.send(directory);
    });
    receive.await.map_err(|_| Error::new(ErrorKind::Cancelled, format!("reading tree {tree} was given up")))?
}
