use bygone_common::{ProviderUid, SessionUid};
use bygone_store::api_tokens::NewApiToken;
use bygone_store::links::LinkPurpose;
use bygone_store::providers::{GroupRule, ProviderSettings};
use bygone_store::scopes::Scopes;
use bygone_store::sessions::{LogoutSubject, NewSession, SESSIONS_PER_USER_MAX, Session, Vouched};
use bygone_store::users::{User, UserChange};
use bygone_store::{Action, Actor, ErrorKind, Page, Resource, Right, Role, Store, Who};
use jiff::SignedDuration;

use super::support::{actor, on_both, org, root};
use super::users::{as_user, person, server};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

async fn session(store: &Store, user: &User, hash: &str, vouched: Option<Vouched>) -> Session {
    let now = store.now();
    let new = NewSession {
        uid: store.uid(SessionUid::new),
        token_hash: hash.to_owned(),
        idle_expires_at: now + HOUR,
        expires_at: now + 3 * HOUR,
        step_up_until: now,
        address: Some("127.0.0.1".parse().unwrap()),
        user_agent: "test".to_owned(),
        vouched,
    };
    store.sessions().create(&server(), user, &new).await.unwrap()
}

async fn find(store: &Store, hash: &str) -> Option<Session> {
    store.sessions().by_token(&server(), hash).await.unwrap().map(|(session, _)| session)
}

#[test]
fn a_session_ends_when_idle_and_at_its_last_moment_however_busy() {
    on_both(|store| async move {
        let one = org(&store, "one").await.uid;
        let alice = person(&store, Some(one), "alice@example.test", Role::User).await;
        let begun = session(&store, &alice, "h", None).await;
        assert_eq!(find(&store, "h").await.unwrap(), begun);
        assert!(find(&store, "other").await.is_none());
        for _ in 0..5 {
            store.clock().advance(SignedDuration::from_mins(30));
            store.sessions().touch(&server(), begun.uid, store.now() + HOUR).await.unwrap();
            assert!(find(&store, "h").await.is_some());
        }
        store.clock().advance(SignedDuration::from_mins(31));
        assert!(find(&store, "h").await.is_none(), "three hours are over");
        session(&store, &alice, "idle", None).await;
        store.clock().advance(SignedDuration::from_mins(61));
        assert!(find(&store, "idle").await.is_none(), "an hour without use is over");
    });
}

#[test]
fn who_is_kept_out_is_out_at_once() {
    on_both(|store| async move {
        let one = org(&store, "one").await.uid;
        let alice = person(&store, Some(one), "alice@example.test", Role::User).await;
        session(&store, &alice, "h", None).await;
        let token = token(&store, &alice, "t", &["*:read"]).await;
        let disable = UserChange { disabled: Some(true), ..UserChange::default() };
        let admin = actor(&store, one, Role::Admin);
        store.users().change(&admin, Some(one), alice.uid, 1, &disable).await.unwrap();
        assert!(find(&store, "h").await.is_none());
        assert!(store.api_tokens().by_hash(&server(), "t").await.unwrap().is_none());
        assert!(store.api_tokens().get(&admin, Some(one), token).await.is_err());
    });
}

#[test]
fn sessions_are_seen_and_ended_by_their_person_and_who_runs_the_organization() {
    on_both(|store| async move {
        let (one, two) = (org(&store, "one").await.uid, org(&store, "two").await.uid);
        let alice = person(&store, Some(one), "alice@example.test", Role::User).await;
        let bob = person(&store, Some(one), "bob@example.test", Role::User).await;
        let first = session(&store, &alice, "a", None).await;
        store.clock().advance(SignedDuration::from_millis(5));
        let second = session(&store, &alice, "b", None).await;
        for stranger in [as_user(&bob), actor(&store, two, Role::Admin)] {
            assert!(store.sessions().list(&stranger, &alice, &Page::default()).await.is_err());
            assert!(store.sessions().end(&stranger, &alice, first.uid).await.is_err());
        }
        let seen = store.sessions().list(&as_user(&alice), &alice, &Page::default()).await.unwrap().items;
        assert_eq!(seen, [first.clone(), second.clone()]);
        store.sessions().end(&actor(&store, one, Role::Admin), &alice, first.uid).await.unwrap();
        assert!(find(&store, "a").await.is_none() && find(&store, "b").await.is_some());
        session(&store, &alice, "c", None).await;
        assert_eq!(store.sessions().end_all(&as_user(&alice), &alice, Some(second.uid)).await.unwrap(), 1);
        assert!(find(&store, "b").await.is_some() && find(&store, "c").await.is_none());
    });
}

#[test]
fn a_person_has_a_bounded_number_of_sessions() {
    on_both(|store| async move {
        let one = org(&store, "one").await.uid;
        let alice = person(&store, Some(one), "alice@example.test", Role::User).await;
        for number in 0..=SESSIONS_PER_USER_MAX {
            session(&store, &alice, &format!("h{number}"), None).await;
            store.clock().advance(SignedDuration::from_millis(5));
        }
        assert!(find(&store, "h0").await.is_none() && find(&store, "h1").await.is_some());
    });
}

#[test]
fn a_provider_ends_what_it_vouches_for_and_what_is_newer_stays() {
    on_both(|store| async move {
        let one = org(&store, "one").await.uid;
        let alice = person(&store, Some(one), "alice@example.test", Role::User).await;
        let provider = store.uid(ProviderUid::new);
        let vouched = |sid: &str| {
            Some(Vouched {
                provider,
                subject: "alice".to_owned(),
                sid: Some(sid.to_owned()),
                refresh_sealed: Some(b"sealed".to_vec()),
                refresh_at: Some(store.now() + HOUR),
                id_token_sealed: None,
            })
        };
        let first = session(&store, &alice, "a", vouched("s1")).await;
        session(&store, &alice, "b", vouched("s2")).await;
        session(&store, &alice, "local", None).await;
        let due = first.refresh_at.unwrap();
        assert!(store.sessions().claim_refresh(&server(), first.uid, due, due + HOUR).await.unwrap());
        assert!(!store.sessions().claim_refresh(&server(), first.uid, due, due + HOUR).await.unwrap());
        let said = store.now();
        store.clock().advance(HOUR / 2);
        session(&store, &alice, "newer", vouched("s1")).await;
        let by_sid = LogoutSubject::Session("s1".to_owned());
        assert_eq!(store.sessions().end_vouched(&server(), provider, &by_sid, said).await.unwrap(), 1);
        assert!(find(&store, "a").await.is_none() && find(&store, "newer").await.is_some());
        let by_person = LogoutSubject::Person("alice".to_owned());
        let other = store.uid(ProviderUid::new);
        assert_eq!(store.sessions().end_vouched(&server(), other, &by_person, store.now()).await.unwrap(), 0);
        assert_eq!(store.sessions().end_vouched(&server(), provider, &by_person, store.now()).await.unwrap(), 2);
        assert!(find(&store, "local").await.is_some());
    });
}

async fn token(store: &Store, user: &User, hash: &str, scopes: &[&str]) -> bygone_common::TokenUid {
    let new = NewApiToken {
        name: "for a script".to_owned(),
        prefix: "bygone_abc".to_owned(),
        hash: hash.to_owned(),
        scopes: Scopes::parse(scopes).unwrap(),
        expires_at: store.now() + HOUR,
    };
    store.api_tokens().create(&as_user(user), &new).await.unwrap().uid
}

#[test]
fn a_token_may_give_itself_back_and_no_other() {
    on_both(|store| async move {
        let one = org(&store, "one").await.uid;
        let alice = person(&store, Some(one), "alice@example.test", Role::User).await;
        let (uid, other) =
            (token(&store, &alice, "t", &["plans:read"]).await, token(&store, &alice, "u", &["plans:read"]).await);
        let scopes = Scopes::parse(&["plans:read"]).unwrap();
        let program = Actor::new(Who::Token(uid, alice.uid), Some(one), Role::User).within(scopes.allowance());
        assert!(store.api_tokens().revoke(&program, Some(one), other).await.is_err());
        store.api_tokens().revoke(&program, Some(one), uid).await.unwrap();
        assert!(store.api_tokens().by_hash(&server(), "t").await.unwrap().is_none());
        assert!(store.api_tokens().by_hash(&server(), "u").await.unwrap().is_some());
    });
}

#[test]
fn a_token_works_until_its_end_and_is_seen_by_its_person_and_admins() {
    on_both(|store| async move {
        let (one, two) = (org(&store, "one").await.uid, org(&store, "two").await.uid);
        let alice = person(&store, Some(one), "alice@example.test", Role::User).await;
        let bob = person(&store, Some(one), "bob@example.test", Role::Auditor).await;
        let uid = token(&store, &alice, "t", &["plans:read", "jobs:run"]).await;
        let (found, owner) = store.api_tokens().by_hash(&server(), "t").await.unwrap().unwrap();
        assert_eq!((found.uid, owner.uid, found.scopes.to_string().as_str()), (uid, alice.uid, "plans:read jobs:run"));
        let admin = actor(&store, one, Role::Admin);
        assert_eq!(store.api_tokens().list(&admin, Some(one), None, &Page::default()).await.unwrap().items.len(), 1);
        assert!(
            store.api_tokens().list(&as_user(&bob), Some(one), None, &Page::default()).await.unwrap().items.is_empty()
        );
        for stranger in [as_user(&bob), actor(&store, two, Role::Admin)] {
            assert!(store.api_tokens().revoke(&stranger, Some(one), uid).await.is_err());
        }
        store.clock().advance(HOUR);
        assert!(store.api_tokens().by_hash(&server(), "t").await.unwrap().is_none());
        store.api_tokens().revoke(&as_user(&alice), Some(one), uid).await.unwrap();
        assert!(store.api_tokens().get(&admin, Some(one), uid).await.is_err());
    });
}

#[test]
fn scopes_lower_rights_and_never_raise_them() {
    on_both(|store| async move {
        let one = org(&store, "one").await.uid;
        let within =
            |role: Role, scopes: &[&str]| actor(&store, one, role).within(Scopes::parse(scopes).unwrap().allowance());
        let reader = within(Role::Admin, &["*:read"]);
        assert_eq!(reader.right(Action::See, Resource::Plan), Right::Allowed);
        assert_eq!(reader.right(Action::Change, Resource::Plan), Right::Denied);
        let user = within(Role::User, &["*:write", "*:delete"]);
        assert_eq!(user.right(Action::Delete, Resource::Repository), Right::Denied);
        assert_eq!(user.right(Action::See, Resource::Snapshot), Right::Own);
    });
}

#[test]
fn a_link_works_once_and_until_its_end() {
    on_both(|store| async move {
        let one = org(&store, "one").await.uid;
        let alice = person(&store, Some(one), "alice@example.test", Role::User).await;
        let (admin, end) = (actor(&store, one, Role::Admin), store.now() + HOUR);
        assert!(store.links().create_password(&as_user(&alice), &alice, "x", end).await.is_err());
        store.links().create_password(&admin, &alice, "old", end).await.unwrap();
        store.links().create_password(&admin, &alice, "l", end).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        assert!(tx.use_link(&server(), LinkPurpose::Password, "old").await.is_err(), "the newer one replaced it");
        assert!(tx.use_link(&server(), LinkPurpose::SetUp, "l").await.is_err());
        let whom = tx.use_link(&server(), LinkPurpose::Password, "l").await.unwrap();
        assert_eq!(whom, Some((Some(one), alice.uid)));
        assert!(tx.use_link(&server(), LinkPurpose::Password, "l").await.is_err());
        tx.commit().await.unwrap();
        store.links().create_password(&admin, &alice, "late", end).await.unwrap();
        store.clock().advance(HOUR);
        let mut tx = store.begin().await.unwrap();
        assert!(tx.use_link(&server(), LinkPurpose::Password, "late").await.is_err());
    });
}

#[test]
fn the_set_up_link_is_made_until_somebody_runs_the_installation() {
    on_both(|store| async move {
        let end = store.now() + HOUR;
        assert!(store.links().create_set_up(&server(), "s", end).await.unwrap());
        assert!(store.links().create_set_up(&server(), "t", end).await.unwrap());
        person(&store, None, "root@example.test", Role::Root).await;
        assert!(!store.links().create_set_up(&server(), "u", end).await.unwrap());
    });
}

#[test]
fn providers_belong_to_who_runs_their_organization() {
    on_both(|store| async move {
        let (one, two) = (org(&store, "one").await.uid, org(&store, "two").await.uid);
        let rule = |org, role| GroupRule { group: "staff".to_owned(), org, role };
        let settings = |rules| ProviderSettings {
            name: "corp".to_owned(),
            title: "Corporation".to_owned(),
            issuer: "https://id.example.test".to_owned(),
            client_id: "bygone".to_owned(),
            scopes: vec!["email".to_owned()],
            groups_claim: "groups".to_owned(),
            rules,
            links_email: false,
            enabled: true,
        };
        let (admin, stranger) = (actor(&store, one, Role::Admin), actor(&store, two, Role::Admin));
        let uid = store.uid(ProviderUid::new);
        let own = settings(vec![rule(None, Role::User)]);
        let made = store.providers().create(&admin, Some(one), uid, &own, Some(b"sealed")).await.unwrap();
        assert!(made.has_secret);
        assert_eq!(store.providers().get(&admin, Some(one), uid).await.unwrap(), made);
        for org in [Some(one), Some(two)] {
            assert!(store.providers().get(&stranger, org, uid).await.is_err());
        }
        assert!(store.providers().get(&actor(&store, one, Role::Operator), Some(one), uid).await.is_err());
        assert!(store.providers().create(&admin, None, store.uid(ProviderUid::new), &own, None).await.is_err());
        let greedy = settings(vec![rule(Some(two), Role::Admin)]);
        let refused = store.providers().change(&admin, Some(one), uid, 1, &greedy, None).await.unwrap_err();
        assert_eq!(*refused.kind(), ErrorKind::Invalid { field: "rules" });
        let all = settings(vec![rule(None, Role::Root), rule(Some(two), Role::User)]);
        let everywhere = store.uid(ProviderUid::new);
        store.providers().create(&root(&store), None, everywhere, &all, None).await.unwrap();
        assert_eq!(store.providers().open(&server(), None).await.unwrap().len(), 1);
        assert_eq!(store.providers().open(&server(), Some("one")).await.unwrap().len(), 2);
        let off = ProviderSettings { enabled: false, ..own };
        let changed = store.providers().change(&admin, Some(one), uid, 1, &off, None).await.unwrap();
        assert!(changed.has_secret && changed.version == 2);
        assert!(store.providers().unlocked(&server(), uid).await.is_err());
        let (_, sealed) = store.providers().unlocked(&server(), everywhere).await.unwrap();
        assert!(sealed.is_none());
    });
}

#[test]
fn an_identity_is_one_person_s() {
    on_both(|store| async move {
        let one = org(&store, "one").await.uid;
        let alice = person(&store, Some(one), "alice@example.test", Role::User).await;
        let bob = person(&store, Some(one), "bob@example.test", Role::User).await;
        let provider = store.uid(ProviderUid::new);
        let mut tx = store.begin().await.unwrap();
        tx.add_identity(&server(), &alice, provider, "https://id", "s").await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let taken = tx.add_identity(&server(), &bob, provider, "https://id", "s").await.unwrap_err();
        assert_eq!(*taken.kind(), ErrorKind::Conflict);
        drop(tx);
        let known = store.identities().user(&server(), provider, "https://id", "s").await.unwrap().unwrap();
        assert_eq!(known, alice);
        store.identities().seen(&server(), &alice, Role::Operator).await.unwrap();
        let known = store.identities().user(&server(), provider, "https://id", "s").await.unwrap().unwrap();
        assert_eq!((known.role, known.version), (Role::Operator, 2));
        let list = store.identities().list(&as_user(&alice), &alice, &Page::default()).await.unwrap().items;
        assert!(store.identities().remove(&as_user(&alice), &alice, list[0].uid).await.is_err());
        store.identities().remove(&actor(&store, one, Role::Admin), &alice, list[0].uid).await.unwrap();
        assert!(store.identities().user(&server(), provider, "https://id", "s").await.unwrap().is_none());
    });
}
