//! Paths as Windows writes them, over a core.

use bygone_common::SnapshotPath;
use bygone_fs::core::Core;
use bygone_fs::core::attributes::Kind;
use bygone_fs::windows::path::{Lost, Paths};
use bygone_fs::{Owner, View};
use serde_json::{Value, json};

use crate::ask::latest;
use crate::store::Writer;

fn file(name: &str, size: usize) -> Value {
    json!({"name": name, "type": "file", "mode": 0o644, "size": size, "content": []})
}

fn directory(name: &str, tree: &str) -> Value {
    json!({"name": name, "type": "dir", "mode": 0x8000_01ed_u32, "subtree": tree})
}

fn paths(view: &View) -> Paths {
    let mut writer = Writer::new();
    let inner = writer.tree(vec![file("Report.txt", 1), file("a:b", 2), file("nul", 3)]).to_string();
    let root = writer.tree(vec![
        directory("Docs", &inner),
        file("README", 4),
        file("ReadMe", 5),
        json!({"name": "link", "type": "symlink", "mode": 0x800_01ff_u32, "linktarget": "Docs"}),
    ]);
    writer.snapshot(root, "2026-11-01T10:00:00Z", "host");
    Paths::new(&Core::new(&writer.open(), view, Owner::AsStored, (0, 0)).unwrap())
}

/// What a path leads to: a kind and, for files, the size that tells them apart.
fn outcome(paths: &Paths, path: &str) -> String {
    let units: Vec<u16> = path.encode_utf16().collect();
    match paths.resolve(&units) {
        Ok(found) if found.kind == Kind::File => format!("file {}", found.size),
        Ok(found) => format!("{:?}", found.kind),
        Err(Lost::Link(at)) => format!("follow {}", path.get(at..).unwrap()),
        Err(lost) => format!("{lost:?}"),
    }
}

#[test]
fn each_path_leads_where_windows_expects() {
    let paths = paths(&latest());
    for (path, expected) in [
        ("\\", "Directory"),
        ("\\Docs", "Directory"),
        ("\\docs\\REPORT.TXT", "file 1"),
        ("\\Docs\\", "Directory"),
        ("\\\\Docs\\\\Report.txt", "file 1"),
        ("\\Docs\\a\u{f03a}b", "file 2"),
        ("\\Docs\\a:b", "file 2"),
        ("\\Docs\\\u{f06e}ul", "file 3"),
        // Both spellings exist: each is found by itself, and what is neither means the first.
        ("\\README", "file 4"),
        ("\\ReadMe", "file 5"),
        ("\\readme", "file 4"),
        ("\\missing", "Name"),
        ("\\missing\\", "Name"),
        ("\\missing\\more", "Way"),
        ("\\README\\more", "Way"),
        ("\\link", "Symlink"),
        ("\\link\\Report.txt", "follow link\\Report.txt"),
        ("\\LINK\\..", "follow LINK\\.."),
        ("\\Docs\\..", "Name"),
    ] {
        assert_eq!(outcome(&paths, path), expected, "{path}");
    }
}

#[test]
fn snapshots_are_found_below_their_times() {
    let paths = paths(&View::all());
    let time = "2026-11-01T10\u{f03a}00\u{f03a}00Z";
    for (path, expected) in [
        ("\\snapshots\\latest".to_owned(), "Symlink"),
        ("\\snapshots\\latest\\docs".to_owned(), "follow latest\\docs"),
        (format!("\\snapshots\\{time}\\docs\\report.txt"), "file 1"),
        (format!("\\hosts\\HOST\\{time}\\README"), "file 4"),
    ] {
        assert_eq!(outcome(&paths, &path), expected, "{path}");
    }
}

#[test]
fn a_directory_inside_a_snapshot_can_be_the_root() {
    let View::Snapshot { snapshot, filter, .. } = latest() else { panic!("one snapshot is meant") };
    let path = SnapshotPath::parse(b"/Docs").unwrap();
    let paths = paths(&View::Snapshot { snapshot, filter, path });
    assert_eq!(outcome(&paths, "\\report.txt"), "file 1");
}
