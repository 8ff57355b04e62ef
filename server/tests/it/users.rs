use bygone_store::Role;
use reqwest::StatusCode;
use serde_json::json;

use super::browser::{Browser, person};
use super::support::Stack;

#[tokio::test]
async fn admins_run_the_people_of_their_organization_and_of_no_other() {
    let stack = Stack::start().await;
    let (one, two) = (stack.root().make_org("one").await, stack.root().make_org("two").await);
    let (admin, stranger) = (stack.person(&one, Role::Admin).await, stack.person(&two, Role::Admin).await);
    let users = format!("/api/v1/orgs/{one}/users");
    let new = json!({ "email": "alice@example.test", "name": "Alice", "role": "user" });
    let made = admin.post(&users, new.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    assert_eq!(admin.post(&users, new.clone()).await.problem(), "conflict");
    let path = format!("{users}/{}", made.json()["uid"].as_str().unwrap());
    for answer in [
        stranger.get(&users).await,
        stranger.get(&path).await,
        stranger.get(&path.replace(&one, &two)).await,
        stranger.post(&users, new).await,
        stranger.patch(&path, 1, json!({ "name": "x" })).await,
        stranger.delete(&path).await,
        stranger.post(&format!("{path}/password-link"), ().into()).await,
        stranger.get(&format!("{path}/sessions")).await,
        stranger.get(&format!("/api/v1/orgs/{one}/tokens")).await,
        stranger.get(&format!("/api/v1/orgs/{one}/providers")).await,
        stranger.get(&format!("/api/v1/orgs/{one}/grants")).await,
        admin.get("/api/v1/users").await,
        admin.get("/api/v1/providers").await,
    ] {
        assert_eq!(answer.problem(), "not_found");
    }
    let changed = admin.patch(&path, 1, json!({ "role": "auditor" })).await;
    assert_eq!((changed.status, changed.json()["role"].clone()), (StatusCode::OK, json!("auditor")));
    assert_eq!(admin.patch(&path, 1, json!({ "role": "user" })).await.problem(), "precondition_failed");
    assert_eq!(admin.patch(&path, 2, json!({ "role": "root" })).await.json()["field"], "role");
    assert_eq!(admin.patch(&path, 2, json!({ "role": "king" })).await.problem(), "malformed");
    let operator = stack.person(&one, Role::Operator).await;
    assert_eq!(operator.get(&path).await.status, StatusCode::OK);
    assert_eq!(operator.patch(&path, 2, json!({ "name": "x" })).await.problem(), "forbidden");
    assert_eq!(admin.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(admin.get(&path).await.problem(), "not_found");
}

#[tokio::test]
async fn lists_of_people_come_in_pages() {
    let stack = Stack::start().await;
    let one = stack.root().make_org("one").await;
    for number in 0..5 {
        let new = json!({ "email": format!("p{number}@example.test"), "name": "P", "role": "user" });
        stack.root().post(&format!("/api/v1/orgs/{one}/users"), new).await;
    }
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = stack.root().get(&format!("/api/v1/orgs/{one}/users?limit=2{after}")).await.json();
        seen.extend(page["items"].as_array().unwrap().iter().map(|user| user["email"].to_string()));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5);
}

#[tokio::test]
async fn who_is_kept_out_is_signed_out_at_once() {
    let stack = Stack::start().await;
    let one = stack.root().make_org("one").await;
    let path = person(&stack, Some(&one), "alice@example.test", "user").await;
    let mut browser = Browser::at(&stack);
    browser.sign_in("alice@example.test").await;
    assert_eq!(browser.get("/api/v1/me").await.status, StatusCode::OK);
    let sessions = stack.root().get(&format!("{path}/sessions")).await.json();
    assert_eq!(sessions["items"].as_array().unwrap().len(), 1);
    let kept_out = stack.root().patch(&path, 1, json!({ "disabled": true })).await;
    assert_eq!(kept_out.status, StatusCode::OK, "{kept_out:?}");
    assert_eq!(browser.get("/api/v1/me").await.problem(), "unauthenticated");
    assert_eq!(Browser::at(&stack).sign_in("alice@example.test").await.problem(), "unauthenticated");
    stack.root().patch(&path, 2, json!({ "disabled": false })).await;
    assert_eq!(Browser::at(&stack).sign_in("alice@example.test").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_address_in_two_organizations_needs_the_name_of_one() {
    let stack = Stack::start().await;
    let (one, two) = (stack.root().make_org("one").await, stack.root().make_org("two").await);
    person(&stack, Some(&one), "alice@example.test", "user").await;
    person(&stack, Some(&two), "alice@example.test", "admin").await;
    let mut browser = Browser::at(&stack);
    assert_eq!(browser.sign_in("alice@example.test").await.problem(), "unauthenticated");
    let body = |org: &str| json!({ "org": org, "email": "alice@example.test", "password": super::browser::PASSWORD });
    let signed_in = browser.post("/api/v1/sign-in", body("two")).await;
    assert_eq!(signed_in.json()["user"]["role"], "admin", "{signed_in:?}");
    assert_eq!(browser.post("/api/v1/sign-in", body("three")).await.problem(), "unauthenticated");
}
