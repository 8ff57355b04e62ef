//! The reference: trees as maps, the way nobody would build a file system and everybody understands one.

use std::collections::BTreeMap;

use bygone_common::TreeId;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::store::Writer;

/// A directory: names to nodes.
pub(crate) type Folder = BTreeMap<Vec<u8>, Node>;

/// Something in a directory.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) what: What,
    pub(crate) permissions: u16,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) seconds: i64,
    pub(crate) nanos: u32,
    pub(crate) xattrs: BTreeMap<String, Vec<u8>>,
}

/// What it is.
#[derive(Debug, Clone)]
pub(crate) enum What {
    /// Content in pieces, each a blob.
    File(Vec<Vec<u8>>),
    /// One of the names of a file with several: which file. The content follows from that.
    Linked(u8),
    Folder(Folder),
    Symlink(String),
    Fifo,
    Socket,
    Device(u8, u32),
}

impl Node {
    /// The whole content of a file.
    pub(crate) fn content(&self) -> Option<Vec<u8>> {
        match &self.what {
            What::File(pieces) => Some(pieces.concat()),
            What::Linked(file) => Some(linked_content(*file)),
            What::Folder(_) | What::Symlink(_) | What::Fifo | What::Socket | What::Device(..) => None,
        }
    }
}

fn linked_content(file: u8) -> Vec<u8> {
    vec![file; 100 + usize::from(file)]
}

/// Any tree.
pub(crate) fn folders() -> impl Strategy<Value = Folder> {
    let leaf = node(prop_oneof![
        4 => vec(vec(any::<u8>(), 1..3000), 0..4).prop_map(What::File),
        2 => (0_u8..4).prop_map(What::Linked),
        1 => "[a-z/.]{1,20}".prop_map(What::Symlink),
        1 => Just(What::Fifo),
        1 => Just(What::Socket),
        1 => (any::<u8>(), 0_u32..1 << 20).prop_map(|(major, minor)| What::Device(major, minor)),
    ]);
    let tree = leaf.prop_recursive(4, 60, 12, |inner| node(btree_map(name(), inner, 0..12).prop_map(What::Folder)));
    btree_map(name(), tree, 0..12)
}

fn node(what: impl Strategy<Value = What>) -> impl Strategy<Value = Node> {
    let xattrs = btree_map("user\\.[a-z]{1,8}", vec(any::<u8>(), 0..50), 0..3);
    let owner = (0_u32..3, any::<u32>());
    (what, 0_u16..0o10000, owner, -100_000_000_i64..4_000_000_000, 0_u32..1_000_000_000, xattrs).prop_map(
        |(what, permissions, (uid, gid), seconds, nanos, xattrs)| match what {
            // All names of one file have the same attributes.
            What::Linked(file) => Node {
                what,
                permissions: 0o640,
                uid: u32::from(file),
                gid: 5,
                seconds: 1_000_000,
                nanos: 0,
                xattrs: BTreeMap::new(),
            },
            what => Node { what, permissions, uid, gid, seconds, nanos, xattrs },
        },
    )
}

/// Names of any bytes that can be in one.
fn name() -> impl Strategy<Value = Vec<u8>> {
    let byte = any::<u8>().prop_filter("cannot be in a name", |byte| !matches!(byte, 0 | b'/'));
    vec(byte, 1..12).prop_filter("leaves the directory", |name| name != b"." && name != b"..")
}

/// Writes a tree; its id.
pub(crate) fn write(writer: &mut Writer, folder: &Folder) -> TreeId {
    let nodes = folder.iter().map(|(name, node)| json(writer, name, node)).collect();
    writer.tree(nodes)
}

fn json(writer: &mut Writer, name: &[u8], node: &Node) -> Value {
    let time = bygone_vault_time(node.seconds, node.nanos);
    let mut json = json!({
        "name": quoted(name),
        "mode": go_mode(node),
        "uid": node.uid,
        "gid": node.gid,
        "mtime": time,
        "atime": time,
        "ctime": time,
        "inode": 1000,
        "links": 1,
    });
    let mut set = |key: &str, value: Value| json.as_object_mut().unwrap().insert(key.to_owned(), value);
    match &node.what {
        What::File(_) | What::Linked(_) => {
            let pieces = match &node.what {
                What::File(pieces) => pieces.clone(),
                _ => vec![node.content().unwrap()],
            };
            let ids: Vec<_> = pieces.iter().map(|piece| writer.data(piece).to_string()).collect();
            set("type", json!("file"));
            set("size", json!(pieces.iter().map(Vec::len).sum::<usize>()));
            set("content", json!(ids));
            if let What::Linked(file) = &node.what {
                set("inode", json!(2000 + u64::from(*file)));
                set("device_id", json!(42));
                set("links", json!(2));
            }
        }
        What::Folder(folder) => {
            let tree = write(writer, folder);
            set("type", json!("dir"));
            set("subtree", json!(tree.to_string()));
        }
        What::Symlink(target) => {
            set("type", json!("symlink"));
            set("linktarget", json!(target));
        }
        What::Fifo => {
            set("type", json!("fifo"));
        }
        What::Socket => {
            set("type", json!("socket"));
        }
        What::Device(major, minor) => {
            set("type", json!("chardev"));
            set("device", json!(device(*major, *minor)));
        }
    }
    if !node.xattrs.is_empty() {
        let list: Vec<_> =
            node.xattrs.iter().map(|(name, value)| json!({"name": name, "value": base64(value)})).collect();
        set("extended_attributes", json!(list));
    }
    json
}

/// As `makedev(3)` packs it.
pub(crate) fn device(major: u8, minor: u32) -> u64 {
    u64::from(minor & 0xff) | (u64::from(major) << 8) | (u64::from(minor & !0xff) << 12)
}

/// Go's escapes, for everything that is not plain text.
fn quoted(name: &[u8]) -> String {
    name.iter()
        .map(|byte| match byte {
            b'\\' | b'"' => format!("\\{}", char::from(*byte)),
            b' '..=b'~' => char::from(*byte).to_string(),
            _ => format!("\\x{byte:02x}"),
        })
        .collect()
}

/// Go's FileMode.
fn go_mode(node: &Node) -> u32 {
    let permissions = u32::from(node.permissions);
    let special = [(0o4000, 1 << 23), (0o2000, 1 << 22), (0o1000, 1 << 20)];
    let special = special.iter().filter(|(bit, _)| permissions & bit != 0).fold(0, |mode, (_, go)| mode | go);
    let kind = match node.what {
        What::File(_) | What::Linked(_) => 0,
        What::Folder(_) => 1 << 31,
        What::Symlink(_) => 1 << 27,
        What::Fifo => 1 << 25,
        What::Socket => 1 << 24,
        What::Device(..) => (1 << 26) | (1 << 21),
    };
    (permissions & 0o777) | special | kind
}

/// RFC 3339 with nanoseconds.
fn bygone_vault_time(seconds: i64, nanos: u32) -> String {
    let days = seconds.div_euclid(86_400);
    let second = seconds.rem_euclid(86_400);
    // Days since 1970 to a civil date, after Howard Hinnant's chrono algorithms.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{nanos:09}Z")
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bytes
        .chunks(3)
        .map(|chunk| {
            let word = chunk.iter().fold(0_u32, |word, byte| (word << 8) | u32::from(*byte)) << (8 * (3 - chunk.len()));
            (0..4)
                .map(|digit| match digit <= chunk.len() {
                    true => char::from(DIGITS[(word >> (18 - 6 * digit)) as usize & 63]),
                    false => '=',
                })
                .collect::<String>()
        })
        .collect()
}
