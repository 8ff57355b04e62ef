//! Jobs over the API: asked for, given up, done again, and what their logs say.

use bygone_common::job::{LogLevel, LogLine, Outcome};
use bygone_common::protocol::{FinishRequest, LogRequest, StartRequest};
use bygone_store::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::Stack;
use crate::world::World;

struct Bench {
    stack: Stack,
    world: World,
}

/// How long a machine waits for a job that is there.
const CLAIM_SECONDS: u32 = 30;

impl Bench {
    async fn new() -> Self {
        let stack = Stack::start().await;
        let world = World::new(&stack, "acme").await;
        Self { stack, world }
    }

    /// The path of a backup that a run of the plan has made for the machine.
    async fn backup(&self) -> String {
        let plan = self.world.path(&format!("/plans/{}/run", self.world.id("plans")));
        let run = self.world.admin.post(&plan, json!({})).await.json()["uid"].clone();
        let of_run = self.world.path(&format!("/jobs?kind=backup&run={}", run.as_str().unwrap()));
        let jobs = self.world.admin.get(&of_run).await.json();
        self.world.path(&format!("/jobs/{}", jobs["items"][0]["uid"].as_str().unwrap()))
    }

    async fn post(&self, path: &str) -> (u16, Value) {
        let answer = self.world.admin.post(path, Value::Null).await;
        (answer.status.as_u16(), answer.json())
    }

    /// The machine says something of a job that it has.
    async fn say(&self, job: &str, what: &str, body: impl serde::Serialize) -> Value {
        let job = job.rsplit('/').next().unwrap();
        let (status, answer) = self.world.machine.post(&format!("/jobs/{job}/{what}"), &json!(body)).await;
        assert_eq!(status, StatusCode::OK, "{what}: {answer}");
        answer
    }

    /// The machine takes its next job and begins it; by which lease.
    async fn begin(&self) -> bygone_common::LeaseUid {
        let (status, lease) = self.world.machine.claim_within(CLAIM_SECONDS).await;
        assert_eq!(status, StatusCode::OK, "{lease}");
        let uid = lease["lease"].as_str().unwrap().parse().unwrap();
        self.say(lease["job"].as_str().unwrap(), "start", StartRequest { lease: uid }).await;
        uid
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_waits_is_given_up_at_once_and_one_that_runs_when_its_agent_hears_of_it() {
    let bench = Bench::new().await;
    let waiting = bench.backup().await;
    let (status, job) = bench.post(&format!("{waiting}/cancel")).await;
    assert_eq!((status, job["state"].as_str()), (200, Some("cancelled")));
    let (status, again) = bench.post(&format!("{waiting}/cancel")).await;
    assert_eq!((status, again["state"].as_str()), (200, Some("cancelled")), "wished twice, given up once");
    assert_eq!(bench.world.machine.claim().await.0, StatusCode::NO_CONTENT, "nobody gets it");

    let running = bench.backup().await;
    let lease = bench.begin().await;
    let (status, job) = bench.post(&format!("{running}/cancel")).await;
    assert_eq!((status, job["state"].as_str(), &job["cancel_requested"]), (202, Some("running"), &json!(true)));
    let standing = bench.say(&running, "renew", json!({ "lease": lease })).await;
    assert_eq!(standing["cancel"], true, "the machine is told when it next says a word");
    bench.say(&running, "finish", FinishRequest { lease, outcome: Outcome::Cancelled }).await;
    let over = bench.world.admin.get(&running).await.json();
    assert_eq!((over["state"].as_str(), over["attempt"].as_i64()), (Some("cancelled"), Some(1)));

    let (status, again) = bench.post(&format!("{running}/retry")).await;
    assert_eq!((status, &again["retry_of"], again["state"].as_str()), (201, &over["uid"], Some("queued")));
    let lease = bench.begin().await;
    let done = Outcome::Succeeded(bygone_common::job::Done::default());
    bench.say(again["uid"].as_str().unwrap(), "finish", FinishRequest { lease, outcome: done }).await;
    let path = bench.world.path(&format!("/jobs/{}", again["uid"].as_str().unwrap()));
    for verb in ["cancel", "retry"] {
        let (status, refused) = bench.post(&format!("{path}/{verb}")).await;
        assert_eq!((status, refused["code"].as_str()), (409, Some("conflict")), "{verb}");
    }
    let auditor = bench.stack.person(&bench.world.org, Role::Auditor).await;
    assert_eq!(auditor.post(&format!("{path}/retry"), Value::Null).await.problem(), "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_s_log_is_read_in_pages_from_its_first_line_on() {
    let bench = Bench::new().await;
    let job = bench.backup().await;
    let lease = bench.begin().await;
    let line = |text: &str| LogLine::new("2026-11-01T10:00:00Z".parse().unwrap(), LogLevel::Warn, text);
    let lines =
        |first: u64, texts: &[&str]| LogRequest { lease, first, lines: texts.iter().map(|text| line(text)).collect() };
    bench.say(&job, "log", lines(0, &["one", "two"])).await;
    // The answer was lost, and the agent says it again with what came since.
    bench.say(&job, "log", lines(0, &["one", "two", "three"])).await;
    let page = async |query: &str| bench.world.admin.get(&format!("{job}/log?{query}")).await.json();
    let first = page("limit=2").await;
    let texts = |page: &Value| {
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| (line["seq"].as_i64().unwrap(), line["text"].as_str().unwrap().to_owned()))
            .collect::<Vec<_>>()
    };
    assert_eq!(texts(&first), [(1, "one".to_owned()), (2, "two".to_owned())]);
    assert_eq!(first["items"][0]["level"], "warn");
    let second = page(&format!("limit=2&after={}", first["next"].as_str().unwrap())).await;
    assert_eq!((texts(&second), &second["next"]), (vec![(3, "three".to_owned())], &Value::Null));
    assert_eq!(bench.world.admin.get(&format!("{job}/log?after=x")).await.problem(), "malformed");
    let user = bench.stack.person(&bench.world.org, Role::User).await;
    assert_eq!(user.get(&format!("{job}/log")).await.problem(), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_for_is_told_by_field_and_asked_twice_it_is_made_once() {
    let bench = Bench::new().await;
    let jobs = bench.world.path("/jobs");
    let repository = bench.world.id("repositories");
    let check = async |body: Value, status: u16, field: &str| {
        let refused = bench.world.admin.post(&jobs, body.clone()).await;
        assert_eq!(
            (refused.status.as_u16(), refused.json()["field"].as_str()),
            (status, Some(field)),
            "{body} {refused:?}"
        );
    };
    let of = |spec: Value| json!({ "spec": spec });
    check(of(json!({ "kind": "teleport" })), 400, "spec.kind").await;
    check(of(json!({ "kind": "catalog", "repository": repository, "typo": 1 })), 400, "spec").await;
    check(of(json!({ "kind": "copy", "from": repository, "to": repository })), 422, "spec").await;
    check(of(json!({ "kind": "mirror", "from": repository, "to": repository })), 422, "spec").await;
    check(
        of(json!({ "kind": "forget", "repository": repository, "retention": { "keep": {} }, "tag": null })),
        422,
        "spec",
    )
    .await;
    let nowhere = json!({ "kind": "verify", "repository": "018f2f0e-0000-7000-8000-000000000001" });
    check(of(nowhere), 422, "spec.repository").await;
    let of_agent =
        json!({ "spec": { "kind": "catalog", "repository": repository }, "agent": bench.world.id("agents") });
    check(of_agent, 422, "agent").await;

    let body = of(json!({ "kind": "verify", "repository": repository }));
    let key = [("idempotency-key", "verify-1")];
    let first = bench.world.admin.ask(Method::POST, &jobs, &key, body.clone()).await;
    let again = bench.world.admin.ask(Method::POST, &jobs, &key, body).await;
    assert_eq!((first.status, &first.text), (StatusCode::CREATED, &again.text));
    let made = bench.world.admin.get(&format!("{jobs}?kind=verify")).await.json();
    assert_eq!(made["items"].as_array().unwrap().len(), 1);

    let prune = of(json!({ "kind": "prune", "repository": repository }));
    let attended = bench.stack.attended(&bench.world.org, Role::Admin).await;
    assert_eq!(attended.post(&jobs, prune.clone()).await.problem(), "forbidden", "what removes asks people again");
    let operator = bench.stack.person(&bench.world.org, Role::Operator).await;
    assert_eq!(operator.post(&jobs, prune).await.problem(), "forbidden");
    let deleting = of(json!({ "kind": "mirror", "from": repository, "to": repository, "delete": true }));
    assert_eq!(attended.post(&jobs, deleting).await.problem(), "forbidden");
}
