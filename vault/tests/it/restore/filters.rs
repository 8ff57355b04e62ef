//! Restores of parts.

use std::fs;
use std::os::unix::fs::MetadataExt;

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
