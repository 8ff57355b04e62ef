//! Each conflict rule, over a target that holds equal, older, newer and foreign things.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use bygone_vault::ErrorKind;
use bygone_vault::restore::{Action, OnConflict, Options, Report};

use super::support::{
    assert_same, back_up, describe, names_in, plan_for, restore, set_mode, set_mtime, target, try_restore, with_rule,
};
use crate::fixture::Fixture;

/// A snapshot of a few files, and a target in which `equal` is equal, `older` and `newer` differ, `new` is missing,
/// `mode` differs in its mode, and `foreign` belongs to somebody else.
fn meeting() -> (Fixture, PathBuf) {
    let fixture = Fixture::new("2");
    let (source, target) = (fixture.source(), target(&fixture));
    fs::create_dir_all(source.join("folder")).unwrap();
    fs::create_dir_all(target.join("folder")).unwrap();
    for name in ["equal", "older", "newer", "new", "mode", "folder/older.txt"] {
        fs::write(source.join(name), format!("{name} of the snapshot")).unwrap();
        set_mtime(&source.join(name), 1_000, 500);
    }
    for (name, seconds) in [("older", 999), ("newer", 1_001), ("folder/older.txt", 1)] {
        fs::write(target.join(name), format!("{name} of the target")).unwrap();
        set_mtime(&target.join(name), seconds, 0);
    }
    for name in ["equal", "mode"] {
        fs::copy(source.join(name), target.join(name)).unwrap();
        set_mtime(&target.join(name), 1_000, 500);
    }
    set_mode(&target.join("mode"), 0o600);
    fs::write(target.join("foreign"), "foreign").unwrap();
    back_up(&fixture);
    (fixture, target)
}

fn content(target: &std::path::Path, name: &str) -> String {
    fs::read_to_string(target.join(name)).unwrap()
}

fn numbers(report: &Report) -> (u64, u64, u64) {
    (report.files, report.unchanged, report.skipped)
}

#[test]
fn fail_refuses_before_anything_is_written() {
    let (fixture, target) = meeting();
    let before = describe(&target);
    let plan = plan_for(&fixture, with_rule(&target, OnConflict::Fail));
    assert_eq!(plan.summary().conflicts, 3);
    let conflicts: Vec<_> = plan.conflicts().map(|planned| String::from_utf8(planned.path).unwrap()).collect();
    assert_eq!(conflicts, ["/newer", "/older", "/folder/older.txt"]);
    let error = plan.execute(&(), &super::support::GO_ON).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.chain().contains("/newer, /older, /folder/older.txt"), "{}", error.chain());
    assert_eq!(describe(&target), before);
}

#[test]
fn fail_restores_where_nothing_is_in_the_way() {
    let (fixture, target) = meeting();
    for name in ["older", "newer", "folder/older.txt"] {
        fs::remove_file(target.join(name)).unwrap();
    }
    assert_eq!(numbers(&restore(&fixture, with_rule(&target, OnConflict::Fail))), (4, 2, 0));
    assert_eq!(fs::metadata(target.join("mode")).unwrap().mode() & 0o777, 0o600);
    assert_eq!(content(&target, "foreign"), "foreign");
}

#[test]
fn skip_leaves_what_is_there() {
    let (fixture, target) = meeting();
    assert_eq!(numbers(&restore(&fixture, with_rule(&target, OnConflict::Skip))), (1, 2, 3));
    assert_eq!(content(&target, "older"), "older of the target");
    assert_eq!(content(&target, "new"), "new of the snapshot");
}

#[test]
fn overwrite_replaces_and_renews_metadata() {
    let (fixture, target) = meeting();
    assert_eq!(numbers(&restore(&fixture, with_rule(&target, OnConflict::Overwrite))), (4, 2, 0));
    assert_eq!(content(&target, "foreign"), "foreign");
    fs::remove_file(target.join("foreign")).unwrap();
    assert_same(&fixture.source(), &target);
}

#[test]
fn newer_replaces_only_what_is_older() {
    let (fixture, target) = meeting();
    assert_eq!(numbers(&restore(&fixture, with_rule(&target, OnConflict::Newer))), (3, 2, 1));
    assert_eq!(content(&target, "older"), "older of the snapshot");
    assert_eq!(content(&target, "folder/older.txt"), "folder/older.txt of the snapshot");
    assert_eq!(content(&target, "newer"), "newer of the target");
}

#[test]
fn keep_both_restores_beside() {
    let (fixture, target) = meeting();
    fs::write(target.join("older (restored 2026-11-20T10-00-00)"), "taken").unwrap();
    assert_eq!(numbers(&restore(&fixture, with_rule(&target, OnConflict::KeepBoth))), (4, 2, 0));
    assert_eq!(content(&target, "older"), "older of the target");
    assert_eq!(content(&target, "older (restored 2026-11-20T10-00-00)"), "taken");
    assert_eq!(content(&target, "older (restored 2026-11-20T10-00-00, 2)"), "older of the snapshot");
    let beside = "folder/older (restored 2026-11-20T10-00-00).txt";
    assert_eq!(content(&target, beside), "folder/older.txt of the snapshot");
}

#[test]
fn a_file_in_the_way_of_a_folder_is_a_conflict_for_each_rule() {
    let expected = [
        (OnConflict::Skip, Action::Skip, vec!["folder"]),
        (OnConflict::Overwrite, Action::Replace, vec!["folder", "folder/older.txt"]),
        (
            OnConflict::KeepBoth,
            Action::CreateBeside,
            vec!["folder", "folder (restored 2026-11-20T10-00-00)", "folder (restored 2026-11-20T10-00-00)/older.txt"],
        ),
    ];
    for (rule, action, names) in expected {
        let (fixture, target) = meeting();
        fs::remove_dir_all(&target).unwrap();
        fs::create_dir(&target).unwrap();
        fs::write(target.join("folder"), "in the way").unwrap();
        let plan = plan_for(&fixture, with_rule(&target, rule));
        let planned = plan.actions().find(|planned| planned.path.starts_with(b"/folder"));
        assert_eq!(planned.map(|planned| planned.action).unwrap_or(Action::Skip), action, "{rule}");
        assert!(plan.execute(&(), &super::support::GO_ON).unwrap().is_complete());
        let made: Vec<_> = names_in(&target).into_iter().filter(|name| name.starts_with("folder")).collect();
        assert_eq!(made, names, "{rule}");
    }
}

#[test]
fn a_folder_in_the_way_of_a_file_is_never_removed() {
    let (fixture, target) = meeting();
    fs::remove_file(target.join("older")).unwrap();
    fs::create_dir(target.join("older")).unwrap();
    fs::write(target.join("older/precious"), "x").unwrap();
    let report = try_restore(&fixture, with_rule(&target, OnConflict::Overwrite)).unwrap();
    assert_eq!((report.error_count, report.errors[0].path.as_str()), (1, "/older"));
    assert_eq!(report.errors[0].error.kind(), ErrorKind::Conflict);
    assert_eq!(content(&target, "older/precious"), "x");
    assert_eq!(content(&target, "newer"), "newer of the snapshot");
}

#[test]
fn links_and_pipes_that_are_the_same_are_left_and_others_follow_the_rule() {
    let (fixture, target) = meeting();
    let source = fixture.source();
    fs::remove_dir_all(&target).unwrap();
    fs::create_dir(&target).unwrap();
    for (folder, to) in [(&source, "here"), (&target, "there")] {
        std::os::unix::fs::symlink(to, folder.join("other-link")).unwrap();
        std::os::unix::fs::symlink("same", folder.join("same-link")).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            folder.join("pipe"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR,
            0,
        )
        .unwrap();
    }
    back_up(&fixture);
    let conflicts = plan_for(&fixture, with_rule(&target, OnConflict::Fail)).summary().conflicts;
    assert_eq!(conflicts, 1);
    restore(&fixture, with_rule(&target, OnConflict::Overwrite));
    assert_same(&source, &target);
}

#[test]
fn hard_links_are_made_again_over_files_that_were_copies() {
    let (fixture, target) = meeting();
    let source = fixture.source();
    fs::hard_link(source.join("older"), source.join("another-older")).unwrap();
    fs::write(target.join("another-older"), "something else").unwrap();
    back_up(&fixture);
    restore(&fixture, with_rule(&target, OnConflict::Overwrite));
    fs::remove_file(target.join("foreign")).unwrap();
    assert_same(&source, &target);
    // Once more, nothing is left to do.
    let report = restore(&fixture, with_rule(&target, OnConflict::Overwrite));
    assert_eq!((report.files, report.bytes), (0, 0));
}

#[test]
fn a_single_file_may_have_a_rule_of_its_own() {
    let (fixture, target) = meeting();
    let exceptions = [("/newer", OnConflict::SetAside), ("/folder/older.txt", OnConflict::KeepBoth)];
    let exceptions = exceptions.into_iter().map(|(path, rule)| (path.as_bytes().to_vec(), rule)).collect();
    let report = restore(&fixture, Options { exceptions, ..with_rule(&target, OnConflict::Skip) });
    assert_eq!(content(&target, "older"), "older of the target", "the others are left");
    assert_eq!(content(&target, "newer"), "newer of the snapshot");
    let safety = report.set_aside.unwrap();
    assert_eq!(content(&target, &format!("{safety}/newer")), "newer of the target");
    assert_eq!(content(&target, "folder/older.txt"), "folder/older.txt of the target");
    assert!(names_in(&target).iter().any(|name| name.starts_with("folder/older (restored")), "and one is beside");
    // With a rule for each, nothing is refused.
    let (fixture, target) = meeting();
    let exceptions = ["/newer", "/older", "/folder/older.txt"].map(|path| (path.as_bytes().to_vec(), OnConflict::Skip));
    let exceptions = exceptions.into_iter().collect();
    let report = restore(&fixture, Options { exceptions, ..with_rule(&target, OnConflict::Fail) });
    assert_eq!(report.skipped, 3);
}
