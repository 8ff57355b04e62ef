use bygone_common::{Id, SnapshotId};
use bygone_store::{Actor, ErrorKind, Role};

use super::repositories::repository;
use super::support::{actor, on_both, org};

#[test]
fn what_a_mirror_has_seen_is_kept_once_and_goes_with_it() {
    on_both(|store| async move {
        let (one, two) = (org(&store, "one").await.uid, org(&store, "two").await.uid);
        let (from, to) = (repository(&store, one, "from").await.uid, repository(&store, one, "to").await.uid);
        let worker = Actor::system("worker", one);
        let id = |n: u8| SnapshotId(Id::new([n; 32]));
        store.mirrors().note(&worker, one, from, to, &[id(2), id(1)]).await.unwrap();
        store.mirrors().note(&worker, one, from, to, &[id(2), id(3)]).await.unwrap();
        assert_eq!(store.mirrors().seen(&worker, one, from, to).await.unwrap(), [id(1), id(2), id(3)]);
        assert!(
            store.mirrors().seen(&worker, one, to, from).await.unwrap().is_empty(),
            "the other way is another mirror"
        );
        let stranger = Actor::system("worker", two);
        assert_eq!(*store.mirrors().seen(&stranger, one, from, to).await.unwrap_err().kind(), ErrorKind::NotFound);
        assert!(store.mirrors().seen(&stranger, two, from, to).await.unwrap().is_empty());
        assert!(store.mirrors().note(&stranger, two, from, to, &[id(4)]).await.is_err());
        store.repositories().delete(&actor(&store, one, Role::Admin), one, to).await.unwrap();
        assert!(store.mirrors().seen(&worker, one, from, to).await.unwrap().is_empty());
    });
}
