use std::collections::BTreeSet;

use serde_json::Value;

use super::support::Stack;

const COMMITTED: &str = include_str!("../../openapi.json");

/// With `BYGONE_UPDATE_OPENAPI=1` the file is written instead.
#[test]
fn the_description_that_is_committed_is_the_one_that_is_served() {
    let made = bygone_server::openapi::text().0;
    if std::env::var_os("BYGONE_UPDATE_OPENAPI").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json"), &made).unwrap();
        return;
    }
    assert!(made == COMMITTED, "the API changed: run the tests with BYGONE_UPDATE_OPENAPI=1 and look at what changed");
}

/// Each operation: its method, its path, and itself.
pub(crate) fn operations() -> Vec<(String, String, Value)> {
    let description: Value = serde_json::from_str(&bygone_server::openapi::text().0).unwrap();
    let mut operations = Vec::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            operations.push((method.to_uppercase(), path.clone(), operation.clone()));
        }
    }
    operations
}

#[test]
fn every_operation_has_a_name_of_its_own_a_sentence_and_a_problem() {
    let mut names = BTreeSet::new();
    for (method, path, operation) in operations() {
        let name = operation["operationId"].as_str().unwrap().to_owned();
        assert!(names.insert(name.clone()), "{name} names two operations, {method} {path} among them");
        assert!(operation["summary"].is_string(), "{method} {path} says nothing of itself");
        assert!(operation["responses"]["default"].is_object(), "{method} {path} names no problem");
    }
}

#[tokio::test]
async fn the_description_is_served() {
    let stack = Stack::start().await;
    let served = stack.anonymous().get("/api/openapi.json").await;
    assert_eq!((served.status.as_u16(), served.json()["openapi"].as_str()), (200, Some("3.1.0")));
}
