//! Nothing outside the scope shows in any answer.

use bygone_common::SnapshotPath;
use bygone_indexer::{Effect, FileOwner, Page, Scope, ScopeClause, Terms, Versions};
use jiff::Timestamp;

use crate::fixture::{Stand, Tree, day, file, query, source, tree};

mod model;

pub(crate) fn path(text: &str) -> SnapshotPath {
    SnapshotPath::parse(text.as_bytes()).unwrap()
}

pub(crate) fn allow(from: Option<u8>, prefix: &str) -> ScopeClause {
    ScopeClause::allow(from.map(source), path(prefix))
}

fn deny(from: Option<u8>, prefix: &str) -> ScopeClause {
    ScopeClause::deny(from.map(source), path(prefix))
}

/// What lies below a prefix and is an owner's, in snapshots that were taken then or later.
fn owned(from: Option<u8>, prefix: &str, owner: FileOwner, since: Option<Timestamp>) -> ScopeClause {
    ScopeClause { effect: Effect::Allow(Terms { owner: Some(owner), since }), ..allow(from, prefix) }
}

fn since(from: Option<u8>, prefix: &str, since: Timestamp) -> ScopeClause {
    ScopeClause { effect: Effect::Allow(Terms { owner: None, since: Some(since) }), ..allow(from, prefix) }
}

/// Two sources of four days, in which files come and go, and directories change hands.
pub(crate) fn stand() -> Stand {
    let (alice, bob) = (|text: &str| file(text), |text: &str| file(text).owner(1001, "bob"));
    let mut stand = Stand::new();
    for number in [1, 2] {
        let first = tree([
            ("/home/alice/", alice("")),
            ("/home/alice/report.txt", alice("r")),
            ("/home/alice/secret/report.txt", alice("s")),
            ("/home/bob/", bob("")),
            ("/home/bob/report.txt", bob("r")),
            ("/home/bob/shared.doc", alice("x")),
            ("/home/swap/", alice("")),
            ("/home/swap/report.md", alice("w")),
            ("/report.txt", file("root").owner(0, "root")),
        ]);
        let second = tree([
            ("/home/alice/", alice("")),
            ("/home/alice/report.txt", alice("changed")),
            ("/home/bob/", bob("")),
            ("/home/bob/report.txt", bob("r")),
            ("/home/swap/", bob("")),
            ("/home/swap/report.md", alice("w")),
            ("/home/swap/report.log", bob("l")),
            ("/report.txt", file("root").owner(0, "root")),
        ]);
        let third = tree([
            ("/home/alice/", bob("")),
            ("/home/alice/report.txt", alice("changed")),
            ("/home/bob/", bob("")),
            ("/home/bob/report.txt", alice("r")),
            ("/home/swap/", alice("")),
            ("/home/swap/report.md", alice("w")),
            ("/report.txt", file("root").owner(0, "root")),
        ]);
        let fourth = tree([
            ("/home/alice/", alice("")),
            ("/home/alice/report.txt", alice("r")),
            ("/home/bob/", bob("")),
            ("/home/bob/report.txt", bob("r")),
            ("/report.txt", file("root").owner(1001, "bob")),
        ]);
        for (day, tree) in (0..).zip([first, second, third, fourth]) {
            stand.take(number, day, &tree);
        }
    }
    stand
}

fn paths(stand: &Stand, question: &str, clauses: Vec<ScopeClause>) -> Vec<String> {
    let found = stand.ask_as(question, &Scope::new(clauses).unwrap());
    let mut paths: Vec<_> = found.hits.iter().map(|hit| String::from_utf8_lossy(&hit.path).into_owned()).collect();
    assert_eq!(found.total, paths.len() as u64);
    paths.sort();
    paths
}

#[test]
fn without_a_clause_nothing_is_seen() {
    let stand = stand();
    let none = Scope::new(Vec::new()).unwrap();
    let found = stand.ask_as("", &none);
    assert_eq!((found.total, found.hits.len()), (0, 0));
    assert_eq!(found.facets.unwrap(), bygone_indexer::Facets::default());
    assert!(stand.index.complete("rep", &none, 10).unwrap().is_empty());
    assert!(stand.ask_as("кузщке", &none).suggestions.is_empty());
}

#[test]
fn a_prefix_is_of_whole_names_and_deny_wins() {
    let stand = stand();
    let scope = vec![allow(Some(1), "/home/alice"), deny(None, "/home/alice/secret")];
    let found = stand.ask_as("kind:file", &Scope::new(scope.clone()).unwrap());
    assert!(found.hits.iter().all(|hit| hit.path == b"/home/alice/report.txt" && hit.source == source(1)));
    assert_eq!(found.total, 3);
    assert_eq!(paths(&stand, "secret", scope), [""; 0]);
    assert_eq!(paths(&stand, "", vec![allow(None, "/home/ali")]), [""; 0]);
    let owner = FileOwner::Uid(1000);
    let everywhere = vec![owned(Some(1), "/", owner, None), since(None, "/", day(0)), deny(None, "/home")];
    assert_eq!(paths(&stand, "report -ext:txt", everywhere.clone()), [""; 0]);
    assert_eq!(paths(&stand, "deleted:no", everywhere), ["/report.txt"; 2]);
}

#[test]
fn a_file_may_be_the_prefix() {
    let stand = stand();
    assert_eq!(paths(&stand, "", vec![allow(Some(1), "/home/bob/shared.doc")]), ["/home/bob/shared.doc"]);
    let alice = FileOwner::Name("alice".to_owned());
    let theirs = vec![owned(Some(1), "/home/bob/report.txt", alice, None)];
    let found = stand.ask_as("", &Scope::new(theirs).unwrap());
    assert_eq!((found.total, found.hits[0].first.time, found.hits[0].last.time), (1, day(2), day(2)));
}

#[test]
fn an_owners_files_are_those_reached_through_what_is_theirs() {
    let stand = stand();
    let alice = || vec![owned(Some(1), "/home", FileOwner::Uid(1000), None)];
    // Her file in a folder of his is not reached; what root has in her folder is not hers.
    assert_eq!(paths(&stand, "shared", alice()), [""; 0]);
    assert_eq!(paths(&stand, "secret", alice()), [""; 0]);
    let found = stand.ask_as("report.md", &Scope::new(alice()).unwrap());
    let hit = &found.hits[0];
    // The folder was his on the second day; it went on the fourth.
    assert_eq!((found.total, hit.first.time, hit.last.time, hit.deleted), (1, day(0), day(2), Some(day(3))));
    let seen = |on: u32| {
        let on = day(on).strftime("%Y-%m-%d").to_string();
        paths(&stand, &format!("report.md seen:{on}"), alice())
    };
    assert_eq!((seen(0).len(), seen(1).len(), seen(2).len(), seen(3).len()), (1, 0, 1, 0));
    // Her folder was his on the third day, and the file that lay in it was changed on the fourth.
    let found = stand.ask_as("report.txt", &Scope::new(alice()).unwrap());
    let told: Vec<_> = found.hits.iter().map(|hit| (hit.first.time, hit.last.time, hit.is_current)).collect();
    assert!(told.contains(&(day(1), day(1), false)), "{told:?}");
}

#[test]
fn history_that_may_not_be_seen_is_neither_shown_nor_asked_of() {
    let stand = stand();
    let lately = || Scope::new(vec![since(Some(1), "/", day(2))]).unwrap();
    let found = stand.ask_as("path:/report.txt owner:root", &lately());
    assert_eq!((found.total, found.hits[0].first.time, found.hits[0].last.time), (1, day(2), day(2)));
    let added = |on: u32| {
        let text = format!("path:/report.txt owner:root added:{}", day(on).strftime("%Y-%m-%d"));
        (stand.ask(&text).total, stand.ask_as(&text, &lately()).total)
    };
    // Everybody else is told when it came; who sees two days of it, that it was there on the first of them.
    assert_eq!((added(0), added(2)), ((2, 0), (0, 1)));
    assert_eq!(stand.ask_as("secret", &lately()).total, 0);
    assert_eq!(stand.ask_as("report.log", &lately()).total, 0);
    assert_eq!(stand.ask_as("report.md", &lately()).hits[0].versions, Some(1));
}

#[test]
fn a_scope_has_a_bound_and_room_for_many_owners() {
    let stand = stand();
    let owners = (0..5_000).map(|uid| owned(Some(1), "/home/bob", FileOwner::Uid(uid), None)).collect();
    assert_eq!(paths(&stand, "shared", owners), ["/home/bob/shared.doc"]);
    let clauses = vec![allow(None, "/"); bygone_indexer::limits::SCOPE_CLAUSES_MAX + 1];
    assert_eq!(Scope::new(clauses).unwrap_err().kind(), bygone_indexer::ErrorKind::InvalidInput);
}

#[test]
fn a_suggestion_of_what_may_not_be_seen_is_not_made() {
    let mut stand = Stand::new();
    stand.take(1, 0, &Tree::from([("/secret/budget.xlsx".to_owned(), file("b")), ("/open/x".to_owned(), file("x"))]));
    stand.take(1, 1, &Tree::from([("/open/x".to_owned(), file("x"))]));
    assert_eq!(stand.ask("buget").suggestions.len(), 1);
    let bob = FileOwner::Uid(1001);
    for clause in [allow(None, "/open"), since(None, "/", day(1)), owned(None, "/", bob, None)] {
        let scope = Scope::new(vec![clause]).unwrap();
        assert!(stand.ask_as("buget", &scope).suggestions.is_empty());
        assert!(stand.ask_as("игвпуе", &scope).suggestions.is_empty());
    }
}

#[test]
fn pages_of_what_is_seen_in_part_repeat_and_miss_nothing() {
    let stand = stand();
    let scope = Scope::new(vec![owned(None, "/home", FileOwner::Uid(1000), None), since(None, "/", day(2))]).unwrap();
    let page = Page { limit: 2, versions: Versions::All, ..Page::default() };
    let whole: Vec<_> = stand.ask_as("report", &scope).hits.into_iter().map(|hit| (hit.path, hit.first.time)).collect();
    let (mut told, mut after) = (Vec::new(), None);
    loop {
        let found = stand.index.search(&query("report"), &scope, &Page { after, ..page.clone() }).unwrap();
        told.extend(found.hits.into_iter().map(|hit| (hit.path, hit.first.time)));
        after = found.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(told, whole);
}
