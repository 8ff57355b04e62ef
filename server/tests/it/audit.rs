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
