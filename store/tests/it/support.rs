//! A store of each kind for a claim, and actors to make it with.

use bygone_common::{Clock, OrgUid, UserUid};
use bygone_store::orgs::{NewOrg, Org, Quota};
use bygone_store::{Actor, Role, Store, Who};
use bygone_tests::postgres::Postgres;
use jiff::Timestamp;

/// When every test begins.
pub(crate) const START: &str = "2026-11-01T10:00:00Z";

/// Makes a claim on an empty store over SQLite, and on one over PostgreSQL. Each has a manual clock at [`START`].
pub(crate) fn on_both<F: Future<Output = ()>>(claim: impl Fn(Store) -> F) {
    on_both_and_beside(|store, _| claim(store));
}

/// The same with a second store over the same database, as another process has it.
pub(crate) fn on_both_and_beside<F: Future<Output = ()>>(claim: impl Fn(Store, Store) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = Store::file_url(&folder.path().join("bygone.db"));
    let cluster = Postgres::shared();
    for url in [file, cluster.database()] {
        runtime.block_on(async {
            let clock = Clock::manual(START.parse::<Timestamp>().unwrap());
            let store = Store::open(&url, clock.clone()).await.unwrap();
            let beside = Store::open(&url, clock).await.unwrap();
            claim(store.clone(), beside.clone()).await;
            store.close().await;
            beside.close().await;
        });
    }
}

/// Somebody with a role in an organization.
pub(crate) fn actor(store: &Store, org: OrgUid, role: Role) -> Actor {
    Actor::new(Who::User(store.uid(UserUid::new)), Some(org), role)
}

/// Who runs the installation.
pub(crate) fn root(store: &Store) -> Actor {
    Actor::new(Who::User(store.uid(UserUid::new)), None, Role::Root)
}

/// A new organization without limits.
pub(crate) async fn org(store: &Store, name: &str) -> Org {
    let new = NewOrg { name: name.to_owned(), title: name.to_uppercase(), quota: Quota::default() };
    store.orgs().create(&root(store), &new).await.unwrap()
}
