//! Traces, told to a collector of our own.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use bygone_server::telemetry;
use serde_json::json;
use tracing_subscriber::layer::SubscriberExt as _;

use super::support::Stack;

/// What a collector was told.
type Told = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

async fn collect(State(told): State<Told>, headers: HeaderMap, body: Bytes) {
    told.lock().unwrap().push((headers, body));
}

/// A collector on a free port of loopback: its URL, and what it is told.
async fn collector() -> (String, Told) {
    let told = Told::default();
    let router = Router::new().route("/v1/traces", post(collect)).with_state(told.clone());
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(socket, router).await });
    (url, told)
}

// On one thread, so that what this test listens to is what its server says.
#[tokio::test]
async fn requests_and_jobs_are_traced_with_their_correlation_and_nothing_secret() {
    let (url, told) = collector().await;
    let (layer, telemetry) = telemetry::layer(&url).unwrap();
    let listening = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    let stack = Stack::start().await;
    let world = super::world::World::new(&stack, "acme").await;
    let name = "018f2f0e-0000-7000-8000-0000000000aa";
    let path = world.path("/jobs");
    let spec = json!({ "spec": { "kind": "catalog", "repository": world.id("repositories") } });
    let made = world.admin.ask(reqwest::Method::POST, &path, &[("x-request-id", name)], spec).await.json();
    let job = format!("{path}/{}", made["uid"].as_str().unwrap());
    // A repository that nobody has made yet: the job goes back to the queue, and says why.
    while world.admin.get(&job).await.json()["outcome"].is_null() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    telemetry.stop().await;
    drop(listening);
    let told = told.lock().unwrap();
    assert!(!told.is_empty());
    assert!(told.iter().all(|(headers, _)| headers["content-type"] == "application/x-protobuf"));
    let all: Vec<u8> = told.iter().flat_map(|(_, body)| body.to_vec()).collect();
    let holds = |text: &str| all.windows(text.len()).filter(|part| *part == text.as_bytes()).count();
    for text in ["bygone", "service.version", "request", "job", "/api/v1/orgs/{org}/jobs", "catalog"] {
        assert!(holds(text) > 0, "{text}");
    }
    assert!(holds(name) >= 2, "the request and its job have it in common");
    for text in [world.admin.token(), stack.root.clone(), "very-secret".to_owned()] {
        assert_eq!(holds(&text), 0, "{text}");
    }
}

#[tokio::test]
async fn a_collector_that_is_away_costs_nothing_but_spans() {
    let (layer, telemetry) = telemetry::layer(&format!("http://127.0.0.1:{}", bygone_tests::ports::free())).unwrap();
    let listening = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    let stack = Stack::start().await;
    assert_eq!(stack.anonymous().get("/healthz").await.text, "ok\n");
    let begun = std::time::Instant::now();
    telemetry.stop().await;
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
    drop(listening);
}
