//! Downloads under grants that were made over the API, asked for as any program asks.

use std::fs;

use bygone_store::Role;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::asked::Bench;
use crate::stack::{Person, eventually};

/// More than the buffers of two ends of a connection hold.
const HUGE_BYTES: usize = 48 << 20;

async fn bench() -> Bench {
    Bench::with(|source| fs::write(source.join("huge"), vec![0; HUGE_BYTES]).unwrap()).await
}

/// Somebody who may download under a limit.
async fn limited(bench: &Bench, limit: &str, value: u64) -> Person {
    let person = bench.person(Role::User).await;
    let mut grant = json!({
        "user": person.uid, "source": bench.source_uid, "path": "/", "effect": "allow", "actions": ["see", "download"],
    });
    grant[limit] = json!(value);
    let made: Option<Value> = bench.admin.post(&bench.org_path("/grants"), &grant).await.unwrap();
    assert_eq!(made.unwrap()[limit], value);
    person
}

async fn get(bench: &Bench, person: &Person, name: &str, range: &str) -> Response {
    let path = bench.source.join(name);
    let url = format!("{}/portal/v1/sources/{}/download?path={}", bench.url(), bench.source_uid, path.display());
    let request = reqwest::Client::new().get(url).header("range", range);
    request.bearer_auth(person.token.expose()).send().await.unwrap()
}

async fn refused(answer: Response) {
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    let wait: u64 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=86_400).contains(&wait), "{wait}");
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["code"], "too_many_requests", "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bytes_of_a_day_that_a_grant_gives_are_all_there_are() {
    let bench = bench().await;
    let bob = limited(&bench, "bytes_per_day", 3_000_000).await;
    let first = get(&bench, &bob, "huge", "bytes=0-1999999").await;
    assert_eq!((first.status(), first.bytes().await.unwrap().len()), (StatusCode::PARTIAL_CONTENT, 2_000_000));
    refused(get(&bench, &bob, "huge", "bytes=0-1999999").await).await;
    let left = get(&bench, &bob, "huge", "bytes=5-999999").await;
    assert_eq!((left.status(), left.bytes().await.unwrap().len()), (StatusCode::PARTIAL_CONTENT, 999_995));
    let other = limited(&bench, "bytes_per_day", 3_000_000).await;
    let theirs = get(&bench, &other, "huge", "bytes=0-1999999").await;
    assert_eq!(theirs.status(), StatusCode::PARTIAL_CONTENT, "everybody has a day of their own");
    bench.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_many_downloads_at_one_time_as_a_grant_gives() {
    let bench = bench().await;
    let bob = limited(&bench, "downloads", 1).await;
    let mut first = get(&bench, &bob, "huge", "bytes=0-").await;
    assert!(first.chunk().await.unwrap().is_some());
    refused(get(&bench, &bob, "small", "bytes=0-").await).await;
    let part = get(&bench, &bob, "huge", "bytes=7-9").await;
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT, "a part of the same is no further download");
    drop(first);
    eventually("a place for the next download", async || {
        get(&bench, &bob, "small", "bytes=0-").await.status() == StatusCode::PARTIAL_CONTENT
    })
    .await;
    bench.end().await;
}
