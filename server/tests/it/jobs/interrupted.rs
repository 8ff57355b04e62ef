//! Jobs of the server that end in the middle: given up, or because the server stops.

use std::time::{Duration, Instant};

use bygone_common::job::{JobSpec, JobState};
use bygone_store::Page;
use bygone_store::events::EventKind;
use reqwest::StatusCode;
use serde_json::Value;

use super::far::{Far, NARROW, WIDE};
use crate::gateway::support::admin;
use crate::support::Stack;

/// How soon a job ends that is given up, however slow its storage is.
const GIVEN_UP_WITHIN: Duration = Duration::from_secs(2);

const REACH: [(&str, &str); 1] = [("STORAGE__ALLOWED_NETWORKS", "127.0.0.1")];

/// Gives a job up over the API while it is in the middle of contents.
async fn given_up(spec: impl FnOnce(&Far) -> JobSpec) -> Far {
    let stack = Stack::start_with(&REACH).await;
    let far = Far::new(&stack).await;
    let store = stack.server.as_ref().unwrap().app().store.clone();
    far.way.widen(NARROW);
    let job = far.make(&store, spec(&far)).await;
    far.in_the_middle(&store, job).await;
    let begun = Instant::now();
    let path = format!("/api/v1/orgs/{}/jobs/{job}/cancel", far.org);
    let asked = stack.root().post(&path, Value::Null).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{asked:?}");
    let over = far.over(&store, job).await;
    assert_eq!(over.state, JobState::Cancelled, "{:?}", over.outcome);
    assert!(begun.elapsed() <= GIVEN_UP_WITHIN, "it took {:?}", begun.elapsed());
    far
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verify_that_is_given_up_ends_within_two_seconds() {
    let far = given_up(Far::verify).await;
    far.is_sound("full").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_given_up_leaves_two_sound_repositories() {
    let far = given_up(Far::copy).await;
    far.is_sound("full").await;
    far.is_sound("empty").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_goes_on_after_a_restart_in_its_middle_and_ends_once() {
    let mut stack = Stack::start_with(&REACH).await;
    let far = Far::new(&stack).await;
    let store = stack.server.as_ref().unwrap().app().store.clone();
    far.way.widen(NARROW);
    let job = far.make(&store, far.copy()).await;
    far.in_the_middle(&store, job).await;
    let begun = Instant::now();
    stack.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(10), "it waited for its job: {:?}", begun.elapsed());
    stack.start_as(&REACH, bygone_server::Roles { worker: false, ..bygone_server::Roles::ALL }).await;
    let store = stack.server.as_ref().unwrap().app().store.clone();
    let left = far.get(&store, job).await;
    assert_eq!((left.state, left.attempt), (JobState::Queued, 0), "it costs no attempt: {:?}", left.outcome);
    stack.stop().await;
    far.is_sound("empty").await;
    far.way.widen(WIDE);
    stack.start_again(&REACH).await;
    let store = stack.server.as_ref().unwrap().app().store.clone();
    let over = far.over(&store, job).await;
    assert_eq!((over.state, over.attempt), (JobState::Succeeded, 1), "{:?}", over.outcome);
    let all = Page::new(Some(500), None).unwrap();
    let events = store.happened(&admin(&stack, far.org), far.org, &all).await.unwrap().items;
    let ends = events.iter().filter(|event| event.job == Some(job) && event.kind == EventKind::JobEnded).count();
    assert_eq!(ends, 1);
    far.is_sound("empty").await;
}
