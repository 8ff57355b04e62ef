//! Planning what is not a directory: files with their blobs, further names of files, links, special files.

use std::collections::hash_map::Entry as Slot;

use super::present::Sameness;
use super::{Parent, Walk};
use crate::error::{Error, ErrorKind, Result};
use crate::restore::execute::PIECES_MAX;
use crate::restore::plan::Action;
use crate::restore::table::{Piece, What, at};
use crate::restore::target::Found;
use crate::tree::Node;

impl Walk<'_> {
    pub(super) fn file(&mut self, parent: &Parent, node: Node<'_>, what: What, found: Option<Found>) -> Result<()> {
        let (action, beside) = match found {
            None => (Action::Create, None),
            Some(found) => match self.sameness(node, parent.dir, &found) {
                Err(error) => {
                    self.report(parent.dir, node.name(), Error::io("look at what is there", error));
                    return Ok(());
                }
                Ok(Sameness::OtherMetadata) if self.rule(parent, node).renews_metadata() => (Action::Renew, None),
                Ok(Sameness::Same | Sameness::OtherMetadata) => (Action::Unchanged, None),
                Ok(Sameness::Other) => self.settle(parent, node, &found),
            },
        };
        let name = beside.as_deref().unwrap_or(node.name());
        if what == What::File {
            self.regular_file(parent.dir, name, node, action)?;
        } else {
            self.table.add_entry(parent.dir, name, node, what, action)?;
            self.summary.count(action, 0);
        }
        self.need(parent.dir);
        Ok(())
    }

    /// Plans a regular file: another name of one that comes earlier, or content of its own.
    fn regular_file(&mut self, dir: u32, name: &[u8], node: Node<'_>, action: Action) -> Result<()> {
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
            self.summary.count(action, 0);
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
        self.summary.count(action, node.size());
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
}
