//! Changing the master key by the real program, also when it is killed.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use bygone_tests::noise::noise;
use bygone_tests::rest::{Reach, RestServer};
use bygone_tests::restic::{PASSWORD, Restic};
use bygone_tests::s3::S3Server;
use bygone_tests::sftp::SftpServer;

use crate::own::{CHEAP, Own};
use crate::program::Program;

const NEXT: &str = "new password";

fn rotate(own: &Own, arguments: &[&str]) -> Program {
    let file = own.path("new-password");
    fs::write(&file, NEXT).unwrap();
    let file = file.to_str().unwrap();
    own.bygone(&["key", "rotate", "--new-password-file", file]).arguments(&CHEAP).arguments(arguments)
}

fn restic(own: &Own, password: &str) -> Restic {
    let restic = Restic::new(own.repository().to_str().unwrap()).arguments(&["--no-cache", "--quiet"]);
    restic.env("RESTIC_PASSWORD", password)
}

fn opens(own: &Own, password: &str) -> bool {
    restic(own, password).command(&["snapshots"]).output().unwrap().status.success()
}

/// Snapshots that we see by a password; `None` when it does not open.
fn snapshots(own: &Own, password: &str) -> Option<usize> {
    let ran = own.bygone(&["snapshots", "--json"]).env("RESTIC_PASSWORD", password).run();
    let listed: serde_json::Value = serde_json::from_slice(&ran.stdout).ok()?;
    (ran.code == Some(0)).then(|| listed.as_array().unwrap().len())
}

/// Key files, without those that a kill left unfinished.
fn keys(own: &Own) -> usize {
    let names = fs::read_dir(own.repository().join("keys")).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.len() == 64).count()
}

#[test]
fn the_master_key_changes_and_the_old_password_is_of_no_use() {
    let own = Own::new();
    own.snapshot(1, "alice-pc", &[]);
    own.snapshot(2, "alice-pc", &[]);
    let told = rotate(&own, &["--resume"]).fails(2);
    assert!(told.contains("is not being changed"), "{told}");
    assert!(own.bygone(&["key", "rotate", "--status"]).text().contains("is not being changed"));
    let said = rotate(&own, &[]).text();
    assert!(said.contains("2 snapshots are under a new master key"), "{said}");
    assert!(opens(&own, NEXT) && !opens(&own, PASSWORD));
    restic(&own, NEXT).run(&["check", "--read-data"]);
    assert_eq!((own.count("locks"), own.count("keys"), own.count("snapshots")), (0, 1, 2));
    let told = own.bygone(&["snapshots"]).fails(1);
    assert!(told.starts_with("bygone: wrong password for "), "{told}");
    // Whoever reads keeps nothing of the old generation in a cache.
    let cat = own.bygone(&["cat", &format!("latest:{}", own.path("source/file").display())]);
    assert_eq!(cat.env("RESTIC_PASSWORD", NEXT).text(), "day 2 of alice-pc\n");
}

#[test]
fn keys_are_left_alone_while_it_is_under_way_and_it_can_be_given_up() {
    let own = Own::new();
    own.snapshot(1, "alice-pc", &[]);
    // A lock that is in the way at the end leaves it filled.
    let mut holder = own.restic.command(&["backup", "--stdin"]);
    let mut holder = holder.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    bygone_tests::process::wait_until("restic's lock", || own.count("locks") == 1);
    let told = rotate(&own, &[]).fails(11);
    assert!(told.contains("locked by PID"), "{told}");
    drop(holder.stdin.take());
    holder.wait().unwrap();
    let status = own.bygone(&["key", "rotate", "--status", "--json"]).json();
    assert_eq!(status["state"], "filling");
    let told = own.bygone(&["key", "recovery"]).arguments(&CHEAP).fails(1);
    assert!(told.contains("the master key is being changed"), "{told}");
    assert!(opens(&own, PASSWORD));
    let other = own.path("other-password");
    fs::write(&other, "another").unwrap();
    let told = own.bygone(&["key", "rotate", "--new-password-file", other.to_str().unwrap()]).fails(1);
    assert!(told.contains("not the password it is being changed to"), "{told}");
    rotate(&own, &["--abort", "-q"]).bytes();
    assert!(opens(&own, PASSWORD) && !opens(&own, NEXT));
    own.check();
}

#[test]
fn killed_again_and_again_it_loses_nothing_and_ends() {
    let own = Own::new();
    fs::create_dir_all(own.path("source")).unwrap();
    for number in 0..40 {
        fs::write(own.path(&format!("source/{number}")), noise(number, 1_000_000)).unwrap();
    }
    for day in 1..6 {
        own.snapshot(day, "alice-pc", &["--pack-size", "4"]);
    }
    let mut complete = false;
    for round in 0..60_u64 {
        let mut running = rotate(&own, &["-q"]).command();
        let mut running = running.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Ever later, so that each phase is met; the moment itself is chance.
        std::thread::sleep(Duration::from_millis(20 + round * 30));
        if running.try_wait().unwrap().is_some_and(|status| status.success()) {
            complete = true;
            break;
        }
        running.kill().unwrap();
        running.wait().unwrap();
        let password = if snapshots(&own, NEXT).is_some() { NEXT } else { PASSWORD };
        assert_eq!(snapshots(&own, password), Some(5), "round {round}");
        own.bygone(&["locks", "remove", "-q"]).env("RESTIC_PASSWORD", password).bytes();
    }
    if !complete {
        rotate(&own, &["-q"]).bytes();
    }
    assert_eq!((snapshots(&own, NEXT), keys(&own)), (Some(5), 1));
    assert!(opens(&own, NEXT) && !opens(&own, PASSWORD));
    restic(&own, NEXT).run(&["check", "--read-data"]);
}

/// Makes a repository over `location`, takes a snapshot, rotates, and lets stock restic (which knows the way) judge.
fn over_a_network(location: &str, options: &[&str], variables: &[(&str, &str)], judge: Restic) {
    let own = Own::nothing();
    let run = |arguments: &[&str], password: &str| {
        let program = own.bygone(arguments).arguments(options);
        let program = variables.iter().fold(program, |program, (name, value)| program.env(name, value));
        program.env("RESTIC_REPOSITORY", location).env("RESTIC_PASSWORD", password).run()
    };
    let ran = run(&["init", "-q", "--scrypt-log-n", "1"], PASSWORD);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    fs::create_dir(own.path("source")).unwrap();
    fs::write(own.path("source/file"), noise(1, 3_000_000)).unwrap();
    judge.run(&["backup", own.path("source").to_str().unwrap()]);
    let file = own.path("new-password");
    fs::write(&file, NEXT).unwrap();
    let ran =
        run(&["key", "rotate", "-q", "--scrypt-log-n", "1", "--new-password-file", file.to_str().unwrap()], PASSWORD);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{location}");
    let judge = judge.env("RESTIC_PASSWORD", NEXT);
    judge.run(&["check", "--read-data"]);
    judge.run(&["backup", own.path("source").to_str().unwrap()]);
    assert_eq!(run(&["snapshots"], NEXT).code, Some(0));
    assert_eq!(run(&["snapshots"], PASSWORD).code, Some(1));
}

#[test]
fn a_rest_server_s_repository_is_rotated_unless_nothing_can_be_removed() {
    let server = RestServer::start(Reach::Open);
    over_a_network(&server.location("repository"), &[], &[], server.restic("repository"));
    let server = RestServer::start(Reach::AppendOnly);
    let own = Own::nothing();
    own.bygone(&["init", "-q"]).arguments(&CHEAP).env("RESTIC_REPOSITORY", server.location("repository")).bytes();
    let told = rotate(&own, &[]).env("RESTIC_REPOSITORY", server.location("repository")).fails(1);
    assert!(told.contains("nothing can be removed from"), "{told}");
    let status = own.bygone(&["key", "rotate", "--status", "--json"]);
    assert_eq!(status.env("RESTIC_REPOSITORY", server.location("repository")).json()["state"], "none");
}

#[test]
fn an_ssh_server_s_repository_is_rotated() {
    let server = SftpServer::start();
    let identity = format!("sftp.identity-file={}", server.identity().display());
    let known = format!("sftp.known-hosts={}", server.known_hosts().display());
    let options = ["-o", &identity, "-o", &known];
    over_a_network(&server.location("repository"), &options, &[], server.restic("repository"));
}

#[test]
fn a_bucket_s_repository_is_rotated() {
    let server = S3Server::start();
    let keys =
        [("AWS_ACCESS_KEY_ID", bygone_tests::s3::ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", bygone_tests::s3::SECRET_KEY)];
    let options = ["-o", "s3.bucket-lookup=path", "-o", "s3.region=us-east-1"];
    over_a_network(&server.location("bucket/prefix"), &options, &keys, server.restic("bucket/prefix"));
}
