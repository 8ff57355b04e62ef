//! Whoever is not signed in gets nothing; whoever belongs to another organization finds nothing of this one, and changes
//! nothing.

use bygone_store::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::openapi::operations;
use super::support::{Answer, Client, Stack};
use super::world::{SNAPSHOT, World};

/// A path with something in the place of each parameter: the organization's uid, or one of nothing.
pub(crate) fn filled(path: &str, org: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        "{org}" => org,
        part if part.starts_with('{') => "018f2f0e-0000-7000-8000-000000000001",
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Whether anybody may call it: signing in, say.
fn is_open(operation: &Value) -> bool {
    operation["security"].as_array().is_some_and(|ways| ways.iter().all(|way| way == &json!({})))
}

/// Whether it is about whoever asks, and names nobody else.
fn is_about_oneself(path: &str) -> bool {
    path.starts_with("/api/v1/me") || ["/api/v1/sign-out", "/api/v1/step-up"].contains(&path)
}

#[tokio::test]
async fn nobody_gets_anything_without_signing_in() {
    let stack = Stack::start().await;
    let org = stack.root().make_org("acme").await;
    for (method, path, operation) in operations() {
        if is_open(&operation) {
            continue;
        }
        let asked = Method::from_bytes(method.as_bytes()).unwrap();
        let answer = stack.anonymous().ask(asked, &filled(&path, &org), &[], Value::Null).await;
        assert_eq!(answer.problem(), "unauthenticated", "{method} {path}");
    }
}

/// A body that this operation would take from somebody of the organization that the world is.
fn body(method: &str, path: &str, world: &World) -> Value {
    let place = path.strip_prefix("/api/v1/orgs/{org}").unwrap_or(path);
    let source = || json!({ "agent": world.id("agents"), "name": "x", "paths": ["/x"] });
    let spec = || json!({ "sources": [world.id("sources")], "repositories": [world.id("repositories")] });
    let secret = || json!({ "name": "x", "secret": { "kind": "rest", "user": "u", "password": "p" } });
    let provider = || json!({ "name": "x", "title": "x", "issuer": "https://id.example.test", "client_id": "x", "client_secret": null, "rules": [] });
    let person = || json!({ "email": "eve@example.test", "name": "Eve", "role": "user" });
    match (method, place) {
        ("POST", "/api/v1/orgs") => json!({ "name": "more", "title": "More" }),
        ("PATCH", "") => json!({ "title": "taken over" }),
        ("PATCH", "/agents/{agent}") => json!({ "name": "x" }),
        ("POST", "/enrolment-tokens") => json!({}),
        ("POST", "/escrow" | "/api/v1/secrets/escrow") => {
            json!({ "recipient": age::x25519::Identity::generate().to_public().to_string() })
        }
        ("POST", "/grants") => {
            json!({ "user": world.id("users"), "source": world.id("sources"), "path": "/x", "effect": "allow", "actions": ["see"] })
        }
        ("PATCH", "/grants/{grant}") => json!({ "actions": ["download"] }),
        ("POST", "/jobs") => json!({ "spec": { "kind": "catalog", "repository": world.id("repositories") } }),
        ("POST", "/plan-events") => json!({ "event": "moved" }),
        ("POST", "/plans") | ("PUT", "/plans/{plan}") => json!({ "name": "x", "spec": spec() }),
        ("POST", "/plans/preview") => json!({ "spec": spec() }),
        ("POST", "/repositories/{repository}/retention-preview") => json!({ "policy": {} }),
        ("POST", "/plans/{plan}/rollback") => json!({ "version": 1 }),
        ("POST", "/plans/{plan}/run") => json!({}),
        ("POST", "/providers" | "/api/v1/providers") => provider(),
        ("PUT", "/providers/{provider}" | "/api/v1/providers/{provider}") => provider(),
        ("POST", "/portal/v1/sources/{source}/drive/blobs") => {
            json!({ "repository": world.id("repositories"), "blobs": [SNAPSHOT] })
        }
        ("POST", "/portal/v1/sources/{source}/drive/trees") => {
            json!({ "repository": world.id("repositories"), "trees": [{ "id": SNAPSHOT }] })
        }
        ("POST", "/portal/v1/tickets") => {
            json!({ "source": world.id("sources"), "items": [{ "path": "/home" }], "as": "zip" })
        }
        ("POST", "/portal/v1/restores") => {
            json!({ "source": world.id("sources"), "items": [{ "path": "/home" }] })
        }
        ("POST", place) if place.starts_with("/portal/v1/restores/") => json!({}),
        ("POST", "/portal/v1/places") => json!({ "source": world.id("sources"), "path": "/home" }),
        ("POST", "/repositories") => json!({ "name": "x", "begin": "later", "password": "p" }),
        ("POST", "/repositories/try") => json!({ "location": "rest:https://storage.example.test/" }),
        ("PATCH", "/repositories/{repository}") => json!({ "name": "x" }),
        ("POST", "/repositories/{repository}/gateway-credentials") => json!({ "name": "x" }),
        ("POST", "/repositories/{repository}/keys") => json!({ "kind": "recovery" }),
        ("POST", "/repositories/{repository}/snapshots/{snapshot}/holds") => json!({ "case": "x", "reason": "y" }),
        ("POST", "/sources") | ("PUT", "/sources/{source}") => source(),
        ("POST", "/storage-credentials") | ("PUT", "/storage-credentials/{credential}") => secret(),
        ("POST", "/users" | "/api/v1/users") => person(),
        ("PATCH", "/users/{user}" | "/api/v1/users/{user}") => json!({ "name": "Eve" }),
        (_, _) => panic!("say here what {method} {path} takes"),
    }
}

async fn ask(client: &Client, method: &str, path: &str, operation: &Value, at: &str, world: &World) -> Answer {
    let body = match operation["requestBody"] {
        Value::Null => Value::Null,
        _ => body(method, path, world),
    };
    // What a query must say, it says; and which file, where it may.
    let said = operation["parameters"].as_array().into_iter().flatten().filter(|one| one["in"] == "query");
    let said = said.filter(|one| one["required"] == true || one["name"] == "path");
    let said = said.map(|parameter| match parameter["name"].as_str().unwrap() {
        "format" => "format=json".to_owned(),
        "path" => "path=/home".to_owned(),
        "source" => format!("source={}", world.id("sources")),
        name @ ("from" | "to" | "snapshot") => format!("{name}={SNAPSHOT}"),
        name @ ("since" | "before") => format!("{name}=2026-01-01T00:00:00Z"),
        name => format!("{name}=x"),
    });
    let query = format!("?{}", said.collect::<Vec<_>>().join("&"));
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    client.ask(method, &format!("{at}{query}"), &[("if-match", "\"1\"")], body).await
}

async fn entries(world: &World) -> Value {
    let verdict = world.admin.get(&world.path("/audit/verdict")).await.json();
    assert_eq!(verdict["state"], "intact");
    verdict["entries"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_finds_or_changes_anything_of_another_organization() {
    let stack = Stack::start().await;
    let (one, two) = (World::new(&stack, "one").await, World::new(&stack, "two").await);
    let before = entries(&one).await;
    let mut strangers = vec![("admin", two.admin.clone())];
    for role in [Role::Operator, Role::Auditor, Role::User] {
        strangers.push((role.name(), stack.person(&two.org, role).await));
    }
    let (mut asked, mut wrong) = (0, Vec::new());
    for (method, path, operation) in operations() {
        if is_open(&operation) || is_about_oneself(&path) {
            continue;
        }
        let is_of_org = path.contains("{org}");
        // With the organization's own uid; and below one's own, for what lies in the other.
        let mut places = vec![one.filled(&path)];
        if is_of_org && path.matches('{').count() > 1 {
            places.push(one.filled(&path).replacen(&one.org, &two.org, 1));
        }
        for (role, stranger) in &strangers {
            for place in &places {
                let answer = ask(stranger, &method, &path, &operation, place, &one).await;
                let told = format!("{method} {place} as {role}: {answer:?}");
                if answer.status == StatusCode::OK && !path.contains('{') {
                    // A list of one's own, in which nothing is of the other.
                    if one.uids().any(|uid| answer.text.contains(uid)) {
                        wrong.push(told);
                    }
                    continue;
                }
                asked += 1;
                let is_hidden = match answer.status {
                    StatusCode::NOT_FOUND => true,
                    // One's own role does not allow it, whatever there is; or nothing is named.
                    StatusCode::FORBIDDEN => !is_of_org || place.contains(&two.org),
                    _ => false,
                };
                if !is_hidden || answer.headers["content-type"] != "application/problem+json" {
                    wrong.push(told);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(asked > 500, "{asked}");
    assert_eq!(entries(&one).await, before, "nothing was changed, and nothing noted");
    let plan = one.admin.get(&one.path(&format!("/plans/{}", one.id("plans")))).await.json();
    assert_eq!((plan["name"].as_str(), plan["version"].as_i64()), (Some("nightly"), Some(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_makes_names_nothing_of_another_organization() {
    let stack = Stack::start().await;
    let (one, two) = (World::new(&stack, "one").await, World::new(&stack, "two").await);
    let mine = |kind: &str| two.id(kind).to_owned();
    let theirs = |kind: &str| one.id(kind).to_owned();
    let (repository, repositories) = (mine("repositories"), "repositories");
    let spec = |source: String, repository: String| json!({ "sources": [source], "repositories": [repository] });
    let grant = |user: String, source: String| json!({ "user": user, "source": source, "path": "/y", "effect": "allow", "actions": ["see"] });
    let job = |spec: Value| json!({ "spec": spec });
    let cases = [
        ("/sources", json!({ "agent": theirs("agents"), "name": "x", "paths": ["/x"] })),
        ("/sources", json!({ "agent": mine("agents"), "owner": theirs("users"), "name": "x", "paths": ["/x"] })),
        ("/plans", json!({ "name": "x", "spec": spec(theirs("sources"), mine(repositories)) })),
        ("/plans", json!({ "name": "x", "spec": spec(mine("sources"), theirs(repositories)) })),
        ("/grants", grant(theirs("users"), mine("sources"))),
        ("/grants", grant(mine("users"), theirs("sources"))),
        ("/jobs", job(json!({ "kind": "catalog", "repository": theirs(repositories) }))),
        ("/jobs", job(json!({ "kind": "copy", "from": theirs(repositories), "to": mine(repositories) }))),
        ("/jobs", job(json!({ "kind": "mirror", "from": theirs(repositories), "to": mine(repositories) }))),
        ("/jobs", job(json!({ "kind": "mirror", "from": mine(repositories), "to": theirs(repositories) }))),
        (
            "/jobs",
            json!({ "agent": theirs("agents"), "spec": {
                "kind": "restore", "repository": mine(repositories), "snapshot": SNAPSHOT,
            } }),
        ),
        (
            "/repositories",
            json!({ "name": "x", "begin": "later", "password": "p", "credential": theirs("storage-credentials") }),
        ),
        (
            "/repositories/try",
            json!({ "location": "rest:https://storage.example.test/", "credential": theirs("storage-credentials") }),
        ),
    ];
    let (before, mut wrong) = (entries(&two).await, Vec::new());
    for (path, body) in cases {
        let answer = two.admin.post(&two.path(path), body.clone()).await;
        let is_refused = [StatusCode::NOT_FOUND, StatusCode::UNPROCESSABLE_ENTITY].contains(&answer.status);
        if !is_refused {
            wrong.push(format!("{path} {body}: {answer:?}"));
        }
    }
    let access = two.path(&format!("/repositories/{repository}/gateway-credentials"));
    for body in [json!({ "name": "x", "user": theirs("users") }), json!({ "name": "x", "agent": theirs("agents") })] {
        let answer = two.admin.post(&access, body.clone()).await;
        if answer.status != StatusCode::UNPROCESSABLE_ENTITY {
            wrong.push(format!("{body}: {answer:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(entries(&two).await, before);
}
