use reqwest::{Method, StatusCode};
use serde_json::json;

use super::browser::{Browser, PASSWORD, person};
use super::support::Stack;

#[tokio::test]
async fn another_site_s_page_changes_nothing_with_a_person_s_cookie() {
    let stack = Stack::start().await;
    person(&stack, None, "root2@example.test", "root").await;
    let mut browser = Browser::at(&stack);
    browser.sign_in("root2@example.test").await;
    let body = json!({ "name": "acme", "title": "x" });
    for origin in ["https://evil.test", "null", "http://127.0.0.1:1", "https://127.0.0.1", ""] {
        let answer = browser.ask_from(origin, Method::POST, "/api/v1/orgs", body.clone()).await;
        assert_eq!(answer.problem(), "forbidden", "{origin:?}");
    }
    // A program that has taken a cookie and says nothing is not believed either; with a token it needs to say nothing.
    let cookie = format!("bygone={}", browser.cookie("bygone").unwrap());
    let silent = stack.anonymous().ask(Method::POST, "/api/v1/orgs", &[("cookie", &cookie)], body.clone()).await;
    assert_eq!(silent.problem(), "forbidden");
    let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", "cross-site")];
    assert_eq!(
        stack.anonymous().ask(Method::POST, "/api/v1/orgs", &headers, body.clone()).await.problem(),
        "forbidden"
    );
    let reading = stack.anonymous().ask(Method::GET, "/api/v1/orgs", &[("cookie", &cookie)], ().into()).await;
    assert_eq!(reading.status, StatusCode::OK);
    assert_eq!(browser.post("/api/v1/orgs", body).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn another_site_s_page_signs_nobody_in() {
    let stack = Stack::start().await;
    person(&stack, None, "root2@example.test", "root").await;
    let body = json!({ "email": "root2@example.test", "password": PASSWORD });
    let mut browser = Browser::at(&stack);
    let forged = browser.ask_from("https://evil.test", Method::POST, "/api/v1/sign-in", body.clone()).await;
    assert_eq!(forged.problem(), "forbidden");
    assert!(browser.cookie("bygone").is_none());
    assert_eq!(stack.anonymous().post("/api/v1/sign-in", body).await.status, StatusCode::OK, "programs may");
}
