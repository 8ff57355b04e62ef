#![allow(clippy::unwrap_used)]

use super::*;

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
fn a_token_says_whom_to_trust() {
    let token = TokenText::compose(&[7; 32], &[9; 32]);
    assert_eq!(TokenText::parse(&token).unwrap().authority, [9; 32]);
    for cut in [0, 4, 5, 60, token.expose().len() - 1] {
        let part = crate::Secret::new(token.expose()[..cut].to_owned());
        assert_eq!(TokenText::parse(&part).unwrap_err().field, "token", "{cut}");
    }
}
