//! A whole restore equals its source.

use std::fs;
use std::os::unix::fs::MetadataExt;

use bygone_common::SnapshotPath;
use bygone_vault::restore::{Action, Options, Source, plan};
use bygone_vault::{EngineOptions, NodeKind};

use super::support::{
    GO_ON, assert_same, back_up, names_in, odd_name, options, plan_for, restore, source_of, target, write_everything,
};
use crate::fixture::Fixture;

fn everything(version: &str) -> Fixture {
    let fixture = Fixture::new(version);
    write_everything(&fixture.source());
    back_up(&fixture);
    fixture
}

fn a_restore_equals_its_source(version: &str) {
    let fixture = everything(version);
    let target = target(&fixture);
    let report = restore(&fixture, Options { verify: true, ..options(&target) });
    assert_same(&fixture.source(), &target);
    let files = names_in(&fixture.source()).len() as u64;
    // The directories' list has the target itself, too.
    assert_eq!(report.files + report.directories - 1, files);
    assert!(report.verified.unwrap() > 200, "{report:?}");
}

#[test]
fn a_restore_equals_its_source_from_format_1() {
    a_restore_equals_its_source("1");
}

#[test]
fn a_restore_equals_its_source_from_format_2() {
    a_restore_equals_its_source("2");
}

#[test]
fn a_restore_with_strict_ids_equals_its_source() {
    let fixture = everything("2");
    let target = target(&fixture);
    let strict = EngineOptions { strict_ids: true, ..EngineOptions::default() };
    let repository = fixture.open_over(fixture.backend(), "secret", strict).unwrap();
    let plan = plan(&repository, &source_of(&fixture, &repository), options(&target), &GO_ON).unwrap();
    assert!(plan.execute(&(), &GO_ON).unwrap().is_complete());
    assert_same(&fixture.source(), &target);
}

#[test]
fn zeros_become_holes_when_asked_for() {
    let fixture = everything("2");
    let target = target(&fixture);
    restore(&fixture, Options { sparse: true, verify: true, ..options(&target) });
    assert_same(&fixture.source(), &target);
    let zeros = fs::metadata(target.join("zeros")).unwrap();
    assert!(zeros.blocks() * 512 < 1 << 20, "{} blocks", zeros.blocks());
    assert!(fs::metadata(target.join("large")).unwrap().blocks() * 512 >= 9 << 20);
}

#[test]
fn a_dry_run_writes_nothing_and_tells_all() {
    let fixture = everything("2");
    let target = target(&fixture);
    let plan = plan_for(&fixture, options(&target));
    let actions: Vec<_> = plan.actions().collect();
    assert_eq!(actions.len(), names_in(&fixture.source()).len());
    assert!(actions.iter().all(|planned| planned.action == Action::Create));
    let large = actions.iter().find(|planned| planned.path == b"/large").unwrap();
    assert_eq!((large.kind, large.size), (NodeKind::File, 9 << 20));
    assert!(plan.summary().bytes_fetched + (9 << 20) <= plan.summary().bytes, "{:?}", plan.summary());
    assert!(!target.exists());
}

#[test]
fn one_file_of_a_snapshot_goes_into_the_target_by_its_name() {
    let fixture = everything("2");
    let target = target(&fixture);
    let repository = fixture.open();
    let path = SnapshotPath::parse(b"deep/er/150").unwrap();
    let source = Source { path, ..source_of(&fixture, &repository) };
    let report = plan(&repository, &source, options(&target), &GO_ON).unwrap().execute(&(), &GO_ON).unwrap();
    assert!(report.is_complete() && report.files == 1, "{report:?}");
    assert_eq!(names_in(&target), ["150"]);
    assert_eq!(fs::read(target.join("150")).unwrap(), fs::read(fixture.source().join("deep/er/150")).unwrap());
}

#[test]
fn a_folder_of_a_snapshot_goes_into_the_target_with_its_own_metadata() {
    let fixture = everything("2");
    let target = target(&fixture);
    let repository = fixture.open();
    let source = Source { path: SnapshotPath::parse(b"deep/er").unwrap(), ..source_of(&fixture, &repository) };
    plan(&repository, &source, options(&target), &GO_ON).unwrap().execute(&(), &GO_ON).unwrap();
    let (made, original) = (fs::metadata(&target).unwrap(), fs::metadata(fixture.source().join("deep/er")).unwrap());
    assert_eq!(
        (made.mode(), made.mtime(), made.mtime_nsec()),
        (original.mode(), original.mtime(), original.mtime_nsec())
    );
    assert!(target.join("and/deeper").is_dir());
}

#[test]
fn a_target_that_exists_keeps_its_own_metadata() {
    let fixture = everything("2");
    let target = target(&fixture);
    fs::create_dir(&target).unwrap();
    super::support::set_mode(&target, 0o710);
    restore(&fixture, options(&target));
    assert_eq!(fs::metadata(&target).unwrap().mode() & 0o7777, 0o710);
    assert!(target.join(odd_name()).exists());
}

#[test]
fn what_does_not_exist_in_the_snapshot_is_an_error_by_name() {
    let fixture = everything("2");
    let repository = fixture.open();
    let source = Source { path: SnapshotPath::parse(b"deep/nothing").unwrap(), ..source_of(&fixture, &repository) };
    let error = plan(&repository, &source, options(&target(&fixture)), &GO_ON).unwrap_err();
    assert_eq!(error.chain(), "/deep/nothing does not exist in the snapshot");
}

#[test]
fn an_acl_that_the_target_hands_on_does_not_reach_what_is_restored() {
    let fixture = everything("2");
    let target = target(&fixture);
    fs::create_dir(&target).unwrap();
    let output = std::process::Command::new("setfacl").args(["-m", "d:u:99:rwx"]).arg(&target).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    restore(&fixture, options(&target));
    assert_same(&fixture.source(), &target);
}
