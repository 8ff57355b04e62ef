//! `bygone init --worm` and `bygone worm`: over an S3 server that locks objects, with stock restic beside us.

use std::fs;

use bygone_tests::noise::noise;
use bygone_tests::process::wait_until;
use bygone_tests::rclone_s3::RcloneS3;
use bygone_tests::restic::{PASSWORD, Restic};
use bygone_tests::s3::{ACCESS_KEY, S3Server, SECRET_KEY, WRITER_ACCESS_KEY, WRITER_SECRET_KEY};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tempfile::TempDir;

use crate::own::CHEAP;
use crate::program::Program;

/// A server, and a place for a repository on it.
struct Place {
    server: S3Server,
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { server: S3Server::start(), folder: tempfile::tempdir().unwrap() }
    }

    /// A repository whose files are locked for 30 days.
    fn with_repository(mode: &str) -> Self {
        let place = Self::new();
        place.server.make_locked_bucket("bucket");
        place.bygone(&["init", "-q", "--worm", mode, "--days", "30"]).arguments(&CHEAP).bytes();
        place
    }

    fn location(&self) -> String {
        self.server.location("bucket/repo")
    }

    /// With keys that may write and lock, but not lift locks.
    fn bygone(&self, arguments: &[&str]) -> Program {
        bygone(self.folder.path(), &self.location(), (WRITER_ACCESS_KEY, WRITER_SECRET_KEY)).arguments(arguments)
    }

    fn restic(&self) -> Restic {
        self.server.restic("bucket/repo").arguments(&["--quiet"])
    }

    /// A snapshot that stock restic takes of new noise, and so without any lock; answers its id.
    fn snapshot(&self, name: &str) -> String {
        let source = self.folder.path().join(name);
        let seed = name.bytes().map(u64::from).sum();
        fs::create_dir_all(&source).unwrap();
        fs::write(source.join("noise"), noise(seed, 300_000)).unwrap();
        let said = self.restic().run(&["backup", source.to_str().unwrap(), "--json"]);
        let last: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
        last["snapshot_id"].as_str().unwrap().to_owned()
    }

    /// All versions and markers that the server keeps of a folder, seen or not.
    fn versions(&self, folder: &str) -> Vec<String> {
        let prefix = format!("repo/{folder}/");
        let listing = self.server.as_admin("GET", "/bucket").query("versions", "").query("prefix", &prefix).send();
        assert_eq!(listing.status, 200, "{listing:?}");
        let ids = listing.text.split("<VersionId>").skip(1).map(|text| text.split('<').next().unwrap().to_owned());
        ids.collect()
    }

    fn status(&self) -> Value {
        self.bygone(&["worm", "status", "--json"]).json()
    }

    /// What `status` counts of a kind.
    fn count(&self, kind: &str, what: &str) -> u64 {
        let status = self.status();
        let kinds = status["kinds"].as_array().unwrap();
        kinds.iter().find(|fields| fields["kind"] == kind).unwrap()[what].as_u64().unwrap()
    }
}

fn bygone(folder: &std::path::Path, location: &str, keys: (&str, &str)) -> Program {
    Program::bygone(folder)
        .env("RESTIC_REPOSITORY", location)
        .env("RESTIC_PASSWORD", PASSWORD)
        .env("AWS_ACCESS_KEY_ID", keys.0)
        .env("AWS_SECRET_ACCESS_KEY", keys.1)
        .env("BYGONE_RETRIES", "0")
}

#[test]
fn init_takes_only_what_locks() {
    let place = Place::new();
    let worm = ["init", "--worm", "compliance", "--days", "30"];
    let admin = (ACCESS_KEY, SECRET_KEY);
    let fails = |location: &str| bygone(place.folder.path(), location, admin).arguments(&worm).fails(1);

    assert_eq!(place.server.as_admin("PUT", "/plain").send().status, 200);
    let told = fails(&place.server.location("plain/repo"));
    assert!(told.contains("the bucket plain does not keep versions"), "{told}");
    let on = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    assert_eq!(place.server.as_admin("PUT", "/plain").query("versioning", "").body(on).send().status, 200);
    let told = fails(&place.server.location("plain/repo"));
    assert!(told.contains("the bucket plain has no Object Lock"), "{told}");
    let told = fails(&RcloneS3::start().location("bucket/repo"));
    assert!(told.contains("the bucket bucket"), "{told}");
    let told = fails(place.folder.path().join("local").to_str().unwrap());
    assert!(told.contains("cannot lock files"), "{told}");
    assert!(!place.folder.path().join("local").exists());

    // A bucket that is not there is made as it must be.
    let made = bygone(place.folder.path(), &place.server.location("made/repo"), admin).arguments(&worm);
    let told = made.arguments(&CHEAP).text();
    assert!(told.contains("locked for 30 days") && told.contains("(compliance)"), "{told}");
    // Governance can be lifted by these keys: it is told.
    let warned = bygone(place.folder.path(), &place.server.location("made/weak"), admin);
    let warned = warned.arguments(&["init", "--worm", "governance", "--days", "1"]).arguments(&CHEAP).run();
    assert!(warned.code == Some(0) && warned.stderr.contains("may lift a governance retention"), "{}", warned.stderr);

    for wrong in [
        &["init", "--worm", "compliance"][..],
        &["init", "--days", "3"],
        &["init", "--worm", "strict", "--days", "3"],
        &["init", "--worm", "compliance", "--days", "0"],
    ] {
        assert_eq!(place.bygone(wrong).run().code, Some(2), "{wrong:?}");
    }
}

#[test]
fn what_init_writes_is_locked_and_restic_works_beside_it() {
    let place = Place::with_repository("compliance");
    let before = place.status();
    assert_eq!((&before["mode"], &before["days"]), (&"compliance".into(), &30.into()));
    for kind in ["config", "keys"] {
        assert_eq!((place.count(kind, "compliance"), place.count(kind, "unprotected")), (1, 0), "{kind}");
    }
    let first = place.snapshot("first");
    place.restic().run(&["check", "--read-data"]);
    assert_eq!(place.count("locks", "files"), 0);
    for (kind, files) in [("snapshots", 1), ("index", 1), ("data", 2)] {
        assert_eq!((place.count(kind, "files"), place.count(kind, "unprotected")), (files, files), "{kind}");
    }
    let told = place.bygone(&["worm", "status"]).text();
    assert!(told.contains("`bygone worm extend` locks those"), "{told}");

    let extended = place.bygone(&["worm", "extend", "--json"]).json();
    assert_eq!((&extended["needed"], &extended["missing"]), (&6.into(), &0.into()), "{extended}");
    for kind in ["config", "keys", "snapshots", "index", "data"] {
        assert_eq!(place.count(kind, "unprotected"), 0, "{kind}");
    }
    let told = place.bygone(&["worm", "status"]).text();
    assert!(!told.contains("worm extend"), "{told}");
    // Again: nothing is left to do but for the seconds since.
    let until = (Timestamp::now() + SignedDuration::from_hours(24 * 20)).to_string();
    let again = place.bygone(&["worm", "extend", "--json", "--until", &until]).json();
    assert_eq!((&again["prolonged"], &again["already"]), (&0.into(), &6.into()), "{again}");

    // What we write later is locked too, and we are refused as anybody is.
    let password = place.folder.path().join("new password");
    fs::write(&password, "another").unwrap();
    let added = place.bygone(&["key", "add", "--json", "--new-password-file", password.to_str().unwrap()]);
    let added = added.arguments(&CHEAP).json()["id"].as_str().unwrap().to_owned();
    assert_eq!((place.count("keys", "compliance"), place.count("keys", "files")), (2, 2));
    let told = place.bygone(&["key", "remove", &added]).fails(1);
    assert!(told.contains("locked until 20") && told.contains("(compliance)"), "{told}");
    assert_eq!(place.count("locks", "files"), 0);
    place.restic().run(&["check", "--read-data"]);
    let listed = place.bygone(&["ls", "-R", &first]).text();
    assert!(listed.contains("noise"), "{listed}");

    let told = place.bygone(&["worm", "extend", "--until", "2020-01-01"]).fails(2);
    assert!(told.contains("that is over"), "{told}");
}

#[test]
fn only_what_the_named_snapshots_need_is_locked_for_longer() {
    let place = Place::with_repository("compliance");
    let (first, second) = (place.snapshot("first"), place.snapshot("second"));
    let extended = place.bygone(&["worm", "extend", "--json", "--days", "90", &second]).json();
    // Its two packs, their index file and its snapshot; the key and the config.
    assert_eq!((&extended["needed"], &extended["prolonged"]), (&6.into(), &6.into()), "{extended}");
    assert_eq!((place.count("data", "compliance"), place.count("data", "unprotected")), (2, 2));
    assert_eq!((place.count("index", "compliance"), place.count("index", "unprotected")), (1, 1));
    assert_eq!((place.count("snapshots", "compliance"), place.count("snapshots", "unprotected")), (1, 1));
    let extended = place.bygone(&["worm", "extend", "--json", "--days", "60"]).json();
    assert_eq!((&extended["needed"], &extended["prolonged"]), (&10.into(), &4.into()), "{extended}");
    let days = |end: &str| {
        let status = place.status();
        let data = status["kinds"].as_array().unwrap().iter().find(|kind| kind["kind"] == "data").unwrap().clone();
        let end: Timestamp = data[end].as_str().unwrap().parse().unwrap();
        (end.duration_since(Timestamp::now()).as_hours() + 12) / 24
    };
    assert_eq!((days("first_end"), days("last_end")), (60, 90));
    let told = place.bygone(&["worm", "extend", "00000000"]).fails(1);
    assert!(told.contains("00000000"), "{told}");
    place.restic().run(&["check", "--read-data"]);
    assert_eq!(place.bygone(&["ls", &first]).run().code, Some(0));
}

#[test]
fn a_legal_hold_keeps_what_a_snapshot_needs_until_no_held_one_needs_it() {
    let place = Place::with_repository("governance");
    let first = place.snapshot("first");
    // The same content once more, in trees of its own: the pack of the content is the first one's.
    let again = place.snapshot("first");
    let other = place.snapshot("other");
    let hold =
        |switch: &str, ids: &[&str]| place.bygone(&["worm", "legal-hold", switch, "--json"]).arguments(ids).json();
    let held = || ["snapshots", "index", "data"].map(|kind| place.count(kind, "legal_hold"));
    let on = hold("on", &[&first, &again]);
    assert_eq!(on["missing"], 0, "{on}");
    let [snapshots, _, packs] = held();
    assert_eq!((snapshots, packs), (2, 3), "{on}");
    assert_eq!(place.count("data", "files"), 5);

    let off = hold("off", &[&again]);
    // The pack of the content, and the index file that names it.
    assert_eq!(off["still_needed"], 2, "{off}");
    let [snapshots, _, packs] = held();
    assert_eq!((snapshots, packs), (1, 2), "{off}");
    hold("off", &[&first]);
    assert_eq!(held(), [0, 0, 0]);
    hold("on", &[&other]);
    assert_eq!(held(), [1, 1, 2]);
    let told = place.bygone(&["worm", "legal-hold", "on"]).run();
    assert_eq!(told.code, Some(2));
}

#[test]
fn places_without_object_lock_say_so() {
    let own = crate::own::Own::new();
    for verb in [&["worm", "status"][..], &["worm", "extend", "--days", "1", "--mode", "governance"]] {
        let told = own.bygone(verb).fails(1);
        assert!(told.contains("cannot lock files"), "{told}");
    }
}

/// Seconds for which packs are locked that are to be seen to become free.
const SHORT_SECONDS: i64 = 15;

#[test]
fn prune_says_until_when_packs_are_locked_and_deletes_all_their_versions_then() {
    let place = Place::with_repository("governance");
    let (first, second) = (place.snapshot("first"), place.snapshot("second"));
    let until = Timestamp::now() + SignedDuration::from_secs(SHORT_SECONDS);
    place.bygone(&["worm", "extend", "-q", "--until", &until.to_string(), &first]).bytes();
    place.restic().run(&["forget", &first]);
    let kept = place.versions("data");
    let prune = || place.bygone(&["prune", "--grace", "0", "--max-unused", "0", "--json"]).json();

    let pruned = prune();
    assert_eq!((&pruned["locked"]["packs"], &pruned["packs_deleted"]), (&2.into(), &0.into()), "{pruned}");
    let said: Timestamp = pruned["locked_until"].as_str().unwrap().parse().unwrap();
    assert_eq!(said.as_second(), until.as_second());
    assert_eq!(place.versions("data"), kept);
    let told = place.bygone(&["prune", "--dry-run"]).text();
    assert!(told.contains("locked in the storage: 2 packs"), "{told}");
    // The first one's index file gave way to one that marks its packs: it is locked, and so hidden for now.
    assert_eq!((place.count("index", "files"), place.count("index", "governance")), (2, 1));
    assert_eq!(place.versions("index").len(), 4);
    place.restic().run(&["check", "--read-data"]);

    wait_until("the end of the retention", || Timestamp::now() > until + SignedDuration::from_secs(1));
    let pruned = prune();
    assert_eq!((&pruned["locked"]["packs"], &pruned["packs_deleted"]), (&0.into(), &2.into()), "{pruned}");
    let left = place.versions("data");
    assert_eq!(left.len(), kept.len() - 2, "no version and no marker stays of what was deleted");
    // The index file of the first prune is hidden now, and that of the first snapshot is free and gone.
    assert_eq!((place.count("index", "files"), place.versions("index").len()), (1, 3));
    place.restic().run(&["check", "--read-data"]);
    assert_eq!(place.bygone(&["ls", &second]).run().code, Some(0));
}

#[test]
fn what_backup_writes_is_locked_and_forget_is_refused() {
    let place = Place::with_repository("compliance");
    let source = place.folder.path().join("source");
    fs::create_dir(&source).unwrap();
    fs::write(source.join("noise"), noise(1, 300_000)).unwrap();
    for _ in 0..2 {
        place.bygone(&["backup", "-q", source.to_str().unwrap()]).bytes();
        fs::write(source.join("more"), "more").unwrap();
    }
    for kind in ["config", "keys", "snapshots", "index", "data"] {
        let (files, locked) = (place.count(kind, "files"), place.count(kind, "compliance"));
        assert!(files > 0 && files == locked, "{kind}: {locked} of {files}");
    }
    assert_eq!(place.count("locks", "files"), 0);
    place.restic().run(&["check", "--read-data"]);
    let forget = || place.bygone(&["forget", "--keep-last", "1", "-q"]);
    let ran = forget().run();
    assert!(ran.code == Some(1) && ran.stderr.contains("locked until 20"), "{:?} {}", ran.code, ran.stderr);
    assert_eq!(place.count("snapshots", "files"), 2);
    // A hold lies in a new file of the snapshot. The old one is locked: it stays for its time, and is not listed.
    let held = place.bygone(&["hold", "add", "--case", "c", "--reason", "r", "latest"]).run();
    assert_eq!(held.code, Some(0), "{}", held.stderr);
    assert_eq!((place.count("snapshots", "files"), place.count("snapshots", "legal_hold")), (2, 1));
    assert_eq!(place.versions("snapshots").len(), 4);
    assert_eq!(place.count("locks", "files"), 0);
}

#[test]
fn a_hold_is_a_legal_hold_in_storage_that_has_it() {
    let place = Place::with_repository("governance");
    // Taken by stock restic: nothing of it is locked.
    let (first, _) = (place.snapshot("first"), place.snapshot("second"));
    let hold = |verb: &[&str]| assert_eq!(place.bygone(&["hold"]).arguments(verb).run().code, Some(0), "{verb:?}");
    let held = || ["snapshots", "index", "data"].map(|kind| place.count(kind, "legal_hold"));
    hold(&["add", "--case", "one", "--reason", "r", &first]);
    assert_eq!(held(), [1, 1, 2]);
    let listed = place.bygone(&["hold", "list", "--json"]).json();
    let id = listed[0]["snapshot"].as_str().unwrap().to_owned();
    hold(&["add", "--case", "two", "--reason", "r", &id]);
    assert_eq!((held(), place.count("snapshots", "files")), ([1, 1, 2], 2));
    hold(&["release", "--case", "one"]);
    assert_eq!(held(), [1, 1, 2]);
    hold(&["release", "--case", "two"]);
    assert_eq!((held(), place.count("snapshots", "files")), ([0, 0, 0], 2));
    place.restic().run(&["check", "--read-data"]);
}
