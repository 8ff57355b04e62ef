//! A query and a scope, worked out for one commit.

use super::check::{Check, RunTest, mtime_bounds};
use super::narrow::Narrowed;
use super::texts::{Text, Texts};
use crate::dirs::NONE;
use crate::error::Result;
use crate::fold::fold;
use crate::names::{NameHits, Search, scan};
use crate::pattern::{Fit, Pattern};
use crate::query::{Clause, KindTest, OwnerTest, Query, SourceTest, Span, Test};
use crate::scope::{Scope, Sight};
use crate::state::SourceRecord;
use crate::versions::{Column, kind_value};
use crate::view::View;
use bygone_vault::NodeKind;

/// Lists of documents that are worth joining, per document of the segment: a list costs about as much as looking at so
/// many documents.
pub(super) const DOCS_PER_LIST: u32 = 192;
/// So few lists narrow down where other texts are looked for.
const NARROW_LISTS_MAX: usize = 4096;
/// Looking for a text that is less work than this, in bytes to read, needs not be narrowed down.
const NARROW_WORK_MIN: usize = 256 << 10;

/// Which lists of documents together hold all that can pass.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    pub(super) names: Vec<u32>,
    pub(super) dirs: Vec<u32>,
}

impl Lists {
    pub(super) fn len(&self) -> usize {
        self.names.len() + self.dirs.len()
    }

    /// Whether joining them is less work than looking at all documents of a segment.
    pub(super) fn are_worth_it(&self, docs: u32) -> bool {
        self.len() <= lists_max(docs)
    }
}

/// So many lists are worth joining in a segment.
fn lists_max(docs: u32) -> usize {
    (docs / DOCS_PER_LIST).max(1) as usize
}

/// What a search does.
pub(crate) struct Plan {
    pub(super) sight: Sight,
    /// What was changed before does not pass.
    pub(super) changed_from: u64,
    /// What is asked of places, then what is looked for in names, which are in memory too, then the rest: the cheapest first.
    pub(super) places: Vec<Check>,
    pub(super) texts: Texts,
    pub(super) checks: Vec<Check>,
    /// The fewest lists that some condition allows; none when all do too many.
    pub(super) lists: Option<Lists>,
    /// All that can pass, where that is little.
    pub(super) narrowed: Option<Narrowed>,
}

impl Plan {
    pub(crate) fn new(view: &View, query: &Query, scope: &Scope, threads: usize) -> Result<Self> {
        let sight = Sight::new(view, scope);
        let max = view.segments.iter().map(|segment| lists_max(segment.reader.max_doc())).max().unwrap_or(0);
        let (mut wanted, mut checks) = (Vec::new(), Vec::new());
        let mut lists: Option<Lists> = None;
        if let Sight::Some(table) = &sight {
            lists = table.dirs(max).map(|dirs| Lists { names: Vec::new(), dirs });
        }
        for clause in &query.clauses {
            match condition(view, clause, threads) {
                Condition::Text(text) => wanted.push(text),
                Condition::Check(check) => {
                    lists = fewer(lists, lists_of(&check, max).filter(|_| !clause.negated));
                    checks.push(check);
                }
            }
        }
        // Those first that leave little: the others are then looked for in that only.
        wanted.sort_by_key(|text| (text.negated, text.search.hits_min() > NARROW_LISTS_MAX, text.search.work()));
        let (mut texts, mut narrowed, mut narrow_max) = (Vec::new(), None, NARROW_LISTS_MAX);
        for wanted in wanted {
            if let Some(lists) = lists.as_ref().filter(|lists| narrowed.is_none() && lists.len() < narrow_max)
                && wanted.search.work() > NARROW_WORK_MIN
            {
                narrowed = Narrowed::new(view, lists, threads)?;
                narrow_max = lists.len();
            }
            let text = wanted.find(view, narrowed.as_ref(), threads);
            lists = fewer(lists, lists_of_text(&text, max).filter(|_| !text.negated));
            texts.push(text);
        }
        checks.sort_by_key(Check::cost);
        let changed_from = checks.iter().map(Check::changed_from).max().unwrap_or(0);
        let (places, checks) = checks.into_iter().partition(Check::is_of_place);
        let texts = Texts::new(texts, view.names.count());
        Ok(Self { sight, changed_from, places, texts, checks, lists, narrowed })
    }

    /// No name fits all texts that are looked for better.
    pub(super) fn score_max(&self) -> u32 {
        self.texts.score_max()
    }
}

/// Whichever are fewer.
fn fewer(one: Option<Lists>, other: Option<Lists>) -> Option<Lists> {
    one.into_iter().chain(other).min_by_key(Lists::len)
}

/// The directories that are marked, when they are not more than `max`.
fn marked(dirs: &[bool], max: usize) -> Option<Vec<u32>> {
    let marked = (0_u32..).zip(dirs).filter(|(_, is_marked)| **is_marked).map(|(dir, _)| dir);
    let marked: Vec<u32> = marked.take(max + 1).collect();
    (marked.len() <= max).then_some(marked)
}

/// The lists that hold all that has a text, when they are not more than `max`.
fn lists_of_text(text: &Text, max: usize) -> Option<Lists> {
    if text.hits.len() > max {
        return None;
    }
    let dirs = text.below.as_ref().map_or(Some(Vec::new()), |below| marked(below, max))?;
    Some(Lists { names: text.hits.ids(), dirs })
}

/// The lists that hold all that passes another condition, when they are not more than `max`.
fn lists_of(check: &Check, max: usize) -> Option<Lists> {
    match check {
        Check::Folder { dirs, .. } => Some(Lists { names: Vec::new(), dirs: marked(dirs, max)? }),
        Check::Below { depths, length, .. } => {
            let near: Vec<bool> = depths.iter().map(|depth| depth >= length).collect();
            Some(Lists { names: Vec::new(), dirs: marked(&near, max)? })
        }
        Check::OneOf { .. }
        | Check::Between { .. }
        | Check::Size { .. }
        | Check::Kind { .. }
        | Check::Source { .. }
        | Check::Run { .. } => None,
    }
}

/// Directories at or below one whose name fits.
fn fitting_dirs(view: &View, hits: &NameHits) -> Vec<bool> {
    view.dirs.descend(|above: bool, dir, _| above || (dir.parent != NONE && hits.has(dir.name)))
}

/// What a clause asks for.
enum Condition<'a> {
    Text(Box<Wanted<'a>>),
    Check(Check),
}

/// A text that is to be looked for.
struct Wanted<'a> {
    pattern: &'a Pattern,
    search: Search<'a>,
    /// In directories' names as well.
    is_anywhere: bool,
    negated: bool,
}

impl Wanted<'_> {
    fn find(&self, view: &View, narrowed: Option<&Narrowed>, threads: usize) -> Text {
        let Self { pattern, search, is_anywhere, negated } = self;
        if let Some(narrowed) = narrowed.filter(|narrowed| narrowed.work() < search.work()) {
            return narrowed.text(view, pattern, *is_anywhere, *negated);
        }
        let hits = search.run(threads);
        let below = is_anywhere.then(|| fitting_dirs(view, &hits)).filter(|below| below.contains(&true));
        Text { hits, below, negated: *negated }
    }
}

fn condition<'a>(view: &'a View, clause: &'a Clause, threads: usize) -> Condition<'a> {
    let negated = clause.negated;
    let names = |pattern: &Pattern| scan(&view.names, pattern, threads);
    Condition::Check(match &clause.test {
        Test::Anywhere(pattern) | Test::Name(pattern) => {
            let (search, is_anywhere) = (Search::new(&view.names, pattern), matches!(clause.test, Test::Anywhere(_)));
            return Condition::Text(Box::new(Wanted { pattern, search, is_anywhere, negated }));
        }
        Test::Folder(pattern) => Check::Folder { dirs: fitting_dirs(view, &names(pattern)), negated },
        Test::Below(path) => below(view, path, negated, threads),
        Test::Extension(wanted) => {
            Check::OneOf { column: Column::Extension, values: extensions(view, wanted), negated }
        }
        Test::Size(range) => Check::Size { from: *range.start(), to: *range.end(), negated },
        Test::Changed(span) => {
            let (from, to) = mtime_bounds(*span);
            Check::Between { column: Column::Mtime, from, to, negated }
        }
        Test::Added(span) => Check::Run { test: RunTest::AddedIn(*span), negated },
        Test::Seen(span) => Check::Run { test: RunTest::Seen(seen(view, *span)), negated },
        Test::Deleted(deleted) => Check::Run { test: RunTest::Deleted(*deleted), negated },
        Test::DeletedIn(span) => Check::Run { test: RunTest::DeletedIn(*span), negated },
        Test::Kind(tests) => kinds(view, tests, negated),
        Test::Host(patterns) => by_source(view, negated, |source| fits_any(patterns, &source.host)),
        Test::Source(tests) => by_source(view, negated, |source| {
            tests.iter().any(|test| match test {
                SourceTest::Uid(uid) => source.uid == *uid,
                SourceTest::Name(pattern) => fits(pattern, &source.name),
            })
        }),
        Test::Owner(tests) => {
            let is_meant = |owner: &crate::state::OwnerRecord| {
                tests.iter().any(|test| match test {
                    OwnerTest::Uid(uid) => owner.uid == *uid,
                    OwnerTest::Name(pattern) => fits(pattern, &owner.name),
                })
            };
            let values = view.state.owners.iter().map(is_meant).collect();
            Check::OneOf { column: Column::Owner, values, negated }
        }
        Test::Content(content) => Check::Between { column: Column::Content, from: *content, to: *content, negated },
    })
}

fn fits(pattern: &Pattern, text: &str) -> bool {
    pattern.fit(fold(text).as_bytes()) > Fit::None
}

fn fits_any(patterns: &[Pattern], text: &str) -> bool {
    patterns.iter().any(|pattern| fits(pattern, text))
}

fn by_source(view: &View, negated: bool, is_meant: impl Fn(&SourceRecord) -> bool) -> Check {
    Check::Source { sources: view.state.sources.iter().map(is_meant).collect(), negated }
}

fn extensions(view: &View, wanted: &[String]) -> Vec<bool> {
    let is_wanted = |extension: &String| wanted.contains(extension);
    view.state.extensions.iter().map(is_wanted).collect()
}

fn below(view: &View, path: &[Box<[u8]>], negated: bool, threads: usize) -> Check {
    let folded: Vec<Vec<u8>> = path.iter().map(|name| crate::fold::fold_name(name)).collect();
    let length = u32::try_from(folded.len()).unwrap_or(u32::MAX);
    // 1 is the root of a source, one more for every name of the path; what is deeper keeps the last number.
    let depths = view.dirs.descend(|above: u32, dir, _| match (dir.parent, above) {
        (NONE, _) => 1,
        (_, 0) => 0,
        (_, depth) if depth > length => depth,
        (_, depth) => {
            let fits =
                folded.get(depth as usize - 1).is_some_and(|name| view.names.folded(dir.name) == name.as_slice());
            if fits { depth + 1 } else { 0 }
        }
    });
    let last = match folded.last() {
        Some(last) => scan(&view.names, &Pattern::Part(last.as_slice().into()), threads),
        None => NameHits::none(),
    };
    Check::Below { depths, length, last, negated }
}

fn seen(view: &View, span: Span) -> Vec<(u32, u32)> {
    let time = |ordinal: &u32| view.state.snapshots.get(*ordinal as usize - 1).map_or(0, |one| one.time.as_second());
    let count = u16::try_from(view.state.sources.len()).unwrap_or(u16::MAX);
    let bounds = (0..count).map(|source| {
        let live = view.runs.live(source);
        let first = live.partition_point(|ordinal| time(ordinal) < span.from);
        let end = live.partition_point(|ordinal| time(ordinal) < span.until);
        (u32::try_from(first).unwrap_or(u32::MAX), u32::try_from(end).unwrap_or(u32::MAX))
    });
    bounds.collect()
}

fn kinds(view: &View, tests: &[KindTest], negated: bool) -> Check {
    let mut kinds = [false; 8];
    let mut extensions = vec![false; view.state.extensions.len()];
    let mut mark = |kind: NodeKind| {
        if let Some(flag) = kinds.get_mut(kind_value(kind) as usize) {
            *flag = true;
        }
    };
    for test in tests {
        match test {
            KindTest::Node(kind) => mark(*kind),
            KindTest::Other => {
                let others = [NodeKind::BlockDevice, NodeKind::CharDevice, NodeKind::Fifo, NodeKind::Socket];
                others.into_iter().chain([NodeKind::Unknown]).for_each(&mut mark);
            }
            KindTest::Family(family) => {
                for (flag, extension) in extensions.iter_mut().zip(&view.state.extensions) {
                    *flag |= family.contains(&extension.as_str());
                }
            }
        }
    }
    Check::Kind { kinds, extensions, negated }
}
