//! S3 Object Lock: what is written cannot be removed, and what does not keep locks is found out.

use std::time::Duration;

use bygone_common::Secret;
use bygone_tests::process::wait_until;
use bygone_tests::rclone_s3::RcloneS3;
use bygone_tests::s3::{ACCESS_KEY, S3Server, SECRET_KEY, WRITER_ACCESS_KEY, WRITER_SECRET_KEY};
use bygone_vault::ErrorKind;
use bygone_vault::backend::object_lock::{LockMode, Prolonged, Retention, RetentionPolicy, Swept};
use bygone_vault::backend::{BackendOptions, FileId, FileKind, ObjectLock, OpenStorage};
use jiff::{SignedDuration, Timestamp};

use super::contract::once;
use super::writing;
use crate::fixture::noise;

/// Kinds of files that a policy retains.
const RETAINED: [FileKind; 4] = [FileKind::Key, FileKind::Snapshot, FileKind::Index, FileKind::Pack];

fn keys(access_key: &str, secret_key: &str) -> BackendOptions {
    let mut options = BackendOptions::default();
    options.s3.access_key = Some(access_key.to_owned());
    options.s3.secret_key = Some(Secret::new(secret_key.to_owned()));
    once(options)
}

fn as_admin(location: &str) -> (OpenStorage, ObjectLock) {
    let open = writing::open(location, &keys(ACCESS_KEY, SECRET_KEY));
    let lock = open.object_lock.clone().unwrap();
    (open, lock)
}

fn as_writer(server: &S3Server, place: &str) -> (OpenStorage, ObjectLock) {
    let open = writing::open(&server.location(place), &keys(WRITER_ACCESS_KEY, WRITER_SECRET_KEY));
    let lock = open.object_lock.clone().unwrap();
    (open, lock)
}

/// The path of a file as the server knows it.
fn path(place: &str, file: FileId) -> String {
    match file.kind {
        FileKind::Config => format!("/{place}/config"),
        FileKind::Pack => format!("/{place}/data/{}/{}", &file.id.to_hex()[..2], file.id),
        kind => format!("/{place}/{}/{}", kind.folder(), file.id),
    }
}

/// Everything the server keeps below a prefix of a bucket, removed or not: (key, version).
fn versions(server: &S3Server, bucket: &str, prefix: &str) -> Vec<(String, String)> {
    let bucket = format!("/{bucket}");
    let listing = server.as_admin("GET", &bucket).query("versions", "").query("prefix", prefix).send();
    assert_eq!(listing.status, 200, "{listing:?}");
    let between = |text: &str, tag: &str| {
        let (_, rest) = text.split_once(&format!("<{tag}>")).unwrap();
        rest.split_once(&format!("</{tag}>")).unwrap().0.to_owned()
    };
    let entries = listing.text.split("<Version>").flat_map(|text| text.split("<DeleteMarker>")).skip(1);
    entries.map(|entry| (between(entry, "Key"), between(entry, "VersionId"))).collect()
}

#[test]
fn a_bucket_must_have_versions_and_object_lock_and_no_rule_of_its_own() {
    let server = S3Server::start();
    let check = |place: &str| as_admin(&server.location(place)).1.check_bucket();

    let error = check("nowhere").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{}", error.chain());

    assert_eq!(server.as_admin("PUT", "/plain").send().status, 200);
    let error = check("plain/repo").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.chain().contains("the bucket plain does not keep versions"), "{}", error.chain());

    let on = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    let versioned = server.as_admin("PUT", "/plain").query("versioning", "").body(on).send();
    assert_eq!(versioned.status, 200, "{versioned:?}");
    let error = check("plain/repo").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.chain().contains("the bucket plain has no Object Lock"), "{}", error.chain());

    let (_, lock) = as_admin(&server.location("made/repo"));
    lock.create_bucket().unwrap();
    lock.create_bucket().unwrap();
    lock.check_bucket().unwrap();
    lock.check_clock().unwrap();

    let rule = b"<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>\
        <Mode>COMPLIANCE</Mode><Days>1</Days></DefaultRetention></Rule></ObjectLockConfiguration>";
    let ruled = server.as_admin("PUT", "/made").query("object-lock", "").body(rule).send();
    assert_eq!(ruled.status, 200, "{ruled:?}");
    let error = check("made/repo").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.chain().contains("lock files"), "{}", error.chain());
}

#[test]
fn a_server_that_keeps_locks_is_told_from_one_that_takes_them_and_forgets() {
    let server = S3Server::start();
    server.make_locked_bucket("worm");
    for mode in [LockMode::Governance, LockMode::Compliance] {
        let (_, lock) = as_writer(&server, "worm/repo");
        let probed = lock.probe(mode).unwrap();
        assert_eq!((probed.keys_may_bypass, probed.left_behind), (false, None), "{mode}");
    }
    // The administrator's keys could lift what they lock, in the one mode that lets anybody.
    let (_, lock) = as_admin(&server.location("worm/repo"));
    assert!(lock.probe(LockMode::Governance).unwrap().keys_may_bypass);
    assert!(!lock.probe(LockMode::Compliance).unwrap().keys_may_bypass);
    assert_eq!(versions(&server, "worm", ""), [], "nothing is left of any probe");

    let rclone = RcloneS3::start();
    let (_, lock) = as_admin(&rclone.location("bucket/repo"));
    let error = lock.check_bucket().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{}", error.chain());
    let error = lock.probe(LockMode::Compliance).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{}", error.chain());
    assert!(error.chain().contains("takes Object Lock and does not keep it"), "{}", error.chain());
}

#[test]
fn what_is_written_under_a_policy_stays_whatever_our_keys_try() {
    let server = S3Server::start();
    server.make_locked_bucket("worm");
    let (open, lock) = as_writer(&server, "worm/repo");
    let policy = RetentionPolicy::new(LockMode::Compliance, 30).unwrap();
    lock.protect(policy);
    let before = Timestamp::now() - SignedDuration::from_secs(1);
    let mut files = vec![(FileId::CONFIG, b"config".to_vec().into())];
    files.extend((1..).zip(RETAINED).map(|(seed, kind)| writing::file(kind, &noise(seed, 10_000))));
    // One that is sent in parts.
    files.push(writing::file(FileKind::Pack, &noise(9, 70 << 20)));
    for (file, content) in &files {
        open.storage.write(*file, content).unwrap();
        let protection = lock.protection(*file).unwrap();
        let retention = protection.retention.unwrap_or_else(|| panic!("{file} is not retained"));
        assert_eq!(retention.mode, LockMode::Compliance, "{file}");
        assert!(retention.until >= policy.until(before) && retention.until <= policy.until(Timestamp::now()), "{file}");

        if file.kind == FileKind::Index {
            check_index_file(&server, &open, &lock, *file);
            continue;
        }
        // Through us,
        let error = open.storage.remove(*file).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Retained, "{}", error.chain());
        let day = retention.until.strftime("%Y-%m-%d").to_string();
        assert!(error.chain().contains("locked until ") && error.chain().contains(&day), "{}", error.chain());
        // and past us, by whoever has our keys, even those of the account.
        let path = path("worm/repo", *file);
        for (_, version) in versions(&server, "worm", path.strip_prefix("/worm/").unwrap()) {
            for (request, bypass) in
                [(server.as_writer("DELETE", &path), false), (server.as_admin("DELETE", &path), true)]
            {
                let request = request.query("versionId", &version);
                let request =
                    if bypass { request.header("x-amz-bypass-governance-retention", "true") } else { request };
                let refused = request.send();
                assert_eq!(refused.status, 403, "{refused:?}");
            }
        }
        assert!(open.storage.read(*file).unwrap() == content.to_vec(), "{file}");
    }

    // Lock files come and go, and leave nothing behind.
    let (name, content) = writing::file(FileKind::Lock, b"a lock");
    open.storage.write(name, &content).unwrap();
    assert_eq!(lock.protection(name).unwrap().retention, None);
    open.storage.remove(name).unwrap();
    assert_eq!(versions(&server, "worm", "repo/locks/"), []);

    // Somebody hides a file: what is locked is still there.
    let (file, _) = files[1];
    let path = path("worm/repo", file);
    let hidden = server.as_writer("DELETE", &path).send();
    assert_eq!(hidden.status, 204, "{hidden:?}");
    assert_eq!(open.storage.read(file).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(versions(&server, "worm", path.strip_prefix("/worm/").unwrap()).len(), 2);
    assert_eq!(open.storage.remove(file).unwrap_err().kind(), ErrorKind::Retained);
}

/// An index file that is locked is hidden, once, and is still there.
fn check_index_file(server: &S3Server, open: &OpenStorage, lock: &ObjectLock, file: FileId) {
    for _ in 0..2 {
        open.storage.remove(file).unwrap();
        assert_eq!(open.storage.list(FileKind::Index).unwrap(), []);
        assert_eq!(versions(server, "worm", "repo/index/").len(), 2);
    }
    assert_eq!(lock.sweep_index().unwrap(), Swept { removed: 0, locked: 1 });
    assert_eq!(versions(server, "worm", "repo/index/").len(), 2);
}

/// Seconds for which files are retained that are to be seen to become free.
const SHORT_SECONDS: i64 = 6;

#[test]
fn once_its_time_is_over_a_file_goes_with_all_its_versions() {
    let server = S3Server::start();
    server.make_locked_bucket("worm");
    let (open, lock) = as_writer(&server, "worm/repo");
    let (name, content) = writing::file(FileKind::Pack, &noise(1, 10_000));
    // Twice, as after an answer that was lost: two versions.
    open.storage.write(name, &content).unwrap();
    open.storage.write(name, &content).unwrap();
    let (index, content) = writing::file(FileKind::Index, b"an index file");
    open.storage.write(index, &content).unwrap();
    let until = Timestamp::now() + SignedDuration::from_secs(SHORT_SECONDS);
    let retention = Retention { mode: LockMode::Governance, until };
    for file in [name, index] {
        assert_eq!(lock.extend(file, retention).unwrap(), Prolonged::Now);
    }
    lock.protect(RetentionPolicy::new(LockMode::Governance, 1).unwrap());
    // Hidden by somebody: that is a version, too.
    assert_eq!(server.as_writer("DELETE", &path("worm/repo", name)).send().status, 204);
    open.storage.remove(index).unwrap();
    assert_eq!(lock.sweep_index().unwrap(), Swept { removed: 0, locked: 1 });
    assert_eq!(versions(&server, "worm", "repo/").len(), 5);

    assert_eq!(open.storage.remove(name).unwrap_err().kind(), ErrorKind::Retained);
    assert_eq!(versions(&server, "worm", "repo/").len(), 5, "nothing goes before everything may");
    wait_until("the end of the retention", || Timestamp::now() > until + Duration::from_secs(1));
    open.storage.remove(name).unwrap();
    assert_eq!(lock.sweep_index().unwrap(), Swept { removed: 1, locked: 0 });
    assert_eq!(versions(&server, "worm", "repo/"), []);
    open.storage.remove(name).unwrap();
}

#[test]
fn a_retention_is_prolonged_and_never_shortened() {
    let server = S3Server::start();
    server.make_locked_bucket("worm");
    let (open, lock) = as_writer(&server, "worm/repo");
    let (name, content) = writing::file(FileKind::Pack, &noise(1, 10_000));
    open.storage.write(name, &content).unwrap();
    let now = Timestamp::now();
    let retention = |mode, hours| Retention { mode, until: now + SignedDuration::from_hours(hours) };
    let whole = |retention: Retention| (retention.mode, retention.until.as_second());
    let is = || whole(lock.protection(name).unwrap().retention.unwrap());
    for (asked, answer, then) in [
        (retention(LockMode::Governance, 48), Prolonged::Now, retention(LockMode::Governance, 48)),
        (retention(LockMode::Governance, 24), Prolonged::Already, retention(LockMode::Governance, 48)),
        (retention(LockMode::Governance, 72), Prolonged::Now, retention(LockMode::Governance, 72)),
        // Nobody could lift that any more: it takes more rights than to prolong.
        (retention(LockMode::Compliance, 96), Prolonged::Now, retention(LockMode::Governance, 96)),
    ] {
        assert_eq!(lock.extend(name, asked).unwrap(), answer, "{asked:?}");
        assert_eq!(is(), whole(then), "{asked:?}");
    }
    let (missing, _) = writing::file(FileKind::Pack, b"never written");
    let error = lock.extend(missing, retention(LockMode::Governance, 1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{}", error.chain());
    assert_eq!(lock.protection(missing).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn a_legal_hold_keeps_a_file_until_it_is_lifted() {
    let server = S3Server::start();
    server.make_locked_bucket("worm");
    let (open, lock) = as_writer(&server, "worm/repo");
    let (name, content) = writing::file(FileKind::Pack, &noise(1, 10_000));
    open.storage.write(name, &content).unwrap();
    lock.set_legal_hold(name, true).unwrap();
    lock.set_legal_hold(name, true).unwrap();
    assert!(lock.protection(name).unwrap().has_legal_hold);
    let error = open.storage.remove(name).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Retained, "{}", error.chain());
    assert!(error.chain().contains("legal hold"), "{}", error.chain());
    lock.set_legal_hold(name, false).unwrap();
    open.storage.remove(name).unwrap();
    assert_eq!(versions(&server, "worm", "repo/"), []);
}

#[test]
fn a_bucket_with_versions_and_without_a_policy_loses_the_bytes_that_are_removed() {
    let server = S3Server::start();
    server.make_locked_bucket("versioned");
    let (open, _) = as_admin(&server.location("versioned/repo"));
    for kind in RETAINED.into_iter().chain([FileKind::Lock]) {
        let (name, content) = writing::file(kind, &noise(1, 10_000));
        open.storage.write(name, &content).unwrap();
        open.storage.write(name, &content).unwrap();
        open.storage.remove(name).unwrap();
        assert_eq!(versions(&server, "versioned", "repo/"), [], "{kind:?}");
    }
}
