//! Directory listings that can be left and taken up again anywhere, without anybody remembering who is where.

use std::sync::Arc;

use bygone_common::TreeId;
use bygone_vault::NodeTime;

use super::attributes::Attributes;
use super::fault::Answer;
use super::inode::Inode;
use super::{Core, Lifetime, Opened};
use crate::layout::What;

/// `.` and `..` come before the entries.
const DOTS: u64 = 2;

/// A directory about to be listed.
#[derive(Debug, Clone)]
pub struct Listing {
    core: Arc<Core>,
    opened: Opened,
}

/// One line of a listing.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// Where to go on after this line.
    pub next: u64,
    /// The name.
    pub name: &'a [u8],
    /// What it names. Of `.` and `..` only number and kind count.
    pub attributes: Attributes,
    /// How long this stays true.
    pub lifetime: Lifetime,
}

impl Core {
    /// Prepares to list a directory.
    pub fn list(self: &Arc<Self>, inode: Inode, then: impl FnOnce(Answer<Listing>) + Send + 'static) {
        let core = Arc::clone(self);
        self.open_then(inode, move |opened| then(opened.map(|opened| Listing { core, opened })));
    }
}

impl Listing {
    /// Shows the lines from `from` on (0 is the beginning, else some line's `next`) until `is_full` says so.
    pub fn each(&self, from: u64, mut is_full: impl FnMut(Row<'_>) -> bool) {
        for (at, name) in [(0, b".".as_slice()), (1, b"..".as_slice())] {
            if from <= at {
                let inode = if at == 0 { self.inode() } else { self.parent() };
                let attributes = Attributes::of_directory(inode, 0, NodeTime::default(), (0, 0));
                let row = Row { next: at + 1, name, attributes, lifetime: self.lifetime() };
                if is_full(row) {
                    return;
                }
            }
        }
        let passed = from.saturating_sub(DOTS);
        match &self.opened {
            Opened::Layout(layout, inode) => {
                let Some(What::Directory(children)) = layout.get(*inode).map(|entry| &entry.what) else { return };
                for child in children.after(passed) {
                    let Some(entry) = layout.get(child.inode) else { continue };
                    let row = Row {
                        next: child.cookie + DOTS,
                        name: &child.name,
                        attributes: entry.attributes,
                        lifetime: Lifetime::UntilRefresh,
                    };
                    if is_full(row) {
                        return;
                    }
                }
            }
            Opened::Tree { directory, id, visited } => {
                let mut position = usize::try_from(passed).unwrap_or(usize::MAX);
                while let Some(node) = directory.get(position) {
                    position += 1;
                    let row = Row {
                        next: position as u64 + DOTS,
                        name: node.name(),
                        attributes: self.core.attributes_of(node, *id, visited),
                        lifetime: Lifetime::Forever,
                    };
                    if is_full(row) {
                        return;
                    }
                }
            }
        }
    }

    /// The trees of the first `limit` subdirectories in the lines from `from` up to `to`. None in the layout.
    pub fn subtrees(&self, from: u64, to: u64, limit: usize) -> Vec<TreeId> {
        match &self.opened {
            Opened::Layout(..) => Vec::new(),
            Opened::Tree { directory, .. } if directory.subdirectories() == 0 => Vec::new(),
            Opened::Tree { directory, .. } => {
                let position = |line: u64| usize::try_from(line.saturating_sub(DOTS)).unwrap_or(usize::MAX);
                let lines = position(from)..position(to);
                lines.map_while(|at| directory.get(at)).filter_map(|node| node.subtree()).take(limit).collect()
            }
        }
    }

    /// What is being listed.
    #[cfg(unix)]
    pub(crate) fn opened(&self) -> &Opened {
        &self.opened
    }

    fn inode(&self) -> Inode {
        match &self.opened {
            Opened::Layout(_, inode) => *inode,
            Opened::Tree { visited, .. } => visited.inode,
        }
    }

    fn parent(&self) -> Inode {
        match &self.opened {
            Opened::Layout(layout, inode) => layout.get(*inode).map_or(Inode::ROOT, |entry| entry.parent),
            Opened::Tree { visited, .. } => visited.parent,
        }
    }

    fn lifetime(&self) -> Lifetime {
        match &self.opened {
            Opened::Layout(..) => Lifetime::UntilRefresh,
            Opened::Tree { .. } => Lifetime::Forever,
        }
    }
}
