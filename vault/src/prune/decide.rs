//! What becomes of each pack.

use std::cmp::Reverse;
use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::survey::{Named, Pack, Survey};
use super::usage::{Blob, Content, Usage};
use super::{Amount, MaxUnused, PruneOptions, PruneStats, Repack};
use crate::error::{Error, ErrorKind, Result};

/// A pack of less than this share of a full pack's bytes is a small one.
const SMALL_DIVISOR: u64 = 2;
/// Small packs that it pays to make one of.
const SMALL_PACKS_MIN: usize = 2;

/// What becomes of a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It stays as it is.
    Keep,
    /// What is needed of it is written elsewhere; then it is marked.
    Repack,
    /// Nothing of it is needed: it is marked, or without a grace deleted.
    Retire,
    /// Nothing of it is needed, but the storage keeps it: it is marked, whatever the grace.
    Mark,
    /// It is marked and stays for now.
    Wait,
    /// It is marked and needed again.
    Recover,
    /// It is deleted.
    Delete,
    /// Index files name it, but it is not there, and nothing of it is needed: its names go.
    Drop,
}

/// The decisions, by the numbers of packs.
#[derive(Debug)]
pub(super) struct Decisions {
    pub(super) fates: Vec<Fate>,
    pub(super) stats: PruneStats,
    /// In which pack a blob is counted.
    pub(super) owners: HashMap<Blob, u32>,
}

impl Decisions {
    pub(super) fn is_empty(&self) -> bool {
        self.fates.iter().all(|fate| matches!(fate, Fate::Keep | Fate::Wait))
    }
}

pub(super) fn decide(survey: &Survey, usage: Usage, options: &PruneOptions, version: u32) -> Result<Decisions> {
    let Usage { owners, contents } = usage;
    let fates: Vec<Fate> = survey
        .packs
        .iter()
        .zip(&contents)
        .map(|(pack, content)| first_fate(pack, content, options))
        .collect::<Result<_>>()?;
    let mut deciding = Deciding { survey, contents: &contents, options, fates };
    deciding.choose_repacks(version);
    let stats = deciding.stats();
    Ok(Decisions { fates: deciding.fates, stats, owners })
}

/// What becomes of a pack as far as it depends on that pack alone.
fn first_fate(pack: &Pack, content: &Content, options: &PruneOptions) -> Result<Fate> {
    let is_used = content.used_blobs > 0;
    let Some(stored_bytes) = pack.stored_bytes else { return Ok(Fate::Drop) };
    if is_used && stored_bytes < content.used_bytes {
        let sentence = format!("pack {} has {stored_bytes} bytes, fewer than its blobs", pack.id);
        return Err(Error::new(ErrorKind::Damaged, sentence).context("nothing is pruned: check the repository"));
    }
    Ok(match (pack.named, is_used) {
        (Named::Marked(_), true) => Fate::Recover,
        (Named::Marked(time), false) if may_go(time, options) && pack.locked_until.is_none() => Fate::Delete,
        (Named::Marked(_), false) => Fate::Wait,
        (Named::Used, true) => Fate::Keep,
        (Named::Used | Named::Nowhere, _) if pack.locked_until.is_some() => Fate::Mark,
        (Named::Used | Named::Nowhere, _) => Fate::Retire,
    })
}

/// Whether a pack that was marked at `time` may go.
fn may_go(time: Timestamp, options: &PruneOptions) -> bool {
    let unread = options.leased_since.is_none_or(|since| time < since);
    unread && options.now >= deletion_of(time, options)
}

fn deletion_of(time: Timestamp, options: &PruneOptions) -> Timestamp {
    let grace = SignedDuration::try_from(options.grace).unwrap_or(SignedDuration::MAX);
    time.checked_add(grace).unwrap_or(Timestamp::MAX)
}

struct Deciding<'a> {
    survey: &'a Survey,
    contents: &'a [Content],
    options: &'a PruneOptions,
    fates: Vec<Fate>,
}

impl Deciding<'_> {
    /// The packs that are kept so far, with their numbers.
    fn kept(&self) -> impl Iterator<Item = (usize, &Pack, &Content)> {
        let packs = self.survey.packs.iter().zip(self.contents).zip(&self.fates).enumerate();
        packs
            .filter(|(_, (_, fate))| **fate == Fate::Keep)
            .map(|(number, ((pack, content), _))| (number, pack, content))
    }

    /// Repacks what must be, then the packs of which the largest share is unused, until few enough bytes are.
    fn choose_repacks(&mut self, version: u32) {
        let full = u64::from(self.options.pack_bytes);
        let wanted = |content: &Content| match self.options.repack {
            Repack::TreesOnly => content.has_trees && !content.has_data,
            Repack::Unused | Repack::Small | Repack::Uncompressed => true,
        };
        let must = |pack: &Pack, content: &Content| {
            let small = self.options.repack == Repack::Small && pack.stored_bytes.unwrap_or(0) < full / SMALL_DIVISOR;
            let plain = self.options.repack == Repack::Uncompressed && version >= 2 && content.has_uncompressed;
            // Neither program writes such packs any more; readers keep trees of packs on disk that hold nothing else.
            (content.has_data && content.has_trees) || small || plain
        };
        let (mut chosen, mut candidates): (Vec<_>, Vec<_>) = self
            .kept()
            // What cannot be deleted in turn would only be stored twice.
            .filter(|(_, pack, _)| pack.locked_until.is_none())
            .filter(|(_, pack, content)| wanted(content) && (must(pack, content) || content.unused_bytes > 0))
            .map(|(number, pack, content)| (number, must(pack, content), *content))
            .partition(|(_, must, _)| *must);
        if self.options.repack == Repack::Small && chosen.len() < SMALL_PACKS_MIN {
            chosen.clear();
        }
        let mut unused: u64 = self.kept().map(|(_, _, content)| content.unused_bytes).sum();
        let used: u64 = self.contents.iter().map(|content| content.used_bytes).sum();
        let unused_max = match self.options.max_unused {
            MaxUnused::Unlimited => u64::MAX,
            MaxUnused::Bytes(bytes) => bytes,
            // Of all that stays, so much is not used: u / (u + used) <= share.
            MaxUnused::Share(share) => (used as f64 * share / (1.0 - share)) as u64,
        };
        // Packs with trees first: small, and read by everybody. Then those that are worth most.
        candidates.sort_by_key(|(number, _, content)| {
            let share = content.unused_bytes * 1000 / (content.used_bytes + content.unused_bytes).max(1);
            (Reverse(content.has_trees), Reverse(share), *number)
        });
        let mut room = self.options.max_repack_bytes;
        for (number, must, content) in chosen.into_iter().chain(candidates) {
            let read = content.used_bytes;
            if (!must && unused <= unused_max) || read > room {
                continue;
            }
            room -= read;
            unused = unused.saturating_sub(content.unused_bytes);
            if let Some(fate) = self.fates.get_mut(number) {
                *fate = Fate::Repack;
            }
        }
    }

    fn stats(&self) -> PruneStats {
        let mut stats = PruneStats::default();
        for ((pack, content), fate) in self.survey.packs.iter().zip(self.contents).zip(&self.fates) {
            stats.used.blobs += content.used_blobs;
            stats.used.bytes += content.used_bytes;
            stats.used.packs += u64::from(content.used_blobs > 0);
            stats.unused.blobs += content.unused_blobs;
            stats.unused.bytes += content.unused_bytes;
            stats.unused.packs += u64::from(content.unused_blobs > 0);
            let whole = Amount {
                packs: 1,
                blobs: content.used_blobs + content.unused_blobs,
                bytes: pack.stored_bytes.unwrap_or(0),
            };
            if let Some(until) = pack.locked_until {
                stats.keep_locked(whole, until);
            }
            if pack.named == Named::Nowhere {
                stats.unindexed.add(whole);
            }
            match fate {
                Fate::Keep => {
                    stats.kept.add(whole);
                    stats.unused_bytes_after += content.unused_bytes;
                }
                Fate::Repack => {
                    stats.repacked.add(Amount { packs: 1, blobs: content.used_blobs, bytes: content.used_bytes });
                    self.retire(&mut stats, whole);
                }
                Fate::Retire => self.retire(&mut stats, whole),
                Fate::Mark => {
                    stats.marked.add(whole);
                    stats.will_delete(pack.free_at(deletion_of(self.options.now, self.options)));
                }
                Fate::Wait => {
                    stats.waiting.add(whole);
                    if let Named::Marked(time) = pack.named {
                        stats.will_delete(pack.free_at(deletion_of(time, self.options)));
                    }
                }
                Fate::Recover => {
                    stats.recovered.add(whole);
                    stats.unused_bytes_after += content.unused_bytes;
                }
                Fate::Delete => stats.deleted.add(whole),
                Fate::Drop => {}
            }
        }
        stats
    }

    fn retire(&self, stats: &mut PruneStats, whole: Amount) {
        if self.options.deletes_at_once() {
            stats.deleted.add(whole);
        } else {
            stats.marked.add(whole);
            stats.will_delete(deletion_of(self.options.now, self.options));
        }
    }
}

impl PruneOptions {
    /// Whether what nobody needs is deleted without being marked first: no grace was asked for, and nobody reads.
    pub(super) fn deletes_at_once(&self) -> bool {
        self.grace.is_zero() && self.leased_since.is_none()
    }
}

impl Amount {
    fn add(&mut self, other: Self) {
        self.packs += other.packs;
        self.blobs += other.blobs;
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

impl Pack {
    /// When it may go that may go at `time` but for the storage.
    fn free_at(&self, time: Timestamp) -> Timestamp {
        self.locked_until.map_or(time, |until| until.max(time))
    }
}

impl PruneStats {
    fn keep_locked(&mut self, whole: Amount, until: Timestamp) {
        self.locked.add(whole);
        self.locked_until = Some(self.locked_until.map_or(until, |first| first.min(until)));
    }

    fn will_delete(&mut self, time: Timestamp) {
        self.next_deletion = Some(self.next_deletion.map_or(time, |next| next.min(time)));
    }
}

#[cfg(test)]
mod tests;
