//! What a core answers when the repository cannot.

use bygone_common::{SnapshotPath, TreeId};
use bygone_fs::core::inode::Inode;
use bygone_fs::core::{Core, Found, Lifetime};
use bygone_fs::layout::changes::Change;
use bygone_fs::{Owner, View};
use bygone_vault::backend::{FileId, FileKind};
use bygone_vault::{ErrorKind, SnapshotFilter};
use serde_json::json;

use crate::ask::{Asked, kind, latest};
use crate::store::Writer;

fn file(name: &str, size: usize, content: &[String]) -> serde_json::Value {
    json!({"name": name, "type": "file", "mode": 0o644, "size": size, "content": content, "mtime": "2026-11-01T10:00:00Z"})
}

#[test]
fn a_damaged_blob_harms_its_file_only() {
    let mut writer = Writer::new();
    // Sixteen blobs to a pack: the first file lies in another pack than the last.
    let blobs: Vec<_> = (0..40_u8).map(|byte| writer.data(&[byte; 500]).to_string()).collect();
    let nodes = blobs
        .iter()
        .enumerate()
        .map(|(n, blob)| file(&format!("file {n:02}"), 500, std::slice::from_ref(blob)))
        .collect();
    let tree = writer.tree(nodes);
    writer.snapshot(tree, "2026-11-01T10:00:00Z", "host");
    let repository = writer.open();
    let location = repository.locate(blobs[3].parse().unwrap()).unwrap();
    let flipped = location.offset as usize + 20;
    writer.memory.files.lock().unwrap().get_mut(&FileId::pack(location.pack)).unwrap()[flipped] ^= 1;

    let core = Asked::new(&repository, &latest());
    let read = |name: &str| core.read(core.find(Inode::ROOT, name.as_bytes()).inode, 0, 500);
    assert_eq!(kind(read("file 03")), "Damaged");
    for n in (0..40_u8).filter(|n| *n != 3) {
        assert_eq!(read(&format!("file {n:02}")).unwrap(), [n; 500]);
    }
}

#[test]
fn what_is_gone_and_comes_back_is_read_again() {
    let mut writer = Writer::new();
    let blob = writer.data(b"hello").to_string();
    let tree = writer.tree(vec![file("greeting", 5, &[blob])]);
    writer.snapshot(tree, "2026-11-01T10:00:00Z", "host");
    let core = Asked::new(&writer.open(), &latest());
    let inode = core.find(Inode::ROOT, b"greeting").inode;

    let is_pack = |file: &FileId| file.kind == FileKind::Pack;
    let taken: Vec<_> = {
        let mut files = writer.memory.files.lock().unwrap();
        let packs: Vec<_> = files.keys().copied().filter(is_pack).collect();
        packs.into_iter().map(|pack| (pack, files.remove(&pack).unwrap())).collect()
    };
    assert_eq!(kind(core.read(inode, 0, 5)), "NotFound");
    writer.memory.files.lock().unwrap().extend(taken);
    assert_eq!(core.read(inode, 0, 5).unwrap(), b"hello");
}

#[test]
fn a_size_that_the_blobs_do_not_make_up_is_damage() {
    let mut writer = Writer::new();
    let blob = writer.data(b"hello").to_string();
    let tree = writer.tree(vec![file("too long", 6, std::slice::from_ref(&blob)), file("true", 5, &[blob])]);
    writer.snapshot(tree, "2026-11-01T10:00:00Z", "host");
    let core = Asked::new(&writer.open(), &latest());
    assert_eq!(kind(core.read(core.find(Inode::ROOT, b"too long").inode, 0, 5)), "Damaged");
    assert_eq!(core.read(core.find(Inode::ROOT, b"true").inode, 0, 5).unwrap(), b"hello");
}

#[test]
fn a_missing_tree_is_damage_of_that_directory_only() {
    let mut writer = Writer::new();
    let gone = TreeId(bygone_common::Id::new([9; 32])).to_string();
    let below = writer.tree(vec![]).to_string();
    let folder =
        |name: &str, tree: &str| json!({"name": name, "type": "dir", "mode": 0x8000_01ed_u32, "subtree": tree});
    let tree = writer.tree(vec![folder("gone", &gone), folder("here", &below)]);
    writer.snapshot(tree, "2026-11-01T10:00:00Z", "host");
    let core = Asked::new(&writer.open(), &latest());
    let lines = core.list(Inode::ROOT, 10).unwrap();
    assert_eq!(lines.len(), 2);
    assert_eq!(kind(core.list(lines[0].attributes.inode, 10)), "Damaged");
    assert_eq!(kind(core.lookup(lines[0].attributes.inode, b"x")), "Damaged");
    assert_eq!(core.list(lines[1].attributes.inode, 10).unwrap(), []);
}

#[test]
fn numbers_of_nobody_are_stale() {
    let mut writer = Writer::new();
    let tree = writer.tree(vec![]);
    writer.snapshot(tree, "2026-11-01T10:00:00Z", "host");
    let core = Asked::new(&writer.open(), &latest());
    for number in [0, 2, 77 << 20, 1 << 62, 1 << 63, u64::MAX] {
        assert_eq!(kind(core.attributes(Inode(number))), "Stale");
        assert_eq!(kind(core.list(Inode(number), 5)), "Stale");
        assert_eq!(kind(core.read(Inode(number), 0, 5)), "Stale");
    }
}

#[test]
fn a_path_that_is_no_directory_cannot_be_mounted() {
    let mut writer = Writer::new();
    let blob = writer.data(b"hello").to_string();
    let tree = writer.tree(vec![file("greeting", 5, &[blob])]);
    let id = writer.snapshot(tree, "2026-11-01T10:00:00Z", "host");
    let repository = writer.open();
    let refusal = |path: &str| {
        let path = SnapshotPath::parse(path.as_bytes()).unwrap();
        let view = View::Snapshot { snapshot: "latest".parse().unwrap(), filter: SnapshotFilter::default(), path };
        let error = Core::new(&repository, &view, Owner::AsStored, (0, 0)).unwrap_err();
        (error.kind(), error.to_string())
    };
    let text = format!("/greeting in snapshot {} is no directory: only directories can be mounted", id.short());
    assert_eq!(refusal("greeting"), (ErrorKind::InvalidInput, text));
    assert_eq!(refusal("missing").0, ErrorKind::NotFound);
}

#[test]
fn a_refresh_shows_what_came_and_says_what_to_forget() {
    let mut writer = Writer::new();
    let tree = writer.tree(vec![]);
    writer.snapshot(tree, "2026-11-01T10:00:00Z", "host");
    let core = Asked::new(&writer.open(), &View::all());
    let snapshots = core.find(Inode::ROOT, b"snapshots").inode;
    let old_latest = core.find(snapshots, b"latest");
    let name = b"2026-11-02T10:00:00Z";
    assert_eq!(core.lookup(snapshots, name).unwrap(), Found::Nothing(Lifetime::UntilRefresh));

    writer.snapshot(tree, "2026-11-02T10:00:00Z", "host");
    let changes = core.0.refresh().unwrap().changes;
    assert!(changes.contains(&Change::Name { directory: snapshots, name: name.as_slice().into() }));
    assert!(changes.contains(&Change::Directory(snapshots)));
    core.find(snapshots, name);
    let latest = core.find(snapshots, b"latest");
    assert_ne!(latest.inode, old_latest.inode);
    assert_eq!(core.link_target(latest.inode).unwrap(), name);
    assert_eq!(core.0.refresh().unwrap().changes, []);
}
