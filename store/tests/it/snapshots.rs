use bygone_common::RepositoryUid;
use bygone_store::events::EventKind;
use bygone_store::snapshots::{Catalogued, Held, SnapshotQuery, SnapshotRow};
use bygone_store::{Actor, ErrorKind, Page, Role};
use jiff::Timestamp;
use serde_json::json;

use super::repositories::repository;
use super::support::{actor, on_both, on_both_and_beside, org};

pub(crate) fn snapshot(repository: RepositoryUid, id: &str, hour: i64, host: &str, tags: &[&str]) -> Catalogued {
    let row = SnapshotRow {
        repository,
        id: id.to_owned(),
        taken_at: Timestamp::from_second(1_790_000_000 + hour * 3600).unwrap(),
        utc_offset: 3600,
        host: host.to_owned(),
        username: "alice".to_owned(),
        paths: vec!["/home".to_owned(), "/a\"b".to_owned()],
        tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
        tree: "t".to_owned(),
        parent: None,
        program: "restic 0.19.1".to_owned(),
        files: Some(3),
        bytes: None,
        added_bytes: None,
        added_stored_bytes: Some(7),
        source: None,
    };
    Catalogued { row, holds: Vec::new() }
}

#[test]
fn a_refresh_makes_the_catalog_what_the_repository_says() {
    on_both(|store| async move {
        let one = org(&store, "one").await;
        let system = Actor::system("catalog", one.uid);
        let kept = repository(&store, one.uid, "main").await;
        let all = store.snapshots();
        let (a, b) = (snapshot(kept.uid, "a", 1, "x", &[]), snapshot(kept.uid, "b", 2, "x", &[]));
        let refreshed = all.replace(&system, one.uid, kept.uid, &[a.clone(), b.clone()], &[]).await.unwrap();
        assert_eq!((refreshed.added.as_slice(), refreshed.total), (["a".to_owned(), "b".to_owned()].as_slice(), 2));
        assert_eq!(all.get(&system, one.uid, kept.uid, "a").await.unwrap(), a.row);
        let again = all.replace(&system, one.uid, kept.uid, std::slice::from_ref(&b), &["a".to_owned()]).await.unwrap();
        assert_eq!((again.added.len(), again.removed.len()), (0, 0), "what cannot be read is not gone");
        let gone = all.replace(&system, one.uid, kept.uid, &[b], &[]).await.unwrap();
        assert_eq!(gone.removed, ["a"]);
        assert_eq!(*all.get(&system, one.uid, kept.uid, "a").await.unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(all.count(&system, one.uid, kept.uid).await.unwrap(), 1);
        let told = store.happened(&system, one.uid, &Page::default()).await.unwrap().items;
        let told: Vec<_> = told.iter().map(|event| (event.kind, event.data.clone())).collect();
        let changed = |added: u64, removed: u64| {
            (EventKind::RepositoryChanged, json!({ "repository": kept.uid, "added": added, "removed": removed }))
        };
        assert_eq!(told, [changed(2, 0), changed(0, 1)], "who finds nothing new tells nobody");
    });
}

#[test]
fn two_replicas_that_refresh_at_once_find_a_new_snapshot_once() {
    on_both_and_beside(|store, beside| async move {
        let one = org(&store, "one").await;
        let system = Actor::system("catalog", one.uid);
        let kept = repository(&store, one.uid, "main").await.uid;
        let mut found = Vec::new();
        for round in 0..20 {
            found.extend((0..20).map(|number| snapshot(kept, &format!("{round}-{number}"), round, "x", &[])));
            let (here, there) = (store.snapshots(), beside.snapshots());
            let (first, second) = tokio::join!(
                here.replace(&system, one.uid, kept, &found, &[]),
                there.replace(&system, one.uid, kept, &found, &[]),
            );
            assert_eq!(first.unwrap().added.len() + second.unwrap().added.len(), 20);
        }
    });
}

#[test]
fn snapshots_are_found_by_host_tag_path_time_and_hold() {
    on_both(|store| async move {
        let (one, two) = (org(&store, "one").await, org(&store, "two").await);
        let system = Actor::system("catalog", one.uid);
        let kept = repository(&store, one.uid, "main").await;
        let mut held = snapshot(kept.uid, "c", 3, "y", &["hold:case=7"]);
        held.holds.push(Held { case: "7".to_owned(), who: "bob".to_owned(), reason: "law".to_owned(), until: None });
        let found = [snapshot(kept.uid, "a", 1, "x", &["daily"]), snapshot(kept.uid, "b", 2, "x", &["dailyish"]), held];
        store.snapshots().replace(&system, one.uid, kept.uid, &found, &[]).await.unwrap();
        let auditor = actor(&store, one.uid, Role::Auditor);
        let ids = async |query: SnapshotQuery| {
            let list = store.snapshots().list(&auditor, one.uid, &query, &Page::default()).await.unwrap();
            list.items.into_iter().map(|row| row.id).collect::<String>()
        };
        let any = SnapshotQuery::default;
        assert_eq!(ids(any()).await, "cba");
        assert_eq!(ids(SnapshotQuery { host: Some("x".into()), ..any() }).await, "ba");
        assert_eq!(ids(SnapshotQuery { tag: Some("daily".into()), ..any() }).await, "a");
        assert_eq!(ids(SnapshotQuery { tag: Some("Daily".into()), ..any() }).await, "");
        assert_eq!(ids(SnapshotQuery { path: Some("/a\"b".into()), ..any() }).await, "cba");
        assert_eq!(ids(SnapshotQuery { path: Some("/hom".into()), ..any() }).await, "");
        assert_eq!(ids(SnapshotQuery { since: Some(found[1].row.taken_at), ..any() }).await, "cb");
        assert_eq!(ids(SnapshotQuery { before: Some(found[1].row.taken_at), ..any() }).await, "a");
        assert_eq!(ids(SnapshotQuery { held: Some(true), ..any() }).await, "c");
        assert_eq!(ids(SnapshotQuery { held: Some(false), ..any() }).await, "ba");
        let page = Page::new(Some(2), None).unwrap();
        let first = store.snapshots().list(&auditor, one.uid, &any(), &page).await.unwrap();
        let page = Page::new(Some(2), first.next.as_deref()).unwrap();
        let second = store.snapshots().list(&auditor, one.uid, &any(), &page).await.unwrap();
        assert_eq!((first.items.len(), second.items.len(), second.next), (2, 1, None));
        let holds = store.snapshots().holds(&auditor, one.uid, Some("7"), &Page::default()).await.unwrap();
        assert_eq!(holds.items.first().map(|hold| hold.snapshot.as_str()), Some("c"));
        let stranger = actor(&store, two.uid, Role::Admin);
        let hidden = store.snapshots().list(&stranger, one.uid, &any(), &Page::default()).await.unwrap_err();
        assert_eq!(*hidden.kind(), ErrorKind::NotFound);
    });
}
