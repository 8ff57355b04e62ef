//! Mirrors that the server keeps.

use bygone_common::job::{FailureCode, JobSpec, JobState, MirrorSpec};
use bygone_tests::restic::Restic;

use super::{Bench, counts, failure};
use crate::gateway::support::behind;
use crate::repositories::blocking;

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_is_the_same_repository_elsewhere_and_follows_it() {
    let bench = Bench::new().await;
    let place = behind(&bench.stack, "acme", "mirror", None).await;
    let mirror = |delete| JobSpec::Mirror(MirrorSpec { from: bench.behind.row.uid, to: place.row.uid, delete });
    let first = bench.run(mirror(false)).await;
    assert_eq!(first.state, JobState::Succeeded, "{:?}", first.outcome);
    assert!(counts(&first).bytes_written > 0);
    let again = bench.run(mirror(false)).await;
    assert_eq!((again.state, counts(&again).packs), (JobState::Succeeded, 0), "nothing is copied twice");
    let there = Restic::new(place.row.location.clone());
    let snapshots = blocking(move || {
        there.run(&["check", "--read-data"]);
        there.run(&["snapshots", "--json"])
    })
    .await;
    assert_eq!(snapshots.matches("\"short_id\"").count(), 3);
    let catalog = bench.store().snapshots().count(&bench.admin(), bench.behind.org, place.row.uid).await.unwrap();
    assert_eq!(catalog, 3, "the mirror's catalog is listed too");

    // What the source forgets stays at the mirror until somebody says otherwise; it was seen, and is no stranger's.
    bench.restic.run(&["forget", "--keep-last", "2", "--prune"]);
    assert_eq!(bench.run(mirror(false)).await.state, JobState::Succeeded);
    assert_eq!(
        Restic::new(place.row.location.clone()).run(&["snapshots", "--json"]).matches("\"short_id\"").count(),
        3
    );
    bench.restic.run(&["backup", "--host", "alpha", bench.source.path().to_str().unwrap()]);
    let deleted = bench.run(mirror(true)).await;
    assert_eq!(deleted.state, JobState::Succeeded, "{:?}", deleted.outcome);
    assert!(counts(&deleted).packs_removed > 0);
    let there = Restic::new(place.row.location.clone());
    there.run(&["check", "--read-data"]);
    assert_eq!(
        there.run(&["snapshots", "--json"]).matches("\"short_id\"").count(),
        3,
        "two that stayed, and the new one"
    );

    // Somebody backs up to the mirror: it is no mirror any more, and nothing of it is touched.
    there.run(&["backup", "--host", "elsewhere", bench.source.path().to_str().unwrap()]);
    let refused = bench.run(mirror(true)).await;
    assert_eq!((refused.state, failure(&refused)), (JobState::Failed, FailureCode::Conflict), "{:?}", refused.outcome);
    assert_eq!(there.run(&["snapshots", "--json"]).matches("\"short_id\"").count(), 4);
    there.run(&["check"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_repository_is_no_place_for_a_mirror() {
    let bench = Bench::new().await;
    let other = behind(&bench.stack, "acme", "other", None).await;
    Restic::new(other.row.location.clone()).run(&["init"]);
    let spec = MirrorSpec { from: bench.behind.row.uid, to: other.row.uid, delete: true };
    let refused = bench.run(JobSpec::Mirror(spec)).await;
    assert_eq!((refused.state, failure(&refused)), (JobState::Failed, FailureCode::Conflict), "{:?}", refused.outcome);
    Restic::new(other.row.location.clone()).run(&["check"]);
    bench.restic.run(&["check"]);
}
