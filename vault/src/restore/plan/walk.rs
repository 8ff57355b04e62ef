//! The walk through the source's trees that makes a plan.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bygone_common::TreeId;

use super::{Action, Plan, Summary};
use crate::error::{Error, ErrorKind, Result};
use crate::repository::{Repository, Resolved};
use crate::restore::conflict::{Verdict, judge, name_beside, same_instant};
use crate::restore::execute::PIECES_MAX;
use crate::restore::folders::Folders;
use crate::restore::names::{self, TEMPORARY_PREFIX};
use crate::restore::report::Errors;
use crate::restore::table::{Entry, Piece, ROOT, Table, What, at, join};
use crate::restore::target::{Folder, Found};
use crate::restore::{OnConflict, Options, Ownership, Source};
use crate::tree::{Directory, Node, NodeKind};

/// Names tried for a file beside one that exists.
const NAMES_BESIDE_MAX: u32 = 100;

/// A directory whose entries are still to be planned.
struct Pending {
    tree: TreeId,
    dir: u32,
    /// It or a directory above it is on the list of what is meant.
    included: bool,
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
    label: String,
}

pub(super) fn plan(repository: &Repository, source: &Source, options: Options, cancel: &AtomicBool) -> Result<Plan> {
    let found = repository.resolve(source.tree, &source.path)?;
    let root = Folder::open_root(&options.target)
        .map_err(|error| Error::io(format!("open the target {}", shown(&options.target)), error))?;
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
        label: options.restored_at.strftime("%Y-%m-%dT%H-%M-%S").to_string(),
    };
    walk.begin(&found)?;
    while let Some(pending) = walk.pending.pop() {
        if cancel.load(Ordering::Relaxed) {
            return Err(Error::new(ErrorKind::Cancelled, "the restore was cancelled while it was planned"));
        }
        walk.directory(&pending)?;
    }
    walk.end();
    let Walk { mut table, mut summary, errors, odd_names, .. } = walk;
    summary.errors = errors.count();
    let blobs = table.seal();
    Ok(Plan { repository: repository.clone(), options, table, blobs, summary, errors, odd_names })
}

fn shown(path: &Path) -> impl std::fmt::Display {
    path.display()
}

impl Walk<'_> {
    fn begin(&mut self, found: &Resolved) -> Result<()> {
        let exists = self.folders.has_root();
        match (found.tree(), found.node()) {
            (Some(tree), node) => {
                self.table.add_root(node, exists)?;
                self.pending.push(Pending { tree, dir: ROOT, included: false });
                if self.options.filter.includes_all() {
                    self.need(ROOT);
                }
            }
            (None, Some(node)) => {
                self.table.add_root(None, exists)?;
                let directory = match found {
                    Resolved::Entry { parent, .. } => parent.clone(),
                    Resolved::Root(_) => return Ok(()),
                };
                self.node(&directory, node, ROOT, &[], true, exists)?;
                self.close_directory(ROOT, 0);
            }
            (None, None) => {}
        }
        Ok(())
    }

    /// Plans the entries of a directory.
    fn directory(&mut self, pending: &Pending) -> Result<()> {
        let entries_start = self.table.entries.len();
        let directory = match self.repository.directory(pending.tree) {
            Ok(directory) => directory,
            Err(error) => {
                self.report(pending.dir, b"", error);
                return Ok(());
            }
        };
        for name in directory.rejected() {
            let why = names::fault(name).unwrap_or("a name cannot be a file's");
            self.report(
                pending.dir,
                name,
                Error::new(ErrorKind::Damaged, format!("the snapshot's name is refused: {why}")),
            );
        }
        let subtrees: Vec<TreeId> = directory.iter().filter_map(|node| node.subtree()).collect();
        self.repository.prefetch_directories(&subtrees);
        let exists = self.table.dirs.get(at(pending.dir)).is_some_and(|dir| dir.exists);
        let path = if self.options.filter.is_trivial() { Vec::new() } else { self.table.dir_path(pending.dir) };
        let first_pending = self.pending.len();
        for node in directory.iter() {
            self.node(&directory, node, pending.dir, &path, pending.included, exists)?;
        }
        self.close_directory(pending.dir, entries_start);
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

    /// Plans one node of a directory, whose path is given if there are filters.
    fn node(
        &mut self,
        directory: &Directory,
        node: Node<'_>,
        dir: u32,
        dir_path: &[u8],
        included: bool,
        exists: bool,
    ) -> Result<()> {
        let name = node.name();
        let filter = &self.options.filter;
        let mut included = included || filter.includes_all();
        if !filter.is_trivial() {
            let path = join(dir_path.to_vec(), name);
            if filter.excludes(&path, name) {
                return Ok(());
            }
            included = included || filter.includes(&path, name);
        }
        if !included && node.kind() != NodeKind::Dir {
            return Ok(());
        }
        if let Some(why) = names::fault(name) {
            self.report(dir, name, Error::new(ErrorKind::Damaged, format!("the snapshot's name is refused: {why}")));
            return Ok(());
        }
        self.odd_names |= name.starts_with(TEMPORARY_PREFIX);
        let found = match exists.then(|| self.found(dir, name)).transpose() {
            Ok(found) => found.flatten(),
            Err(error) => {
                self.report(dir, name, Error::io("look at what is there", error));
                return Ok(());
            }
        };
        match What::of(node.kind()) {
            Some(what) => self.entry(directory, node, dir, what, found),
            None if node.kind() == NodeKind::Dir => self.subdirectory(directory, node, dir, included, found),
            None => {
                self.report(dir, name, Error::new(ErrorKind::Unsupported, "the snapshot's type of file is unknown"));
                Ok(())
            }
        }
    }

    fn subdirectory(
        &mut self,
        directory: &Directory,
        node: Node<'_>,
        dir: u32,
        included: bool,
        found: Option<Found>,
    ) -> Result<()> {
        let Some(tree) = node.subtree() else {
            self.report(dir, node.name(), Error::new(ErrorKind::Damaged, "the snapshot's directory has no tree"));
            return Ok(());
        };
        let mut name = node.name().to_vec();
        let action = match found {
            None => Action::Create,
            Some(found) if found.kind == NodeKind::Dir => Action::Merge,
            Some(found) => match judge(self.options.on_conflict, node.mtime(), &found) {
                Verdict::Replace => Action::Replace,
                Verdict::Leave => Action::Skip,
                Verdict::Refuse => Action::Conflict,
                Verdict::Beside => match self.beside(directory, node, dir) {
                    Some(beside) => {
                        name = beside;
                        Action::CreateBeside
                    }
                    None => Action::Conflict,
                },
            },
        };
        let position = self.table.add_dir(dir, &name, node, action)?;
        if let Some(dir) = self.table.dirs.get_mut(at(position)) {
            dir.has_metadata = included || action.makes();
        }
        match action {
            Action::Skip => self.summary.files_skipped += 1,
            Action::Conflict => self.summary.conflicts += 1,
            Action::Create
            | Action::Replace
            | Action::CreateBeside
            | Action::Renew
            | Action::Merge
            | Action::Unchanged => {
                if included {
                    self.need(position);
                }
                self.pending.push(Pending { tree, dir: position, included });
            }
        }
        Ok(())
    }

    fn entry(
        &mut self,
        directory: &Directory,
        node: Node<'_>,
        dir: u32,
        what: What,
        found: Option<Found>,
    ) -> Result<()> {
        let mut beside = None;
        let action = match found {
            None => Action::Create,
            Some(found) => match self.sameness(node, dir, &found) {
                Err(error) => {
                    self.report(dir, node.name(), Error::io("look at what is there", error));
                    return Ok(());
                }
                Ok(Sameness::Same) => Action::Unchanged,
                Ok(Sameness::OtherMetadata) if self.options.on_conflict.renews_metadata() => Action::Renew,
                Ok(Sameness::OtherMetadata) => Action::Unchanged,
                Ok(Sameness::Other) => match judge(self.options.on_conflict, node.mtime(), &found) {
                    Verdict::Replace => Action::Replace,
                    Verdict::Leave => Action::Skip,
                    Verdict::Refuse => Action::Conflict,
                    Verdict::Beside => {
                        beside = self.beside(directory, node, dir);
                        beside.as_ref().map_or(Action::Conflict, |_| Action::CreateBeside)
                    }
                },
            },
        };
        let name = beside.as_deref().unwrap_or(node.name());
        if what == What::File {
            self.file(node, dir, name, action)?;
        } else {
            self.table.add_entry(dir, name, node, what, action)?;
            self.count(action, 0);
        }
        self.need(dir);
        Ok(())
    }

    /// Plans a regular file: another name of one that comes earlier, or content of its own.
    fn file(&mut self, node: Node<'_>, dir: u32, name: &[u8], action: Action) -> Result<()> {
        let key = (node.device_id(), node.inode());
        let is_link = node.links() > 1 && node.inode() != 0 && action.ends_restored();
        if is_link
            && action.makes()
            && let Some(first) = self.hard_links.get(&key).copied()
            && self.same_content(first, node)
        {
            self.table.add_entry(dir, name, node, What::HardLink, action)?;
            if let Some(entry) = self.table.entries.last_mut() {
                entry.detail = first;
            }
            self.count(action, 0);
            return Ok(());
        }
        let position = self.table.add_entry(dir, name, node, What::File, action)?;
        let needs_content = action.makes() || (self.options.verify && action.ends_restored());
        if needs_content || is_link {
            match self.content(node) {
                Err(error) if needs_content => {
                    self.table.withdraw_entry();
                    self.report(dir, name, error);
                    return Ok(());
                }
                // What is there already needs no blob of the repository.
                Err(_) => self.table.withdraw_pieces(),
                Ok(()) if is_link => {
                    if let Slot::Vacant(slot) = self.hard_links.entry(key) {
                        slot.insert(position);
                    }
                }
                Ok(()) => {}
            }
        }
        self.count(action, node.size());
        Ok(())
    }

    /// Adds the last entry's content.
    fn content(&mut self, node: Node<'_>) -> Result<()> {
        let damaged = |sentence: String| Error::new(ErrorKind::Damaged, sentence);
        if node.content().len() > PIECES_MAX {
            return Err(damaged(format!("the snapshot says that it has {} blobs", node.content().len())));
        }
        let mut offset = 0_u64;
        for id in node.content() {
            let blob = match self.table.blob(id) {
                Some(blob) => blob,
                None => {
                    let missing = || damaged(format!("blob {id} of its content is in no index file"));
                    let location = self.repository.locate(*id).ok_or_else(missing)?;
                    self.table.add_blob(*id, location.pack, location.offset, location.plain_bytes())?
                }
            };
            let length = self.table.places.get(at(blob)).map_or(0, |place| place.length);
            self.table.add_piece(blob, offset)?;
            offset = offset.saturating_add(u64::from(length));
        }
        if offset != node.size() {
            return Err(damaged(format!("the snapshot says {} bytes, its blobs hold {offset}", node.size())));
        }
        Ok(())
    }

    /// Whether a file planned earlier has the content of this one, as two names of one file do.
    fn same_content(&self, first: u32, node: Node<'_>) -> bool {
        let Some(entry) = self.table.entries.get(at(first)) else { return false };
        let pieces = self.table.pieces_of(entry);
        let same = |(piece, id): (&Piece, _)| self.table.blob(id) == Some(piece.blob);
        entry.size == node.size() && pieces.len() == node.content().len() && pieces.iter().zip(node.content()).all(same)
    }

    /// Compares what is there with the snapshot's node, without reading content.
    fn sameness(&self, node: Node<'_>, dir: u32, found: &Found) -> std::io::Result<Sameness> {
        let same = found.kind == node.kind()
            && match node.kind() {
                NodeKind::File => found.size == node.size() && same_instant(node.mtime(), found.mtime),
                NodeKind::Symlink => self.folder(dir)?.link_target(node.name())? == node.link_target(),
                NodeKind::BlockDevice | NodeKind::CharDevice => found.device == node.device(),
                NodeKind::Fifo | NodeKind::Socket => true,
                NodeKind::Dir | NodeKind::Unknown => false,
            };
        if !same {
            return Ok(Sameness::Other);
        }
        let mode = node.kind() == NodeKind::Symlink || u32::from(found.mode) == node.mode() & 0o7777;
        let owner = match self.options.ownership {
            Ownership::AsSaved => found.uid == node.uid() && found.gid == node.gid(),
            Ownership::AsMade => true,
        };
        let metadata = mode
            && owner
            && (node.kind() == NodeKind::File || same_instant(node.mtime(), found.mtime));
        Ok(if metadata || cfg!(windows) { Sameness::Same } else { Sameness::OtherMetadata })
    }

    /// A free name beside a node's own, in the target and in the snapshot.
    fn beside(&self, directory: &Directory, node: Node<'_>, dir: u32) -> Option<Vec<u8>> {
        (0..NAMES_BESIDE_MAX)
            .map(|attempt| name_beside(node.name(), node.kind(), &self.label, attempt))
            .find(|name| directory.find(name).is_none() && matches!(self.found(dir, name), Ok(None)))
    }

    fn found(&self, dir: u32, name: &[u8]) -> std::io::Result<Option<Found>> {
        self.folder(dir)?.found(name)
    }

    fn folder(&self, dir: u32) -> std::io::Result<Arc<Folder>> {
        self.folders.get(&self.table, dir)
    }

    /// Something in this directory is meant: it has to be there, and so do those above it.
    fn need(&mut self, dir: u32) {
        let mut position = dir;
        while let Some(dir) = self.table.dirs.get_mut(at(position)).filter(|dir| !dir.needed) {
            dir.needed = true;
            position = dir.parent;
        }
    }

    fn count(&mut self, action: Action, size: u64) {
        let summary = &mut self.summary;
        match action {
            Action::Create => summary.files_new += 1,
            Action::Replace => summary.files_replaced += 1,
            Action::CreateBeside => summary.files_beside += 1,
            Action::Renew | Action::Unchanged | Action::Merge => summary.files_unchanged += 1,
            Action::Skip => summary.files_skipped += 1,
            Action::Conflict => summary.conflicts += 1,
        }
        if action.makes() {
            summary.bytes += size;
        }
    }

    fn end(&mut self) {
        for dir in self.table.dirs.iter().filter(|dir| dir.needed) {
            if dir.exists {
                self.summary.directories_merged += 1;
            } else {
                self.summary.directories_new += 1;
            }
        }
        let mut fetched = vec![false; self.table.places.len()];
        let wanted =
            |piece: &&Piece| self.table.entries.get(at(piece.entry)).is_some_and(|entry: &Entry| entry.action.makes());
        for piece in self.table.pieces.iter().filter(wanted) {
            if let Some(seen) = fetched.get_mut(at(piece.blob))
                && !*seen
            {
                *seen = true;
                self.summary.bytes_fetched +=
                    self.table.places.get(at(piece.blob)).map_or(0, |place| place.length.into());
            }
        }
    }

    fn report(&self, dir: u32, name: &[u8], error: Error) {
        let path = || {
            let path = self.table.dir_path(dir);
            if name.is_empty() { path } else { join(path, name) }
        };
        self.errors.add(path, error);
    }
}

/// How what is there compares with the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sameness {
    Same,
    OtherMetadata,
    Other,
}

/// Only [`OnConflict::Fail`] refuses a whole restore.
pub(in crate::restore) fn refuses(options: &Options, summary: &Summary) -> bool {
    options.on_conflict == OnConflict::Fail && summary.conflicts > 0
}
