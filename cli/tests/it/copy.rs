//! Copying from another repository, as restic's options have it.

use serde_json::Value;

use crate::own::{CHEAP, Own};
use crate::program::Program;

/// `bygone copy` to `to` from `from`, by restic's variables.
fn copy(from: &Own, to: &Own, arguments: &[&str]) -> Program {
    to.bygone(&["copy"])
        .env("RESTIC_FROM_REPOSITORY", from.repository())
        .env("RESTIC_FROM_PASSWORD", bygone_tests::restic::PASSWORD)
        .arguments(arguments)
}

/// A repository that cuts as `from` does.
fn like(from: &Own) -> Own {
    let own = Own::nothing();
    own.bygone(&["init", "-q", "--copy-chunker-params"])
        .env("RESTIC_FROM_REPOSITORY", from.repository())
        .env("RESTIC_FROM_PASSWORD", bygone_tests::restic::PASSWORD)
        .arguments(&CHEAP)
        .bytes();
    own
}

fn three() -> Own {
    let own = Own::new();
    own.snapshot(1, "alice-pc", &["--tag", "a"]);
    own.snapshot(2, "alice-pc", &[]);
    own.snapshot(3, "bob-pc", &[]);
    own
}

#[test]
fn all_snapshots_are_copied_once_and_restic_reads_them() {
    let from = three();
    let to = like(&from);
    let said = copy(&from, &to, &["--dry-run"]).text();
    assert!(said.contains("3 snapshots would be copied"), "{said}");
    assert!(to.ids().is_empty());
    let said = copy(&from, &to, &[]).text();
    assert!(said.lines().count() == 4 && said.contains("3 snapshots copied, 0 there already"), "{said}");
    to.check();
    assert_eq!((to.count("locks"), from.count("locks")), (0, 0));
    for (copy, original) in to.snapshots().iter().zip(from.ids()) {
        assert_eq!(copy["original"], original.as_str());
    }
    let lines = copy(&from, &to, &["--json"]).json_lines();
    assert_eq!(lines.len(), 4);
    assert!(lines[..3].iter().all(|line| line["state"] == "present"), "{lines:?}");
    assert_eq!((&lines[3]["snapshots_present"], &lines[3]["packs"]), (&Value::from(3), &Value::from(0)));
}

#[test]
fn filters_and_names_choose_from_the_source() {
    let from = three();
    let to = like(&from);
    copy(&from, &to, &["-q", "--host", "bob-pc"]).bytes();
    assert_eq!(to.snapshots().len(), 1);
    let first = from.ids()[0].clone();
    copy(&from, &to, &["-q", &first[..8]]).bytes();
    assert_eq!(to.snapshots().len(), 2);
    assert_eq!(copy(&from, &to, &["abcdef01"]).fails(1), "bygone: there is no snapshot abcdef01");
}

#[test]
fn other_cuts_are_told_of_and_nothing_to_copy_from_is_an_error() {
    let from = three();
    let to = Own::new();
    let ran = copy(&from, &to, &["latest"]).run();
    assert_eq!(ran.code, Some(0));
    assert!(ran.stderr.contains("cuts files otherwise"), "{}", ran.stderr);
    to.check();
    let told = to.bygone(&["copy"]).fails(2);
    assert!(told.contains("no repository to take from"), "{told}");
    let told = copy(&to, &to, &[]).fails(2);
    assert!(told.contains("cannot be copied to itself"), "{told}");
}
