//! Filling a result in.

use bygone_vault::NodeKind;
use tantivy::DocId;

use super::block::{BLOCK_DOCS, Block};
use super::plan::Plan;
use super::rank::{Key, Sort, complete, gone_at, name_rank};
use super::scan::{filter, look, score};
use super::{Hit, SnapshotAt};
use crate::error::{Error, Result};
use crate::highlight::highlights;
use crate::limits::PATH_VERSIONS_MAX;
use crate::query::Query;
use crate::scope::Spot;
use crate::versions::{Column, Segment};
use crate::view::{Address, View};

/// The documents of one path, dead ones too.
pub(super) struct SamePath {
    /// By segment, ascending.
    docs: Vec<(usize, Vec<DocId>)>,
    /// Whether these are all; else they were too many to look at.
    is_all: bool,
}

impl SamePath {
    /// Those of the path of a document.
    pub(super) fn of(view: &View, at: Address) -> Result<Self> {
        let mut same = Self { docs: Vec::new(), is_all: true };
        let Some(version) = view.segments.get(at.segment).map(|segment| segment.version(at.doc)) else {
            return Ok(same);
        };
        let mut docs = Vec::new();
        for (number, segment) in view.segments.iter().enumerate() {
            docs.clear();
            let (by_name, by_dir) = segment.counts_of(version.name, version.dir);
            if by_name.min(by_dir) as usize > PATH_VERSIONS_MAX {
                same.is_all = false;
                break;
            }
            // What one list says of a document need not be read, and the other list would be longer.
            let (column, value) = if by_name <= by_dir {
                segment.docs_of_name(version.name, &mut docs)?;
                (Column::Dir, version.dir)
            } else {
                segment.docs_of_dir(version.dir, &mut docs)?;
                (Column::Name, version.name)
            };
            let mut left = Vec::new();
            if !docs.is_empty() {
                let mut block = Block::new(segment);
                for docs in docs.chunks(BLOCK_DOCS) {
                    block.fill_list(docs);
                    block.keep(column, |of_doc| of_doc == u64::from(value));
                    block.each([], |doc, []| left.push(doc));
                }
            }
            if !left.is_empty() {
                same.docs.push((number, left));
            }
        }
        Ok(same)
    }

    /// Those of the paths of some documents, in their order. Names that many documents have take a while.
    pub(super) fn of_each(view: &View, found: &[(Key, Address)], threads: usize) -> Result<Vec<Self>> {
        let of = |found: &[(Key, Address)]| found.iter().map(|(_, at)| Self::of(view, *at)).collect::<Result<Vec<_>>>();
        let share = found.len().div_ceil(threads.max(1)).max(1);
        let (mine, others) = found.split_at(share.min(found.len()));
        std::thread::scope(|scope| {
            let others: Vec<_> = others.chunks(share).map(|found| scope.spawn(move || of(found))).collect();
            let mut all = of(mine)?;
            for other in others {
                match other.join() {
                    Ok(more) => all.extend(more?),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            Ok(all)
        })
    }

    /// Calls for those that pass.
    fn each(&self, view: &View, pass: impl Fn(&mut Block<'_>), mut call: impl FnMut(&Segment, DocId)) {
        for (number, docs) in &self.docs {
            let Some(segment) = view.segments.get(*number) else { continue };
            let mut block = Block::new(segment);
            for docs in docs.chunks(BLOCK_DOCS) {
                block.fill_list(docs);
                pass(&mut block);
                block.each([], |doc, []| call(segment, doc));
            }
        }
    }
}

/// Whether no other version of the path fits and comes before this one.
pub(super) fn is_best(view: &View, plan: &Plan, sort: Sort, key: &Key, same: &SamePath) -> bool {
    let mut is_best = true;
    let pass = |block: &mut Block<'_>| filter(view, plan, block);
    same.each(view, pass, |segment, doc| {
        let other = segment.version(doc);
        let mtime = segment.value(Column::Mtime, doc);
        let fit = score(plan, other.name.into());
        let amount = match sort {
            Sort::LastGone => gone_at(view, &plan.sight, Spot::from(&other)),
            Sort::Best
            | Sort::Newest
            | Sort::Oldest
            | Sort::Name
            | Sort::NameReversed
            | Sort::Largest
            | Sort::Smallest => other.size,
        };
        let rank = sort.rank(fit, mtime, amount, || name_rank(view, other.name));
        is_best &= rank > key.rank || complete(view, &plan.sight, sort, rank, segment, doc) >= *key;
    });
    is_best
}

pub(super) fn hit(view: &View, plan: &Plan, query: &Query, at: Address, same: &SamePath) -> Result<Hit> {
    let lost = || Error::damaged("the index lacks what a document of it names");
    let segment = view.segments.get(at.segment).ok_or_else(lost)?;
    let version = segment.version(at.doc);
    let shown = plan.sight.shown(&view.runs, Spot::from(&version)).ok_or_else(lost)?;
    let run = shown.run;
    let number = view.runs.source(version.from);
    let source = view.state.sources.get(number as usize).ok_or_else(lost)?;
    let snapshot = |position: u32| {
        let ordinal = view.runs.live(number).get(position as usize)?;
        let record = view.state.snapshots.get(*ordinal as usize - 1)?;
        Some(SnapshotAt { time: record.time, copies: record.copies.clone() })
    };
    let owner = view.state.owners.get(version.owner as usize).ok_or_else(lost)?;
    let mut versions = 0;
    let pass = |block: &mut Block<'_>| {
        look(view, plan, block);
        block.keep_living();
    };
    same.each(view, pass, |_, _| versions += 1);
    let path = view.path(version.dir, version.name);
    let deleted = snapshot(run.until).filter(|_| version.gone && shown.to_the_end).map(|snapshot| snapshot.time);
    Ok(Hit {
        source: source.uid,
        source_name: source.name.clone(),
        host: source.host.clone(),
        highlights: highlights(&path, query),
        path,
        kind: version.kind,
        size: version.size,
        mtime: version.mtime,
        owner_uid: owner.uid,
        owner_name: owner.name.clone(),
        content: (version.content != 0 && version.kind == NodeKind::File).then(|| format!("{:016x}", version.content)),
        first: snapshot(run.from).ok_or_else(lost)?,
        last: run.until.checked_sub(1).and_then(snapshot).ok_or_else(lost)?,
        is_current: run.is_current(),
        deleted,
        versions: same.is_all.then_some(versions),
    })
}
