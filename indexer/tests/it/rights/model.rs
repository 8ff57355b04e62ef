//! The rules of a scope read as they are written, one document and one snapshot at a time, against every answer.

use std::collections::{BTreeMap, BTreeSet};

use bygone_common::SnapshotPath;
use bygone_indexer::{Document, Effect, FileOwner, Hit, Page, Scope, ScopeClause, Terms, Versions};
use bygone_vault::NodeKind;
use jiff::Timestamp;
use proptest::prelude::*;

use super::{path, stand};
use crate::fixture::{Stand, day, query, source};

/// Snapshots of each source.
const DAYS: u32 = 4;
const PREFIXES: [&str; 9] = [
    "/",
    "/home",
    "/home/alice",
    "/home/alice/secret",
    "/home/bob",
    "/home/bob/shared.doc",
    "/home/swap",
    "/report.txt",
    "/nowhere",
];

/// What of a document may be seen.
#[derive(Debug, Clone)]
struct Seen {
    document: Document,
    /// When the snapshots were taken that show it.
    times: Vec<Timestamp>,
}

impl Seen {
    fn first(&self) -> Timestamp {
        self.times[0]
    }

    fn last(&self) -> Timestamp {
        self.times[self.times.len() - 1]
    }

    fn is_current(&self) -> bool {
        self.last() == day(DAYS - 1)
    }

    fn is_deleted(&self) -> bool {
        self.document.is_deleted && self.last() == self.document.last.0
    }

    /// What tells it from others.
    fn identity(&self) -> (String, Vec<u8>, u64, i64, u32, Timestamp) {
        let one = &self.document;
        (one.source.to_string(), one.path.clone(), one.size, one.mtime, one.owner.0, self.first())
    }
}

fn identity(hit: &Hit) -> (String, Vec<u8>, u64, i64, u32, Timestamp) {
    (hit.source.to_string(), hit.path.clone(), hit.size, hit.mtime, hit.owner_uid, hit.first.time)
}

/// All documents, and who owned each path when.
struct World {
    documents: Vec<Document>,
    owners: BTreeMap<(String, Vec<u8>, Timestamp), (u32, String)>,
}

fn days_of(document: &Document) -> impl Iterator<Item = Timestamp> + use<> {
    let (first, last) = (document.first.0, document.last.0);
    (0..DAYS).map(day).filter(move |time| first <= *time && *time <= last)
}

impl World {
    fn new(stand: &Stand) -> Self {
        let (mut documents, mut owners) = (Vec::new(), BTreeMap::new());
        stand.index.documents(|document| {
            for time in days_of(&document) {
                owners.insert((document.source.to_string(), document.path.clone(), time), document.owner.clone());
            }
            documents.push(document);
        });
        Self { documents, owners }
    }

    fn is_theirs(&self, document: &Document, path: &[u8], time: Timestamp, owner: &FileOwner) -> bool {
        let Some((uid, name)) = self.owners.get(&(document.source.to_string(), path.to_vec(), time)) else {
            return false;
        };
        match owner {
            FileOwner::Uid(theirs) => uid == theirs,
            FileOwner::Name(theirs) => name == theirs,
            // No file of these trees has one.
            FileOwner::Sid(_) => false,
        }
    }

    /// Whether a clause says something of a document in a snapshot.
    fn holds(&self, clause: &ScopeClause, document: &Document, time: Timestamp) -> bool {
        let prefix = if clause.prefix.is_root() { Vec::new() } else { clause.prefix.to_bytes() };
        let Some(rest) = document.path.strip_prefix(prefix.as_slice()) else { return false };
        if clause.source.is_some_and(|uid| uid != document.source) || !(rest.is_empty() || rest.starts_with(b"/")) {
            return false;
        }
        let Effect::Allow(Terms { owner, since }) = &clause.effect else { return true };
        // Every name below the prefix, down to the document; or itself, where it is the prefix.
        let ends = (prefix.len() + 1..document.path.len()).filter(|at| document.path[*at] == b'/');
        let ends = ends.chain([document.path.len()]);
        let is_theirs = |owner| ends.clone().all(|end| self.is_theirs(document, &document.path[..end], time, owner));
        since.is_none_or(|since| time >= since) && owner.as_ref().is_none_or(is_theirs)
    }

    fn seen(&self, clauses: &[ScopeClause]) -> Vec<Seen> {
        let may = |document: &Document, time: Timestamp| {
            let any = |denies: bool| {
                let are_meant = clauses.iter().filter(|clause| (clause.effect == Effect::Deny) == denies);
                are_meant.into_iter().any(|clause| self.holds(clause, document, time))
            };
            any(false) && !any(true)
        };
        let seen = self.documents.iter().map(|document| {
            let times = days_of(document).filter(|time| may(document, *time)).collect();
            Seen { document: document.clone(), times }
        });
        seen.filter(|seen| !seen.times.is_empty()).collect()
    }
}

/// A question about runs of snapshots, and what it means.
type AboutRuns = (&'static str, fn(&Seen) -> bool);

const ABOUT_RUNS: [AboutRuns; 6] = [
    ("deleted:yes", |seen| !seen.is_current() && seen.is_deleted()),
    ("deleted:no", Seen::is_current),
    ("added:2026-11-03", |seen| seen.first() == day(2)),
    ("seen:2026-11-02", |seen| seen.times.contains(&day(1))),
    ("-seen:2026-11-03", |seen| !seen.times.contains(&day(2))),
    ("deleted:2026-11-04", |seen| !seen.is_current() && seen.is_deleted() && seen.last() == day(2)),
];
const OTHERS: [&str; 9] =
    ["", "report", "name:rep*", "ext:txt", "path:/home", "-report", "alice", "size:>0", "kind:folder"];

fn clauses() -> impl Strategy<Value = Vec<ScopeClause>> {
    let owner = prop_oneof![
        3 => Just(None),
        1 => Just(Some(FileOwner::Uid(1001))),
        1 => Just(Some(FileOwner::Name("alice".to_owned()))),
        1 => Just(Some(FileOwner::Uid(1000))),
        1 => Just(Some(FileOwner::Uid(77))),
        1 => Just(Some(FileOwner::Sid("S-1-5-21-1-2-3-1001".to_owned()))),
    ];
    let since = prop_oneof![2 => Just(None), 1 => (0..=DAYS).prop_map(|number| Some(day(number)))];
    let terms = (owner, since).prop_map(|(owner, since)| Effect::Allow(Terms { owner, since }));
    let effect = prop_oneof![3 => terms, 1 => Just(Effect::Deny)];
    let from = prop_oneof![Just(None), Just(Some(1)), Just(Some(2)), Just(Some(3))];
    let one = (effect, from, 0..PREFIXES.len()).prop_map(|(effect, from, prefix)| {
        let prefix: SnapshotPath = path(PREFIXES[prefix]);
        ScopeClause { effect, source: from.map(source), prefix }
    });
    proptest::collection::vec(one, 0..5)
}

/// Everything that an answer tells is what the model sees.
fn check(stand: &Stand, scope: &Scope, seen: &[Seen], question: &str, expected: &[&Seen]) -> Result<(), TestCaseError> {
    let found = stand.ask_as(question, scope);
    let told: BTreeSet<_> = found.hits.iter().map(identity).collect();
    prop_assert_eq!(&told, &expected.iter().map(|one| one.identity()).collect::<BTreeSet<_>>());
    prop_assert_eq!((found.total, found.hits.len()), (expected.len() as u64, expected.len()));
    for hit in &found.hits {
        let one = expected.iter().find(|one| one.identity() == identity(hit)).unwrap();
        let gone = one.is_deleted().then(|| one.last() + jiff::SignedDuration::from_hours(24));
        prop_assert_eq!((hit.last.time, hit.is_current, hit.deleted), (one.last(), one.is_current(), gone));
        let is_same_path = |other: &&Seen| other.document.source == hit.source && other.document.path == hit.path;
        prop_assert_eq!(hit.versions, Some(seen.iter().filter(is_same_path).count() as u64));
    }
    let facets = found.facets.unwrap();
    for values in [&facets.kinds, &facets.sources, &facets.hosts, &facets.years] {
        prop_assert_eq!(values.iter().map(|value| value.count).sum::<u64>(), found.total);
    }
    let files = expected.iter().filter(|one| one.document.kind == NodeKind::File).count() as u64;
    for values in [&facets.extensions, &facets.sizes] {
        prop_assert_eq!(values.iter().map(|value| value.count).sum::<u64>(), files);
    }
    let page = Page { limit: 500, versions: Versions::Best, ..Page::default() };
    let best = stand.index.search(&query(question), scope, &page).unwrap();
    let paths: BTreeSet<_> = found.hits.iter().map(|hit| (hit.source.to_string(), hit.path.clone())).collect();
    prop_assert_eq!((best.hits.len(), best.paths), (paths.len(), Some(paths.len() as u64)));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Hits, totals, facets, version counts, copies, completions and suggestions are those of an index that holds
    /// nothing but what may be seen.
    #[test]
    fn nothing_outside_the_scope_shows(clauses in clauses(), about in 0..ABOUT_RUNS.len(), other in 0..OTHERS.len()) {
        thread_local! {
            static STAND: (Stand, World) = {
                let stand = stand();
                let world = World::new(&stand);
                (stand, world)
            };
        }
        STAND.with(|(stand, world)| {
            let scope = Scope::new(clauses.clone()).unwrap();
            let seen = world.seen(&clauses);
            let (question, is_meant) = ABOUT_RUNS[about];
            check(stand, &scope, &seen, question, &seen.iter().filter(|one| is_meant(one)).collect::<Vec<_>>())?;
            // What a question is about that asks for no runs is what everybody's answer holds, as far as it is seen.
            let everything = stand.ask(OTHERS[other]);
            let is_found = |one: &&Seen| everything.hits.iter().any(|hit| {
                let run = (hit.source, hit.path.as_slice(), hit.owner_uid, hit.first.time);
                run == (one.document.source, one.document.path.as_slice(), one.document.owner.0, one.document.first.0)
            });
            check(stand, &scope, &seen, OTHERS[other], &seen.iter().filter(is_found).collect::<Vec<_>>())?;
            for hit in stand.ask_as("kind:file", &scope).hits {
                let Some(content) = &hit.content else { continue };
                let same = u64::from_str_radix(content, 16).unwrap();
                let page = Page { limit: 500, versions: Versions::All, ..Page::default() };
                let copies = stand.index.same_content(same, &scope, &page).unwrap().total;
                prop_assert_eq!(copies, seen.iter().filter(|one| one.document.content == same).count() as u64);
            }
            for completion in stand.index.complete("r", &scope, 10).unwrap() {
                let name = |one: &&Seen| one.document.path.ends_with(format!("/{}", completion.name).as_bytes());
                prop_assert_eq!(completion.versions, seen.iter().filter(name).count() as u64);
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
