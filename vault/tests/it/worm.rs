//! The policy in a repository's config: others pass over it, and we go by it.

use std::fs;
use std::path::Path;

use bygone_common::Secret;
use bygone_tests::noise::noise;
use bygone_tests::restic::{PASSWORD, Restic};
use bygone_tests::s3::{S3Server, WRITER_ACCESS_KEY, WRITER_SECRET_KEY};
use bygone_vault::backend::object_lock::{LockMode, RetentionPolicy};
use bygone_vault::backend::{self, BackendOptions, CancelToken, FileKind, OpenStorage, RetryPolicy, SharedStorage};
use bygone_vault::config::Policy;
use bygone_vault::init::{InitOptions, init};
use bygone_vault::key::{KeyCost, NewKey};
use bygone_vault::mirror::{self, Delete, MirrorOptions, MirrorPlan, Mirrored};
use bygone_vault::progress::Unwatched;
use bygone_vault::rustic::{backends, run};
use bygone_vault::worm::{self, Applied, KindStatus};
use bygone_vault::{Engine, EngineOptions, ErrorKind, OpenOptions, Repository as Ours, Result, Unlock, Unlocked};
use jiff::Timestamp;
use rustic_core::{Credentials, Repository, RepositoryOptions};

use crate::cheap::storage_at;

/// Storage on an S3 server, with keys that may lock files and not lift that.
pub(crate) fn on_s3(location: &str) -> OpenStorage {
    let mut options = BackendOptions { retry: RetryPolicy::never(), ..BackendOptions::default() };
    options.s3.access_key = Some(WRITER_ACCESS_KEY.to_owned());
    options.s3.secret_key = Some(Secret::new(WRITER_SECRET_KEY.to_owned()));
    backend::open_storage(&location.parse().unwrap(), &options).unwrap()
}

pub(crate) fn mirror(from: &SharedStorage, to: &SharedStorage, delete: Delete) -> Result<Mirrored> {
    let options = MirrorOptions { verify: false, delete, seen: Vec::new() };
    let plan = MirrorPlan::make(from.as_ref(), to.as_ref(), &options)?;
    mirror::execute(&plan, from.as_ref(), to.as_ref(), &CancelToken::new(), &Unwatched)
}

/// A repository in a folder, whose files shall be locked for 30 days.
fn with_policy(path: &Path) -> (SharedStorage, RetentionPolicy) {
    let storage = storage_at(path);
    let policy = RetentionPolicy::new(LockMode::Compliance, 30).unwrap();
    let cost = KeyCost { log_n: 1, ..KeyCost::default() };
    let key = NewKey { cost, ..NewKey::new(Secret::new(PASSWORD.to_owned())) };
    let options = InitOptions { policy: Policy { worm: Some(policy), ..Policy::default() }, ..InitOptions::new(key) };
    init(storage.as_ref(), &options).unwrap();
    (storage, policy)
}

fn unlock() -> Unlock {
    Unlock::Password(Secret::new(PASSWORD.to_owned()))
}

/// What is locked of each kind of files.
fn status(to: &OpenStorage) -> Vec<KindStatus> {
    let engine = Engine::start(EngineOptions::default()).unwrap();
    let repository = Ours::open(&engine, to.storage.clone(), unlock(), OpenOptions::default()).unwrap();
    let lock = to.object_lock.as_ref().unwrap();
    worm::status(&repository, lock, Timestamp::now(), &CancelToken::new(), &Unwatched).unwrap()
}

#[test]
fn restic_and_rustic_open_a_repository_with_a_policy_and_leave_it_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("repository");
    let (storage, policy) = with_policy(&path);

    let restic = Restic::new(path.to_str().unwrap()).arguments(&["--no-cache", "--quiet"]);
    restic.run(&["backup", "/dev/null"]);
    restic.run(&["check", "--read-data"]);
    run("open", 2, || {
        let rustic = Repository::new(&RepositoryOptions::default().no_cache(true), &backends(storage.clone()))?;
        let snapshots = rustic.open(&Credentials::Password(PASSWORD.to_owned()))?.get_all_snapshots()?;
        assert_eq!(snapshots.len(), 1);
        Ok(())
    })
    .unwrap();

    let config = Unlocked::read(storage.as_ref(), unlock()).unwrap().config;
    assert_eq!(config.bygone.worm, Some(policy));
    // A folder cannot lock files: who writes there is told.
    assert_eq!(worm::apply(&config, None).unwrap(), Applied::InVain(policy));
}

#[test]
fn a_mirror_in_a_bucket_with_object_lock_is_locked_by_the_policy_of_its_source() {
    let folder = tempfile::tempdir().unwrap();
    let (path, source) = (folder.path().join("repository"), folder.path().join("source"));
    let (from, policy) = with_policy(&path);
    let restic = Restic::new(path.to_str().unwrap()).arguments(&["--no-cache", "--quiet"]);
    fs::create_dir(&source).unwrap();
    let back_up = |day| {
        fs::write(source.join("of the day"), noise(day, 300_000)).unwrap();
        restic.run(&["backup", source.to_str().unwrap()]);
    };
    back_up(1);

    let server = S3Server::start();
    server.make_locked_bucket("locked");
    assert_eq!(server.as_admin("PUT", "/plain").send().status, 200);
    let config = Unlocked::read(from.as_ref(), unlock()).unwrap().config;
    let applied = |to: &OpenStorage| worm::apply(&config, to.object_lock.as_ref()).unwrap();

    // A bucket that locks nothing is no place for what has to be locked: there is no mirror that only looks like one.
    let plain = on_s3(&server.location("plain/mirror"));
    assert_eq!(applied(&plain), Applied::Protected(policy));
    mirror(&from, &plain.storage, Delete::Nothing).unwrap_err();
    assert_eq!(plain.storage.list(FileKind::Config).unwrap(), []);

    let to = on_s3(&server.location("locked/mirror"));
    assert_eq!(applied(&to), Applied::Protected(policy));
    let at_mirror = server.restic("locked/mirror").arguments(&["--no-cache", "--quiet", "--no-lock"]);
    for (day, snapshots) in [(1, 1), (2, 2)] {
        if day > 1 {
            back_up(day);
        }
        let before = Timestamp::from_second(Timestamp::now().as_second()).unwrap();
        let copied = mirror(&from, &to.storage, Delete::Nothing).unwrap().copied.files;
        let mut files = 0;
        for kind in status(&to) {
            let is_lock = kind.kind == FileKind::Lock;
            assert_eq!((kind.files == 0, kind.compliance), (is_lock, kind.files), "{kind:?}");
            assert_eq!((kind.unprotected, kind.over), (0, 0), "{kind:?}");
            // What this run wrote last is locked from now on, and for no longer than the policy says.
            let is_new = day == 1 || !matches!(kind.kind, FileKind::Config | FileKind::Key);
            if is_new && !is_lock {
                let end = kind.last_end.unwrap();
                assert!((policy.until(before)..=policy.until(Timestamp::now())).contains(&end), "{kind:?}");
            }
            files += kind.files;
        }
        assert_eq!(copied, if day == 1 { files } else { 4 }, "two packs, an index file and a snapshot are new");
        at_mirror.run(&["check", "--read-data"]);
        assert_eq!(status(&to).iter().find(|kind| kind.kind == FileKind::Snapshot).unwrap().files, snapshots);
    }

    // What is lost at the source cannot be deleted at the mirror, whoever asks: it stays whole, and can be had back.
    restic.run(&["forget", "--keep-last", "1", "--prune"]);
    let error = mirror(&from, &to.storage, Delete::Any).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Retained, "{}", error.chain());
    assert!(error.chain().contains("locked until 20") && error.chain().contains("(compliance)"), "{}", error.chain());
    assert_eq!(status(&to).iter().find(|kind| kind.kind == FileKind::Snapshot).unwrap().files, 2);
    at_mirror.run(&["check", "--read-data"]);
}
