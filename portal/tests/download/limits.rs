use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bygone_common::UserUid;
use bygone_common::access::{Effect, Limits, Use};
use bygone_common::drive::{Frame, Frames};
use bygone_portal::{DownloadLimits, LaneLimits};
use bygone_store::grants::{NewGrant, Terms};
use bygone_tests::noise::noise;
use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::json;

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

fn grant(house: &House, user: UserUid, limits: Limits) -> NewGrant {
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
    let taken = seconds_for(&house, &[house.alice, house.alice]).await;
    assert!(taken > 1.1, "6 MB at 4 MB/s took {taken} s");
}

#[tokio::test]
async fn rates_hold_for_an_organization_over_all_its_users() {
    let limits = DownloadLimits { org_bytes_per_second: Some(4_000_000), ..DownloadLimits::default() };
    let house = House::within(limits, |root| fs::write(root.join("a"), noise(1, 3_000_000)).unwrap()).await;
    let bob = house.person("bob").await;
    house.grant(&grant(&house, bob, Limits::default())).await;
    let taken = seconds_for(&house, &[house.alice, bob]).await;
    assert!(taken > 1.1, "6 MB at 4 MB/s took {taken} s");
}

/// Downloads `a` for all of these at once.
async fn seconds_for(house: &House, users: &[UserUid]) -> f64 {
    let begun = Instant::now();
    let url = house.direct("a", "");
    let asked = users.iter().map(|user| async {
        assert_eq!(house.client(*user).get(&url, &[]).await.bytes().await.unwrap().len(), 3_000_000);
    });
    futures_util::future::join_all(asked).await;
    begun.elapsed().as_secs_f64()
}

/// Large downloads beside which a small one is wanted.
const LARGE: usize = 6;

/// Has everybody download something large, and then one person something small; what the large ones get until the small one
/// is there, as a part of all that they are.
async fn taken_until_a_small_one_is_there(house: &House) -> f64 {
    const BYTES: usize = 24_000_000;
    let mut people = Vec::new();
    for name in 0..LARGE {
        fs::write(house.files().join(format!("{name}")), noise(name as u64, BYTES)).unwrap();
        let person = house.person(&format!("p{name}")).await;
        house.grant(&grant(house, person, Limits::default())).await;
        people.push(person);
    }
    fs::write(house.files().join("small"), noise(99, 100_000)).unwrap();
    house.back_up().await;
    let got = Arc::new(AtomicUsize::new(0));
    let mut large = Vec::new();
    for (name, person) in people.into_iter().enumerate() {
        let mut answer = house.client(person).get(&house.direct(&format!("{name}"), ""), &[]).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let got = got.clone();
        large.push(tokio::spawn(async move {
            while let Some(bytes) = answer.chunk().await.unwrap() {
                got.fetch_add(bytes.len(), Ordering::Relaxed);
            }
        }));
    }
    let before = got.load(Ordering::Relaxed);
    let small = house.client(house.alice).get(&house.direct("small", ""), &[]).await;
    assert!(small.bytes().await.unwrap() == noise(99, 100_000));
    let taken = got.load(Ordering::Relaxed) - before;
    for one in large {
        one.await.unwrap();
    }
    assert_eq!(got.load(Ordering::Relaxed), LARGE * BYTES, "the large ones come whole");
    taken as f64 / (LARGE * BYTES) as f64
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_download_need_not_wait_for_large_ones() {
    // One turn at the engine, and little memory: whoever takes no turns gets nothing.
    let limits = DownloadLimits { lanes: LaneLimits { held_bytes: 8 << 20, reads: 1 }, ..DownloadLimits::default() };
    let house = House::within(limits, |root| fs::write(root.join("a"), "a").unwrap()).await;
    let taken = taken_until_a_small_one_is_there(&house).await;
    assert!(taken < 0.5, "{taken} of the large ones came first");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_organizations_rate_is_shared_by_large_and_small() {
    let limits = DownloadLimits { org_bytes_per_second: Some(40_000_000), ..DownloadLimits::default() };
    let house = House::within(limits, |root| fs::write(root.join("a"), "a").unwrap()).await;
    let taken = taken_until_a_small_one_is_there(&house).await;
    assert!(taken < 0.5, "{taken} of the large ones came first");
}

/// What a drive is answered, frame by frame.
async fn frames(house: &House, user: UserUid, what: &str, body: serde_json::Value) -> Result<Vec<Frame>, StatusCode> {
    let url = house.url(&format!("/portal/v1/sources/{}/drive/{what}", house.source));
    let answer = house.client(user).http.post(url).bearer_auth(user).json(&body).send().await.unwrap();
    if !answer.status().is_success() {
        return Err(answer.status());
    }
    let mut read = Frames::default();
    read.feed(&answer.bytes().await.unwrap());
    let mut frames = Vec::new();
    while let Some((_, frame)) = read.next_frame().unwrap() {
        frames.push(frame);
    }
    Ok(frames)
}

/// The names of the blobs of all files below a tree, as a drive finds them.
async fn blobs(house: &House, user: UserUid) -> Vec<String> {
    let drive = house.url(&format!("/portal/v1/sources/{}/drive", house.source));
    let shown: serde_json::Value = house.client(user).get(&drive, &[]).await.json().await.unwrap();
    let mut trees = vec![shown["snapshots"][0]["tree"].clone()];
    let mut blobs = Vec::new();
    while let Some(tree) = trees.pop() {
        let body = json!({ "repository": house.repository, "trees": [{ "id": tree }] });
        let Ok([Frame::Tree(tree)]) = <[Frame; 1]>::try_from(frames(house, user, "trees", body).await.unwrap()) else {
            panic!("no tree")
        };
        let tree: serde_json::Value = serde_json::from_slice(&tree.json).unwrap();
        for node in tree["nodes"].as_array().unwrap() {
            trees.extend(node.get("subtree").cloned());
            let content = node["content"].as_array().into_iter().flatten();
            blobs.extend(content.map(|blob| blob.as_str().unwrap().to_owned()));
        }
    }
    blobs
}

#[tokio::test]
async fn what_a_drive_reads_counts_for_its_users_day_and_is_written_down_by_the_session() {
    let house = House::of(|root| fs::write(root.join("a"), noise(1, 200_000)).unwrap()).await;
    let bob = house.person("bob").await;
    let limits = Limits { bytes_per_day: Some(500_000), downloads: Some(1) };
    house.grant(&grant(&house, bob, limits)).await;
    let names = blobs(&house, bob).await;
    let body = json!({ "repository": house.repository, "blobs": names });
    for _ in 0..2 {
        let read = frames(&house, bob, "blobs", body.clone()).await.unwrap();
        let bytes: usize = read.iter().map(|frame| if let Frame::Blob(plain) = frame { plain.len() } else { 0 }).sum();
        assert_eq!(bytes, 200_000);
    }
    let sent = house.sent().await;
    assert_eq!(sent.len(), 1, "one session of reading is one entry: {sent:?}");
    assert_eq!((sent[0]["way"].as_str(), sent[0]["requests"].as_u64()), (Some("drive"), Some(2)));
    let counted = sent[0]["bytes"].as_u64().unwrap();
    assert!((400_000..402_000).contains(&counted), "{counted}");
    // What is left of the day is less than the file, whichever way it would leave.
    assert_eq!(frames(&house, bob, "blobs", body.clone()).await.unwrap_err(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(house.client(bob).get(&house.direct("a", ""), &[]).await.status(), StatusCode::TOO_MANY_REQUESTS);
    house.clock.advance(SignedDuration::from_hours(14));
    assert!(frames(&house, bob, "blobs", body).await.is_ok());
}
