#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use bygone_common::{Id, SnapshotId};
use jiff::tz::{Offset, TimeZone};

use super::*;

fn snapshot(first: u8, time: &str, host: &str, tags: &[&str], paths: &[&str]) -> Arc<Snapshot> {
    let mut id = [0; 32];
    id[0] = first;
    let json = serde_json::json!({
        "time": time, "tree": Id::default().to_hex(), "hostname": host, "tags": tags, "paths": paths,
    });
    Arc::new(Snapshot::parse(SnapshotId(Id::new(id)), json.to_string().as_bytes()).unwrap())
}

/// Ids 10…, 1f…, 20…, 30…, oldest first.
fn snapshots() -> Vec<Arc<Snapshot>> {
    vec![
        snapshot(0x10, "2026-11-01T10:00:00.5+00:00", "alice-pc", &["daily"], &["/home"]),
        snapshot(0x1f, "2026-11-01T12:00:00+00:00", "bob-pc", &["daily", "full"], &["/home", "/etc"]),
        snapshot(0x20, "2026-11-02T10:00:00+00:00", "alice-pc", &[], &["/etc"]),
        snapshot(0x30, "2026-11-03T10:00:00+00:00", "alice-pc", &["full"], &["/home"]),
    ]
}

fn filter(hosts: &[&str], tags: &[&str], paths: &[&str]) -> SnapshotFilter {
    let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let tags = tags.iter().map(|tags| tags.split(',').map(str::to_owned).collect()).collect();
    SnapshotFilter { hosts: own(hosts), tags, paths: own(paths) }
}

/// The snapshot's id's first two digits, or the error.
fn chosen(spec: &str, filter: &SnapshotFilter, hours_east: i8) -> String {
    let zone = TimeZone::fixed(Offset::constant(hours_east));
    let all = snapshots();
    match spec.parse::<SnapshotSpec>().and_then(|spec| spec.select_in(&all, filter, &zone).cloned()) {
        Ok(snapshot) => snapshot.id.short().chars().take(2).collect(),
        Err(error) => error.chain(),
    }
}

fn check(spec: &str, expected: &str) {
    assert_eq!(chosen(spec, &SnapshotFilter::default(), 0), expected, "{spec}");
}

#[test]
fn latest_counts_back_from_the_newest() {
    check("latest", "30");
    check("latest~0", "30");
    check("latest~3", "10");
    check("latest~4", "there is no snapshot latest~4: fewer than 5 exist");
}

#[test]
fn latest_counts_only_what_the_filter_lets_through() {
    assert_eq!(chosen("latest", &filter(&["bob-pc"], &[], &[]), 0), "1f");
    assert_eq!(chosen("latest~1", &filter(&[], &["daily"], &[]), 0), "10");
    assert_eq!(chosen("latest", &filter(&["carol"], &[], &[]), 0), "there is no snapshot with host carol");
}

#[test]
fn the_start_of_an_id_is_enough_if_it_fits_one() {
    check("10", "10");
    check("2", "20");
    check("1F", "1f");
    check("1", "1 fits 2 snapshots: 10000000, 1f000000");
    check("ff", "there is no snapshot ff");
}

#[test]
fn a_named_snapshot_is_meant_whatever_the_filter_says() {
    assert_eq!(chosen("10", &filter(&["bob-pc"], &[], &[]), 0), "10");
}

#[test]
fn a_moment_finds_the_newest_not_after_it() {
    check("@2026-11-02T09:59", "1f");
    check("@2026-11-02T10:00", "20");
    check("@2026-11-02 10:00", "20");
    check("@2026-11-02T11:00+02:00", "1f");
    check("@2026-11-02T10:00Z", "20");
    check("@2026-10-31", "there is no snapshot that is not after 2026-10-31T23:59:59");
}

#[test]
fn a_shown_time_finds_its_snapshot_although_fractions_are_not_shown() {
    check("@2026-11-01T10:00:00", "10");
    check("@2026-11-01T10:00:00.4", "there is no snapshot that is not after 2026-11-01T10:00:00");
}

#[test]
fn a_date_alone_includes_that_whole_day() {
    check("@2026-11-02", "20");
}

#[test]
fn a_moment_without_a_zone_is_local() {
    assert_eq!(chosen("@2026-11-02T11:00", &SnapshotFilter::default(), 1), "20");
    assert_eq!(chosen("@2026-11-02T10:30", &SnapshotFilter::default(), 1), "1f");
}

#[test]
fn what_names_no_snapshot_is_refused_with_the_grammar() {
    let told = "names no snapshot: use latest, latest~2, the start of an id, or @2026-11-01T10:00";
    for bad in ["", "latest~", "latest~x", "latestx", "xyz", "@", "@yesterday", "@2026-13-01"] {
        check(bad, &format!("{bad:?} {told}"));
    }
}

fn check_filter(filter: SnapshotFilter, expected: &[u8]) {
    let matching: Vec<u8> =
        snapshots().iter().filter(|one| filter.matches(one)).map(|one| one.id.as_bytes()[0]).collect();
    assert_eq!(matching, expected, "{filter}");
}

#[test]
fn filters_are_any_host_any_list_of_all_tags_and_all_paths() {
    check_filter(filter(&[], &[], &[]), &[0x10, 0x1f, 0x20, 0x30]);
    check_filter(filter(&["alice-pc", "bob-pc"], &[], &[]), &[0x10, 0x1f, 0x20, 0x30]);
    check_filter(filter(&[], &["daily", "full"], &[]), &[0x10, 0x1f, 0x30]);
    check_filter(filter(&[], &["daily,full"], &[]), &[0x1f]);
    check_filter(filter(&[], &[""], &[]), &[0x20]);
    check_filter(filter(&[], &[], &["/home"]), &[0x10, 0x1f, 0x30]);
    check_filter(filter(&[], &[], &["/home", "/etc"]), &[0x1f]);
}

fn check_split(argument: &str, expected: &str) {
    let shown = match SnapshotAndPath::parse(argument.as_bytes()) {
        Ok(parsed) => format!("{} {}", parsed.snapshot, parsed.path),
        Err(error) => error.chain(),
    };
    assert_eq!(shown, expected);
}

#[test]
fn a_path_follows_the_snapshot_after_a_colon() {
    check_split("latest", "latest /");
    check_split("latest:", "latest /");
    check_split("latest:/a/b", "latest /a/b");
    check_split("latest~1:a:b", "latest~1 /a:b");
    check_split("0aF:home", "0af /home");
    check_split("latest:../x", "\"../x\" is not a path in a snapshot: it leaves its directory");
}

#[test]
fn a_times_own_colons_do_not_end_it() {
    check_split("@2026-11-01", "@2026-11-01T23:59:59 /");
    check_split("@2026-11-01:/a", "@2026-11-01T23:59:59 /a");
    check_split("@2026-11-01T10:00", "@2026-11-01T10:00:00 /");
    check_split("@2026-11-01T10:00:/a:b", "@2026-11-01T10:00:00 /a:b");
    check_split("@2026-11-01T10:00:30:x/30", "@2026-11-01T10:00:30 /x/30");
    check_split("@2026-11-01T10:00+01:00:x", "@2026-11-01T09:00:00Z /x");
}
