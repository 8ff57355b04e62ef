//! Where snapshots are shown: restic's directories by id, time, host and tag, or one snapshot at the mount point.
//!
//! A [`Layout`] is immutable. A refresh makes a new one out of the snapshots of that moment; [`changes`] tells the
//! difference, for the kernel to forget. Numbers of snapshots and links hash what they show as well as where, so that
//! whatever a number once showed it shows for ever; only directories change under their numbers.

mod build;
pub mod changes;
pub mod template;

use std::collections::HashMap;
use std::sync::Arc;

use bygone_common::TreeId;
use bygone_vault::Snapshot;

use crate::core::attributes::Attributes;
use crate::core::inode::Inode;

pub use build::{Owned, build, single};

/// All directories, snapshots and links above the snapshots' own trees, by number.
#[derive(Debug, Default)]
pub struct Layout {
    entries: HashMap<Inode, Entry>,
}

/// One thing of the layout.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The directory above it; the mount point is above itself.
    pub parent: Inode,
    /// What `stat` tells.
    pub attributes: Attributes,
    /// What it is.
    pub what: What,
}

/// What a thing of the layout is.
#[derive(Debug, Clone)]
pub enum What {
    /// A directory of the layout.
    Directory(Children),
    /// The root of a snapshot, or of a directory in it.
    Snapshot(Root),
    /// A symbolic link beside its target.
    Link(Box<[u8]>),
}

/// Where a snapshot's own tree begins.
#[derive(Debug, Clone)]
pub struct Root {
    /// The snapshot.
    pub snapshot: Arc<Snapshot>,
    /// The directory that is shown.
    pub tree: TreeId,
}

/// The names in a directory of the layout.
#[derive(Debug, Clone, Default)]
pub struct Children {
    /// In the order of their cookies.
    listed: Vec<Child>,
    /// Position in `listed`.
    by_name: HashMap<Box<[u8]>, usize>,
}

/// One name in a directory of the layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// The name.
    pub name: Box<[u8]>,
    /// What it names.
    pub inode: Inode,
    /// Its place in listings, from 1 on. A name keeps it for as long as it exists, and new names come last, so that a
    /// listing that a refresh interrupts goes on where it was and shows nothing twice.
    pub cookie: u64,
}

impl Layout {
    /// The thing with that number.
    pub fn get(&self, inode: Inode) -> Option<&Entry> {
        self.entries.get(&inode)
    }

    /// Every thing.
    pub fn iter(&self) -> impl Iterator<Item = (Inode, &Entry)> {
        self.entries.iter().map(|(inode, entry)| (*inode, entry))
    }

    /// The snapshots shown, each once, oldest first.
    pub fn snapshots(&self) -> Vec<Arc<Snapshot>> {
        let roots = self.entries.values().filter_map(|entry| match &entry.what {
            What::Snapshot(root) => Some(Arc::clone(&root.snapshot)),
            What::Directory(_) | What::Link(_) => None,
        });
        let mut snapshots: Vec<_> = roots.collect();
        snapshots.sort_by_key(|snapshot| snapshot.order());
        snapshots.dedup_by_key(|snapshot| snapshot.id);
        snapshots
    }
}

impl Children {
    /// The names and their numbers; cookies follow the order of names, except that names in `before` keep theirs.
    fn new(mut names: Vec<(Box<[u8]>, Inode)>, before: Option<&Self>) -> Self {
        names.sort();
        let mut next = before.and_then(|before| before.listed.last()).map_or(1, |last| last.cookie + 1);
        let mut listed: Vec<_> = names
            .into_iter()
            .map(|(name, inode)| {
                let kept = before.and_then(|before| before.find(&name)).map(|child| child.cookie);
                let cookie = kept.unwrap_or_else(|| {
                    next += 1;
                    next - 1
                });
                Child { name, inode, cookie }
            })
            .collect();
        listed.sort_by_key(|child| child.cookie);
        let by_name = listed.iter().enumerate().map(|(at, child)| (child.name.clone(), at)).collect();
        Self { listed, by_name }
    }

    /// What a name names.
    pub fn find(&self, name: &[u8]) -> Option<&Child> {
        self.by_name.get(name).and_then(|at| self.listed.get(*at))
    }

    /// The children whose cookie is greater.
    pub fn after(&self, cookie: u64) -> &[Child] {
        let from = self.listed.partition_point(|child| child.cookie <= cookie);
        self.listed.get(from..).unwrap_or_default()
    }
}
