use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use bygone_server::Roles;
use serde_json::json;

use super::support::Stack;

#[tokio::test]
async fn a_server_says_that_it_lives_and_is_ready() {
    let stack = Stack::start().await;
    let anyone = stack.anonymous();
    assert_eq!(anyone.get("/healthz").await.text, "ok\n");
    let ready = anyone.get("/readyz").await.json();
    assert_eq!(ready["ready"], true, "{ready}");
    let metrics = anyone.get("/metrics").await.text;
    assert!(
        metrics.contains("bygone_http_requests_total{method=\"GET\",route=\"/healthz\",status=\"200\"} 1"),
        "{metrics}"
    );
    assert_eq!(anyone.get("/api/nowhere").await.problem(), "not_found");
}

#[tokio::test]
async fn every_metric_is_in_the_manual() {
    let stack = Stack::start().await;
    let behind = crate::gateway::support::behind(&stack, "acme", "main", None).await;
    let writer = behind.credential(&stack, bygone_store::gateway_credentials::GatewayAccess::Full).await;
    let http = reqwest::Client::new();
    let path = format!("{}locks/{}", behind.url, "0".repeat(64));
    for _ in 0..2 {
        http.get(&path).basic_auth(&writer.username, Some(&writer.secret)).send().await.unwrap();
    }
    let manual = std::fs::read_to_string("../docs/OPERATIONS.md").unwrap();
    let metrics = stack.anonymous().get("/metrics").await.text;
    let told = metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next().map(str::to_owned));
    // And those that nothing has happened to yet, as the source names them.
    let names: BTreeSet<String> = told.chain(named_in(Path::new("src"))).collect();
    assert!(names.len() >= 12, "{names:?}");
    for name in names {
        assert!(manual.contains(&format!("`{name}`")), "{name} is not in the manual");
    }
}

/// What stands in quotes in a folder of source and begins as our metrics do.
fn named_in(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            names.extend(named_in(&path));
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let quoted = text.split('"').filter(|part| part.starts_with("bygone_"));
        let is_metric = |name: &&str| {
            ["_total", "_seconds", "_bytes", "_jobs", "_active", "_held"].iter().any(|end| name.ends_with(end))
        };
        let is_name = |name: &&str| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        names.extend(quoted.filter(is_name).filter(is_metric).map(str::to_owned));
    }
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_name_nobody_and_nothing_of_an_organization() {
    let stack = Stack::start().await;
    let world = super::world::World::new(&stack, "acme-of-metrics").await;
    for (method, path, _) in super::openapi::operations() {
        if method == "GET" && path.starts_with("/api/v1/orgs/{org}") && !path.contains("events") {
            world.admin.get(&world.filled(&path)).await;
        }
    }
    let metrics = stack.anonymous().get("/metrics").await.text;
    assert!(metrics.contains("route=\"/api/v1/orgs/{org}/plans/{plan}\""), "{metrics}");
    for name in world.uids().chain(["acme-of-metrics", "nightly", "laptop"]) {
        assert!(!metrics.contains(name), "{name} is in {metrics}");
    }
}

#[tokio::test]
async fn readiness_tells_of_a_queue_that_does_not_move_and_stays_ready() {
    let stack = Stack::start_at("2026-11-01T10:00:00Z").await;
    let world = super::world::World::new(&stack, "acme").await;
    let spec = json!({ "sources": [world.id("sources")], "repositories": [world.id("repositories")] });
    let plan = world.admin.post(&world.path("/plans"), json!({ "name": "mine", "spec": spec })).await.json();
    let run = world.path(&format!("/plans/{}/run", plan["uid"].as_str().unwrap()));
    assert!(world.admin.post(&run, json!({})).await.status.is_success());
    let queue = async || {
        let ready = stack.anonymous().get("/readyz").await;
        let checks = ready.json()["checks"].as_array().unwrap().clone();
        (ready.status.as_u16(), checks.into_iter().find(|check| check["name"] == "queue").unwrap()["ok"].clone())
    };
    assert_eq!(queue().await, (200, json!(true)));
    // Nobody takes it: its machine asks for nothing.
    stack.clock.advance(jiff::SignedDuration::from_mins(16));
    assert_eq!(queue().await, (200, json!(false)));
}

#[tokio::test]
async fn a_request_keeps_its_name_or_gets_one() {
    let stack = Stack::start().await;
    let name = "018f2f0e-0000-7000-8000-000000000001";
    let named = stack.anonymous().ask(reqwest::Method::GET, "/healthz", &[("x-request-id", name)], ().into()).await;
    assert_eq!(named.headers["x-request-id"], name);
    let other = stack.anonymous().ask(reqwest::Method::GET, "/healthz", &[("x-request-id", "x\"y")], ().into()).await;
    assert_eq!(other.headers["x-request-id"].len(), name.len());
}

#[tokio::test]
async fn what_was_kept_is_there_after_a_restart() {
    let mut stack = Stack::start().await;
    let uid = stack.root().make_org("acme").await;
    stack.stop().await;
    stack.start_again(&[]).await;
    assert_eq!(stack.root().get(&format!("/api/v1/orgs/{uid}")).await.json()["name"], "acme");
}

#[tokio::test]
async fn the_proxy_protocol_tells_where_a_request_came_from() {
    let variables = [("SERVER__TRUSTED_PROXIES", "127.0.0.1"), ("SERVER__PROXY_PROTOCOL", "true")];
    let stack = Stack::start_with(&variables).await;
    let address = stack.server.as_ref().unwrap().address();
    let token = stack.root.clone();
    let body = r#"{"name":"acme","title":"x"}"#;
    let v1 = b"PROXY TCP4 203.0.113.7 127.0.0.1 5000 443\r\n".to_vec();
    let mut v2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c".to_vec();
    v2.extend([203, 0, 113, 8, 127, 0, 0, 1, 0x13, 0x88, 1, 0xbb]);
    for (name, header) in [("one", v1), ("two", v2)] {
        let body = body.replace("acme", name);
        let request = format!(
            "POST /api/v1/orgs HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(&header).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        });
        assert!(answer.await.unwrap().starts_with("HTTP/1.1 201"));
    }
    let nobody = bygone_store::Actor::installation("test");
    let store = &stack.server.as_ref().unwrap().app().store;
    let entries = store.audit().list(&nobody, None, &Default::default(), &Default::default()).await.unwrap().items;
    // What the server itself did at its start came from nowhere.
    let addresses: Vec<_> = entries.iter().filter_map(|entry| entry.address.as_deref()).collect();
    assert_eq!(addresses, ["203.0.113.7", "203.0.113.8"]);
}

#[tokio::test]
async fn a_process_serves_what_its_roles_say() {
    let mut stack = Stack::start().await;
    stack.stop().await;
    let check = async |stack: &Stack, api: bool, gateway: bool| {
        let anyone = stack.anonymous();
        assert_eq!(anyone.get("/api/v1/orgs").await.status == 401, api);
        assert_eq!(anyone.get("/restic/acme/main/config").await.status == 401, gateway);
        assert_eq!(anyone.get("/healthz").await.status, 200);
    };
    for roles in ["api", "gateway", "worker", "api, gateway"] {
        stack.start_as(&[], Roles::parse(roles).unwrap()).await;
        check(&stack, roles.contains("api"), roles.contains("gateway")).await;
        stack.stop().await;
    }
    assert!(Roles::parse("api,cook").unwrap_err().contains("\"cook\""));
}

#[tokio::test]
async fn connections_are_encrypted_by_files_or_by_our_own_authority() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (folder.path().join("c.pem"), folder.path().join("k.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let files = [
        ("TLS__MODE", "files"),
        ("TLS__CERTIFICATE", certificate.to_str().unwrap()),
        ("TLS__KEY", key.to_str().unwrap()),
    ];
    let stack = Stack::start_with(&files).await;
    assert_eq!(ask_encrypted(&stack, &made.cert.pem()).await.unwrap(), "ok\n");
    let stack = Stack::start_with(&[("TLS__MODE", "own")]).await;
    let authority = stack.server.as_ref().unwrap().app().ca.certificate_pem().to_owned();
    assert_eq!(ask_encrypted(&stack, &authority).await.unwrap(), "ok\n");
    assert!(ask_encrypted(&stack, &made.cert.pem()).await.is_err(), "another authority's word counts for nothing");
}

async fn ask_encrypted(stack: &Stack, trusted: &str) -> reqwest::Result<String> {
    let root = reqwest::Certificate::from_pem(trusted.as_bytes())?;
    let client = reqwest::Client::builder().tls_certs_only([root]).build()?;
    let port = stack.server.as_ref().unwrap().address().port();
    client.get(format!("https://localhost:{port}/healthz")).send().await?.text().await
}

#[tokio::test]
async fn what_was_begun_is_finished_when_the_server_stops() {
    let mut stack = Stack::start().await;
    let address = stack.server.as_ref().unwrap().address();
    let token = stack.root().token();
    let body = r#"{"name":"acme","title":"x"}"#;
    let head = format!(
        "POST /api/v1/orgs HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let metrics = stack.anonymous();
    // The request is being answered once the server counts two: this one and ours.
    while !metrics.get("/metrics").await.text.contains("bygone_http_requests_active 2") {
        tokio::task::yield_now().await;
    }
    let server = stack.server.take().unwrap();
    let stopping = server.app().stopping.clone();
    let stopped = tokio::spawn(server.stop());
    stopping.cancelled().await;
    let answer = tokio::task::spawn_blocking(move || {
        stream.write_all(body.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    assert!(answer.await.unwrap().starts_with("HTTP/1.1 201"));
    stopped.await.unwrap();
    assert!(TcpStream::connect(address).is_err(), "nobody listens any more");
}
