//! Walking a new snapshot beside what the index knows.

use std::collections::HashMap;
use std::sync::Arc;

use bygone_common::TreeId;
use bygone_vault::{Directory, Node, NodeKind};
use tantivy::{DocId, IndexWriter, index::SegmentId};

use super::settle::{Before, Change, settle};
use super::{Ingested, Place, SnapshotRef, Trees};
use crate::dirs::{Dir, NONE, TreeMarks};
use crate::error::{Error, ErrorKind, Result};
use crate::fold::extension;
use crate::index::Index;
use crate::limits::BROKEN_NAMED_MAX;
use crate::names::NamesWriter;
use crate::state::{Interned, State};
use crate::versions::{Doomed, Version, content_of};
use crate::view::{Address, View};

/// A directory to be compared: its number, and its tree, or none when it is gone.
struct Task {
    dir: u32,
    tree: Option<TreeId>,
}

pub(super) struct Walk<'a> {
    index: &'a Index,
    view: &'a View,
    writer: IndexWriter,
    state: State,
    place: Place,
    names: NamesWriter,
    interned: Interned,
    new_dirs: Vec<Dir>,
    /// The directory of each (parent, name) of the source.
    children: HashMap<(u32, u32), u32>,
    marks: TreeMarks,
    doomed: HashMap<SegmentId, Vec<DocId>>,
    done: Ingested,
    tasks: Vec<Task>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        index: &'a Index,
        view: &'a View,
        writer: IndexWriter,
        state: State,
        place: Place,
        new_dirs: Vec<Dir>,
    ) -> Result<Self> {
        let marks = match state.sources.get(place.source as usize).and_then(|source| source.marks.as_ref()) {
            Some(file) if place.is_newest() => TreeMarks::open(index.folder(), file)?,
            Some(_) | None => TreeMarks::default(),
        };
        Ok(Self {
            index,
            view,
            writer,
            place,
            names: NamesWriter::new(index.folder(), state.number + 1, &view.names),
            interned: Interned::new(&state),
            state,
            new_dirs,
            children: view.dirs.children(place.source),
            marks,
            doomed: HashMap::new(),
            done: Ingested::default(),
            tasks: Vec::new(),
        })
    }

    pub(super) fn run(mut self, trees: &dyn Trees, snapshot: &SnapshotRef) -> Result<Ingested> {
        let root = self.state.sources.get(self.place.source as usize).map_or(0, |source| source.root);
        let first = trees.directory(snapshot.tree).map_err(|error| {
            let what = format!("reading the root of snapshot {}", snapshot.snapshot.short());
            Error::new(ErrorKind::Repository, what).because(error)
        })?;
        if self.marks.get(root) != Some(mark(snapshot.tree)) {
            self.marks.set(root, Some(mark(snapshot.tree)));
            self.compare(trees, root, Some(&first))?;
        }
        drop(first);
        while let Some(task) = self.tasks.pop() {
            let Some(tree) = task.tree else {
                self.marks.set(task.dir, None);
                self.compare(trees, task.dir, None)?;
                continue;
            };
            match trees.directory(tree) {
                Ok(directory) => {
                    self.marks.set(task.dir, Some(mark(tree)));
                    self.compare(trees, task.dir, Some(&directory))?;
                }
                Err(error) => self.report(task.dir, &error),
            }
        }
        self.finish()
    }

    /// A directory that cannot be read is looked at again with the next snapshot, and so are those on the way to it.
    fn report(&mut self, dir: u32, error: &bygone_vault::Error) {
        let mut at = dir;
        while at != NONE {
            self.marks.set(at, None);
            at = self.dir(at).parent;
        }
        self.done.broken_count += 1;
        if self.done.broken.len() < BROKEN_NAMED_MAX {
            let path = self.path(dir);
            self.done.broken.push((path, error.chain()));
        }
    }

    /// A directory of the last commit, or a new one.
    fn dir(&self, dir: u32) -> Dir {
        let new = dir.checked_sub(self.view.dirs.count()).and_then(|at| self.new_dirs.get(at as usize));
        let old = || self.view.dirs.get(dir);
        new.copied().or_else(old).unwrap_or(Dir { parent: NONE, name: NONE, source: self.place.source })
    }

    fn path(&self, dir: u32) -> Vec<u8> {
        let mut names = Vec::new();
        let mut at = self.dir(dir);
        while at.parent != NONE {
            names.push(at.name);
            at = self.dir(at.parent);
        }
        names.into_iter().rev().flat_map(|name| [b"/", self.names.shown(name)].concat()).collect()
    }

    /// Compares a directory of the snapshot with what the index has in it.
    fn compare(&mut self, trees: &dyn Trees, dir: u32, directory: Option<&Arc<Directory>>) -> Result<()> {
        let mut known = self.known(dir)?;
        let first = self.tasks.len();
        if let Some(directory) = directory {
            self.done.directories += 1;
            let numbers: HashMap<&[u8], u32> = known.keys().map(|name| (self.view.names.shown(*name), *name)).collect();
            for node in directory.iter() {
                let name = match numbers.get(node.name()) {
                    Some(name) => *name,
                    None => self.names.number(node.name())?,
                };
                let before = known.remove(&name).unwrap_or_default();
                self.entry(dir, name, before, node)?;
            }
        }
        // In the order of names, so that equal histories write equal documents.
        let mut left: Vec<_> = known.into_iter().collect();
        left.sort_unstable_by_key(|(name, _)| *name);
        for (name, before) in left {
            let was_dir = before.previous.is_some_and(|(_, version)| version.kind == NodeKind::Dir);
            self.apply(settle(&self.place, &self.view.runs, before, None))?;
            if let Some(child) = self.children.get(&(dir, name)).filter(|_| was_dir) {
                self.tasks.push(Task { dir: *child, tree: None });
            }
        }
        // The last is taken first: directories are to be walked in the order of their names.
        let new = self.tasks.get_mut(first..).unwrap_or_default();
        new.reverse();
        let wanted: Vec<TreeId> = new.iter().rev().filter_map(|task| task.tree).collect();
        if wanted.len() > 1 {
            trees.prefetch(&wanted);
        }
        Ok(())
    }

    /// What the index has in a directory around the place of the snapshot, by name.
    fn known(&self, dir: u32) -> Result<HashMap<u32, Before<Address>>> {
        let mut known: HashMap<u32, Before<Address>> = HashMap::new();
        if dir >= self.view.dirs.count() || self.view.runs.live(self.place.source).is_empty() {
            return Ok(known);
        }
        let position = self.place.position;
        for (at, version) in self.view.in_dir(dir)? {
            let run = self.view.runs.run(version.from, version.until);
            if run.is_empty() {
                continue;
            }
            if run.from < position && run.until >= position {
                known.entry(version.name).or_default().previous = Some((at, version));
            } else if run.from == position {
                known.entry(version.name).or_default().next = Some((at, version));
            }
        }
        Ok(known)
    }

    fn entry(&mut self, dir: u32, name: u32, before: Before<Address>, node: Node<'_>) -> Result<()> {
        let version = self.version(dir, name, node);
        let was_dir = before.previous.is_some_and(|(_, version)| version.kind == NodeKind::Dir);
        self.apply(settle(&self.place, &self.view.runs, before, Some(version)))?;
        if let Some(tree) = node.subtree() {
            let child = self.child(dir, name);
            if !was_dir || self.marks.get(child) != Some(mark(tree)) {
                self.tasks.push(Task { dir: child, tree: Some(tree) });
            }
        } else if let Some(child) = self.children.get(&(dir, name)).filter(|_| was_dir) {
            self.tasks.push(Task { dir: *child, tree: None });
        }
        Ok(())
    }

    fn child(&mut self, dir: u32, name: u32) -> u32 {
        let next = self.view.dirs.count() + u32::try_from(self.new_dirs.len()).unwrap_or(u32::MAX);
        let source = self.place.source;
        *self.children.entry((dir, name)).or_insert_with(|| {
            self.new_dirs.push(Dir { parent: dir, name, source });
            next
        })
    }

    fn version(&mut self, dir: u32, name: u32, node: Node<'_>) -> Version {
        let is_file = node.kind() == NodeKind::File;
        let extension = extension(self.names.folded(name)).filter(|_| is_file).unwrap_or_default();
        Version {
            name,
            dir,
            size: if is_file { node.size() } else { 0 },
            mtime: node.mtime().seconds,
            kind: node.kind(),
            extension: self.interned.extension(&mut self.state, extension),
            owner: self.interned.owner(&mut self.state, node.owned_by()),
            content: content_of(node),
            from: self.place.ordinal,
            until: 0,
            gone: false,
        }
    }

    fn apply(&mut self, change: Change<Address>) -> Result<()> {
        for at in &change.remove {
            if let Some(segment) = self.view.segments.get(at.segment) {
                self.doomed.entry(segment.reader.segment_id()).or_default().push(at.doc);
            }
        }
        for version in &change.add {
            self.done.added += u64::from(version.from == self.place.ordinal);
            self.done.ended += u64::from(version.until == self.place.ordinal);
            let added = self.writer.add_document(self.index.fields.document(version));
            added.map_err(|error| Error::tantivy("adding a document to the index", error))?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Ingested> {
        let (names, chunks) = self.names.finish()?;
        self.state.names = chunks;
        let folder = self.index.folder();
        let (dirs, reference) =
            self.view.dirs.append(folder, &self.new_dirs, &names, |source| self.state.source_hash(source))?;
        self.state.dirs = reference;
        if self.place.is_newest() {
            let name = format!("trees-{}-{}", self.place.source, self.state.number + 1);
            let marks = self.marks.write(folder, &name)?;
            if let Some(source) = self.state.sources.get_mut(self.place.source as usize) {
                source.marks = Some(marks);
            }
        }
        self.index.commit(self.writer, Doomed::new(self.doomed), self.state, (names, Arc::new(dirs)))?;
        Ok(self.done)
    }
}

/// The first bytes of a tree's id.
fn mark(tree: TreeId) -> u64 {
    tree.as_bytes().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}
