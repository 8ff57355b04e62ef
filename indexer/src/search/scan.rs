//! Looking at documents.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use bygone_vault::backend::CancelToken;
use tantivy::DocId;

use super::Versions;
use super::block::{BLOCK_DOCS, Block, Placed};
use super::facets::Counts;
use super::narrow::docs_of;
use super::plan::{DOCS_PER_LIST, Lists, Plan};
use super::rank::{Best, Key, Sort, complete, gone_at, name_rank, path_hash};
use crate::error::{Error, ErrorKind, Result};
use crate::marks::Marks;
use crate::scope::{Glance, Sight, Spot};
use crate::versions::Column;
use crate::view::{Address, View};

/// Documents that one thread takes at once.
const PIECE_DOCS: u32 = 128 << 10;
/// Documents below which a second thread costs more than it saves.
const THREAD_DOCS_MIN: u32 = 64 << 10;
/// Paths up to which they are told apart and counted.
const PATHS_COUNTED_MAX: usize = 64 << 10;

/// What is wanted of a scan.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Want<'a> {
    pub(crate) hits: usize,
    pub(crate) sort: Sort,
    pub(crate) versions: Versions,
    pub(crate) facets: bool,
    pub(crate) threads: usize,
    /// How many versions that fit are enough: then the scan ends.
    pub(crate) enough: u64,
    /// Pulled when nobody waits for the answer any more.
    pub(crate) token: &'a CancelToken,
}

/// What a scan found.
pub(crate) struct Scanned {
    pub(crate) total: u64,
    pub(crate) paths: Option<u64>,
    pub(crate) best: Vec<(Key, Address)>,
    pub(crate) facets: Option<Counts>,
}

/// Documents to look at.
enum Piece<'a> {
    All(usize, Range<DocId>),
    /// What these lists name.
    Listed(usize, &'a Lists),
    /// These, ascending.
    Narrowed(usize, &'a [DocId]),
}

impl Piece<'_> {
    /// About how much work it is, in documents.
    fn docs(&self) -> u32 {
        match self {
            Self::All(_, range) => range.end - range.start,
            Self::Listed(_, lists) => u32::try_from(lists.len()).unwrap_or(u32::MAX).saturating_mul(DOCS_PER_LIST),
            Self::Narrowed(_, docs) => u32::try_from(docs.len()).unwrap_or(u32::MAX),
        }
    }
}

/// What one thread found.
struct Part {
    total: u64,
    paths: Vec<u64>,
    best: Best,
    facets: Option<Counts>,
}

/// Looks at everything that can pass; the best come after `after`.
pub(crate) fn scan(view: &View, plan: &Plan, want: &Want<'_>, after: Option<&Key>) -> Result<Scanned> {
    let mut pieces = Vec::new();
    for (at, segment) in view.segments.iter().enumerate() {
        if let Some(narrowed) = &plan.narrowed {
            pieces.push(Piece::Narrowed(at, narrowed.docs(at)));
            continue;
        }
        let count = segment.reader.max_doc();
        match plan.lists.as_ref().filter(|lists| lists.are_worth_it(count)) {
            Some(lists) => pieces.push(Piece::Listed(at, lists)),
            None => {
                let starts = (0..count).step_by(PIECE_DOCS as usize);
                pieces.extend(starts.map(|start| Piece::All(at, start..count.min(start + PIECE_DOCS))));
            }
        }
    }
    let docs = pieces.iter().fold(0_u32, |sum, piece| sum.saturating_add(piece.docs()));
    let threads = if docs < THREAD_DOCS_MIN { 1 } else { want.threads.clamp(1, pieces.len().max(1)) };
    let next = AtomicUsize::new(0);
    let work = || {
        let mut part = Part::new(view, want, after);
        while part.total < want.enough
            && let Some(piece) = pieces.get(next.fetch_add(1, Ordering::Relaxed))
        {
            if want.token.is_cancelled() {
                return Err(Error::new(ErrorKind::Cancelled, "nobody waits for what is searched for any more"));
            }
            part.look(view, plan, want, piece)?;
        }
        Ok(part)
    };
    let mut all = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut all: Part = work()?;
        for other in others {
            match other.join() {
                Ok(part) => all.merge(part?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok(all)
    })?;
    let paths = (all.paths.len() < PATHS_COUNTED_MAX).then(|| {
        all.paths.sort_unstable();
        all.paths.dedup();
        all.paths.len() as u64
    });
    Ok(Scanned { total: all.total, paths, best: all.best.finish(), facets: all.facets })
}

/// Keeps of a block what the query and the scope let through.
pub(super) fn filter(view: &View, plan: &Plan, block: &mut Block<'_>) {
    if block.newest() < plan.changed_from {
        return block.clear();
    }
    for check in &plan.places {
        check.apply(view, &plan.sight, block);
    }
    if block.len() > 0 {
        plan.texts.apply(block);
    }
    for check in &plan.checks {
        if block.len() == 0 {
            return;
        }
        check.apply(view, &plan.sight, block);
    }
    look(view, plan, block);
    block.keep_living();
}

/// Keeps of a block what the scope lets be seen.
pub(super) fn look(view: &View, plan: &Plan, block: &mut Block<'_>) {
    let Sight::Some(table) = &plan.sight else { return };
    // Most directories are seen or not, whatever lies in them; only what is left of the others is looked at closely.
    let is_cut = plan.sight.cuts() && !table.is_glance_enough();
    let placed = |dir| match table.glance(dir) {
        Glance::Nothing => Placed::Nothing,
        Glance::Everything => Placed::Everything,
        Glance::Some if is_cut => Placed::Everything,
        Glance::Some => Placed::Each,
    };
    block.keep_placed(&Marks::default(), placed, |dir, name| table.sees(dir, name));
    if is_cut {
        block.keep_all(Spot::COLUMNS, |values| {
            let spot = Spot::of(values);
            table.glance(spot.dir) == Glance::Everything || plan.sight.shown(&view.runs, spot).is_some()
        });
    }
}

/// How well a name fits all texts that are looked for.
#[inline]
pub(super) fn score(plan: &Plan, name: u64) -> u32 {
    let name = u32::try_from(name).unwrap_or(u32::MAX);
    plan.texts.score(name)
}

impl Part {
    fn new(view: &View, want: &Want<'_>, after: Option<&Key>) -> Self {
        let facets = want.facets.then(|| Counts::new(view));
        Self { total: 0, paths: Vec::new(), best: Best::new(want.hits, want.versions, after), facets }
    }

    fn look(&mut self, view: &View, plan: &Plan, want: &Want<'_>, piece: &Piece<'_>) -> Result<()> {
        let at = match piece {
            Piece::All(at, _) | Piece::Listed(at, _) | Piece::Narrowed(at, _) => *at,
        };
        let Some(segment) = view.segments.get(at) else { return Ok(()) };
        let mut block = Block::new(segment);
        match piece {
            Piece::All(_, range) => {
                for start in range.clone().step_by(BLOCK_DOCS) {
                    if self.total >= want.enough {
                        break;
                    }
                    block.fill_range(start, range.end.min(start + BLOCK_DOCS as u32));
                    self.take(view, plan, want, at, &mut block);
                }
            }
            Piece::Listed(_, lists) => {
                let docs = docs_of(segment, lists, usize::MAX)?;
                self.look_at(view, plan, want, (at, &docs), &mut block);
            }
            Piece::Narrowed(_, docs) => self.look_at(view, plan, want, (at, docs), &mut block),
        }
        Ok(())
    }

    /// Looks at some documents of a segment.
    fn look_at(
        &mut self,
        view: &View,
        plan: &Plan,
        want: &Want<'_>,
        (at, docs): (usize, &[DocId]),
        block: &mut Block<'_>,
    ) {
        for docs in docs.chunks(BLOCK_DOCS) {
            block.fill_list(docs);
            self.take(view, plan, want, at, block);
        }
    }

    fn take(&mut self, view: &View, plan: &Plan, want: &Want<'_>, at: usize, block: &mut Block<'_>) {
        let segment = block.segment();
        filter(view, plan, block);
        if block.len() == 0 {
            return;
        }
        self.total += block.len() as u64;
        if let Some(facets) = &mut self.facets {
            facets.count(view, block);
        }
        if self.paths.len() < PATHS_COUNTED_MAX {
            block.each([Column::Dir, Column::Name], |_, [dir, name]| self.paths.push(dir << 32 | name));
        }
        if want.hits == 0 {
            return;
        }
        let best = &mut self.best;
        // Most of what fits a broad question comes after what is kept: one column tells, and the others are not read.
        let least = |score: u32, mtime: u64| want.sort.rank(score, mtime, 0, || [0; 2]);
        let newest = block.newest();
        match want.sort {
            Sort::Best | Sort::Newest if !best.reaches(least(plan.score_max(), newest)) => return,
            Sort::Best => block.keep(Column::Name, |name| best.may_begin(least(score(plan, name), newest))),
            Sort::Newest => block.keep(Column::Mtime, |mtime| best.may_begin(least(u32::MAX, mtime))),
            Sort::Oldest | Sort::Name | Sort::NameReversed | Sort::Largest | Sort::Smallest | Sort::LastGone => {}
        }
        let mut offer = |doc: DocId, name: u64, mtime: u64, amount: u64| {
            let small = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
            let rank = want.sort.rank(score(plan, name), mtime, amount, || name_rank(view, small(name)));
            let path = || (small(segment.value(Column::Dir, doc)), small(name));
            if best.may_take(rank, || path_hash(view, path())) {
                best.offer(
                    complete(view, &plan.sight, want.sort, rank, segment, doc),
                    Address { segment: at, doc },
                    path(),
                );
            }
        };
        match want.sort {
            Sort::Best | Sort::Newest | Sort::Oldest | Sort::Name | Sort::NameReversed => {
                block.each([Column::Name, Column::Mtime], |doc, [name, mtime]| offer(doc, name, mtime, 0));
            }
            Sort::Largest | Sort::Smallest => {
                block.each([Column::Name, Column::Mtime, Column::Size], |doc, [name, mtime, size]| {
                    offer(doc, name, mtime, size);
                });
            }
            Sort::LastGone => {
                let [dir, name, owner, from, until] = Spot::COLUMNS;
                let columns = [dir, name, owner, from, until, Column::Mtime];
                block.each(columns, |doc, [dir, name, owner, from, until, mtime]| {
                    let spot = Spot::of([dir, name, owner, from, until]);
                    offer(doc, name, mtime, gone_at(view, &plan.sight, spot));
                });
            }
        }
    }

    fn merge(&mut self, other: Self) {
        self.total += other.total;
        self.paths.extend(other.paths);
        self.best.merge(other.best);
        if let (Some(facets), Some(others)) = (&mut self.facets, other.facets) {
            facets.merge(others);
        }
    }
}
