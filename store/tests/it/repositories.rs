use bygone_common::{Clock, CredentialUid, OrgUid, RepositoryUid};
use bygone_store::gateway_credentials::{GatewayAccess, NewGatewayCredential};
use bygone_store::orgs::{OrgChange, Quota};
use bygone_store::repositories::{
    AgentRoute, NewRepository, Repository, RepositoryChange, RepositoryState, StorageClass, Usage,
};
use bygone_store::repository_leases::NewLease;
use bygone_store::sealed::SEALED_COLUMNS;
use bygone_store::storage_credentials::NewStorageCredential;
use bygone_store::{Actor, ErrorKind, Page, Role, Store};
use jiff::SignedDuration;
use serde_json::json;

use super::support::{actor, on_both, org, root};

/// What a new repository of tests is made of.
pub(crate) fn new(store: &Store, name: &str) -> NewRepository {
    NewRepository {
        uid: store.uid(RepositoryUid::new),
        name: name.to_owned(),
        location: format!("/srv/{name}"),
        credential: None,
        password_sealed: b"sealed".to_vec(),
        restic_id: "ab".repeat(32),
        format: 2,
        class: StorageClass::Hot,
        agent_route: AgentRoute::Gateway,
        worm_days: None,
        bytes_max: None,
        adopted: false,
    }
}

/// A repository of an organization.
pub(crate) async fn repository(store: &Store, org: OrgUid, name: &str) -> Repository {
    let admin = actor(store, org, Role::Admin);
    store.repositories().create(&admin, org, &new(store, name)).await.unwrap()
}

#[test]
fn a_repository_is_kept_changed_and_forgotten_by_admins_of_its_organization_alone() {
    on_both(|store| async move {
        let (one, two) = (org(&store, "one").await, org(&store, "two").await);
        let admin = actor(&store, one.uid, Role::Admin);
        let kept = repository(&store, one.uid, "main").await;
        let all = store.repositories();
        assert_eq!(all.get(&admin, one.uid, kept.uid).await.unwrap(), kept);
        assert_eq!(all.named(&admin, one.uid, "main").await.unwrap(), kept);
        assert_eq!(all.sealed_password(&admin, one.uid, kept.uid).await.unwrap(), b"sealed");

        let other = actor(&store, two.uid, Role::Admin);
        for org in [one.uid, two.uid] {
            let hidden = all.get(&other, org, kept.uid).await.unwrap_err();
            assert_eq!(*hidden.kind(), ErrorKind::NotFound);
        }
        let operator = actor(&store, one.uid, Role::Operator);
        let refused = all.sealed_password(&operator, one.uid, kept.uid).await.unwrap_err();
        assert_eq!(*refused.kind(), ErrorKind::Forbidden);
        let refused = all.create(&operator, one.uid, &new(&store, "x")).await.unwrap_err();
        assert_eq!(*refused.kind(), ErrorKind::Forbidden);
        let nobody = actor(&store, one.uid, Role::User);
        assert_eq!(*all.get(&nobody, one.uid, kept.uid).await.unwrap_err().kind(), ErrorKind::NotFound);

        let change = RepositoryChange {
            name: Some("cold".to_owned()),
            class: Some(StorageClass::Cold),
            state: Some(RepositoryState::Paused),
            bytes_max: Some(Some(10)),
            password_sealed: Some(b"other".to_vec()),
            ..RepositoryChange::default()
        };
        let changed = all.change(&admin, one.uid, kept.uid, 1, &change).await.unwrap();
        assert_eq!(all.get(&admin, one.uid, kept.uid).await.unwrap(), changed);
        assert_eq!(
            (changed.class, changed.state, changed.bytes_max),
            (StorageClass::Cold, RepositoryState::Paused, Some(10))
        );
        assert_eq!(all.sealed_password(&admin, one.uid, kept.uid).await.unwrap(), b"other");
        let late = all.change(&admin, one.uid, kept.uid, 1, &change).await.unwrap_err();
        assert_eq!(*late.kind(), ErrorKind::Conflict);

        all.delete(&admin, one.uid, kept.uid).await.unwrap();
        assert_eq!(*all.get(&admin, one.uid, kept.uid).await.unwrap_err().kind(), ErrorKind::NotFound);
    });
}

#[test]
fn names_and_locations_are_taken_once_in_an_organization_and_free_in_another() {
    on_both(|store| async move {
        let (one, two) = (org(&store, "one").await, org(&store, "two").await);
        repository(&store, one.uid, "main").await;
        repository(&store, two.uid, "main").await;
        let admin = actor(&store, one.uid, Role::Admin);
        let same_place = NewRepository { location: "/srv/main".to_owned(), ..new(&store, "other") };
        let same_name = NewRepository { location: "/srv/other".to_owned(), ..new(&store, "main") };
        for taken in [same_name, same_place] {
            let refused = store.repositories().create(&admin, one.uid, &taken).await.unwrap_err();
            assert_eq!(*refused.kind(), ErrorKind::Conflict, "{taken:?}");
        }
        let bad = NewRepository { bytes_max: Some(-1), ..new(&store, "bad") };
        let refused = store.repositories().create(&admin, one.uid, &bad).await.unwrap_err();
        assert_eq!(*refused.kind(), ErrorKind::Invalid { field: "bytes_max" });
    });
}

#[test]
fn bytes_are_counted_until_a_quota_of_the_repository_or_the_organization_is_reached() {
    on_both(|store| async move {
        let one = org(&store, "one").await;
        let gateway = Actor::system("gateway", one.uid);
        let (a, b) = (repository(&store, one.uid, "a").await, repository(&store, one.uid, "b").await);
        let all = store.repositories();
        let admin = actor(&store, one.uid, Role::Admin);
        let limit = RepositoryChange { bytes_max: Some(Some(100)), ..RepositoryChange::default() };
        all.change(&admin, one.uid, a.uid, 1, &limit).await.unwrap();
        all.charge(&gateway, one.uid, a.uid, 60).await.unwrap();
        let full = all.charge(&gateway, one.uid, a.uid, 41).await.unwrap_err();
        assert_eq!(*full.kind(), ErrorKind::Exhausted);
        assert!(full.to_string().contains("repository a may hold 100 bytes"), "{full}");
        all.charge(&gateway, one.uid, a.uid, 40).await.unwrap();
        all.refund(&gateway, one.uid, a.uid, 30).await.unwrap();
        assert_eq!(all.get(&admin, one.uid, a.uid).await.unwrap().stored_bytes, 70);

        let quota =
            OrgChange { quota: Some(Quota { bytes_max: Some(200), ..Quota::default() }), ..OrgChange::default() };
        store.orgs().change(&root(&store), one.uid, 1, &quota).await.unwrap();
        all.charge(&gateway, one.uid, b.uid, 130).await.unwrap();
        let full = all.charge(&gateway, one.uid, b.uid, 1).await.unwrap_err();
        assert_eq!(*full.kind(), ErrorKind::Exhausted);
        assert!(full.to_string().contains("organization's quota"), "{full}");
        assert_eq!(all.stored_bytes(&admin, one.uid).await.unwrap(), 200);
        all.refund(&gateway, one.uid, b.uid, 1_000).await.unwrap();
        assert_eq!(all.stored_bytes(&admin, one.uid).await.unwrap(), 70);
    });
}

#[test]
fn usage_is_kept_once_a_day_and_puts_the_count_right() {
    on_both(|store| async move {
        let one = org(&store, "one").await;
        let system = Actor::system("catalog", one.uid);
        let kept = repository(&store, one.uid, "main").await;
        let all = store.repositories();
        for (hours, stored) in [(0, 10), (5, 20), (20, 30)] {
            store.clock().advance(SignedDuration::from_hours(hours));
            let usage = Usage {
                stored_bytes: stored,
                plain_bytes: stored * 2,
                restored_bytes: stored * 5,
                snapshots: 1,
                packs: 1,
                blobs: 3,
                measured_at: store.now(),
            };
            all.note_usage(&system, one.uid, kept.uid, &usage).await.unwrap();
        }
        let usage = all.usage(&system, one.uid, kept.uid, 10).await.unwrap();
        assert_eq!(usage.iter().map(|day| day.stored_bytes).collect::<Vec<_>>(), [30, 20]);
        assert_eq!(all.get(&system, one.uid, kept.uid).await.unwrap().stored_bytes, 30);
    });
}

#[test]
fn a_storage_credential_stays_while_a_repository_needs_it() {
    on_both(|store| async move {
        let one = org(&store, "one").await;
        let admin = actor(&store, one.uid, Role::Admin);
        let all = store.storage_credentials();
        let new_credential = NewStorageCredential {
            uid: store.uid(CredentialUid::new),
            name: "bucket".to_owned(),
            kind: "s3".to_owned(),
            public: json!({ "access_key": "AK" }),
            sealed: b"sealed".to_vec(),
        };
        let kept = all.create(&admin, one.uid, &new_credential).await.unwrap();
        assert_eq!(all.get(&admin, one.uid, kept.uid).await.unwrap(), kept);
        assert_eq!(all.list(&admin, one.uid, &Page::default()).await.unwrap().items, std::slice::from_ref(&kept));
        let operator = actor(&store, one.uid, Role::Operator);
        assert_eq!(*all.sealed(&operator, one.uid, kept.uid).await.unwrap_err().kind(), ErrorKind::Forbidden);

        let user = NewRepository { credential: Some(kept.uid), ..new(&store, "main") };
        let user = store.repositories().create(&admin, one.uid, &user).await.unwrap();
        let needed = all.delete(&admin, one.uid, kept.uid).await.unwrap_err();
        assert_eq!(*needed.kind(), ErrorKind::Conflict);
        let changed = NewStorageCredential { sealed: b"new".to_vec(), ..new_credential };
        all.replace(&admin, one.uid, 1, &changed).await.unwrap();
        assert_eq!(all.sealed(&admin, one.uid, kept.uid).await.unwrap(), b"new");
        store.repositories().delete(&admin, one.uid, user.uid).await.unwrap();
        all.delete(&admin, one.uid, kept.uid).await.unwrap();
        assert_eq!(*all.get(&admin, one.uid, kept.uid).await.unwrap_err().kind(), ErrorKind::NotFound);
    });
}

#[test]
fn the_gateway_alone_finds_credentials_by_name_and_goes_without_those_that_ended() {
    on_both(|store| async move {
        let one = org(&store, "one").await;
        let admin = actor(&store, one.uid, Role::Admin);
        let kept = repository(&store, one.uid, "main").await;
        let all = store.gateway_credentials();
        let new_credential = NewGatewayCredential {
            repository: kept.uid,
            name: "Alice's laptop".to_owned(),
            username: "k7".to_owned(),
            secret_hash: "00ff".to_owned(),
            access: GatewayAccess::AppendOnly,
            user: None,
            agent: None,
            expires_at: None,
        };
        let made = all.create(&admin, one.uid, &new_credential).await.unwrap();
        let gateway = Actor::installation("gateway");
        let shown = all.present(&gateway, "k7").await.unwrap();
        assert_eq!((shown.credential, shown.secret_hash.as_str()), (made.clone(), "00ff"));
        assert_eq!(*all.present(&admin, "k7").await.unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(*all.create(&admin, one.uid, &new_credential).await.unwrap_err().kind(), ErrorKind::Conflict);
        all.note_use(&gateway, one.uid, made.uid).await.unwrap();
        let listed = all.list(&admin, one.uid, kept.uid, &Page::default()).await.unwrap();
        assert_eq!(listed.items.first().and_then(|item| item.last_used_at), Some(store.now()));
        all.delete(&admin, one.uid, kept.uid, made.uid).await.unwrap();
        assert_eq!(*all.present(&gateway, "k7").await.unwrap_err().kind(), ErrorKind::NotFound);
    });
}

#[test]
fn a_lease_lasts_until_it_is_closed_or_expires() {
    on_both(|store| async move {
        let one = org(&store, "one").await;
        let gateway = Actor::system("gateway", one.uid);
        let kept = repository(&store, one.uid, "main").await;
        let all = store.repository_leases();
        let lease = |name, minutes| NewLease {
            kind: "lock",
            name,
            exclusive: Some(false),
            holder: "Alice's laptop",
            lasts: SignedDuration::from_mins(minutes),
        };
        let live = async || {
            let live = all.live(&gateway, one.uid, kept.uid).await.unwrap();
            live.into_iter().map(|lease| lease.name).collect::<Vec<_>>()
        };
        all.open(&gateway, one.uid, kept.uid, &lease("a", 30)).await.unwrap();
        all.open(&gateway, one.uid, kept.uid, &lease("b", 10)).await.unwrap();
        assert_eq!(live().await, ["a", "b"]);
        let clock: &Clock = store.clock();
        clock.advance(SignedDuration::from_mins(10));
        assert_eq!(live().await, ["a"]);
        all.open(&gateway, one.uid, kept.uid, &lease("a", 30)).await.unwrap();
        clock.advance(SignedDuration::from_mins(29));
        assert_eq!(live().await, ["a"]);
        assert_eq!(all.sweep(&gateway, one.uid).await.unwrap(), 1);
        all.close(&gateway, one.uid, kept.uid, "lock", "a").await.unwrap();
        all.close(&gateway, one.uid, kept.uid, "lock", "a").await.unwrap();
        assert!(live().await.is_empty());
    });
}

#[test]
fn every_sealed_column_can_be_read_and_sealed_anew() {
    on_both(|store| async move {
        let one = org(&store, "one").await;
        let kept = repository(&store, one.uid, "main").await;
        let system = Actor::installation("secrets");
        for column in SEALED_COLUMNS {
            store.sealed().rows(&system, *column, "").await.unwrap();
        }
        let column = SEALED_COLUMNS.iter().find(|column| column.table == "repositories").unwrap();
        let rows = store.sealed().rows(&system, *column, "").await.unwrap();
        let row = rows.first().unwrap();
        assert_eq!((row.key.as_str(), row.sealed.as_slice()), (kept.uid.to_string().as_str(), b"sealed".as_slice()));
        assert!(store.sealed().replace(&system, *column, row, b"anew").await.unwrap());
        assert!(!store.sealed().replace(&system, *column, row, b"late").await.unwrap());
        assert_eq!(store.repositories().sealed_password(&system, one.uid, kept.uid).await.unwrap(), b"anew");
        assert!(store.sealed().rows(&system, *column, &row.key).await.unwrap().is_empty());
        let admin = actor(&store, one.uid, Role::Admin);
        assert_eq!(*store.sealed().rows(&admin, *column, "").await.unwrap_err().kind(), ErrorKind::NotFound);
    });
}

#[test]
fn no_sealed_column_is_forgotten_when_the_installation_key_changes() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let mut table = String::new();
        for line in text.lines().map(str::trim) {
            if let Some(rest) = line.strip_prefix("create table ") {
                table = rest.split(' ').next().unwrap().to_owned();
            }
            let column = line.split(' ').next().unwrap_or_default();
            if column.contains("sealed") && line.contains("bytea") {
                found.push((table.clone(), column.to_owned()));
            }
        }
    }
    found.sort_unstable();
    let known = SEALED_COLUMNS.iter().map(|column| (column.table.to_owned(), column.column.to_owned()));
    assert_eq!(found, known.collect::<Vec<_>>());
}
