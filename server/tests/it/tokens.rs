use reqwest::StatusCode;
use serde_json::json;

use super::browser::{Browser, person};
use super::support::Stack;

#[tokio::test]
async fn a_token_is_shown_once_and_lowers_what_its_owner_may() {
    let stack = Stack::start().await;
    let org = stack.root().make_org("acme").await;
    person(&stack, Some(&org), "boss@example.test", "admin").await;
    let mut browser = Browser::at(&stack);
    browser.sign_in("boss@example.test").await;
    let made = browser.post("/api/v1/me/tokens", json!({ "name": "ci", "scopes": ["users:read", "orgs:read"] })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let (secret, token) = (made.json()["secret"].as_str().unwrap().to_owned(), made.json()["token"].clone());
    assert!(secret.starts_with(token["prefix"].as_str().unwrap()));
    let listed = browser.get("/api/v1/me/tokens").await;
    assert!(!listed.text.contains(&secret) && listed.json()["items"][0]["uid"] == token["uid"]);

    let program = stack.with_token(&secret);
    let users = format!("/api/v1/orgs/{org}/users");
    assert_eq!(program.get(&users).await.status, StatusCode::OK);
    assert_eq!(program.get("/api/v1/me").await.json()["scopes"], json!(["users:read", "orgs:read"]));
    let new = json!({ "email": "x@example.test", "name": "x", "role": "user" });
    assert_eq!(program.post(&users, new.clone()).await.problem(), "forbidden");
    assert_eq!(program.get(&format!("/api/v1/orgs/{org}/grants")).await.problem(), "not_found");
    // Tokens make no tokens and change no password.
    let more = json!({ "name": "more", "scopes": ["*:write"] });
    assert_eq!(program.post("/api/v1/me/tokens", more).await.problem(), "unauthenticated");
    assert_eq!(browser.post(&users, new).await.status, StatusCode::CREATED);

    let path = format!("/api/v1/me/tokens/{}", token["uid"].as_str().unwrap());
    assert_eq!(browser.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(program.get(&users).await.problem(), "unauthenticated");
    assert_eq!(browser.delete(&path).await.problem(), "not_found");
}

#[tokio::test]
async fn what_asks_people_again_a_token_does_only_unattended() {
    let stack = Stack::start().await;
    let org = stack.root().make_org("acme").await;
    person(&stack, Some(&org), "boss@example.test", "admin").await;
    let victim = person(&stack, Some(&org), "bob@example.test", "user").await;
    let mut browser = Browser::at(&stack);
    browser.sign_in("boss@example.test").await;
    let mut token = async |scopes: &[&str]| {
        let made = browser.post("/api/v1/me/tokens", json!({ "name": "x", "scopes": scopes })).await.json();
        stack.with_token(made["secret"].as_str().unwrap())
    };
    let (plain, unattended) = (token(&["users:delete"]).await, token(&["users:delete", "unattended"]).await);
    assert_eq!(plain.delete(&victim).await.problem(), "forbidden");
    assert_eq!(unattended.delete(&victim).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_token_ends_and_cannot_last_for_ever() {
    let mut stack = Stack::start_at("2026-11-01T10:00:00Z").await;
    let org = stack.root().make_org("acme").await;
    person(&stack, Some(&org), "alice@example.test", "user").await;
    let mut browser = Browser::at(&stack);
    browser.sign_in("alice@example.test").await;
    let new = |end: &str| json!({ "name": "x", "scopes": ["*:read"], "expires_at": end });
    for end in ["2026-11-01T09:00:00Z", "2028-01-01T00:00:00Z"] {
        let refused = browser.post("/api/v1/me/tokens", new(end)).await;
        assert_eq!((refused.problem().as_str(), &refused.json()["field"]), ("invalid", &json!("expires_at")));
    }
    let wrong = browser.post("/api/v1/me/tokens", json!({ "name": "x", "scopes": ["plans:rule"] })).await;
    assert_eq!((wrong.problem().as_str(), &wrong.json()["field"]), ("invalid", &json!("scopes")));
    let made = browser.post("/api/v1/me/tokens", new("2026-11-01T11:00:00Z")).await.json();
    let program = stack.with_token(made["secret"].as_str().unwrap());
    assert_eq!(program.get("/api/v1/me").await.status, StatusCode::OK);
    stack.clock.advance(jiff::SignedDuration::from_mins(61));
    assert_eq!(program.get("/api/v1/me").await.problem(), "unauthenticated");
    stack.stop().await;
}
