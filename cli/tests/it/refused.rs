//! Places that cannot be written to, clocks that are wrong, and people who change their minds.

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bygone_tests::process::wait_until;
use bygone_tests::rest::{Reach, RestServer};

use crate::own::{CHEAP, Own};
use crate::program::Program;

/// The same in a mount namespace of its own, in which the repository is read-only.
fn where_nothing_can_be_written(own: &Own, program: Program) -> (Option<i32>, String) {
    let bygone = program.command();
    let read_only = format!("mount --bind {0} {0} && mount -o remount,ro,bind {0}", own.repository().display());
    let mut alone = Command::new("unshare");
    alone.args(["--mount", "sh", "-c", &format!("{read_only} && exec \"$0\" \"$@\"")]).arg(bygone.get_program());
    alone.args(bygone.get_args()).current_dir(own.folder.path());
    for (name, value) in bygone.get_envs() {
        match value {
            Some(value) => alone.env(name, value),
            None => alone.env_remove(name),
        };
    }
    let ended = alone.stdin(Stdio::null()).output().unwrap();
    (ended.status.code(), String::from_utf8(ended.stderr).unwrap())
}

#[test]
fn a_store_that_is_read_only_is_named_and_reading_goes_on() {
    let own = Own::new();
    let ids: Vec<String> = (1..=2).map(|day| own.snapshot(day, "alice", &[])).collect();
    fs::write(own.path("new-password"), "second\n").unwrap();
    let hold = ["hold", "add", &ids[0], "--case", "x", "--reason", "y"];
    let passwd = ["key", "passwd", "--new-password-file", "new-password", CHEAP[0], CHEAP[1]];
    for verb in [&["forget", "--keep-last", "1"][..], &hold, &["tag", "--add", "x"], &passwd] {
        let (code, said) = where_nothing_can_be_written(&own, own.bygone(verb));
        assert_eq!(code, Some(1), "{verb:?}: {said}");
        assert!(said.starts_with("bygone: write a lock into the repository: "), "{verb:?}: {said}");
        assert!(said.contains("Read-only file system") && said.lines().count() == 1, "{verb:?}: {said}");
    }
    let mirror = own.path("mirror");
    let to = mirror.to_str().unwrap();
    let (code, said) = where_nothing_can_be_written(&own, own.bygone(&["mirror", "-q", "--to", to, "--no-lock"]));
    assert_eq!((code, said.as_str()), (Some(0), ""));
    let (code, said) = where_nothing_can_be_written(&own, own.bygone(&["cat", "-q", "--", &own_file(&own)]));
    assert_eq!((code, said.as_str()), (Some(0), ""));
    assert_eq!((own.ids(), own.count("keys"), own.count("locks")), (ids, 1, 0));
}

fn own_file(own: &Own) -> String {
    format!("latest:{}/file", own.path("source").display())
}

#[test]
fn a_server_that_only_lets_add_forgets_nothing() {
    let (own, server) = (Own::nothing(), RestServer::start(Reach::AppendOnly));
    let bygone = |arguments: &[&str]| own.bygone(arguments).env("RESTIC_REPOSITORY", server.location("repository"));
    bygone(&["init", "-q"]).arguments(&CHEAP).bytes();
    let restic = server.restic("repository");
    fs::write(own.path("file"), "content").unwrap();
    for host in ["one", "one"] {
        restic.run(&["backup", "--host", host, own.path("file").to_str().unwrap()]);
    }
    let ran = bygone(&["forget", "--keep-last", "1", "--json"]).run();
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stderr.contains("0 of 1 snapshots are forgotten, the rest stay: forget snapshot"), "{}", ran.stderr);
    let listed: serde_json::Value = serde_json::from_str(&restic.run(&["snapshots", "--json"])).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    // Adding is what it is for.
    fs::write(own.path("new-password"), "second\n").unwrap();
    bygone(&["key", "add", "-q", "--new-password-file", "new-password"]).arguments(&CHEAP).bytes();
}

#[test]
fn a_snapshot_from_the_future_makes_no_other_one_old() {
    let own = Own::new();
    for day in 1..=3 {
        own.snapshot(day, "alice", &[]);
    }
    fs::write(own.path("source/file"), "from the future").unwrap();
    let source = own.path("source");
    let future = ["backup", source.to_str().unwrap(), "--host", "alice", "--time", "2099-01-01 00:00:00"];
    own.restic.run(&future);
    own.bygone(&["forget", "-q", "--keep-within", "36h"]).bytes();
    let times: Vec<String> =
        own.snapshots().iter().map(|snapshot| snapshot["time"].as_str().unwrap()[..10].to_owned()).collect();
    assert_eq!(times, ["2026-11-02", "2026-11-03", "2099-01-01"]);
}

#[test]
fn waiting_for_a_lock_ends_when_it_is_interrupted() {
    let own = Own::new();
    own.snapshot(1, "alice", &[]);
    let mut holder = own.restic.command(&["backup", "--stdin"]);
    let mut holder = holder.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_until("restic's lock", || own.count("locks") == 1);
    for signal in ["-INT", "-TERM"] {
        let waiting = own.bygone(&["-v", "forget", "--keep-last", "1", "--retry-lock", "1h"]).command();
        let mut waiting = { waiting }.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut told = waiting.stderr.take().unwrap();
        // It tells that it waits.
        let mut said = vec![0; 20];
        told.read_exact(&mut said).unwrap();
        let begun = Instant::now();
        assert!(Command::new("kill").args([signal, &waiting.id().to_string()]).status().unwrap().success());
        assert_eq!(waiting.wait().unwrap().code(), Some(130));
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
        assert_eq!(own.count("locks"), 1, "only restic's");
    }
    holder.kill().unwrap();
    holder.wait().unwrap();
}
