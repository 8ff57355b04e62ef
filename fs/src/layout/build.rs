//! Making a layout out of snapshots.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bygone_common::TreeId;
use bygone_vault::{NodeTime, Snapshot};

use super::template::{self, Place};
use super::{Children, Entry, Layout, Root, What};
use crate::core::attributes::Attributes;
use crate::core::inode::{Inode, hash, hash_bytes};

/// Whom the layout's own directories belong to: user and group.
pub type Owned = (u32, u32);

/// The link beside times that names the newest.
const LATEST: &str = "latest";

/// A directory while it is being filled. Names of snapshots and links win over directories of the same name.
#[derive(Default)]
struct Draft {
    directories: BTreeMap<String, Draft>,
    snapshots: BTreeMap<String, Arc<Snapshot>>,
    latest: Option<(Arc<Snapshot>, String)>,
}

impl Draft {
    fn below(&mut self, path: &[String]) -> &mut Self {
        path.iter().fold(self, |draft, name| draft.directories.entry(name.clone()).or_default())
    }

    fn is_taken(&self, name: &str) -> bool {
        self.directories.contains_key(name) || self.snapshots.contains_key(name)
    }

    /// Shows a snapshot here under its name, or that name with the first free number.
    fn show(&mut self, place: &Place, snapshot: &Arc<Snapshot>) {
        let numbered = (1_u64..).map(|number| format!("{}-{number}", place.name));
        let free = std::iter::once(place.name.clone()).chain(numbered).find(|name| !self.is_taken(name));
        let Some(name) = free else { return };
        self.snapshots.insert(name.clone(), Arc::clone(snapshot));
        let newer = self.latest.as_ref().is_none_or(|(latest, _)| latest.time <= snapshot.time);
        if place.is_time && newer {
            self.latest = Some((Arc::clone(snapshot), name));
        }
    }
}

/// Shows `snapshots` (oldest first) by `templates`. Cookies go on from `before`.
pub fn build(snapshots: &[Arc<Snapshot>], templates: &[String], owner: Owned, before: Option<&Layout>) -> Layout {
    let mut draft = Draft::default();
    for template in templates {
        draft.below(&template::fixed(template));
    }
    for snapshot in snapshots {
        for place in templates.iter().flat_map(|template| template::places(template, snapshot)) {
            draft.below(&place.above).show(&place, snapshot);
        }
    }
    let mut layout = Builder { entries: HashMap::new(), owner, before };
    layout.directory(&draft, Inode::ROOT, Inode::ROOT, 0);
    Layout { entries: layout.entries }
}

/// Shows one directory of one snapshot at the mount point.
pub fn single(snapshot: Arc<Snapshot>, tree: TreeId, attributes: Attributes) -> Layout {
    let entry = Entry { parent: Inode::ROOT, attributes, what: What::Snapshot(Root { snapshot, tree }) };
    Layout { entries: HashMap::from([(Inode::ROOT, entry)]) }
}

struct Builder<'a> {
    entries: HashMap<Inode, Entry>,
    owner: Owned,
    before: Option<&'a Layout>,
}

impl Builder<'_> {
    /// Adds a directory and all below; returns the newest time below. `path` is the hash of its path.
    fn directory(&mut self, draft: &Draft, inode: Inode, parent: Inode, path: u64) -> NodeTime {
        let mut names: Vec<(Box<[u8]>, Inode)> = Vec::new();
        let mut newest = NodeTime::default();
        // Holds the place, so that nothing below takes the number.
        self.put(
            inode,
            parent,
            Attributes::of_directory(inode, 0, newest, self.owner),
            What::Directory(Children::default()),
        );
        for (name, below) in &draft.directories {
            if draft.snapshots.contains_key(name) {
                continue;
            }
            let path = below_hash(path, name);
            let child = self.free(path);
            newest = newest.max(self.directory(below, child, inode, path));
            names.push((name.as_bytes().into(), child));
        }
        for (name, snapshot) in &draft.snapshots {
            let child = self.free(hash(&[below_hash(path, name), hash_bytes(snapshot.id.as_bytes())]));
            let time = NodeTime::from(snapshot.time);
            newest = newest.max(time);
            let root = Root { snapshot: Arc::clone(snapshot), tree: snapshot.tree };
            // Its subdirectories are not known before it is read: one link says so.
            let attributes = Attributes { links: 1, ..Attributes::of_directory(child, 0, time, self.owner) };
            self.put(child, inode, attributes, What::Snapshot(root));
            names.push((name.as_bytes().into(), child));
        }
        if let Some((snapshot, target)) = draft.latest.as_ref().filter(|_| !draft.is_taken(LATEST)) {
            let child = self.free(hash(&[below_hash(path, LATEST), hash_bytes(target.as_bytes())]));
            let attributes =
                Attributes::of_symlink(child, target.as_bytes(), NodeTime::from(snapshot.time), self.owner);
            self.put(child, inode, attributes, What::Link(target.as_bytes().into()));
            names.push((LATEST.as_bytes().into(), child));
        }
        let subdirectories = u32::try_from(draft.directories.len() + draft.snapshots.len()).unwrap_or(u32::MAX);
        let attributes = Attributes::of_directory(inode, subdirectories, newest, self.owner);
        let before = self.before.and_then(|before| before.get(inode)).and_then(|entry| match &entry.what {
            What::Directory(children) => Some(children),
            What::Snapshot(_) | What::Link(_) => None,
        });
        self.put(inode, parent, attributes, What::Directory(Children::new(names, before)));
        newest
    }

    fn put(&mut self, inode: Inode, parent: Inode, attributes: Attributes, what: What) {
        self.entries.insert(inode, Entry { parent, attributes, what });
    }

    /// The first free number from a hash on.
    fn free(&self, hash: u64) -> Inode {
        let mut inode = Inode::of_layout(hash);
        let mut next = hash;
        while self.entries.contains_key(&inode) {
            next = next.wrapping_add(1);
            inode = Inode::of_layout(next);
        }
        inode
    }
}

fn below_hash(path: u64, name: &str) -> u64 {
    hash(&[path, hash_bytes(name.as_bytes())])
}

#[cfg(test)]
mod tests;
