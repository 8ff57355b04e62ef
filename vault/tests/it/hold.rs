//! Snapshots under hold, and what becomes of their files.

use std::fs;
use std::sync::Arc;

use bygone_common::SnapshotId;
use bygone_common::hold::Hold;
use bygone_common::retention::{GroupBy, Retention};
use bygone_vault::backend::faulty::{Call, Fault, Faulty, Operation};
use bygone_vault::backend::{CancelToken, FileKind, SharedStorage};
use bygone_vault::forget::{LastOfSource, Plan, remove};
use bygone_vault::{ErrorKind, SnapshotFilter, hold};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::cheap::Cheap;

const TREE: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn forge(cheap: &Cheap, day: u64) -> SnapshotId {
    let snapshot = json!({
        "time": format!("2026-11-{day:02}T10:00:00.123456789+01:00"), "tree": TREE, "paths": ["/a"], "hostname": "one",
        "username": "user", "tags": ["daily"], "program_version": "rustic 0.9.5", "label": "of rustic",
        "delete": {"After": "2030-01-01T00:00:00Z"},
    });
    SnapshotId(cheap.forge("snapshots", day, &snapshot))
}

fn failing(cheap: &Cheap, fails: impl Fn(&Call) -> bool + Send + Sync + 'static) -> SharedStorage {
    Arc::new(Faulty::new(cheap.storage(), move |call| fails(call).then_some(Fault::Fail(ErrorKind::Unavailable))))
}

/// A snapshot file's JSON. What `restic cat` prints of it garbles percent signs.
fn json_of(cheap: &Cheap, id: SnapshotId) -> Value {
    let mut sealed = fs::read(cheap.path().join("snapshots").join(id.to_string())).unwrap();
    let plain = cheap.key.open(&mut sealed).unwrap();
    match plain.split_first() {
        Some((2, packed)) => serde_json::from_slice(&zstd::decode_all(packed).unwrap()).unwrap(),
        _ => serde_json::from_slice(plain).unwrap(),
    }
}

#[test]
fn a_hold_changes_tags_and_nothing_else_in_both_formats() {
    for version in ["1", "2"] {
        let cheap = Cheap::new(version);
        let first = forge(&cheap, 1);
        let repository = cheap.open();
        let one = Hold::new("case, one", "alice", "because; of 100%", None).unwrap();
        let held = hold::add(&repository, cheap.storage().as_ref(), first, &one).unwrap().unwrap().id;
        let mut expected = json_of(&cheap, held);
        assert_eq!(expected["tags"], json!(["daily", one.to_tag()]));
        assert_eq!(expected["original"], first.to_string());
        assert_eq!(
            (&expected["label"], &expected["delete"]["After"]),
            (&json!("of rustic"), &json!("2030-01-01T00:00:00Z"))
        );
        assert_eq!(expected["time"], "2026-11-01T10:00:00.123456789+01:00");
        // The same again changes nothing; a second case comes beside it; one of the same case replaces it.
        assert!(hold::add(&repository, cheap.storage().as_ref(), held, &one).unwrap().is_none());
        let two = Hold::new("two", "bob", "why not", Some(Timestamp::now() + SignedDuration::from_hours(1))).unwrap();
        let both = hold::add(&repository, cheap.storage().as_ref(), held, &two).unwrap().unwrap().id;
        let one = Hold::new("case, one", "carol", "still", None).unwrap();
        let both = hold::add(&repository, cheap.storage().as_ref(), both, &one).unwrap().unwrap().id;
        expected["tags"] = json!(["daily", two.to_tag(), one.to_tag()]);
        assert_eq!(json_of(&cheap, both), expected);
        let two_left = hold::release(&repository, cheap.storage().as_ref(), both, "case, one").unwrap().unwrap().id;
        assert!(hold::release(&repository, cheap.storage().as_ref(), two_left, "case, one").unwrap().is_none());
        repository.refresh().unwrap();
        let snapshots = repository.snapshots();
        assert_eq!(snapshots.len(), 1);
        let listed: Value = serde_json::from_str(&cheap.restic.run(&["snapshots", "--json"])).unwrap();
        assert_eq!(listed[0]["tags"], json!(["daily", two.to_tag()]));
        assert_eq!(hold::holding(&snapshots[0], Timestamp::now()).len(), 1);
        assert!(hold::holding(&snapshots[0], Timestamp::now() + SignedDuration::from_hours(2)).is_empty());
    }
}

#[test]
fn at_no_failure_the_snapshot_is_missing() {
    let cheap = Cheap::new("2");
    let mut id = forge(&cheap, 1);
    let held = Hold::new("case", "alice", "reason", None).unwrap();
    let kind = FileKind::Snapshot;
    {
        let repository = cheap.open();
        // The old file cannot be read, the new one not be written, not be read back, the old one not be removed.
        for fails in [
            |call: &Call, _: SnapshotId| matches!(call.operation, Operation::Read(_)),
            |call: &Call, _: SnapshotId| matches!(call.operation, Operation::Write { .. }),
            |call: &Call, old: SnapshotId| matches!(call.operation, Operation::Read(file) if file.id != old.0),
            |call: &Call, _: SnapshotId| matches!(call.operation, Operation::Remove(_)),
        ] {
            let old = id;
            let storage = failing(&cheap, move |call| call.operation.kind() == kind && fails(call, old));
            let error = hold::add(&repository, storage.as_ref(), id, &held).unwrap_err();
            assert!(error.chain().contains(&id.short()), "{}", error.chain());
            let listed: Vec<Value> = serde_json::from_str(&cheap.restic.run(&["snapshots", "--json"])).unwrap();
            assert!(listed.iter().any(|snapshot| snapshot["id"] == id.to_string()), "{listed:?}");
        }
        id = hold::add(&repository, cheap.storage().as_ref(), id, &held).unwrap().unwrap().id;
    }
    let error = hold::add(&cheap.open(), cheap.storage().as_ref(), SnapshotId::default(), &held).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(json_of(&cheap, id)["tags"].to_string().contains("hold:case=case"));
}

#[test]
fn forgetting_stops_at_a_fault_and_goes_on_when_it_is_done_again() {
    let cheap = Cheap::new("2");
    let ids: Vec<_> = (1..=20).map(|day| forge(&cheap, day)).collect();
    let repository = cheap.open();
    let rules = Retention { last: "1".parse().unwrap(), ..Retention::default() };
    let plan = || {
        repository.refresh().unwrap();
        let (by, filter) = (GroupBy::SOURCE, SnapshotFilter::default());
        Plan::by_rules(&repository, &rules, by, &filter, LastOfSource::Keep, &[], Timestamp::now())
    };
    let bad = ids[7];
    let failing = failing(&cheap, move |call| matches!(call.operation, Operation::Remove(file) if file.id == bad.0));
    let going = plan().going();
    assert_eq!(going.iter().map(|snapshot| snapshot.id).collect::<Vec<_>>(), &ids[..19]);
    let error = remove(failing.as_ref(), &going, &CancelToken::new(), |_| {}).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.chain().contains(" of 19 snapshots are forgotten, the rest stay"), "{}", error.chain());
    assert!(error.chain().contains(&bad.short()), "{}", error.chain());
    let left = plan().going();
    assert!(left.iter().any(|snapshot| snapshot.id == bad) && left.len() < 19, "{left:?}");
    let token = CancelToken::new();
    token.cancel();
    let error = remove(cheap.storage().as_ref(), &left, &token, |_| {}).unwrap_err();
    assert_eq!((error.kind(), plan().going().len()), (ErrorKind::Cancelled, left.len()));
    remove(cheap.storage().as_ref(), &left, &CancelToken::new(), |_| {}).unwrap();
    assert!(plan().going().is_empty());
    assert_eq!(repository.snapshots().len(), 1);
}
