//! Each bad input gets one line that names the thing, and the right exit code.

use std::fs;

use crate::fixture::Fixture;

fn check(arguments: &[&str], code: i32, expected: &str) {
    let fixture = Fixture::shared();
    assert_eq!(fixture.bygone(arguments).fails(code), format!("bygone: {expected}"), "{arguments:?}");
}

#[test]
fn a_wrong_password_is_told_from_a_missing_repository() {
    let fixture = Fixture::shared();
    let told = fixture.bygone(&["ls"]).env("RESTIC_PASSWORD", "wrong").fails(1);
    assert!(told.starts_with("bygone: wrong password for "), "{told}");
    let empty = fixture.own.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let told = fixture.bygone(&["ls"]).env("RESTIC_REPOSITORY", &empty).fails(1);
    assert_eq!(told, format!("bygone: {} is not a restic repository: it has no config file", empty.display()));
    let told = fixture.bygone(&["ls"]).env("RESTIC_REPOSITORY", "/nowhere/at/all").fails(1);
    assert_eq!(told, "bygone: no repository at /nowhere/at/all: the folder does not exist");
}

#[test]
fn nothing_to_open_is_wrong_usage() {
    let fixture = Fixture::shared();
    let told = fixture.bygone(&["ls"]).without("RESTIC_REPOSITORY").fails(2);
    assert_eq!(told, "bygone: no repository: give -r LOCATION or set RESTIC_REPOSITORY");
    let told = fixture.bygone(&["ls"]).without("RESTIC_PASSWORD").fails(2);
    assert!(told.starts_with("bygone: no password: set RESTIC_PASSWORD, "), "{told}");
}

#[test]
fn locations_and_options_are_refused_by_name() {
    let fixture = Fixture::shared();
    let told = |location: &str| fixture.bygone(&["ls"]).env("RESTIC_REPOSITORY", location).run();
    let unknown = told("ftp:host/x");
    assert_eq!(unknown.code, Some(2));
    assert!(
        unknown.stderr.starts_with("bygone: location \"ftp:host/x\": it starts with no known kind of storage"),
        "{}",
        unknown.stderr
    );
    let unsupported = told("azure:x:/y");
    assert_eq!(unsupported.code, Some(1));
    assert!(unsupported.stderr.contains("storage of the kind \"azure\" is not supported"), "{}", unsupported.stderr);
    check(&["ls", "-o", "s3.bucket-lookup=maybe"], 2, "option \"s3.bucket-lookup=maybe\": it is auto, dns or path");
    check(&["ls", "-o", "nonsense=1"], 2, "option \"nonsense=1\": there is no such option");
    check(&["ls", "-o", "nonsense"], 2, "option \"nonsense\": write KEY=VALUE");
    check(&["ls", "--memory", "1M"], 2, "1 MiB of memory is too little; give at least 64 MiB");
}

#[test]
fn a_refusing_backend_is_named() {
    let fixture = Fixture::shared();
    // Nobody listens on port 1 of this machine.
    let ran =
        fixture.bygone(&["ls"]).env("RESTIC_REPOSITORY", "rest:http://127.0.0.1:1/").env("BYGONE_RETRIES", "0").run();
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.starts_with("bygone: ") && ran.stderr.contains("127.0.0.1:1"), "{}", ran.stderr);
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
}

#[test]
fn snapshots_and_paths_that_are_not_there_are_named() {
    let fixture = Fixture::shared();
    let latest = fixture.short(3).to_owned();
    check(&["ls", "ffffffffff"], 1, "there is no snapshot ffffffffff");
    check(&["ls", "latest~4"], 1, "there is no snapshot latest~4: fewer than 5 exist");
    check(&["ls", "latest", "--host", "carol-pc"], 1, "there is no snapshot with host carol-pc");
    check(&["ls", "@2026-10-31"], 1, "there is no snapshot that is not after 2026-10-31T23:59:59");
    check(&["ls", "latest:/nowhere/x"], 1, &format!("snapshot {latest}: /nowhere/x does not exist in the snapshot"));
    check(
        &["ls", "latest:/docs/report.txt/x"],
        1,
        &format!("snapshot {latest}: /docs/report.txt/x does not exist in the snapshot"),
    );
    check(&["ls", "latest:../x"], 2, "\"../x\" is not a path in a snapshot: it leaves its directory");
    let told = "\"xyz\" names no snapshot: use latest, latest~2, the start of an id, or @2026-11-01T10:00";
    check(&["ls", "xyz"], 2, told);
    check(&["find", "[a"], 2, "pattern \"[a\": a [ is not closed");
    check(&["find", "--regex", "(a"], 2, "regular expression \"(a\": unclosed group");
}

#[test]
fn a_short_id_that_fits_several_names_them() {
    let fixture = Fixture::shared();
    // Four ids and sixteen digits: two may or may not share the first.
    let shared = fixture
        .ids
        .iter()
        .map(|id| &id[..1])
        .find(|digit| fixture.ids.iter().filter(|id| id.starts_with(digit)).count() > 1);
    if let Some(digit) = shared {
        let told = fixture.bygone(&["ls", digit]).fails(1);
        assert!(told.starts_with(&format!("bygone: {digit} fits ")), "{told}");
    }
    // Every id begins with nothing at all, which is no name.
    check(&["ls", ""], 2, "\"\" names no snapshot: use latest, latest~2, the start of an id, or @2026-11-01T10:00");
}
