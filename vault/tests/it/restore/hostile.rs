//! Snapshots that somebody made in order to write where they may not.

use std::fs;
use std::path::PathBuf;

use bygone_common::{BlobId, Id, SnapshotPath, TreeId};
use bygone_vault::restore::{OnConflict, Options, Report, Source, plan};
use bygone_vault::{ErrorKind, MasterKey};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::support::{GO_ON, names_in, options, target, with_rule};
use crate::fixture::Fixture;

/// A writer of restic's format that checks nothing.
struct Forger {
    fixture: Fixture,
    key: MasterKey,
    blobs: Vec<(&'static str, BlobId, Vec<u8>)>,
}

fn id_of(bytes: &[u8]) -> Id {
    Id::new(Sha256::digest(bytes).into())
}

impl Forger {
    fn new() -> Self {
        let fixture = Fixture::new("1");
        let key = fixture.open().master_key().clone();
        Self { fixture, key, blobs: Vec::new() }
    }

    fn blob(&mut self, bytes: &[u8]) -> BlobId {
        self.blob_called(BlobId(id_of(bytes)), bytes)
    }

    fn blob_called(&mut self, id: BlobId, bytes: &[u8]) -> BlobId {
        self.blobs.push(("data", id, bytes.to_vec()));
        id
    }

    fn tree(&mut self, nodes: &[serde_json::Value]) -> TreeId {
        let text = json!({ "nodes": nodes }).to_string().into_bytes();
        let id = id_of(&text);
        self.blobs.push(("tree", BlobId(id), text));
        TreeId(id)
    }

    fn file(&mut self, name: &str, content: &[u8]) -> serde_json::Value {
        let id = self.blob(content);
        json!({ "name": name, "type": "file", "mode": 0o644, "mtime": "2026-11-20T10:00:00Z", "uid": 0, "gid": 0,
                "size": content.len(), "content": [id.to_string()] })
    }

    fn folder(&self, name: &str, tree: TreeId) -> serde_json::Value {
        json!({ "name": name, "type": "dir", "mode": 0o755, "mtime": "2026-11-20T10:00:00Z", "uid": 0, "gid": 0,
                "content": null, "subtree": tree.to_string() })
    }

    fn link(&self, name: &str, to: &str) -> serde_json::Value {
        json!({ "name": name, "type": "symlink", "mode": 0o777, "mtime": "2026-11-20T10:00:00Z", "linktarget": to,
                "uid": 0, "gid": 0, "content": null })
    }

    /// Writes packs and an index file.
    fn publish(&mut self) {
        let mut packs = Vec::new();
        for kind in ["data", "tree"] {
            let mut pack = Vec::new();
            let mut listed = Vec::new();
            for (number, (_, id, bytes)) in self.blobs.iter().filter(|blob| blob.0 == kind).enumerate() {
                let mut nonce = [0; 16];
                nonce[..8].copy_from_slice(&(number as u64 + 1).to_le_bytes());
                let sealed = self.key.seal(nonce, bytes);
                listed
                    .push(json!({ "id": id.to_string(), "type": kind, "offset": pack.len(), "length": sealed.len() }));
                pack.extend(sealed);
            }
            let id = id_of(&pack).to_string();
            let folder = self.fixture.repository().join("data").join(&id[..2]);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(&id), pack).unwrap();
            packs.push(json!({ "id": id, "blobs": listed }));
        }
        let index = self.key.seal([255; 16], json!({ "packs": packs }).to_string().as_bytes());
        fs::write(self.fixture.repository().join("index").join(id_of(&index).to_string()), index).unwrap();
    }

    fn restore(&mut self, tree: TreeId, options: Options) -> Report {
        self.publish();
        let repository = self.fixture.open();
        let source = Source { tree, path: SnapshotPath::root() };
        plan(&repository, &source, options, &GO_ON).unwrap().execute(&(), &GO_ON).unwrap()
    }

    fn target(&self) -> PathBuf {
        target(&self.fixture)
    }

    /// A folder beside the target, which nothing may touch.
    fn outside(&self) -> PathBuf {
        let outside = self.target().with_file_name("outside");
        fs::create_dir_all(&outside).unwrap();
        fs::write(outside.join("passwd"), "precious").unwrap();
        outside
    }
}

fn assert_untouched(outside: &std::path::Path) {
    assert_eq!(names_in(outside), ["passwd"]);
    assert_eq!(fs::read_to_string(outside.join("passwd")).unwrap(), "precious");
}

#[test]
fn names_that_leave_the_target_are_reported_and_never_written() {
    let mut forger = Forger::new();
    let outside = forger.outside();
    let absolute = outside.join("absolute").display().to_string();
    let bad = ["../escaped", "..", ".", "", "a/b", absolute.as_str(), "zero\u{0}byte"];
    let mut nodes: Vec<_> = bad.iter().map(|name| forger.file(name, b"evil")).collect();
    nodes.push(forger.file("good", b"good"));
    let tree = forger.tree(&nodes);
    let inner = forger.folder("..", tree);
    let root = forger.tree(&[inner, nodes[7].clone(), nodes[0].clone()]);
    let target = forger.target();
    for (tree, count) in [(tree, bad.len()), (root, 2)] {
        let report = forger.restore(tree, options(&target));
        assert_eq!(report.error_count, count as u64, "{report:#?}");
        assert!(report.errors.iter().all(|error| error.error.kind() == ErrorKind::Damaged), "{report:#?}");
        assert_eq!(names_in(&target), ["good"]);
        assert!(!target.with_file_name("escaped").exists());
    }
    assert_untouched(&outside);
}

#[test]
fn a_link_and_a_folder_of_one_name_do_not_lead_outside() {
    let mut forger = Forger::new();
    let outside = forger.outside();
    let evil = forger.file("passwd", b"evil");
    let inner = forger.tree(&[evil]);
    let nodes = [forger.link("d", "../outside"), forger.folder("d", inner)];
    let reversed = [nodes[1].clone(), nodes[0].clone()];
    for nodes in [nodes, reversed] {
        let tree = forger.tree(&nodes);
        let target = forger.target();
        forger.restore(tree, with_rule(&target, OnConflict::Overwrite));
        assert_untouched(&outside);
        fs::remove_dir_all(&target).unwrap();
    }
}

#[test]
fn a_link_in_the_target_where_a_folder_belongs_is_a_conflict() {
    let mut forger = Forger::new();
    let outside = forger.outside();
    let evil = forger.file("passwd", b"from the snapshot");
    let inner = forger.tree(&[evil]);
    let folder = forger.folder("d", inner);
    let tree = forger.tree(&[folder]);
    let target = forger.target();
    let fresh = || {
        let _ = fs::remove_dir_all(&target);
        fs::create_dir(&target).unwrap();
        std::os::unix::fs::symlink(&outside, target.join("d")).unwrap();
    };
    fresh();
    let report = forger.restore(tree, with_rule(&target, OnConflict::Skip));
    assert_eq!((report.files, report.skipped), (0, 1));
    assert!(target.join("d").is_symlink());
    let report = forger.restore(tree, with_rule(&target, OnConflict::Overwrite));
    assert!(report.is_complete(), "{report:#?}");
    assert!(target.join("d").is_dir() && !target.join("d").is_symlink());
    assert_eq!(fs::read_to_string(target.join("d/passwd")).unwrap(), "from the snapshot");
    fresh();
    let repository = forger.fixture.open();
    let source = Source { tree, path: SnapshotPath::root() };
    let error = plan(&repository, &source, options(&target), &GO_ON).unwrap().execute(&(), &GO_ON).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_untouched(&outside);
}

#[test]
fn a_folder_swapped_for_a_link_after_planning_leads_nowhere() {
    let mut forger = Forger::new();
    let outside = forger.outside();
    let nodes: Vec<_> = ["passwd", "other"].iter().map(|name| forger.file(name, b"evil")).collect();
    let inner = forger.tree(&nodes);
    let folder = forger.folder("d", inner);
    let tree = forger.tree(&[folder]);
    forger.publish();
    let target = forger.target();
    fs::create_dir_all(target.join("d")).unwrap();
    let repository = forger.fixture.open();
    let source = Source { tree, path: SnapshotPath::root() };
    let plan = plan(&repository, &source, with_rule(&target, OnConflict::Overwrite), &GO_ON).unwrap();
    fs::remove_dir(target.join("d")).unwrap();
    std::os::unix::fs::symlink(&outside, target.join("d")).unwrap();
    let report = plan.execute(&(), &GO_ON).unwrap();
    assert_eq!((report.files, report.error_count), (0, 3), "{report:#?}");
    assert_untouched(&outside);
}

#[test]
fn a_file_that_came_after_planning_is_not_overwritten() {
    let mut forger = Forger::new();
    let file = forger.file("file", b"from the snapshot");
    let tree = forger.tree(&[file]);
    forger.publish();
    let target = forger.target();
    let repository = forger.fixture.open();
    let plan = plan(&repository, &Source { tree, path: SnapshotPath::root() }, options(&target), &GO_ON).unwrap();
    fs::create_dir(&target).unwrap();
    fs::write(target.join("file"), "new").unwrap();
    let report = plan.execute(&(), &GO_ON).unwrap();
    assert_eq!(report.errors[0].error.kind(), ErrorKind::Conflict, "{report:#?}");
    assert_eq!(fs::read_to_string(target.join("file")).unwrap(), "new");
    assert_eq!(names_in(&target), ["file"]);
}

#[test]
fn bytes_under_a_wrong_id_are_not_restored() {
    let mut forger = Forger::new();
    let wrong = forger.blob_called(BlobId(id_of(b"promised")), b"deliverd");
    let mut file = forger.file("file", b"promised");
    file["content"] = json!([wrong.to_string()]);
    forger.blobs.retain(|(_, id, bytes)| *id != wrong || bytes == b"deliverd");
    let good = forger.file("good", b"good");
    let tree = forger.tree(&[file, good]);
    let target = forger.target();
    let report = forger.restore(tree, options(&target));
    assert_eq!((report.error_count, report.errors[0].path.as_str()), (1, "/file"));
    assert!(report.errors[0].error.chain().contains("are not those of its id"), "{report:#?}");
    assert_eq!(names_in(&target), ["good"]);
}

#[test]
fn lies_about_sizes_blobs_and_trees_cost_only_themselves() {
    let mut forger = Forger::new();
    let mut longer = forger.file("longer", b"short");
    longer["size"] = json!(1_u64 << 60);
    let mut missing = forger.file("missing", b"x");
    missing["content"] = json!([id_of(b"nowhere").to_string()]);
    let mut odd = forger.file("odd", b"x");
    odd["type"] = json!("irregular");
    let mut late = forger.file("late", b"late");
    late["mtime"] = json!("9999-12-31T23:59:59.999999999Z");
    late["atime"] = json!("0001-01-01T00:00:00Z");
    late["mode"] = json!(u32::MAX);
    let lost = forger.folder("lost", TreeId(id_of(b"no such tree")));
    let good = forger.file("good", b"good");
    let tree = forger.tree(&[longer, missing, odd, late, lost, good]);
    let target = forger.target();
    let report = forger.restore(tree, options(&target));
    let mut paths: Vec<_> = report.errors.iter().map(|error| error.path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["/longer", "/lost", "/missing", "/odd"], "{report:#?}");
    assert_eq!(names_in(&target), ["good", "late", "lost"]);
}

#[test]
fn the_metadata_of_a_link_never_goes_to_what_it_points_to() {
    let mut forger = Forger::new();
    let outside = forger.outside();
    let before = super::support::describe(&outside);
    let mut link = forger.link("link", outside.join("passwd").to_str().unwrap());
    link["mode"] = json!(0o777 | 1 << 23);
    link["uid"] = json!(4321);
    link["extended_attributes"] = json!([{ "name": "trusted.mark", "value": "MQ==" }]);
    let tree = forger.tree(&[link]);
    let target = forger.target();
    for rule in [OnConflict::Fail, OnConflict::Overwrite] {
        let report = forger.restore(tree, with_rule(&target, rule));
        assert!(report.is_complete(), "{report:#?}");
        let made = super::support::describe(&target);
        let line = made.values().next().unwrap();
        assert!(line.contains(" 4321:0 ") && line.contains("trusted.mark=31"), "{line}");
        assert_eq!(super::support::describe(&outside), before);
        // The next round meets a link that is the same but for its metadata.
        std::os::unix::fs::lchown(target.join("link"), Some(7), Some(7)).unwrap();
    }
}
