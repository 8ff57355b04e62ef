//! Schedules as claims.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::*;

fn read(json: &str) -> Schedule {
    let schedule: Schedule = serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"));
    schedule.check().unwrap();
    schedule
}

fn cron(expression: &str) -> Schedule {
    Schedule::of(Rule::Cron(expression.parse().unwrap()))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Runs of a schedule after a moment, as its zone's clock shows them.
fn wall(schedule: &Schedule, zone: &str, after: &str, count: usize) -> Vec<String> {
    let zone = TimeZone::get(zone).unwrap();
    let runs = schedule.runs(zone.clone(), Uuid::nil()).unwrap().next(at(after), count);
    runs.iter().map(|run| run.due.to_zoned(zone.clone()).strftime("%a %F %H:%M %z").to_string()).collect()
}

const BERLIN: &str = "Europe/Berlin";

#[test]
fn a_cron_expression_names_the_next_runs() {
    let runs = wall(&cron("30 2 * * MON-FRI"), "UTC", "2026-11-20T02:30:00Z", 3);
    assert_eq!(runs, ["Mon 2026-11-23 02:30 +0000", "Tue 2026-11-24 02:30 +0000", "Wed 2026-11-25 02:30 +0000"]);
}

#[test]
fn a_time_in_the_gap_runs_at_the_first_moment_after_it() {
    // Clocks go from 02:00 to 03:00 on 2026-03-29.
    let runs = wall(&cron("30 2 * * *"), BERLIN, "2026-03-28T00:00:00Z", 3);
    assert_eq!(runs, ["Sat 2026-03-28 02:30 +0100", "Sun 2026-03-29 03:00 +0200", "Mon 2026-03-30 02:30 +0200"]);
}

#[test]
fn a_time_that_comes_twice_runs_once() {
    // Clocks go from 03:00 back to 02:00 on 2026-10-25.
    let runs = wall(&cron("30 2 * * *"), BERLIN, "2026-10-24T12:00:00Z", 2);
    assert_eq!(runs, ["Sun 2026-10-25 02:30 +0200", "Mon 2026-10-26 02:30 +0100"]);
}

#[test]
fn every_half_hour_follows_the_time_that_passes() {
    let spring = wall(&cron("*/30 * * * *"), BERLIN, "2026-03-29T00:15:00Z", 3);
    assert_eq!(spring, ["Sun 2026-03-29 01:30 +0100", "Sun 2026-03-29 03:00 +0200", "Sun 2026-03-29 03:30 +0200"]);
    let autumn = wall(&cron("*/30 * * * *"), BERLIN, "2026-10-24T23:45:00Z", 5);
    let hours: Vec<_> = autumn.iter().map(|run| run.split_at(15).1).collect();
    assert_eq!(hours, ["02:00 +0200", "02:30 +0200", "02:00 +0100", "02:30 +0100", "03:00 +0100"]);
}

#[test]
fn looking_back_finds_the_runs_that_looking_forward_found() {
    for zone in [BERLIN, "America/New_York", "Australia/Lord_Howe", "UTC"] {
        let zone = TimeZone::get(zone).unwrap();
        for expression in ["30 2 * * *", "*/30 * * * *", "15 1,2,3 * * *", "0 */2 * * *"] {
            let schedule = cron(expression);
            let runs = schedule.runs(zone.clone(), Uuid::nil()).unwrap();
            for (from, days) in
                [("2026-03-27T00:00:00Z", 14), ("2026-03-05T00:00:00Z", 14), ("2026-10-20T00:00:00Z", 14)]
            {
                let from = at(from);
                let until = from.checked_add(SignedDuration::from_hours(24 * days)).unwrap();
                let mut forward = runs.next(from, RUNS);
                forward.retain(|run| run.due <= until);
                let backward = runs.last(from, until, RUNS);
                let differ = forward.iter().zip(&backward).find(|(one, other)| one != other);
                assert!(differ.is_none() && forward.len() == backward.len(), "{expression} in {zone:?}: {differ:?}");
            }
        }
    }
}

const RUNS: usize = runs::RUNS_MAX;

#[test]
fn months_that_are_too_short_run_on_their_last_day() {
    let schedule = read(r#"{"rules":[{"calendar":{"every":"month","on":[{"day":30}],"at":["22:00"]}}]}"#);
    let runs = wall(&schedule, "UTC", "2026-01-31T00:00:00Z", 3);
    assert_eq!(runs, ["Sat 2026-02-28 22:00 +0000", "Mon 2026-03-30 22:00 +0000", "Thu 2026-04-30 22:00 +0000"]);
    let leap = read(r#"{"rules":[{"calendar":{"every":"year","month":2,"day":29,"at":["00:00"]}}]}"#);
    assert_eq!(
        wall(&leap, "UTC", "2027-01-01T00:00:00Z", 2),
        ["Sun 2027-02-28 00:00 +0000", "Tue 2028-02-29 00:00 +0000"]
    );
}

#[test]
fn the_second_tuesday_and_the_last_friday_are_found() {
    let json = r#"{"rules":[{"calendar":{"every":"month","at":["06:15"],"on":[
        {"weekday":{"nth":"second","day":"tuesday"}},{"weekday":{"nth":"last","day":"friday"}},"last"]}}]}"#;
    let runs = wall(&read(json), "UTC", "2026-11-01T00:00:00Z", 4);
    let days: Vec<_> = runs.iter().map(|run| run.split_at(14).0).collect();
    assert_eq!(days, ["Tue 2026-11-10", "Fri 2026-11-27", "Mon 2026-11-30", "Tue 2026-12-08"]);
}

#[test]
fn rules_together_run_once_where_they_meet() {
    let json = r#"{"rules":[{"cron":"0 * * * *"},{"calendar":{"every":"day","at":["12:00","12:30"]}}]}"#;
    let runs = wall(&read(json), "UTC", "2026-11-01T11:30:00Z", 3);
    let times: Vec<_> = runs.iter().map(|run| run.split_at(15).1).collect();
    assert_eq!(times, ["12:00 +0000", "12:30 +0000", "13:00 +0000"]);
}

#[test]
fn windows_and_blackouts_forbid_runs() {
    let json = r#"{"rules":[{"cron":"0 * * * *"}],"windows":[{"days":["friday"],"from":"22:00","to":"02:00"}],
        "blackouts":[{"from":"2026-11-28","to":"2026-11-28"},{"from":"2020-12-24","to":"2021-01-01","yearly":true}]}"#;
    let runs = wall(&read(json), "UTC", "2026-11-27T12:00:00Z", 5);
    // The Saturday's hours of the window are blacked out.
    let expected = ["Fri 2026-11-27 22:00 +0000", "Fri 2026-11-27 23:00 +0000", "Fri 2026-12-04 22:00 +0000"];
    assert_eq!(runs.get(..3).unwrap(), expected);
    assert_eq!(runs.get(4).unwrap(), "Sat 2026-12-05 00:00 +0000");
    let after = wall(&read(json), "UTC", "2026-12-19T12:00:00Z", 1);
    assert_eq!(after, ["Sat 2027-01-02 00:00 +0000"], "over the end of the year");
}

#[test]
fn a_schedule_that_never_runs_ends_the_search() {
    let json = r#"{"rules":[{"cron":"0 12 * * *"}],"windows":[{"from":"22:00","to":"23:00"}]}"#;
    assert_eq!(wall(&read(json), "UTC", "2026-11-27T12:00:00Z", 10), [""; 0]);
    assert_eq!(wall(&cron("0 0 30 2 *"), "UTC", "2026-11-27T12:00:00Z", 10), [""; 0]);
}

#[test]
fn jitter_is_the_same_everywhere_and_never_overtakes() {
    let mut schedule = cron("*/10 * * * *");
    schedule.jitter_seconds = 3_600;
    let runs =
        |plan: u128| schedule.runs(TimeZone::UTC, Uuid::from_u128(plan)).unwrap().next(at("2026-11-27T12:00:00Z"), 200);
    assert_eq!(runs(7), runs(7));
    assert_ne!(runs(7), runs(8));
    for pair in runs(7).windows(2) {
        let [one, two] = pair else { unreachable!() };
        assert!(one.due >= one.nominal && one.due < two.nominal, "{one:?} {two:?}");
    }
    let spread: std::collections::BTreeSet<_> =
        runs(7).iter().map(|run| run.due.duration_since(run.nominal).as_secs()).collect();
    assert!(spread.len() > 100, "only {} different offsets of 600", spread.len());
}

#[test]
fn jitter_never_leaves_the_window() {
    let json = r#"{"rules":[{"cron":"55 22 * * *"}],"windows":[{"from":"22:00","to":"23:00"}],"jitter_seconds":43200}"#;
    for plan in 0..200 {
        let schedule = read(json);
        let runs = schedule.runs(TimeZone::UTC, Uuid::from_u128(plan)).unwrap();
        let run = *runs.next(at("2026-11-27T12:00:00Z"), 1).first().unwrap();
        assert!(run.due < at("2026-11-27T23:00:00Z"), "{run:?}");
        assert_eq!(run.closes, Some(at("2026-11-27T23:00:00Z")));
    }
}

/// The nominal hours of the runs that are made at `now`, after everything up to `cursor` was decided.
fn due(missed: Missed, cursor: &str, now: &str) -> Vec<i8> {
    let schedule = cron("0 * * * *");
    let runs = schedule.runs(TimeZone::UTC, Uuid::nil()).unwrap();
    let due = runs.due(missed, at(cursor), at(now));
    due.runs.iter().map(|run| run.nominal.to_zoned(TimeZone::UTC).hour()).collect()
}

#[test]
fn missed_runs_are_made_up_for_as_the_schedule_says() {
    let (cursor, now) = ("2026-11-27T02:30:00Z", "2026-11-27T09:30:00Z");
    assert_eq!(due(Missed::Once, cursor, now), [9]);
    assert_eq!(due(Missed::Skip, cursor, now), [0; 0]);
    assert_eq!(due(Missed::All(3), cursor, now), [7, 8, 9]);
    assert_eq!(due(Missed::All(50), cursor, now), [3, 4, 5, 6, 7, 8, 9]);
    // In time, all three are the same.
    for missed in [Missed::Once, Missed::Skip, Missed::All(3)] {
        assert_eq!(due(missed, "2026-11-27T08:59:59Z", "2026-11-27T09:00:01Z"), [9]);
        assert_eq!(due(missed, "2026-11-27T09:00:00Z", "2026-11-27T09:00:01Z"), [0; 0]);
    }
}

#[test]
fn years_of_missed_minutes_cost_no_more_than_a_few() {
    let schedule = cron("* * * * *");
    let runs = schedule.runs(TimeZone::UTC, Uuid::nil()).unwrap();
    let due = runs.due(Missed::All(100), at("2006-01-01T00:00:00Z"), at("2026-01-01T00:00:30Z"));
    assert_eq!(due.runs.len(), 100);
    assert_eq!(due.next.unwrap().nominal, at("2026-01-01T00:01:00Z"));
}

#[test]
fn a_clock_that_went_back_asks_again_for_what_is_named_after_now() {
    let schedule = cron("0 * * * *");
    let runs = schedule.runs(TimeZone::UTC, Uuid::nil()).unwrap();
    let due = runs.due(Missed::Once, at("2031-01-01T00:00:00Z"), at("2026-11-27T08:59:59Z"));
    assert_eq!(due.runs, []);
    assert_eq!(due.cursor, at("2026-11-27T08:59:59Z"));
    let due = runs.due(Missed::Once, due.cursor, at("2026-11-27T09:00:00Z"));
    assert_eq!(due.runs.len(), 1);
}

#[test]
fn every_run_is_made_exactly_once_however_often_one_asks() {
    let mut schedule = cron("*/7 * * * *");
    schedule.jitter_seconds = 400;
    let runs = schedule.runs(TimeZone::get(BERLIN).unwrap(), Uuid::from_u128(99)).unwrap();
    let (from, until) = (at("2026-10-24T20:00:00Z"), at("2026-10-25T06:00:00Z"));
    let mut expected = runs.next(from, RUNS);
    expected.retain(|run| run.due <= until);
    let (mut now, mut cursor, mut made) = (from, from, Vec::new());
    while now <= until {
        let due = runs.due(Missed::All(100), cursor, now);
        made.extend(due.runs);
        cursor = due.cursor;
        assert!(due.next.is_some_and(|next| next.due > now), "{:?} at {now}", due.next);
        now = now.checked_add(SignedDuration::from_secs(37)).unwrap();
    }
    expected.retain(|run| made.last().is_some_and(|last| run.nominal <= last.nominal));
    assert_eq!(made, expected);
}

#[test]
fn what_cannot_be_is_refused_by_part() {
    let refused = |json: &str| match serde_json::from_str::<Schedule>(json) {
        Err(error) => error.to_string(),
        Ok(schedule) => schedule.check().map_or_else(|error| error.to_string(), |()| panic!("{json} was taken")),
    };
    for (json, says) in [
        (r#"{"rules":[]}"#, "rules: there is none"),
        (r#"{"rules":[{"cron":"61 * * * *"}]}"#, "no cron expression"),
        (r#"{"rules":[{"cron":"* * * * * *"}]}"#, "no cron expression"),
        (r#"{"rules":[{"cron":"* * * * *"}],"zone":{"named":"Mars/Olympus"}}"#, "\"Mars/Olympus\" is no time zone"),
        (r#"{"rules":[{"calendar":{"every":"day","at":["24:00"]}}]}"#, "no time of the day"),
        (r#"{"rules":[{"calendar":{"every":"day","at":[]}}]}"#, "no time of the day is named"),
        (r#"{"rules":[{"calendar":{"every":"hours","count":5}}]}"#, "divide a day"),
        (r#"{"rules":[{"cron":"* * * * *"}],"missed":{"all":0}}"#, "missed: 1 to 100"),
        (r#"{"rules":[{"cron":"* * * * *"}],"jitter_seconds":50000}"#, "jitter_seconds"),
        (r#"{"rules":[{"cron":"* * * * *"}],"often":1}"#, "unknown field"),
        (r#"{"rules":[{"cron":"* * * * *"}],"blackouts":[{"from":"2026-02-01","to":"2026-01-01"}]}"#, "before"),
    ] {
        assert!(refused(json).contains(says), "{json}: {}", refused(json));
    }
}

#[test]
fn bandwidth_follows_the_hours() {
    let limits: crate::plan::Limits = serde_json::from_str(
        r#"{"upload_bytes_per_second":5000,"bandwidth":[{"during":{"from":"08:00","to":"18:00"},"upload_bytes_per_second":2000},
        {"during":{"days":["saturday","sunday"],"from":"00:00","to":"00:00"}}]}"#,
    )
    .unwrap();
    let at = |text: &str| limits.upload_at(text.parse().unwrap());
    assert_eq!(at("2026-11-27T08:00:00"), Some(2000));
    assert_eq!(at("2026-11-27T18:00:00"), Some(5000));
    assert_eq!(at("2026-11-28T20:00:00"), None, "no limit at the weekend");
    assert_eq!(at("2026-11-30T00:00:00"), Some(5000));
}
