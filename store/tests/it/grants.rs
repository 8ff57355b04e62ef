use bygone_common::{OrgUid, SourceUid, UserUid};
use bygone_store::grants::{Effect, GrantChange, GrantFilter, NewGrant, Terms, Use};
use bygone_store::plans::NewPlan;
use bygone_store::recent::RECENT_MAX;
use bygone_store::sources::NewSource;
use bygone_store::{ErrorKind, Page, Role, Store};
use serde_json::json;

use super::agents::{enrol, token};
use super::repositories::repository;
use super::support::{actor, on_both, on_both_and_beside, org};
use super::users::{as_user, person};

fn to<const N: usize>(uses: [Use; N]) -> GrantChange {
    GrantChange { uses: Some(uses.to_vec()), ..GrantChange::default() }
}

async fn source(store: &Store, org: OrgUid) -> SourceUid {
    let hash = format!("of {org}");
    token(store, org, &hash).await;
    let agent = enrol(store, &hash, "web").await.unwrap().uid;
    let (paths, visibility) = (vec!["/home".to_owned()], Default::default());
    let name = "home".to_owned();
    let new = NewSource { agent, owner: None, name, host: None, paths, visibility, restore_approval: false };
    store.sources().create(&actor(store, org, Role::Admin), org, &new).await.unwrap().uid
}

#[test]
fn grants_are_made_by_admins_and_seen_by_whom_they_are_for() {
    on_both(|store| async move {
        let (one, two) = (org(&store, "one").await.uid, org(&store, "two").await.uid);
        let alice = person(&store, Some(one), "alice@example.test", Role::User).await;
        let bob = person(&store, Some(one), "bob@example.test", Role::User).await;
        let (admin, stranger) = (actor(&store, one, Role::Admin), actor(&store, two, Role::Admin));
        let new = NewGrant {
            user: alice.uid,
            source: source(&store, one).await,
            path: "/home/alice/".to_owned(),
            effect: Effect::Allow,
            uses: vec![Use::Download, Use::See, Use::See],
            terms: Terms::default(),
        };
        let grant = store.grants().create(&admin, one, &new).await.unwrap();
        assert_eq!((grant.path.as_str(), grant.uses.as_slice()), ("/home/alice", &[Use::See, Use::Download][..]));
        assert_eq!(*store.grants().create(&admin, one, &new).await.unwrap_err().kind(), ErrorKind::Conflict);
        let list = |who, filter| {
            let store = store.clone();
            async move { store.grants().list(&who, one, filter, &Page::default()).await.map(|list| list.items) }
        };
        let nothing = GrantFilter::default();
        assert_eq!(list(as_user(&alice), nothing).await.unwrap(), std::slice::from_ref(&grant));
        assert!(list(as_user(&bob), nothing).await.unwrap().is_empty());
        let of_source = GrantFilter { source: Some(new.source), ..nothing };
        assert_eq!(list(admin.clone(), of_source).await.unwrap().len(), 1);
        assert_eq!(*list(stranger.clone(), nothing).await.unwrap_err().kind(), ErrorKind::NotFound);
        for refused in [
            store.grants().get(&as_user(&bob), one, grant.uid).await.unwrap_err(),
            store.grants().get(&stranger, two, grant.uid).await.unwrap_err(),
            store.grants().delete(&stranger, one, grant.uid).await.unwrap_err(),
        ] {
            assert_eq!(*refused.kind(), ErrorKind::NotFound);
        }
        assert!(store.grants().change(&as_user(&alice), one, grant.uid, 1, to([Use::Restore])).await.is_err());
        let changed = store.grants().change(&admin, one, grant.uid, 1, to([Use::Restore])).await.unwrap();
        assert_eq!((changed.uses, changed.version), (vec![Use::Restore], 2));
        let late = store.grants().change(&admin, one, grant.uid, 1, to([Use::See])).await.unwrap_err();
        assert_eq!(*late.kind(), ErrorKind::Conflict);
        store.grants().delete(&admin, one, grant.uid).await.unwrap();
        assert!(store.grants().get(&admin, one, grant.uid).await.is_err());
    });
}

#[test]
fn a_grant_names_a_person_and_a_source_of_the_organization_and_a_sound_path() {
    on_both(|store| async move {
        let (one, two) = (org(&store, "one").await.uid, org(&store, "two").await.uid);
        let alice = person(&store, Some(one), "alice@example.test", Role::User).await;
        let elsewhere = person(&store, Some(two), "eve@example.test", Role::User).await;
        let admin = actor(&store, one, Role::Admin);
        let (home, foreign) = (source(&store, one).await, source(&store, two).await);
        let new = |user: UserUid, path: &str, uses: &[Use]| NewGrant {
            user,
            source: home,
            path: path.to_owned(),
            effect: Effect::Deny,
            uses: uses.to_vec(),
            terms: Terms::default(),
        };
        let refused = store.grants().create(&admin, one, &new(elsewhere.uid, "/", &[Use::See])).await.unwrap_err();
        assert_eq!(*refused.kind(), ErrorKind::Invalid { field: "user" });
        for path in ["", "home", "//", "/a//b", "/a/../b", "/./a", "/a\0"] {
            let refused = store.grants().create(&admin, one, &new(alice.uid, path, &[Use::See])).await.unwrap_err();
            assert_eq!(*refused.kind(), ErrorKind::Invalid { field: "path" }, "{path:?}");
        }
        let refused = store.grants().create(&admin, one, &new(alice.uid, "/", &[])).await.unwrap_err();
        assert_eq!(*refused.kind(), ErrorKind::Invalid { field: "actions" });
        for source in [foreign, store.uid(SourceUid::new)] {
            let nowhere = NewGrant { source, ..new(alice.uid, "/", &[Use::See]) };
            let refused = store.grants().create(&admin, one, &nowhere).await.unwrap_err();
            assert_eq!(*refused.kind(), ErrorKind::Invalid { field: "source" });
        }
        assert!(store.grants().create(&admin, one, &new(alice.uid, "/", &[Use::See])).await.is_ok());
    });
}

#[test]
fn a_plan_shows_what_it_captures_to_no_more_people_than_it_says() {
    on_both(|store| async move {
        let one = org(&store, "one").await.uid;
        let admin = actor(&store, one, Role::Admin);
        let (alice, bob) = (
            person(&store, Some(one), "alice@example.test", Role::User).await,
            person(&store, Some(one), "bob@example.test", Role::User).await,
        );
        let mut kept = store.sources().get(&admin, one, source(&store, one).await).await.unwrap();
        let repository = repository(&store, one, "main").await.uid;
        let grant = NewGrant {
            user: bob.uid,
            source: kept.uid,
            path: "/".to_owned(),
            effect: Effect::Allow,
            uses: vec![Use::See],
            terms: Terms::default(),
        };
        store.grants().create(&admin, one, &grant).await.unwrap();
        let owned = NewSource {
            agent: kept.agent,
            owner: Some(alice.uid),
            name: kept.name.clone(),
            host: None,
            paths: kept.paths.clone(),
            visibility: kept.visibility,
            restore_approval: false,
        };
        kept = store.sources().change(&admin, one, kept.uid, 1, &owned).await.unwrap();
        let new = |visibility: &str| {
            let spec = json!({ "sources": [kept.uid], "repositories": [repository], "visibility": visibility });
            NewPlan { name: "nightly".to_owned(), enabled: false, spec: serde_json::from_value(spec).unwrap() }
        };
        // Who sees it, of its owner, of whom it was granted to, and of who runs the organization.
        let seen = async || {
            let mut seen = Vec::new();
            for who in [as_user(&alice), as_user(&bob), admin.clone()] {
                let one_by_one = store.accesses().of(&who, one, kept.uid).await.is_ok();
                let listed = store.accesses().list(&who, one, &Page::default()).await.unwrap().items.len() == 1;
                assert_eq!(one_by_one, listed);
                seen.push(listed);
            }
            seen
        };
        let plan = store.plans().create(&admin, one, new("shared")).await.unwrap();
        for (version, (visibility, expected)) in
            [("shared", [true, true, true]), ("owner", [true, false, true]), ("hidden", [false, false, true])]
                .into_iter()
                .enumerate()
        {
            let version = i64::try_from(version).unwrap() + 1;
            store.plans().change(&admin, one, plan.uid, version, new(visibility)).await.unwrap();
            assert_eq!(seen().await, expected, "{visibility}");
        }
        store.plans().delete(&admin, one, plan.uid, 4).await.unwrap();
        assert_eq!(seen().await, [true, true, true], "its word went with it");
    });
}

#[test]
fn what_is_withdrawn_is_gone_at_once_and_for_other_processes_in_a_moment() {
    on_both_and_beside(|store, beside| async move {
        let one = org(&store, "one").await.uid;
        let (admin, alice) =
            (actor(&store, one, Role::Admin), person(&store, Some(one), "alice@example.test", Role::User).await);
        let grant = NewGrant {
            user: alice.uid,
            source: source(&store, one).await,
            path: "/".to_owned(),
            effect: Effect::Allow,
            uses: vec![Use::See],
            terms: Terms::default(),
        };
        for _ in 0..3 {
            let given = store.grants().create(&admin, one, &grant).await.unwrap();
            let sees = async |store: &Store| store.accesses().of(&as_user(&alice), one, grant.source).await.is_ok();
            assert!(sees(&store).await && sees(&beside).await && sees(&store).await);
            store.grants().delete(&admin, one, given.uid).await.unwrap();
            assert!(!sees(&store).await);
            tokio::time::sleep(RECENT_MAX).await;
            assert!(!sees(&beside).await);
        }
    });
}
