use std::collections::BTreeSet;

use serde_json::Value;

use crate::fixture::Fixture;

/// What matched, as (snapshot, path).
fn matches(found: &Value) -> BTreeSet<(String, String)> {
    let mut all = BTreeSet::new();
    for snapshot in found.as_array().unwrap() {
        let matches = snapshot["matches"].as_array().unwrap();
        assert_eq!(snapshot["hits"], matches.len());
        for one in matches {
            let id = snapshot["snapshot"].as_str().unwrap().to_owned();
            all.insert((id, one["path"].as_str().unwrap().to_owned()));
        }
    }
    all
}

/// Compares with restic's own search, for patterns that mean the same to both.
fn check_with_restic(arguments: &[&str], expected: usize) {
    let fixture = Fixture::shared();
    let ours = fixture.bygone(&[&["find", "--by-snapshot", "--json"], arguments].concat()).json();
    let theirs: Value = serde_json::from_str(&fixture.restic(&[&["find", "--json"], arguments].concat())).unwrap();
    assert_eq!(matches(&ours), matches(&theirs), "{arguments:?}");
    assert_eq!(matches(&ours).len(), expected, "{arguments:?}");
}

#[test]
fn names_are_found_where_restic_finds_them() {
    check_with_restic(&["*.rs"], 2 + 3 + 3 + 3);
    check_with_restic(&["-i", "*.rs"], 3 + 4 + 4 + 4);
    check_with_restic(&["report.txt"], 1 + 1 + 1 + 2);
    check_with_restic(&["*.md", "gone*"], 2 + 1 + 1 + 1);
    check_with_restic(&["[ml]*.rs"], 8);
    check_with_restic(&["--host", "bob-pc", "*.txt"], 1);
    check_with_restic(&["--tag", "full", "*.txt"], 1 + 2);
    check_with_restic(&["-s", "latest", "*.txt"], 2);
    check_with_restic(&["nothing-like-this"], 0);
}

#[test]
fn paths_are_found_where_restic_finds_them() {
    check_with_restic(&["/docs/*.txt"], 2 + 1 + 1 + 1);
    check_with_restic(&["src/*.rs"], 2 + 3 + 3 + 3);
    check_with_restic(&["/**/*.RS"], 4);
}

fn lines(arguments: &[&str]) -> Vec<Value> {
    Fixture::shared().bygone(&[&["find", "--json"], arguments].concat()).json_lines()
}

fn paths(arguments: &[&str]) -> Vec<String> {
    lines(arguments).iter().map(|line| line["path"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn each_path_comes_once_with_its_versions_and_snapshots() {
    let fixture = Fixture::shared();
    let found = lines(&["report.txt"]);
    assert_eq!(found.len(), 2);
    let report = &found[0];
    assert_eq!((&report["path"], &report["snapshots"]), (&"/docs/report.txt".into(), &4.into()));
    assert_eq!(report["first"]["id"], fixture.ids[0]);
    assert_eq!(report["last"]["id"], fixture.ids[3]);
    let versions = report["versions"].as_array().unwrap();
    let owners: Vec<Vec<usize>> = versions
        .iter()
        .map(|version| {
            let ids = version["snapshots"].as_array().unwrap().iter().map(|id| id.as_str().unwrap());
            ids.map(|id| fixture.ids.iter().position(|known| known == id).unwrap()).collect()
        })
        .collect();
    // As on the first day again on the fourth.
    assert_eq!(owners, [vec![0, 3], vec![1, 2]]);
    assert_eq!((&versions[0]["size"], &versions[1]["size"]), (&6.into(), &15.into()));
    let late = &found[1];
    assert_eq!((&late["path"], &late["snapshots"]), (&"/late/report.txt".into(), &1.into()));
}

#[test]
fn conditions_narrow_the_search() {
    assert_eq!(paths(&["*", "--type", "dir"]), ["/docs", "/late", "/src", "/src/deep", "/src/deep/er"]);
    assert_eq!(paths(&["*", "-t", "l"]), ["/link", "/src/lib.rs"]);
    assert_eq!(paths(&["*", "--size", "+1M"]), ["/big.bin"]);
    assert_eq!(paths(&["*.rs", "--size", "+9", "--size", "-14"]), ["/src/main.rs"]);
    assert_eq!(paths(&["*", "--type", "file", "--older", "2000-01-01"]), ["/odd \u{fffd}\u{fffd} name"]);
    assert_eq!(paths(&["*.txt", "--newer", "2023-11-15"]), Vec::<String>::new());
    assert_eq!(paths(&["*.txt", "--newer", "2023-11-14"]).len(), 3);
}

#[test]
fn regular_expressions_fit_parts_of_names_or_paths() {
    assert_eq!(paths(&["--regex", "^r.*t$"]), ["/docs/report.txt", "/late/report.txt"]);
    assert_eq!(paths(&["--regex", "s/.*t$"]), ["/docs/gone.txt", "/docs/report.txt"]);
    assert_eq!(paths(&["--regex", "-i", "RS$"]).len(), 4);
}

#[test]
fn a_limit_stops_the_search_and_says_so() {
    let fixture = Fixture::shared();
    let ran = fixture.bygone(&["find", "*.rs", "--limit", "2"]).run();
    assert_eq!(ran.code, Some(0));
    assert_eq!(ran.stdout.iter().filter(|byte| **byte == b'\n').count(), 2);
    assert_eq!(ran.stderr, "stopped after 2 paths (--limit)\n");
}

#[test]
fn lines_for_people_name_the_first_and_last_snapshot() {
    let fixture = Fixture::shared();
    let (first, last) = (fixture.short(0), fixture.short(3));
    let expected = format!(
        "{first} 2026-11-01 10:00:00 .. {last} 2026-11-04 10:00:00     4 snapshots     2 versions  /docs/report.txt"
    );
    assert_eq!(fixture.bygone(&["find", "/docs/report.txt"]).lines(), [expected]);
    let long = fixture.bygone(&["find", "-l", "/docs/report.txt"]).lines();
    assert_eq!(long.len(), 3);
    assert!(
        long[2].ends_with(&format!(" 15 2023-11-14 22:13:20  {} .. {} (2)", fixture.short(1), fixture.short(2))),
        "{}",
        long[2]
    );
}

#[test]
fn a_name_that_is_not_utf8_is_found_and_printed_as_it_is() {
    let fixture = Fixture::shared();
    let found = fixture.bygone(&["find", "odd*name"]).bytes();
    assert!(found.ends_with(b"  /odd \xff\xfe name\n"));
}
