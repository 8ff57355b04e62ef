//! Agents as people see them: enrolled with tokens, listed, renamed, revoked at once.

use bygone_common::protocol::{Facts, PROTOCOL_VERSION};
use bygone_store::Role;
use jiff::SignedDuration;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::machine::Machine;
use super::support::{Client, Stack};

struct Bench {
    stack: Stack,
    org: String,
    admin: Client,
}

impl Bench {
    async fn new() -> Self {
        let stack = Stack::start_at("2026-11-01T10:00:00Z").await;
        let org = stack.root().make_org("acme").await;
        let admin = stack.person(&org, Role::Admin).await;
        Self { stack, org, admin }
    }

    fn path(&self, rest: &str) -> String {
        format!("/api/v1/orgs/{}{rest}", self.org)
    }

    /// A token: its uid, and what opens.
    async fn token(&self, body: Value) -> (String, String) {
        let made = self.admin.post(&self.path("/enrolment-tokens"), body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        assert_eq!(made.headers["cache-control"], "no-store", "it is shown this once");
        let text = |field: &str| made.json()[field].as_str().unwrap().to_owned();
        (text("uid"), text("secret"))
    }

    async fn refused(&self, token: &str) -> String {
        let Err((status, body)) = Machine::enrol(&self.stack, token, "late").await else { panic!("it was let in") };
        assert_eq!((status, &body["field"]), (StatusCode::FORBIDDEN, &json!("token")), "{body}");
        body["code"].as_str().unwrap().to_owned()
    }
}

fn heartbeat() -> Value {
    json!({ "version": PROTOCOL_VERSION, "now": "2026-11-01T10:00:30Z", "facts": json!(Facts::default()) })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_makes_one_agent_while_it_lasts() {
    let bench = Bench::new().await;
    let (uid, secret) = bench.token(json!({ "note": "for the shop", "lasts_seconds": 60 })).await;
    let listed = bench.admin.get(&bench.path("/enrolment-tokens")).await;
    assert!(!listed.text.contains(&secret), "it is never shown again");
    let machine = Machine::enrol(&bench.stack, &secret, "shop").await.unwrap();
    assert_eq!(bench.refused(&secret).await, "token_used");
    let used = bench.admin.get(&bench.path(&format!("/enrolment-tokens/{uid}"))).await.json();
    assert_eq!((&used["used_by"], &used["used_at"]), (&json!(machine.uid), &json!("2026-11-01T10:00:00Z")));

    let (_, late) = bench.token(json!({ "lasts_seconds": 60 })).await;
    bench.stack.clock.advance(SignedDuration::from_secs(61));
    assert_eq!(bench.refused(&late).await, "token_expired");
    let (uid, withdrawn) = bench.token(json!({})).await;
    let gone = bench.admin.delete(&bench.path(&format!("/enrolment-tokens/{uid}"))).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(bench.refused(&withdrawn).await, "token_revoked");
    let unknown = format!("bge1.{}.{}", "0".repeat(64), withdrawn.rsplit('.').next().unwrap());
    assert_eq!(bench.refused(&unknown).await, "token_unknown");
    let Err((status, body)) = Machine::enrol(&bench.stack, &withdrawn[1..], "x").await else { panic!("it was let in") };
    assert_eq!((status, &body["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("token")), "not even a token");
    for seconds in [0, 2_592_001] {
        let refused = bench.admin.post(&bench.path("/enrolment-tokens"), json!({ "lasts_seconds": seconds })).await;
        assert_eq!((refused.problem().as_str(), &refused.json()["field"]), ("invalid", &json!("lasts_seconds")));
    }
    let agents = bench.admin.get(&bench.path("/agents")).await.json();
    assert_eq!(agents["items"].as_array().unwrap().len(), 1, "none of the others came in");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_revoked_is_out_at_once_and_stays_in_the_list() {
    let bench = Bench::new().await;
    let one = Machine::new(&bench.stack, &bench.admin, &bench.org, "one").await;
    let two = Machine::new(&bench.stack, &bench.admin, &bench.org, "two").await;
    let (status, told) = one.post("/heartbeat", &heartbeat()).await;
    assert_eq!((status, told["skew_ms"].as_i64()), (StatusCode::OK, Some(30_000)), "{told}");
    let path = bench.path(&format!("/agents/{}", one.uid));
    let seen = bench.admin.get(&path).await.json();
    assert_eq!((&seen["state"], &seen["clock_skew_ms"]), (&json!("active"), &json!(30_000)));
    let attended = bench.stack.attended(&bench.org, Role::Admin).await;
    assert_eq!(attended.post(&format!("{path}/revoke"), Value::Null).await.problem(), "forbidden");
    assert_eq!(attended.delete(&path).await.problem(), "forbidden");

    let revoked = bench.admin.post(&format!("{path}/revoke"), Value::Null).await;
    assert_eq!((revoked.status, revoked.json()["state"].as_str()), (StatusCode::OK, Some("revoked")));
    for (at, body) in
        [("/heartbeat", heartbeat()), ("/claim", json!({ "version": PROTOCOL_VERSION, "wait_seconds": 0 }))]
    {
        let (status, body) = one.post(at, &body).await;
        assert_eq!((status, &body["code"]), (StatusCode::UNAUTHORIZED, &json!("certificate_refused")), "{at}");
    }
    let certificates = bench.admin.get(&format!("{path}/certificates")).await.json();
    assert!(certificates["items"][0]["revoked_at"].is_string(), "{certificates}");
    let of_state = async |state: &str| {
        let list = bench.admin.get(&bench.path(&format!("/agents?state={state}"))).await.json();
        list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|agent| agent["uid"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!((of_state("revoked").await, of_state("active").await), (vec![one.uid.clone()], vec![two.uid.clone()]));

    let left = bench.admin.delete(&bench.path(&format!("/agents/{}", two.uid))).await;
    assert_eq!(left.status, StatusCode::NO_CONTENT);
    assert_eq!(two.claim().await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(of_state("unenrolled").await, [two.uid.as_str()]);
    assert_eq!(bench.admin.get(&bench.path("/agents?state=asleep")).await.problem(), "malformed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_renamed_by_who_saw_it_and_moves_nowhere() {
    let bench = Bench::new().await;
    let machine = Machine::new(&bench.stack, &bench.admin, &bench.org, "one").await;
    let path = bench.path(&format!("/agents/{}", machine.uid));
    let unsaid = bench.admin.ask(Method::PATCH, &path, &[], json!({ "name": "x" })).await;
    assert_eq!(unsaid.problem(), "precondition_required");
    let version = bench.admin.get(&path).await.headers["etag"].to_str().unwrap().trim_matches('"').parse().unwrap();
    let renamed = bench.admin.patch(&path, version, json!({ "name": "till" })).await;
    assert_eq!((renamed.status, renamed.json()["name"].as_str()), (StatusCode::OK, Some("till")));
    assert_eq!(bench.admin.patch(&path, version, json!({ "name": "late" })).await.problem(), "precondition_failed");
    let other = bench.stack.root().make_org("other").await;
    let moved = bench.admin.patch(&path, version + 1, json!({ "org": other })).await;
    assert_eq!((moved.problem().as_str(), &moved.json()["field"]), ("invalid", &json!("org")));
}
