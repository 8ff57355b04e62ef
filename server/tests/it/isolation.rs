use reqwest::Method;
use serde_json::{Value, json};

use super::openapi::operations;
use super::support::Stack;

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
