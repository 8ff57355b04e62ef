#![allow(clippy::unwrap_used)]

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use bygone_common::ByteRange;
use proptest::prelude::*;

use super::multipart::content_range;
use super::{Answer, ETag, Multipart, Validators, decide};

/// Sun, 06 Nov 1994 08:49:37 GMT, the standard's own example.
const MODIFIED: i64 = 784_111_777;

fn validators() -> Validators {
    Validators::new(ETag::of(b"now"), MODIFIED)
}

fn asked(method: &Method, size: u64, given: &[(HeaderName, &str)]) -> Answer {
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    decide(method, &headers, size, &validators())
}

/// What `GET` of ten bytes is answered under one condition.
fn conditional(name: HeaderName, given: &str) -> Answer {
    asked(&Method::GET, 10, &[(name, given)])
}

fn part(start: u64, end: u64) -> ByteRange {
    ByteRange::new(start, end - start).unwrap()
}

/// `""` the whole, `416`, `a..b` one part, `a..b c..d` several.
fn check(range: &str, size: u64, expected: &str) {
    let found = match asked(&Method::GET, size, &[(header::RANGE, range)]) {
        Answer::Whole => String::new(),
        Answer::Part(part) => part.to_string(),
        Answer::Parts(parts) => parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        Answer::Unsatisfiable => "416".to_owned(),
        other => format!("{other:?}"),
    };
    assert_eq!(found, expected, "{range} of {size}");
}

#[test]
fn one_range_is_what_the_standard_says() {
    check("bytes=0-", 10, "0..10");
    check("bytes=7-", 10, "7..10");
    check("bytes=2-4", 10, "2..5");
    check("bytes=9-9", 10, "9..10");
    check("bytes=-3", 10, "7..10");
    check("BYTES = 2-4", 10, "2..5");
    check("bytes= \t2-4 ", 10, "2..5");
}

#[test]
fn a_range_past_the_end_is_cut_or_refused() {
    check("bytes=2-400", 10, "2..10");
    check("bytes=2-99999999999999999999999", 10, "2..10");
    check("bytes=-30", 10, "0..10");
    check("bytes=-99999999999999999999999", 10, "0..10");
    check("bytes=10-", 10, "416");
    check("bytes=10-12", 10, "416");
    check("bytes=99999999999999999999999-", 10, "416");
    check("bytes=18446744073709551615-18446744073709551615", u64::MAX, "416");
    check("bytes=-0", 10, "416");
    check("bytes=10-,-0", 10, "416");
}

#[test]
fn what_cannot_be_read_does_not_count() {
    for range in [
        "bytes=4-2",
        "bytes=0-1,4-2",
        "bytes=",
        "bytes=,",
        "bytes=-",
        "bytes=+1-2",
        "bytes=1-2-3",
        "bytes=x-2",
        "bytes=1-x",
        "bytes 1-2",
        "lines=1-2",
        "bytes=1 -2",
        "1-2",
        "",
    ] {
        check(range, 10, "");
    }
}

#[test]
fn nothing_of_nothing_is_refused_but_its_end_is_all_of_it() {
    check("bytes=0-", 0, "416");
    check("bytes=0-0", 0, "416");
    check("bytes=-1", 0, "");
    check("bytes=-0", 0, "416");
}

#[test]
fn several_ranges_come_in_the_order_asked_for() {
    check("bytes=8-9,0-1", 10, "8..10 0..2");
    check("bytes=0-1,,\t3-4, -1", 10, "0..2 3..5 9..10");
    check("bytes=0-1,20-30", 10, "0..2");
}

#[test]
fn ranges_that_overlap_become_one() {
    check("bytes=0-5,3-8", 10, "0..9");
    check("bytes=0-,0-,0-,0-", 10, "0..10");
    check("bytes=8-9,0-3,2-5", 10, "0..6 8..10");
    check("bytes=0-1,2-3,1-1", 10, "0..4");
}

#[test]
fn absurdly_many_ranges_are_answered_with_the_whole() {
    let ranges =
        |count: u64| format!("bytes={}", (0..count).map(|at| format!("{0}-{0}", at * 2)).collect::<Vec<_>>().join(","));
    assert!(
        matches!(asked(&Method::GET, 10_000, &[(header::RANGE, &ranges(64))]), Answer::Parts(parts) if parts.len() == 64)
    );
    check(&ranges(65), 10_000, "");
    check(&format!("bytes=0-1{}", ",".repeat(5000)), 10, "");
}

#[test]
fn only_get_has_ranges() {
    assert_eq!(asked(&Method::HEAD, 10, &[(header::RANGE, "bytes=0-1")]), Answer::Whole);
    assert_eq!(asked(&Method::GET, 10, &[(header::RANGE, "bytes=0-1"), (header::RANGE, "bytes=2-3")]), Answer::Whole);
}

#[test]
fn if_range_lets_a_part_be_sent_of_the_same_bytes_only() {
    let tag = validators().etag.to_string();
    for (given, is_part) in [
        (tag.as_str(), true),
        (&format!("W/{tag}"), false),
        ("\"6f6c64\"", false),
        ("Sun, 06 Nov 1994 08:49:37 GMT", true),
        ("Sun, 06 Nov 1994 08:49:36 GMT", false),
        ("Sun, 06 Nov 1994 08:49:38 GMT", false),
        ("Sunday, 06-Nov-94 08:49:37 GMT", true),
        ("yesterday", false),
    ] {
        let expected = if is_part { Answer::Part(part(2, 5)) } else { Answer::Whole };
        assert_eq!(
            asked(&Method::GET, 10, &[(header::RANGE, "bytes=2-4"), (header::IF_RANGE, given)]),
            expected,
            "{given}"
        );
    }
}

#[test]
fn who_has_it_is_told_so() {
    let tag = validators().etag.to_string();
    for given in [tag.clone(), format!("W/{tag}"), format!("\"a,b\", {tag}"), "*".to_owned()] {
        for method in [Method::GET, Method::HEAD] {
            assert_eq!(asked(&method, 10, &[(header::IF_NONE_MATCH, &given)]), Answer::NotModified, "{given}");
        }
    }
    for (name, given, expected) in [
        (header::IF_NONE_MATCH, "\"6f6c64\"", Answer::Whole),
        (header::IF_MODIFIED_SINCE, "Sun, 06 Nov 1994 08:49:37 GMT", Answer::NotModified),
        (header::IF_MODIFIED_SINCE, "Sun, 06 Nov 1994 08:49:36 GMT", Answer::Whole),
        (header::IF_MODIFIED_SINCE, "once", Answer::Whole),
    ] {
        assert_eq!(conditional(name, given), expected, "{given}");
    }
    // The tag decides where both are given.
    let both = [(header::IF_NONE_MATCH, "\"6f6c64\""), (header::IF_MODIFIED_SINCE, "Sun, 06 Nov 1994 08:49:37 GMT")];
    assert_eq!(asked(&Method::GET, 10, &both), Answer::Whole);
}

#[test]
fn who_means_another_is_refused() {
    let tag = validators().etag.to_string();
    for (name, given, expected) in [
        (header::IF_MATCH, tag.as_str(), Answer::Whole),
        (header::IF_MATCH, "*", Answer::Whole),
        (header::IF_MATCH, &format!("\"x\" , {tag}"), Answer::Whole),
        (header::IF_MATCH, "\"6f6c64\"", Answer::PreconditionFailed),
        (header::IF_MATCH, &format!("W/{tag}"), Answer::PreconditionFailed),
        (header::IF_UNMODIFIED_SINCE, "Sun, 06 Nov 1994 08:49:37 GMT", Answer::Whole),
        (header::IF_UNMODIFIED_SINCE, "Sun, 06 Nov 1994 08:49:36 GMT", Answer::PreconditionFailed),
    ] {
        assert_eq!(conditional(name, given), expected, "{given}");
    }
}

#[test]
fn a_time_before_1970_is_no_date() {
    assert_eq!(Validators::new(ETag::of(b"x"), -1).last_modified(), None);
    let date = Validators::new(ETag::of(b"x"), MODIFIED).last_modified().unwrap();
    assert_eq!(date, "Sun, 06 Nov 1994 08:49:37 GMT");
}

/// The body of several parts of `content`, and what is told of it.
fn multipart_body(content: &[u8], parts: &[ByteRange]) -> (Vec<u8>, Multipart) {
    let framed = Multipart::new(&ETag::of(b"x"), content.len() as u64, "application/octet-stream", parts);
    let (pieces, end) = framed.clone().into_pieces();
    let mut body = Vec::new();
    for (head, part) in pieces {
        body.extend_from_slice(&head);
        body.extend_from_slice(&content[part.start() as usize..part.end() as usize]);
    }
    body.extend_from_slice(&end);
    (body, framed)
}

#[test]
fn several_parts_are_framed_as_mail_frames_them() {
    let (body, framed) = multipart_body(b"0123456789", &[part(0, 2), part(8, 10)]);
    let boundary =
        framed.content_type().to_str().unwrap().strip_prefix("multipart/byteranges; boundary=").unwrap().to_owned();
    let expected = format!(
        "\r\n--{boundary}\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes 0-1/10\r\n\r\n01\
         \r\n--{boundary}\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes 8-9/10\r\n\r\n89\
         \r\n--{boundary}--\r\n"
    );
    assert_eq!(String::from_utf8(body).unwrap(), expected);
    assert_eq!(framed.len(), expected.len() as u64);
}

/// The bytes that an answer stands for, as a client puts them together.
fn received(answer: &Answer, content: &[u8]) -> Option<Vec<(u64, Vec<u8>)>> {
    let cut = |part: &ByteRange| (part.start(), content[part.start() as usize..part.end() as usize].to_vec());
    match answer {
        Answer::Whole => Some(vec![(0, content.to_vec())]),
        Answer::Part(part) => Some(vec![cut(part)]),
        Answer::Parts(parts) => Some(parts.iter().map(cut).collect()),
        Answer::Unsatisfiable | Answer::NotModified | Answer::PreconditionFailed => None,
    }
}

proptest! {
    #[test]
    fn random_ranges_concatenate_to_the_file(content in prop::collection::vec(any::<u8>(), 1..2000), cuts in prop::collection::vec(0_u64..2000, 0..20)) {
        let size = content.len() as u64;
        let mut cuts: Vec<u64> = cuts.into_iter().map(|cut| cut % size).chain([0, size]).collect();
        cuts.sort_unstable();
        cuts.dedup();
        let mut whole = Vec::new();
        for two in cuts.windows(2) {
            let range = format!("bytes={}-{}", two[0], two[1] - 1);
            let answer = asked(&Method::GET, size, &[(header::RANGE, &range)]);
            let parts = received(&answer, &content).unwrap();
            prop_assert_eq!(parts[0].0, two[0]);
            whole.extend(parts.into_iter().flat_map(|(_, bytes)| bytes));
        }
        prop_assert_eq!(&whole, &content);
        // All of them in one request, in any order.
        let ranges: Vec<String> = cuts.windows(2).rev().map(|two| format!("{}-{}", two[0], two[1] - 1)).collect();
        let answer = asked(&Method::GET, size, &[(header::RANGE, &format!("bytes={}", ranges.join(",")))]);
        let mut parts = received(&answer, &content).unwrap();
        parts.sort_by_key(|(start, _)| *start);
        prop_assert_eq!(parts.into_iter().flat_map(|(_, bytes)| bytes).collect::<Vec<_>>(), content);
    }

    #[test]
    fn no_header_asks_for_more_than_there_is(header in "bytes=[0-9,\\- ]{0,60}", size in 0_u64..40) {
        match asked(&Method::GET, size, &[(header::RANGE, &header)]) {
            Answer::Part(part) => prop_assert!(!part.is_empty() && part.end() <= size),
            Answer::Parts(parts) => {
                prop_assert!(parts.iter().all(|part| !part.is_empty() && part.end() <= size));
                prop_assert!(parts.iter().map(ByteRange::len).sum::<u64>() <= size);
            }
            Answer::Whole | Answer::Unsatisfiable => {}
            other => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn the_length_of_several_parts_is_exact(size in 100_usize..1000, starts in prop::collection::vec(0_u64..90, 2..8)) {
        let content = vec![b'x'; size];
        let parts: Vec<ByteRange> = starts.iter().map(|start| part(*start, start + 7)).collect();
        let (body, framed) = multipart_body(&content, &parts);
        prop_assert_eq!(body.len() as u64, framed.len());
        for part in parts {
            let line = content_range(part, size as u64);
            prop_assert!(String::from_utf8_lossy(&body).contains(&line));
        }
    }
}
