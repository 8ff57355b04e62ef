//! Rows about one source whose snapshots lie in one open repository: for tests of downloads, and for the bench of them.

use std::sync::Arc;

use bygone_common::{AgentUid, OrgUid, RepositoryUid, Secret, SourceUid, UserUid};
use bygone_http::Result;
use bygone_portal::Repositories;
use bygone_portal::drive::NAMING_KEY_BYTES;
use bygone_store::orgs::{NewOrg, Quota};
use bygone_store::snapshots::{Catalogued, SnapshotRow};
use bygone_store::sources::{NewSource, Visibility};
use bygone_store::users::NewUser;
use bygone_store::{Actor, Role, Store, Who};
use bygone_vault::{Repository, Snapshot};
use futures_util::future::BoxFuture;
use jiff::Timestamp;

/// The one repository there is.
pub(crate) struct One(pub(crate) Repository);

impl Repositories for One {
    fn open(&self, _: OrgUid, _: RepositoryUid) -> BoxFuture<'_, Result<Repository>> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }

    fn naming_key(&self) -> Secret<[u8; NAMING_KEY_BYTES]> {
        Secret::new([7; NAMING_KEY_BYTES])
    }
}

/// An organization with a source of alice's, and a repository for its snapshots.
pub(crate) struct Rows {
    pub(crate) org: OrgUid,
    pub(crate) admin: Actor,
    /// The owner of the source.
    pub(crate) alice: UserUid,
    pub(crate) source: SourceUid,
    pub(crate) repository: RepositoryUid,
}

impl Rows {
    pub(crate) async fn new(store: &Store) -> Self {
        let root = Actor::new(Who::User(store.uid(UserUid::new)), None, Role::Root);
        let new = NewOrg { name: "one".to_owned(), title: "One".to_owned(), quota: Quota::default() };
        let org = store.orgs().create(&root, &new).await.unwrap().uid;
        let admin = Actor::new(Who::User(store.uid(UserUid::new)), Some(org), Role::Admin);
        let alice = person(store, &admin, org, "alice").await;
        let (agent, repository) = (store.uid(AgentUid::new), store.uid(RepositoryUid::new));
        let mut tx = store.begin().await.unwrap();
        for statement in [
            format!(
                "insert into agents (uid, org_id, name, state, facts, created_at, version) values ('{agent}', '{org}', \
                 'pc', 'active', '{{}}', 0, 1)"
            ),
            format!(
                "insert into repositories (uid, org_id, name, location, restic_id, format, class, state, \
                 password_sealed, stored_bytes, created_at, version) values ('{repository}', '{org}', 'main', '/main', \
                 'x', 2, 'hot', 'ready', '', 0, 0, 1)"
            ),
        ] {
            tx.execute_for_tests(Box::leak(statement.into_boxed_str())).await.unwrap();
        }
        tx.commit().await.unwrap();
        let new = NewSource {
            agent,
            owner: Some(alice),
            name: "pc of alice".to_owned(),
            host: None,
            paths: vec!["/".to_owned()],
            visibility: Visibility::Granted,
            restore_approval: false,
        };
        let source = store.sources().create(&admin, org, &new).await.unwrap().uid;
        Self { org, admin, alice, source, repository }
    }

    /// Makes the catalog what the repository says; the ids of its snapshots.
    pub(crate) async fn catalog(&self, store: &Store, repository: &Repository) -> Vec<String> {
        let snapshots = repository.snapshots();
        let found: Vec<Catalogued> =
            snapshots.iter().map(|one| Catalogued { row: self.row(one), holds: Vec::new() }).collect();
        let system = Actor::system("catalog", self.org);
        store.snapshots().replace(&system, self.org, self.repository, &found, &[]).await.unwrap();
        found.into_iter().map(|one| one.row.id).collect()
    }

    fn row(&self, snapshot: &Arc<Snapshot>) -> SnapshotRow {
        SnapshotRow {
            repository: self.repository,
            id: snapshot.id.to_string(),
            taken_at: Timestamp::from_microsecond(snapshot.time.as_microsecond()).unwrap(),
            utc_offset: 0,
            host: snapshot.hostname.clone(),
            username: snapshot.username.clone(),
            paths: snapshot.paths.clone(),
            tags: Vec::new(),
            tree: snapshot.tree.to_string(),
            parent: None,
            program: "restic".to_owned(),
            files: None,
            bytes: None,
            added_bytes: None,
            added_stored_bytes: None,
            source: Some(self.source),
        }
    }
}

/// Somebody of the organization.
pub(crate) async fn person(store: &Store, admin: &Actor, org: OrgUid, name: &str) -> UserUid {
    let email = format!("{name}@example.org");
    let new = NewUser { email, name: name.to_owned(), role: Role::User, provider: None };
    store.users().create(admin, Some(org), &new).await.unwrap().uid
}
