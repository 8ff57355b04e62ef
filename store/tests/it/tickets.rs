use bygone_common::{OrgUid, RepositoryUid, SourceUid, UserUid};
use bygone_store::tickets::{Bearer, NewTicket, Redeemed, Refusal, Ticket, Transfer};
use bygone_store::{Actor, ErrorKind, Role, Store};
use jiff::SignedDuration;
use serde_json::json;

use super::support::{actor, on_both, org};

async fn ticket(store: &Store, by: &Actor, org: OrgUid, hash: &str) -> Ticket {
    let new = NewTicket {
        source: store.uid(SourceUid::new),
        repository: store.uid(RepositoryUid::new),
        hash: hash.to_owned(),
        items: json!([{ "path": "/a" }]),
        form: "file",
        name: "a".to_owned(),
        address: None,
    };
    store.tickets().create(by, org, &new).await.unwrap()
}

fn with_cookie(cookie: &str) -> Bearer {
    Bearer { cookie_hash: Some(cookie.to_owned()), ..Bearer::default() }
}

#[test]
fn a_ticket_is_redeemed_once() {
    on_both(|store| async move {
        let one = org(&store, "one").await.uid;
        let (user, server) = (actor(&store, one, Role::User), Actor::installation("downloads"));
        let made = ticket(&store, &user, one, "h").await;
        let redeem = async |bearer: Bearer| store.tickets().redeem(&server, "h", &bearer, "c").await.unwrap();
        let Redeemed::Begun(begun) = redeem(Bearer::default()).await else { panic!("not begun") };
        assert_eq!(begun.uid, made.uid);
        for stranger in [Bearer::default(), with_cookie("x")] {
            assert_eq!(redeem(stranger).await, Redeemed::Refused(Refusal::Used));
        }
        assert!(matches!(redeem(with_cookie("c")).await, Redeemed::Known(_)));
        let other = Bearer { user: Some(store.uid(UserUid::new)), ..with_cookie("c") };
        assert_eq!(redeem(other).await, Redeemed::Refused(Refusal::OtherUser));
        let unknown = store.tickets().redeem(&server, "none", &Bearer::default(), "c").await.unwrap();
        assert_eq!(unknown, Redeemed::Refused(Refusal::Unknown));
        let refused = store.tickets().redeem(&user, "h", &Bearer::default(), "c").await.unwrap_err();
        assert_eq!(*refused.kind(), ErrorKind::NotFound);
    });
}

#[test]
fn of_many_who_come_at_once_one_redeems() {
    on_both(|store| async move {
        let one = org(&store, "one").await.uid;
        let server = Actor::installation("downloads");
        ticket(&store, &actor(&store, one, Role::User), one, "h").await;
        let mut begun = Vec::new();
        for number in 0..12 {
            let (store, server) = (store.clone(), server.clone());
            begun.push(tokio::spawn(async move {
                let fresh = number.to_string();
                let redeemed = store.tickets().redeem(&server, "h", &Bearer::default(), &fresh).await.unwrap();
                matches!(redeemed, Redeemed::Begun(_))
            }));
        }
        let mut count = 0;
        for one in begun {
            count += u32::from(one.await.unwrap());
        }
        assert_eq!(count, 1);
    });
}

#[test]
fn a_session_lasts_while_it_is_used_and_no_longer_than_it_may() {
    on_both(|store| async move {
        let one = org(&store, "one").await.uid;
        let (user, server) = (actor(&store, one, Role::User), Actor::installation("downloads"));
        let made = ticket(&store, &user, one, "h").await;
        let redeem = async || store.tickets().redeem(&server, "h", &with_cookie("c"), "c").await.unwrap();
        assert!(matches!(redeem().await, Redeemed::Begun(_)));
        // Within a minute nothing is written, which would cost more than the part of a file that is asked for.
        let Redeemed::Known(soon) = redeem().await else { panic!("not known") };
        store.clock().advance(SignedDuration::from_secs(59));
        let Redeemed::Known(still) = redeem().await else { panic!("not known") };
        assert_eq!(still.session_expires_at, soon.session_expires_at);
        store.clock().advance(SignedDuration::from_secs(1));
        let Redeemed::Known(later) = redeem().await else { panic!("not known") };
        assert!(later.session_expires_at > soon.session_expires_at);
        // A week of use, and not a moment more.
        for _ in 0..(7 * 24 * 60 / 25) {
            store.clock().advance(SignedDuration::from_mins(25));
            assert!(matches!(redeem().await, Redeemed::Known(_)));
        }
        store.clock().advance(SignedDuration::from_mins(25));
        assert_eq!(redeem().await, Redeemed::Refused(Refusal::Expired));
        let sent = Transfer { bytes: 7, requests: 2, fault: None };
        store.tickets().sent(&server, &made, &user, &sent).await.unwrap();
        let stranger = actor(&store, one, Role::Admin);
        assert!(store.tickets().revoke(&stranger, one, made.uid).await.is_err());
        store.tickets().revoke(&user, one, made.uid).await.unwrap();
        assert_eq!(redeem().await, Redeemed::Refused(Refusal::Unknown));
    });
}

#[test]
fn bytes_of_a_day_add_up_and_checksums_are_kept() {
    on_both(|store| async move {
        let one = org(&store, "one").await.uid;
        let (user, server) = (store.uid(UserUid::new), Actor::system("downloads", one));
        for bytes in [5, 7] {
            store.download_days().add(&server, one, user, 20_000, bytes).await.unwrap();
        }
        assert_eq!(store.download_days().get(&server, one, user, 20_000).await.unwrap(), 12);
        assert_eq!(store.download_days().get(&server, one, user, 20_001).await.unwrap(), 0);
        for kept in [b"one".as_slice(), b"two"] {
            store.zip_checksums().put(&server, one, "\"e\"", kept).await.unwrap();
        }
        assert_eq!(store.zip_checksums().get(&server, one, "\"e\"").await.unwrap().unwrap(), b"two");
        store.clock().advance(SignedDuration::from_hours(24 * 15));
        store.zip_checksums().put(&server, one, "\"f\"", b"x").await.unwrap();
        assert_eq!(store.zip_checksums().get(&server, one, "\"e\"").await.unwrap(), None);
    });
}
