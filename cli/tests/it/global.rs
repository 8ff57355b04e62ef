use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use bygone_tests::restic::PASSWORD;

use crate::fixture::Fixture;
use crate::program::Program;

fn bare(fixture: &Fixture) -> Program {
    Program::bygone(fixture.own.path())
}

#[test]
fn the_repository_is_named_by_option_file_or_environment() {
    let fixture = Fixture::shared();
    let place = fixture.repository.to_str().unwrap();
    fs::write(fixture.own.path().join("place"), format!("{place}\n")).unwrap();
    let listed = |program: Program| assert_eq!(program.env("RESTIC_PASSWORD", PASSWORD).lines().len(), 6);
    listed(bare(&fixture).arguments(&["-r", place, "snapshots"]));
    listed(bare(&fixture).arguments(&["snapshots", "--repo", place]));
    listed(bare(&fixture).arguments(&["snapshots", "--repository-file", "place"]));
    listed(bare(&fixture).argument("snapshots").env("BYGONE_REPOSITORY", place).env("RESTIC_REPOSITORY", "/nowhere"));
    listed(bare(&fixture).argument("snapshots").env("RESTIC_REPOSITORY_FILE", "place"));
}

#[test]
fn the_password_comes_from_option_file_command_or_environment() {
    let fixture = Fixture::shared();
    fs::write(fixture.own.path().join("password"), format!("{PASSWORD}\n")).unwrap();
    let echo = format!("sh -c 'echo \"{PASSWORD}\"'");
    let listed = |program: Program| {
        assert_eq!(program.env("RESTIC_REPOSITORY", &fixture.repository).argument("snapshots").lines().len(), 6);
    };
    listed(bare(&fixture).arguments(&["--password-file", "password"]).env("RESTIC_PASSWORD", "wrong"));
    listed(bare(&fixture).arguments(&["--password-command", &echo]));
    listed(bare(&fixture).env("BYGONE_PASSWORD", PASSWORD).env("RESTIC_PASSWORD", "wrong"));
    listed(bare(&fixture).env("RESTIC_PASSWORD_FILE", "password"));
    listed(bare(&fixture).env("RESTIC_PASSWORD_COMMAND", &echo));
}

#[test]
fn the_cache_lies_where_it_is_told_to_or_nowhere() {
    let fixture = Fixture::shared();
    fixture.bygone(&["ls", "--no-cache"]).bytes();
    assert!(!fixture.own.path().join("cache").exists());
    fixture.bygone(&["ls", "--cache-dir", "elsewhere"]).bytes();
    assert_eq!(fs::read_dir(fixture.own.path().join("elsewhere")).unwrap().count(), 1);
    fixture.bygone(&["ls"]).bytes();
    assert_eq!(fs::read_dir(fixture.own.path().join("cache/bygone")).unwrap().count(), 1);
}

#[test]
fn version_help_completions_and_manual_pages_need_no_repository() {
    let fixture = Fixture::shared();
    let version = bare(&fixture).argument("--version").text();
    assert_eq!(version, format!("bygone {}\n", env!("CARGO_PKG_VERSION")));
    let more = bare(&fixture).arguments(&["--version", "--verbose"]).text();
    if cfg!(feature = "mount") {
        assert!(more.contains("WinFsp - Windows File System Proxy, Copyright (C) Bill Zissimopoulos"), "{more}");
    }
    let help = bare(&fixture).argument("--help").text();
    for verb in ["snapshots", "ls", "cat", "tar", "find", "diff", "history", "stats", "restore", "unlock", "lock"] {
        assert!(help.contains(&format!("\n  {verb} ")), "{verb}: {help}");
        assert!(!bare(&fixture).arguments(&[verb, "--help"]).text().is_empty());
    }
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(bare(&fixture).arguments(&["completions", shell]).text().contains("snapshots"), "{shell}");
    }
    bare(&fixture).arguments(&["man", "pages"]).bytes();
    let page = fs::read_to_string(fixture.own.path().join("pages/bygone-restore.1")).unwrap();
    assert!(page.contains("on\\-conflict"), "{page}");
}

#[test]
fn wrong_usage_ends_with_two() {
    let fixture = Fixture::shared();
    for arguments in
        [&["ls", "--nonsense"][..], &["nonsense"], &["cat"], &["restore", "latest"], &["--memory", "x", "ls"], &[]]
    {
        let ran = bare(&fixture).arguments(arguments).run();
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.stderr);
    }
}

#[test]
fn a_kept_key_opens_without_a_password_until_it_is_forgotten() {
    let fixture = Fixture::to_break();
    let run = |arguments: &[&str]| bare(&fixture).env("RESTIC_REPOSITORY", &fixture.repository).arguments(arguments);
    run(&["unlock", "--timeout", "5m", "-q"]).env("RESTIC_PASSWORD", PASSWORD).bytes();
    assert_eq!(run(&["snapshots"]).lines().len(), 6);
    // The same folder by another name.
    let relative = bare(&fixture).arguments(&["-r", "./repository", "snapshots"]);
    assert_eq!(relative.lines().len(), 6);
    run(&["lock", "-q"]).bytes();
    let told = run(&["snapshots"]).fails(2);
    assert!(told.starts_with("bygone: no password: "), "{told}");
}

#[test]
fn a_kept_key_of_another_repository_is_not_trusted() {
    let fixture = Fixture::to_break();
    fixture.bygone(&["unlock", "--timeout", "5m", "-q"]).bytes();
    fs::remove_dir_all(&fixture.repository).unwrap();
    let restic = bygone_tests::restic::Restic::new(fixture.repository.to_str().unwrap());
    restic.run(&["init"]);
    assert_eq!(fixture.bygone(&["snapshots", "--json"]).json(), serde_json::json!([]));
    fixture.bygone(&["lock", "-q"]).bytes();
}

#[test]
fn a_repository_of_the_first_format_reads_the_same() {
    let fixture = Fixture::shared();
    let place = fixture.own.path().join("old");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(bygone_tests::tools::tool("restic"));
        command.args(["--no-cache", "-r"]).arg(&place).args(arguments).env("RESTIC_PASSWORD", PASSWORD);
        assert!(command.current_dir(&fixture.source).output().unwrap().status.success(), "{arguments:?}");
    };
    run(&["init", "--repository-version", "1"]);
    run(&["backup", "."]);
    let old = |arguments: &[&str]| fixture.bygone(arguments).env("RESTIC_REPOSITORY", &place);
    assert_eq!(old(&["ls", "-R"]).bytes(), fixture.bygone(&["ls", "-R"]).bytes());
    assert!(old(&["cat", "latest:/big.bin"]).bytes() == fixture.bygone(&["cat", "latest:/big.bin"]).bytes());
    assert_eq!(old(&["find", "*.rs"]).lines().len(), 3);
    assert_eq!(old(&["stats", "--json"]).json()["repository"]["version"], 1);
}

#[test]
fn decoding_can_be_measured() {
    let fixture = Fixture::shared();
    let measured = fixture.bygone(&["debug", "decode", "--json", "--threads", "2"]).json();
    assert!(measured["bytes"].as_u64().unwrap() >= crate::fixture::BIG_BYTES as u64, "{measured}");
    assert!(measured["seconds"].as_f64().unwrap() > 0.0 && measured["threads"] == 2, "{measured}");
}

#[test]
fn a_password_file_that_cannot_be_read_is_named() {
    let fixture = Fixture::shared();
    let told =
        bare(&fixture).env("RESTIC_REPOSITORY", &fixture.repository).arguments(&["ls", "-p", "missing"]).fails(1);
    assert!(told.starts_with("bygone: read the password file missing: No such file"), "{told}");
    let script = fixture.own.path().join("failing");
    fs::write(&script, "#!/bin/sh\nexit 3\n").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let told = bare(&fixture)
        .env("RESTIC_REPOSITORY", &fixture.repository)
        .arguments(&["ls", "--password-command", script.to_str().unwrap()])
        .fails(1);
    assert!(told.ends_with("failed: exit status: 3"), "{told}");
}
