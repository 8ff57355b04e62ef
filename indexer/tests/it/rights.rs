//! Nothing outside the scope shows in any answer.

use std::collections::BTreeMap;

use bygone_common::SnapshotPath;
use bygone_indexer::{Document, Effect, FileOwner, Page, Scope, ScopeClause, Versions};
use proptest::prelude::*;

use crate::fixture::{Stand, Tree, file, query, source, tree};

fn path(text: &str) -> SnapshotPath {
    SnapshotPath::parse(text.as_bytes()).unwrap()
}

fn clause(effect: Effect, from: Option<u8>, prefix: &str, owner: Option<FileOwner>) -> ScopeClause {
    ScopeClause { effect, source: from.map(source), prefix: path(prefix), owner }
}

/// The rule in words: allowed by some clause, denied by none.
fn may_see(scope: &[ScopeClause], document: &Document) -> bool {
    let names = |clause: &ScopeClause, effect: Effect| {
        let prefix = clause.prefix.to_bytes();
        let is_at = clause.prefix.is_root()
            || document.path == prefix
            || document.path.strip_prefix(prefix.as_slice()).is_some_and(|rest| rest.starts_with(b"/"));
        let is_theirs = match &clause.owner {
            None => true,
            Some(FileOwner::Uid(uid)) => document.owner.0 == *uid,
            Some(FileOwner::Name(name)) => document.owner.1 == *name,
        };
        clause.effect == effect && clause.source.is_none_or(|uid| uid == document.source) && is_at && is_theirs
    };
    scope.iter().any(|clause| names(clause, Effect::Allow)) && !scope.iter().any(|clause| names(clause, Effect::Deny))
}

fn stand() -> Stand {
    let mut stand = Stand::new();
    for number in [1, 2] {
        let first = tree([
            ("/home/alice/report.txt", file("r")),
            ("/home/alice/secret/report.txt", file("s")),
            ("/home/bob/report.txt", file("r").owner(1001, "bob")),
            ("/home/bob/shared.doc", file("x")),
            ("/report.txt", file("root").owner(0, "root")),
        ]);
        stand.take(number, 0, &first);
        let second = tree([
            ("/home/alice/report.txt", file("changed")),
            ("/home/bob/report.txt", file("r").owner(1001, "bob")),
            ("/report.txt", file("root").owner(0, "root")),
        ]);
        stand.take(number, 1, &second);
    }
    stand
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
    let scope = Scope::new(vec![
        clause(Effect::Allow, Some(1), "/home/alice", None),
        clause(Effect::Deny, None, "/home/alice/secret", None),
    ])
    .unwrap();
    let found = stand.ask_as("", &scope);
    let paths: Vec<_> = found.hits.iter().map(|hit| String::from_utf8_lossy(&hit.path).into_owned()).collect();
    assert_eq!(paths.len(), 3);
    assert!(paths.iter().all(|path| path == "/home/alice" || path == "/home/alice/report.txt"), "{paths:?}");
    assert!(found.hits.iter().all(|hit| hit.source == source(1)));
    assert_eq!(
        Scope::new(vec![clause(Effect::Allow, None, "/home/ali", None)])
            .map(|scope| stand.ask_as("", &scope).total)
            .unwrap(),
        0
    );
}

#[test]
fn a_file_may_be_the_prefix_and_an_owner_the_limit() {
    let stand = stand();
    let scope = Scope::new(vec![clause(Effect::Allow, Some(1), "/home/bob/shared.doc", None)]).unwrap();
    assert_eq!(stand.ask_as("", &scope).hits[0].path, b"/home/bob/shared.doc");
    let scope = Scope::new(vec![clause(Effect::Allow, None, "/", Some(FileOwner::Uid(1001)))]).unwrap();
    let found = stand.ask_as("", &scope);
    assert_eq!(found.total, 2);
    assert!(found.hits.iter().all(|hit| hit.path == b"/home/bob/report.txt" && hit.owner_name == "bob"));
}

#[test]
fn a_scope_has_bounds() {
    let owners = (0..40).map(|uid| clause(Effect::Allow, None, "/", Some(FileOwner::Uid(uid)))).collect();
    assert_eq!(Scope::new(owners).unwrap_err().kind(), bygone_indexer::ErrorKind::InvalidInput);
}

const PREFIXES: [&str; 8] =
    ["/", "/home", "/home/alice", "/home/alice/secret", "/home/bob", "/home/bob/shared.doc", "/report.txt", "/nowhere"];
const QUESTIONS: [&str; 10] =
    ["", "report", "name:rep*", "ext:txt", "deleted:yes", "path:/home", "-report", "alice", "size:>0", "kind:folder"];

fn clauses() -> impl Strategy<Value = Vec<ScopeClause>> {
    let owner = prop_oneof![
        4 => Just(None),
        1 => Just(Some(FileOwner::Uid(1001))),
        1 => Just(Some(FileOwner::Name("alice".to_owned()))),
        1 => Just(Some(FileOwner::Uid(77))),
    ];
    let effect = prop_oneof![2 => Just(Effect::Allow), 1 => Just(Effect::Deny)];
    let from = prop_oneof![Just(None), Just(Some(1)), Just(Some(2)), Just(Some(3))];
    let one = (effect, from, 0..PREFIXES.len(), owner)
        .prop_map(|(effect, from, prefix, owner)| clause(effect, from, PREFIXES[prefix], owner));
    proptest::collection::vec(one, 0..5)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Hits, totals, facets, version counts, copies, completions and suggestions are those of an index that holds
    /// nothing but what may be seen.
    #[test]
    fn nothing_outside_the_scope_shows(clauses in clauses(), question in 0..QUESTIONS.len()) {
        thread_local! {
            static STAND: Stand = stand();
        }
        STAND.with(|stand| {
            let scope = Scope::new(clauses.clone()).unwrap();
            let mut seen = Vec::new();
            stand.index.documents(|document| if may_see(&clauses, &document) { seen.push(document) });
            let identity = |source, path: &[u8], size, mtime, first| (source, path.to_vec(), size, mtime, first);
            let allowed: Vec<_> = seen.iter()
                .map(|one| identity(one.source, &one.path, one.size, one.mtime, one.first.0)).collect();
            let everything = stand.ask(QUESTIONS[question]);
            let found = stand.ask_as(QUESTIONS[question], &scope);
            // What everybody's answer holds and the scope allows, and nothing else.
            let of = |hit: &bygone_indexer::Hit| identity(hit.source, &hit.path, hit.size, hit.mtime, hit.first.time);
            let expected: Vec<_> = everything.hits.iter().map(of).filter(|hit| allowed.contains(hit)).collect();
            let hits: Vec<_> = found.hits.iter().map(of).collect();
            prop_assert_eq!(&hits, &expected);
            prop_assert_eq!(found.total, hits.len() as u64);
            let facets = found.facets.unwrap();
            for values in [&facets.kinds, &facets.sources, &facets.hosts, &facets.years] {
                prop_assert_eq!(values.iter().map(|value| value.count).sum::<u64>(), found.total);
            }
            let files = found.hits.iter().filter(|hit| hit.kind == bygone_vault::NodeKind::File).count() as u64;
            for values in [&facets.extensions, &facets.sizes] {
                prop_assert_eq!(values.iter().map(|value| value.count).sum::<u64>(), files);
            }
            for hit in &found.hits {
                let versions = seen.iter().filter(|one| one.source == hit.source && one.path == hit.path).count();
                prop_assert_eq!(hit.versions, Some(versions as u64));
            }
            let best = Page { limit: 500, versions: Versions::Best, ..Page::default() };
            let best = stand.index.search(&query(QUESTIONS[question]), &scope, &best).unwrap();
            let mut paths: BTreeMap<_, u64> = BTreeMap::new();
            for hit in &found.hits {
                *paths.entry((hit.source, hit.path.clone())).or_default() += 1;
            }
            prop_assert_eq!(best.hits.len(), paths.len());
            prop_assert_eq!(best.paths, Some(paths.len() as u64));
            for completion in stand.index.complete("r", &scope, 10).unwrap() {
                let name = |one: &Document| one.path.ends_with(format!("/{}", completion.name).as_bytes());
                prop_assert_eq!(completion.versions, seen.iter().filter(|one| name(one)).count() as u64);
                prop_assert!(completion.versions > 0);
            }
            for text in ["кузщке", "reprot", "secert"] {
                for suggestion in stand.ask_as(text, &scope).suggestions {
                    prop_assert_eq!(stand.ask_as(&suggestion.query, &scope).total, suggestion.total);
                    prop_assert!(suggestion.total > 0);
                }
            }
            Ok(())
        })?;
    }
}

#[test]
fn a_suggestion_of_what_may_not_be_seen_is_not_made() {
    let mut stand = Stand::new();
    stand.take(1, 0, &Tree::from([("/secret/budget.xlsx".to_owned(), file("b")), ("/open/x".to_owned(), file("x"))]));
    let scope = Scope::new(vec![clause(Effect::Allow, None, "/open", None)]).unwrap();
    assert_eq!(stand.ask("buget").suggestions.len(), 1);
    assert!(stand.ask_as("buget", &scope).suggestions.is_empty());
    assert!(stand.ask_as("игвпуе", &scope).suggestions.is_empty());
}
