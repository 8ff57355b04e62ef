#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
use super::*;
use crate::id::Id;

const NOW: &str = "2026-11-20T22:00:00Z";

/// A snapshot of `host` and `/data` taken at an RFC 3339 time with an offset; its id is made of its number.
pub(super) fn snapshot(number: usize, time: &str) -> Candidate {
    let offset = match time.rsplit_once(['+', '-']) {
        Some((_, zone)) if !time.ends_with('Z') => {
            let sign = if time.contains('+') { 1 } else { -1 };
            Offset::from_hours(sign * zone[..2].parse::<i8>().unwrap()).unwrap()
        }
        _ => Offset::UTC,
    };
    let mut id = [0; 32];
    id[..8].copy_from_slice(&(number as u64).to_be_bytes());
    Candidate {
        id: SnapshotId(Id::new(id)),
        time: time.parse().unwrap(),
        offset,
        host: "host".into(),
        paths: vec!["/data".into()],
        tags: Vec::new(),
        held: false,
    }
}

fn decide(rules: &Retention, snapshots: &[Candidate]) -> Vec<(String, Vec<String>)> {
    let groups = rules.decide(snapshots, GroupBy::SOURCE, NOW.parse().unwrap(), |_| true);
    let decisions = groups.into_iter().flat_map(|group| group.decisions);
    decisions
        .map(|decision| {
            let time = snapshots.iter().find(|snapshot| snapshot.id == decision.id).unwrap().wall_clock();
            let reasons = match decision.fate {
                Fate::Keep(reasons) => reasons.iter().map(Reason::to_string).collect(),
                Fate::Forget => Vec::new(),
            };
            (time.strftime("%m-%d %H:%M").to_string(), reasons)
        })
        .collect()
}

/// Each line is `TIME: reason, reason`; a forgotten snapshot has no reason. The protection of the newest is left out.
#[track_caller]
fn check(rules: Retention, times: &[&str], expected: &[&str]) {
    let snapshots: Vec<_> = times.iter().enumerate().map(|(number, time)| snapshot(number, time)).collect();
    let lines: Vec<_> = decide(&rules, &snapshots)
        .into_iter()
        .map(|(time, reasons)| {
            let reasons: Vec<_> = reasons.into_iter().filter(|reason| reason != "newest of its source").collect();
            format!("{time}: {}", reasons.join(", ")).trim_end().to_owned()
        })
        .collect();
    assert_eq!(lines, expected);
}

#[test]
fn a_count_keeps_the_newest_of_each_interval_and_then_the_oldest() {
    check(
        Retention { daily: Count::AtMost(3), ..Retention::default() },
        &["2026-11-20T10:00:00Z", "2026-11-20T09:00:00Z", "2026-11-19T23:59:59Z", "2026-11-19T01:00:00Z"],
        &[
            "11-20 10:00: daily snapshot",
            "11-20 09:00:",
            "11-19 23:59: daily snapshot",
            "11-19 01:00: oldest daily snapshot",
        ],
    );
}

#[test]
fn a_count_that_is_used_up_keeps_no_oldest() {
    check(
        Retention { daily: Count::AtMost(2), ..Retention::default() },
        &["2026-11-20T10:00:00Z", "2026-11-19T23:59:59Z", "2026-11-19T01:00:00Z"],
        &["11-20 10:00: daily snapshot", "11-19 23:59: daily snapshot", "11-19 01:00:"],
    );
}

#[test]
fn an_unlimited_count_is_never_used_up() {
    check(
        Retention { yearly: Count::Unlimited, ..Retention::default() },
        &["2026-11-20T10:00:00Z", "2026-01-01T00:00:00Z", "2025-12-31T23:00:00Z", "2025-03-01T00:00:00Z"],
        &[
            "11-20 10:00: yearly snapshot",
            "01-01 00:00:",
            "12-31 23:00: yearly snapshot",
            "03-01 00:00: oldest yearly snapshot",
        ],
    );
}

#[test]
fn days_are_those_of_the_clock_on_the_sources_wall() {
    // The first two lie on one day in UTC, the last two on one day in their own zone.
    check(
        Retention { daily: Count::AtMost(9), ..Retention::default() },
        &[
            "2026-11-20T01:00:00+02:00",
            "2026-11-19T23:30:00+02:00",
            "2026-11-19T12:00:00+02:00",
            "2026-11-01T00:00:00+02:00",
        ],
        &["11-20 01:00: daily snapshot", "11-19 23:30: daily snapshot", "11-19 12:00:", "11-01 00:00: daily snapshot"],
    );
}

#[test]
fn weeks_begin_on_monday_and_cross_years() {
    check(
        Retention { weekly: Count::AtMost(9), ..Retention::default() },
        &["2026-01-04T10:00:00Z", "2025-12-29T10:00:00Z", "2025-12-28T10:00:00Z", "2024-12-01T10:00:00Z"],
        &[
            "01-04 10:00: weekly snapshot",
            "12-29 10:00:",
            "12-28 10:00: weekly snapshot",
            "12-01 10:00: weekly snapshot",
        ],
    );
}

#[test]
fn quarters_are_of_the_calendar() {
    check(
        Retention { quarterly: Count::AtMost(3), ..Retention::default() },
        &[
            "2026-10-01T00:00:00Z",
            "2026-09-30T00:00:00Z",
            "2026-07-01T00:00:00Z",
            "2025-08-01T00:00:00Z",
            "2025-01-01T00:00:00Z",
        ],
        &[
            "10-01 00:00: quarterly snapshot",
            "09-30 00:00: quarterly snapshot",
            "07-01 00:00:",
            "08-01 00:00: quarterly snapshot",
            "01-01 00:00:",
        ],
    );
}

#[test]
fn a_period_counts_back_from_the_newest_snapshot_that_is_not_from_the_future() {
    check(
        Retention { within: "2d".parse().unwrap(), ..Retention::default() },
        &["2027-06-01T00:00:00Z", "2026-11-10T10:00:00Z", "2026-11-08T10:00:01Z", "2026-11-08T10:00:00Z"],
        &["06-01 00:00: within 2d", "11-10 10:00: within 2d", "11-08 10:00: within 2d", "11-08 10:00:"],
    );
}

#[test]
fn snapshots_that_are_all_from_the_future_are_within_any_period() {
    check(
        Retention { within: "1h".parse().unwrap(), ..Retention::default() },
        &["2027-06-01T00:00:00Z", "2027-01-01T00:00:00Z"],
        &["06-01 00:00: within 1h", "01-01 00:00: within 1h"],
    );
}

#[test]
fn within_a_period_each_interval_keeps_its_newest_and_the_group_its_oldest() {
    check(
        Retention { within_daily: "3d".parse().unwrap(), ..Retention::default() },
        &["2026-11-20T10:00:00Z", "2026-11-20T09:00:00Z", "2026-11-18T09:00:00Z", "2026-11-18T08:00:00Z"],
        &[
            "11-20 10:00: daily within 3d",
            "11-20 09:00:",
            "11-18 09:00: daily within 3d",
            "11-18 08:00: oldest daily within 3d",
        ],
    );
}

#[test]
fn without_rules_everything_stays() {
    check(
        Retention::default(),
        &["2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z"],
        &["11-20 10:00: policy is empty", "11-20 10:00: policy is empty"],
    );
}

#[test]
fn tags_and_ids_keep_and_are_not_counted() {
    let mut snapshots: Vec<_> =
        (0..4).map(|number| snapshot(number, &format!("2026-11-2{number}T10:00:00Z"))).collect();
    snapshots[0].tags = vec!["b".into(), "a".into()];
    snapshots[1].tags = vec!["a".into()];
    let rules = Retention {
        last: Count::AtMost(1),
        tags: vec!["a, b".parse().unwrap(), "".parse().unwrap()],
        ids: vec!["0000000000000001".parse().unwrap()],
        ..Retention::default()
    };
    let reasons: Vec<_> = decide(&rules, &snapshots).into_iter().map(|(_, reasons)| reasons.join("; ")).collect();
    let newest = "has tags []; last snapshot; newest of its source";
    assert_eq!(reasons, [newest, "has tags []", "has a kept id", "has tags [a, b]"]);
}

#[test]
fn a_hold_and_a_sources_newest_snapshot_stand_above_all_rules() {
    let mut snapshots: Vec<_> =
        (0..4).map(|number| snapshot(number, &format!("2026-11-1{number}T10:00:00Z"))).collect();
    snapshots[0].held = true;
    snapshots[1].host = "gone".into();
    snapshots[2].tags = vec!["keep".into()];
    let rules = Retention { tags: vec!["keep".parse().unwrap()], ..Retention::default() };
    let groups = rules.decide(&snapshots, "".parse().unwrap(), NOW.parse().unwrap(), |_| true);
    let fates: Vec<_> = groups[0].decisions.iter().map(|decision| decision.fate.clone()).collect();
    let list = "keep".parse().unwrap();
    let expected = [Reason::NewestOfSource, Reason::HasTags(list), Reason::NewestOfSource, Reason::Held];
    assert_eq!(fates, expected.map(|reason| Fate::Keep(vec![reason])));
}

#[test]
fn the_newest_of_a_source_is_seen_among_all_snapshots_and_not_only_those_up_for_choice() {
    let mut snapshots: Vec<_> =
        (0..3).map(|number| snapshot(number, &format!("2026-11-1{number}T10:00:00Z"))).collect();
    snapshots[0].tags = vec!["old".into()];
    snapshots[1].tags = vec!["old".into()];
    let rules = Retention { tags: vec!["other".parse().unwrap()], ..Retention::default() };
    let groups = rules.decide(&snapshots, GroupBy::SOURCE, NOW.parse().unwrap(), |snapshot| !snapshot.tags.is_empty());
    assert!(groups[0].decisions.iter().all(|decision| decision.fate == Fate::Forget), "{groups:?}");
}

#[test]
fn paths_in_another_order_are_the_same_source() {
    let mut snapshots = [snapshot(0, "2026-11-10T10:00:00Z"), snapshot(1, "2026-11-11T10:00:00Z")];
    snapshots[0].paths = vec!["/b".into(), "/a".into()];
    snapshots[1].paths = vec!["/a".into(), "/b".into()];
    let rules = Retention { last: Count::AtMost(1), ..Retention::default() };
    let groups = rules.decide(&snapshots, GroupBy::SOURCE, NOW.parse().unwrap(), |_| true);
    assert_eq!(groups.len(), 1);
    assert_eq!(groups[0].key.to_string(), "host host, paths /a, /b");
    assert!(!groups[0].decisions[1].fate.is_kept());
}

#[test]
fn a_day_that_a_shorter_month_lacks_counts_on_into_the_next() {
    let check = |period: &str, end: &str, expected: &str| {
        let before = period.parse::<Period>().unwrap().before(end.parse().unwrap(), Offset::UTC);
        assert_eq!(before.unwrap().to_string(), expected, "{period} before {end}");
    };
    check("1m", "2026-03-31T12:00:00Z", "2026-03-03T12:00:00Z");
    check("1m", "2024-03-31T12:00:00Z", "2024-03-02T12:00:00Z");
    check("1y", "2024-02-29T12:00:00Z", "2023-03-01T12:00:00Z");
    check("1m1d", "2026-03-31T12:00:00Z", "2026-03-02T12:00:00Z");
    check("13m40d25h", "2026-01-15T00:30:00Z", "2024-11-03T23:30:00Z");
    assert_eq!("99999y".parse::<Period>().unwrap().before(NOW.parse().unwrap(), Offset::UTC), None);
}

#[test]
fn periods_are_read_and_printed_as_restic_does() {
    let check = |text: &str, expected: Result<&str, &str>| {
        let parsed = text.parse::<Period>().map(|period| period.to_string()).map_err(|error| error.to_string());
        assert_eq!(parsed, expected.map(str::to_owned).map_err(str::to_owned));
    };
    check("1y5m7d2h", Ok("1y5m7d2h"));
    check(" 2h1y ", Ok("1y2h"));
    check("1d2d", Ok("2d"));
    check("", Ok(""));
    check("0h", Ok(""));
    check("5", Err("\"5\" is not a period such as 1y5m7d2h: there is no unit after 5"));
    check("5w", Err("\"5w\" is not a period such as 1y5m7d2h: 'w' is not one of the units y, m, d, h"));
    check("y", Err("\"y\" is not a period such as 1y5m7d2h: there is no number before \"y\""));
    check("-5d", Err("\"-5d\" is not a period such as 1y5m7d2h: it is negative"));
    check("9999999999d", Err("\"9999999999d\" is not a period such as 1y5m7d2h: 9999999999 is too large"));
}

#[test]
fn counts_are_read_as_restic_does() {
    let check = |text: &str, expected: Result<Count, &str>| {
        let parsed = text.parse::<Count>().map_err(|error| error.to_string());
        assert_eq!(parsed, expected.map_err(str::to_owned));
    };
    check("7", Ok(Count::AtMost(7)));
    check("unlimited", Ok(Count::Unlimited));
    check("-1", Err("\"-1\" is negative: use \"unlimited\" to keep all"));
    check("all", Err("\"all\" is not a number of snapshots, nor \"unlimited\""));
}

#[test]
fn groupings_are_read_as_restic_does() {
    let check = |text: &str, expected: Result<&str, &str>| {
        let parsed = text.parse::<GroupBy>().map(|by| by.to_string()).map_err(|error| error.to_string());
        assert_eq!(parsed, expected.map(str::to_owned).map_err(str::to_owned));
    };
    check("host,paths", Ok("host,paths"));
    check("tags,host", Ok("host,tags"));
    check("", Ok(""));
    check("user", Err("\"user\" cannot group snapshots: \"user\" is not one of host, paths, tags"));
}
