#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
use proptest::prelude::*;

use super::*;

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_hold_is_a_tag_that_people_can_read() {
    let until = Some(moment("2027-01-01T00:00:00.7Z"));
    let hold = Hold::new(" 2026-17 ", "alice", "lawsuit, part 2; 100% sure", until).unwrap();
    let tag = "hold:case=2026-17;who=alice;until=2027-01-01T00:00:00Z;reason=lawsuit%2C part 2%3B 100%25 sure";
    assert_eq!(hold.to_tag(), tag);
    assert_eq!(HoldTag::of(tag), Some(HoldTag::Read(hold.clone())));
    assert_eq!(hold.to_string(), "case 2026-17, by alice, until 2027-01-01T00:00:00Z: lawsuit, part 2; 100% sure");
}

#[test]
fn a_hold_without_case_author_or_reason_is_refused() {
    let check = |case: &str, who: &str, reason: &str, expected: &str| {
        assert_eq!(Hold::new(case, who, reason, None).unwrap_err().to_string(), expected);
    };
    check(" ", "alice", "x", "the case of a hold must not be empty");
    check("c", "", "x", "the author of a hold must not be empty");
    check("c", "alice", "\t", "the reason of a hold must not be empty");
    check("c", "alice", &"x".repeat(1025), "the reason of a hold is longer than 1024 bytes");
}

#[test]
fn a_hold_ends_at_its_moment_or_never() {
    let check = |tag: &str, now: &str, expected: bool| {
        assert_eq!(is_held(&["other".into(), tag.into()], moment(now)), expected, "{tag} at {now}");
    };
    let until = "hold:case=1;who=a;until=2027-01-01T00:00:00Z;reason=x";
    check(until, "2026-12-31T23:59:59Z", true);
    check(until, "2027-01-01T00:00:00Z", false);
    check("hold:case=1;who=a;reason=x", "2999-01-01T00:00:00Z", true);
    check("household", "2026-01-01T00:00:00Z", false);
}

#[test]
fn a_hold_that_cannot_be_read_holds() {
    for tag in [
        "hold:",
        "hold:court",
        "hold:case=1;who=a",
        "hold:case=1;case=2;who=a;reason=x",
        "hold:case=1;who=a;until=soon;reason=x",
        "hold:case=%ff;who=a;reason=x",
    ] {
        assert_eq!(HoldTag::of(tag), Some(HoldTag::Unreadable(tag.to_owned())));
        assert!(is_held(&[tag.to_owned()], Timestamp::MAX), "{tag}");
    }
}

#[test]
fn fields_of_newer_programs_are_passed_over() {
    let tag = "hold:case=1;who=a;approved-by=b;reason=x";
    assert_eq!(HoldTag::of(tag), Some(HoldTag::Read(Hold::new("1", "a", "x", None).unwrap())));
}

#[test]
fn holds_are_not_among_the_other_tags() {
    let tags = ["b", "hold:x", "a", "hold:case=1;who=a;reason=x"].map(str::to_owned);
    assert_eq!(other_tags(&tags), ["b", "a"]);
}

proptest! {
    #[test]
    fn every_hold_survives_its_tag(
        case in "\\PC{1,20}", who in any::<String>(), reason in ".{0,40}", until in any::<Option<u32>>(),
    ) {
        let until = until.map(|seconds| Timestamp::from_second(i64::from(seconds)).unwrap());
        let Ok(hold) = Hold::new(&case, &who, &reason, until) else { return Ok(()) };
        let tag = hold.to_tag();
        prop_assert!(!tag.contains(',') && tag.trim() == tag && !tag.chars().any(|character| character.is_ascii_control()));
        prop_assert_eq!(HoldTag::of(&tag), Some(HoldTag::Read(hold)));
    }

    #[test]
    fn no_tag_makes_the_reader_fall(tag in "hold:(case|who|reason|until|=|;|%|x){0,12}") {
        prop_assert!(HoldTag::of(&tag).is_some());
    }
}
