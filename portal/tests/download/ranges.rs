use bygone_tests::noise::noise;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use super::support::House;

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

#[tokio::test]
async fn a_file_is_sent_whole_or_in_any_part() {
    let content = noise(1, 9_000_001);
    let house = House::of(|root| std::fs::write(root.join("Отчёт.bin"), &content).unwrap()).await;
    let (alice, url) = (house.client(house.alice), house.direct("Отчёт.bin", ""));
    let whole = alice.get(&url, &[]).await;
    assert_eq!(whole.status(), StatusCode::OK);
    let headers = whole.headers().clone();
    assert_eq!(header(&headers, "content-length"), "9000001");
    assert_eq!(header(&headers, "accept-ranges"), "bytes");
    assert_eq!(header(&headers, "x-content-type-options"), "nosniff");
    assert!(header(&headers, "content-security-policy").starts_with("sandbox; default-src 'none'"));
    assert_eq!(header(&headers, "cross-origin-resource-policy"), "same-origin");
    let disposition = header(&headers, "content-disposition");
    assert_eq!(disposition, "attachment; filename=\"_____.bin\"; filename*=UTF-8''%D0%9E%D1%82%D1%87%D1%91%D1%82.bin");
    assert!(whole.bytes().await.unwrap() == content);
    let etag = header(&headers, "etag").to_owned();
    let head = alice.http.head(&url).bearer_auth(house.alice).send().await.unwrap();
    assert_eq!((head.status(), header(head.headers(), "content-length")), (StatusCode::OK, "9000001"));
    assert!(head.bytes().await.unwrap().is_empty());

    let mut seed = 3_usize;
    for _ in 0..60 {
        seed = seed.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        let first = (seed >> 16) % content.len();
        let last = (first + (seed >> 8) % 700_000).min(content.len() - 1);
        let part = alice.get(&url, &[("range", &format!("bytes={first}-{last}")), ("if-range", &etag)]).await;
        assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
        assert_eq!(header(part.headers(), "content-range"), format!("bytes {first}-{last}/9000001"));
        assert!(part.bytes().await.unwrap() == content[first..=last], "{first}-{last}");
    }
    let past = alice.get(&url, &[("range", "bytes=9000001-")]).await;
    assert_eq!(past.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(header(past.headers(), "content-range"), "bytes */9000001");
    let known = alice.get(&url, &[("if-none-match", &etag)]).await;
    assert_eq!((known.status(), known.bytes().await.unwrap().len()), (StatusCode::NOT_MODIFIED, 0));
    let other = alice.get(&url, &[("if-match", "\"00\"")]).await;
    assert_eq!(other.status(), StatusCode::PRECONDITION_FAILED);
    let old = alice.get(&url, &[("range", "bytes=5-"), ("if-range", "\"00\"")]).await;
    assert_eq!((old.status(), old.bytes().await.unwrap().len()), (StatusCode::OK, content.len()));
}

#[tokio::test]
async fn several_parts_come_in_one_answer_of_the_length_that_was_promised() {
    let content = noise(2, 3_000_000);
    let house = House::of(|root| std::fs::write(root.join("a"), &content).unwrap()).await;
    let answer =
        house.client(house.alice).get(&house.direct("a", ""), &[("range", "bytes=0-9,1000000-1999999,-5")]).await;
    assert_eq!(answer.status(), StatusCode::PARTIAL_CONTENT);
    let kind = header(answer.headers(), "content-type").to_owned();
    let boundary = kind.strip_prefix("multipart/byteranges; boundary=").unwrap().to_owned();
    let promised: usize = header(answer.headers(), "content-length").parse().unwrap();
    let body = answer.bytes().await.unwrap();
    assert_eq!(body.len(), promised);
    let mut expected = Vec::new();
    for (first, last) in [(0, 9), (1_000_000, 1_999_999), (2_999_995, 2_999_999)] {
        let head = format!(
            "\r\n--{boundary}\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes {first}-{last}/3000000\r\n\r\n"
        );
        expected.extend_from_slice(head.as_bytes());
        expected.extend_from_slice(&content[first..=last]);
    }
    expected.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    assert!(body == expected);
}

#[tokio::test]
async fn the_same_content_has_the_same_tag_in_every_snapshot() {
    let house = House::of(|root| {
        std::fs::write(root.join("a"), noise(3, 2_000_000)).unwrap();
        std::fs::write(root.join("b"), "one").unwrap();
    })
    .await;
    let first = house.catalog().await.pop().unwrap();
    std::fs::write(house.files().join("b"), "two").unwrap();
    let second = house.back_up().await;
    let alice = house.client(house.alice);
    let tag = async |below: &str, snapshot: &str| {
        let answer = alice.get(&house.direct(below, &format!("&at={snapshot}")), &[]).await;
        assert_eq!(answer.status(), StatusCode::OK);
        header(answer.headers(), "etag").to_owned()
    };
    assert_eq!(tag("a", &first).await, tag("a", &second).await);
    assert_ne!(tag("b", &first).await, tag("b", &second).await);
}

#[tokio::test]
async fn what_may_not_be_taken_is_not_given() {
    let house = House::of(|root| std::fs::write(root.join("a"), "secret").unwrap()).await;
    let bob = house.client(house.person("bob").await);
    assert_eq!(bob.get(&house.direct("a", ""), &[]).await.status(), StatusCode::NOT_FOUND);
    let alice = house.client(house.alice);
    assert_eq!(alice.get(&house.direct("", ""), &[]).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(alice.get(&house.direct("none", ""), &[]).await.status(), StatusCode::NOT_FOUND);
    let nobody = reqwest::get(house.direct("a", "")).await.unwrap();
    assert_eq!(nobody.status(), StatusCode::UNAUTHORIZED);
}
