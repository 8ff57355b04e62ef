//! The walk through the source's trees that makes a plan. Here directories; [`files`] for everything else; [`present`] for
//! what a node finds under its name.

mod files;
mod present;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bygone_common::TreeId;
use bygone_common::access::{Place, Use, View};

use super::{Action, Plan, Summary};
use crate::error::{Error, ErrorKind, Result};
use crate::repository::{Repository, Resolved};
use crate::restore::folders::Folders;
use crate::restore::names::{self, TEMPORARY_PREFIX};
use crate::restore::report::Errors;
use crate::restore::table::{ROOT, Table, What, at, join};
use crate::restore::target::{Folder, Found};
use crate::restore::{Options, Source};
use crate::tree::{Directory, Node, NodeKind};

/// A directory whose entries are still to be planned.
struct Pending {
    tree: TreeId,
    dir: u32,
    /// It or a directory above it is on the list of what is meant.
    included: bool,
    /// Where it is under the rules; none: there are none, or all of it may be put back.
    place: Option<Place>,
}

/// The directory whose nodes are being planned.
struct Parent {
    directory: Arc<Directory>,
    /// Its position in the plan.
    dir: u32,
    /// Its path below the source; made only if there are filters or exceptions to ask.
    path: Vec<u8>,
    /// It or a directory above it is on the list of what is meant.
    included: bool,
    /// As of [`Pending`].
    place: Option<Place>,
    /// It is in the target already, and so may be what its nodes are called.
    exists: bool,
}

/// What rules say of a node.
struct Allowed {
    /// It may be put back; else only something below it.
    itself: bool,
    /// Where it is under the rules, if they say more of what is below.
    below: Option<Place>,
}

struct Walk<'a> {
    repository: &'a Repository,
    options: &'a Options,
    folders: Folders,
    table: Table,
    /// First names of files with several: by device and inode.
    hard_links: HashMap<(u64, u64), u32>,
    pending: Vec<Pending>,
    summary: Summary,
    errors: Errors,
    odd_names: bool,
    /// The moment of the restore in the names of files beside others.
    label: String,
}

pub(super) fn plan(repository: &Repository, source: &Source, options: Options, cancel: &AtomicBool) -> Result<Plan> {
    let found = repository.resolve(source.tree, &source.path)?;
    let root = Folder::open_root(&options.target, options.links)
        .map_err(|error| Error::io(format!("open the target {}", options.target.display()), error))?;
    let mut walk = Walk {
        repository,
        options: &options,
        folders: Folders::new(root),
        table: Table::new(options.ownership),
        hard_links: HashMap::new(),
        pending: Vec::new(),
        summary: Summary::default(),
        errors: Errors::default(),
        odd_names: false,
        label: options.label(),
    };
    let place = options.view.as_ref().map(|view| place_above(repository, source, view)).transpose()?;
    walk.begin(&found, place)?;
    while let Some(pending) = walk.pending.pop() {
        if cancel.load(Ordering::Relaxed) {
            return Err(Error::new(ErrorKind::Cancelled, "the restore was cancelled while it was planned"));
        }
        walk.directory(pending)?;
    }
    let Walk { mut table, mut summary, errors, odd_names, .. } = walk;
    summary.count_table(&table);
    summary.errors = errors.count();
    let blobs = table.seal();
    Ok(Plan { repository: repository.clone(), options, table, blobs, summary, errors, odd_names })
}

/// Where the folder is, under the rules, that holds a source; the root for itself.
fn place_above(repository: &Repository, source: &Source, view: &View) -> Result<Place> {
    let (mut place, mut tree) = (view.root(), source.tree);
    let names = source.path.names();
    for name in names.take(source.path.names().len().saturating_sub(1)) {
        let missing = || Error::new(ErrorKind::NotFound, format!("{} does not exist in the snapshot", source.path));
        let directory = repository.directory(tree)?;
        let node = directory.find(name).ok_or_else(missing)?;
        place = place.enter(view, name, Some(node.owned_by()));
        tree = node.subtree().ok_or_else(missing)?;
    }
    Ok(place)
}

impl Walk<'_> {
    /// `place`: of what holds the source, or of the root if that is the source.
    fn begin(&mut self, found: &Resolved, place: Option<Place>) -> Result<()> {
        let exists = self.folders.has_root();
        if let Some(tree) = found.tree() {
            let place = match (place, found.node()) {
                (Some(place), Some(node)) => self.enter(&place, node),
                (place, _) => place,
            };
            let Some(allowed) = self.allowed(place) else {
                self.table.add_root(None, exists)?;
                self.close_directory(ROOT, 0);
                return Ok(());
            };
            self.table.add_root(found.node().filter(|_| allowed.itself), exists)?;
            self.pending.push(Pending { tree, dir: ROOT, included: false, place: allowed.below });
            if self.options.filter.includes_all() && allowed.itself {
                self.need(ROOT);
            }
        } else if let (Some(node), Resolved::Entry { parent, .. }) = (found.node(), found) {
            self.table.add_root(None, exists)?;
            let path = Vec::new();
            let parent = Parent { directory: parent.clone(), dir: ROOT, path, included: true, place, exists };
            self.node(&parent, node)?;
            self.close_directory(ROOT, 0);
        }
        Ok(())
    }

    /// Plans the entries of a directory.
    fn directory(&mut self, pending: Pending) -> Result<()> {
        let Pending { tree, dir, included, place } = pending;
        let entries_start = self.table.entries.len();
        let directory = match self.repository.directory(tree) {
            Ok(directory) => directory,
            Err(error) => {
                self.report(dir, b"", error);
                return Ok(());
            }
        };
        for name in directory.rejected() {
            self.refuse_name(dir, name, names::fault(name).unwrap_or("a name cannot be a file's"));
        }
        let subtrees: Vec<TreeId> = directory.iter().filter_map(|node| node.subtree()).collect();
        self.repository.prefetch_directories(&subtrees);
        let exists = self.table.dirs.get(at(dir)).is_some_and(|dir| dir.exists);
        let path = if self.options.asks_paths() { self.table.dir_path(dir) } else { Vec::new() };
        let parent = Parent { directory, dir, path, included, place, exists };
        let first_pending = self.pending.len();
        for node in parent.directory.iter() {
            self.node(&parent, node)?;
        }
        self.close_directory(dir, entries_start);
        // The last of the list is next: names are walked in their order, as they lie in the packs.
        if let Some(added) = self.pending.get_mut(first_pending..) {
            added.reverse();
        }
        Ok(())
    }

    fn close_directory(&mut self, dir: u32, entries_start: usize) {
        let entries_end = self.table.entries.len();
        if let Some(dir) = self.table.dirs.get_mut(at(dir)) {
            // Positions of entries fit: the table refuses more.
            dir.entries_start = u32::try_from(entries_start).unwrap_or(u32::MAX);
            dir.entries_end = u32::try_from(entries_end).unwrap_or(u32::MAX);
        }
    }

    /// Plans one node of a directory.
    fn node(&mut self, parent: &Parent, node: Node<'_>) -> Result<()> {
        let name = node.name();
        let filter = &self.options.filter;
        let mut included = parent.included || filter.includes_all();
        if !filter.is_trivial() {
            let path = join(parent.path.clone(), name);
            if filter.excludes(&path, name) {
                return Ok(());
            }
            included = included || filter.includes(&path, name);
        }
        let place = parent.place.as_ref().and_then(|place| self.enter(place, node));
        let Some(allowed) = self.allowed(place) else { return Ok(()) };
        if !(included && allowed.itself) && node.kind() != NodeKind::Dir {
            return Ok(());
        }
        if let Some(why) = names::fault(name) {
            self.refuse_name(parent.dir, name, why);
            return Ok(());
        }
        self.odd_names |= name.starts_with(TEMPORARY_PREFIX);
        let found = match parent.exists.then(|| self.found(parent.dir, name)).transpose() {
            Ok(found) => found.flatten(),
            Err(error) => {
                self.report(parent.dir, name, Error::io("look at what is there", error));
                return Ok(());
            }
        };
        match What::of(node.kind()) {
            Some(what) => self.file(parent, node, what, found),
            None if node.kind() == NodeKind::Dir => self.subdirectory(parent, node, included, allowed, found),
            None => {
                let sentence = "the snapshot's type of file is unknown";
                self.report(parent.dir, name, Error::new(ErrorKind::Unsupported, sentence));
                Ok(())
            }
        }
    }

    fn subdirectory(
        &mut self,
        parent: &Parent,
        node: Node<'_>,
        included: bool,
        allowed: Allowed,
        found: Option<Found>,
    ) -> Result<()> {
        let Some(tree) = node.subtree() else {
            let sentence = "the snapshot's directory has no tree";
            self.report(parent.dir, node.name(), Error::new(ErrorKind::Damaged, sentence));
            return Ok(());
        };
        let (action, beside) = match found {
            None => (Action::Create, None),
            Some(found) if found.kind == NodeKind::Dir => (Action::Merge, None),
            Some(found) => self.settle(parent, node, &found),
        };
        let name = beside.as_deref().unwrap_or(node.name());
        let position = self.table.add_dir(parent.dir, name, node, action)?;
        if let Some(dir) = self.table.dirs.get_mut(at(position)) {
            dir.has_metadata = (included && allowed.itself) || action.makes();
        }
        match action {
            Action::Skip | Action::Conflict => self.summary.count(action, 0),
            Action::Create
            | Action::Replace
            | Action::CreateBeside
            | Action::Renew
            | Action::Merge
            | Action::Unchanged => {
                if included && allowed.itself {
                    self.need(position);
                }
                self.pending.push(Pending { tree, dir: position, included, place: allowed.below });
            }
        }
        Ok(())
    }

    /// One name further down, for a node that lies there.
    fn enter(&self, place: &Place, node: Node<'_>) -> Option<Place> {
        let whose = node.owned_by();
        self.options.view.as_ref().map(|view| place.enter(view, node.name(), Some(whose)))
    }

    /// What rules say of a node at a place; nothing if neither it nor anything below it may be put back.
    fn allowed(&self, place: Option<Place>) -> Option<Allowed> {
        let (Some(view), Some(place)) = (&self.options.view, place) else {
            return Some(Allowed { itself: true, below: None });
        };
        let itself = place.uses(view).has(Use::Restore);
        match (itself, place.is_uniform()) {
            (true, true) => Some(Allowed { itself, below: None }),
            (false, _) if !place.leads_to(view, Use::Restore) => None,
            (_, _) => Some(Allowed { itself, below: Some(place) }),
        }
    }

    /// Something in this directory is meant: it has to be there, and so do those above it.
    fn need(&mut self, dir: u32) {
        let mut position = dir;
        while let Some(dir) = self.table.dirs.get_mut(at(position)).filter(|dir| !dir.needed) {
            dir.needed = true;
            position = dir.parent;
        }
    }

    fn refuse_name(&self, dir: u32, name: &[u8], why: &str) {
        self.report(dir, name, Error::new(ErrorKind::Damaged, format!("the snapshot's name is refused: {why}")));
    }

    /// Reports what is wrong with a name of a directory, or, without a name, with the directory itself.
    fn report(&self, dir: u32, name: &[u8], error: Error) {
        let path = || {
            let path = self.table.dir_path(dir);
            if name.is_empty() { path } else { join(path, name) }
        };
        self.errors.add(path, error);
    }
}
