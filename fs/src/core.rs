//! The file system without an operating system: numbers in, attributes, names and bytes out.
//!
//! Nothing here blocks. Every question takes a continuation: when the answer lies in memory it runs at once, on the
//! asking thread; otherwise one of the engine's workers runs it when the repository has answered. So an adapter's
//! thread is never held by storage, and a hit costs no hand-over.
//!
//! Read in this order: [`inode`], [`directories`], [`links`], [`attributes`], then [`Core`] and [`listing`], [`files`].

pub mod attributes;
pub mod directories;
pub mod fault;
pub mod files;
pub mod inode;
mod leased;
pub mod links;
pub mod listing;
mod lookup;
mod pinned;
mod totals;
mod view;

use std::sync::Arc;

use bygone_common::TreeId;
use bygone_vault::{Directory, Node, Repository};
use parking_lot::RwLock;

use crate::layout::{Entry, Layout, What};
use crate::options::Owner;
use attributes::Attributes;
use directories::{Directories, Visited};
use fault::{Answer, Fault};
use files::Files;
use inode::{DirectoryId, Inode, Place};
use links::{Links, shared_inode};

pub use totals::Totals;
pub use view::Refreshed;

/// One mounted view of one repository. Shared by all threads.
#[derive(Debug)]
pub struct Core {
    repository: Repository,
    view: view::Live,
    layout: RwLock<Arc<Layout>>,
    directories: Directories,
    links: Links,
    files: Files,
    pinned: pinned::Pinned,
    leased: leased::Leased,
    owner: Owner,
}

/// How long an answer stays true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// For ever: it is about the inside of a snapshot.
    Forever,
    /// Until a refresh says otherwise: it is about the layout.
    UntilRefresh,
}

/// What a name means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// This thing.
    Thing(Attributes, Lifetime),
    /// Nothing.
    Nothing(Lifetime),
}

/// A thing found by its number.
#[derive(Debug)]
enum Thing {
    /// Of the layout; the entry with that number is there.
    Layout(Arc<Layout>, Inode),
    /// An entry of a directory inside a snapshot.
    Node(Located),
}

/// An entry of a directory inside a snapshot.
#[derive(Debug, Clone)]
pub struct Located {
    pub(crate) directory: Arc<Directory>,
    pub(crate) id: DirectoryId,
    pub(crate) visited: Visited,
    pub(crate) position: usize,
}

impl Located {
    /// The node itself.
    ///
    /// # Errors
    /// `Stale`: the number is of no entry.
    pub(crate) fn node(&self) -> Answer<Node<'_>> {
        self.directory.get(self.position).ok_or(Fault::Stale)
    }
}

/// A directory with its entries at hand.
#[derive(Debug, Clone)]
pub enum Opened {
    /// Of the layout.
    Layout(Arc<Layout>, Inode),
    /// Inside a snapshot.
    Tree {
        /// Its entries.
        directory: Arc<Directory>,
        /// Its own id, and that of its first million entries.
        id: DirectoryId,
        /// Where it lies.
        visited: Visited,
    },
}

impl Core {
    /// The repository behind it.
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// The layout of this moment.
    pub fn layout(&self) -> Arc<Layout> {
        Arc::clone(&self.layout.read())
    }

    /// What a directory id means.
    pub fn visited(&self, id: DirectoryId) -> Option<Visited> {
        self.directories.get(id)
    }

    /// The id of a directory of which `id` is a part.
    pub fn first_part(&self, id: DirectoryId, visited: &Visited) -> DirectoryId {
        self.directories.first(visited, id)
    }

    /// Directories looked into so far.
    pub fn directories_visited(&self) -> usize {
        self.directories.count()
    }

    /// The entries of a directory.
    fn directory_then(self: &Arc<Self>, tree: TreeId, then: impl FnOnce(Answer<Arc<Directory>>) + Send + 'static) {
        if let Some(directory) = self.pinned.get(tree) {
            return then(Ok(directory));
        }
        let core = Arc::clone(self);
        self.repository.directory_then(tree, move |directory| {
            if let Ok(directory) = &directory {
                core.pinned.note(tree, directory);
            }
            then(directory.map_err(Fault::from));
        });
    }

    /// The entries of a directory that are at hand.
    pub(crate) fn directory_at_hand(&self, tree: TreeId) -> Option<Arc<Directory>> {
        self.pinned.get(tree).or_else(|| self.repository.cached_directory(tree))
    }

    /// Finds the thing with that number.
    fn locate_then(self: &Arc<Self>, inode: Inode, then: impl FnOnce(Answer<Thing>) + Send + 'static) {
        let (id, index) = match inode.place() {
            Place::Layout => {
                let layout = self.layout();
                let known = layout.get(inode).is_some();
                return then(if known { Ok(Thing::Layout(layout, inode)) } else { Err(Fault::Stale) });
            }
            Place::Link => match self.links.get(inode) {
                Some(name) => name,
                None => return then(Err(Fault::Stale)),
            },
            Place::Entry { directory, index } => (directory, index),
        };
        let Some(visited) = self.directories.get(id) else { return then(Err(Fault::Stale)) };
        self.repository.directory_then(visited.tree, move |directory| {
            then(
                directory.map_err(Fault::from).map(|directory| {
                    Thing::Node(Located { directory, id, visited, position: visited.position(index) })
                }),
            );
        });
    }

    /// Finds the directory with that number, and its entries.
    pub fn open_then(self: &Arc<Self>, inode: Inode, then: impl FnOnce(Answer<Opened>) + Send + 'static) {
        if inode.place() == Place::Layout {
            let layout = self.layout();
            let root = match layout.get(inode) {
                None => return then(Err(Fault::Stale)),
                Some(Entry { what: What::Link(_), .. }) => return then(Err(Fault::NotDirectory)),
                Some(Entry { what: What::Directory(_), .. }) => return then(Ok(Opened::Layout(layout, inode))),
                Some(Entry { what: What::Snapshot(root), parent, .. }) => {
                    self.leased.hold(&root.snapshot, root.tree);
                    Visited::new(root.tree, inode, *parent, inode)
                }
            };
            return self.open_tree_then(root, then);
        }
        if let Some(visited) = self.directories.find(inode) {
            return self.open_tree_then(visited, then);
        }
        let core = Arc::clone(self);
        self.locate_then(inode, move |thing| match thing {
            Ok(Thing::Node(located)) => match located.node().map(|node| node.subtree()) {
                Ok(Some(tree)) => {
                    let visited = Visited::new(tree, inode, located.visited.inode, located.visited.root);
                    core.open_tree_then(visited, then);
                }
                Ok(None) => then(Err(Fault::NotDirectory)),
                Err(fault) => then(Err(fault)),
            },
            Ok(Thing::Layout(..)) => then(Err(Fault::Stale)),
            Err(fault) => then(Err(fault)),
        });
    }

    fn open_tree_then(self: &Arc<Self>, visited: Visited, then: impl FnOnce(Answer<Opened>) + Send + 'static) {
        let core = Arc::clone(self);
        self.directory_then(visited.tree, move |directory| {
            then(directory.map(|directory| {
                // Entered only now, so that the table grows by directories that could be read.
                Opened::Tree { directory, id: core.directories.enter(visited), visited }
            }));
        });
    }

    /// The number of an entry. Notes files with several names.
    pub(crate) fn inode_of(&self, node: Node<'_>, id: DirectoryId, visited: &Visited) -> Inode {
        let (id, index) = self.directories.locate(visited, id, node.index());
        match shared_inode(node, visited.root) {
            Some(inode) => {
                self.links.note(inode, id, index);
                inode
            }
            None => Inode::of_entry(id, index),
        }
    }

    fn attributes_of(&self, node: Node<'_>, id: DirectoryId, visited: &Visited) -> Attributes {
        Attributes::of_node(node, self.inode_of(node, id, visited), self.owner)
    }

    /// The path of a thing below the mount point, as far as it can be told without reading anything. For logs.
    pub fn path_of(&self, inode: Inode) -> String {
        let mut names = Vec::new();
        let mut at = inode;
        while at != Inode::ROOT {
            let Some((parent, name)) = self.parent_of(at) else {
                names.push("…".to_owned());
                break;
            };
            names.push(String::from_utf8_lossy(&name).into_owned());
            at = parent;
        }
        names.reverse();
        names.join("/")
    }

    fn parent_of(&self, inode: Inode) -> Option<(Inode, Box<[u8]>)> {
        let (id, index) = match inode.place() {
            Place::Layout => {
                let layout = self.layout();
                let parent = layout.get(inode)?.parent;
                let What::Directory(children) = &layout.get(parent)?.what else { return None };
                let child = children.after(0).iter().find(|child| child.inode == inode)?;
                return Some((parent, child.name.clone()));
            }
            Place::Link => self.links.get(inode)?,
            Place::Entry { directory, index } => (directory, index),
        };
        let visited = self.directories.get(id)?;
        let directory = self.directory_at_hand(visited.tree)?;
        let name = directory.get(visited.position(index))?.name().into();
        Some((visited.inode, name))
    }
}
