//! A column of which neighbors are mostly equal, kept as what changes: a thousand values are filled in from some twenty
//! stretches instead of being unpacked one by one.

use tantivy::DocId;

/// Stretches must be so many times fewer than documents: else the column itself is as good, and smaller. What changed on single
/// days stands alone, so that a machine of many days has some eight documents to a stretch.
const DOCS_PER_STRETCH_MIN: usize = 3;

/// The stretches: where each begins, and its value. Nothing, when they are too many.
#[derive(Debug, Default)]
pub(super) struct Stretches {
    starts: Vec<DocId>,
    values: Vec<u32>,
    /// So many at most; 0 when they were more.
    max: usize,
}

impl Stretches {
    /// None yet, of a column of so many documents.
    pub(super) fn new(docs: u32) -> Self {
        Self { max: docs as usize / DOCS_PER_STRETCH_MIN, ..Self::default() }
    }

    /// Adds the value of a document: of the first, the second, and so on.
    pub(super) fn push(&mut self, doc: DocId, value: u32) {
        if self.max == 0 || self.values.last() == Some(&value) {
            return;
        }
        if self.starts.len() == self.max {
            *self = Self::default();
            return;
        }
        self.starts.push(doc);
        self.values.push(value);
    }

    /// Fills in the values from a document on; `false` when there are none here.
    pub(super) fn fill(&self, from: DocId, values: &mut [u64]) -> bool {
        let mut rest = values;
        let Some(stretches) = self.each(from, rest.len()) else { return false };
        for (length, value) in stretches {
            let Some((now, later)) = std::mem::take(&mut rest).split_at_mut_checked(length) else { return false };
            now.fill(u64::from(value));
            rest = later;
        }
        rest.is_empty()
    }

    /// The stretches of so many documents, as their lengths and values; none when there are none here.
    pub(super) fn each(&self, from: DocId, docs: usize) -> Option<impl Iterator<Item = (usize, u32)>> {
        let first = self.starts.partition_point(|start| *start <= from).checked_sub(1)?;
        let ends = self.starts.get(first + 1..).unwrap_or_default().iter().copied().chain([DocId::MAX]);
        let (mut doc, mut left) = (from, docs);
        Some(ends.zip(self.values.get(first..).unwrap_or_default()).map_while(move |(end, value)| {
            let length = left.min((end - doc) as usize);
            (doc, left) = (end, left - length);
            (length > 0).then_some((length, *value))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_are_what_was_pushed() {
        let all: Vec<u64> = (0..5000).map(|doc| doc / 37 % 11).collect();
        let mut stretches = Stretches::new(5000);
        (0..).zip(&all).for_each(|(doc, value)| stretches.push(doc, *value as u32));
        for from in [0, 1, 36, 37, 38, 1000, 4999] {
            for length in [1, 36, 37, 500] {
                let end = (from + length).min(all.len());
                let mut values = vec![0; end - from];
                assert!(stretches.fill(from as u32, &mut values));
                assert_eq!(Some(values.as_slice()), all.get(from..end), "{length} from {from}");
            }
        }
    }

    #[test]
    fn too_many_stretches_are_none() {
        let mut stretches = Stretches::new(5000);
        (0..5000).for_each(|doc| stretches.push(doc, doc));
        assert!(!stretches.fill(0, &mut [0; 10]));
        let mut few_in_all = Stretches::new(5000);
        (0..5000).for_each(|doc| few_in_all.push(doc, doc.min(1000)));
        assert!(few_in_all.fill(0, &mut [0; 10]), "where they lie is all the same");
        assert!(!Stretches::default().fill(0, &mut [0; 10]));
    }
}
