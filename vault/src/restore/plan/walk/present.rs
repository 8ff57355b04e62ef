//! What a node finds under its name: whether it is the same already, and what the conflict rule makes of it if not.

use std::io;
use std::sync::Arc;

use super::{Parent, Walk};
use crate::restore::conflict::{Verdict, judge, name_beside, same_instant};
use crate::restore::plan::Action;
use crate::restore::table::join;
use crate::restore::target::{Folder, Found};
use crate::restore::{OnConflict, Ownership};
use crate::tree::{Node, NodeKind};

/// Names tried for a file beside one that exists.
const NAMES_BESIDE_MAX: u32 = 100;

/// How what is there compares with the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sameness {
    Same,
    OtherMetadata,
    Other,
}

impl Walk<'_> {
    /// Compares what is there with the snapshot's node, without reading content.
    pub(super) fn sameness(&self, node: Node<'_>, dir: u32, found: &Found) -> io::Result<Sameness> {
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
        let metadata = mode && owner && (node.kind() == NodeKind::File || same_instant(node.mtime(), found.mtime));
        Ok(if metadata || cfg!(windows) { Sameness::Same } else { Sameness::OtherMetadata })
    }

    /// What becomes of a node that finds something else under its name, and the other name if it goes beside that.
    pub(super) fn settle(&self, parent: &Parent, node: Node<'_>, found: &Found) -> (Action, Option<Vec<u8>>) {
        match judge(self.rule(parent, node), node.mtime(), found) {
            Verdict::Replace => (Action::Replace, None),
            Verdict::Leave => (Action::Skip, None),
            Verdict::Refuse => (Action::Conflict, None),
            Verdict::Beside => match self.beside(parent, node) {
                Some(name) => (Action::CreateBeside, Some(name)),
                None => (Action::Conflict, None),
            },
        }
    }

    /// What the restore does about what is in a node's way.
    pub(super) fn rule(&self, parent: &Parent, node: Node<'_>) -> OnConflict {
        self.options.rule(&join(parent.path.clone(), node.name()))
    }

    /// A free name beside a node's own, in the target and in the snapshot.
    fn beside(&self, parent: &Parent, node: Node<'_>) -> Option<Vec<u8>> {
        (0..NAMES_BESIDE_MAX)
            .map(|attempt| name_beside(node.name(), node.kind(), &self.label, attempt))
            .find(|name| parent.directory.find(name).is_none() && matches!(self.found(parent.dir, name), Ok(None)))
    }

    pub(super) fn found(&self, dir: u32, name: &[u8]) -> io::Result<Option<Found>> {
        self.folder(dir)?.found(name)
    }

    fn folder(&self, dir: u32) -> io::Result<Arc<Folder>> {
        self.folders.get(&self.table, dir)
    }
}
