//! Filling a result in.

use bygone_vault::NodeKind;

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

/// Calls for the documents of one path that pass, segment by segment, until it breaks off; `false` when they are too
/// many to look at.
fn each_of_path(
    view: &View,
    (dir, name): (u32, u32),
    pass: impl Fn(&mut Block<'_>),
    mut call: impl FnMut(usize, &Segment, u32),
) -> Result<bool> {
    let mut docs = Vec::new();
    for (at, segment) in view.segments.iter().enumerate() {
        docs.clear();
        let (by_name, by_dir) = segment.counts_of(name, dir);
        if by_name.min(by_dir) as usize > PATH_VERSIONS_MAX {
            return Ok(false);
        }
        if by_name <= by_dir {
            segment.docs_of_name(name, &mut docs)?;
        } else {
            segment.docs_of_dir(dir, &mut docs)?;
        }
        if docs.is_empty() {
            continue;
        }
        let mut block = Block::new(segment);
        for docs in docs.chunks(BLOCK_DOCS) {
            block.fill_list(docs);
            block.keep_both(Column::Dir, Column::Name, |d, n| d == u64::from(dir) && n == u64::from(name));
            pass(&mut block);
            block.each([], |doc, []| call(at, segment, doc));
        }
    }
    Ok(true)
}

/// Whether no other version of the path fits and comes before this one.
pub(super) fn is_best(view: &View, plan: &Plan, sort: Sort, key: &Key, at: Address) -> Result<bool> {
    let Some(version) = view.segments.get(at.segment).map(|segment| segment.version(at.doc)) else { return Ok(false) };
    let mut is_best = true;
    let pass = |block: &mut Block<'_>| filter(view, plan, block);
    each_of_path(view, (version.dir, version.name), pass, |_, segment, doc| {
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
    })?;
    Ok(is_best)
}

pub(super) fn hit(view: &View, plan: &Plan, query: &Query, at: Address) -> Result<Hit> {
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
    let counted = each_of_path(view, (version.dir, version.name), pass, |_, _, _| versions += 1)?;
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
        versions: counted.then_some(versions),
    })
}
