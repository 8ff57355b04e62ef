//! What an entry looks like in a tar.

use bygone_vault::tar::{BLOCK_BYTES, entry_header};
use bygone_vault::{Node, NodeKind};

use super::plan::{Body, Links, Parts, Why};

/// An entry's parts, and the names of attributes that have no place; or why it has none itself.
pub(super) fn parts(
    node: Node<'_>,
    root: usize,
    name: &[u8],
    ordinal: u64,
    links: &Links,
) -> Result<(Parts, Vec<Vec<u8>>), Why> {
    match node.kind() {
        NodeKind::File
        | NodeKind::Dir
        | NodeKind::Symlink
        | NodeKind::BlockDevice
        | NodeKind::CharDevice
        | NodeKind::Fifo => {}
        NodeKind::Socket => return Err(Why::Left("it is a socket")),
        NodeKind::Unknown => return Err(Why::Left("it is of a type that this program does not know")),
    }
    let link = links.earlier(node, root, ordinal);
    let size = if node.kind() == NodeKind::File && link.is_none() { node.size() } else { 0 };
    let header = entry_header(node, name, size, link).map_err(Why::Damaged)?;
    let body = if size == 0 { Body::Empty } else { Body::File };
    let padding = usize::try_from(size.next_multiple_of(BLOCK_BYTES) - size).unwrap_or_default();
    let parts = Parts { head: header.bytes, head_crc_at: None, body, size, tail: vec![0; padding], tail_crc_at: None };
    Ok((parts, header.left_out))
}

/// What ends an archive.
pub(super) const END_BYTES: u64 = 2 * BLOCK_BYTES;
