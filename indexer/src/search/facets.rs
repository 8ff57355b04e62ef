//! What fits, counted by what it is.

use std::collections::BTreeMap;

use super::block::Block;
use crate::limits::{FACET_VALUES_MAX, FACETS_EXACT_MAX};
use crate::versions::{Column, kind_of, kind_value, mtime_of};
use crate::view::View;
use bygone_vault::NodeKind;

/// Of more than [`FACETS_EXACT_MAX`] matches one block in so many is counted, of so many times more one in the square of it.
const SAMPLE_STEP: u64 = 8;
/// Size classes: the largest of each but the last, as a power of two, what people call them, and how a query asks for them.
const SIZES: [(u32, &str, &str); 7] = [
    (0, "empty", "size:0"),
    (14, "tiny", "size:1..16K"),
    (20, "small", "size:>16K size:<=1M"),
    (27, "medium", "size:>1M size:<=128M"),
    (30, "large", "size:>128M size:<=1G"),
    (32, "huge", "size:>1G size:<=4G"),
    (64, "gigantic", "size:>4G"),
];
/// Years that are counted by their place: those that files mostly are of.
const YEARS: std::ops::Range<i64> = 1970..2100;

/// One value of a facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetValue {
    /// The value: a name for machines, or what was stored.
    pub value: String,
    /// Versions that have it.
    pub count: u64,
    /// What to add to the query to see only those; empty when no query says that.
    pub query: String,
}

/// Counts of everything that fits and may be seen, the most frequent values first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    /// `file`, `dir`, `symlink` …
    pub kinds: Vec<FacetValue>,
    /// Without the dot; empty for none.
    pub extensions: Vec<FacetValue>,
    /// By uid.
    pub sources: Vec<FacetValue>,
    /// By name of the machine.
    pub hosts: Vec<FacetValue>,
    /// Years of the last change.
    pub years: Vec<FacetValue>,
    /// `empty`, `tiny`, `small`, `medium`, `large`, `huge`, `gigantic`; files only.
    pub sizes: Vec<FacetValue>,
    /// Whether some were left out and the counts are estimates.
    pub are_estimates: bool,
}

/// Counts so far.
#[derive(Debug, Clone)]
pub(crate) struct Counts {
    kinds: [u64; 8],
    extensions: Vec<u64>,
    sources: Vec<u64>,
    /// Of [`YEARS`], and of all others.
    years: Vec<u64>,
    other_years: BTreeMap<i64, u64>,
    sizes: [u64; SIZES.len()],
    seen: u64,
    blocks: u64,
    are_estimates: bool,
}

fn add(counts: &mut [u64], at: usize, weight: u64) {
    if let Some(count) = counts.get_mut(at) {
        *count += weight;
    }
}

impl Counts {
    pub(super) fn new(view: &View) -> Self {
        Self {
            kinds: [0; 8],
            extensions: vec![0; view.state.extensions.len()],
            sources: vec![0; view.state.sources.len()],
            years: vec![0; YEARS.count()],
            other_years: BTreeMap::new(),
            sizes: [0; SIZES.len()],
            seen: 0,
            blocks: 0,
            are_estimates: false,
        }
    }

    pub(super) fn count(&mut self, view: &View, block: &mut Block<'_>) {
        self.seen += block.len() as u64;
        self.blocks += 1;
        let weight = match self.seen {
            0..=FACETS_EXACT_MAX => 1,
            seen if seen <= FACETS_EXACT_MAX * SAMPLE_STEP => SAMPLE_STEP,
            _ => SAMPLE_STEP * SAMPLE_STEP,
        };
        self.are_estimates |= weight > 1;
        if !self.blocks.is_multiple_of(weight) {
            return;
        }
        let columns = [Column::Kind, Column::Extension, Column::From, Column::Mtime, Column::Size];
        block.each(columns, |_, [kind, extension, from, mtime, size]| {
            let kind = kind_of(kind);
            add(&mut self.kinds, kind_value(kind) as usize, weight);
            let source = view.runs.source(u32::try_from(from).unwrap_or(u32::MAX));
            add(&mut self.sources, source as usize, weight);
            if kind == NodeKind::File {
                add(&mut self.extensions, extension as usize, weight);
                add(&mut self.sizes, class_of(size), weight);
            }
            let year = year_of(mtime_of(mtime));
            match self.years.get_mut(usize::try_from(year - YEARS.start).unwrap_or(usize::MAX)) {
                Some(count) => *count += weight,
                None => *self.other_years.entry(year).or_default() += weight,
            }
        });
    }

    pub(super) fn merge(&mut self, other: Self) {
        let sum = |mine: &mut [u64], others: &[u64]| mine.iter_mut().zip(others).for_each(|(one, other)| *one += other);
        sum(&mut self.kinds, &other.kinds);
        sum(&mut self.extensions, &other.extensions);
        sum(&mut self.sources, &other.sources);
        sum(&mut self.sizes, &other.sizes);
        sum(&mut self.years, &other.years);
        for (year, count) in other.other_years {
            *self.other_years.entry(year).or_default() += count;
        }
        self.are_estimates |= other.are_estimates;
    }

    pub(super) fn finish(self, view: &View) -> Facets {
        let kinds = [
            NodeKind::File,
            NodeKind::Dir,
            NodeKind::Symlink,
            NodeKind::BlockDevice,
            NodeKind::CharDevice,
            NodeKind::Fifo,
            NodeKind::Socket,
            NodeKind::Unknown,
        ];
        let kinds = kinds.into_iter().zip(self.kinds).map(|(kind, count)| {
            let query = match kind {
                NodeKind::File | NodeKind::Dir | NodeKind::Symlink => format!("kind:{}", kind.name()),
                _ => "kind:other".to_owned(),
            };
            FacetValue { value: kind.name().to_owned(), count, query }
        });
        let extensions = view.state.extensions.iter().zip(self.extensions).map(|(extension, count)| {
            let query = if extension.is_empty() { "ext:none".to_owned() } else { format!("ext:{extension}") };
            FacetValue { value: extension.clone(), count, query }
        });
        let mut hosts: BTreeMap<&str, u64> = BTreeMap::new();
        for (source, count) in view.state.sources.iter().zip(&self.sources) {
            *hosts.entry(&source.host).or_default() += count;
        }
        let hosts = hosts.into_iter().map(|(host, count)| FacetValue {
            value: host.to_owned(),
            count,
            query: format!("host:\"{host}\""),
        });
        let sources = view.state.sources.iter().zip(self.sources).map(|(source, count)| FacetValue {
            value: source.uid.to_string(),
            count,
            query: format!("source:{}", source.uid),
        });
        let years = YEARS.zip(self.years).chain(self.other_years).map(|(year, count)| FacetValue {
            value: year.to_string(),
            count,
            query: format!("changed:{year:04}"),
        });
        let sizes = SIZES.iter().zip(self.sizes).map(|((_, value, query), count)| FacetValue {
            value: (*value).to_owned(),
            count,
            query: (*query).to_owned(),
        });
        Facets {
            kinds: first(kinds),
            extensions: first(extensions),
            sources: first(sources),
            hosts: first(hosts),
            years: first(years),
            sizes: first(sizes),
            are_estimates: self.are_estimates,
        }
    }
}

/// The most frequent values; those that nothing has are left out, as they could tell of what may not be seen.
fn first(values: impl Iterator<Item = FacetValue>) -> Vec<FacetValue> {
    let mut values: Vec<FacetValue> = values.filter(|value| value.count > 0).collect();
    values.sort_by(|left, right| right.count.cmp(&left.count).then_with(|| left.value.cmp(&right.value)));
    values.truncate(FACET_VALUES_MAX);
    values
}

/// The class of a size. Sizes that follow each other are of any class, so nothing here depends on guessing which.
fn class_of(size: u64) -> usize {
    // 0 for nothing, else one more than the power of two that it is at most.
    let power = u64::BITS - size.saturating_sub(1).leading_zeros();
    let is_more = |(largest, _, _): &(u32, &str, &str)| size > 0 && (power > *largest || *largest == 0);
    SIZES.iter().filter(|class| is_more(class)).count()
}

/// The year (of UTC) that a moment lies in.
fn year_of(seconds: i64) -> i64 {
    const DAY_SECONDS: i64 = 86_400;
    let days = |year: i64| {
        let before = year - 1;
        before * 365 + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400) - 719_162
    };
    let day = seconds.div_euclid(DAY_SECONDS);
    // A guess that is at most one off.
    let year = 1970 + (day * 400).div_euclid(146_097);
    year + i64::from(day >= days(year + 1)) - i64::from(day < days(year))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn years_begin_when_the_calendar_says() {
        for text in [
            "1970-01-01T00:00:00Z",
            "1999-12-31T23:59:59Z",
            "2000-01-01T00:00:00Z",
            "2026-11-20T10:00:00Z",
            "1899-12-30T00:00:00Z",
            "2100-12-31T00:00:00Z",
        ] {
            let moment: jiff::Timestamp = text.parse().unwrap();
            assert_eq!(year_of(moment.as_second()).to_string(), text[..4]);
        }
        // The first and the last second of every year.
        for year in -400..2500 {
            let first = |year: i16| jiff::civil::date(year, 1, 1).to_zoned(jiff::tz::TimeZone::UTC).unwrap();
            let seconds = first(year).timestamp().as_second();
            assert_eq!((year_of(seconds), year_of(seconds - 1)), (i64::from(year), i64::from(year) - 1));
        }
    }

    #[test]
    fn sizes_are_of_the_class_whose_query_finds_them() {
        let class = |size| SIZES[class_of(size)].1;
        let (kib, mib, gib) = (1 << 10, 1 << 20, 1 << 30);
        for (largest, name, next) in [
            (0, "empty", "tiny"),
            (16 * kib, "tiny", "small"),
            (mib, "small", "medium"),
            (128 * mib, "medium", "large"),
            (gib, "large", "huge"),
            (4 * gib, "huge", "gigantic"),
        ] {
            assert_eq!((class(largest), class(largest + 1)), (name, next), "{largest}");
        }
        assert_eq!((class(1), class(2), class(u64::MAX)), ("tiny", "tiny", "gigantic"));
    }
}
