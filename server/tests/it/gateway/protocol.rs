use bygone_store::gateway_credentials::GatewayAccess;
use bygone_store::repositories::RepositoryChange;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::support::{Behind, Credential, admin, behind};
use crate::support::Stack;
use crate::world::World;

struct Asker<'a> {
    behind: &'a Behind,
    by: Option<&'a Credential>,
    http: reqwest::Client,
}

impl<'a> Asker<'a> {
    fn new(behind: &'a Behind, by: &'a Credential) -> Self {
        Self { behind, by: Some(by), http: reqwest::Client::new() }
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.behind.url));
        match self.by {
            Some(by) => request.basic_auth(&by.username, Some(&by.secret)),
            None => request,
        }
    }

    async fn status(&self, method: Method, path: &str) -> StatusCode {
        self.request(method, path).send().await.unwrap().status()
    }

    async fn post(&self, path: &str, body: &[u8]) -> StatusCode {
        self.request(Method::POST, path).body(body.to_vec()).send().await.unwrap().status()
    }
}

fn name(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}

const OK: StatusCode = StatusCode::OK;

#[tokio::test(flavor = "multi_thread")]
async fn the_protocol_answers_as_rest_server_does() {
    let stack = Stack::start().await;
    let behind = behind(&stack, "acme", "main", None).await;
    let append = behind.credential(&stack, GatewayAccess::AppendOnly).await;
    let full = behind.credential(&stack, GatewayAccess::Full).await;
    let ask = Asker::new(&behind, &append);
    assert_eq!(ask.status(Method::HEAD, "config").await, StatusCode::NOT_FOUND);
    assert_eq!(ask.status(Method::GET, "keys/").await, StatusCode::NOT_FOUND);
    assert_eq!(ask.status(Method::POST, "").await, StatusCode::BAD_REQUEST);
    assert_eq!(ask.status(Method::POST, "?create=true").await, OK);
    assert_eq!(ask.status(Method::POST, "?create=true").await, OK);
    assert_eq!(ask.status(Method::GET, "").await, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(ask.post("config", b"the config").await, OK);
    assert_eq!(ask.post("config", b"the config").await, OK);
    assert_eq!(ask.post("config", b"another").await, StatusCode::FORBIDDEN);
    assert_eq!(ask.status(Method::DELETE, "config").await, StatusCode::FORBIDDEN);
    assert_eq!(ask.request(Method::GET, "config").send().await.unwrap().text().await.unwrap(), "the config");

    let content = vec![7_u8; 600_000];
    let data = format!("data/{}", name(&content));
    assert_eq!(ask.post(&data, b"something else").await, StatusCode::BAD_REQUEST);
    assert_eq!(ask.status(Method::HEAD, &data).await, StatusCode::NOT_FOUND, "it is not seen before its hash is right");
    assert_eq!(ask.post(&data, &content).await, OK);
    assert_eq!(ask.post(&data, &content).await, OK);
    assert_eq!(ask.post(&data, &vec![8_u8; 600_000]).await, StatusCode::FORBIDDEN);
    let head = ask.request(Method::HEAD, &data).send().await.unwrap();
    assert_eq!((head.status(), head.headers()["content-length"].to_str().unwrap()), (OK, "600000"));
    assert_eq!(ask.request(Method::GET, &data).send().await.unwrap().bytes().await.unwrap(), content);
    assert_eq!(ask.status(Method::PUT, &data).await, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(ask.status(Method::DELETE, &data).await, StatusCode::FORBIDDEN);
    assert_eq!(ask.status(Method::GET, "data/abc").await, StatusCode::NOT_FOUND);
    assert_eq!(ask.status(Method::GET, "elsewhere/").await, StatusCode::NOT_FOUND);

    for (range, status, expected) in [
        ("bytes=0-9", 206, Some("bytes 0-9/600000")),
        ("bytes=599990-", 206, Some("bytes 599990-599999/600000")),
        ("bytes=-5", 206, Some("bytes 599995-599999/600000")),
        ("bytes=600000-", 416, Some("bytes */600000")),
        ("bytes=0-1,4-5", 200, None),
    ] {
        let answer = ask.request(Method::GET, &data).header("range", range).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{range}");
        assert_eq!(answer.headers().get("content-range").map(|value| value.to_str().unwrap()), expected, "{range}");
    }

    let accept = "application/vnd.x.restic.rest.v2";
    let second = ask.request(Method::GET, "data/").header("accept", accept).send().await.unwrap();
    assert_eq!(second.headers()["content-type"], accept);
    let second: serde_json::Value = second.json().await.unwrap();
    assert_eq!(second, serde_json::json!([{ "name": name(&content), "size": 600_000 }]));
    let first = ask.request(Method::GET, "data/").send().await.unwrap();
    assert_eq!(first.headers()["content-type"], "application/vnd.x.restic.rest.v1");
    assert_eq!(first.json::<serde_json::Value>().await.unwrap(), serde_json::json!([name(&content)]));

    let lock = format!("locks/{}", name(b"lock"));
    assert_eq!(ask.post(&lock, b"lock").await, OK);
    assert_eq!(ask.status(Method::DELETE, &lock).await, OK);
    assert_eq!(ask.status(Method::DELETE, &lock).await, StatusCode::NOT_FOUND);
    let remover = Asker::new(&behind, &full);
    assert_eq!(remover.status(Method::DELETE, &data).await, OK);
    assert_eq!(remover.status(Method::DELETE, &data).await, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_known_learns_nothing_and_others_see_nothing() {
    let stack = Stack::start().await;
    let (one, two) = (behind(&stack, "acme", "main", None).await, behind(&stack, "other", "main", None).await);
    let sibling = behind(&stack, "acme", "second", None).await;
    let mine = one.credential(&stack, GatewayAccess::Full).await;
    let anonymous = Asker { by: None, ..Asker::new(&one, &mine) };
    for path in ["", "config", "data/", "nonsense"] {
        let refused = anonymous.request(Method::GET, path).send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{path}");
        assert!(refused.headers()["www-authenticate"].to_str().unwrap().starts_with("Basic "));
    }
    let wrong = Credential { username: mine.username.clone(), secret: "wrong".to_owned() };
    assert_eq!(Asker::new(&one, &wrong).status(Method::GET, "config").await, StatusCode::UNAUTHORIZED);
    for elsewhere in [&two, &sibling] {
        for method in [Method::GET, Method::HEAD, Method::POST, Method::DELETE] {
            let status = Asker::new(elsewhere, &mine).status(method.clone(), "config").await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{method} {}", elsewhere.url);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_is_said_plainly_and_what_was_refused_is_not_counted() {
    let stack = Stack::start().await;
    let behind = behind(&stack, "acme", "main", None).await;
    let append = behind.credential(&stack, GatewayAccess::AppendOnly).await;
    let ask = Asker::new(&behind, &append);
    assert_eq!(ask.status(Method::POST, "?create=true").await, OK);
    assert_eq!(ask.post("config", b"c").await, OK);
    let store = stack.server.as_ref().unwrap().app().store.clone();
    let actor = admin(&stack, behind.org);
    let limit = RepositoryChange { bytes_max: Some(Some(1_000)), ..RepositoryChange::default() };
    store.repositories().change(&actor, behind.org, behind.row.uid, 1, &limit).await.unwrap();
    let content = [1_u8; 800];
    let wrong = format!("data/{}", name(b"x"));
    assert_eq!(ask.post(&wrong, &content).await, StatusCode::BAD_REQUEST);
    assert_eq!(ask.post(&format!("data/{}", name(&content)), &content).await, OK);
    let more = [2_u8; 201];
    let refused = ask.request(Method::POST, &format!("data/{}", name(&more))).body(more.to_vec()).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::INSUFFICIENT_STORAGE);
    assert!(refused.text().await.unwrap().contains("may hold 1000 bytes"));
    let fits = [3_u8; 200];
    assert_eq!(ask.post(&format!("data/{}", name(&fits)), &fits).await, OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_a_person_or_an_agent_ends_with_them() {
    let stack = Stack::start().await;
    let world = World::new(&stack, "acme").await;
    let access = world.path(&format!("/repositories/{}/gateway-credentials", world.id("repositories")));
    let made = async |whose: &str, uid: &str| {
        let made = world.admin.post(&access, json!({ "name": whose, (whose): uid })).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        made.json()
    };
    let (of_user, of_agent) = (made("user", world.id("users")).await, made("agent", world.id("agents")).await);
    let config = format!("{}/restic/acme/main/config", stack.url());
    let status = async |by: &Value| {
        let request = reqwest::Client::new().get(&config);
        let request = request.basic_auth(by["username"].as_str().unwrap(), by["password"].as_str());
        request.send().await.unwrap().status()
    };
    // Nobody has made a repository there yet.
    assert_eq!((status(&of_user).await, status(&of_agent).await), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    let user = world.path(&format!("/users/{}", world.id("users")));
    let kept_out = async |version: i64, disabled: bool| {
        let changed = world.admin.patch(&user, version, json!({ "disabled": disabled })).await;
        assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
    };
    kept_out(1, true).await;
    assert_eq!((status(&of_user).await, status(&of_agent).await), (StatusCode::UNAUTHORIZED, StatusCode::NOT_FOUND));
    kept_out(2, false).await;
    assert_eq!(status(&of_user).await, StatusCode::NOT_FOUND);
    let revoked = world.admin.post(&world.path(&format!("/agents/{}/revoke", world.id("agents"))), Value::Null).await;
    assert!(revoked.status.is_success(), "{revoked:?}");
    assert_eq!((status(&of_user).await, status(&of_agent).await), (StatusCode::NOT_FOUND, StatusCode::UNAUTHORIZED));
    let deleted = world.admin.delete(&user).await;
    assert!(deleted.status.is_success(), "{deleted:?}");
    assert_eq!(status(&of_user).await, StatusCode::UNAUTHORIZED);
}
