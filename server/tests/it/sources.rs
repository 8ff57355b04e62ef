use bygone_store::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::machine::Machine;
use super::support::Stack;
use super::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_made_changed_by_who_saw_it_and_stays_while_a_plan_names_it() {
    let stack = Stack::start().await;
    let world = World::new(&stack, "acme").await;
    let (sources, agent) = (world.path("/sources"), world.id("agents"));
    let new = |name: &str, paths: &[&str]| json!({ "agent": agent, "name": name, "paths": paths });
    let made = world.admin.post(&sources, new("data", &["/srv", "/etc"])).await;
    assert_eq!((made.status, &made.headers["etag"]), (StatusCode::CREATED, &"\"1\"".parse().unwrap()));
    let path = format!("{sources}/{}", made.json()["uid"].as_str().unwrap());
    let put =
        async |if_match: &str, body: Value| world.admin.ask(Method::PUT, &path, &[("if-match", if_match)], body).await;
    assert_eq!(world.admin.ask(Method::PUT, &path, &[], new("x", &["/x"])).await.problem(), "precondition_required");
    let changed = put("\"1\"", new("more", &["/srv"])).await;
    assert_eq!((changed.json()["name"].as_str(), &changed.headers["etag"]), (Some("more"), &"\"2\"".parse().unwrap()));
    assert_eq!(put("\"1\"", new("late", &["/x"])).await.problem(), "precondition_failed");
    let other = Machine::new(&stack, &world.admin, &world.org, "desktop").await;
    let moved = put("\"2\"", json!({ "agent": other.uid, "name": "more", "paths": ["/srv"] })).await;
    assert_eq!((moved.problem().as_str(), &moved.json()["field"]), ("invalid", &json!("agent")));
    assert_eq!(world.admin.post(&sources, new("more", &["/x"])).await.problem(), "conflict");
    for (body, field) in [(new("", &["/x"]), "name"), (new("x", &[]), "paths"), (new("x", &[""]), "paths")] {
        let refused = world.admin.post(&sources, body).await;
        assert_eq!((refused.problem().as_str(), refused.json()["field"].as_str()), ("invalid", Some(field)));
    }
    let of_agent = world.admin.get(&format!("{sources}?agent={}", other.uid)).await.json();
    assert_eq!(of_agent["items"], json!([]));

    let named = world.admin.delete(&format!("{sources}/{}", world.id("sources"))).await;
    assert_eq!(named.problem(), "conflict", "a plan protects it");
    let attended = stack.attended(&world.org, Role::Admin).await;
    assert_eq!(attended.delete(&path).await.problem(), "forbidden");
    assert_eq!(world.admin.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.admin.get(&path).await.problem(), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_owns_a_source_sees_it_and_no_other() {
    let stack = Stack::start().await;
    let world = World::new(&stack, "acme").await;
    let alice = stack.person(&world.org, Role::User).await;
    let uid = alice.get("/api/v1/me").await.json()["user"]["uid"].clone();
    let body = json!({ "agent": world.id("agents"), "owner": uid, "name": "hers", "paths": ["/home/alice"] });
    let made = world.admin.post(&world.path("/sources"), body).await.json();
    let seen = alice.get(&world.path("/sources")).await.json();
    assert_eq!((seen["items"].as_array().unwrap().len(), &seen["items"][0]["uid"]), (1, &made["uid"]));
    let other = world.path(&format!("/sources/{}", world.id("sources")));
    assert_eq!(alice.get(&other).await.problem(), "not_found");
    let refused =
        alice.post(&world.path("/sources"), json!({ "agent": world.id("agents"), "name": "x", "paths": ["/"] })).await;
    assert!(refused.status.is_client_error(), "{refused:?}");
}
