//! Restores of parts.

use std::fs;
use std::os::unix::fs::MetadataExt;

use bygone_common::job::RestoreRule;
use bygone_vault::find::Pattern;
use bygone_vault::restore::{Filter, Options};

use super::support::{back_up, names_in, options, restore, set_mode, target};
use crate::fixture::Fixture;

fn check(include: &[&str], exclude: &[&str], expected: &[&str]) {
    let fixture = Fixture::new("2");
    let source = fixture.source();
    fs::create_dir_all(source.join("a/b")).unwrap();
    fs::create_dir_all(source.join("c")).unwrap();
    for name in ["a/b/one.rs", "a/b/two.txt", "a/three.rs", "c/four.rs", "five"] {
        fs::write(source.join(name), name).unwrap();
    }
    set_mode(&source.join("a"), 0o711);
    back_up(&fixture);
    let patterns = |texts: &[&str]| texts.iter().map(|text| Pattern::glob(text, false).unwrap()).collect();
    let filter = Filter { include: patterns(include), exclude: patterns(exclude) };
    let target = target(&fixture);
    restore(&fixture, Options { filter, ..options(&target) });
    assert_eq!(names_in(&target), expected, "{include:?} {exclude:?}");
    if expected.contains(&"a") {
        assert_eq!(fs::metadata(target.join("a")).unwrap().mode() & 0o777, 0o711);
    }
}

#[test]
fn a_filter_chooses_files_and_makes_only_the_folders_they_need() {
    check(&["*.rs"], &[], &["a", "a/b", "a/b/one.rs", "a/three.rs", "c", "c/four.rs"]);
    check(&["/a/b"], &[], &["a", "a/b", "a/b/one.rs", "a/b/two.txt"]);
    check(&["*.rs"], &["b"], &["a", "a/three.rs", "c", "c/four.rs"]);
    check(&[], &["/a"], &["c", "c/four.rs", "five"]);
    check(&["/nothing"], &[], &[]);
}

#[test]
fn rules_of_who_asks_put_back_what_they_give_and_make_no_other_folder() {
    let fixture = Fixture::new("2");
    let source = fixture.source();
    fs::create_dir_all(source.join("a/b")).unwrap();
    fs::create_dir_all(source.join("c/d")).unwrap();
    for name in ["a/b/one", "a/two", "c/d/three", "c/four", "five"] {
        fs::write(source.join(name), name).unwrap();
    }
    std::os::unix::fs::chown(source.join("c/four"), Some(1000), None).unwrap();
    back_up(&fixture);
    let rule = |path: &str, gives: bool, owner: Option<&str>| RestoreRule {
        path: path.to_owned(),
        gives,
        owner: owner.map(str::to_owned),
    };
    let check = |rules: &[RestoreRule], include: &[&str], expected: &[&str]| {
        let target = target(&fixture);
        let include = include.iter().map(|text| Pattern::glob(text, false).unwrap()).collect();
        let filter = Filter { include, ..Filter::default() };
        let view = Some(RestoreRule::view(rules).unwrap());
        restore(&fixture, Options { filter, view, ..options(&target) });
        let found = if target.exists() { names_in(&target) } else { Vec::new() };
        assert_eq!(found, expected, "{rules:?}");
        fs::remove_dir_all(&target).ok();
    };
    let all = ["a", "a/b", "a/b/one", "a/two", "c", "c/d", "c/d/three", "c/four", "five"];
    check(&[rule("/", true, None)], &[], &all);
    check(&[rule("/a/b", true, None)], &[], &["a", "a/b", "a/b/one"]);
    check(&[rule("/", true, None), rule("/c", false, None)], &[], &["a", "a/b", "a/b/one", "a/two", "five"]);
    check(&[rule("/", true, None), rule("/a/b", false, None)], &["/a"], &["a", "a/two"]);
    check(&[rule("/c", true, Some("uid:1000"))], &[], &["c", "c/four"]);
    check(&[rule("/nothing", true, None)], &[], &[]);
}
