//! Who may open a repository, with stock restic as the judge.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use bygone_tests::restic::{PASSWORD, Restic};
use serde_json::Value;

use crate::own::{CHEAP, Own};

/// stock restic with another password.
fn restic(own: &Own, password: &str) -> bool {
    let restic = Restic::new(own.repository().to_str().unwrap()).arguments(&["--no-cache", "--quiet"]);
    let ended = restic.command(&["snapshots"]).env("RESTIC_PASSWORD", password).output().unwrap();
    ended.status.success()
}

fn password_file(own: &Own, password: &str) -> String {
    let path = own.path("new-password");
    fs::write(&path, format!("{password}\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

fn keys(own: &Own) -> Vec<Value> {
    own.bygone(&["key", "list", "--json"]).json().as_array().unwrap().clone()
}

#[test]
fn a_key_that_is_added_opens_until_it_is_removed() {
    let own = Own::new();
    let file = password_file(&own, "second");
    let add = ["key", "add", "--new-password-file", &file, "--user", "alice", "--host", "laptop", "--json"];
    let id = own.bygone(&add).arguments(&CHEAP).json()["id"].as_str().unwrap().to_owned();
    assert!(restic(&own, "second") && restic(&own, PASSWORD));
    let listed = keys(&own);
    assert_eq!(listed.len(), 2);
    for key in &listed {
        assert_eq!(key["current"], key["id"] != id.as_str());
        assert_eq!(key["userName"] == "alice" && key["hostName"] == "laptop", key["id"] == id.as_str());
    }
    // The same as restic lists, whose answer has no order.
    let of_restic: Vec<Value> = serde_json::from_str(&own.restic.run(&["key", "list", "--json"])).unwrap();
    assert_eq!(of_restic.len(), 2);
    for key in &of_restic {
        assert!(listed.contains(key), "{key} is not in {listed:?}");
    }
    own.bygone(&["key", "remove", &id[..10], "-q"]).bytes();
    assert!(!restic(&own, "second") && restic(&own, PASSWORD));
    assert_eq!((own.count("keys"), own.count("locks")), (1, 0));
}

#[test]
fn the_key_in_use_stays_and_unknown_ones_are_named() {
    let own = Own::new();
    let id = keys(&own)[0]["id"].as_str().unwrap().to_owned();
    let told = own.bygone(&["key", "remove", &id]).fails(2);
    assert!(told.contains(&id[..8]) && told.contains("opened the repository now"), "{told}");
    assert_eq!(own.bygone(&["key", "remove", "zz"]).fails(1), "bygone: no key's id begins with \"zz\"");
    let file = password_file(&own, "second");
    own.bygone(&["key", "add", "-q", "--new-password-file", &file]).arguments(&CHEAP).bytes();
    assert_eq!(own.bygone(&["key", "remove", ""]).fails(1), "bygone: several keys' ids begin with \"\"");
    assert_eq!((own.count("keys"), own.count("locks")), (2, 0));
}

#[test]
fn a_changed_password_replaces_the_old_one() {
    let own = Own::new();
    let file = password_file(&own, "changed");
    let said = own.bygone(&["key", "passwd", "--new-password-file", &file]).arguments(&CHEAP).text();
    assert!(said.starts_with("saved the new key "), "{said}");
    assert!(restic(&own, "changed") && !restic(&own, PASSWORD));
    assert_eq!(own.count("keys"), 1);
    assert!(own.bygone(&["key", "list"]).fails(1).starts_with("bygone: wrong password for "));
}

#[test]
fn a_recovery_password_is_printed_once_and_opens() {
    let own = Own::new();
    let ran = own.bygone(&["key", "recovery"]).arguments(&CHEAP).run();
    assert_eq!(ran.code, Some(0));
    assert!(ran.stderr.contains("shown this once"), "{}", ran.stderr);
    let password = String::from_utf8(ran.stdout).unwrap().trim().to_owned();
    assert_eq!((password.len(), password.matches('-').count()), (47, 7), "{password}");
    assert!(restic(&own, &password));
    assert!(keys(&own).iter().any(|key| key["userName"] == "recovery"));
    let made = own.bygone(&["key", "recovery", "--json"]).arguments(&CHEAP).json();
    assert!(restic(&own, made["password"].as_str().unwrap()));
}

#[test]
fn keys_change_only_for_who_shows_a_password() {
    let own = Own::new();
    own.bygone(&["unlock", "--timeout", "5m", "-q"]).bytes();
    let file = password_file(&own, "second");
    let add = || own.bygone(&["key", "add", "--new-password-file", &file]).arguments(&CHEAP);
    assert!(add().without("RESTIC_PASSWORD").fails(2).starts_with("bygone: no password: "));
    assert_eq!(own.count("keys"), 1);
    // Whoever opened by the kept key used no key file.
    let listed = own.bygone(&["key", "list", "--json"]).without("RESTIC_PASSWORD").json();
    assert_eq!(listed[0]["current"], false);
    own.bygone(&["lock", "-q"]).bytes();
}

#[test]
fn another_lock_is_waited_for_or_refused() {
    let own = Own::new();
    let file = password_file(&own, "second");
    let mut holder = own.restic.command(&["backup", "--stdin"]);
    let mut holder = holder.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    bygone_tests::process::wait_until("restic's lock", || own.count("locks") == 1);
    let passwd = ["key", "passwd", "--new-password-file", &file];
    let told = own.bygone(&passwd).arguments(&CHEAP).fails(11);
    assert!(told.contains(&format!("locked by PID {}", holder.id())), "{told}");
    // Adding bears a shared lock.
    own.bygone(&["key", "add", "-q", "--new-password-file", &file]).arguments(&CHEAP).bytes();
    let mut waiting = own.bygone(&passwd).arguments(&CHEAP).arguments(&["--retry-lock", "5m"]).command();
    let mut waiting = waiting.stdout(Stdio::null()).spawn().unwrap();
    holder.stdin.take().unwrap().write_all(b"content").unwrap();
    assert!(holder.wait().unwrap().success());
    assert!(waiting.wait().unwrap().success());
    assert!(!restic(&own, PASSWORD));
}
