//! What fits, counted by what it is.

use std::collections::BTreeMap;

use super::block::Block;
use crate::limits::{FACET_VALUES_MAX, FACETS_EXACT_MAX};
use crate::versions::{Column, kind_of, kind_value, mtime_of};
use crate::view::View;
use bygone_vault::NodeKind;

/// Of more than [`FACETS_EXACT_MAX`] matches one block in so many is counted, of so many times more one in the square of it.
const SAMPLE_STEP: u64 = 8;
/// Size classes: their first bytes, what people call them, and how a query asks for them.
const SIZES: [(u64, &str, &str); 7] = [
    (0, "empty", "size:0"),
    (1, "tiny", "size:1..16K"),
    ((16 << 10) + 1, "small", "size:>16K size:<=1M"),
    ((1 << 20) + 1, "medium", "size:>1M size:<=128M"),
    ((128 << 20) + 1, "large", "size:>128M size:<=1G"),
    ((1 << 30) + 1, "huge", "size:>1G size:<=4G"),
    ((4 << 30) + 1, "gigantic", "size:>4G"),
];

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
    years: BTreeMap<i64, u64>,
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
            years: BTreeMap::new(),
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
        // Neighbors are mostly of one year.
        let mut year = (i64::MAX, i64::MIN, 0);
        let columns = [Column::Kind, Column::Extension, Column::From, Column::Mtime, Column::Size];
        block.each(columns, |_, [kind, extension, from, mtime, size]| {
            let kind = kind_of(kind);
            add(&mut self.kinds, kind_value(kind) as usize, weight);
            let source = view.runs.source(u32::try_from(from).unwrap_or(u32::MAX));
            add(&mut self.sources, source as usize, weight);
            if kind == NodeKind::File {
                add(&mut self.extensions, extension as usize, weight);
                let class = SIZES.partition_point(|(first, _, _)| *first <= size).saturating_sub(1);
                add(&mut self.sizes, class, weight);
            }
            let seconds = mtime_of(mtime);
            if seconds < year.0 || seconds >= year.1 {
                year = year_of(seconds);
            }
            *self.years.entry(year.2).or_default() += weight;
        });
    }

    pub(super) fn merge(&mut self, other: Self) {
        let sum = |mine: &mut [u64], others: &[u64]| mine.iter_mut().zip(others).for_each(|(one, other)| *one += other);
        sum(&mut self.kinds, &other.kinds);
        sum(&mut self.extensions, &other.extensions);
        sum(&mut self.sources, &other.sources);
        sum(&mut self.sizes, &other.sizes);
        for (year, count) in other.years {
            *self.years.entry(year).or_default() += count;
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
        let years = self.years.into_iter().map(|(year, count)| FacetValue {
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

/// The year (of UTC) that a moment lies in: its first second, the next year's, and its number.
fn year_of(seconds: i64) -> (i64, i64, i64) {
    const DAY_SECONDS: i64 = 86_400;
    let days = |year: i64| {
        let before = year - 1;
        before * 365 + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400) - 719_162
    };
    let day = seconds.div_euclid(DAY_SECONDS);
    // A guess that is at most one off.
    let mut year = 1970 + (day * 400).div_euclid(146_097);
    loop {
        let (first, next) = (days(year), days(year + 1));
        match day {
            _ if day < first => year -= 1,
            _ if day >= next => year += 1,
            _ => return (first.saturating_mul(DAY_SECONDS), next.saturating_mul(DAY_SECONDS), year),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::year_of;

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
            let (from, until, year) = year_of(moment.as_second());
            assert_eq!(year.to_string(), text[..4]);
            assert!(from <= moment.as_second() && moment.as_second() < until);
        }
    }
}
