//! Forgetting, with stock restic as the judge of what is left.

use std::process::Stdio;

use bygone_tests::process::wait_until;
use serde_json::{Value, json};

use crate::own::Own;

/// Three snapshots of alice on three days, and one of bob; their ids in that order.
fn place() -> (Own, Vec<String>) {
    let own = Own::new();
    let mut ids: Vec<String> = (1..=3).map(|day| own.snapshot(day, "alice", &["--tag", "daily"])).collect();
    ids.push(own.snapshot(2, "bob", &[]));
    (own, ids)
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

#[track_caller]
fn assert_left(own: &Own, expected: &[&String]) {
    assert_eq!(sorted(own.ids()), sorted(expected.iter().map(|id| (*id).clone()).collect()));
    assert_eq!(own.count("locks"), 0);
}

#[test]
fn what_no_rule_keeps_goes_and_the_same_as_restic_says() {
    let (own, ids) = place();
    let rules = ["forget", "--keep-last", "1", "--json"];
    let of_restic: Value = serde_json::from_str(&own.restic.run(&[&rules[..], &["--dry-run"]].concat())).unwrap();
    let ours = own.bygone(&rules).arguments(&["--dry-run"]).json();
    assert_left(&own, &[&ids[0], &ids[1], &ids[2], &ids[3]]);
    let removed = |groups: &Value| {
        let groups = groups.as_array().unwrap().iter().filter_map(|group| group["remove"].as_array());
        sorted(groups.flatten().map(|snapshot| snapshot["id"].as_str().unwrap().to_owned()).collect())
    };
    assert_eq!(removed(&ours), removed(&of_restic));
    assert_eq!(removed(&ours), sorted(vec![ids[0].clone(), ids[1].clone()]));
    assert_eq!(ours[0]["host"], "alice");
    assert_eq!(ours[0]["reasons"][0]["matches"], json!(["last snapshot", "newest of its source"]));
    own.bygone(&["forget", "--keep-last", "1", "-q"]).bytes();
    assert_left(&own, &[&ids[2], &ids[3]]);
    own.check();
}

#[test]
fn a_dry_run_says_which_rule_keeps_what() {
    let (own, ids) = place();
    let said = own.bygone(&["forget", "-l", "1", "--keep-tag", "daily", "--keep-id", &ids[3], "-n"]).text();
    let line = |id: &str| said.lines().find(|line| line.contains(&id[..8])).unwrap().to_owned();
    assert!(line(&ids[0]).starts_with("keep") && line(&ids[0]).ends_with("has tags [daily]"), "{said}");
    assert!(line(&ids[3]).ends_with("last snapshot, has a kept id, newest of its source"), "{said}");
    assert!(said.ends_with("4 snapshots stay, 0 would be forgotten\n"), "{said}");
}

#[test]
fn without_a_rule_nothing_goes() {
    let (own, ids) = place();
    let ran = own.bygone(&["forget"]).run();
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), "no rule is given, so every snapshot stays\n"));
    assert_left(&own, &ids.iter().collect::<Vec<_>>());
}

#[test]
fn the_last_of_a_source_goes_only_when_somebody_insists() {
    let (own, ids) = place();
    let told = own.bygone(&["forget", &ids[3]]).fails(1);
    assert!(told.contains(&ids[3][..8]) && told.contains("nothing would be left of host bob"), "{told}");
    let told = own.bygone(&["forget", &ids[0], &ids[1], &ids[2]]).fails(1);
    assert!(told.contains("nothing would be left of host alice"), "{told}");
    assert_left(&own, &ids.iter().collect::<Vec<_>>());
    own.bygone(&["forget", "-q", &ids[0], &ids[1]]).bytes();
    own.bygone(&["forget", "-q", "--allow-last", &ids[3]]).bytes();
    assert_left(&own, &[&ids[2]]);
    let told = own.bygone(&["forget", "--unsafe-allow-remove-all"]).fails(2);
    assert!(told.contains("--host, --tag or --path"), "{told}");
    own.bygone(&["forget", "-q", "--unsafe-allow-remove-all", "--host", "alice"]).bytes();
    assert_left(&own, &[]);
}

#[test]
fn filters_choose_and_groups_divide() {
    let (own, ids) = place();
    own.bygone(&["forget", "-q", "--keep-last", "1", "--host", "bob"]).bytes();
    own.bygone(&["forget", "-q", "--keep-last", "1", "--tag", "weekly"]).bytes();
    assert_left(&own, &ids.iter().collect::<Vec<_>>());
    // As one group, only the newest of all is the last one; bob keeps his as the newest of its source.
    own.bygone(&["forget", "-q", "--keep-last", "1", "--group-by", ""]).bytes();
    assert_left(&own, &[&ids[2], &ids[3]]);
}

#[test]
fn names_and_rules_together_and_unknown_names_are_refused() {
    let (own, ids) = place();
    own.bygone(&["forget", &ids[0], "--keep-last", "1"]).fails(2);
    let told = own.bygone(&["forget", "ffffffffffff"]).fails(1);
    assert!(told.contains("ffffffffffff"), "{told}");
    assert_eq!(own.bygone(&["forget", "--keep-last", "some"]).run().code, Some(2));
    assert_left(&own, &ids.iter().collect::<Vec<_>>());
}

#[test]
fn what_is_held_stays_until_it_is_released() {
    let (own, ids) = place();
    let add = ["hold", "add", &ids[0], "--case", "2026-17", "--reason", "a lawsuit; they asked", "--who", "alice"];
    let said = own.bygone(&add).run();
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    assert!(said.stderr.contains(&format!("snapshot {} is held", &ids[0][..8])), "{}", said.stderr);
    let snapshots = own.snapshots();
    let held = snapshots.iter().find(|snapshot| snapshot["original"] == ids[0].as_str()).unwrap();
    let id = held["id"].as_str().unwrap().to_owned();
    assert_eq!(held["tags"][0], "daily");
    let list = own.bygone(&["hold", "list", "--json"]).json();
    let expected = json!([{ "snapshot": id, "case": "2026-17", "who": "alice", "reason": "a lawsuit; they asked", "holds": true }]);
    assert_eq!(list, expected);
    assert!(own.bygone(&["snapshots"]).text().contains("daily,held: 2026-17"));
    assert!(own.bygone(&["hold", "list"]).text().contains("a lawsuit; they asked"));
    let ours = own.bygone(&["forget", "--keep-last", "1", "--json"]).json();
    assert!(ours[0]["reasons"].to_string().contains("is under hold"), "{ours}");
    assert_left(&own, &[&id, &ids[2], &ids[3]]);
    let told = own.bygone(&["forget", &id]).fails(1);
    let expected = format!(
        "bygone: snapshot {} stays: it is under hold (case 2026-17, by alice: a lawsuit; they asked)",
        &id[..8]
    );
    assert_eq!(told, expected);
    // Other tags come and go beside it.
    let told = own.bygone(&["tag", "--add", "hold:case=x", &id]).fails(2);
    assert!(told.contains("is a hold"), "{told}");
    own.bygone(&["tag", "-q", "--set", "other", &id]).bytes();
    assert_eq!(own.bygone(&["hold", "list", "--json"]).json()[0]["case"], "2026-17");
    own.bygone(&["hold", "release", "-q", "--case", "another"]).bytes();
    own.bygone(&["hold", "release", "-q", "--case", "2026-17"]).bytes();
    assert_eq!(own.bygone(&["hold", "list", "--json"]).json(), json!([]));
    own.bygone(&["forget", "--keep-last", "1", "-q"]).bytes();
    assert_left(&own, &[&ids[2], &ids[3]]);
    own.check();
}

#[test]
fn a_hold_ends_by_itself_and_one_that_nobody_can_read_does_not() {
    let (own, ids) = place();
    let told = own.bygone(&["hold", "add", &ids[0], "--case", "x", "--reason", "y", "--until", "2020-01-01"]).fails(2);
    assert!(told.contains("ends in the past"), "{told}");
    let ended = "hold:case=old;who=bob;until=2020-01-01T00:00:00Z;reason=over";
    own.restic.run(&["tag", "--add", ended, &ids[0]]);
    own.restic.run(&["tag", "--add", "hold:by hand", &ids[1]]);
    own.bygone(&["forget", "--keep-last", "1", "-q"]).bytes();
    let left = own.snapshots();
    assert_eq!(left.len(), 3);
    let unreadable = left.iter().find(|snapshot| snapshot["original"] == ids[1].as_str()).unwrap();
    let told = own.bygone(&["forget", unreadable["id"].as_str().unwrap()]).fails(1);
    assert!(told.contains("(hold:by hand)"), "{told}");
    own.bygone(&["hold", "release", "-q", "--case", "hold:by hand"]).bytes();
    own.bygone(&["forget", "--keep-last", "1", "-q"]).bytes();
    assert_eq!(own.ids().len(), 2);
}

#[test]
fn tags_change_as_restic_changes_them() {
    let (own, ids) = place();
    own.bygone(&["tag", "-q", "--add", "a,b", "--add", "daily", "--remove", "b", &ids[0]]).bytes();
    own.bygone(&["tag", "-q", "--set", "", &ids[1]]).bytes();
    own.bygone(&["tag", "-q", "--add", "bobs", "--host", "bob"]).bytes();
    let snapshots = own.snapshots();
    let tags = |original: &str| {
        snapshots.iter().find(|snapshot| snapshot["original"] == original).map(|snapshot| snapshot["tags"].clone())
    };
    assert_eq!(tags(&ids[0]), Some(json!(["daily", "a"])));
    assert_eq!(tags(&ids[1]), Some(Value::Null));
    assert_eq!(tags(&ids[3]), Some(json!(["bobs"])));
    assert_eq!(snapshots.len(), 4);
    let untouched = own.bygone(&["tag", "--add", "daily", &ids[2]]).run();
    assert_eq!(untouched.stderr, "0 snapshots have other tags\n");
    assert_eq!(own.bygone(&["tag"]).run().code, Some(2));
    own.check();
}

#[test]
fn a_lock_of_restic_is_in_the_way_and_can_be_seen_and_removed() {
    let (own, ids) = place();
    let mut holder = own.restic.command(&["backup", "--stdin"]);
    let mut holder = holder.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_until("restic's lock", || own.count("locks") == 1);
    let told = own.bygone(&["forget", "--keep-last", "1"]).fails(11);
    assert!(told.contains(&format!("locked by PID {}", holder.id())), "{told}");
    // Looking does not need a lock.
    own.bygone(&["forget", "--keep-last", "1", "-n", "-q"]).bytes();
    let locks = own.bygone(&["locks", "list", "--json"]).json();
    assert_eq!(
        (&locks[0]["pid"], &locks[0]["stale"], &locks[0]["exclusive"]),
        (&json!(holder.id()), &json!(false), &json!(false))
    );
    own.bygone(&["locks", "remove", "-q"]).bytes();
    assert_eq!(own.count("locks"), 1, "its owner lives");
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert!(own.bygone(&["locks", "list"]).text().contains("stale: its process is gone"));
    let told = own.bygone(&["forget", "--keep-last", "1"]).fails(11);
    assert!(told.ends_with("; it is stale: that process is gone"), "{told}");
    assert_left_with_locks(&own, &ids);
    own.bygone(&["locks", "remove", "-q"]).bytes();
    own.bygone(&["forget", "--keep-last", "1", "-q"]).bytes();
    assert_left(&own, &[&ids[2], &ids[3]]);
}

fn assert_left_with_locks(own: &Own, ids: &[String]) {
    assert_eq!((own.count("snapshots"), own.count("locks")), (ids.len(), 1));
}

#[test]
fn forgetting_prunes_when_it_is_told_to() {
    let (own, ids) = place();
    own.bygone(&["forget", "-q", "--keep-last", "1", "--prune", "--grace", "0", "--max-unused", "0"]).bytes();
    assert_left(&own, &[&ids[2], &ids[3]]);
    own.check();
    let before = own.restic.run(&["list", "blobs"]).lines().count();
    own.restic.run(&["prune", "--max-unused", "0"]);
    assert_eq!(own.restic.run(&["list", "blobs"]).lines().count(), before, "nothing was left for restic to prune");
}

#[test]
fn a_dry_run_says_what_a_prune_afterwards_would_do() {
    let (own, ids) = place();
    let rules = ["forget", "--keep-last", "1", "--prune", "--grace", "0", "--max-unused", "0", "--json"];
    let packs = own.count("data");
    let dry = own.bygone(&rules).arguments(&["--dry-run"]).json_lines();
    assert_left(&own, &ids.iter().collect::<Vec<_>>());
    assert_eq!(own.count("data"), packs);
    let done = own.bygone(&rules).json_lines();
    assert_left(&own, &[&ids[2], &ids[3]]);
    own.check();
    assert_eq!((dry.len(), &dry[0]), (2, &done[0]));
    for amount in ["used", "unused", "kept", "repacked", "marked", "deleted"] {
        assert_eq!(dry[1][amount], done[1][amount], "{amount}");
    }
    let counts = |said: &Value| ["packs_deleted", "packs_written"].map(|what| said[what].as_u64().unwrap());
    assert!(dry[1]["deleted"]["packs"].as_u64() > Some(0) && counts(&done[1])[0] > 0, "{dry:?}");
    assert_eq!((counts(&dry[1]), &dry[1]["dry_run"]), ([0, 0], &json!(true)));
    // Nothing more would go, so there is no prune to tell of.
    assert_eq!(own.bygone(&rules).arguments(&["--dry-run"]).json_lines().len(), 1);
    let told = own.bygone(&rules[..8]).arguments(&["--dry-run"]).text();
    assert!(told.ends_with("2 snapshots stay, 0 would be forgotten\n"), "{told}");
}
