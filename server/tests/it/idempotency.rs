use reqwest::Method;
use serde_json::json;

use super::support::Stack;

#[tokio::test]
async fn a_creating_request_that_is_sent_again_creates_nothing_again() {
    let stack = Stack::start().await;
    let root = stack.root();
    let body = json!({ "name": "acme", "title": "Acme" });
    let key = [("idempotency-key", "one")];
    let first = root.ask(Method::POST, "/api/v1/orgs", &key, body.clone()).await;
    let again = root.ask(Method::POST, "/api/v1/orgs", &key, body.clone()).await;
    assert_eq!((first.status, first.text.as_str()), (again.status, again.text.as_str()));
    assert_eq!(first.headers["etag"], again.headers["etag"]);
    assert_eq!(again.headers["idempotency-replayed"], "true");
    let other = root.ask(Method::POST, "/api/v1/orgs", &key, json!({ "name": "other", "title": "x" })).await;
    assert_eq!(other.problem(), "precondition_failed");
    let fresh = root.ask(Method::POST, "/api/v1/orgs", &[("idempotency-key", "two")], body.clone()).await;
    assert_eq!(fresh.problem(), "conflict", "the name is taken, and the key is new");
    let stranger = stack.anonymous().ask(Method::POST, "/api/v1/orgs", &key, body).await;
    assert_eq!(stranger.problem(), "unauthenticated", "nobody gets the answer of somebody else");
}

#[tokio::test]
async fn a_request_that_failed_may_be_sent_again_under_its_key() {
    let stack = Stack::start().await;
    let key = [("idempotency-key", "one")];
    let wrong = stack.root().ask(Method::POST, "/api/v1/orgs", &key, json!({ "name": "A", "title": "x" })).await;
    assert_eq!(wrong.problem(), "invalid");
    let right = stack.root().ask(Method::POST, "/api/v1/orgs", &key, json!({ "name": "a", "title": "x" })).await;
    assert_eq!(right.status, 201);
    let long = "x".repeat(300);
    let refused = stack.root().ask(Method::POST, "/api/v1/orgs", &[("idempotency-key", &long)], json!({})).await;
    assert_eq!(refused.problem(), "malformed");
}

#[tokio::test]
async fn a_secret_that_is_shown_once_is_kept_for_no_repetition() {
    let stack = Stack::start().await;
    let org = stack.root().make_org("acme").await;
    let admin = stack.person(&org, bygone_store::Role::Admin).await;
    let (path, key) = (format!("/api/v1/orgs/{org}/enrolment-tokens"), [("idempotency-key", "one")]);
    let made = async || admin.ask(Method::POST, &path, &key, json!({})).await;
    let (first, again) = (made().await, made().await);
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201));
    assert!(!again.headers.contains_key("idempotency-replayed"));
    assert_ne!(first.json()["secret"], again.json()["secret"], "it is another one");
}
