use bygone_tests::noise::noise;
use jiff::SignedDuration;
use reqwest::{Client, StatusCode};
use serde_json::json;

use super::support::House;

/// The cookie of an answer, as it is sent back.
fn cookie(answer: &reqwest::Response) -> Option<String> {
    let set = answer.headers().get("set-cookie")?.to_str().unwrap();
    assert!(set.contains("; HttpOnly; SameSite=Strict"), "{set}");
    Some(set.split(';').next().unwrap().to_owned())
}

async fn get(url: &str, cookie: Option<&str>, range: Option<&str>) -> reqwest::Response {
    let mut request = Client::new().get(url);
    for (name, value) in [("cookie", cookie), ("range", range)] {
        if let Some(value) = value {
            request = request.header(name, value);
        }
    }
    request.send().await.unwrap()
}

async fn house() -> House {
    House::of(|root| std::fs::write(root.join("a"), noise(1, 5_000_000)).unwrap()).await
}

#[tokio::test]
async fn a_ticket_is_redeemed_once_into_a_session() {
    let house = house().await;
    let made = house.ticket(&["a"], "file", json!({})).await;
    assert_eq!((made["bytes"].as_u64(), made["name"].as_str()), (Some(5_000_000), Some("a")));
    let url = house.url(made["url"].as_str().unwrap());
    let first = get(&url, None, Some("bytes=0-99")).await;
    assert_eq!(first.status(), StatusCode::PARTIAL_CONTENT);
    let set = first.headers().get("set-cookie").unwrap().to_str().unwrap().to_owned();
    let secret = url.split('/').nth(4).unwrap();
    assert!(set.contains(&format!("; Path=/dl/{secret};")), "{set} of {url}");
    let cookie = cookie(&first).unwrap();
    let whole = get(&url, Some(&cookie), None).await;
    assert!(whole.headers().get("set-cookie").is_none());
    assert!(whole.bytes().await.unwrap() == noise(1, 5_000_000));
    for wrong in [None, Some("bygone-download=guessed")] {
        assert_eq!(get(&url, wrong, None).await.status(), StatusCode::FORBIDDEN);
    }
    let unknown = house.url("/dl/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/a");
    assert_eq!(get(&unknown, Some(&cookie), None).await.status(), StatusCode::NOT_FOUND);
    let log = house.audit().await;
    let refused = log.iter().filter(|entry| entry.outcome == "refused").count();
    assert_eq!(refused, 2);
    let sent: u64 = house.sent().await.iter().map(|details| details["bytes"].as_u64().unwrap()).sum();
    assert_eq!(sent, 5_000_100);
    assert!(!format!("{log:?}").contains(secret), "the log holds the ticket");
}

#[tokio::test]
async fn two_who_come_at_once_do_not_both_redeem_it() {
    let house = house().await;
    let url = house.ticket_url(&["a"], "file").await;
    let asked = (0..8).map(|_| get(&url, None, Some("bytes=0-0")));
    let statuses: Vec<StatusCode> =
        futures_util::future::join_all(asked).await.iter().map(|one| one.status()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == StatusCode::PARTIAL_CONTENT).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == StatusCode::FORBIDDEN).count(), 7, "{statuses:?}");
}

#[tokio::test]
async fn a_ticket_ends_and_so_does_its_session() {
    let house = house().await;
    let late = house.ticket_url(&["a"], "file").await;
    let used = house.ticket_url(&["a"], "file").await;
    let cookie = cookie(&get(&used, None, Some("bytes=0-0")).await).unwrap();
    house.clock.advance(SignedDuration::from_mins(11));
    assert_eq!(get(&late, None, None).await.status(), StatusCode::GONE);
    assert_eq!(get(&used, Some(&cookie), Some("bytes=0-0")).await.status(), StatusCode::PARTIAL_CONTENT);
    house.clock.advance(SignedDuration::from_mins(29));
    assert_eq!(
        get(&used, Some(&cookie), Some("bytes=0-0")).await.status(),
        StatusCode::PARTIAL_CONTENT,
        "use puts it off"
    );
    house.clock.advance(SignedDuration::from_mins(31));
    assert_eq!(get(&used, Some(&cookie), Some("bytes=0-0")).await.status(), StatusCode::GONE);
}

#[tokio::test]
async fn a_stolen_ticket_is_worth_nothing() {
    let house = house().await;
    let bob = house.client(house.person("bob").await);
    let url = house.ticket_url(&["a"], "file").await;
    assert_eq!(bob.get(&url, &[]).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(house.client(house.alice).get(&url, &[]).await.status(), StatusCode::OK, "it was not used up");
    let here = house.ticket(&["a"], "file", json!({ "only_from_here": true })).await;
    assert_eq!(get(&house.url(here["url"].as_str().unwrap()), None, None).await.status(), StatusCode::OK);
    // As if it had been made elsewhere.
    let elsewhere = house.ticket(&["a"], "file", json!({ "only_from_here": true })).await;
    let mut tx = house.store.begin().await.unwrap();
    tx.execute_for_tests("update tickets set address = '192.0.2.7'").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(get(&house.url(elsewhere["url"].as_str().unwrap()), None, None).await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_was_forgotten_or_withdrawn_is_gone() {
    let house = house().await;
    let first = house.catalog().await.pop().unwrap();
    std::fs::write(house.files().join("b"), "b").unwrap();
    house.back_up().await;
    let at = |snapshot: &str| json!({ "items": [{ "path": house.path("a"), "at": snapshot }] });
    let made = house.ticket(&[], "file", at(&first)).await;
    let url = house.url(made["url"].as_str().unwrap());
    let cookie = cookie(&get(&url, None, Some("bytes=0-0")).await).unwrap();
    house.restic().run(&["forget", &first]);
    house.catalog().await;
    assert_eq!(get(&url, Some(&cookie), None).await.status(), StatusCode::GONE);
    let other = house.ticket_url(&["a"], "file").await;
    let mut tx = house.store.begin().await.unwrap();
    tx.execute_for_tests("update sources set visibility = 'hidden'").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(get(&other, None, None).await.status(), StatusCode::GONE);
}

#[tokio::test]
async fn a_download_survives_a_restart_when_the_client_resumes() {
    let mut house = House::of(|root| {
        std::fs::write(root.join("a"), noise(1, 5_000_000)).unwrap();
        for number in 0..300 {
            std::fs::write(root.join(format!("{number}")), noise(number, 2_000)).unwrap();
        }
    })
    .await;
    for (below, form) in [("a", "file"), ("", "tar"), ("", "zip")] {
        let made = house.ticket(&[below], form, json!({})).await;
        let path = made["url"].as_str().unwrap().to_owned();
        let size = made["bytes"].as_u64().unwrap();
        let expected =
            get(&house.url(house.ticket(&[below], form, json!({})).await["url"].as_str().unwrap()), None, None).await;
        let expected = expected.bytes().await.unwrap();
        assert_eq!(expected.len() as u64, size);
        let mut first = get(&house.url(&path), None, None).await;
        let cookie = cookie(&first).unwrap();
        let tag = first.headers()["etag"].to_str().unwrap().to_owned();
        let mut received = Vec::new();
        while received.len() < 600_000 {
            received.extend_from_slice(&first.chunk().await.unwrap().unwrap());
        }
        house.start();
        let rest = Client::new()
            .get(house.url(&path))
            .header("cookie", &cookie)
            .header("range", format!("bytes={}-", received.len()))
            .header("if-range", &tag)
            .send()
            .await
            .unwrap();
        assert_eq!(rest.status(), StatusCode::PARTIAL_CONTENT, "{form}");
        received.extend_from_slice(&rest.bytes().await.unwrap());
        assert!(received == expected, "{form}");
    }
}

#[tokio::test]
async fn what_is_downloaded_is_leased() {
    let house = house().await;
    let snapshot = house.catalog().await.pop().unwrap().parse().unwrap();
    let url = house.ticket_url(&["a"], "file").await;
    let mut answer = get(&url, None, None).await;
    answer.chunk().await.unwrap();
    let live = house.open().leases().unwrap().live().unwrap();
    assert!(live.iter().any(|lease| lease.verb == "download" && lease.holds(snapshot)), "{live:?}");
}

#[tokio::test]
async fn a_ticket_is_ended_by_whom_it_is_of() {
    let house = house().await;
    let made = house.ticket(&["a"], "file", json!({})).await;
    let uid = made["uid"].as_str().unwrap();
    let bob = house.person("bob").await;
    let end = async |user| {
        let url = house.url(&format!("/portal/v1/tickets/{uid}"));
        Client::new().delete(url).bearer_auth(user).send().await.unwrap().status()
    };
    assert_eq!(end(bob).await, StatusCode::NOT_FOUND);
    assert_eq!(end(house.alice).await, StatusCode::NO_CONTENT);
    assert_eq!(get(&house.url(made["url"].as_str().unwrap()), None, None).await.status(), StatusCode::NOT_FOUND);
}
