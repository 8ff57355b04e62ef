//! Mirrors, with stock restic as the judge at both places.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use bygone_tests::noise::noise;
use bygone_tests::process::wait_until;
use bygone_tests::rest::{Reach, RestServer};
use bygone_tests::restic::Restic;
use bygone_tests::s3::S3Server;
use bygone_tests::sftp::SftpServer;
use serde_json::Value;

use crate::own::{Own, count};
use crate::program::Program;

struct Place {
    own: Own,
    ids: Vec<String>,
    mirror: PathBuf,
}

impl Place {
    /// Two snapshots of some megabytes, and no mirror yet.
    fn new() -> Self {
        let own = Own::new();
        fs::create_dir(own.path("source")).unwrap();
        fs::write(own.path("source/large"), noise(1, 9 << 20)).unwrap();
        let mut ids = vec![own.snapshot(1, "alice", &["--pack-size", "4"])];
        fs::write(own.path("source/more"), noise(2, 3 << 20)).unwrap();
        ids.push(own.snapshot(2, "alice", &["--pack-size", "4"]));
        let mirror = own.path("mirror");
        Self { own, ids, mirror }
    }

    fn mirror(&self, options: &[&str]) -> Program {
        self.own.bygone(&["mirror", "--json", "--to", self.mirror.to_str().unwrap()]).arguments(options)
    }

    /// stock restic at the mirror.
    fn restic(&self) -> Restic {
        Restic::new(self.mirror.to_str().unwrap()).arguments(&["--no-cache", "--quiet"]).env("TZ", "UTC")
    }

    fn ids_at_mirror(&self) -> Vec<String> {
        let listed: Vec<Value> = serde_json::from_str(&self.restic().run(&["snapshots", "--json"])).unwrap();
        listed.iter().map(|snapshot| snapshot["id"].as_str().unwrap().to_owned()).collect()
    }

    fn check_mirror(&self) {
        self.restic().run(&["check", "--read-data"]);
    }
}

fn packs(repository: &Path) -> Vec<PathBuf> {
    let folders = fs::read_dir(repository.join("data")).unwrap().map(|folder| folder.unwrap().path());
    let mut packs: Vec<PathBuf> =
        folders.flat_map(|folder| fs::read_dir(folder).unwrap().map(|file| file.unwrap().path())).collect();
    packs.sort();
    packs
}

/// Changes a byte of a file in the middle.
fn damage(file: &Path) {
    let mut bytes = fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::remove_file(file).unwrap();
    fs::write(file, bytes).unwrap();
}

#[test]
fn a_mirror_is_the_same_repository_and_follows_it() {
    let mut place = Place::new();
    let first = place.mirror(&[]).json();
    assert_eq!((&first["files_present"], &first["files_extra"]), (&0.into(), &0.into()), "{first}");
    assert_eq!(place.ids_at_mirror(), place.ids);
    place.check_mirror();
    assert_eq!(
        fs::read(place.mirror.join("config")).unwrap(),
        fs::read(place.own.repository().join("config")).unwrap()
    );
    let again = place.mirror(&["--verify"]).json();
    assert_eq!((&again["files_copied"], &again["files_repaired"]), (&0.into(), &0.into()), "{again}");
    assert_eq!(again["files_present"], first["files_copied"].as_u64().unwrap() - 1);
    place.ids.push(place.own.snapshot(3, "alice", &[]));
    let third = place.mirror(&[]).json();
    assert!(third["files_copied"].as_u64().unwrap() < 6, "{third}");
    assert_eq!(place.ids_at_mirror(), place.ids);
    place.check_mirror();
    assert_eq!((place.own.count("locks"), count(&place.mirror.join("locks"))), (0, 0));
    let said = place.own.bygone(&["mirror", "--to", place.mirror.to_str().unwrap()]).text();
    assert!(said.starts_with("copied 0 files, 0 B; there already: "), "{said}");
}

#[test]
fn what_was_cut_off_goes_on() {
    let place = Place::new();
    place.mirror(&[]).json();
    let all = packs(&place.mirror).len();
    // As it would look then: half the packs, half of one under an unfinished name, nothing that names them.
    fs::remove_file(place.mirror.join("config")).unwrap();
    for folder in ["snapshots", "index", "keys"] {
        fs::remove_dir_all(place.mirror.join(folder)).unwrap();
    }
    for pack in packs(&place.mirror).iter().skip(1).step_by(2) {
        fs::remove_file(pack).unwrap();
    }
    let left = packs(&place.mirror).len();
    let told = place.own.bygone(&["snapshots"]).env("RESTIC_REPOSITORY", &place.mirror).fails(1);
    assert!(told.contains("is not a restic repository"), "{told}");
    let again = place.mirror(&[]).json();
    assert_eq!(again["files_present"], left);
    assert_eq!(packs(&place.mirror).len(), all);
    place.check_mirror();
}

#[test]
fn what_is_damaged_at_the_mirror_is_replaced_when_it_is_looked_at() {
    let place = Place::new();
    place.mirror(&[]).json();
    let pack = &packs(&place.mirror)[0];
    let whole = fs::read(pack).unwrap();
    damage(pack);
    assert_eq!(place.mirror(&[]).json()["files_copied"], 0);
    let verified = place.mirror(&["--verify"]).json();
    assert_eq!((&verified["files_copied"], &verified["files_repaired"]), (&1.into(), &1.into()), "{verified}");
    assert!(fs::read(pack).unwrap() == whole);
    // One that is too short is seen without looking.
    fs::remove_file(pack).unwrap();
    fs::write(pack, &whole[..1000]).unwrap();
    assert_eq!(place.mirror(&[]).json()["files_copied"], 1);
    place.check_mirror();
}

#[test]
fn what_is_damaged_at_the_source_is_named_and_not_copied_and_the_mirror_keeps_its_own() {
    let place = Place::new();
    place.mirror(&[]).json();
    let pack = packs(&place.own.repository())[0].clone();
    damage(&pack);
    let name = pack.file_name().unwrap().to_str().unwrap();
    place.mirror(&["--verify"]).json();
    place.check_mirror();
    fs::remove_file(place.mirror.join("data").join(&name[..2]).join(name)).unwrap();
    let ran = place.mirror(&[]).partly();
    assert!(ran.stderr.contains(name) && ran.stderr.contains("is damaged"), "{}", ran.stderr);
    let said: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!((&said["files_damaged"], &said["files_copied"]), (&1.into(), &0.into()));
}

#[test]
fn what_is_gone_at_the_source_goes_at_the_mirror_only_when_told_to() {
    let mut place = Place::new();
    for day in 3..=5 {
        place.ids.push(place.own.snapshot(day, "alice", &[]));
    }
    place.mirror(&[]).json();
    place.own.bygone(&["forget", "-q", &place.ids[0]]).bytes();
    place.own.bygone(&["prune", "-q", "--grace", "0", "--max-unused", "0"]).text();
    let kept = place.mirror(&[]).json();
    assert!(kept["files_extra"].as_u64().unwrap() >= 1 && kept["files_deleted"] == 0, "{kept}");
    assert_eq!(place.ids_at_mirror(), place.ids);
    place.check_mirror();
    let deleted = place.mirror(&["--delete"]).json();
    assert_eq!(deleted["files_deleted"], kept["files_extra"]);
    assert_eq!(place.ids_at_mirror(), &place.ids[1..]);
    place.check_mirror();
    assert_eq!(packs(&place.mirror).len(), packs(&place.own.repository()).len());
}

#[test]
fn a_source_that_lost_most_of_its_snapshots_deletes_nothing() {
    let place = Place::new();
    place.mirror(&[]).json();
    for file in fs::read_dir(place.own.repository().join("snapshots")).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    let told = place.mirror(&["--delete"]).fails(1);
    assert!(told.contains("no snapshot") && told.contains("--delete-any"), "{told}");
    assert_eq!(place.ids_at_mirror(), place.ids);
    // Without deleting it is only noticed.
    assert_eq!(place.mirror(&[]).json()["files_extra"], 2);
    assert_eq!(place.mirror(&["--delete-any"]).json()["files_deleted"], 2);
    assert!(place.ids_at_mirror().is_empty());
    let place = Place::new();
    for day in 3..=5 {
        place.own.snapshot(day, "alice", &[]);
    }
    place.mirror(&[]).json();
    place.own.restic.run(&["forget", "--keep-last", "2"]);
    let told = place.mirror(&["--delete"]).fails(1);
    assert!(told.contains("it lost 3 of 5 snapshots"), "{told}");
}

#[test]
fn a_mirror_that_went_its_own_way_is_named() {
    let place = Place::new();
    place.mirror(&[]).json();
    place.restic().run(&["backup", place.own.path("source").to_str().unwrap(), "--host", "stranger"]);
    for options in [&[][..], &["--delete"]] {
        let told = place.mirror(options).fails(1);
        assert!(told.contains("went its own way: it has 1 snapshots"), "{told}");
        assert!(told.contains(place.mirror.to_str().unwrap()), "{told}");
    }
    assert_eq!(place.ids_at_mirror().len(), 3);
    place.mirror(&["--delete-any"]).json();
    assert_eq!(place.ids_at_mirror(), place.ids);
    place.check_mirror();
}

#[test]
fn another_repository_is_no_mirror_and_no_repository_has_none() {
    let (place, other) = (Place::new(), Own::new());
    let to = other.repository();
    let told = place.own.bygone(&["mirror", "--delete-any", "--to", to.to_str().unwrap()]).fails(1);
    assert!(told.ends_with("another repository is there") && told.contains(to.to_str().unwrap()), "{told}");
    other.check();
    let told = place.mirror(&[]).env("RESTIC_REPOSITORY", place.own.path("source")).fails(1);
    assert!(told.contains("is not a restic repository"), "{told}");
    assert!(!place.mirror.exists());
    assert!(place.mirror(&[]).env("RESTIC_PASSWORD", "wrong").fails(1).contains("wrong password"));
}

#[test]
fn locks_at_either_place_are_heeded() {
    let place = Place::new();
    place.mirror(&[]).json();
    let mut holder = place.restic().command(&["backup", "--stdin"]);
    let mut holder = holder.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_until("restic's lock", || count(&place.mirror.join("locks")) == 1);
    place.mirror(&[]).json();
    let told = place.mirror(&["--delete"]).fails(11);
    assert!(told.contains(&format!("locked by PID {}", holder.id())), "{told}");
    holder.kill().unwrap();
    holder.wait().unwrap();
    // Exclusively at the source.
    let mut holder = place.own.restic.command(&["key", "passwd"]);
    let mut holder = holder.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_until("restic's lock", || place.own.count("locks") == 1);
    assert!(place.mirror(&[]).fails(11).contains("locked exclusively by"));
    place.mirror(&["--no-lock"]).json();
    holder.kill().unwrap();
    holder.wait().unwrap();
}

#[test]
fn over_every_kind_of_storage_and_with_keys_of_the_mirrors_own() {
    let place = Place::new();
    let (s3, sftp, rest) = (S3Server::start(), SftpServer::start(), RestServer::start(Reach::Open));
    let to_s3 = s3.location("mirror-bucket/prefix");
    let bygone = place
        .own
        .bygone(&["mirror", "-q", "--to", &to_s3])
        // Whatever the source's keys are.
        .env("AWS_ACCESS_KEY_ID", "nobody")
        .env("AWS_SECRET_ACCESS_KEY", "nothing")
        .env("BYGONE_MIRROR_AWS_ACCESS_KEY_ID", bygone_tests::s3::ACCESS_KEY)
        .env("BYGONE_MIRROR_AWS_SECRET_ACCESS_KEY", bygone_tests::s3::SECRET_KEY);
    bygone.bytes();
    s3.restic("mirror-bucket/prefix").run(&["check", "--read-data"]);
    let identity = format!("sftp.identity-file={}", sftp.identity().display());
    let known = format!("sftp.known-hosts={}", sftp.known_hosts().display());
    let to_sftp = sftp.location("mirror");
    place.own.bygone(&["mirror", "-q", "-o", &identity, "-o", &known, "--to", &to_sftp]).bytes();
    Restic::new(sftp.path("mirror").to_str().unwrap()).run(&["check", "--read-data"]);
    place.own.bygone(&["mirror", "-q", "--to", &rest.location("mirror")]).bytes();
    rest.restic("mirror").run(&["check", "--read-data"]);
    // And from there.
    let back = place.own.path("back");
    let bygone = place.own.bygone(&["mirror", "-q", "--to", back.to_str().unwrap()]);
    bygone.env("RESTIC_REPOSITORY", rest.location("mirror")).bytes();
    Restic::new(back.to_str().unwrap()).run(&["check", "--read-data"]);
}

#[test]
fn an_interrupted_mirror_releases_its_lock_and_goes_on_later() {
    let place = Place::new();
    let mut command = place.mirror(&["--limit-upload", "512"]).command();
    let mut mirroring = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until("the lock", || place.own.count("locks") == 1 && place.mirror.join("data").exists());
    let begun = std::time::Instant::now();
    let killed = std::process::Command::new("kill").args(["-INT", &mirroring.id().to_string()]).status().unwrap();
    assert!(killed.success());
    assert_eq!(mirroring.wait().unwrap().code(), Some(130));
    assert!(begun.elapsed() < std::time::Duration::from_secs(5), "{:?}", begun.elapsed());
    let mut said = String::new();
    mirroring.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert_eq!((place.own.count("locks"), place.mirror.join("config").exists()), (0, false));
    place.mirror(&[]).json();
    place.check_mirror();
}

#[test]
fn what_reads_reads_the_mirror_while_the_repository_is_away() {
    let place = Place::new();
    place.mirror(&[]).json();
    let mut server = RestServer::start(Reach::Open);
    fs::rename(place.own.repository(), server.served().join("repository"))
        .or_else(|_| {
            fs::create_dir_all(server.served())?;
            fs::rename(place.own.repository(), server.served().join("repository"))
        })
        .unwrap();
    let file = format!("latest:{}/more", place.own.path("source").display());
    let read = |arguments: &[&str]| {
        place
            .own
            .bygone(arguments)
            .env("RESTIC_REPOSITORY", server.location("repository"))
            .env("BYGONE_FAILOVER", &place.mirror)
            .env("BYGONE_RETRIES", "0")
    };
    let saved = fs::read(place.own.path("source/more")).unwrap();
    assert!(read(&["cat", &file, "--no-cache"]).bytes() == saved);
    #[cfg(feature = "mount")]
    {
        fs::create_dir(place.own.path("point")).unwrap();
        read(&["mount", "--background", "latest", "point", "--no-cache"]).bytes();
    }
    let (location, port) = (server.location("repository"), server.port());
    server.stop();
    let read = |arguments: &[&str]| {
        let program = place.own.bygone(arguments).env("RESTIC_REPOSITORY", &location);
        program.env("BYGONE_FAILOVER", &place.mirror).env("BYGONE_RETRIES", "0")
    };
    for cache in ["--no-cache", "--cache-dir=fresh"] {
        let ran = read(&["cat", &file, cache]).run();
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stdout == saved);
        assert_eq!(ran.stderr.matches("its mirror is read").count(), 1, "{}", ran.stderr);
        assert!(ran.stderr.contains(&port.to_string()), "{}", ran.stderr);
    }
    #[cfg(feature = "mount")]
    {
        let inside = place.own.path("point").join(place.own.path("source/large").strip_prefix("/").unwrap());
        assert!(fs::read(inside).unwrap() == noise(1, 9 << 20));
        place.own.bygone(&["umount", "point"]).bytes();
    }
    // Writing waits for the repository itself.
    let told = read(&["forget", "--keep-last", "1"]).fails(1);
    assert!(told.contains(&port.to_string()), "{told}");
    let told = read(&["cat", &file]).env("BYGONE_FAILOVER", "").fails(1);
    assert!(told.contains(&port.to_string()), "{told}");
    // A disk that is not there.
    let ran = place.own.bygone(&["cat", &file, "--failover", place.mirror.to_str().unwrap()]).run();
    assert!(ran.code == Some(0) && ran.stdout == saved, "{}", ran.stderr);
    fs::create_dir(place.own.repository()).unwrap();
    let ran = place.own.bygone(&["cat", &file, "--failover", place.mirror.to_str().unwrap()]).run();
    assert!(ran.code == Some(0) && ran.stdout == saved, "{}", ran.stderr);
}
