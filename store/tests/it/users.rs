use bygone_common::{OrgUid, Secret, UserUid};
use bygone_store::users::{NewUser, User, UserChange};
use bygone_store::{Actor, ErrorKind, Page, Role, Store, Who};

use super::support::{actor, on_both, org, root};

pub(crate) fn server() -> Actor {
    Actor::installation("sign-in")
}

pub(crate) async fn person(store: &Store, org: Option<OrgUid>, email: &str, role: Role) -> User {
    let new = NewUser { email: email.to_owned(), name: "Somebody".to_owned(), role, provider: None };
    store.users().create(&root(store), org, &new).await.unwrap()
}

pub(crate) fn as_user(user: &User) -> Actor {
    Actor::new(Who::User(user.uid), user.org, user.role)
}

#[test]
fn people_of_an_organization_are_seen_by_who_runs_it_and_by_themselves() {
    on_both(|store| async move {
        let (one, two) = (org(&store, "one").await.uid, org(&store, "two").await.uid);
        let alice = person(&store, Some(one), "Alice@Example.test ", Role::User).await;
        let bob = person(&store, Some(one), "bob@example.test", Role::Operator).await;
        assert_eq!(alice.email, "alice@example.test");
        let admin = actor(&store, one, Role::Admin);
        assert_eq!(store.users().get(&admin, Some(one), alice.uid).await.unwrap(), alice);
        let mut all = store.users().list(&admin, Some(one), &Page::default()).await.unwrap().items;
        all.sort_by(|one, other| one.email.cmp(&other.email));
        assert_eq!(all, [alice.clone(), bob.clone()]);
        let own = store.users().list(&as_user(&alice), Some(one), &Page::default()).await.unwrap().items;
        assert_eq!(own, std::slice::from_ref(&alice));
        let stranger = actor(&store, two, Role::Admin);
        for refused in [
            store.users().get(&stranger, Some(one), alice.uid).await.unwrap_err(),
            store.users().get(&stranger, Some(two), alice.uid).await.unwrap_err(),
            store.users().get(&as_user(&alice), Some(one), bob.uid).await.unwrap_err(),
            store.users().list(&admin, None, &Page::default()).await.unwrap_err(),
            store.users().credentials(&admin, Some(one), alice.uid).await.unwrap_err(),
        ] {
            assert_eq!(*refused.kind(), ErrorKind::NotFound);
        }
    });
}

#[test]
fn an_address_is_taken_once_in_an_organization_and_again_in_another() {
    on_both(|store| async move {
        let (one, two) = (org(&store, "one").await.uid, org(&store, "two").await.uid);
        person(&store, Some(one), "alice@example.test", Role::User).await;
        person(&store, Some(two), "alice@example.test", Role::User).await;
        let again = NewUser {
            email: "ALICE@example.test".to_owned(),
            name: "Alice".to_owned(),
            role: Role::User,
            provider: None,
        };
        let taken = store.users().create(&root(&store), Some(one), &again).await.unwrap_err();
        assert_eq!(*taken.kind(), ErrorKind::Conflict);
        assert_eq!(store.users().by_email(&server(), None, "Alice@example.test").await.unwrap().len(), 2);
        assert_eq!(store.users().by_email(&server(), Some(one), "alice@example.test").await.unwrap().len(), 1);
        assert!(store.users().by_email(&server(), None, "nobody").await.unwrap().is_empty());
        for (org, role) in [(Some(one), Role::Root), (Some(one), Role::System), (None, Role::Admin)] {
            let new = NewUser { role, email: "x@y".to_owned(), ..again.clone() };
            let refused = store.users().create(&root(&store), org, &new).await.unwrap_err();
            assert_eq!(*refused.kind(), ErrorKind::Invalid { field: "role" });
        }
        for email in ["", "a", "a@", "@a", "a b@c", "a@b@c", &format!("{}@x", "a".repeat(300))] {
            let new = NewUser { email: email.to_owned(), ..again.clone() };
            let refused = store.users().create(&root(&store), Some(one), &new).await.unwrap_err();
            assert_eq!(*refused.kind(), ErrorKind::Invalid { field: "email" }, "{email:?}");
        }
        let lost = NewUser { email: "z@example.test".to_owned(), ..again };
        let nowhere = store.users().create(&root(&store), Some(store.uid(OrgUid::new)), &lost).await.unwrap_err();
        assert_eq!(*nowhere.kind(), ErrorKind::NotFound);
    });
}

#[test]
fn nobody_makes_themselves_more_than_they_are() {
    on_both(|store| async move {
        let one = org(&store, "one").await.uid;
        let alice = person(&store, Some(one), "alice@example.test", Role::User).await;
        let boss = person(&store, Some(one), "boss@example.test", Role::Admin).await;
        let rename = UserChange { name: Some("Alice B.".to_owned()), ..UserChange::default() };
        let promote = UserChange { role: Some(Role::Admin), ..UserChange::default() };
        let renamed = store.users().change(&as_user(&alice), Some(one), alice.uid, 1, &rename).await.unwrap();
        assert_eq!((renamed.name.as_str(), renamed.version), ("Alice B.", 2));
        let refused = store.users().change(&as_user(&alice), Some(one), alice.uid, 2, &promote).await;
        assert!(refused.is_err());
        let demote = UserChange { role: Some(Role::User), ..UserChange::default() };
        let refused = store.users().change(&as_user(&boss), Some(one), boss.uid, 1, &demote).await.unwrap_err();
        assert_eq!(*refused.kind(), ErrorKind::Forbidden);
        let refused = store.users().delete(&as_user(&boss), Some(one), boss.uid).await.unwrap_err();
        assert_eq!(*refused.kind(), ErrorKind::Forbidden);
        let root_role = UserChange { role: Some(Role::Root), ..UserChange::default() };
        let refused = store.users().change(&as_user(&boss), Some(one), alice.uid, 2, &root_role).await.unwrap_err();
        assert_eq!(*refused.kind(), ErrorKind::Invalid { field: "role" });
        store.users().change(&as_user(&boss), Some(one), alice.uid, 2, &promote).await.unwrap();
        let late = store.users().change(&as_user(&boss), Some(one), alice.uid, 2, &rename).await.unwrap_err();
        assert_eq!(*late.kind(), ErrorKind::Conflict);
    });
}

#[test]
fn the_last_who_runs_the_installation_stays() {
    on_both(|store| async move {
        let first = person(&store, None, "root@example.test", Role::Root).await;
        let second = person(&store, None, "root2@example.test", Role::Root).await;
        let disable = UserChange { disabled: Some(true), ..UserChange::default() };
        store.users().change(&as_user(&first), None, second.uid, 1, &disable).await.unwrap();
        let other = root(&store);
        let refused = store.users().change(&other, None, first.uid, 1, &disable).await.unwrap_err();
        assert_eq!(*refused.kind(), ErrorKind::Conflict);
        let refused = store.users().delete(&other, None, first.uid).await.unwrap_err();
        assert_eq!(*refused.kind(), ErrorKind::Conflict);
        assert!(!store.users().get(&other, None, first.uid).await.unwrap().disabled);
        store.users().delete(&other, None, second.uid).await.unwrap();
    });
}

#[test]
fn a_code_works_once_and_only_forwards_in_time() {
    on_both(|store| async move {
        let one = org(&store, "one").await.uid;
        let alice = person(&store, Some(one), "alice@example.test", Role::User).await;
        let me = as_user(&alice);
        let users = store.users();
        assert!(users.confirm_totp(&me, &alice, 5, &[]).await.is_err());
        users.begin_totp(&me, &alice, b"sealed").await.unwrap();
        let codes = ["a".to_owned(), "b".to_owned()];
        users.confirm_totp(&me, &alice, 5, &codes).await.unwrap();
        assert_eq!(*users.begin_totp(&me, &alice, b"other").await.unwrap_err().kind(), ErrorKind::Conflict);
        let known = users.credentials(&server(), Some(one), alice.uid).await.unwrap();
        assert_eq!((known.totp_sealed.as_deref(), known.totp_step), (Some(&b"sealed"[..]), 5));
        assert!(known.user.has_totp);
        for (step, is_good) in [(5, false), (4, false), (6, true), (6, false)] {
            assert_eq!(users.use_totp_step(&server(), &alice, step).await.unwrap(), is_good, "{step}");
        }
        assert!(users.use_recovery_code(&server(), &alice, "a").await.unwrap());
        assert!(!users.use_recovery_code(&server(), &alice, "a").await.unwrap());
        assert!(!users.use_recovery_code(&server(), &alice, "c").await.unwrap());
        assert_eq!(users.recovery_codes_left(&me, &alice).await.unwrap(), 1);
        let bob = person(&store, Some(one), "bob@example.test", Role::Operator).await;
        assert!(users.remove_totp(&as_user(&bob), &alice).await.is_err());
        users.remove_totp(&actor(&store, one, Role::Admin), &alice).await.unwrap();
        let known = users.credentials(&server(), Some(one), alice.uid).await.unwrap();
        assert!(!known.user.has_totp && known.totp_sealed.is_none());
        assert_eq!(users.recovery_codes_left(&me, &alice).await.unwrap(), 0);
    });
}

#[test]
fn a_password_is_set_by_its_person_and_by_nobody_else() {
    on_both(|store| async move {
        let one = org(&store, "one").await.uid;
        let alice = person(&store, Some(one), "alice@example.test", Role::User).await;
        let hash = Secret::new("$argon2id$…".to_owned());
        let admin = actor(&store, one, Role::Admin);
        assert!(store.users().set_password(&admin, &alice, &hash, None).await.is_err());
        store.users().set_password(&as_user(&alice), &alice, &hash, None).await.unwrap();
        let known = store.users().credentials(&as_user(&alice), Some(one), alice.uid).await.unwrap();
        assert_eq!(known.password_hash.as_ref().unwrap().expose(), hash.expose());
        assert!(known.user.has_password && known.password_changed_at.is_some());
        let (renewed, late) = (Secret::new("$argon2id$new".to_owned()), Secret::new("$argon2id$late".to_owned()));
        assert!(
            store.users().renew_password_hash(&admin, &alice, &hash, &renewed).await.is_err(),
            "the server's alone"
        );
        store.users().renew_password_hash(&server(), &alice, &hash, &renewed).await.unwrap();
        store.users().renew_password_hash(&server(), &alice, &hash, &late).await.unwrap();
        let after = store.users().credentials(&as_user(&alice), Some(one), alice.uid).await.unwrap();
        assert_eq!(
            after.password_hash.unwrap().expose(),
            renewed.expose(),
            "what was chosen or renewed meanwhile stays"
        );
        assert_eq!(after.password_changed_at, known.password_changed_at, "for the person nothing has changed");
        let nobody = store.users().get(&admin, Some(one), store.uid(UserUid::new)).await.unwrap_err();
        assert_eq!(*nobody.kind(), ErrorKind::NotFound);
    });
}
