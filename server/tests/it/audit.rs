use super::support::Stack;

#[tokio::test]
async fn what_was_done_is_listed_verified_and_exported() {
    let stack = Stack::start().await;
    let root = stack.root();
    let uid = root.make_org("acme").await;
    let path = format!("/api/v1/orgs/{uid}");
    for version in 1..4 {
        root.patch(&path, version, serde_json::json!({ "title": format!("=cmd {version}") })).await;
    }
    let listed = root.get(&format!("{path}/audit?action=change&limit=2")).await.json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    assert_eq!(listed["items"][0]["address"], "127.0.0.1");
    let verdict = root.get(&format!("{path}/audit/verdict")).await.json();
    assert_eq!((verdict["state"].as_str(), verdict["entries"].as_i64()), (Some("intact"), Some(3)));
    let lines = root.get(&format!("{path}/audit/export?format=json")).await;
    assert_eq!(lines.text.lines().count(), 3);
    let csv = root.get(&format!("{path}/audit/export?format=csv")).await;
    assert_eq!((csv.text.matches("\r\n").count(), csv.text.starts_with("seq,at,who_kind")), (4, true), "{}", csv.text);
    // The installation has a chain of its own: the set-up link, who runs it, their token, the organization.
    assert_eq!(root.get("/api/v1/audit/verdict").await.json()["state"], "intact");
    let made = root.get("/api/v1/audit?action=create&resource=organization").await.json();
    assert_eq!(made["items"].as_array().unwrap().len(), 1);
    assert_eq!(root.get(&format!("{path}/audit/export?format=xml")).await.problem(), "malformed");
}

#[tokio::test]
async fn a_long_log_is_exported_whole_and_in_order() {
    let stack = Stack::start().await;
    let uid = stack.root().make_org("acme").await;
    let admin = bygone_store::Actor::system("test", uid.parse().unwrap());
    let store = &stack.server.as_ref().unwrap().app().store;
    // More than is read at once.
    const ENTRIES: usize = 1_203;
    for number in 0..ENTRIES {
        let (action, resource) = (bygone_store::Action::Run, bygone_store::Resource::Plan);
        let done = bygone_store::audit::AuditOutcome::Done;
        store.audit().record(&admin, action, resource, number, done, serde_json::json!({})).await.unwrap();
    }
    let lines = stack.root().get(&format!("/api/v1/orgs/{uid}/audit/export?format=json")).await;
    let told: Vec<i64> = lines
        .text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["seq"].as_i64().unwrap())
        .collect();
    assert!(told.len() == ENTRIES && told.iter().zip(1..).all(|(seq, at)| *seq == at), "{} {told:?}", told.len());
}
