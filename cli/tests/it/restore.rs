use std::fs;
use std::os::unix::fs::{MetadataExt, chown};

use bygone_tests::compare::{Aspects, assert_same};

use crate::fixture::Fixture;

#[test]
fn a_snapshot_comes_back_as_it_was_saved() {
    let fixture = Fixture::shared();
    let target = fixture.own.path().join("target");
    let ran = fixture.bygone(&["restore", "latest", "--verify", "-t", "target"]).run();
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.starts_with("restored ") && ran.stderr.contains("read back and equal"), "{}", ran.stderr);
    assert!(ran.stdout.is_empty());
    // restic does not save the root folder itself.
    let time = fs::metadata(&fixture.source).unwrap().modified().unwrap();
    fs::File::open(&target).unwrap().set_modified(time).unwrap();
    assert_same(&fixture.source, &target, Aspects { changed: false, ..Aspects::ALL });
}

#[test]
fn a_dry_run_shows_what_would_be_done_and_does_nothing() {
    let fixture = Fixture::shared();
    let lines = fixture.bygone(&["restore", "latest:/docs", "-n", "-t", "target"]).lines();
    let (plan, summary) = lines.split_at(lines.len() - 1);
    assert!(plan.contains(&"create        /report.txt".to_owned()), "{plan:?}");
    assert!(summary[0].starts_with("would make 2 files"), "{summary:?}");
    assert!(!fixture.own.path().join("target").exists());
    let json = fixture.bygone(&["restore", "latest:/docs", "-n", "-t", "target", "--json"]).json_lines();
    let actions: Vec<_> =
        json.iter().filter(|line| line["message_type"] == "action" && line["type"] == "file").collect();
    assert_eq!(actions.len(), 2);
    assert_eq!(
        (&actions[1]["path"], &actions[1]["action"], &actions[1]["size"]),
        (&"/report.txt".into(), &"create".into(), &6.into())
    );
    assert_eq!((&json.last().unwrap()["message_type"], &json.last().unwrap()["bytes"]), (&"plan".into(), &12.into()));
}

/// Restores the report over a changed one; the exit code, and what the folder holds afterwards.
fn check(rule: &str, code: i32, expected: &[&str]) {
    let fixture = Fixture::shared();
    let target = fixture.own.path().join("target");
    fs::create_dir(&target).unwrap();
    fs::write(target.join("report.txt"), "mine\n").unwrap();
    let ran = fixture.bygone(&["restore", "latest:/docs/report.txt", "-t", "target", "--on-conflict", rule]).run();
    assert_eq!(ran.code, Some(code), "{rule}: {}", ran.stderr);
    let mut found: Vec<String> = fs::read_dir(&target)
        .unwrap()
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap().trim().to_owned())
        .collect();
    found.sort();
    assert_eq!(found, expected, "{rule}");
}

#[test]
fn nothing_is_overwritten_unless_the_rule_says_so() {
    check("fail", 1, &["mine"]);
    check("skip", 0, &["mine"]);
    check("newer", 0, &["mine"]);
    check("overwrite", 0, &["first"]);
    check("keep-both", 0, &["first", "mine"]);
}

#[test]
fn a_refused_restore_names_what_is_in_the_way() {
    let fixture = Fixture::shared();
    fs::create_dir(fixture.own.path().join("target")).unwrap();
    fs::write(fixture.own.path().join("target/report.txt"), "mine\n").unwrap();
    let ran = fixture.bygone(&["restore", "latest:/docs", "-t", "target"]).run();
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.starts_with("in the way: /report.txt\nbygone: nothing was restored: "), "{}", ran.stderr);
    assert!(!fixture.own.path().join("target/notes.md").exists());
}

#[test]
fn patterns_choose_what_is_restored() {
    let fixture = Fixture::shared();
    let report = fixture
        .bygone(&["restore", "latest", "-t", "target", "--include", "*.rs", "--exclude", "/src/new.rs", "--json"])
        .json();
    assert_eq!((&report["message_type"], &report["errors"]), (&"summary".into(), &0.into()));
    let target = fixture.own.path().join("target");
    assert!(
        target.join("src/main.rs").exists() && !target.join("src/new.rs").exists() && !target.join("docs").exists()
    );
}

#[test]
fn owners_can_be_left_out() {
    let fixture = Fixture::to_break();
    let source = fixture.own.path().join("given");
    fs::create_dir(&source).unwrap();
    fs::write(source.join("file"), "x").unwrap();
    let me = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    // Only root can give it away.
    let saved = if me.0 == 0 { (1234, 4321) } else { me };
    chown(source.join("file"), Some(saved.0), Some(saved.1)).unwrap();
    fixture.restic(&["backup", source.to_str().unwrap()]);
    let what = format!("latest:{}", source.display());
    let owner_after = |target: &str, flags: &[&str]| {
        let ran = fixture.bygone(&["restore", &what, "--target", target]).arguments(flags).run();
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let metadata = fs::metadata(fixture.own.path().join(target).join("file")).unwrap();
        (metadata.uid(), metadata.gid())
    };
    assert_eq!(owner_after("as saved", &[]), saved);
    assert_eq!(owner_after("as made", &["--no-owner"]), me);
    // As rustic calls it.
    assert_eq!(owner_after("as made too", &["--no-ownership"]), me);
}

#[test]
fn an_unknown_rule_is_wrong_usage() {
    let fixture = Fixture::shared();
    let told = fixture.bygone(&["restore", "latest", "-t", "target", "--on-conflict", "always"]).fails(2);
    assert_eq!(told, "bygone: \"always\" is no conflict rule: fail, skip, overwrite, newer, keep-both or set-aside");
}
