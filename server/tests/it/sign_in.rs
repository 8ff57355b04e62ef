use argon2::{Argon2, Params, PasswordHasher as _, Version};
use bygone_common::Secret;
use bygone_store::Actor;
use jiff::Timestamp;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use totp_rs::{Algorithm, Builder};

use super::browser::{Browser, PASSWORD, person};
use super::support::Stack;

/// The code of a device at some steps from now.
fn code(secret: &str, steps: i64) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let totp = Builder::new().with_algorithm(Algorithm::SHA1).with_secret(secret.as_bytes()).build().unwrap();
    let now = Timestamp::now().as_second() + steps * 30;
    totp.generate(u64::try_from(now).unwrap()).to_string()
}

#[tokio::test]
async fn the_set_up_link_makes_who_runs_the_installation_once() {
    let stack = Stack::start_bare().await;
    let link = stack.server.as_ref().unwrap().setup_link().unwrap();
    let (page, token) = link.split_once('#').unwrap();
    assert_eq!(page, format!("{}/set-up", stack.url()));
    let body = |token: &str, password: &str| json!({ "token": token, "email": "root@example.test", "name": "Root", "password": password });
    let mut browser = Browser::at(&stack);
    assert_eq!(browser.post("/api/v1/set-up", body("wrong", PASSWORD)).await.problem(), "not_found");
    assert_eq!(browser.post("/api/v1/set-up", body(token, "short")).await.json()["field"], "password");
    let made = browser.post("/api/v1/set-up", body(token, PASSWORD)).await;
    assert_eq!((made.status, made.json()["role"].clone()), (StatusCode::CREATED, json!("root")));
    let org = browser.post("/api/v1/orgs", json!({ "name": "acme", "title": "Acme" })).await;
    assert_eq!(org.status, StatusCode::CREATED, "{org:?}");
    assert_eq!(Browser::at(&stack).post("/api/v1/set-up", body(token, PASSWORD)).await.problem(), "not_found");
    let mut again = Browser::at(&stack);
    assert_eq!(again.sign_in("root@example.test").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_session_begins_with_a_password_and_ends_when_signed_out() {
    let stack = Stack::start().await;
    let org = stack.root().make_org("acme").await;
    person(&stack, Some(&org), "alice@example.test", "operator").await;
    let mut browser = Browser::at(&stack);
    assert_eq!(browser.get("/api/v1/me").await.problem(), "unauthenticated");
    let wrong = json!({ "email": "alice@example.test", "password": "wrong" });
    let refused = browser.post("/api/v1/sign-in", wrong).await;
    let unknown = browser.post("/api/v1/sign-in", json!({ "email": "x@y", "password": "wrong" })).await;
    assert_eq!((refused.problem(), &refused.text), ("unauthenticated".to_owned(), &unknown.text));
    let signed_in = browser.sign_in("Alice@example.test").await;
    assert_eq!((signed_in.status, &signed_in.json()["failed_attempts"]), (StatusCode::OK, &json!(1)));
    let set = signed_in.headers.get_all("set-cookie").iter().next().unwrap().to_str().unwrap();
    assert!(set.starts_with("bygone=") && set.contains("; HttpOnly; SameSite=Lax") && set.contains("Path=/;"), "{set}");
    let me = browser.get("/api/v1/me").await.json();
    assert_eq!((me["user"]["role"].as_str(), me["by"].as_str()), (Some("operator"), Some("session")));
    assert_eq!(me["user"]["org"], org.as_str());
    let kept = browser.clone();
    let out = browser.post("/api/v1/sign-out", Value::Null).await;
    assert_eq!((out.status, out.json()), (StatusCode::OK, json!({ "provider_url": null })));
    assert_eq!(browser.get("/api/v1/me").await.problem(), "unauthenticated");
    assert_eq!(kept.clone().get("/api/v1/me").await.problem(), "unauthenticated", "the old cookie is worth nothing");
}

#[tokio::test]
async fn cookies_are_bound_to_the_host_where_browsers_come_by_https() {
    let stack = Stack::start_with(&[("SERVER__PUBLIC_URL", "https://backup.example.test")]).await;
    person(&stack, None, "root2@example.test", "root").await;
    let mut browser = Browser::at(&stack);
    let body = json!({ "email": "root2@example.test", "password": PASSWORD });
    let answer = browser.ask_from("https://backup.example.test", Method::POST, "/api/v1/sign-in", body).await;
    let set = answer.headers.get_all("set-cookie").iter().next().unwrap().to_str().unwrap();
    assert!(set.starts_with("__Host-bygone=") && set.ends_with("; Secure"), "{set}");
    assert_eq!(browser.get("/api/v1/me").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_second_factor_is_asked_for_and_no_code_works_twice() {
    let stack = Stack::start().await;
    let org = stack.root().make_org("acme").await;
    let path = person(&stack, Some(&org), "alice@example.test", "user").await;
    let mut browser = Browser::at(&stack);
    browser.sign_in("alice@example.test").await;
    let enrolment = browser.post("/api/v1/me/totp", Value::Null).await;
    assert_eq!(enrolment.status, StatusCode::CREATED, "{enrolment:?}");
    let secret = enrolment.json()["secret"].as_str().unwrap().to_owned();
    assert!(enrolment.json()["url"].as_str().unwrap().contains(&secret));
    let confirm = |code: String| json!({ "code": code });
    assert_eq!(
        browser.post("/api/v1/me/totp/confirm", confirm("000000".to_owned())).await.problem(),
        "unauthenticated"
    );
    // A code of the step before now leaves the present one for what follows.
    let confirmed = browser.post("/api/v1/me/totp/confirm", confirm(code(&secret, -1))).await;
    assert_eq!(confirmed.status, StatusCode::OK, "{confirmed:?}");
    let recovery = confirmed.json()["recovery_codes"][0].as_str().unwrap().to_owned();
    assert_eq!(browser.post("/api/v1/me/totp", Value::Null).await.problem(), "conflict");

    let mut other = Browser::at(&stack);
    assert_eq!(other.sign_in("alice@example.test").await.problem(), "second_factor_required");
    let with = |key: &str, value: &str| json!({ "email": "alice@example.test", "password": PASSWORD, key: value });
    let now = code(&secret, 1);
    assert_eq!(other.post("/api/v1/sign-in", with("code", &now)).await.status, StatusCode::OK);
    assert_eq!(Browser::at(&stack).post("/api/v1/sign-in", with("code", &now)).await.problem(), "unauthenticated");
    let by_recovery = Browser::at(&stack).post("/api/v1/sign-in", with("recovery_code", &recovery)).await;
    assert_eq!(by_recovery.status, StatusCode::OK, "{by_recovery:?}");
    let again = Browser::at(&stack).post("/api/v1/sign-in", with("recovery_code", &recovery)).await;
    assert_eq!(again.problem(), "unauthenticated");

    let removed = stack.root().delete(&format!("{path}/totp")).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT, "{removed:?}");
    assert_eq!(Browser::at(&stack).sign_in("alice@example.test").await.status, StatusCode::OK);
}

#[tokio::test]
async fn deleting_asks_for_the_password_again_after_a_while() {
    let mut stack = Stack::start_at("2026-11-01T10:00:00Z").await;
    let org = stack.root().make_org("acme").await;
    person(&stack, Some(&org), "boss@example.test", "admin").await;
    let victim = person(&stack, Some(&org), "bob@example.test", "user").await;
    let mut browser = Browser::at(&stack);
    browser.sign_in("boss@example.test").await;
    stack.clock.advance(jiff::SignedDuration::from_mins(11));
    assert_eq!(browser.delete(&victim).await.problem(), "step_up_required");
    let grave = json!({ "name": "x", "scopes": ["users:delete"] });
    assert_eq!(browser.post("/api/v1/me/tokens", grave).await.problem(), "step_up_required");
    let wrong = browser.post("/api/v1/step-up", json!({ "password": "wrong" })).await;
    assert_eq!(wrong.problem(), "unauthenticated");
    let right = browser.post("/api/v1/step-up", json!({ "password": PASSWORD })).await;
    assert_eq!(right.status, StatusCode::NO_CONTENT, "{right:?}");
    assert_eq!(browser.delete(&victim).await.status, StatusCode::NO_CONTENT);
    stack.stop().await;
}

#[tokio::test]
async fn a_password_that_was_hashed_in_another_way_is_hashed_anew_when_its_person_signs_in() {
    let stack = Stack::start().await;
    let org = stack.root().make_org("acme").await;
    person(&stack, Some(&org), "alice@example.test", "user").await;
    let (store, server) = (stack.server.as_ref().unwrap().app().store.clone(), Actor::installation("sign-in"));
    let known = async || store.users().by_email(&server, None, "alice@example.test").await.unwrap().remove(0);
    let before = known().await;
    let weak = Argon2::new(argon2::Algorithm::Argon2id, Version::V0x13, Params::new(8 * 1024, 1, 1, None).unwrap());
    let weak = Secret::new(weak.hash_password(PASSWORD.as_bytes()).unwrap().to_string());
    let old = before.password_hash.clone().unwrap();
    store.users().renew_password_hash(&server, &before.user, &old, &weak).await.unwrap();
    let mut stranger = Browser::at(&stack);
    let wrong = json!({ "email": "alice@example.test", "password": "not hers at all" });
    assert_eq!(stranger.post("/api/v1/sign-in", wrong).await.problem(), "unauthenticated");
    assert_eq!(known().await.password_hash.unwrap().expose(), weak.expose(), "who does not know it renews nothing");
    let mut browser = Browser::at(&stack);
    browser.sign_in("alice@example.test").await;
    let renewed = known().await;
    assert!(renewed.password_hash.as_ref().unwrap().expose().contains("m=19456,t=2,p=1"), "as it is done today");
    assert_eq!(renewed.password_changed_at, before.password_changed_at, "devices stay known");
    assert_eq!(browser.get("/api/v1/me").await.status, StatusCode::OK);
    Browser::at(&stack).sign_in("alice@example.test").await;
    assert_eq!(known().await.password_hash.unwrap().expose(), renewed.password_hash.unwrap().expose(), "and once");
}

#[tokio::test]
async fn another_password_ends_all_other_sessions() {
    let stack = Stack::start().await;
    let org = stack.root().make_org("acme").await;
    let path = person(&stack, Some(&org), "alice@example.test", "auditor").await;
    let (mut one, mut two) = (Browser::at(&stack), Browser::at(&stack));
    one.sign_in("alice@example.test").await;
    two.sign_in("alice@example.test").await;
    let change = |old: &str, new: &str| json!({ "old_password": old, "new_password": new });
    let put = |body| ("/api/v1/me/password", body);
    let (route, body) = put(change("wrong", "another long password"));
    assert_eq!(one.ask(Method::PUT, route, body).await.problem(), "unauthenticated");
    let (route, body) = put(change(PASSWORD, "another long password"));
    assert_eq!(one.ask(Method::PUT, route, body).await.status, StatusCode::NO_CONTENT);
    assert_eq!(one.get("/api/v1/me").await.status, StatusCode::OK);
    assert_eq!(two.get("/api/v1/me").await.problem(), "unauthenticated");
    assert_eq!(two.sign_in("alice@example.test").await.problem(), "unauthenticated");

    // And a link from who runs the organization ends them all, and works once.
    let link = stack.root().post(&format!("{path}/password-link"), Value::Null).await.json();
    let choose = json!({ "token": link["token"], "password": PASSWORD });
    assert_eq!(stack.anonymous().post("/api/v1/password-reset", choose.clone()).await.status, StatusCode::NO_CONTENT);
    assert_eq!(stack.anonymous().post("/api/v1/password-reset", choose).await.problem(), "not_found");
    assert_eq!(one.get("/api/v1/me").await.problem(), "unauthenticated");
    assert_eq!(two.sign_in("alice@example.test").await.status, StatusCode::OK);
}
