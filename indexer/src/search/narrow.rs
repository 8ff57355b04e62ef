//! What some conditions of a query leave, when it is little: texts that many names have are then looked for in its names and
//! directories only.

use std::sync::atomic::{AtomicUsize, Ordering};

use tantivy::DocId;

use super::plan::Lists;
use super::texts::Text;
use crate::dirs::NONE;
use crate::error::Result;
use crate::names::{READ_NAME_BYTES, among};
use crate::pattern::Pattern;
use crate::versions::{Column, Segment};
use crate::view::View;

/// So many documents of a segment are little; of more, names and directories would be as much work as all there are.
const DOCS_MAX: usize = 16 << 10;

/// Documents in some lists, of all segments.
pub(super) struct Narrowed {
    /// By segment, ascending, dead ones too.
    docs: Vec<Vec<DocId>>,
    /// Their names, each once.
    names: Vec<u32>,
    /// Their directories and those above, each once, ascending.
    dirs: Vec<u32>,
}

impl Narrowed {
    /// `None` when it is not little.
    pub(super) fn new(view: &View, lists: &Lists, threads: usize) -> Result<Option<Self>> {
        let Some(docs) = docs_of_all(view, lists, threads)? else { return Ok(None) };
        let (mut names, mut is_dir) = (Vec::new(), vec![false; view.dirs.count() as usize]);
        for (segment, docs) in view.segments.iter().zip(&docs) {
            for doc in docs {
                names.push(small(segment.value(Column::Name, *doc)));
                let mut dir = small(segment.value(Column::Dir, *doc));
                while let Some(place) = is_dir.get_mut(dir as usize).filter(|is_known| !**is_known) {
                    *place = true;
                    dir = view.dirs.get(dir).map_or(NONE, |dir| dir.parent);
                }
            }
        }
        names.sort_unstable();
        names.dedup();
        let dirs = (0_u32..).zip(is_dir).filter(|(_, is_there)| *is_there).map(|(dir, _)| dir).collect();
        Ok(Some(Self { docs, names, dirs }))
    }

    pub(super) fn docs(&self, segment: usize) -> &[DocId] {
        self.docs.get(segment).map_or(&[], Vec::as_slice)
    }

    /// About how much work it is to look for a text, in bytes to read.
    pub(super) fn work(&self) -> usize {
        (self.names.len() + self.dirs.len()) * READ_NAME_BYTES
    }

    /// What has a text; of names and directories that are not here it says nothing.
    pub(super) fn text(&self, view: &View, pattern: &Pattern, is_anywhere: bool, negated: bool) -> Text {
        let dir_name = |dir: &u32| view.dirs.get(*dir).filter(|dir| dir.parent != NONE).map(|dir| dir.name);
        let of_dirs = self.dirs.iter().filter(|_| is_anywhere).filter_map(dir_name);
        let mut names: Vec<u32> = self.names.iter().copied().chain(of_dirs).collect();
        names.sort_unstable();
        names.dedup();
        let hits = among(&view.names, pattern, &names);
        let below = is_anywhere.then(|| {
            let mut below = vec![false; view.dirs.count() as usize];
            for (number, dir) in self.dirs.iter().filter_map(|number| Some((*number, view.dirs.get(*number)?))) {
                let is_below = below.get(dir.parent as usize).copied().unwrap_or(false);
                if let Some(place) = below.get_mut(number as usize) {
                    *place = is_below || (dir.parent != NONE && hits.has(dir.name));
                }
            }
            below
        });
        Text { hits, below, negated }
    }
}

fn small(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn docs_of_all(view: &View, lists: &Lists, threads: usize) -> Result<Option<Vec<Vec<DocId>>>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut found = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(segment) = view.segments.get(at) else { return Ok(found) };
            found.push((at, docs_of(segment, lists, DOCS_MAX)?));
        }
    };
    let mut all = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(view.segments.len())).map(|_| scope.spawn(work)).collect();
        let mut all: Vec<(usize, Vec<DocId>)> = work()?;
        for other in others {
            match other.join() {
                Ok(found) => all.extend(found?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Result::Ok(all)
    })?;
    all.sort_unstable_by_key(|(at, _)| *at);
    let docs: Vec<Vec<DocId>> = all.into_iter().map(|(_, docs)| docs).collect();
    Ok(docs.iter().all(|docs| docs.len() <= DOCS_MAX).then_some(docs))
}

/// The documents of a segment in some lists, each once, ascending. Of more than `max` only some, and more than that.
pub(super) fn docs_of(segment: &Segment, lists: &Lists, max: usize) -> Result<Vec<DocId>> {
    let mut docs = Vec::new();
    for name in &lists.names {
        segment.docs_of_name(*name, &mut docs)?;
    }
    for dir in &lists.dirs {
        if docs.len() > max {
            return Ok(docs);
        }
        segment.docs_of_dir(*dir, &mut docs)?;
    }
    docs.sort_unstable();
    docs.dedup();
    Ok(docs)
}
