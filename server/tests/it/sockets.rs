//! Events through WebSockets, for those who cannot read server-sent ones.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::{StatusCode, Upgraded};
use serde_json::{Value, json};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::support::{Client, Stack};
use super::world::World;

/// How long a test waits for what must come.
const WAIT_MAX: Duration = Duration::from_secs(30);

async fn asked(stack: &Stack, client: &Client, path: &str) -> reqwest::Response {
    let request = reqwest::Client::new().get(format!("{}{path}", stack.url())).bearer_auth(client.token());
    let request = request.header("connection", "Upgrade").header("upgrade", "websocket");
    let request = request.header("sec-websocket-version", "13").header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    request.send().await.unwrap()
}

async fn opened(stack: &Stack, client: &Client, path: &str) -> WebSocketStream<Upgraded> {
    let answer = asked(stack, client, path).await;
    assert_eq!(answer.status(), StatusCode::SWITCHING_PROTOCOLS);
    assert_eq!(answer.headers()["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "RFC 6455, section 1.3");
    WebSocketStream::from_raw_socket(answer.upgrade().await.unwrap(), Role::Client, None).await
}

/// What happens next, but for progress.
async fn next(socket: &mut WebSocketStream<Upgraded>) -> Value {
    loop {
        let message = tokio::time::timeout(WAIT_MAX, socket.next()).await.expect("nothing was told").unwrap().unwrap();
        let Message::Text(text) = message else { continue };
        let event: Value = serde_json::from_str(&text).unwrap();
        if event["kind"] != "job.progress" {
            return event;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_s_socket_tells_what_happens_and_a_job_s_only_what_happens_to_it() {
    let stack = Stack::start().await;
    let world = World::new(&stack, "acme").await;
    let run = world.path(&format!("/plans/{}/run", world.id("plans")));
    let mut all = opened(&stack, &world.admin, &world.path("/events/socket")).await;
    world.admin.post(&run, json!({})).await;
    let mut queued = next(&mut all).await;
    while queued["data"]["kind"] != "backup" {
        queued = next(&mut all).await;
    }
    assert_eq!((&queued["kind"], &queued["agent"]), (&json!("job.queued"), &json!(world.machine.uid)));
    let job = world.path(&format!("/jobs/{}", queued["job"].as_str().unwrap()));

    let mut one = opened(&stack, &world.admin, &format!("{job}/events/socket")).await;
    world.admin.post(&run, json!({})).await;
    world.admin.post(&format!("{job}/cancel"), Value::Null).await;
    let ended = next(&mut one).await;
    assert_eq!(
        (&ended["kind"], &ended["job"]),
        (&json!("job.ended"), &queued["job"]),
        "the other run is not told here"
    );
    assert_eq!(ended["data"]["state"], "cancelled");
    // Who comes back begins after what was heard last.
    let last = queued["uid"].as_str().unwrap();
    let mut again = opened(&stack, &world.admin, &format!("{job}/events/socket?after={last}")).await;
    assert_eq!(next(&mut again).await["uid"], ended["uid"]);
    // What a listener says is not listened to; that it hangs up is.
    again.send(Message::text("hello")).await.unwrap();
    again.close(None).await.unwrap();
    while let Some(Ok(message)) = tokio::time::timeout(WAIT_MAX, again.next()).await.unwrap() {
        assert!(matches!(message, Message::Close(_) | Message::Ping(_) | Message::Text(_)), "{message:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_is_for_who_may_see_it_and_ends_when_the_server_stops() {
    let mut stack = Stack::start().await;
    let world = World::new(&stack, "acme").await;
    let plain = world.admin.get(&world.path("/events/socket")).await;
    assert_eq!((plain.problem().as_str(), &plain.json()["field"]), ("malformed", &json!("Upgrade")));
    let user = stack.person(&world.org, bygone_store::Role::User).await;
    assert_eq!(asked(&stack, &user, &world.path("/events/socket")).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(
        asked(&stack, &stack.anonymous(), &world.path("/events/socket")).await.status(),
        StatusCode::UNAUTHORIZED
    );
    let job = world.path(&format!("/jobs/{}/events/socket", world.id("jobs")));
    let mut socket = opened(&stack, &world.admin, &job).await;
    let stopping = tokio::spawn(async move { stack.stop().await });
    while let Ok(Some(Ok(_))) = tokio::time::timeout(WAIT_MAX, socket.next()).await {}
    tokio::time::timeout(WAIT_MAX, stopping).await.expect("it waited for a listener").unwrap();
}
