//! What browsers get: pages, files, and headers that keep them from being misused.

use reqwest::header::HeaderMap;
use reqwest::{Client, StatusCode};

use crate::support::Stack;

async fn get(stack: &Stack, path: &str, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap, Vec<u8>) {
    let mut asked = Client::new().get(format!("{}{path}", stack.url()));
    for (name, value) in headers {
        asked = asked.header(*name, *value);
    }
    let answer = asked.send().await.unwrap();
    (answer.status(), answer.headers().clone(), answer.bytes().await.unwrap().to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_says_what_a_browser_must_not_do_with_it() {
    let stack = Stack::start().await;
    for path in
        ["/", "/api/openapi.json", "/api/v1/me", "/healthz", "/portal/v1/sources", "/dl/none", "/assets/none.js"]
    {
        let (_, headers, _) = get(&stack, path, &[]).await;
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["referrer-policy"], "no-referrer", "{path}");
        assert_eq!(headers["cross-origin-opener-policy"], "same-origin", "{path}");
        assert_eq!(headers["cross-origin-resource-policy"], "same-origin", "{path}");
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert!(headers.contains_key("cache-control") && headers.contains_key("permissions-policy"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_get_problems_where_people_get_pages() {
    let stack = Stack::start().await;
    for path in ["/api/nothing", "/api/v1/nothing", "/portal/v1/nothing", "/restic/x", "/assets/nothing.js"] {
        let (status, headers, _) = get(&stack, path, &[]).await;
        assert_ne!(status, StatusCode::OK, "{path}");
        assert!(!headers["content-type"].to_str().unwrap().starts_with("text/html"), "{path}");
    }
    let answer = Client::new().post(format!("{}/search", stack.url())).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND, "a view takes no data");
    let (status, _, body) = get(&stack, "/", &[]).await;
    if !bygone_web::is_built() {
        let said = String::from_utf8(body).unwrap();
        assert!(status == StatusCode::NOT_FOUND && said.contains("without its application"), "{said}");
        return;
    }
    assert_eq!(status, StatusCode::OK);
    let (_, headers, page) = get(&stack, "/d/some/browse?at=latest", &[]).await;
    assert_eq!(page, body, "every view is the same page");
    assert_eq!(headers["cache-control"], "no-cache");
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("require-trusted-types-for 'script'") && policy.contains("script-src 'self';"), "{policy}");
    let (_, _, console) = get(&stack, "/admin/plans", &[]).await;
    assert_ne!(console, body);

    let tag = headers["etag"].to_str().unwrap();
    let (status, _, nothing) = get(&stack, "/", &[("if-none-match", tag)]).await;
    assert_eq!((status, nothing.len()), (StatusCode::NOT_MODIFIED, 0));

    let text = String::from_utf8(body).unwrap();
    // The largest; what is small already is not compressed.
    let script = text.split('"').find(|part| part.starts_with("/assets/react-")).unwrap();
    let (status, headers, plain) = get(&stack, script, &[]).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
    assert!(headers["content-type"].to_str().unwrap().starts_with("text/javascript"));
    for encoding in ["br", "gzip"] {
        let (_, headers, packed) = get(&stack, script, &[("accept-encoding", encoding)]).await;
        assert_eq!((headers["content-encoding"].to_str().unwrap(), packed.len() < plain.len()), (encoding, true));
    }
}
