//! Who may open a repository, asked and changed over HTTP, and proved by stock restic.

use std::path::Path;

use bygone_common::OrgUid;
use bygone_server::repositories::{self, Begin};
use bygone_store::Role;
use bygone_store::repositories::Repository;
use bygone_tests::restic::Restic;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::repositories::{blocking, stack, wanted};
use crate::support::{Client, Stack};

/// A password that somebody chose.
const CHOSEN: &str = "what anna chose for herself";

/// An organization with a repository, its admin, and where its keys are asked for.
struct Place {
    stack: Stack,
    org: OrgUid,
    row: Repository,
    admin: Client,
    keys: String,
}

impl Place {
    async fn new() -> Self {
        let (stack, app, org, actor) = stack().await;
        let row = repositories::add(&app, &actor, org, wanted("main", Begin::Create)).await.unwrap();
        let admin = stack.person(&org.to_string(), Role::Admin).await;
        let keys = format!("/api/v1/orgs/{org}/repositories/{}/keys", row.uid);
        Self { stack, org, row, admin, keys }
    }

    async fn list(&self) -> Vec<Value> {
        let answer = self.admin.get(&self.keys).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json()["items"].as_array().unwrap().clone()
    }

    /// The key with which the server opens the repository.
    async fn servers(&self) -> String {
        let keys = self.list().await;
        let servers: Vec<&Value> = keys.iter().filter(|key| key["is_servers"] == true).collect();
        assert_eq!(servers.len(), 1, "{keys:?}");
        servers[0]["id"].as_str().unwrap().to_owned()
    }

    /// Whether stock restic opens the repository by a password.
    async fn is_opened_by(&self, password: &str) -> bool {
        let restic = Restic::new(self.row.location.clone()).env("RESTIC_PASSWORD", password);
        blocking(move || restic.command(&["cat", "config"]).output().unwrap().status.success()).await
    }
}

/// Whether any file below a folder holds a text.
fn is_anywhere(folder: &Path, text: &str) -> bool {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).any(|path| match path.is_dir() {
        true => is_anywhere(&path, text),
        false => std::fs::read(path).is_ok_and(|bytes| bytes.windows(text.len()).any(|part| part == text.as_bytes())),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_added_opens_the_repository_until_it_is_removed() {
    let place = Place::new().await;
    let first = place.list().await;
    assert_eq!((first.len(), &first[0]["user"], &first[0]["host"]), (1, &json!("server"), &json!("bygone")));

    let body = json!({ "kind": "password", "password": CHOSEN, "user": "anna", "host": "laptop" });
    let once = [("idempotency-key", "anna-1")];
    let made = place.admin.ask(Method::POST, &place.keys, &once, body.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    assert!(!made.text.contains(CHOSEN), "what somebody knows is not said again");
    let again = place.admin.ask(Method::POST, &place.keys, &once, body).await;
    assert_eq!((&again.headers["idempotency-replayed"], again.text), (&"true".parse().unwrap(), made.text.clone()));
    let made = made.json();
    assert_eq!((&made["user"], &made["host"], &made["is_servers"]), (&json!("anna"), &json!("laptop"), &json!(false)));
    assert!(made["created_at"].is_string() && made["fault"].is_null(), "{made}");
    assert_eq!(place.list().await.len(), 2, "sent twice, made once");
    assert!(place.is_opened_by(CHOSEN).await);

    let one = format!("{}/{}", place.keys, made["id"].as_str().unwrap());
    assert_eq!(place.admin.delete(&one).await.status, StatusCode::NO_CONTENT);
    assert!(!place.is_opened_by(CHOSEN).await);
    assert_eq!(place.admin.delete(&one).await.problem(), "not_found");
    assert_eq!(place.admin.delete(&format!("{}/nonsense", place.keys)).await.problem(), "not_found");
    assert_eq!(place.list().await, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_key_is_shown_once_and_kept_nowhere() {
    let place = Place::new().await;
    let once = [("idempotency-key", "safe-1")];
    let made = place.admin.ask(Method::POST, &place.keys, &once, json!({ "kind": "recovery" })).await;
    assert_eq!((made.status, &made.headers["cache-control"]), (StatusCode::CREATED, &"no-store".parse().unwrap()));
    let made = made.json();
    let password = made["password"].as_str().unwrap().to_owned();
    assert_eq!((password.len(), &made["user"]), (47, &json!("recovery")));
    assert!(place.is_opened_by(&password).await);

    let audit = place.admin.get(&format!("/api/v1/orgs/{}/audit?resource=repository&action=export", place.org)).await;
    let noted = &audit.json()["items"][0]["details"];
    assert_eq!((&noted["key"], &noted["recovery"]), (&json!("added"), &json!(true)), "{audit:?}");
    assert_eq!(noted["id"], made["id"]);
    for answer in [audit.text, place.admin.get(&place.keys).await.text] {
        assert!(!answer.contains(&password), "{answer}");
    }
    let folder = place.stack.folder.path().to_owned();
    let (seen, kept) = blocking(move || (is_anywhere(&folder, "recovery"), is_anywhere(&folder, &password))).await;
    assert_eq!((seen, kept), (true, false), "files were read, and none of them holds it");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_with_which_the_server_opens_stays() {
    let place = Place::new().await;
    let servers = place.servers().await;
    let one = format!("{}/{servers}", place.keys);
    assert_eq!(place.admin.delete(&one).await.problem(), "conflict");
    // Neither does another key beside it let it go, before the server opens with that one.
    let body = json!({ "kind": "password", "password": CHOSEN, "user": "anna" });
    assert_eq!(place.admin.post(&place.keys, body).await.status, StatusCode::CREATED);
    assert_eq!(place.admin.delete(&one).await.problem(), "conflict");
    let repository = place.keys.strip_suffix("/keys").unwrap();
    let changed = place.admin.patch(repository, 1, json!({ "password": CHOSEN })).await;
    assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
    assert_ne!(place.servers().await, servers);
    assert_eq!(place.admin.delete(&one).await.status, StatusCode::NO_CONTENT);
    assert_eq!(place.list().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_touch_keys_does_not() {
    let place = Place::new().await;
    let org = place.org.to_string();
    let one = format!("{}/{}", place.keys, "0".repeat(64));
    let recovery = || json!({ "kind": "recovery" });
    for role in [Role::Auditor, Role::Operator] {
        let person = place.stack.person(&org, role).await;
        assert_eq!(person.get(&place.keys).await.status, StatusCode::OK, "{role}");
        assert_eq!(person.post(&place.keys, recovery()).await.problem(), "forbidden", "{role}");
        assert_eq!(person.delete(&one).await.problem(), "forbidden", "{role}");
    }
    let user = place.stack.person(&org, Role::User).await;
    assert_eq!(user.get(&place.keys).await.problem(), "not_found");
    let attended = place.stack.attended(&org, Role::Admin).await;
    assert_eq!(attended.post(&place.keys, recovery()).await.problem(), "forbidden", "people are asked again");
    assert_eq!(attended.delete(&one).await.problem(), "forbidden");
    let elsewhere = place.stack.root().make_org("rival").await;
    let stranger = place.stack.person(&elsewhere, Role::Admin).await;
    for answer in [stranger.get(&place.keys).await, stranger.post(&place.keys, recovery()).await] {
        assert_eq!(answer.problem(), "not_found");
    }
    let refused = [
        (json!({ "kind": "password", "password": "", "user": "anna" }), "password"),
        (json!({ "kind": "password", "password": CHOSEN, "user": "" }), "user"),
        (json!({ "kind": "recovery", "host": "two\nlines" }), "host"),
    ];
    for (body, field) in refused {
        let answer = place.admin.post(&place.keys, body).await;
        assert_eq!((answer.problem().as_str(), &answer.json()["field"]), ("invalid", &json!(field)));
    }
    let odd = place.admin.post(&place.keys, json!({ "kind": "recovery", "password": "x" })).await;
    assert_eq!(odd.problem(), "malformed", "what is not known is not passed over");
    assert_eq!(place.list().await.len(), 1);
}
