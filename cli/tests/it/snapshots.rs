use serde_json::Value;

use crate::fixture::{Fixture, SNAPSHOTS};

#[test]
fn the_list_is_restics_list() {
    let fixture = Fixture::shared();
    let ours = fixture.bygone(&["snapshots", "--json"]).json();
    let theirs: Value = serde_json::from_str(&fixture.restic(&["snapshots", "--json"])).unwrap();
    for (ours, theirs) in ours.as_array().unwrap().iter().zip(theirs.as_array().unwrap()) {
        for field in
            ["id", "short_id", "tree", "parent", "hostname", "username", "paths", "tags", "excludes", "program_version"]
        {
            assert_eq!(ours[field], theirs[field], "{field}");
        }
        let time = |value: &Value| value["time"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        assert_eq!(time(ours), time(theirs));
        assert_eq!(ours["summary"]["total_bytes_processed"], theirs["summary"]["total_bytes_processed"]);
    }
    assert_eq!(ours.as_array().unwrap().len(), SNAPSHOTS);
}

#[test]
fn a_table_has_a_line_for_each() {
    let fixture = Fixture::shared();
    let lines = fixture.bygone(&["snapshots"]).lines();
    assert!(lines[0].starts_with("ID        Time                 Host      Tags"), "{}", lines[0]);
    assert!(
        lines[1].starts_with(&format!("{}  2026-11-01 10:00:00  alice-pc  daily", fixture.short(0))),
        "{}",
        lines[1]
    );
    assert_eq!(lines.last().unwrap(), "4 snapshots");
}

fn check(arguments: &[&str], expected: &[usize]) {
    let fixture = Fixture::shared();
    let listed = fixture.bygone(&[&["snapshots", "--json"], arguments].concat()).json();
    let ids: Vec<&str> = listed.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    let expected: Vec<&str> = expected.iter().map(|snapshot| fixture.ids[*snapshot].as_str()).collect();
    assert_eq!(ids, expected, "{arguments:?}");
}

#[test]
fn filters_are_restics_filters() {
    check(&["--host", "bob-pc"], &[2]);
    check(&["--host", "bob-pc", "--host", "alice-pc"], &[0, 1, 2, 3]);
    check(&["--tag", "daily"], &[0, 1]);
    check(&["--tag", "daily,full"], &[1]);
    check(&["--tag", "daily", "--tag", "full"], &[0, 1, 3]);
    check(&["--tag", ""], &[2]);
    check(&["--path", "/nowhere"], &[]);
    check(&["--path", Fixture::shared().source.to_str().unwrap()], &[0, 1, 2, 3]);
}

#[test]
fn snapshots_are_named_by_age_time_and_id() {
    check(&["latest"], &[3]);
    check(&["latest~1"], &[2]);
    check(&["latest", "--host", "bob-pc"], &[2]);
    check(&["latest~1", "--host", "alice-pc"], &[1]);
    check(&["@2026-11-02T10:00:00"], &[1]);
    check(&["@2026-11-02T09:59Z"], &[0]);
    check(&["@2026-11-03"], &[2]);
    check(&[Fixture::shared().short(1)], &[1]);
    check(&["latest", "latest~3", "latest"], &[0, 3]);
    check(&["--latest", "1"], &[2, 3]);
}
