use reqwest::StatusCode;
use serde_json::json;

use super::browser::{Browser, person};
use super::support::{Answer, Stack};

fn retry_after(answer: &Answer) -> u64 {
    assert_eq!(answer.problem(), "too_many_requests");
    answer.headers["retry-after"].to_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn strangers_who_guess_are_slowed_down_and_the_person_s_own_browser_is_not() {
    let stack = Stack::start().await;
    let org = stack.root().make_org("acme").await;
    person(&stack, Some(&org), "alice@example.test", "user").await;
    let mut known = Browser::at(&stack);
    known.sign_in("alice@example.test").await;
    let guess = json!({ "email": "alice@example.test", "password": "a wrong guess" });
    let mut stranger = Browser::at(&stack);
    for _ in 0..5 {
        assert_eq!(stranger.post("/api/v1/sign-in", guess.clone()).await.problem(), "unauthenticated");
    }
    let slowed = stranger.post("/api/v1/sign-in", guess.clone()).await;
    assert!((1..=61).contains(&retry_after(&slowed)));
    let right = stranger.sign_in("alice@example.test").await;
    retry_after(&right);
    assert_eq!(known.sign_in("alice@example.test").await.status, StatusCode::OK, "the same address, a known browser");
    let other = json!({ "email": "bob@example.test", "password": "a wrong guess" });
    assert_eq!(stranger.post("/api/v1/sign-in", other).await.problem(), "unauthenticated", "nobody else is kept out");
}

#[tokio::test]
async fn who_signs_in_rightly_is_never_slowed_down() {
    let stack = Stack::start().await;
    person(&stack, None, "root2@example.test", "root").await;
    for _ in 0..8 {
        assert_eq!(Browser::at(&stack).sign_in("root2@example.test").await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn an_address_that_tries_many_names_is_slowed_down() {
    let stack = Stack::start_with(&[("LIMITS__ADDRESS_REQUESTS", "1000")]).await;
    let mut answers = Vec::new();
    for number in 0..31 {
        let guess = json!({ "email": format!("x{number}@example.test"), "password": "a wrong guess" });
        answers.push(stack.anonymous().post("/api/v1/sign-in", guess).await);
    }
    let last = answers.pop().unwrap();
    assert!(answers.iter().all(|answer| answer.status == StatusCode::UNAUTHORIZED));
    retry_after(&last);
}

#[tokio::test]
async fn everybody_has_so_many_requests_a_minute() {
    let stack = Stack::start_with(&[("LIMITS__USER_REQUESTS", "20"), ("LIMITS__ADDRESS_REQUESTS", "60")]).await;
    let root = stack.root();
    let mut statuses = Vec::new();
    for _ in 0..30 {
        statuses.push(root.get("/api/v1/me").await.status);
    }
    assert!(statuses[..20].iter().all(|status| *status == StatusCode::OK), "{statuses:?}");
    assert_eq!(statuses.last(), Some(&StatusCode::TOO_MANY_REQUESTS));
    // Nobody in particular has the rest of the address's.
    let mut last = stack.anonymous().get("/api/v1/me").await;
    for _ in 0..40 {
        last = stack.anonymous().get("/api/v1/me").await;
    }
    assert!((1..=61).contains(&retry_after(&last)));
    assert_eq!(stack.anonymous().get("/healthz").await.status, StatusCode::OK, "a probe is never refused");
}

#[tokio::test]
async fn an_organization_has_so_many_requests_a_minute_together() {
    let stack = Stack::start_with(&[("LIMITS__ORG_REQUESTS", "10")]).await;
    let (one, two) = (stack.root().make_org("one").await, stack.root().make_org("two").await);
    let (first, second) =
        (stack.person(&one, bygone_store::Role::Admin).await, stack.person(&one, bygone_store::Role::User).await);
    for _ in 0..5 {
        assert_eq!(first.get("/api/v1/me").await.status, StatusCode::OK);
        assert_eq!(second.get("/api/v1/me").await.status, StatusCode::OK);
    }
    retry_after(&second.get("/api/v1/me").await);
    let elsewhere = stack.person(&two, bygone_store::Role::Admin).await;
    assert_eq!(elsewhere.get("/api/v1/me").await.status, StatusCode::OK);
}
