//! Which segments become one. tantivy's own policy would merge while we look documents up, and what was looked up
//! would lie elsewhere; so merges happen between a commit and the end of the call that made it.

use tantivy::index::SegmentMeta;
use tantivy::{IndexWriter, index::SegmentId};

use crate::error::{Error, Result};
use crate::limits::{MERGED_DOCS_MAX, SEGMENTS_MAX};

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

fn choose(mut segments: Vec<SegmentMeta>) -> Vec<Vec<SegmentId>> {
    segments.sort_by_key(SegmentMeta::num_docs);
    let docs: Vec<u32> = segments.iter().map(SegmentMeta::num_docs).collect();
    let mut groups: Vec<Vec<SegmentId>> = Vec::new();
    let taken = smallest(&docs);
    if taken > 0 {
        groups.push(segments.iter().take(taken).map(SegmentMeta::id).collect());
    }
    let dead =
        |segment: &&SegmentMeta| f64::from(segment.num_deleted_docs()) > DEAD_SHARE_MAX * f64::from(segment.max_doc());
    groups.extend(segments.iter().skip(taken).filter(dead).map(|segment| vec![segment.id()]));
    groups
}

/// How many segments become one, from the smallest up: once a tier is full, everything below it goes with it. `docs`: those
/// of each, ascending.
fn smallest(docs: &[u32]) -> usize {
    // The others are large enough for ever: no two of them could become one.
    let docs = docs.get(..docs.partition_point(|docs| *docs <= MERGED_DOCS_MAX / 2)).unwrap_or_default();
    let mut taken = if docs.len() > SEGMENTS_MAX { docs.len() / 2 } else { 0 };
    let mut start = 0;
    for same in docs.chunk_by(|one, next| tier(*one) == tier(*next)) {
        start += same.len();
        if same.len() >= TIER_SEGMENTS {
            taken = taken.max(start);
        }
    }
    let sums = docs.iter().take(taken).scan(0_u32, |sum, docs| {
        *sum = sum.saturating_add(*docs);
        Some(*sum)
    });
    sums.take_while(|sum| *sum <= MERGED_DOCS_MAX).count()
}

fn tier(docs: u32) -> u32 {
    (docs / TIER_DOCS_MIN).max(1).ilog(TIER_RATIO)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Commits of so many documents, again and again: what is written anew, and what is left.
    fn merged(commits: usize, docs_of: impl Fn(usize) -> u32) -> (u64, Vec<u32>) {
        let (mut segments, mut written) = (Vec::new(), 0);
        for commit in 0..commits {
            segments.push(docs_of(commit));
            segments.sort_unstable();
            let taken = smallest(&segments);
            assert_ne!(taken, 1, "a segment alone need not be merged: {segments:?}");
            let one: u32 = segments.drain(..taken).sum();
            assert!(one <= MERGED_DOCS_MAX, "{one} of {segments:?}");
            written += u64::from(one);
            segments.extend((taken > 0).then_some(one));
            segments.sort_unstable();
            let small = segments.iter().filter(|docs| **docs <= MERGED_DOCS_MAX / 2).count();
            assert!(small <= SEGMENTS_MAX, "{segments:?}");
        }
        (written, segments)
    }

    #[test]
    fn merges_stay_few_and_small_however_commits_come() {
        for (commits, docs) in [(10_000, 10_000), (400, 250_000), (60, 1_500_000), (50, 3_000_000)] {
            let (written, segments) = merged(commits, |_| docs);
            let all = commits as u64 * u64::from(docs);
            assert_eq!(segments.iter().map(|docs| u64::from(*docs)).sum::<u64>(), all);
            assert!(written <= 6 * all, "{written} of {all} written anew");
        }
        merged(20_000, |commit| [1, 300_000, 7, 20_000, 1_100_000, 100][commit % 6]);
    }

    #[test]
    fn what_is_large_enough_stays_as_it_is() {
        assert_eq!(smallest(&[MERGED_DOCS_MAX / 2 + 1; 40]), 0);
        assert_eq!(smallest(&[MERGED_DOCS_MAX / 2; 40]), 2);
        assert_eq!(smallest(&[100; TIER_SEGMENTS]), TIER_SEGMENTS);
        assert_eq!(smallest(&[100; TIER_SEGMENTS - 1]), 0);
    }
}
