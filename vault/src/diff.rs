//! What differs between two trees. Equal subtrees are not read.

use std::collections::HashSet;
use std::ops::ControlFlow;

use bygone_common::{BlobId, TreeId};

use crate::error::Error;
use crate::repository::Repository;
use crate::tree::{Directory, Node, NodeKind};
use crate::version::same_stored;

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

/// Subdirectories still to be compared.
struct Todo {
    path: Vec<u8>,
    before: Option<TreeId>,
    after: Option<TreeId>,
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

/// Tells of everything that differs, in the order of paths within each directory, until `tell` breaks off.
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
    let mut todo = Vec::new();
    if before != after {
        todo.push(Todo { path: Vec::new(), before: Some(before), after: Some(after) });
    }
    while let Some(next) = todo.pop() {
        let first = todo.len();
        if comparison.directory(next, &mut todo).is_break() {
            break;
        }
        // The stack gives back the last one first.
        if let Some(found) = todo.get_mut(first..) {
            found.reverse();
        }
    }
    comparison.finish()
}

impl Comparison<'_, '_> {
    fn directory(&mut self, todo: Todo, below: &mut Vec<Todo>) -> ControlFlow<()> {
        let path = todo.path;
        self.before.trees.extend(todo.before);
        self.after.trees.extend(todo.after);
        let mut read = |tree: Option<TreeId>| match tree.map(|tree| self.repository.directory(tree)) {
            None => ControlFlow::Continue(None),
            Some(Ok(directory)) => ControlFlow::Continue(Some(directory)),
            Some(Err(error)) => match (self.tell)(Event::Broken { path: &path, error }) {
                ControlFlow::Continue(()) => ControlFlow::Continue(None),
                ControlFlow::Break(()) => ControlFlow::Break(()),
            },
        };
        let (before, after) = (read(todo.before)?, read(todo.after)?);
        // What cannot be compared is neither new nor gone.
        if (todo.before.is_some() && before.is_none()) || (todo.after.is_some() && after.is_none()) {
            return ControlFlow::Continue(());
        }
        let first = below.len();
        for (before, after) in Pairs::new(before.as_deref(), after.as_deref()) {
            let Some(name) = before.or(after).map(|node| node.name()) else { continue };
            let mut full = path.clone();
            full.push(b'/');
            full.extend_from_slice(name);
            self.pair(&mut full, before, after)?;
            let (before, after) = (before.and_then(|node| node.subtree()), after.and_then(|node| node.subtree()));
            if before != after {
                full.pop_if(|last| *last == b'/');
                below.push(Todo { path: full, before, after });
            }
        }
        let trees: Vec<TreeId> =
            below.iter().skip(first).flat_map(|todo| [todo.before, todo.after]).flatten().collect();
        if trees.len() > 1 {
            self.repository.prefetch_directories(&trees);
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
    let length = |blob: BlobId| repository.locate(blob).map_or(0, |location| u64::from(location.uncompressed));
    for blob in mine.data.difference(&others.data) {
        tally.data_blobs += 1;
        tally.bytes += length(*blob);
    }
    for tree in mine.trees.difference(&others.trees) {
        tally.tree_blobs += 1;
        tally.bytes += length(BlobId::from(*tree));
    }
}

/// The entries of two directories side by side, in the order of names.
struct Pairs<'a> {
    before: Option<&'a Directory>,
    after: Option<&'a Directory>,
    at: (usize, usize),
}

impl<'a> Pairs<'a> {
    fn new(before: Option<&'a Directory>, after: Option<&'a Directory>) -> Self {
        Self { before, after, at: (0, 0) }
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (Option<Node<'a>>, Option<Node<'a>>);

    fn next(&mut self) -> Option<Self::Item> {
        let before = self.before.and_then(|directory| directory.get(self.at.0));
        let after = self.after.and_then(|directory| directory.get(self.at.1));
        let pair = match (before, after) {
            (None, None) => return None,
            (Some(left), Some(right)) if left.name() < right.name() => (Some(left), None),
            (Some(left), Some(right)) if left.name() > right.name() => (None, Some(right)),
            both => both,
        };
        self.at.0 += usize::from(pair.0.is_some());
        self.at.1 += usize::from(pair.1.is_some());
        Some(pair)
    }
}
