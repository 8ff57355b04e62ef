use std::collections::BTreeSet;

use bygone_vault::backend::CancelToken;
use bygone_vault::capture::{Excludes, Patterns, Sources, Tag, scan};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::support::{Place, Told, write};

/// Paths of what our newest snapshot holds, below the source.
fn saved(place: &Place, excludes: Excludes) -> BTreeSet<String> {
    let taken = place
        .back_up_with(|options| {
            options.before = None;
            options.excludes = excludes;
        })
        .unwrap();
    below(place, taken.told.items.into_inner().unwrap().into_iter().map(|(path, _)| path))
}

/// The same for what restic would save.
fn saved_by_restic(place: &Place, arguments: &[&str]) -> BTreeSet<String> {
    let source = place.source();
    let all = [&["backup", "--dry-run", "--json", "-vv", "--force", source.to_str().unwrap()], arguments].concat();
    // The quiet one says nothing of files.
    let restic = bygone_tests::restic::Restic::new(place.folder.path().join("repository").to_str().unwrap());
    let lines = restic.run(&all);
    let items = lines.lines().filter_map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let is_item = line["message_type"] == "verbose_status" && line["action"] != "scan_finished";
        is_item.then(|| line["item"].as_str().unwrap().to_owned())
    });
    below(place, items)
}

fn below(place: &Place, items: impl Iterator<Item = String>) -> BTreeSet<String> {
    let source = place.source().to_str().unwrap().to_owned();
    items.filter_map(|path| path.strip_prefix(&source).map(str::to_owned)).collect()
}

fn tree() -> Place {
    let place = Place::new();
    for name in ["a", "b.o", "ab/a", "ab/B.O", "ab/cd/b.o", "ab/cd/ef/a", "x/ab/a", "x/y/ab/b.o", "x/y/a[1]", "x/ab c"]
    {
        write(&place.source(), name, name.as_bytes());
    }
    place
}

#[test]
fn patterns_leave_out_what_restic_leaves_out() {
    let place = tree();
    let part = prop_oneof![
        Just("a".to_owned()),
        Just("ab".to_owned()),
        Just("x".to_owned()),
        Just("y".to_owned()),
        Just("*".to_owned()),
        Just("**".to_owned()),
        Just("*.o".to_owned()),
        Just("?b".to_owned()),
        Just("[a-b]*".to_owned()),
        Just("[^x]*".to_owned()),
        Just("a\\[1]".to_owned()),
        Just("..".to_owned()),
        Just("source".to_owned()),
    ];
    let pattern =
        (prop::collection::vec(part, 1..5), 0..4_u8, any::<bool>()).prop_map(|(parts, start, is_exception)| {
            let start = if start == 0 { "/" } else { "" };
            let exception = if is_exception { "!" } else { "" };
            format!("{exception}{start}{}", parts.join("/"))
        });
    let several = prop::collection::vec(pattern, 1..4);
    // Each case runs restic: few, of several patterns each.
    let mut runner = TestRunner::new(Config { cases: 30, failure_persistence: None, ..Config::default() });
    let run = runner.run(&several, |patterns| {
        let excludes = Excludes {
            patterns: Patterns::parse(patterns.iter().map(|text| text.as_bytes()), false).unwrap(),
            ..Excludes::default()
        };
        let arguments: Vec<&str> = patterns.iter().flat_map(|pattern| ["--exclude", pattern]).collect();
        prop_assert_eq!(saved(&place, excludes), saved_by_restic(&place, &arguments));
        Ok(())
    });
    run.unwrap();
}

#[test]
fn case_can_be_ignored() {
    let place = tree();
    let patterns_ignoring_case = Patterns::parse([b"*.O".as_slice(), b"AB/A"], true).unwrap();
    let ours = saved(&place, Excludes { patterns_ignoring_case, ..Excludes::default() });
    assert_eq!(ours, saved_by_restic(&place, &["--iexclude", "*.O", "--iexclude", "AB/A"]));
}

#[test]
fn marked_folders_and_large_files_are_left_out_as_by_restic() {
    let place = tree();
    write(&place.source(), "ab/CACHEDIR.TAG", b"Signature: 8a477f597d28d172789f06886806bc55\n# more");
    write(&place.source(), "x/CACHEDIR.TAG", b"something else");
    write(&place.source(), "x/y/.nobackup", b"");
    write(&place.source(), "x/large", &[7; 5000]);
    let excludes = Excludes {
        if_present: vec![Tag::of_caches(), Tag::parse(".nobackup").unwrap()],
        larger_than: Some(4096),
        ..Excludes::default()
    };
    let arguments = ["--exclude-caches", "--exclude-if-present", ".nobackup", "--exclude-larger-than", "4096"];
    let ours = saved(&place, excludes);
    assert_eq!(ours, saved_by_restic(&place, &arguments));
    assert!(ours.contains("/ab/CACHEDIR.TAG") && !ours.contains("/ab/a") && !ours.contains("/x/large"));
}

#[test]
fn ignore_files_are_honored() {
    let place = tree();
    write(&place.source(), ".gitignore", b"*.o\n!/b.o\n/x/y\n");
    write(&place.source(), "ab/.ignore", b"!B.O\n*.O\n!cd/b.o\n");
    let ours = saved(&place, Excludes { ignored_by_git: true, ..Excludes::default() });
    let expected = ["/", "/.gitignore", "/a", "/ab/", "/ab/.ignore", "/ab/a", "/ab/cd/", "/ab/cd/b.o", "/ab/cd/ef/"];
    let expected = expected.into_iter().chain(["/ab/cd/ef/a", "/b.o", "/x/", "/x/ab c", "/x/ab/", "/x/ab/a"]);
    assert_eq!(ours, expected.map(str::to_owned).collect());
}

#[test]
fn a_scan_counts_what_is_saved() {
    let place = tree();
    let mut scanned = Told::default();
    let taken = place
        .back_up_with(|options| {
            options.excludes.patterns = Patterns::parse([b"ef".as_slice()], false).unwrap();
            let sources = Sources { paths: vec![place.source()], as_path: None };
            scan::count(&sources, options, &scanned, &CancelToken::new()).unwrap();
        })
        .unwrap();
    let total = scanned.total.get_mut().unwrap().unwrap();
    assert_eq!(total, (taken.summary.total_files_processed, taken.summary.total_bytes_processed));
}
