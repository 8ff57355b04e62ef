//! What the index holds after any history is what the snapshots that are left say.

use std::collections::{BTreeMap, BTreeSet};

use bygone_common::TreeId;
use bygone_indexer::Document;
use proptest::prelude::*;

use crate::fixture::{DIR_MTIME, File, Stand, Tree, day, file, snapshot, snapshot_id, source, tree};

/// A document as one comparable line.
fn line(document: &Document) -> String {
    let Document { source, path, kind, size, mtime, owner, extension, content, first, last, is_current, is_deleted } =
        document;
    let path = String::from_utf8_lossy(path);
    format!(
        "{source} {path} {} {size} {mtime} {owner:?} {extension} {content:x} {}..{} current={is_current} deleted={is_deleted}",
        kind.name(),
        first.0,
        last.0
    )
}

fn lines(stand: &Stand) -> Vec<String> {
    let mut lines = Vec::new();
    stand.index.documents(|document| lines.push(line(&document)));
    lines.sort();
    lines
}

/// Files and directories of a tree: what tells versions apart.
fn entries(tree: &Tree) -> BTreeMap<String, Option<File>> {
    let mut entries = BTreeMap::new();
    for (path, file) in tree {
        let mut at = String::new();
        let mut names = path.trim_matches('/').split('/').peekable();
        while let Some(name) = names.next() {
            at = format!("{at}/{name}");
            entries.insert(at.clone(), names.peek().is_none().then(|| file.clone()));
        }
    }
    entries
}

/// What the snapshots say: for every path, runs of equal versions.
fn expected(snapshots: &BTreeMap<u32, Tree>) -> Vec<(String, Option<File>, u32, u32, bool, bool)> {
    let trees: Vec<(u32, BTreeMap<String, Option<File>>)> =
        snapshots.iter().map(|(number, tree)| (*number, entries(tree))).collect();
    let paths: BTreeSet<&String> = trees.iter().flat_map(|(_, entries)| entries.keys()).collect();
    let mut runs = Vec::new();
    for path in paths {
        let mut open: Option<(Option<File>, u32, u32)> = None;
        for (number, entries) in &trees {
            let here = entries.get(path);
            match (&mut open, here) {
                (Some((version, _, last)), Some(here)) if version == here => *last = *number,
                (_, here) => {
                    if let Some((version, first, last)) = open.take() {
                        runs.push((path.clone(), version, first, last, false, here.is_none()));
                    }
                    open = here.map(|here| (here.clone(), *number, *number));
                }
            }
        }
        if let Some((version, first, last)) = open {
            runs.push((path.clone(), version, first, last, true, false));
        }
    }
    runs
}

/// Path; size, time and owner; first and last snapshot; whether the newest has it, and whether it was deleted.
type Held = (String, (u64, i64, u32), String, String, bool, bool);

/// The same of the index.
fn held(stand: &Stand) -> Vec<Held> {
    let mut held = Vec::new();
    stand.index.documents(|document| {
        held.push((
            String::from_utf8(document.path).unwrap(),
            (document.size, document.mtime, document.owner.0),
            document.first.0.to_string(),
            document.last.0.to_string(),
            document.is_current,
            document.is_deleted,
        ));
    });
    held.sort();
    held
}

fn seconds(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_second()
}

fn check(stand: &Stand, snapshots: &BTreeMap<u32, Tree>) {
    let mut expected: Vec<_> = expected(snapshots)
        .into_iter()
        .map(|(path, version, first, last, is_current, is_deleted)| {
            let version = match version {
                Some(file) => (file.size, seconds(&file.mtime), file.uid),
                None => (0, seconds(DIR_MTIME), 0),
            };
            (path, version, day(first).to_string(), day(last).to_string(), is_current, is_deleted)
        })
        .collect();
    expected.sort();
    assert_eq!(held(stand), expected);
    let mut anew = Stand::new();
    for (number, tree) in snapshots {
        anew.take(1, *number, tree);
    }
    assert_eq!(lines(stand), lines(&anew));
}

#[test]
fn a_version_is_kept_once_however_many_snapshots_have_it() {
    let days = [
        tree([("/home/a.txt", file("a")), ("/home/b.txt", file("b"))]),
        tree([("/home/a.txt", file("a")), ("/home/b.txt", file("bb"))]),
        tree([("/home/a.txt", file("a"))]),
    ];
    let stand = Stand::of(&days);
    check(&stand, &(0..).zip(days).collect());
    assert_eq!(stand.index.status().versions, 4);
}

#[test]
fn what_did_not_change_is_not_read() {
    let mut stand = Stand::new();
    let mut days = tree([("/a/b/c.txt", file("c")), ("/d/e.txt", file("e"))]);
    stand.take(1, 0, &days);
    stand.forest.read.lock().unwrap().clear();
    days.insert("/d/e.txt".to_owned(), file("other"));
    let done = stand.take(1, 1, &days);
    // The root and /d.
    assert_eq!(stand.forest.read.lock().unwrap().len(), 2);
    assert_eq!((done.added, done.ended, done.directories), (1, 1, 2));
}

#[test]
fn a_snapshot_is_ingested_once_and_copies_count_as_one() {
    let mut stand = Stand::of(&[tree([("/a", file("a"))])]);
    let known = stand.index.known();
    assert!(stand.take(1, 0, &tree([("/a", file("a"))])).was_known);
    let mut copy = snapshot(1, 0, known[0].tree);
    copy.repository = crate::fixture::repository(2);
    copy.snapshot = snapshot_id(9, 9);
    assert!(stand.index.ingest(&stand.forest, &copy).unwrap().was_known);
    assert_eq!(stand.index.status().snapshots, 1);
    assert_eq!(stand.index.known()[0].copies.len(), 2);
    // One copy gone, the other holds the versions.
    stand.index.expire_in(source(1), crate::fixture::repository(1), &[]).unwrap();
    assert_eq!(stand.paths("a"), ["/a"]);
    stand.index.expire(source(1), &[]).unwrap();
    assert_eq!(stand.index.status().versions, 0);
    assert!(stand.index.known().is_empty());
}

#[test]
fn a_directory_that_cannot_be_read_keeps_what_it_had() {
    let mut stand = Stand::of(&[tree([("/a/b.txt", file("b")), ("/c.txt", file("c"))])]);
    let days = tree([("/a/b.txt", file("other")), ("/c.txt", file("c"))]);
    let broken: TreeId = {
        let mut forest = crate::fixture::Forest::default();
        forest.plant(&tree([("/b.txt", file("other"))]))
    };
    stand.forest.broken.push(broken);
    let done = stand.take(1, 1, &days);
    assert_eq!(done.broken_count, 1);
    assert_eq!(done.broken[0].0, b"/a");
    assert_eq!(stand.ask("b.txt").total, 1);
    stand.forest.broken.clear();
    stand.take(1, 2, &days);
    assert_eq!(stand.ask("b.txt").total, 2);
}

#[test]
fn a_root_that_cannot_be_read_ingests_nothing() {
    let stand = Stand::new();
    let error = stand.index.ingest(&stand.forest, &snapshot(1, 0, TreeId::default())).unwrap_err();
    assert_eq!(error.kind(), bygone_indexer::ErrorKind::Repository);
    assert!(stand.index.known().is_empty());
}

#[derive(Debug, Clone)]
enum Step {
    Take(u32),
    Forget(Vec<u32>),
}

const PATHS: [&str; 7] = ["/a", "/b", "/d/a", "/d/b", "/d/e/a", "/f/a", "/d/e"];
const DAYS: u32 = 6;

/// A tree of some of the paths; `/d/e` is a file in some and a directory in others.
fn trees() -> impl Strategy<Value = Vec<Tree>> {
    let one = proptest::collection::vec(0_u8..4, PATHS.len()).prop_map(|choices| {
        let mut tree = Tree::new();
        for (path, choice) in PATHS.iter().zip(choices) {
            let is_blocked = *path == "/d/e" && tree.contains_key("/d/e/a");
            if choice > 0 && !is_blocked {
                tree.insert((*path).to_owned(), file(&"x".repeat(choice.into())));
            }
        }
        tree
    });
    proptest::collection::vec(one, DAYS as usize)
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0..DAYS).prop_map(Step::Take),
        1 => proptest::collection::vec(0..DAYS, 1..4).prop_map(Step::Forget),
    ];
    proptest::collection::vec(step, 1..9)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Snapshots come in any order, go at any time, and come back: document for document, the index is what the
    /// snapshots that are left say, and what an index made anew of them holds.
    #[test]
    fn rebuild_equals_incremental(trees in trees(), steps in steps()) {
        let mut stand = Stand::new();
        let mut live: BTreeMap<u32, Tree> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Take(number) => {
                    stand.take(1, number, &trees[number as usize]);
                    live.insert(number, trees[number as usize].clone());
                }
                Step::Forget(numbers) => {
                    live.retain(|number, _| !numbers.contains(number));
                    let ids: Vec<_> = live.keys().map(|number| snapshot_id(1, *number)).collect();
                    stand.index.expire(source(1), &ids).unwrap();
                }
            }
        }
        check(&stand, &live);
    }
}
