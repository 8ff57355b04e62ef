//! Names to things, and what there is to know of a thing.

use std::sync::Arc;

use bygone_vault::Xattr;

use super::attributes::{Attributes, Kind};
use super::fault::{Answer, Fault};
use super::inode::Inode;
use super::{Core, Found, Lifetime, Opened, Thing};
use crate::layout::What;

impl Core {
    /// What `name` in the directory `parent` means.
    pub fn lookup(self: &Arc<Self>, parent: Inode, name: &[u8], then: impl FnOnce(Answer<Found>) + Send + 'static) {
        let core = Arc::clone(self);
        let name: Box<[u8]> = name.into();
        self.open_then(parent, move |opened| then(opened.map(|opened| core.find(&opened, &name))));
    }

    /// The thing of that name in a directory whose entries are at hand.
    pub fn find(&self, opened: &Opened, name: &[u8]) -> Found {
        match opened {
            Opened::Layout(layout, inode) => {
                let child = layout.get(*inode).and_then(|entry| match &entry.what {
                    What::Directory(children) => children.find(name),
                    What::Snapshot(_) | What::Link(_) => None,
                });
                match child.and_then(|child| layout.get(child.inode)) {
                    Some(entry) => Found::Thing(entry.attributes, Lifetime::UntilRefresh),
                    None => Found::Nothing(Lifetime::UntilRefresh),
                }
            }
            Opened::Tree { directory, id, visited } => match directory.find(name) {
                Some(node) => Found::Thing(self.attributes_of(node, *id, visited), Lifetime::Forever),
                None => Found::Nothing(Lifetime::Forever),
            },
        }
    }

    /// What `stat` tells.
    pub fn attributes(
        self: &Arc<Self>,
        inode: Inode,
        then: impl FnOnce(Answer<(Attributes, Lifetime)>) + Send + 'static,
    ) {
        let core = Arc::clone(self);
        self.locate_then(inode, move |thing| {
            then(thing.and_then(|thing| match thing {
                Thing::Layout(layout, inode) => {
                    let entry = layout.get(inode).ok_or(Fault::Stale)?;
                    let lifetime = match entry.what {
                        What::Directory(_) => Lifetime::UntilRefresh,
                        What::Snapshot(_) | What::Link(_) => Lifetime::Forever,
                    };
                    Ok((entry.attributes, lifetime))
                }
                Thing::Node(located) => {
                    let attributes = Attributes::of_node(located.node()?, inode, core.owner);
                    Ok((attributes, Lifetime::Forever))
                }
            }));
        });
    }

    /// Where a symbolic link points.
    pub fn link_target(self: &Arc<Self>, inode: Inode, then: impl FnOnce(Answer<&[u8]>) + Send + 'static) {
        self.locate_then(inode, move |thing| match &thing {
            Err(fault) => then(Err(fault.clone())),
            Ok(Thing::Layout(layout, inode)) => match layout.get(*inode).map(|entry| &entry.what) {
                Some(What::Link(target)) => then(Ok(target)),
                Some(What::Directory(_) | What::Snapshot(_)) => then(Err(Fault::WrongKind)),
                None => then(Err(Fault::Stale)),
            },
            Ok(Thing::Node(located)) => then(located.node().and_then(|node| match Kind::from(node.kind()) {
                Kind::Symlink => Ok(node.link_target()),
                Kind::File | Kind::Directory | Kind::BlockDevice | Kind::CharDevice | Kind::Fifo | Kind::Socket => {
                    Err(Fault::WrongKind)
                }
            })),
        });
    }

    /// All extended attributes. Things of the layout have none.
    pub fn xattrs(self: &Arc<Self>, inode: Inode, then: impl FnOnce(Answer<&[Xattr]>) + Send + 'static) {
        self.locate_then(inode, move |thing| match &thing {
            Err(fault) => then(Err(fault.clone())),
            Ok(Thing::Layout(..)) => then(Ok(&[])),
            Ok(Thing::Node(located)) => then(located.node().map(|node| node.xattrs())),
        });
    }
}
