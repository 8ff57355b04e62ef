//! A clock that jumps takes no job away from whoever has it.

use bygone_common::protocol::StartRequest;
use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::json;

use super::wait;
use crate::support::Stack;
use crate::world::World;

/// Rounds of the scheduler that a test sees: leases are judged in every fourth.
const ROUNDS: usize = 6;

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_outlives_a_clock_that_jumps() {
    let stack = Stack::start_at("2026-11-01T10:00:00Z").await;
    let world = World::new(&stack, "acme").await;
    // Each run is wanted, though nobody begins the one before.
    let rules = json!([{ "calendar": { "every": "day", "at": ["12:00"] } }]);
    let schedule = json!({ "rules": rules, "zone": { "named": "UTC" }, "missed": { "all": ROUNDS } });
    let spec =
        json!({ "sources": [world.id("sources")], "repositories": [world.id("repositories")], "schedule": schedule });
    let plan = world.admin.post(&world.path("/plans"), json!({ "name": "noon", "spec": spec })).await;
    assert_eq!(plan.status, StatusCode::CREATED, "{plan:?}");
    let history = world.path(&format!("/plans/{}/history", plan.json()["uid"].as_str().unwrap()));
    let runs = async || world.admin.get(&history).await.json()["items"].as_array().unwrap().len();

    world.admin.post(&world.path(&format!("/plans/{}/run", world.id("plans"))), json!({})).await;
    let (status, lease) = world.machine.claim().await;
    assert_eq!(status, StatusCode::OK, "{lease}");
    let (job, uid) = (lease["job"].as_str().unwrap(), lease["lease"].as_str().unwrap());
    let start = StartRequest { lease: uid.parse().unwrap() };
    world.machine.post(&format!("/jobs/{job}/start"), &json!(start)).await;
    // Each day has a run: that it is there proves that the scheduler has looked since.
    for round in 1..=ROUNDS {
        stack.clock.advance(SignedDuration::from_hours(24));
        wait(async || (runs().await >= round).then_some(())).await;
    }
    let renew = async || world.machine.post(&format!("/jobs/{job}/renew"), &json!({ "lease": uid })).await;
    let (status, standing) = renew().await;
    assert_eq!((status, &standing["cancel"]), (StatusCode::OK, &json!(false)), "{standing}");
    stack.clock.advance(SignedDuration::from_hours(-24 * 3));
    let (status, standing) = renew().await;
    assert_eq!(status, StatusCode::OK, "{standing}");
    let seen = world.admin.get(&world.path(&format!("/jobs/{job}"))).await.json();
    assert_eq!((seen["state"].as_str(), seen["attempt"].as_i64()), (Some("running"), Some(1)));
    // What is said late is heard as well: the end counts once.
    let done = json!({ "lease": uid, "outcome": { "outcome": "succeeded", "snapshot": null, "counts": {} } });
    for _ in 0..2 {
        let (status, over) = world.machine.post(&format!("/jobs/{job}/finish"), &done).await;
        assert_eq!((status, over["state"].as_str()), (StatusCode::OK, Some("succeeded")), "{over}");
    }
}
