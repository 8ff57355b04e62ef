#![allow(clippy::unwrap_used)]
use super::*;

fn now() -> Timestamp {
    // A Saturday.
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn parse(text: &str) -> Query {
    Query::parse(text, now(), &TimeZone::UTC).unwrap()
}

fn one(text: &str) -> Test {
    let query = parse(text);
    assert_eq!(query.clauses.len(), 1, "{text}");
    query.clauses.into_iter().next().unwrap().test
}

fn size(text: &str, from: u64, to: u64) {
    assert_eq!(one(&format!("size:{text}")), Test::Size(from..=to), "{text}");
}

fn span(text: &str, from: &str, until: &str) {
    let Test::Changed(span) = one(&format!("changed:{text}")) else { unreachable!("changed: asks of time") };
    let show = |seconds: i64| match seconds {
        i64::MIN => "-".to_owned(),
        i64::MAX => "+".to_owned(),
        _ => Timestamp::from_second(seconds).unwrap().to_string(),
    };
    assert_eq!((show(span.from), show(span.until)), (from.to_owned(), until.to_owned()), "{text}");
}

/// `part` is what the error points at.
fn refused(text: &str, fault: QueryFault, part: &str, hint: &str) {
    let error = Query::parse(text, now(), &TimeZone::UTC).unwrap_err();
    assert_eq!(error.fault, fault, "{error}");
    assert_eq!(text.get(error.start..error.end), Some(part), "{error}");
    assert!(error.hint.contains(hint), "{error}");
}

#[test]
fn the_example_of_the_design_is_understood() {
    let query =
        parse("report ext:xlsx size:>10M changed:2026-10 host:alice-pc path:/home deleted:yes \"exact phrase\" name*");
    assert_eq!(query.clauses.len(), 9);
    assert!(query.clauses.iter().all(|clause| !clause.negated));
}

#[test]
fn sizes_are_ranges() {
    size(">10M", 10 * 1024 * 1024 + 1, u64::MAX);
    size(">=10M", 10 * 1024 * 1024, u64::MAX);
    size("<1k", 0, 1023);
    size("<=1KB", 0, 1024);
    size("1M..5M", 1 << 20, 5 << 20);
    size("1M-5M", 1 << 20, 5 << 20);
    size("2G..", 2 << 30, u64::MAX);
    size("0", 0, 0);
    size("100", 100, 100);
    size("10M", 10 << 20, (11 << 20) - 1);
    size("1.5K", 1536, 1536 + 101);
    size("5мб", 5 << 20, (6 << 20) - 1);
}

#[test]
fn dates_are_spans() {
    span("2026", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
    span("2026-10", "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z");
    span("2026-10-05", "2026-10-05T00:00:00Z", "2026-10-06T00:00:00Z");
    span(">2026-10", "2026-11-01T00:00:00Z", "+");
    span(">=2026-10", "2026-10-01T00:00:00Z", "+");
    span("<2026-10", "-", "2026-10-01T00:00:00Z");
    span("<=2026-10", "-", "2026-11-01T00:00:00Z");
    span("2026-01..2026-02", "2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z");
    span("..2025", "-", "2026-01-01T00:00:00Z");
    span("today", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z");
    span("вчера", "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z");
    span("this-week", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z");
    span("last-month", "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z");
    span("7d", "2026-11-14T12:00:00Z", "+");
    span(">1y", "-", "2025-11-21T12:00:00Z");
    span("<2w", "2026-11-07T12:00:00Z", "+");
    span("2026-10-05T10:00:00Z", "2026-10-05T10:00:00Z", "2026-10-05T10:00:01Z");
}

#[test]
fn days_begin_where_the_asker_is() {
    let moscow = TimeZone::get("Europe/Moscow").unwrap();
    let query = Query::parse("changed:2026-10-05", now(), &moscow).unwrap();
    let midnight: Timestamp = "2026-10-05T00:00:00+03:00".parse().unwrap();
    assert!(matches!(query.clauses.first().unwrap().test, Test::Changed(span) if span.from == midnight.as_second()));
}

#[test]
fn words_phrases_beginnings_and_globs() {
    assert_eq!(one("Отчёт"), Test::Anywhere(Pattern::Part("отчет".as_bytes().into())));
    assert_eq!(one("name*"), Test::Anywhere(Pattern::Beginning(b"name".as_slice().into())));
    assert_eq!(one("*port*"), Test::Anywhere(Pattern::Part(b"port".as_slice().into())));
    assert_eq!(one("*.JPG"), Test::Anywhere(Pattern::Glob(b"*.jpg".as_slice().into())));
    assert!(matches!(one("«годовой отчёт»"), Test::Anywhere(Pattern::Phrase(words)) if words.len() == 2));
    assert!(matches!(one("name:report"), Test::Name(_)));
}

#[test]
fn a_minus_negates_and_a_lone_one_is_text() {
    let query = parse("-draft -ext:tmp !old - a-b");
    let negated: Vec<bool> = query.clauses.iter().map(|clause| clause.negated).collect();
    assert_eq!(negated, [true, true, true, false, false]);
}

#[test]
fn paths_of_unix_and_windows() {
    let names = |names: &[&str]| Test::Below(names.iter().map(|name| name.as_bytes().into()).collect());
    assert_eq!(one("path:/home/alice"), names(&["home", "alice"]));
    assert_eq!(one("path:\"/my docs/\""), names(&["my docs"]));
    assert_eq!(one(r"path:C:\Users"), names(&["C", "Users"]));
    assert!(matches!(one("path:projects"), Test::Folder(_)));
}

#[test]
fn what_is_not_understood_is_pointed_at() {
    refused("report exf:doc", QueryFault::UnknownKey, "exf", "ext:doc");
    refused("http://example", QueryFault::UnknownKey, "http", "quotation marks");
    refused("a size:big", QueryFault::BadSize, "big", "size:>10M");
    refused("size:5M..1M", QueryFault::EmptyRange, "5M..1M", "smaller");
    refused("changed:soon", QueryFault::BadDate, "soon", "2026-10");
    refused("changed:2026-13", QueryFault::BadDate, "2026-13", "2026-10");
    refused("changed:2026..2025", QueryFault::EmptyRange, "2026..2025", "earlier");
    refused("kind:blob", QueryFault::BadKind, "blob", "image");
    refused("deleted:perhaps", QueryFault::BadChoice, "perhaps", "deleted:yes");
    refused("path:/a/../b", QueryFault::BadPath, "/a/../b", "/home");
    refused("content:xyz", QueryFault::BadContent, "xyz", "16");
    refused("ext:", QueryFault::MissingValue, "ext:", "ext:xlsx");
    refused("отчёт \"не закрыт", QueryFault::UnclosedQuote, "\"не закрыт", "add \"");
    refused("a OR b", QueryFault::BadOperator, "OR", "ext:jpg,png");
    refused(&"a ".repeat(40), QueryFault::TooManyClauses, "a", "leave");
    refused(&"a".repeat(2000), QueryFault::TooLong, &"a".repeat(2000), "1024");
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,80}") {
        if let Err(error) = Query::parse(&text, now(), &TimeZone::UTC) {
            assert!(text.get(error.start..error.end).is_some());
        }
    }

    #[test]
    fn no_text_of_keys_makes_it_panic(text in "(-?(size|changed|kind|path|ext|deleted|seen|content|owner):[-0-9<>=.,a-zМ\"/ ]{0,12} ?){1,4}") {
        if let Err(error) = Query::parse(&text, now(), &TimeZone::UTC) {
            assert!(text.get(error.start..error.end).is_some());
        }
    }
}
