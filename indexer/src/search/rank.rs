//! The order of results, and keeping the first ones.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use super::Versions;
use super::check::time_at;
use crate::files::stable_hash;
use crate::scope::{Sight, Spot};
use crate::versions::{Column, Segment, mtime_of};
use crate::view::{Address, View};

/// The order of results. Every order ends in the same ties, so pages neither repeat nor miss what did not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// Best fit first: names before paths, whole names before parts, then the most recently changed.
    #[default]
    Best,
    /// Most recently changed first.
    Newest,
    /// Least recently changed first.
    Oldest,
    /// By folded name.
    Name,
    /// By folded name, from the end.
    NameReversed,
    /// Largest first.
    Largest,
    /// Smallest first.
    Smallest,
    /// What went last first; what did not go comes at the end.
    LastGone,
}

/// A place in the order: earlier is less.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) rank: [u64; 2],
    /// The whole folded name, where it decides; inverted where names run backwards. None, not an empty one, elsewhere:
    /// comparing no bytes costs more than all the rest.
    pub(crate) name: Option<Vec<u8>>,
    /// A hash of the path; the first snapshot that is shown, latest first; a hash of the version. Equal for nothing but itself.
    pub(crate) tie: [u64; 3],
}

impl Sort {
    /// The first part of a key, cheap to make. `amount`: bytes; or, where that decides, the second in which it went.
    #[inline]
    pub(super) fn rank(self, score: u32, mtime: u64, amount: u64, name: impl Fn() -> [u64; 2]) -> [u64; 2] {
        match self {
            Self::Best => [u64::MAX - u64::from(score), u64::MAX - mtime],
            Self::Newest => [u64::MAX - mtime, u64::MAX - u64::from(score)],
            Self::Oldest => [mtime, u64::MAX - u64::from(score)],
            Self::Largest | Self::LastGone => [u64::MAX - amount, u64::MAX - mtime],
            Self::Smallest => [amount, u64::MAX - mtime],
            Self::Name => name(),
            Self::NameReversed => name().map(|word| u64::MAX - word),
        }
    }

    /// Whether names decide before anything else.
    pub(super) fn is_by_name(self) -> bool {
        matches!(self, Self::Name | Self::NameReversed)
    }

    pub(super) fn number(self) -> u8 {
        match self {
            Self::Best => 0,
            Self::Newest => 1,
            Self::Oldest => 2,
            Self::Name => 3,
            Self::NameReversed => 4,
            Self::Largest => 5,
            Self::Smallest => 6,
            Self::LastGone => 7,
        }
    }
}

/// The second from which on a version is not shown any more; nothing if it still is.
pub(super) fn gone_at(view: &View, sight: &Sight, spot: Spot) -> u64 {
    let time = sight.shown(&view.runs, spot).and_then(|shown| time_at(view, spot.from, shown.run.until));
    time.and_then(|time| u64::try_from(time).ok()).unwrap_or_default()
}

/// The first sixteen bytes of a name as numbers of the same order.
pub(super) fn name_rank(view: &View, name: u32) -> [u64; 2] {
    let folded = view.names.folded(name);
    let mut bytes = [0; 16];
    for (place, byte) in bytes.iter_mut().zip(folded) {
        *place = *byte;
    }
    let number = u128::from_be_bytes(bytes);
    [(number >> 64) as u64, number as u64]
}

/// A number for a path: the first of what decides between versions that are equal otherwise.
pub(super) fn path_hash(view: &View, (dir, name): Path) -> u64 {
    stable_hash(view.dirs.hash(dir), view.names.shown(name))
}

/// The rest of a key.
pub(super) fn complete(view: &View, sight: &Sight, sort: Sort, rank: [u64; 2], segment: &Segment, doc: u32) -> Key {
    let version = segment.version(doc);
    let name = match sort {
        Sort::Name => Some(view.names.folded(version.name).to_vec()),
        // A longer name comes before its beginning when names run backwards.
        Sort::NameReversed => {
            Some(view.names.folded(version.name).iter().map(|byte| u8::MAX - byte).chain([u8::MAX]).collect())
        }
        Sort::Best | Sort::Newest | Sort::Oldest | Sort::Largest | Sort::Smallest | Sort::LastGone => None,
    };
    let path = path_hash(view, (version.dir, version.name));
    let mut identity = [0; 24];
    let words = [version.content, version.size, mtime_of(segment.value(Column::Mtime, doc)).cast_unsigned()];
    for (place, word) in identity.chunks_exact_mut(8).zip(words) {
        place.copy_from_slice(&word.to_le_bytes());
    }
    let shown = sight.shown(&view.runs, Spot::from(&version));
    let live = view.runs.live(view.runs.source(version.from));
    let first = shown.and_then(|shown| live.get(shown.run.from as usize));
    let first = first.and_then(|first| view.state.snapshots.get(*first as usize - 1));
    let first = first.map_or(0, |first| first.time.as_nanosecond().cast_unsigned() as u64);
    Key { rank, name, tie: [path, u64::MAX - first, stable_hash(path, &identity)] }
}

/// The first so many of all that is offered.
pub(crate) struct Best {
    max: usize,
    after: Option<Key>,
    kept: BTreeMap<Key, (Address, Path)>,
    /// The last of those kept, once there are so many: asked for everything that fits.
    worst: Option<Key>,
    /// Where only one version of a path is kept: the one that is.
    paths: Option<HashMap<Path, Key>>,
}

/// Directory and name.
pub(super) type Path = (u32, u32);

impl Best {
    pub(super) fn new(max: usize, versions: Versions, after: Option<&Key>) -> Self {
        let paths = match versions {
            Versions::Best => Some(HashMap::new()),
            Versions::All => None,
        };
        Self { max, after: after.cloned(), kept: BTreeMap::new(), worst: None, paths }
    }

    /// Whether a key that begins so, of a path with this number, can be among the first. A million files that were unpacked
    /// in one second differ in nothing else.
    #[inline]
    pub(super) fn may_take(&self, rank: [u64; 2], path_hash: impl FnOnce() -> u64) -> bool {
        if self.max == 0 || self.after.as_ref().is_some_and(|after| rank < after.rank) {
            return false;
        }
        let Some(worst) = &self.worst else { return true };
        match rank.cmp(&worst.rank) {
            Ordering::Less => true,
            Ordering::Equal => worst.name.is_some() || path_hash() <= worst.tie[0],
            Ordering::Greater => false,
        }
    }

    /// Whether a rank that is at least this, and begins with the same word, can be among the first.
    #[inline]
    pub(super) fn may_begin(&self, least: [u64; 2]) -> bool {
        self.after.as_ref().is_none_or(|after| least[0] >= after.rank[0]) && self.reaches(least)
    }

    /// Whether a rank that is at least this can be better than the last of those kept.
    #[inline]
    pub(super) fn reaches(&self, least: [u64; 2]) -> bool {
        self.worst.as_ref().is_none_or(|worst| least <= worst.rank)
    }

    pub(super) fn offer(&mut self, key: Key, at: Address, path: Path) {
        if self.after.as_ref().is_some_and(|after| key <= *after)
            || self.worst.as_ref().is_some_and(|worst| key >= *worst)
        {
            return;
        }
        if let Some(paths) = &mut self.paths {
            match paths.get(&path) {
                Some(kept) if *kept <= key => return,
                Some(kept) => drop(self.kept.remove(kept)),
                None => {}
            }
            paths.insert(path, key.clone());
        }
        self.kept.insert(key, (at, path));
        if self.kept.len() > self.max
            && let Some((_, (_, path))) = self.kept.pop_last()
            && let Some(paths) = &mut self.paths
        {
            paths.remove(&path);
        }
        let worst = self.kept.last_key_value().filter(|_| self.kept.len() >= self.max);
        self.worst = worst.map(|(worst, _)| worst.clone());
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (key, (at, path)) in other.kept {
            self.offer(key, at, path);
        }
    }

    pub(super) fn finish(self) -> Vec<(Key, Address)> {
        self.kept.into_iter().map(|(key, (at, _))| (key, at)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Versions of some paths, many of them of equal rank, in any order.
    fn keys() -> Vec<(Key, Path)> {
        let hash = |number: u64| stable_hash(7, &number.to_le_bytes());
        let key = |number: u64| {
            let path = hash(number) % 40;
            let tie = [hash(path), u64::MAX - number, hash(number)];
            (Key { rank: [0, hash(number + 1000) % 3], name: None, tie }, (0, path as u32))
        };
        (0..500).map(key).collect()
    }

    fn first(max: usize, versions: Versions, after: Option<&Key>) -> Vec<Key> {
        let mut best = Best::new(max, versions, after);
        for (key, path) in keys() {
            if best.may_take(key.rank, || key.tie[0]) {
                best.offer(key, Address { segment: 0, doc: 0 }, path);
            }
        }
        best.finish().into_iter().map(|(key, _)| key).collect()
    }

    fn sorted(versions: Versions) -> Vec<Key> {
        let mut all = keys();
        all.sort();
        let mut seen = std::collections::HashSet::new();
        all.retain(|(_, path)| versions == Versions::All || seen.insert(*path));
        all.into_iter().map(|(key, _)| key).collect()
    }

    #[test]
    fn the_first_of_many_are_kept_whatever_they_have_in_common() {
        for versions in [Versions::All, Versions::Best] {
            for max in [1, 7, 39, 1000] {
                let mut expected = sorted(versions);
                expected.truncate(max);
                assert_eq!(first(max, versions, None), expected, "{max} of {versions:?}");
            }
        }
    }

    #[test]
    fn a_page_begins_after_the_one_before() {
        let all = sorted(Versions::All);
        let pages: Vec<Key> = all
            .chunks(60)
            .scan(None, |last, _| {
                let page = first(60, Versions::All, last.as_ref());
                *last = page.last().cloned();
                Some(page)
            })
            .flatten()
            .collect();
        assert_eq!(pages, all);
    }
}
