//! Agents and tokens over the control API.

use bygone_client::ErrorKind;
use serde_json::{Value, json};

use crate::stack::Stack;

#[tokio::test(flavor = "multi_thread")]
async fn root_sees_agents_and_makes_no_tokens() {
    let stack = Stack::start().await;
    let org = stack.org("acme").await;
    let (_folder, enrolled) = stack.enrol(org, "one").await;
    let root = stack.root();
    let agents: Vec<Value> = root.all(&format!("/api/v1/orgs/{org}/agents")).await.unwrap();
    assert_eq!(agents.len(), 1);
    assert_eq!(agents[0]["uid"], enrolled.agent.to_string());
    assert_eq!(agents[0]["state"], "active");
    assert_eq!(agents[0]["facts"]["os"], std::env::consts::OS);
    assert!(agents[0]["facts"]["owner"]["uid"].is_number(), "whose data it is: {}", agents[0]);
    let refused = root.post::<Value>(&format!("/api/v1/orgs/{org}/enrolment-tokens"), &json!({})).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NotFound, "an organization's own business");
    let other: Vec<Value> = root.all(&format!("/api/v1/orgs/{org}/agents?state=revoked")).await.unwrap();
    assert!(other.is_empty());
}
