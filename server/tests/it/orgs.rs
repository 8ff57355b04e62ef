use reqwest::StatusCode;
use serde_json::json;

use super::support::Stack;

#[tokio::test]
async fn an_organization_is_made_seen_and_changed() {
    let stack = Stack::start().await;
    let root = stack.root();
    let uid = root.make_org("acme").await;
    let path = format!("/api/v1/orgs/{uid}");
    let seen = root.get(&path).await;
    assert_eq!(seen.headers["etag"], "\"1\"");
    let changed = root.patch(&path, 1, json!({ "title": "Acme", "quota": { "agents_max": 3 } })).await;
    assert_eq!(changed.json()["quota"], json!({ "bytes_max": null, "agents_max": 3, "jobs_max": null }));
    assert_eq!(root.patch(&path, 1, json!({ "title": "x" })).await.problem(), "precondition_failed");
    let listed = root.get("/api/v1/orgs?limit=1").await.json();
    assert_eq!((&listed["items"][0]["title"], &listed["next"]), (&json!("Acme"), &json!(null)));
}

#[tokio::test]
async fn what_cannot_be_read_is_a_problem_that_names_the_field() {
    let stack = Stack::start().await;
    let root = stack.root();
    let check = async |body: serde_json::Value, status: StatusCode, code: &str, field: &str| {
        let answer = root.post("/api/v1/orgs", body.clone()).await;
        assert_eq!((answer.status, answer.problem().as_str()), (status, code), "{body}");
        assert_eq!(answer.json()["field"], field, "{body}");
    };
    let (bad, invalid) = (StatusCode::BAD_REQUEST, StatusCode::UNPROCESSABLE_ENTITY);
    check(json!({ "name": 1, "title": "x" }), bad, "malformed", "name").await;
    check(json!({ "name": "a", "title": "x", "typo": 1 }), bad, "malformed", "typo").await;
    check(json!({ "name": "a", "title": "x", "quota": { "bytes_max": "1" } }), bad, "malformed", "quota.bytes_max")
        .await;
    check(json!({ "name": "A b", "title": "x" }), invalid, "invalid", "name").await;
    let query = root.get("/api/v1/orgs?limit=none").await;
    assert_eq!((query.problem().as_str(), &query.json()["field"]), ("malformed", &json!("limit")));
    let query = root.get("/api/v1/orgs?typo=1").await;
    assert_eq!((query.problem().as_str(), &query.json()["field"]), ("malformed", &json!("typo")));
    assert_eq!(root.get("/api/v1/orgs?limit=501").await.json()["field"], "limit");
    let large = json!({ "name": "a", "title": "x".repeat(2 << 20) });
    assert_eq!(root.post("/api/v1/orgs", large).await.problem(), "too_large");
    assert_eq!(root.get("/api/v1/orgs/not-a-uid").await.problem(), "not_found");
    assert_eq!(root.delete("/api/v1/orgs").await.problem(), "method_not_allowed");
    assert_eq!(stack.anonymous().get("/api/v1/orgs").await.problem(), "unauthenticated");
}
