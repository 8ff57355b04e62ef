use bygone_common::{LeaseUid, OrgUid};
use bygone_store::index_leases::Replica;
use bygone_store::{Actor, ErrorKind, Role, Store};
use jiff::SignedDuration;

use super::support::{actor, on_both, org};

const LASTS: SignedDuration = SignedDuration::from_secs(15);

fn replica(store: &Store, url: Option<&str>) -> Replica {
    Replica { uid: store.uid(LeaseUid::new), url: url.map(str::to_owned) }
}

async fn holder(store: &Store, org: OrgUid, asking: &Replica) -> LeaseUid {
    let server = Actor::installation("search");
    store.index_leases().take(&server, org, asking, LASTS).await.unwrap().unwrap().holder.uid
}

#[test]
fn an_index_is_one_replica_s_until_its_lease_runs_out_or_is_given_up() {
    on_both(|store| async move {
        let (acme, other) = (org(&store, "acme").await.uid, org(&store, "other").await.uid);
        let (one, two) = (replica(&store, Some("http://one")), replica(&store, Some("http://two")));
        let server = Actor::installation("search");
        assert_eq!(holder(&store, acme, &one).await, one.uid);
        assert_eq!(holder(&store, acme, &two).await, one.uid, "it is taken");
        assert_eq!(holder(&store, other, &two).await, two.uid, "another organization's is its own");
        store.clock().advance(LASTS / 2);
        assert_eq!(store.index_leases().prolong(&server, &one, LASTS).await.unwrap(), [acme]);
        store.clock().advance(LASTS / 2);
        assert_eq!(holder(&store, acme, &two).await, one.uid, "it was prolonged");
        store.clock().advance(LASTS);
        assert_eq!(holder(&store, acme, &two).await, two.uid, "it ran out");
        assert!(store.index_leases().prolong(&server, &one, LASTS).await.unwrap().is_empty());
        store.index_leases().give_up(&server, &two).await.unwrap();
        assert_eq!(holder(&store, acme, &one).await, one.uid);
    });
}

#[test]
fn a_replica_that_was_started_again_finds_its_own_lease() {
    on_both(|store| async move {
        let acme = org(&store, "acme").await.uid;
        let (before, after) = (replica(&store, Some("http://one")), replica(&store, Some("http://one")));
        assert_eq!(holder(&store, acme, &before).await, before.uid);
        assert_eq!(holder(&store, acme, &after).await, after.uid);
        // Those that nobody reaches are not the same for that.
        let (nowhere, neither) = (replica(&store, None), replica(&store, None));
        store.clock().advance(LASTS);
        assert_eq!(holder(&store, acme, &nowhere).await, nowhere.uid);
        assert_eq!(holder(&store, acme, &neither).await, nowhere.uid);
    });
}

#[test]
fn leases_of_indexes_are_the_server_s_alone() {
    on_both(|store| async move {
        let acme = org(&store, "acme").await.uid;
        let (admin, mine) = (actor(&store, acme, Role::Admin), replica(&store, None));
        let refused = store.index_leases().take(&admin, acme, &mine, LASTS).await.unwrap_err();
        assert_eq!(*refused.kind(), ErrorKind::NotFound);
        assert_eq!(*store.index_leases().prolong(&admin, &mine, LASTS).await.unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(*store.index_leases().give_up(&admin, &mine).await.unwrap_err().kind(), ErrorKind::NotFound);
    });
}
