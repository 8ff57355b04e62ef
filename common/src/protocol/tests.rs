#![allow(clippy::unwrap_used)]

use super::work::{BandwidthHours, CaptureLimits};
use super::*;

fn span(from_hour: u8, until_hour: u8, weekdays: &[u8]) -> BandwidthHours {
    let weekdays = weekdays.to_vec();
    BandwidthHours {
        from_hour,
        until_hour,
        weekdays,
        upload_bytes_per_second: Some(7),
        download_bytes_per_second: None,
    }
}

#[test]
fn a_span_past_midnight_belongs_to_the_day_on_which_it_begins() {
    let friday_night = span(22, 6, &[5]);
    assert!(friday_night.holds(5, 23) && friday_night.holds(6, 5));
    assert!(!friday_night.holds(5, 5) && !friday_night.holds(6, 6) && !friday_night.holds(6, 22));
    assert!(span(22, 6, &[7]).holds(1, 0), "Sunday's night ends on Monday");
    assert!(span(0, 24, &[]).holds(3, 23));
}

#[test]
fn outside_of_all_spans_the_plain_limit_counts() {
    let limits =
        CaptureLimits { upload_bytes_per_second: Some(100), bandwidth: vec![span(8, 18, &[])], ..Default::default() };
    assert_eq!(limits.bandwidth_at(2, 9), (Some(7), None));
    assert_eq!(limits.bandwidth_at(2, 18), (Some(100), None));
}

#[test]
fn work_of_an_unknown_kind_is_said_to_be_so() {
    let work: Work = serde_json::from_str(r#"{"kind":"teleport","speed":9}"#).unwrap();
    assert!(matches!(work, Work::Unknown));
}

#[test]
fn requests_refuse_what_they_do_not_know_and_answers_do_not() {
    let refused = serde_json::from_str::<ClaimRequest>(r#"{"version":1,"wait_seconds":5,"more":true}"#).unwrap_err();
    assert!(refused.to_string().contains("more"), "{refused}");
    let standing = r#"{"expires_at":"2026-11-01T00:00:00Z","mood":"good"}"#;
    assert!(!serde_json::from_str::<Standing>(standing).unwrap().cancel);
}

#[test]
fn bounds_name_the_field() {
    let request = ClaimRequest { version: PROTOCOL_VERSION, wait_seconds: CLAIM_WAIT_SECONDS_MAX + 1 };
    assert_eq!(request.check().unwrap_err().field, "wait_seconds");
    let facts = Facts { hostname: "h".repeat(NAME_CHARS_MAX + 1), ..Facts::default() };
    assert_eq!(facts.check().unwrap_err().field, "hostname");
    let facts = Facts { os: "a\nb".to_owned(), ..Facts::default() };
    assert_eq!(facts.check().unwrap_err().field, "os");
}

#[test]
fn no_secret_shows_in_debug() {
    let json = r#"{"repository":"00000000-0000-7000-8000-000000000001","location":"rest:https://x/","password":"hunter2",
        "user":"a","user_password":"hunter3","environment":{"AWS_SECRET_ACCESS_KEY":"hunter4"}}"#;
    let access: RepositoryAccess = serde_json::from_str(json).unwrap();
    assert_eq!(access.environment["AWS_SECRET_ACCESS_KEY"].expose(), "hunter4");
    assert!(!format!("{access:?}").contains("hunter"));
    assert!(serde_json::to_string(&access).unwrap().contains("hunter3"));
}

#[test]
fn long_texts_are_cut_between_characters() {
    assert_eq!(shortened("äöü", 2), "äö…");
    assert_eq!(shortened("äö", 2), "äö");
}
