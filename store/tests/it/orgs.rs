use bygone_common::AgentUid;
use bygone_store::orgs::{NewOrg, OrgChange, Quota};
use bygone_store::{Actor, ErrorKind, Page, Role};

use super::jobs::{Bench, lease};
use super::support::{actor, on_both, org, root};

#[test]
fn root_makes_organizations_and_their_people_see_only_their_own() {
    on_both(|store| async move {
        let (one, two) = (org(&store, "one").await, org(&store, "two").await);
        let admin = actor(&store, one.uid, Role::Admin);
        assert_eq!(store.orgs().get(&admin, one.uid).await.unwrap(), one);
        assert_eq!(*store.orgs().get(&admin, two.uid).await.unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(*store.orgs().named(&admin, "two").await.unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(store.orgs().list(&admin, &Page::default()).await.unwrap().items, std::slice::from_ref(&one));
        assert_eq!(store.orgs().list(&root(&store), &Page::default()).await.unwrap().items, [one, two]);
    });
}

#[test]
fn a_list_goes_on_after_its_last_item() {
    on_both(|store| async move {
        for name in ["a", "b", "c", "d", "e"] {
            org(&store, name).await;
        }
        let mut names = Vec::new();
        let mut next = None;
        loop {
            let page = Page::new(Some(2), next.as_deref()).unwrap();
            let list = store.orgs().list(&root(&store), &page).await.unwrap();
            names.extend(list.items.into_iter().map(|org| org.name));
            next = list.next;
            if next.is_none() {
                break;
            }
        }
        names.sort_unstable();
        assert_eq!(names, ["a", "b", "c", "d", "e"]);
        assert!(Page::new(Some(0), None).is_err() && Page::new(None, Some("zz")).is_err());
    });
}

#[test]
fn a_name_is_taken_once_and_fits_a_url() {
    on_both(|store| async move {
        org(&store, "one").await;
        let make = |name: &str| NewOrg { name: name.to_owned(), title: "x".to_owned(), quota: Quota::default() };
        let taken = store.orgs().create(&root(&store), &make("one")).await.unwrap_err();
        assert_eq!(*taken.kind(), ErrorKind::Conflict);
        for name in ["", "A", "a b", "-a", "a-", "../x", "\u{e9}", &"a".repeat(41)] {
            let refused = store.orgs().create(&root(&store), &make(name)).await.unwrap_err();
            assert_eq!(*refused.kind(), ErrorKind::Invalid { field: "name" }, "{name:?}");
        }
    });
}

#[test]
fn a_change_is_made_to_what_was_seen_or_not_at_all() {
    on_both(|store| async move {
        let one = org(&store, "one").await;
        let change = OrgChange { title: Some("One".to_owned()), ..OrgChange::default() };
        let admin = actor(&store, one.uid, Role::Admin);
        let changed = store.orgs().change(&admin, one.uid, 1, &change).await.unwrap();
        assert_eq!((changed.title.as_str(), changed.version), ("One", 2));
        assert_eq!(store.orgs().get(&admin, one.uid).await.unwrap(), changed);
        let late = store.orgs().change(&admin, one.uid, 1, &change).await.unwrap_err();
        assert_eq!(*late.kind(), ErrorKind::Conflict);
        let quota = OrgChange { quota: Some(Quota { bytes_max: Some(5), ..Quota::default() }), ..OrgChange::default() };
        let refused = store.orgs().change(&admin, one.uid, 2, &quota).await.unwrap_err();
        assert_eq!(*refused.kind(), ErrorKind::Forbidden);
        let granted = store.orgs().change(&root(&store), one.uid, 2, &quota).await.unwrap();
        assert_eq!(granted.quota.bytes_max, Some(5));
    });
}

#[test]
fn a_quota_of_jobs_holds_for_all_agents_of_an_organization_together() {
    on_both(|store| async move {
        let bench = Bench::new(store.clone()).await;
        let quota = OrgChange { quota: Some(Quota { jobs_max: Some(2), ..Quota::default() }), ..OrgChange::default() };
        store.orgs().change(&root(&store), bench.org, 1, &quota).await.unwrap();
        let agents: Vec<AgentUid> = (0..3).map(|_| store.uid(AgentUid::new)).collect();
        for agent in &agents {
            bench.backup(*agent).await;
        }
        let first = bench.claim(agents[0]).await.unwrap();
        assert!(bench.claim(agents[1]).await.is_some());
        assert_eq!(bench.claim(agents[2]).await, None, "two at one time");
        let jobs = store.jobs();
        jobs.give_back(&Actor::system("test", bench.org), bench.org, first.uid, lease(&first)).await.unwrap();
        assert!(bench.claim(agents[2]).await.is_some());
    });
}
