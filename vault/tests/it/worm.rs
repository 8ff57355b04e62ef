//! The policy in a repository's config: others pass over it, and we go by it.

use bygone_common::Secret;
use bygone_tests::restic::{PASSWORD, Restic};
use bygone_vault::backend::object_lock::{LockMode, RetentionPolicy};
use bygone_vault::config::Policy;
use bygone_vault::init::{InitOptions, init};
use bygone_vault::key::{KeyCost, NewKey};
use bygone_vault::rustic::{backends, run};
use bygone_vault::worm::{self, Applied};
use bygone_vault::{Unlock, Unlocked};
use rustic_core::{Credentials, Repository, RepositoryOptions};

use crate::cheap::storage_at;

#[test]
fn restic_and_rustic_open_a_repository_with_a_policy_and_leave_it_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("repository");
    let storage = storage_at(&path);
    let policy = RetentionPolicy::new(LockMode::Compliance, 30).unwrap();
    let cost = KeyCost { log_n: 1, ..KeyCost::default() };
    let key = NewKey { cost, ..NewKey::new(Secret::new(PASSWORD.to_owned())) };
    let options = InitOptions { policy: Policy { worm: Some(policy), ..Policy::default() }, ..InitOptions::new(key) };
    init(storage.as_ref(), &options).unwrap();

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

    let unlock = Unlock::Password(Secret::new(PASSWORD.to_owned()));
    let config = Unlocked::read(storage.as_ref(), unlock).unwrap().config;
    assert_eq!(config.bygone.worm, Some(policy));
    // A folder cannot lock files: who writes there is told.
    assert_eq!(worm::apply(&config, None).unwrap(), Applied::InVain(policy));
}
