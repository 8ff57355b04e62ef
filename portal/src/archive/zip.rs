//! What an entry looks like in a zip.

use bygone_vault::{Node, NodeKind};

use super::plan::{Body, Parts, Why};
use super::zip_record::{CENTRAL_CRC_AT, DESCRIPTOR_CRC_AT, LOCAL_CRC_AT, Record};

/// Files up to this size are read whole before their header is sent, which holds their checksum. It comes behind larger ones:
/// always, known or not, so that the same files always make the same archive.
pub(super) const CHECKED_AHEAD_BYTES_MAX: u64 = 4 << 20;
/// Bytes of a whole path at most: its length has 16 bits.
const NAME_BYTES_MAX: usize = 65_000;

/// An entry's parts, or why it has none.
pub(super) fn parts(node: Node<'_>, name: &[u8]) -> Result<Parts, Why> {
    let name = full_name(node, name)?;
    let record = record(node, &name);
    let body = match node.kind() {
        NodeKind::Symlink => Body::Inline(node.link_target().to_vec()),
        NodeKind::File if record.size > 0 => Body::File,
        NodeKind::File
        | NodeKind::Dir
        | NodeKind::BlockDevice
        | NodeKind::CharDevice
        | NodeKind::Fifo
        | NodeKind::Socket
        | NodeKind::Unknown => Body::Empty,
    };
    let (mut head, tail) = (record.local(), record.descriptor());
    if let Body::Inline(bytes) = &body {
        patch(&mut head, LOCAL_CRC_AT, crc32fast::hash(bytes));
    }
    let is_file = matches!(body, Body::File);
    let head_crc_at = (is_file && !record.is_described).then_some(LOCAL_CRC_AT);
    let tail_crc_at = (is_file && record.is_described).then_some(DESCRIPTOR_CRC_AT);
    Ok(Parts { head, head_crc_at, body, size: record.size, tail, tail_crc_at })
}

/// An entry's record in the list at the end, whose header is at `offset`, and where a checksum belongs into it.
pub(super) fn central(node: Node<'_>, name: &[u8], offset: u64) -> Result<(Vec<u8>, Option<usize>), Why> {
    let name = full_name(node, name)?;
    let record = record(node, &name);
    let mut bytes = record.central(offset);
    if node.kind() == NodeKind::Symlink {
        patch(&mut bytes, CENTRAL_CRC_AT, crc32fast::hash(node.link_target()));
    }
    Ok((bytes, (node.kind() == NodeKind::File && record.size > 0).then_some(CENTRAL_CRC_AT)))
}

fn record<'a>(node: Node<'_>, name: &'a str) -> Record<'a> {
    let size = match node.kind() {
        NodeKind::File => node.size(),
        NodeKind::Symlink => node.link_target().len() as u64,
        NodeKind::Dir
        | NodeKind::BlockDevice
        | NodeKind::CharDevice
        | NodeKind::Fifo
        | NodeKind::Socket
        | NodeKind::Unknown => 0,
    };
    // Nothing that is unpacked from a zip gets somebody else's rights.
    let mode = node.mode() & 0o170_777;
    let is_described = node.kind() == NodeKind::File && size > CHECKED_AHEAD_BYTES_MAX;
    Record { name, size, mode, modified: node.mtime().seconds, is_described }
}

fn full_name(node: Node<'_>, name: &[u8]) -> Result<String, Why> {
    match node.kind() {
        NodeKind::File | NodeKind::Dir | NodeKind::Symlink => {}
        NodeKind::BlockDevice | NodeKind::CharDevice => return Err(Why::Left("it is a device")),
        NodeKind::Fifo => return Err(Why::Left("it is a pipe")),
        NodeKind::Socket => return Err(Why::Left("it is a socket")),
        NodeKind::Unknown => return Err(Why::Left("it is of a type that this program does not know")),
    }
    let mut name = String::from_utf8_lossy(name).into_owned();
    if node.kind() == NodeKind::Dir {
        name.push('/');
    }
    if name.len() > NAME_BYTES_MAX {
        return Err(Why::Left("its path is too long for a zip"));
    }
    Ok(name)
}

/// Puts a checksum into a record.
pub(super) fn patch(bytes: &mut [u8], at: usize, checksum: u32) {
    if let Some(field) = bytes.get_mut(at..at + 4) {
        field.copy_from_slice(&checksum.to_le_bytes());
    }
}
