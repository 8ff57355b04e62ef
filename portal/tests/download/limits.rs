use std::fs;
use std::time::{Duration, Instant};

use bygone_common::access::{Effect, Limits, Use};
use bygone_portal::DownloadLimits;
use bygone_store::grants::{NewGrant, Terms};
use bygone_tests::noise::noise;
use jiff::SignedDuration;
use reqwest::StatusCode;

use super::support::House;

#[tokio::test]
async fn the_bytes_of_a_day_end_and_begin_anew() {
    let mut house = House::of(|root| fs::write(root.join("a"), noise(1, 1_000_000)).unwrap()).await;
    let bob = house.person("bob").await;
    let limits = Limits { bytes_per_day: Some(2_500_000), downloads: None };
    house.grant(&grant(&house, bob, limits)).await;
    let client = house.client(bob);
    let url = |house: &House| house.direct("a", "");
    for _ in 0..2 {
        assert_eq!(client.get(&url(&house), &[]).await.bytes().await.unwrap().len(), 1_000_000);
    }
    // What is left is enough for a part.
    let part = client.get(&url(&house), &[("range", "bytes=0-299999")]).await;
    assert_eq!(part.bytes().await.unwrap().len(), 300_000);
    house.portal().flush().await;
    let refused = async |house: &House| {
        let answer = client.get(&url(house), &[]).await;
        let wait: u64 = answer.headers().get("retry-after").map_or(0, |wait| wait.to_str().unwrap().parse().unwrap());
        (answer.status(), wait)
    };
    // It is ten in the morning, UTC.
    assert_eq!(refused(&house).await, (StatusCode::TOO_MANY_REQUESTS, 14 * 3600));
    house.start();
    assert_eq!(refused(&house).await.0, StatusCode::TOO_MANY_REQUESTS, "a restart forgets nothing");
    house.clock.advance(SignedDuration::from_hours(14));
    assert_eq!(client.get(&url(&house), &[]).await.bytes().await.unwrap().len(), 1_000_000);
    let alice = house.client(house.alice);
    assert_eq!(alice.get(&url(&house), &[]).await.status(), StatusCode::OK, "others are not counted");
}

fn grant(house: &House, user: bygone_common::UserUid, limits: Limits) -> NewGrant {
    NewGrant {
        user,
        source: house.source,
        path: "/".to_owned(),
        effect: Effect::Allow,
        uses: vec![Use::See, Use::Download],
        terms: Terms { limits, ..Terms::default() },
    }
}

#[tokio::test]
async fn so_many_downloads_at_one_time_and_no_more() {
    let house = House::of(|root| {
        for name in ["a", "b", "c"] {
            fs::write(root.join(name), noise(1, 30_000_000)).unwrap();
        }
    })
    .await;
    let bob = house.person("bob").await;
    house.grant(&grant(&house, bob, Limits { bytes_per_day: None, downloads: Some(2) })).await;
    let client = house.client(bob);
    let mut first = client.get(&house.direct("a", ""), &[]).await;
    let mut second = client.get(&house.direct("b", ""), &[]).await;
    for answer in [&mut first, &mut second] {
        assert_eq!(answer.status(), StatusCode::OK);
        answer.chunk().await.unwrap();
    }
    let third = client.get(&house.direct("c", ""), &[]).await;
    assert_eq!(third.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(third.headers().contains_key("retry-after"));
    let more = client.get(&house.direct("a", ""), &[("range", "bytes=5-9")]).await;
    assert_eq!(more.status(), StatusCode::PARTIAL_CONTENT, "a part of what is being downloaded is no further download");
    drop(first);
    let begun = Instant::now();
    // The client is gone: its place is free as soon as the server has noticed.
    while client.get(&house.direct("c", ""), &[]).await.status() != StatusCode::OK {
        assert!(begun.elapsed() < Duration::from_secs(10));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    println!("noticed after {:?}", begun.elapsed());
}

#[tokio::test]
async fn rates_hold_for_a_user_over_all_downloads() {
    let limits = DownloadLimits { user_bytes_per_second: Some(4_000_000), ..DownloadLimits::default() };
    let house = House::within(limits, |root| fs::write(root.join("a"), noise(1, 3_000_000)).unwrap()).await;
    let alice = house.client(house.alice);
    let begun = Instant::now();
    let url = house.direct("a", "");
    let both =
        futures_util::future::join_all((0..2).map(|_| async { alice.get(&url, &[]).await.bytes().await.unwrap() }));
    assert!(both.await.iter().all(|bytes| bytes.len() == 3_000_000));
    let taken = begun.elapsed().as_secs_f64();
    assert!(taken > 1.1, "6 MB at 4 MB/s took {taken} s");
}
