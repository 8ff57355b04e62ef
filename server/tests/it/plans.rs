//! Plans over the API: their versions, their runs, and who may change what they saw.

use bygone_store::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::support::{Answer, Client, Stack};
use super::world::World;

/// When the clock of these tests begins: a Sunday.
const START: &str = "2026-11-01T10:00:00Z";

struct Bench {
    stack: Stack,
    world: World,
}

impl Bench {
    async fn new() -> Self {
        let stack = Stack::start_at(START).await;
        let world = World::new(&stack, "acme").await;
        Self { stack, world }
    }

    fn spec(&self, rest: Value) -> Value {
        let mut spec =
            json!({ "sources": [self.world.id("sources")], "repositories": [self.world.id("repositories")] });
        spec.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        spec
    }

    /// A new plan's path.
    async fn plan(&self, name: &str, rest: Value) -> String {
        let made =
            self.world.admin.post(&self.world.path("/plans"), json!({ "name": name, "spec": self.spec(rest) })).await;
        assert_eq!((made.status, &made.headers["etag"]), (StatusCode::CREATED, &"\"1\"".parse().unwrap()), "{made:?}");
        self.world.path(&format!("/plans/{}", made.json()["uid"].as_str().unwrap()))
    }

    async fn put(&self, path: &str, if_match: &str, body: Value) -> Answer {
        self.world.admin.ask(Method::PUT, path, &[("if-match", if_match)], body).await
    }

    async fn rollback(&self, path: &str, if_match: &str, version: i64) -> Answer {
        let (path, body) = (format!("{path}/rollback"), json!({ "version": version }));
        self.world.admin.ask(Method::POST, &path, &[("if-match", if_match)], body).await
    }
}

fn daily(at: &str) -> Value {
    json!({ "rules": [{ "calendar": { "every": "day", "at": [at] } }], "zone": { "named": "UTC" } })
}

async fn delete(client: &Client, path: &str, if_match: &str) -> Answer {
    client.ask(Method::DELETE, path, &[("if-match", if_match)], Value::Null).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_made_to_what_was_seen_and_every_version_can_be_brought_back() {
    let bench = Bench::new().await;
    let plan = bench.plan("weekly", json!({ "tags": ["first"] })).await;
    let second = json!({ "name": "daily", "enabled": false, "spec": bench.spec(json!({ "tags": ["second"] })) });
    let unsaid = bench.world.admin.ask(Method::PUT, &plan, &[], second.clone()).await;
    assert_eq!((unsaid.status.as_u16(), unsaid.problem().as_str()), (428, "precondition_required"));
    for stale in ["\"7\"", "\"x\"", "1", "*"] {
        let refused = bench.put(&plan, stale, second.clone()).await;
        assert_eq!((refused.status.as_u16(), refused.problem().as_str()), (412, "precondition_failed"), "{stale}");
    }
    let changed = bench.put(&plan, "\"1\"", second.clone()).await;
    assert_eq!((changed.status, &changed.headers["etag"]), (StatusCode::OK, &"\"2\"".parse().unwrap()));
    assert_eq!(bench.put(&plan, "\"1\"", second).await.status, StatusCode::PRECONDITION_FAILED, "somebody was first");

    assert_eq!(bench.rollback(&plan, "\"1\"", 1).await.problem(), "precondition_failed");
    let unknown = bench.rollback(&plan, "\"2\"", 9).await;
    assert!(unknown.status.is_client_error(), "{unknown:?}");
    let back = bench.rollback(&plan, "\"2\"", 1).await.json();
    assert_eq!((&back["version"], &back["name"], &back["enabled"]), (&json!(3), &json!("weekly"), &json!(true)));
    assert_eq!(back["spec"]["tags"], json!(["first"]));
    let versions = bench.world.admin.get(&format!("{plan}/versions")).await.json();
    let told: Vec<_> = versions["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["version"].as_i64().unwrap(),
                one["name"].as_str().unwrap(),
                one["restored_from"].as_i64(),
                one["by_kind"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(told, [(1, "weekly", None, "token"), (2, "daily", None, "token"), (3, "weekly", Some(1), "token")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plan_cannot_be_is_told_by_field() {
    let bench = Bench::new().await;
    let plans = bench.world.path("/plans");
    let check = async |body: Value, status: u16, field: &str| {
        let refused = bench.world.admin.post(&plans, body.clone()).await;
        assert_eq!(
            (refused.status.as_u16(), refused.json()["field"].as_str()),
            (status, Some(field)),
            "{body} {refused:?}"
        );
    };
    let of = |rest: Value| json!({ "name": "x", "spec": bench.spec(rest) });
    check(json!({ "name": "x" }), 400, "spec").await;
    check(of(json!({ "capture": { "exclud": [] } })), 400, "spec.capture.exclud").await;
    check(of(json!({ "storage_class": "lukewarm" })), 400, "spec.storage_class").await;
    check(of(json!({ "schedule": daily("25:00") })), 400, "spec.schedule.rules[0].calendar").await;
    check(of(json!({ "sources": [] })), 422, "sources").await;
    let taken = bench.world.admin.post(&plans, json!({ "name": "nightly", "spec": bench.spec(json!({})) })).await;
    assert_eq!(taken.problem(), "conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_runs_are_data() {
    let bench = Bench::new().await;
    let plan = bench.plan("runs", json!({ "schedule": daily("02:30") })).await;
    let next = bench.world.admin.get(&format!("{plan}/runs")).await.json();
    let at: Vec<_> = next["items"].as_array().unwrap().iter().map(|run| run["nominal_at"].as_str().unwrap()).collect();
    let expected: Vec<String> = (2..12).map(|day| format!("2026-11-{day:02}T02:30:00Z")).collect();
    assert_eq!(at, expected);
    assert!(
        next["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|run| run["what"] == "backup" && run["due_at"] == run["nominal_at"])
    );
    let three = bench.world.admin.get(&format!("{plan}/runs?count=3")).await.json();
    assert_eq!(three["items"].as_array().unwrap().len(), 3);
    for (query, field) in [("count=0", "count"), ("count=101", "count"), ("count=x", "count"), ("typo=1", "typo")] {
        let refused = bench.world.admin.get(&format!("{plan}/runs?{query}")).await;
        assert_eq!(
            (refused.problem().as_str(), refused.json()["field"].as_str()),
            ("malformed", Some(field)),
            "{query}"
        );
    }
    let never = bench.plan("never", json!({})).await;
    assert_eq!(bench.world.admin.get(&format!("{never}/runs")).await.json()["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_run_by_people_and_by_events_and_its_agent_gets_the_job() {
    let bench = Bench::new().await;
    let plan = bench.world.path(&format!("/plans/{}", bench.world.id("plans")));
    let ran = bench.world.admin.post(&format!("{plan}/run"), json!({})).await;
    assert_eq!(
        (ran.status, ran.json()["origin"].as_str(), ran.json()["what"].as_str()),
        (StatusCode::CREATED, Some("manual"), Some("backup"))
    );
    let run = ran.json()["uid"].as_str().unwrap().to_owned();
    let jobs = bench.world.admin.get(&bench.world.path(&format!("/jobs?run={run}&kind=backup"))).await.json();
    let job = &jobs["items"][0];
    assert_eq!((&job["state"], &job["agent"]), (&json!("queued"), &json!(bench.world.machine.uid)));
    assert_eq!(
        job["correlation"].as_str(),
        ran.headers["x-request-id"].to_str().ok(),
        "the request and its job have one name"
    );
    let (status, lease) = bench.world.machine.claim().await;
    assert_eq!((status, &lease["job"]), (StatusCode::OK, &job["uid"]), "{lease}");
    assert_eq!(lease["work"]["repository"]["gateway_path"], "/restic/acme/main/");

    let moved = bench.world.admin.post(&bench.world.path("/plan-events"), json!({ "event": "moved" })).await;
    assert_eq!((moved.status, moved.json()["items"].as_array().unwrap().len()), (StatusCode::CREATED, 1));
    assert_eq!(
        (&moved.json()["items"][0]["origin"], &moved.json()["items"][0]["cause"]),
        (&json!("event"), &json!("moved"))
    );
    let nobody = bench.world.admin.post(&bench.world.path("/plan-events"), json!({ "event": "unheard-of" })).await;
    assert_eq!(nobody.json()["items"], json!([]));
    let history = bench.world.admin.get(&format!("{plan}/history")).await.json();
    assert_eq!(history["items"].as_array().unwrap().len(), 2);
    assert_eq!(history["items"][1]["uid"], json!(run), "the newest first");
}

#[tokio::test(flavor = "multi_thread")]
async fn running_a_plan_twice_with_one_key_runs_it_once() {
    let bench = Bench::new().await;
    let path = bench.world.path(&format!("/plans/{}/run", bench.world.id("plans")));
    let key = [("idempotency-key", "nightly-1")];
    let first = bench.world.admin.ask(Method::POST, &path, &key, json!({})).await;
    let again = bench.world.admin.ask(Method::POST, &path, &key, json!({})).await;
    assert_eq!((first.status, &first.text), (again.status, &again.text));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    let prune = bench.world.admin.ask(Method::POST, &path, &key, json!({ "what": "prune" })).await;
    assert_eq!(prune.problem(), "precondition_failed", "the same key for another request");
    let operator = bench.stack.person(&bench.world.org, Role::Operator).await;
    let own = operator.ask(Method::POST, &path, &key, json!({})).await;
    assert_ne!(own.json()["uid"], first.json()["uid"], "keys are one's own");
    let history =
        bench.world.admin.get(&bench.world.path(&format!("/plans/{}/history", bench.world.id("plans")))).await;
    assert_eq!(history.json()["items"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_plan_asks_people_again_and_leaves_its_jobs() {
    let bench = Bench::new().await;
    let plan = bench.world.path(&format!("/plans/{}", bench.world.id("plans")));
    bench.world.admin.post(&format!("{plan}/run"), json!({})).await;
    let by_hand = bench.stack.attended(&bench.world.org, Role::Admin).await;
    assert_eq!(delete(&by_hand, &plan, "\"1\"").await.problem(), "forbidden", "a token without `unattended`");
    let operator = bench.stack.person(&bench.world.org, Role::Operator).await;
    assert_eq!(delete(&operator, &plan, "\"1\"").await.problem(), "forbidden");
    let unsaid = bench.world.admin.delete(&plan).await;
    assert_eq!(unsaid.problem(), "precondition_required");
    assert_eq!(delete(&bench.world.admin, &plan, "\"2\"").await.problem(), "precondition_failed");
    assert_eq!(delete(&bench.world.admin, &plan, "\"1\"").await.status, StatusCode::NO_CONTENT);
    assert_eq!(delete(&bench.world.admin, &plan, "\"1\"").await.problem(), "not_found");
    let jobs =
        bench.world.admin.get(&bench.world.path(&format!("/jobs?plan={}", bench.world.id("plans")))).await.json();
    assert!(!jobs["items"].as_array().unwrap().is_empty());
    assert_eq!(bench.world.admin.post(&format!("{plan}/run"), json!({})).await.problem(), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scheduler_runs_what_is_due_by_the_server_s_clock_once() {
    let mut bench = Bench::new().await;
    let plan = bench.plan("due", json!({ "schedule": daily("10:30") })).await;
    let runs = async |bench: &Bench| {
        let history = bench.world.admin.get(&format!("{plan}/history")).await.json();
        history["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|run| run["nominal_at"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    bench.stack.clock.advance(jiff::SignedDuration::from_mins(31));
    while runs(&bench).await.is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    // The machine begins it: a backup that waits would stand for those after it.
    let (status, lease) = bench.world.machine.claim().await;
    assert_eq!(status, StatusCode::OK, "{lease}");
    // A clock that goes back names the run again, and so does a server that starts anew.
    bench.stack.clock.advance(jiff::SignedDuration::from_mins(-31));
    bench.stack.stop().await;
    bench.stack.start_again(&[]).await;
    bench.world.admin = bench.stack.with_token(&bench.world.admin.token());
    bench.stack.clock.advance(jiff::SignedDuration::from_mins(35));
    bench.rounds(3).await;
    assert_eq!(runs(&bench).await, ["2026-11-01T10:30:00Z"]);
    // Forward by three days: what was missed is made up for as the plan says, and nothing is made twice.
    bench.stack.clock.advance(jiff::SignedDuration::from_hours(72));
    while runs(&bench).await.len() < 2 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    bench.rounds(3).await;
    let made = runs(&bench).await;
    let mut once = made.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), made.len(), "{made:?}");
}

impl Bench {
    /// Lets the scheduler look some times: each look is counted.
    async fn rounds(&self, count: u64) {
        let app = self.stack.server.as_ref().unwrap().app();
        for _ in 0..count {
            app.store.plans().schedule().await.unwrap();
        }
    }
}
