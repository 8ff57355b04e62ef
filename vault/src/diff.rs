//! What differs between two trees. Equal subtrees are not read.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use bygone_common::{BlobId, TreeId};

use crate::error::Error;
use crate::repository::Repository;
use crate::tree::{Directory, Node, NodeKind};
use crate::version::same_stored;
use crate::walk::Entry;

/// Subdirectories requested ahead, of each side of a comparison.
const LOOK_AHEAD_DIRECTORIES: usize = 256;

/// How a path differs, in restic's signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modifier {
    /// `+`: only the second tree has it.
    Added,
    /// `-`: only the first tree has it.
    Removed,
    /// `M`: a file's bytes differ.
    Content,
    /// `U`: only metadata differ.
    Metadata,
    /// `T`: it is of another type.
    Type,
}

impl Modifier {
    /// restic's sign.
    pub fn sign(self) -> char {
        match self {
            Self::Added => '+',
            Self::Removed => '-',
            Self::Content => 'M',
            Self::Metadata => 'U',
            Self::Type => 'T',
        }
    }
}

/// What a comparison comes across.
#[derive(Debug)]
pub enum Event<'a> {
    /// A path that differs.
    Change {
        /// The path below the trees compared, beginning with a slash; a directory's ends with one.
        path: &'a [u8],
        /// How.
        modifier: Modifier,
    },
    /// A directory that cannot be read: what is below it is not compared.
    Broken {
        /// Its path; empty for the trees themselves.
        path: &'a [u8],
        /// Why.
        error: Error,
    },
}

/// What was added, or removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Files.
    pub files: u64,
    /// Directories.
    pub directories: u64,
    /// Everything else.
    pub others: u64,
    /// Distinct data blobs that only this side's part of the difference uses.
    pub data_blobs: u64,
    /// Distinct trees that only this side's part of the difference uses.
    pub tree_blobs: u64,
    /// The plain bytes of both.
    pub bytes: u64,
}

/// The difference in numbers.
///
/// Blobs are counted within what differs: one that only changed files of this side use, but an unchanged file too,
/// counts as added or removed. To know better, everything unchanged would have to be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files whose bytes differ.
    pub changed_files: u64,
    /// What only the second tree has.
    pub added: Tally,
    /// What only the first tree has.
    pub removed: Tally,
}

/// Whether paths whose stored metadata differ are told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metadata {
    /// Only other bytes, types and names count.
    Ignored,
    /// All that is stored counts.
    Compared,
}

/// Two directories of one path, and how far they have been compared.
struct Frame {
    before: Option<Arc<Directory>>,
    after: Option<Arc<Directory>>,
    /// Positions of the next entries.
    at: (usize, usize),
    path_len: usize,
}

/// One side's blobs.
#[derive(Default)]
struct Blobs {
    data: HashSet<BlobId>,
    trees: HashSet<TreeId>,
}

impl Blobs {
    fn add(&mut self, node: Node<'_>) {
        self.data.extend(node.content());
    }
}

struct Comparison<'a, 't> {
    repository: &'a Repository,
    metadata: Metadata,
    tell: &'t mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    summary: Summary,
    before: Blobs,
    after: Blobs,
}

/// Tells of everything that differs, each directory before what is in it, until `tell` breaks off.
pub fn diff(
    repository: &Repository,
    before: TreeId,
    after: TreeId,
    metadata: Metadata,
    tell: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
) -> Summary {
    let mut comparison = Comparison {
        repository,
        metadata,
        tell,
        summary: Summary::default(),
        before: Blobs::default(),
        after: Blobs::default(),
    };
    let mut path = Vec::new();
    let mut stack = Vec::new();
    if before != after && comparison.enter(Some(before), Some(after), &path, &mut stack).is_continue() {
        while comparison.step(&mut path, &mut stack).is_continue() {}
    }
    comparison.finish()
}

impl Comparison<'_, '_> {
    /// Puts two directories on the stack.
    fn enter(
        &mut self,
        before: Option<TreeId>,
        after: Option<TreeId>,
        path: &[u8],
        stack: &mut Vec<Frame>,
    ) -> ControlFlow<()> {
        self.before.trees.extend(before);
        self.after.trees.extend(after);
        let mut read = |tree: Option<TreeId>| match tree.map(|tree| self.repository.directory(tree)) {
            None => ControlFlow::Continue(None),
            Some(Ok(directory)) => ControlFlow::Continue(Some(directory)),
            Some(Err(error)) => match (self.tell)(Event::Broken { path, error }) {
                ControlFlow::Continue(()) => ControlFlow::Continue(None),
                ControlFlow::Break(()) => ControlFlow::Break(()),
            },
        };
        let (old, new) = (read(before)?, read(after)?);
        // What cannot be compared is neither new nor gone.
        if (before.is_some() && old.is_none()) || (after.is_some() && new.is_none()) {
            return ControlFlow::Continue(());
        }
        let frame = Frame { before: old, after: new, at: (0, 0), path_len: path.len() };
        frame.request_below(self.repository);
        stack.push(frame);
        ControlFlow::Continue(())
    }

    /// Compares the next two entries, and goes into them if they are directories; breaks at the end.
    fn step(&mut self, path: &mut Vec<u8>, stack: &mut Vec<Frame>) -> ControlFlow<()> {
        let Some(frame) = stack.last_mut() else { return ControlFlow::Break(()) };
        path.truncate(frame.path_len);
        let Some((before, after)) = frame.next() else {
            stack.pop();
            return ControlFlow::Continue(());
        };
        // The nodes borrow from the directories, which must outlive the frame's place on the stack.
        let (old, new) = (before.as_ref().and_then(Entry::node), after.as_ref().and_then(Entry::node));
        let Some(name) = old.or(new).map(|node| node.name()) else { return ControlFlow::Continue(()) };
        path.push(b'/');
        path.extend_from_slice(name);
        self.pair(path, old, new)?;
        let (before, after) = (old.and_then(|node| node.subtree()), new.and_then(|node| node.subtree()));
        if before != after {
            path.pop_if(|last| *last == b'/');
            self.enter(before, after, path, stack)?;
        }
        ControlFlow::Continue(())
    }

    fn pair(&mut self, path: &mut Vec<u8>, before: Option<Node<'_>>, after: Option<Node<'_>>) -> ControlFlow<()> {
        let modifier = match (before, after) {
            (None, None) => return ControlFlow::Continue(()),
            (Some(node), None) => {
                count(&mut self.summary.removed, node);
                self.before.add(node);
                Modifier::Removed
            }
            (None, Some(node)) => {
                count(&mut self.summary.added, node);
                self.after.add(node);
                Modifier::Added
            }
            (Some(before), Some(after)) => {
                self.before.add(before);
                self.after.add(after);
                match self.changed(before, after) {
                    Some(modifier) => modifier,
                    None => return ControlFlow::Continue(()),
                }
            }
        };
        if after.or(before).is_some_and(|node| node.kind() == NodeKind::Dir) {
            path.push(b'/');
        }
        (self.tell)(Event::Change { path, modifier })
    }

    fn changed(&mut self, before: Node<'_>, after: Node<'_>) -> Option<Modifier> {
        if before.kind() != after.kind() {
            return Some(Modifier::Type);
        }
        if before.content() != after.content() {
            self.summary.changed_files += 1;
            return Some(Modifier::Content);
        }
        match self.metadata {
            Metadata::Compared if !same_stored(before, after) => Some(Modifier::Metadata),
            Metadata::Compared | Metadata::Ignored => None,
        }
    }

    fn finish(mut self) -> Summary {
        let (before, after) = (&self.before, &self.after);
        tally_blobs(self.repository, &mut self.summary.removed, before, after);
        tally_blobs(self.repository, &mut self.summary.added, after, before);
        self.summary
    }
}

fn count(tally: &mut Tally, node: Node<'_>) {
    match node.kind() {
        NodeKind::File => tally.files += 1,
        NodeKind::Dir => tally.directories += 1,
        NodeKind::Symlink
        | NodeKind::BlockDevice
        | NodeKind::CharDevice
        | NodeKind::Fifo
        | NodeKind::Socket
        | NodeKind::Unknown => tally.others += 1,
    }
}

fn tally_blobs(repository: &Repository, tally: &mut Tally, mine: &Blobs, others: &Blobs) {
    let length = |blob: BlobId| repository.locate(blob).map_or(0, |location| u64::from(location.plain_bytes()));
    for blob in mine.data.difference(&others.data) {
        tally.data_blobs += 1;
        tally.bytes += length(*blob);
    }
    for tree in mine.trees.difference(&others.trees) {
        tally.tree_blobs += 1;
        tally.bytes += length(BlobId::from(*tree));
    }
}

impl Frame {
    /// The next entries in the order of names, side by side where both directories have the name.
    fn next(&mut self) -> Option<(Option<Entry>, Option<Entry>)> {
        let before = self.before.as_ref().and_then(|directory| directory.get(self.at.0));
        let after = self.after.as_ref().and_then(|directory| directory.get(self.at.1));
        let (has_before, has_after) = match (before, after) {
            (None, None) => return None,
            (Some(left), Some(right)) => (left.name() <= right.name(), left.name() >= right.name()),
            (left, right) => (left.is_some(), right.is_some()),
        };
        let entry = |directory: &Option<Arc<Directory>>, at| Some(Entry::new(Arc::clone(directory.as_ref()?), at));
        let pair = (
            has_before.then(|| entry(&self.before, self.at.0)).flatten(),
            has_after.then(|| entry(&self.after, self.at.1)).flatten(),
        );
        self.at.0 += usize::from(has_before);
        self.at.1 += usize::from(has_after);
        Some(pair)
    }

    /// Requests the subdirectories that differ together.
    fn request_below(&self, repository: &Repository) {
        let below = |one: &Option<Arc<Directory>>, other: &Option<Arc<Directory>>| {
            let differing = one.iter().flat_map(|directory| directory.iter()).filter_map(|node| {
                let tree = node.subtree()?;
                let same = other.as_ref()?.find(node.name()).and_then(|node| node.subtree()) == Some(tree);
                (!same).then_some(tree)
            });
            differing.take(LOOK_AHEAD_DIRECTORIES).collect::<Vec<_>>()
        };
        let mut trees = below(&self.before, &self.after);
        trees.extend(below(&self.after, &self.before));
        if trees.len() > 1 {
            repository.prefetch_directories(&trees);
        }
    }
}
