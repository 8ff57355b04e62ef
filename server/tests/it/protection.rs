//! How well everything is protected, as a console asks for it.

use bygone_common::job::{Done, Failure, FailureCode, Outcome};
use bygone_common::protocol::{FinishRequest, StartRequest};
use bygone_store::Role;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::Stack;
use crate::world::World;

/// Runs the world's plan; its machine ends the backup so.
async fn ends(world: &World, outcome: Outcome) {
    let run = world.path(&format!("/plans/{}/run", world.id("plans")));
    assert_eq!(world.admin.post(&run, json!({})).await.status, StatusCode::CREATED);
    let (status, lease) = world.machine.claim().await;
    assert_eq!(status, StatusCode::OK, "{lease}");
    let uid: bygone_common::LeaseUid = lease["lease"].as_str().unwrap().parse().unwrap();
    let say = async |what: &str, body: Value| {
        let (status, answer) =
            world.machine.post(&format!("/jobs/{}/{what}", lease["job"].as_str().unwrap()), &body).await;
        assert_eq!(status, StatusCode::OK, "{what}: {answer}");
    };
    say("start", json!(StartRequest { lease: uid })).await;
    say("finish", json!(FinishRequest { lease: uid, outcome })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_stand_as_their_last_backups_ended() {
    let stack = Stack::start().await;
    let world = World::new(&stack, "acme").await;
    let source = async || {
        let told = world.admin.get(&world.path("/protection")).await.json();
        assert_eq!(told["verified"][0]["last"], Value::Null, "{told}");
        assert_eq!(told["sources"].as_array().unwrap().len(), 1);
        told["sources"][0].clone()
    };
    let before = source().await;
    assert_eq!(
        (before["state"].as_str(), &before["name"], &before["last_end"]),
        (Some("never"), &json!("home"), &Value::Null)
    );
    assert_eq!(before["plans"][0]["name"], "nightly");
    ends(&world, Outcome::Succeeded(Done::default())).await;
    let saved = source().await;
    assert_eq!((saved["state"].as_str(), &saved["last_end"]["state"]), (Some("protected"), &json!("succeeded")));
    assert!(saved["last_success_at"].is_string() && saved["late_since"].is_null(), "{saved}");
    ends(&world, Outcome::Failed(Failure::new(FailureCode::SourceMissing, "/home is gone"))).await;
    let failed = source().await;
    assert_eq!((failed["state"].as_str(), &failed["last_end"]["why"]), (Some("failed"), &json!("/home is gone")));
    assert_eq!(failed["last_success_at"], saved["last_success_at"]);

    let days = world.path("/job-days?since=2020-01-01T00:00:00Z&before=2020-12-31T00:00:00Z");
    assert_eq!(world.admin.get(&days).await.json()["items"], json!([]));
    let now = jiff::Timestamp::now();
    let (since, before) = (now - jiff::SignedDuration::from_hours(1), now + jiff::SignedDuration::from_hours(1));
    let counted = async |offset: i32| -> Vec<Value> {
        let path = world.path(&format!("/job-days?since={since}&before={before}&utc_offset={offset}"));
        let told = world.admin.get(&path).await.json();
        let of_source = |item: &&Value| item["source"] == world.id("sources");
        told["items"].as_array().unwrap().iter().filter(of_source).cloned().collect()
    };
    for offset in [0, 50_000, -50_000] {
        let items = counted(offset).await;
        let states: Vec<_> =
            items.iter().map(|item| (item["state"].as_str().unwrap(), item["count"].as_i64().unwrap())).collect();
        assert_eq!(states, [("failed", 1), ("succeeded", 1)], "{items:?}");
        let there = jiff::tz::Offset::from_seconds(offset).unwrap().to_datetime(now).date();
        assert_eq!(items[0]["day"], there.to_string(), "unless midnight passed meanwhile");
    }
    for (query, field) in [
        ("since=2020-01-01T00:00:00Z&before=2022-01-01T00:00:00Z", "since"),
        ("since=2020-01-01T00:00:00Z&before=2020-02-01T00:00:00Z&utc_offset=99999999", "utc_offset"),
    ] {
        assert_eq!(world.admin.get(&world.path(&format!("/job-days?{query}"))).await.json()["field"], field);
    }
    let user = stack.person(&world.org, Role::User).await;
    for path in ["/protection", "/job-days?since=2020-01-01T00:00:00Z&before=2020-02-01T00:00:00Z"] {
        assert_eq!(user.get(&world.path(path)).await.problem(), "not_found", "{path}");
    }
    let auditor = stack.person(&world.org, Role::Auditor).await;
    assert_eq!(auditor.get(&world.path("/mirrors")).await.json()["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plan_and_what_rules_would_do_is_said_before() {
    let stack = Stack::start().await;
    let world = World::new(&stack, "acme").await;
    let preview = world.path("/plans/preview");
    let spec = |cron: &str| {
        json!({ "spec": { "sources": [world.id("sources")], "repositories": [world.id("repositories")],
            "schedule": { "rules": [{ "cron": cron }], "zone": { "named": "Europe/Moscow" }, "missed": "skip" } } })
    };
    let told = world.admin.post(&preview, spec("30 22 * * *")).await.json();
    let items = told["items"].as_array().unwrap();
    assert_eq!(items.len(), 10, "{told}");
    assert!(items.iter().all(|item| item["nominal_at"].as_str().unwrap().ends_with("T19:30:00Z")), "{told}");
    let refused = world.admin.post(&preview, spec("99 22 * * *")).await;
    assert!(refused.status.is_client_error(), "{refused:?}");
    assert_eq!(
        world.admin.get(&world.path("/plans")).await.json()["items"].as_array().unwrap().len(),
        1,
        "none is kept"
    );

    let path = world.path(&format!("/repositories/{}/retention-preview", world.id("repositories")));
    let told = world.admin.post(&path, json!({ "policy": { "keep": { "daily": 1 } } })).await.json();
    assert_eq!((&told["kept"], &told["forgotten"]), (&json!(1), &json!(0)), "{told}");
    assert_eq!(told["items"][0]["snapshot"]["id"], crate::world::SNAPSHOT);
    assert!(told["items"][0]["reasons"].as_array().unwrap().contains(&json!("daily snapshot")), "{told}");
    let none =
        world.admin.post(&path, json!({ "policy": { "keep": { "daily": 1 } }, "hosts": ["other"] })).await.json();
    assert_eq!(none["items"], json!([]));
}
