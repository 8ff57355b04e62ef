//! Whose every directory was. Grants for an owner's files reach down through directories that are the owner's, so a
//! question under such a grant has to know. Worked out when first asked for, once a commit: four bytes a directory.

use std::collections::HashMap;

use bygone_vault::NodeKind;
use tantivy::DocId;

use crate::dirs::Dirs;
use crate::versions::{Column, Segment, kind_of};

/// Documents whose kinds are read together.
const BLOCK_DOCS: usize = 1024;
/// In the table: it changed hands.
const MANY: u32 = u32::MAX;
/// In the table: no document says. The first owner is nobody's.
const NOBODY: u32 = 0;

/// An owner, and the boundaries between which a directory was theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hand {
    pub(crate) owner: u32,
    pub(crate) from: u32,
    pub(crate) until: u32,
}

/// Whose a directory was.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Hands<'a> {
    /// One owner's, in every snapshot that had it.
    One(u32),
    /// Several owners'.
    Many(&'a [Hand]),
}

/// Whose every directory was.
#[derive(Debug, Default)]
pub(crate) struct DirOwners {
    one: Vec<u32>,
    many: HashMap<u32, Vec<Hand>>,
}

impl DirOwners {
    pub(crate) fn new(segments: &[Segment], dirs: &Dirs) -> Self {
        let mut numbers: Vec<(u32, u32, u32)> = dirs
            .parents
            .iter()
            .zip(&dirs.names)
            .zip(0_u32..)
            .map(|((parent, name), number)| (*parent, *name, number))
            .collect();
        numbers.sort_unstable();
        let number_of = |parent: u32, name: u32| {
            let at = numbers.partition_point(|(p, n, _)| (*p, *n) < (parent, name));
            numbers.get(at).filter(|(p, n, _)| (*p, *n) == (parent, name)).map(|(_, _, number)| *number)
        };
        let mut one = vec![NOBODY; numbers.len()];
        let mut is_met = vec![false; numbers.len()];
        each_dir(segments, |segment, doc| {
            let version = segment.version(doc);
            let Some(number) = number_of(version.dir, version.name) else { return };
            let (Some(owner), Some(is_met)) = (one.get_mut(number as usize), is_met.get_mut(number as usize)) else {
                return;
            };
            if !*is_met {
                *owner = version.owner;
            } else if *owner != version.owner {
                *owner = MANY;
            }
            *is_met = true;
        });
        let mut many: HashMap<u32, Vec<Hand>> = HashMap::new();
        if one.contains(&MANY) {
            each_dir(segments, |segment, doc| {
                let version = segment.version(doc);
                if let Some(number) = number_of(version.dir, version.name)
                    && one.get(number as usize) == Some(&MANY)
                {
                    let hand = Hand { owner: version.owner, from: version.from, until: version.until };
                    many.entry(number).or_default().push(hand);
                }
            });
        }
        Self { one, many }
    }

    /// Whose a directory was.
    pub(crate) fn of(&self, dir: u32) -> Hands<'_> {
        match self.one.get(dir as usize).copied().unwrap_or(NOBODY) {
            MANY => Hands::Many(self.many.get(&dir).map_or(&[], Vec::as_slice)),
            owner => Hands::One(owner),
        }
    }
}

/// Calls for every living document of a directory.
fn each_dir(segments: &[Segment], mut call: impl FnMut(&Segment, DocId)) {
    let mut kinds = vec![0; BLOCK_DOCS];
    for segment in segments {
        let Some(column) = segment.column(Column::Kind) else { continue };
        let count = segment.reader.max_doc();
        for start in (0..count).step_by(BLOCK_DOCS) {
            let end = count.min(start + BLOCK_DOCS as u32);
            let Some(kinds) = kinds.get_mut(..(end - start) as usize) else { continue };
            column.get_range(u64::from(start), kinds);
            let is_dir = |kind: u64| kind_of(kind) == NodeKind::Dir;
            for (doc, _) in (start..end).zip(kinds.iter()).filter(|(_, kind)| is_dir(**kind)) {
                if !segment.reader.is_deleted(doc) {
                    call(segment, doc);
                }
            }
        }
    }
}
