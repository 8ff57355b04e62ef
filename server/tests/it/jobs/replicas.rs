//! Two servers over one PostgreSQL.

use std::collections::HashMap;
use std::time::Instant;

use bygone_common::JobUid;
use bygone_common::job::{CatalogSpec, JobSpec, JobState};
use bygone_store::Page;
use bygone_store::events::EventKind;
use bygone_tests::postgres::Postgres;
use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::far::{Far, NARROW, WIDE};
use super::{WAIT_MAX, wait};
use crate::gateway::support::admin;
use crate::support::Stack;
use crate::world::World;

/// Jobs that two replicas share.
const JOBS: usize = 40;

pub(super) struct Replicas {
    pub(super) one: Stack,
    pub(super) two: Stack,
    _shared: tempfile::TempDir,
    _cluster: Postgres,
}

impl Replicas {
    /// With a clock that both share, and that stands still; or the machine's.
    pub(super) async fn start(time: Option<&str>) -> Self {
        Self::start_on(time, None).await
    }

    /// The same, the second one on a runtime of its own, with whose end it dies.
    pub(super) async fn start_on(time: Option<&str>, second: Option<&tokio::runtime::Handle>) -> Self {
        let (cluster, shared) = (Postgres::shared(), tempfile::tempdir().unwrap());
        let (url, key) = (cluster.database(), "5a".repeat(32));
        let variables = [
            ("DATABASE__URL", url.as_str()),
            ("SECRETS__KEY", key.as_str()),
            ("STORAGE__FOLDER", shared.path().to_str().unwrap()),
            ("STORAGE__ALLOWED_NETWORKS", "127.0.0.1"),
            ("LIMITS__JOBS", "1"),
        ];
        let one = match time {
            Some(time) => Stack::start_at_with(time, &variables).await,
            None => Stack::start_with(&variables).await,
        };
        let two = match second {
            Some(runtime) => tokio::task::block_in_place(|| runtime.block_on(one.beside(&variables))),
            None => one.beside(&variables).await,
        };
        Self { one, two, _shared: shared, _cluster: cluster }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_take_jobs_and_none_is_lost_or_done_twice() {
    let replicas = Replicas::start(None).await;
    let far = Far::new(&replicas.one).await;
    let store = replicas.one.server.as_ref().unwrap().app().store.clone();
    // Each has one place: what the first is busy with, the other cannot wait for.
    far.way.widen(NARROW);
    let (first, second) = (far.make(&store, far.verify()).await, far.make(&store, far.verify()).await);
    let holder = async |job| far.in_the_middle(&store, job).await.lease.unwrap().by;
    assert_ne!(holder(first).await, holder(second).await);
    // A wish that one of them hears reaches the other: one of these two is not the one that was asked.
    let begun = Instant::now();
    for job in [first, second] {
        let path = format!("/api/v1/orgs/{}/jobs/{job}/cancel", far.org);
        assert_eq!(replicas.one.root().post(&path, Value::Null).await.status, StatusCode::ACCEPTED);
    }
    for job in [first, second] {
        assert_eq!(far.over(&store, job).await.state, JobState::Cancelled);
    }
    assert!(begun.elapsed().as_secs() < 3, "it took {:?}", begun.elapsed());

    far.way.widen(WIDE);
    let mut jobs = Vec::new();
    for _ in 0..JOBS {
        jobs.push(far.make(&store, JobSpec::Catalog(CatalogSpec { repository: far.full })).await);
    }
    for job in &jobs {
        let over = wait(async || {
            let job = far.get(&store, *job).await;
            assert!(job.state.is_final() || job.outcome.is_none(), "an attempt failed: {:?}", job.outcome);
            Some(job).filter(|job| job.state.is_final())
        })
        .await;
        assert_eq!((over.state, over.attempt), (JobState::Succeeded, 1), "{:?}", over.outcome);
    }
    let mut told: HashMap<(JobUid, EventKind), usize> = HashMap::new();
    let mut page = Page::new(Some(500), None).unwrap();
    loop {
        let list = store.happened(&admin(&replicas.one, far.org), far.org, &page).await.unwrap();
        for event in list.items {
            if let Some(job) = event.job.filter(|job| jobs.contains(job)) {
                *told.entry((job, event.kind)).or_default() += 1;
            }
        }
        let Some(next) = list.next else { break };
        page = Page::new(Some(500), Some(&next)).unwrap();
    }
    for job in jobs {
        for kind in [EventKind::JobQueued, EventKind::JobLeased, EventKind::JobRunning, EventKind::JobEnded] {
            assert_eq!(told.get(&(job, kind)), Some(&1), "{job} {kind:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_makes_happen_is_heard_at_the_other() {
    let replicas = Replicas::start(None).await;
    let world = World::new(&replicas.one, "acme").await;
    let url = format!("{}{}", replicas.two.url(), world.path("/events"));
    let mut heard = reqwest::Client::new().get(&url).bearer_auth(world.admin.token()).send().await.unwrap();
    assert_eq!(heard.status(), StatusCode::OK);
    let spec = json!({ "kind": "catalog", "repository": world.id("repositories") });
    let made = world.admin.post(&world.path("/jobs"), json!({ "spec": spec })).await.json();
    let uid = made["uid"].as_str().unwrap();
    let mut told = String::new();
    while !(told.contains("event: job.queued") && told.contains(uid)) {
        let chunk = tokio::time::timeout(WAIT_MAX, heard.chunk()).await.expect("it was never told").unwrap().unwrap();
        told.push_str(std::str::from_utf8(&chunk).unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_is_due_runs_once_whoever_sees_it_first() {
    let replicas = Replicas::start(Some("2026-11-01T10:00:00Z")).await;
    let world = World::new(&replicas.one, "acme").await;
    let schedule =
        json!({ "rules": [{ "calendar": { "every": "day", "at": ["10:30"] } }], "zone": { "named": "UTC" } });
    let spec =
        json!({ "sources": [world.id("sources")], "repositories": [world.id("repositories")], "schedule": schedule });
    let made = world.admin.post(&world.path("/plans"), json!({ "name": "due", "spec": spec })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let plan = made.json()["uid"].as_str().unwrap().to_owned();
    let items =
        async |path: String| world.admin.get(&world.path(&path)).await.json()["items"].as_array().unwrap().clone();
    replicas.one.clock.advance(SignedDuration::from_mins(31));
    wait(async || (!items(format!("/plans/{plan}/history")).await.is_empty()).then_some(())).await;
    // Both look again, at one moment and beside their own schedulers.
    let stores = [&replicas.one, &replicas.two].map(|stack| stack.server.as_ref().unwrap().app().store.clone());
    for _ in 0..3 {
        let (here, there) = (stores[0].plans(), stores[1].plans());
        let (here, there) = tokio::join!(here.schedule(), there.schedule());
        assert_eq!((here.unwrap().runs, there.unwrap().runs), (0, 0));
    }
    assert_eq!(items(format!("/plans/{plan}/history")).await.len(), 1);
    assert_eq!(items(format!("/jobs?plan={plan}&kind=backup")).await.len(), 1);
}
