use bygone_store::Role;
use reqwest::StatusCode;
use serde_json::json;

use super::machine::Machine;
use super::support::Stack;

#[tokio::test]
async fn grants_are_given_changed_and_taken_by_admins() {
    let stack = Stack::start().await;
    let one = stack.root().make_org("one").await;
    let (admin, alice) = (stack.person(&one, Role::Admin).await, stack.person(&one, Role::User).await);
    let who = alice.get("/api/v1/me").await.json()["user"]["uid"].clone();
    let grants = format!("/api/v1/orgs/{one}/grants");
    let machine = Machine::new(&stack, &admin, &one, "laptop").await;
    let source = json!({ "agent": machine.uid, "name": "home", "paths": ["/home"] });
    let source = admin.post(&format!("/api/v1/orgs/{one}/sources"), source).await.json()["uid"].clone();
    let new = json!({ "user": who, "source": source, "path": "/home/alice", "effect": "allow", "actions": ["see", "download"] });
    assert_eq!(alice.post(&grants, new.clone()).await.status.as_u16() / 100, 4);
    let made = admin.post(&grants, new).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    assert_eq!(alice.get(&grants).await.json()["items"][0]["path"], "/home/alice");
    assert_eq!(stack.person(&one, Role::User).await.get(&grants).await.json()["items"], json!([]));
    let path = format!("{grants}/{}", made.json()["uid"].as_str().unwrap());
    let changed = admin.patch(&path, 1, json!({ "actions": ["restore"] })).await;
    assert_eq!(changed.json()["actions"], json!(["restore"]));
    assert_eq!(alice.delete(&path).await.problem(), "not_found");
    assert_eq!(admin.delete(&path).await.status, StatusCode::NO_CONTENT);
    let relative = json!({ "user": who, "source": source, "path": "home", "effect": "deny", "actions": ["see"] });
    assert_eq!(admin.post(&grants, relative).await.json()["field"], "path");
}
