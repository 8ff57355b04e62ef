//! What differs between two trees, as far as it may be seen: both are walked side by side under the rights that hold in
//! each, and what is equal, or hidden, is not read.

use std::ops::ControlFlow;
use std::sync::Arc;

use bygone_common::access::{Place, Sight, Use, View};
use bygone_common::{SnapshotPath, TreeId};
use bygone_vault::{Directory, Error, Node, NodeKind, Repository};

use crate::listing::is_same;
use crate::moment::whose;

/// Subfolders requested ahead, of each side.
const LOOK_AHEAD_FOLDERS: usize = 256;

/// One side of a comparison.
#[derive(Clone)]
pub(crate) struct Side {
    pub(crate) view: View,
    /// Where the comparison begins; none: there is nothing.
    pub(crate) start: Option<(TreeId, Place)>,
}

/// How a path differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// Only the later tree shows it.
    Added,
    /// Only the earlier tree shows it.
    Removed,
    /// Its content differs, or its kind.
    Changed,
}

/// What a comparison comes across.
pub(crate) enum Event<'a> {
    /// Something that differs. Folders that are on both sides are not told of.
    Change { path: &'a [u8], change: Change, before: Option<Node<'a>>, after: Option<Node<'a>> },
    /// A folder that cannot be read: what is below it is not compared.
    Broken { path: &'a [u8], error: Error },
}

/// A folder on one side, how far it was walked, and what holds in it.
struct Half {
    directory: Option<Arc<Directory>>,
    place: Option<Place>,
    at: usize,
}

struct Frame {
    before: Half,
    after: Half,
    path_len: usize,
}

/// What is below an entry on one side.
type Below = Option<(TreeId, Place)>;

/// Tells of everything that differs, each folder before what is in it, until `tell` breaks off. Paths begin with `path`.
pub(crate) fn compare(
    repository: &Repository,
    before: &Side,
    after: &Side,
    path: &SnapshotPath,
    tell: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
) {
    let mut comparison = Comparison { repository, before: &before.view, after: &after.view, stack: Vec::new(), tell };
    let mut bytes = if path.is_root() { Vec::new() } else { path.to_bytes() };
    let begun = comparison.enter(before.start.clone(), after.start.clone(), &bytes);
    if begun.is_continue() {
        while comparison.step(&mut bytes).is_continue() {}
    }
}

struct Comparison<'a, 't> {
    repository: &'a Repository,
    before: &'a View,
    after: &'a View,
    stack: Vec<Frame>,
    tell: &'t mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
}

impl Comparison<'_, '_> {
    fn enter(&mut self, before: Below, after: Below, path: &[u8]) -> ControlFlow<()> {
        if self.show_the_same(&before, &after) {
            return ControlFlow::Continue(());
        }
        let (had, has) = (before.is_some(), after.is_some());
        let (before, after) = (self.read(before, path)?, self.read(after, path)?);
        // What cannot be compared is neither new nor gone.
        if (had && before.directory.is_none()) || (has && after.directory.is_none()) {
            return ControlFlow::Continue(());
        }
        let frame = Frame { before, after, path_len: path.len() };
        frame.request_below(self.repository);
        self.stack.push(frame);
        ControlFlow::Continue(())
    }

    /// Whether it is one tree, under the same rights.
    fn show_the_same(&self, before: &Below, after: &Below) -> bool {
        match (before, after) {
            (None, None) => true,
            (Some((before, old)), Some((after, new))) if before == after => {
                let is_plain = old.is_uniform() && new.is_uniform() && old.uses(self.before) == new.uses(self.after);
                is_plain || (old == new && self.before == self.after)
            }
            (Some(_) | None, Some(_) | None) => false,
        }
    }

    fn read(&mut self, below: Below, path: &[u8]) -> ControlFlow<(), Half> {
        let Some((tree, place)) = below else {
            return ControlFlow::Continue(Half { directory: None, place: None, at: 0 });
        };
        let directory = match self.repository.directory(tree) {
            Ok(directory) => Some(directory),
            Err(error) => {
                (self.tell)(Event::Broken { path, error })?;
                None
            }
        };
        ControlFlow::Continue(Half { directory, place: Some(place), at: 0 })
    }

    /// Compares the next two entries; breaks at the end.
    fn step(&mut self, path: &mut Vec<u8>) -> ControlFlow<()> {
        let Some(frame) = self.stack.last_mut() else { return ControlFlow::Break(()) };
        path.truncate(frame.path_len);
        let (old, new) = (frame.before.directory.clone(), frame.after.directory.clone());
        let (old, new) = match pair(old.as_deref(), frame.before.at, new.as_deref(), frame.after.at) {
            Some(pair) => pair,
            None => {
                self.stack.pop();
                return ControlFlow::Continue(());
            }
        };
        frame.before.at += usize::from(old.is_some());
        frame.after.at += usize::from(new.is_some());
        let old = old.and_then(|node| {
            Some((node, frame.before.place.as_ref()?.enter(self.before, node.name(), Some(whose(node)))))
        });
        let new = new.and_then(|node| {
            Some((node, frame.after.place.as_ref()?.enter(self.after, node.name(), Some(whose(node)))))
        });
        let Some(name) = old.as_ref().or(new.as_ref()).map(|(node, _)| node.name()) else {
            return ControlFlow::Continue(());
        };
        path.push(b'/');
        path.extend_from_slice(name);
        let seen = |side: &Option<(Node<'_>, Place)>, view: &View| {
            side.as_ref().is_some_and(|(_, place)| place.uses(view).has(Use::See))
        };
        let before = old.as_ref().map(|(node, _)| *node).filter(|_| seen(&old, self.before));
        let after = new.as_ref().map(|(node, _)| *node).filter(|_| seen(&new, self.after));
        if let Some(change) = change(before, after) {
            (self.tell)(Event::Change { path, change, before, after })?;
        }
        let below = |side: Option<(Node<'_>, Place)>, view: &View| {
            let (node, place) = side?;
            // What is hidden is not read.
            if place.sight(view) == Sight::Hidden {
                return None;
            }
            Some((node.subtree()?, place))
        };
        let (before, after) = (below(old, self.before), below(new, self.after));
        self.enter(before, after, path)
    }
}

/// The next entries in the order of names, side by side where both folders have the name.
fn pair<'a>(
    before: Option<&'a Directory>,
    before_at: usize,
    after: Option<&'a Directory>,
    after_at: usize,
) -> Option<(Option<Node<'a>>, Option<Node<'a>>)> {
    let before = before.and_then(|directory| directory.get(before_at));
    let after = after.and_then(|directory| directory.get(after_at));
    match (before, after) {
        (None, None) => None,
        (Some(left), Some(right)) if left.name() < right.name() => Some((Some(left), None)),
        (Some(left), Some(right)) if left.name() > right.name() => Some((None, Some(right))),
        both => Some(both),
    }
}

fn change(before: Option<Node<'_>>, after: Option<Node<'_>>) -> Option<Change> {
    match (before, after) {
        (None, None) => None,
        (Some(_), None) => Some(Change::Removed),
        (None, Some(_)) => Some(Change::Added),
        (Some(before), Some(after)) if before.kind() == NodeKind::Dir && after.kind() == NodeKind::Dir => None,
        (Some(before), Some(after)) => (!is_same(before, after)).then_some(Change::Changed),
    }
}

impl Frame {
    /// Requests the subfolders that differ together.
    fn request_below(&self, repository: &Repository) {
        let below = |one: &Half, other: &Half| {
            let trees = one.directory.iter().flat_map(|directory| directory.iter()).filter_map(|node| {
                let tree = node.subtree()?;
                let same = other.directory.as_ref()?.find(node.name()).and_then(|node| node.subtree()) == Some(tree);
                (!same).then_some(tree)
            });
            trees.take(LOOK_AHEAD_FOLDERS).collect::<Vec<_>>()
        };
        let mut trees = below(&self.before, &self.after);
        trees.extend(below(&self.after, &self.before));
        if trees.len() > 1 {
            repository.prefetch_directories(&trees);
        }
    }
}

/// How much differs: files, and everything else but folders, and their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) added: u64,
    pub(crate) added_bytes: u64,
    pub(crate) changed: u64,
    /// As they are after the change.
    pub(crate) changed_bytes: u64,
    pub(crate) removed: u64,
    pub(crate) removed_bytes: u64,
    /// Whether a folder could not be read.
    pub(crate) is_partial: bool,
}

/// What tells two countings apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct CountKey {
    before: Option<TreeId>,
    after: Option<TreeId>,
    /// The rights under which was counted.
    rights: Vec<u8>,
}

impl CountKey {
    pub(crate) fn new(before: &Side, after: &Side) -> Self {
        let tree = |side: &Side| side.start.as_ref().map(|(tree, _)| *tree);
        let of = |side: &Side| match &side.start {
            // The most frequent case by far needs no long key.
            Some((_, place)) if place.is_uniform() => format!("{:?}", place.uses(&side.view)),
            Some(start) => format!("{:?} {:?}", start.1, side.view),
            None => String::new(),
        };
        let rights = format!("{}\0{}", of(before), of(after)).into_bytes();
        Self { before: tree(before), after: tree(after), rights }
    }
}

/// Counts what differs. Blocks.
pub(crate) fn count(repository: &Repository, before: &Side, after: &Side) -> Counts {
    let mut counts = Counts::default();
    compare(repository, before, after, &SnapshotPath::root(), &mut |event| {
        match event {
            Event::Broken { .. } => counts.is_partial = true,
            Event::Change { change, before, after, .. } => counts.add(change, before, after),
        }
        ControlFlow::Continue(())
    });
    counts
}

impl Counts {
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            added: self.added + other.added,
            added_bytes: self.added_bytes.saturating_add(other.added_bytes),
            changed: self.changed + other.changed,
            changed_bytes: self.changed_bytes.saturating_add(other.changed_bytes),
            removed: self.removed + other.removed,
            removed_bytes: self.removed_bytes.saturating_add(other.removed_bytes),
            is_partial: self.is_partial || other.is_partial,
        }
    }

    pub(crate) fn add(&mut self, change: Change, before: Option<Node<'_>>, after: Option<Node<'_>>) {
        let size =
            |node: Option<Node<'_>>| node.filter(|node| node.kind() == NodeKind::File).map_or(0, |node| node.size());
        let is_folder = |node: Option<Node<'_>>| node.is_some_and(|node| node.kind() == NodeKind::Dir);
        match change {
            Change::Added if !is_folder(after) => {
                self.added += 1;
                self.added_bytes = self.added_bytes.saturating_add(size(after));
            }
            Change::Removed if !is_folder(before) => {
                self.removed += 1;
                self.removed_bytes = self.removed_bytes.saturating_add(size(before));
            }
            Change::Added | Change::Removed => {}
            Change::Changed => {
                self.changed += 1;
                self.changed_bytes = self.changed_bytes.saturating_add(size(after));
            }
        }
    }
}
