//! One entry as it will stand in a tree: what the system told of it, and its text.
//!
//! The text is restic's, field by field in restic's order (`data.Node` as of 0.19), so that the same entry gives the same
//! text.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bygone_common::{BlobId, TreeId};

use super::quote::{push_name, push_text};
use super::time::Zone;
use crate::tree::{Node, NodeKind, NodeTime, WindowsAttributes, Xattr};

/// Everything about an entry but its name and its content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Metadata {
    pub(super) kind: NodeKind,
    /// Permission bits (07777).
    pub(super) mode: u32,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) user: Arc<str>,
    pub(super) group: Arc<str>,
    pub(super) mtime: NodeTime,
    pub(super) atime: NodeTime,
    pub(super) ctime: NodeTime,
    pub(super) inode: u64,
    pub(super) device_id: u64,
    pub(super) size: u64,
    pub(super) links: u64,
    /// What a device node stands for, as Linux packs it.
    pub(super) device: u64,
    pub(super) link_target: Vec<u8>,
    pub(super) xattrs: Vec<Xattr>,
    /// What Windows has beside it.
    pub(super) windows: WindowsAttributes,
}

impl Metadata {
    /// What a node of an earlier snapshot says.
    pub(super) fn of(node: Node<'_>) -> Self {
        Self {
            kind: node.kind(),
            mode: node.mode() & 0o7777,
            uid: node.uid(),
            gid: node.gid(),
            user: node.user().into(),
            group: node.group().into(),
            mtime: node.mtime(),
            atime: node.atime(),
            ctime: node.ctime(),
            inode: node.inode(),
            device_id: node.device_id(),
            size: node.size(),
            links: u64::from(node.links()),
            device: node.device(),
            link_target: node.link_target().to_vec(),
            xattrs: node.xattrs().to_vec(),
            windows: node.windows(),
        }
    }

    /// Whether a node says exactly this, so that its text would be the same.
    pub(super) fn is_of(&self, node: Node<'_>) -> bool {
        self.kind == node.kind()
            && self.mode == node.mode() & 0o7777
            && self.mtime == node.mtime()
            && self.ctime == node.ctime()
            && self.atime == node.atime()
            && self.size == node.size()
            && self.inode == node.inode()
            && self.device_id == node.device_id()
            && self.links == u64::from(node.links())
            && (self.uid, self.gid) == (node.uid(), node.gid())
            && *self.user == *node.user()
            && *self.group == *node.group()
            && self.device == node.device()
            && self.link_target == node.link_target()
            && self.xattrs == node.xattrs()
            && self.windows == node.windows()
    }

    /// Appends the text of a node that has no content.
    pub(super) fn push_bare(&self, out: &mut Vec<u8>, name: &[u8], zone: &Zone) {
        self.push_head(out, name, zone);
        out.extend_from_slice(b"null}");
    }

    /// Appends the text of a file.
    pub(super) fn push_file(&self, out: &mut Vec<u8>, name: &[u8], zone: &Zone, content: &[BlobId]) {
        out.reserve(400 + name.len() + content.len() * 67);
        self.push_head(out, name, zone);
        out.push(b'[');
        for (position, blob) in content.iter().enumerate() {
            out.extend_from_slice(if position == 0 { b"\"" } else { b",\"" });
            push_hex(out, blob.as_bytes());
            out.push(b'"');
        }
        out.extend_from_slice(b"]}");
    }

    /// Appends the text of a directory.
    pub(super) fn push_folder(&self, out: &mut Vec<u8>, name: &[u8], zone: &Zone, tree: TreeId) {
        self.push_head(out, name, zone);
        out.extend_from_slice(b"null,\"subtree\":\"");
        push_hex(out, tree.as_bytes());
        out.extend_from_slice(b"\"}");
    }

    /// Everything up to the content.
    fn push_head(&self, out: &mut Vec<u8>, name: &[u8], zone: &Zone) {
        out.extend_from_slice(b"{\"name\":");
        push_name(out, name);
        out.extend_from_slice(b",\"type\":\"");
        out.extend_from_slice(self.kind.name().as_bytes());
        out.push(b'"');
        push_count(out, "mode", u64::from(go_mode(self.kind, self.mode)));
        for (key, time) in [("mtime", self.mtime), ("atime", self.atime), ("ctime", self.ctime)] {
            push_key(out, key);
            zone.push(out, time);
        }
        for (key, number) in [("uid", self.uid), ("gid", self.gid)] {
            push_key(out, key);
            push_decimal(out, u64::from(number));
        }
        for (key, text) in [("user", &self.user), ("group", &self.group)] {
            if !text.is_empty() {
                push_key(out, key);
                push_text(out, text.as_bytes());
            }
        }
        push_count(out, "inode", self.inode);
        push_count(out, "device_id", self.device_id);
        push_count(out, "size", self.size);
        push_count(out, "links", self.links);
        if !self.link_target.is_empty() {
            push_key(out, "linktarget");
            push_text(out, &self.link_target);
            if std::str::from_utf8(&self.link_target).is_err() {
                push_key(out, "linktarget_raw");
                push_base64(out, &self.link_target);
            }
        }
        if !self.xattrs.is_empty() {
            push_key(out, "extended_attributes");
            for (position, xattr) in self.xattrs.iter().enumerate() {
                out.extend_from_slice(if position == 0 { b"[{\"name\":" } else { b",{\"name\":" });
                push_text(out, &xattr.name);
                push_key(out, "value");
                push_base64(out, &xattr.value);
                out.push(b'}');
            }
            out.push(b']');
        }
        push_windows(out, &self.windows);
        push_count(out, "device", self.device);
        out.extend_from_slice(b",\"content\":");
    }
}

/// Appends what Windows has beside it, as restic's `data.WindowsAttributes` is written.
fn push_windows(out: &mut Vec<u8>, windows: &WindowsAttributes) {
    let WindowsAttributes { creation_time, file_attributes, security_descriptor } = windows;
    if *windows == WindowsAttributes::default() {
        return;
    }
    push_key(out, "generic_attributes");
    let before = out.len();
    if let Some(time) = creation_time {
        push_key(out, "windows.creation_time");
        out.extend_from_slice(b"{\"LowDateTime\":");
        push_decimal(out, time & u64::from(u32::MAX));
        push_key(out, "HighDateTime");
        push_decimal(out, time >> 32);
        out.push(b'}');
    }
    if let Some(attributes) = file_attributes {
        push_key(out, "windows.file_attributes");
        push_decimal(out, u64::from(*attributes));
    }
    if !security_descriptor.is_empty() {
        push_key(out, "windows.security_descriptor");
        push_base64(out, security_descriptor);
    }
    // Each key has a comma before it: the first stands where the object opens.
    if let Some(first) = out.get_mut(before) {
        *first = b'{';
    }
    out.push(b'}');
}

/// Appends the text of a node of an earlier snapshot, with another tree if it is a directory that changed.
pub(super) fn push_node(out: &mut Vec<u8>, node: Node<'_>, zone: &Zone, tree: Option<TreeId>) {
    let metadata = Metadata::of(node);
    match (node.kind(), tree.or(node.subtree())) {
        (NodeKind::File, _) => metadata.push_file(out, node.name(), zone, node.content()),
        (NodeKind::Dir, Some(tree)) => metadata.push_folder(out, node.name(), zone, tree),
        (_, _) => metadata.push_bare(out, node.name(), zone),
    }
}

/// Go's `os.FileMode`.
fn go_mode(kind: NodeKind, mode: u32) -> u32 {
    let type_bits = match kind {
        NodeKind::File => 0,
        NodeKind::Dir => 1 << 31,
        NodeKind::Symlink => 1 << 27,
        NodeKind::BlockDevice => 1 << 26,
        NodeKind::CharDevice => 1 << 26 | 1 << 21,
        NodeKind::Fifo => 1 << 25,
        NodeKind::Socket => 1 << 24,
        NodeKind::Unknown => 1 << 19,
    };
    let bit = |unix: u32, go: u32| if mode & unix == 0 { 0 } else { 1 << go };
    type_bits | mode & 0o777 | bit(0o4000, 23) | bit(0o2000, 22) | bit(0o1000, 20)
}

fn push_key(out: &mut Vec<u8>, key: &str) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b"\":");
}

/// A number that is left out when it is zero.
fn push_count(out: &mut Vec<u8>, key: &str, number: u64) {
    if number != 0 {
        push_key(out, key);
        push_decimal(out, number);
    }
}

fn push_decimal(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
        start -= 1;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(start..).unwrap_or_default());
}

fn push_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    out.extend_from_slice(STANDARD.encode(bytes).as_bytes());
    out.push(b'"');
}

fn push_hex(out: &mut Vec<u8>, bytes: &[u8; 32]) {
    let mut digits = [0; 64];
    // The lengths fit: 32 bytes are 64 digits.
    if hex::encode_to_slice(bytes, &mut digits).is_ok() {
        out.extend_from_slice(&digits);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use bygone_common::Id;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::tree::Directory;

    /// As stock restic wrote them.
    const RESTIC: &str = concat!(
        r#"{"nodes":[{"name":"e","type":"dir","mode":2148532735,"mtime":"2026-11-20T23:48:24.421545867Z","#,
        r#""atime":"2026-11-20T23:48:24.421545867Z","ctime":"2026-11-20T23:48:24.533545871Z","uid":0,"gid":0,"#,
        r#""user":"root","group":"root","inode":3457973,"device_id":65024,"content":null,"#,
        r#""subtree":"ac08ce34ba4f8123618661bef2425f7028ffb9ac740578a3ee88684d2523fee8"},"#,
        r#"{"name":"empty","type":"file","mode":420,"mtime":"1960-01-01T00:00:00.5Z","atime":"1960-01-01T00:00:00.5Z","#,
        r#""ctime":"2026-11-20T23:48:24.533545871Z","uid":1000,"gid":3000000000,"inode":3457981,"device_id":65024,"#,
        r#""links":1,"content":[]},"#,
        r#"{"name":"f","type":"file","mode":8389101,"mtime":"2026-11-20T23:48:24Z","atime":"2026-11-20T23:48:24Z","#,
        r#""ctime":"2026-11-20T23:48:24.429545867Z","uid":0,"gid":0,"user":"root","group":"root","inode":3457974,"#,
        r#""device_id":65024,"size":3,"links":2,"extended_attributes":[{"name":"user.b","value":"MQ=="},"#,
        r#"{"name":"user.a","value":""}],"content":["98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4","#,
        r#""98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4"]},"#,
        r#"{"name":"l","type":"symlink","mode":134218239,"mtime":"2026-11-20T23:48:24.42Z","#,
        r#""atime":"2026-11-20T23:48:24.42Z","ctime":"2026-11-20T23:48:24.42Z","uid":0,"gid":0,"user":"root","#,
        r#""group":"root","inode":3457975,"device_id":65024,"links":1,"linktarget":"\ufffd\ufffd","#,
        r#""linktarget_raw":"//4=","content":null},"#,
        r#"{"name":"none","type":"file","mtime":"2026-11-20T23:48:24Z","atime":"2026-11-20T23:48:24Z","#,
        r#""ctime":"2026-11-20T23:48:24Z","uid":0,"gid":0,"content":[]},"#,
        r#"{"name":"null","type":"chardev","mode":69206436,"mtime":"2026-11-20T23:48:24Z","#,
        r#""atime":"2026-11-20T23:48:24Z","ctime":"2026-11-20T23:48:24Z","uid":0,"gid":0,"inode":3457980,"#,
        r#""device_id":65024,"links":1,"device":259,"content":null},"#,
        r#"{"name":"windows","type":"file","mode":438,"mtime":"2026-11-20T23:48:24Z","atime":"2026-11-20T23:48:24Z","#,
        r#""ctime":"2026-11-20T23:48:24Z","uid":0,"gid":0,"size":1,"generic_attributes":{"#,
        r#""windows.creation_time":{"LowDateTime":3577643008,"HighDateTime":31000000},"windows.file_attributes":32,"#,
        r#""windows.security_descriptor":"AQAAgBQAAAAwAAAAAAAAAAAAAAABBQAAAAAABRUAAAABAAAAAgAAAAMAAADpAwAAAQIAAAAAAAUgAAAAIAIAAA=="},"#,
        r#""content":[]},"#,
        r#"{"name":"windows2","type":"dir","mode":2147484159,"mtime":"2026-11-20T23:48:24Z","#,
        r#""atime":"2026-11-20T23:48:24Z","ctime":"2026-11-20T23:48:24Z","uid":0,"gid":0,"#,
        r#""generic_attributes":{"windows.file_attributes":16},"content":null,"#,
        r#""subtree":"ac08ce34ba4f8123618661bef2425f7028ffb9ac740578a3ee88684d2523fee8"}]}"#,
        "\n"
    );

    #[test]
    fn a_tree_of_restic_is_written_again_byte_for_byte() {
        let directory = Directory::parse(RESTIC.as_bytes()).unwrap();
        let zone = Zone::new(TimeZone::UTC);
        let mut out = b"{\"nodes\":".to_vec();
        for node in directory.iter() {
            out.push(if node.index() == 0 { b'[' } else { b',' });
            assert!(Metadata::of(node).is_of(node));
            push_node(&mut out, node, &zone, None);
        }
        out.extend_from_slice(b"]}\n");
        assert_eq!(String::from_utf8(out).unwrap(), RESTIC);
    }

    #[test]
    fn a_directory_takes_the_tree_it_is_given() {
        let directory = Directory::parse(RESTIC.as_bytes()).unwrap();
        let mut out = Vec::new();
        let tree = TreeId(Id::new([0xab; 32]));
        push_node(&mut out, directory.get(0).unwrap(), &Zone::new(TimeZone::UTC), Some(tree));
        assert!(String::from_utf8(out).unwrap().ends_with(&format!("\"subtree\":\"{tree}\"}}")));
    }
}
