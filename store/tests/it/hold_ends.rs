//! Holds that end by themselves, in repositories whose files are locked.

use bygone_common::job::{JobKind, JobSpec, LegalHoldSpec};
use bygone_common::{Id, OrgUid, RepositoryUid, SnapshotId};
use bygone_store::jobs::{Job, JobFilter};
use bygone_store::repositories::NewRepository;
use bygone_store::snapshots::{Catalogued, Held};
use bygone_store::{Actor, Page, Role, Store};
use jiff::SignedDuration;

use super::repositories::{new, repository};
use super::snapshots::snapshot;
use super::support::{actor, on_both_and_beside, org};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn id(byte: u8) -> SnapshotId {
    SnapshotId(Id::new([byte; 32]))
}

/// A snapshot with a hold for each end; none: until somebody releases it.
fn held(store: &Store, repository: RepositoryUid, byte: u8, ends: &[Option<SignedDuration>]) -> Catalogued {
    let hold = |(number, end): (usize, &Option<SignedDuration>)| Held {
        case: number.to_string(),
        who: "bob".to_owned(),
        reason: "law".to_owned(),
        until: end.map(|end| store.now() + end),
    };
    let mut one = snapshot(repository, &id(byte).to_string(), i64::from(byte), "x", &[]);
    one.holds = ends.iter().enumerate().map(hold).collect();
    one
}

async fn made(store: &Store, org: OrgUid) -> Vec<Job> {
    let filter = JobFilter { kind: Some(JobKind::LegalHold), ..JobFilter::default() };
    let admin = actor(store, org, Role::Admin);
    store.jobs().list(&admin, org, &filter, &Page::default()).await.unwrap().items
}

#[test]
fn the_end_of_a_snapshots_last_hold_makes_one_job_where_files_are_locked() {
    on_both_and_beside(|store, beside| async move {
        let one = org(&store, "one").await.uid;
        let (admin, catalog) = (actor(&store, one, Role::Admin), Actor::system("catalog", one));
        let wanted = NewRepository { worm_days: Some(30), ..new(&store, "locked") };
        let locked = store.repositories().create(&admin, one, &wanted).await.unwrap().uid;
        let plain = repository(&store, one, "plain").await.uid;
        let found = [
            held(&store, locked, 1, &[Some(MINUTE)]),
            held(&store, locked, 2, &[Some(MINUTE), Some(HOUR)]),
            held(&store, locked, 3, &[Some(MINUTE), None]),
        ];
        store.snapshots().replace(&catalog, one, locked, &found, &[]).await.unwrap();
        let found = [held(&store, plain, 1, &[Some(MINUTE)])];
        store.snapshots().replace(&catalog, one, plain, &found, &[]).await.unwrap();
        assert_eq!(store.jobs().end_holds().await.unwrap(), 0, "none has ended");

        store.clock().advance(MINUTE);
        let (store_jobs, beside_jobs) = (store.jobs(), beside.jobs());
        let (here, there) = tokio::join!(store_jobs.end_holds(), beside_jobs.end_holds());
        assert_eq!(here.unwrap() + there.unwrap(), 1, "two replicas make one job");
        let jobs = made(&store, one).await;
        let spec = |byte| JobSpec::LegalHold(LegalHoldSpec { repository: locked, snapshot: id(byte) });
        assert_eq!(jobs.iter().map(|job| job.spec.clone()).collect::<Vec<_>>(), [spec(1)], "others hold the rest");
        assert_eq!(jobs[0].created_by_kind, "system");
        assert_eq!(store.jobs().end_holds().await.unwrap(), 0, "it was seen to");

        store.clock().advance(HOUR);
        assert_eq!(beside.jobs().end_holds().await.unwrap(), 1);
        assert_eq!(made(&store, one).await[0].spec, spec(2));
        store.clock().advance(HOUR * 1_000);
        assert_eq!(store.jobs().end_holds().await.unwrap(), 0, "the third is held until somebody releases it");
    });
}
