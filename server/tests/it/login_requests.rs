use bygone_store::Role;
use jiff::SignedDuration;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::browser::{Browser, person};
use super::support::{Answer, Stack};

const START: &str = "2026-11-01T10:00:00Z";

/// A program that waits.
struct Program {
    secret: String,
    code: String,
}

impl Program {
    async fn new(stack: &Stack) -> Self {
        let made = stack.anonymous().post("/api/v1/login-requests", json!({ "name": "bygone on laptop" })).await;
        assert_eq!((made.status, &made.headers["cache-control"]), (StatusCode::CREATED, &"no-store".parse().unwrap()));
        let made = made.json();
        assert_eq!(made["path"], "/let-in");
        let text = |field: &str| made[field].as_str().unwrap().to_owned();
        Self { secret: text("secret"), code: text("code") }
    }

    async fn redeem(&self, stack: &Stack) -> Answer {
        stack.anonymous().post("/api/v1/login-requests/redeem", json!({ "secret": self.secret })).await
    }

    fn answer(&self, allow: bool) -> Value {
        json!({ "code": self.code, "allow": allow })
    }
}

const LOOK: &str = "/api/v1/me/login-requests/look";
const ANSWER: &str = "/api/v1/me/login-requests/answer";

/// Somebody of an organization, in a browser that is signed in.
async fn alice(stack: &Stack) -> (String, Browser) {
    let org = stack.root().make_org("acme").await;
    person(stack, Some(&org), "alice@example.test", "user").await;
    let mut browser = Browser::at(stack);
    assert_eq!(browser.sign_in("alice@example.test").await.status, StatusCode::OK);
    (org, browser)
}

#[tokio::test]
async fn a_program_is_let_in_by_its_code_and_gets_one_token_once() {
    let stack = Stack::start().await;
    let (org, mut browser) = alice(&stack).await;
    let program = Program::new(&stack).await;
    assert_eq!(program.redeem(&stack).await.json(), json!({ "token": null, "secret": null }));
    // As it may be typed.
    let typed = program.code.to_lowercase().replace('-', " ");
    let seen = browser.post(LOOK, json!({ "code": typed })).await.json();
    assert_eq!((&seen["name"], &seen["address"]), (&json!("bygone on laptop"), &json!("127.0.0.1")));
    assert_eq!(seen["scopes"], json!(["sources:read", "snapshots:read", "snapshots:export", "snapshots:run"]));
    assert_eq!(browser.post(ANSWER, program.answer(true)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(browser.post(ANSWER, program.answer(true)).await.problem(), "not_found", "it is answered");

    let redeemed = program.redeem(&stack).await;
    assert_eq!((redeemed.status, &redeemed.headers["cache-control"]), (StatusCode::OK, &"no-store".parse().unwrap()));
    let (token, secret) = (redeemed.json()["token"].clone(), redeemed.json()["secret"].as_str().unwrap().to_owned());
    assert_eq!(token["name"], "bygone on laptop");
    let me = stack.with_token(&secret).get("/api/v1/me").await.json();
    assert_eq!((&me["user"]["email"], &me["scopes"]), (&json!("alice@example.test"), &seen["scopes"]));
    assert_eq!(stack.with_token(&secret).get("/portal/v1/sources").await.status, StatusCode::OK);
    assert_eq!(program.redeem(&stack).await.problem(), "not_found", "it was redeemed");
    assert_eq!(browser.get("/api/v1/me/tokens").await.json()["items"][0]["uid"], token["uid"]);

    let admin = stack.person(&org, Role::Admin).await;
    let log = admin.get(&format!("/api/v1/orgs/{org}/audit")).await.json();
    let entries = log["items"].as_array().unwrap().iter();
    assert_eq!(entries.filter(|entry| entry["details"]["what"] == "login request").count(), 1, "{log}");
    assert!(!log.to_string().contains(&secret) && !log.to_string().contains(&program.secret));
}

#[tokio::test]
async fn a_program_that_is_refused_or_too_late_gets_nothing() {
    let stack = Stack::start_at(START).await;
    let (_, mut browser) = alice(&stack).await;
    let (refused, late, later) = (Program::new(&stack).await, Program::new(&stack).await, Program::new(&stack).await);
    assert_eq!(browser.post(ANSWER, refused.answer(false)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(refused.redeem(&stack).await.problem(), "not_found");
    assert_eq!(browser.post(LOOK, json!({ "code": refused.code })).await.problem(), "not_found");
    assert_eq!(browser.post(ANSWER, late.answer(true)).await.status, StatusCode::NO_CONTENT);
    stack.clock.advance(SignedDuration::from_mins(10));
    assert_eq!(late.redeem(&stack).await.problem(), "not_found", "it was let in, and did not come");
    assert_eq!(browser.post(LOOK, json!({ "code": later.code })).await.problem(), "not_found");
    let invented = json!({ "secret": "x".repeat(43) });
    assert_eq!(stack.anonymous().post("/api/v1/login-requests/redeem", invented).await.problem(), "not_found");
}

#[tokio::test]
async fn only_a_person_at_our_own_pages_who_proves_it_again_lets_a_program_in() {
    let stack = Stack::start_at(START).await;
    let (org, mut browser) = alice(&stack).await;
    let program = Program::new(&stack).await;
    let token = stack.person(&org, Role::Admin).await;
    assert_eq!(token.post(ANSWER, program.answer(true)).await.problem(), "unauthenticated", "no token makes a token");
    let forged = browser.ask_from("https://evil.test", Method::POST, ANSWER, program.answer(true)).await;
    assert_eq!(forged.problem(), "forbidden");
    // Longer ago than the second factor holds.
    stack.clock.advance(SignedDuration::from_mins(9));
    let program = Program::new(&stack).await;
    stack.clock.advance(SignedDuration::from_mins(2));
    assert_eq!(browser.post(ANSWER, program.answer(true)).await.problem(), "step_up_required");
    assert_eq!(program.redeem(&stack).await.json()["token"], Value::Null);
    let again = browser.post("/api/v1/step-up", json!({ "password": super::browser::PASSWORD })).await;
    assert_eq!(again.status, StatusCode::NO_CONTENT);
    assert_eq!(browser.post(ANSWER, program.answer(true)).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn who_is_kept_out_meanwhile_lets_nobody_in() {
    let stack = Stack::start().await;
    let org = stack.root().make_org("acme").await;
    let path = person(&stack, Some(&org), "bob@example.test", "user").await;
    let mut browser = Browser::at(&stack);
    browser.sign_in("bob@example.test").await;
    let program = Program::new(&stack).await;
    assert_eq!(browser.post(ANSWER, program.answer(true)).await.status, StatusCode::NO_CONTENT);
    let seen = stack.root().get(&path).await;
    let version = seen.headers["etag"].to_str().unwrap().trim_matches('"').parse().unwrap();
    let kept_out = stack.root().patch(&path, version, json!({ "disabled": true })).await;
    assert_eq!(kept_out.status, StatusCode::OK, "{kept_out:?}");
    assert_eq!(program.redeem(&stack).await.problem(), "not_found");
}

#[tokio::test]
async fn guesses_and_requests_are_counted() {
    let stack = Stack::start().await;
    let (_, mut browser) = alice(&stack).await;
    for _ in 0..10 {
        assert_eq!(browser.post(LOOK, json!({ "code": "BBBB-BBBB" })).await.problem(), "not_found");
    }
    let answer = browser.post(LOOK, json!({ "code": "BBBB-BBBB" })).await;
    assert_eq!(answer.problem(), "too_many_requests");
    assert!(answer.headers.contains_key("retry-after"));
    for _ in 0..10 {
        Program::new(&stack).await;
    }
    let one_more = stack.anonymous().post("/api/v1/login-requests", json!({ "name": "x" })).await;
    assert_eq!(one_more.problem(), "too_many_requests");
}

#[tokio::test]
async fn what_a_program_calls_itself_is_looked_at() {
    let stack = Stack::start().await;
    for (body, expected) in [
        (json!({}), ("malformed", "name")),
        (json!({ "name": " " }), ("invalid", "name")),
        (json!({ "name": "x".repeat(201) }), ("invalid", "name")),
        (json!({ "name": "a\nb" }), ("invalid", "name")),
        (json!({ "name": "x", "scopes": ["*:write"] }), ("malformed", "scopes")),
    ] {
        let answer = stack.anonymous().post("/api/v1/login-requests", body.clone()).await;
        assert_eq!(
            (answer.problem().as_str(), answer.json()["field"].as_str()),
            (expected.0, Some(expected.1)),
            "{body}"
        );
    }
}
