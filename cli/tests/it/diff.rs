use serde_json::Value;

use crate::fixture::Fixture;

/// restic's answer, line by line.
fn check_with_restic(fixture: &Fixture, before: usize, after: usize, arguments: &[&str]) -> Vec<Value> {
    let both = [fixture.ids[before].as_str(), fixture.ids[after].as_str()];
    let ours = fixture.bygone(&[&["diff", "--json"], &both[..], arguments].concat()).json_lines();
    let theirs = fixture.restic_lines(&[&["diff", "--json"], &both[..], arguments].concat());
    assert_eq!(ours, theirs, "{before} {after} {arguments:?}");
    ours
}

#[test]
fn every_change_is_told_as_restic_tells_it() {
    let fixture = Fixture::shared();
    let first = check_with_restic(&fixture, 0, 1, &[]);
    let changes: Vec<String> = first
        .iter()
        .filter(|line| line["message_type"] == "change")
        .map(|line| format!("{} {}", line["modifier"].as_str().unwrap(), line["path"].as_str().unwrap()))
        .collect();
    assert_eq!(changes, ["- /docs/gone.txt", "M /docs/report.txt", "+ /src/new.rs"]);
    check_with_restic(&fixture, 1, 0, &[]);
    check_with_restic(&fixture, 0, 1, &["--metadata"]);
    check_with_restic(&fixture, 1, 2, &[]);
    check_with_restic(&fixture, 1, 2, &["--metadata"]);
    check_with_restic(&fixture, 1, 3, &[]);
}

#[test]
fn lines_for_people_are_restics_lines() {
    let fixture = Fixture::shared();
    let both = [fixture.ids[0].as_str(), fixture.ids[3].as_str()];
    let ours = fixture.bygone(&[&["diff"], &both[..]].concat()).text();
    let theirs = fixture.restic(&[&["diff"], &both[..]].concat());
    let from_first_change = |text: &str| {
        text.lines()
            .skip_while(|line| !line.starts_with(['+', '-', 'M', 'T', 'U']))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(from_first_change(&ours), from_first_change(&theirs));
}

#[test]
fn folders_can_be_compared() {
    let fixture = Fixture::shared();
    let lines = fixture.bygone(&["diff", "-q", "latest~3:/docs", "latest~2:/docs"]).lines();
    assert_eq!(lines, ["-    /gone.txt", "M    /report.txt"]);
    let same = fixture.bygone(&["diff", "-q", "latest~2:/docs", "latest~1:/docs"]).lines();
    assert!(same.is_empty());
    let told = fixture.bygone(&["diff", "latest~3:/docs/report.txt", "latest"]).fails(2);
    assert_eq!(told, format!("bygone: /docs/report.txt of snapshot {}: it is not a folder", fixture.short(0)));
}
