//! Repositories that we make, and stock restic uses.

use std::fs;

use bygone_tests::rest::{Reach, RestServer};
use bygone_tests::restic::{PASSWORD, Restic};
use bygone_tests::s3::S3Server;
use bygone_tests::sftp::SftpServer;

use crate::own::{CHEAP, Own, count};

/// Has stock restic take a snapshot and look at everything, and has us list it.
fn use_it(own: &Own, restic: &Restic, list: impl Fn() -> Vec<u8>) {
    let source = own.path("saved");
    fs::create_dir_all(&source).unwrap();
    fs::write(source.join("file"), "content").unwrap();
    restic.run(&["backup", source.to_str().unwrap()]);
    restic.run(&["check", "--read-data"]);
    let listed: serde_json::Value = serde_json::from_slice(&list()).unwrap();
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
}

#[test]
fn restic_uses_what_we_make_in_both_formats() {
    for version in ["1", "2"] {
        let own = Own::nothing();
        let made = own.bygone(&["init", "--json", "--repository-version", version]).arguments(&CHEAP).json();
        assert_eq!(made["message_type"], "initialized");
        assert_eq!(made["repository"], own.repository().to_str().unwrap());
        let config: serde_json::Value = serde_json::from_str(&own.restic.run(&["cat", "config"])).unwrap();
        assert_eq!((&config["id"], config["version"].to_string().as_str()), (&made["id"], version));
        assert!(config.get("bygone").is_none(), "{config}");
        use_it(&own, &own.restic, || own.bygone(&["snapshots", "--json"]).bytes());
        assert_eq!(count(&own.repository().join("keys")), 1);
    }
}

#[test]
fn a_key_costs_what_a_password_deserves() {
    let own = Own::nothing();
    let said = own.bygone(&["init"]).text();
    assert!(said.starts_with("made the repository ") && said.contains("keep it safe"), "{said}");
    let keys: Vec<_> = fs::read_dir(own.repository().join("keys")).unwrap().collect();
    let key: serde_json::Value = serde_json::from_slice(&fs::read(keys[0].as_ref().unwrap().path()).unwrap()).unwrap();
    assert_eq!(
        (&key["N"], &key["r"], &key["p"], &key["kdf"]),
        (&131_072.into(), &8.into(), &1.into(), &"scrypt".into())
    );
    own.restic.run(&["snapshots"]);
}

#[test]
fn on_s3_the_bucket_is_made_too() {
    let (own, server) = (Own::nothing(), S3Server::start());
    let location = server.location("fresh-bucket/prefix");
    let bygone = |arguments: &[&str]| {
        own.bygone(arguments)
            .env("RESTIC_REPOSITORY", &location)
            .env("AWS_ACCESS_KEY_ID", bygone_tests::s3::ACCESS_KEY)
            .env("AWS_SECRET_ACCESS_KEY", bygone_tests::s3::SECRET_KEY)
    };
    bygone(&["init", "-q"]).arguments(&CHEAP).bytes();
    use_it(&own, &server.restic("fresh-bucket/prefix"), || bygone(&["snapshots", "--json"]).bytes());
    let told = bygone(&["init"]).arguments(&CHEAP).fails(1);
    assert_eq!(told, format!("bygone: there is a repository at {location} already"));
}

#[test]
fn over_ssh() {
    let (own, server) = (Own::nothing(), SftpServer::start());
    let identity = format!("sftp.identity-file={}", server.identity().display());
    let known = format!("sftp.known-hosts={}", server.known_hosts().display());
    let bygone = |arguments: &[&str]| {
        own.bygone(arguments)
            .arguments(&["-o", &identity, "-o", &known])
            .env("RESTIC_REPOSITORY", server.location("deep/repository"))
    };
    bygone(&["init", "-q"]).arguments(&CHEAP).bytes();
    // The same files, by the folder that the server serves.
    let restic = Restic::new(server.path("deep/repository").to_str().unwrap());
    use_it(&own, &restic, || bygone(&["snapshots", "--json"]).bytes());
    assert!(bygone(&["init"]).arguments(&CHEAP).fails(1).ends_with(" already"));
}

#[test]
fn on_a_rest_server_also_one_that_only_lets_add() {
    for reach in [Reach::Open, Reach::AppendOnly] {
        let (own, server) = (Own::nothing(), RestServer::start(reach));
        let bygone = |arguments: &[&str]| own.bygone(arguments).env("RESTIC_REPOSITORY", server.location("repository"));
        bygone(&["init", "-q"]).arguments(&CHEAP).bytes();
        use_it(&own, &server.restic("repository"), || bygone(&["snapshots", "--json"]).bytes());
        assert!(bygone(&["init"]).arguments(&CHEAP).fails(1).ends_with(" already"));
    }
}

#[test]
fn what_is_there_already_is_not_touched() {
    let own = Own::new();
    let before = fs::read(own.repository().join("config")).unwrap();
    let told = own.bygone(&["init"]).arguments(&CHEAP).env("RESTIC_PASSWORD", "another").fails(1);
    assert_eq!(told, format!("bygone: there is a repository at {} already", own.repository().display()));
    assert_eq!((fs::read(own.repository().join("config")).unwrap(), own.count("keys")), (before, 1));
    // Its config got lost: what is left must not get another master key.
    fs::remove_file(own.repository().join("config")).unwrap();
    let told = own.bygone(&["init"]).arguments(&CHEAP).fails(1);
    assert!(told.contains("holds no config, but keys of a repository"), "{told}");
    assert_eq!(own.count("keys"), 1);
}

#[test]
fn other_files_at_the_place_are_left_alone() {
    let own = Own::nothing();
    fs::create_dir(own.repository()).unwrap();
    fs::write(own.repository().join("README"), "mine").unwrap();
    own.bygone(&["init", "-q"]).arguments(&CHEAP).bytes();
    assert_eq!(fs::read(own.repository().join("README")).unwrap(), b"mine");
    own.check();
}

#[test]
fn a_place_that_cannot_be_written_to_is_named() {
    let own = Own::nothing();
    fs::write(own.path("file"), "").unwrap();
    let told = own.bygone(&["init"]).arguments(&CHEAP).env("RESTIC_REPOSITORY", own.path("file/repository")).fails(1);
    assert!(told.contains("file/repository"), "{told}");
    let told = own.bygone(&["init"]).arguments(&CHEAP).env("RESTIC_REPOSITORY", "/proc/repository").fails(1);
    assert!(told.contains("/proc/repository"), "{told}");
}

#[test]
fn files_are_cut_as_another_repository_cuts_them() {
    let (own, other) = (Own::nothing(), Own::new());
    let from = other.repository();
    let init = || own.bygone(&["init", "-q"]).arguments(&CHEAP).env("RESTIC_FROM_PASSWORD", PASSWORD);
    let told = init().arguments(&["--from-repo", from.to_str().unwrap()]).fails(2);
    assert!(told.contains("--copy-chunker-params"), "{told}");
    init().arguments(&["--copy-chunker-params", "--from-repo", from.to_str().unwrap()]).bytes();
    let polynomial = |own: &Own| {
        let config: serde_json::Value = serde_json::from_str(&own.restic.run(&["cat", "config"])).unwrap();
        config["chunker_polynomial"].clone()
    };
    assert_eq!(polynomial(&own), polynomial(&other));
    assert_ne!(polynomial(&own), polynomial(&Own::new()));
    let told = own.bygone(&["init", "--copy-chunker-params"]).fails(2);
    assert!(told.contains("--from-repo"), "{told}");
}

#[test]
fn without_a_password_nothing_is_made() {
    let own = Own::nothing();
    let told = own.bygone(&["init"]).arguments(&CHEAP).without("RESTIC_PASSWORD").fails(2);
    assert!(told.starts_with("bygone: no new password: "), "{told}");
    assert!(!own.repository().exists());
    let told = own.bygone(&["init", "--repository-version", "3"]).run();
    assert_eq!(told.code, Some(2));
    own.bygone(&["init", "-q", "--insecure-no-password"]).arguments(&CHEAP).without("RESTIC_PASSWORD").bytes();
    let mut restic = own.restic.command(&["snapshots", "--insecure-no-password"]);
    assert!(restic.env_remove("RESTIC_PASSWORD").output().unwrap().status.success());
}
