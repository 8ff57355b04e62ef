//! Which segments become one. tantivy's own policy would merge while we look documents up, and what was looked up
//! would lie elsewhere; so merges happen between a commit and the end of the call that made it.

use tantivy::index::SegmentMeta;
use tantivy::{IndexWriter, index::SegmentId};

use crate::error::{Error, Result};
use crate::limits::SEGMENTS_MAX;

/// Segments are of one size when they have the same number of digits in this base.
const TIER_RATIO: u32 = 4;
/// Smaller segments all count as of one size.
const TIER_DOCS_MIN: u32 = 16 << 10;
/// So many segments of one size become one.
const TIER_SEGMENTS: usize = 6;
/// A segment with more than this share of dead documents is written anew.
const DEAD_SHARE_MAX: f64 = 0.4;

/// Merges what should be merged.
pub(super) fn merge(index: &tantivy::Index, writer: &mut IndexWriter) -> Result<()> {
    let fault = |error| Error::tantivy("merging segments of the index", error);
    let segments = index.searchable_segment_metas().map_err(fault)?;
    for group in choose(segments) {
        writer.merge(&group).wait().map_err(fault)?;
    }
    let collected = writer.garbage_collect_files().wait();
    collected.map_err(|error| Error::tantivy("removing old files of the index", error))?;
    Ok(())
}

fn tier(docs: u32) -> u32 {
    (docs / TIER_DOCS_MIN).max(1).ilog(TIER_RATIO)
}

fn choose(mut segments: Vec<SegmentMeta>) -> Vec<Vec<SegmentId>> {
    segments.sort_by_key(SegmentMeta::num_docs);
    let mut groups: Vec<Vec<SegmentId>> = Vec::new();
    let mut small: Vec<&SegmentMeta> = Vec::new();
    // From the smallest up: once a tier is full, everything below it goes with it.
    let mut taken = 0;
    for (at, segment) in segments.iter().enumerate() {
        let next = segments.get(at + 1).map(|next| tier(next.num_docs()));
        small.push(segment);
        let same = small.iter().filter(|other| tier(other.num_docs()) == tier(segment.num_docs())).count();
        if next != Some(tier(segment.num_docs())) && same >= TIER_SEGMENTS {
            taken = at + 1;
        }
    }
    taken = taken.max(if segments.len() > SEGMENTS_MAX { segments.len() / 2 } else { 0 });
    if taken > 1 {
        groups.push(segments.iter().take(taken).map(SegmentMeta::id).collect());
    }
    let dead =
        |segment: &&SegmentMeta| f64::from(segment.num_deleted_docs()) > DEAD_SHARE_MAX * f64::from(segment.max_doc());
    groups.extend(segments.iter().skip(taken).filter(dead).map(|segment| vec![segment.id()]));
    groups
}
