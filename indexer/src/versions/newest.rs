//! When the newest of some documents that follow each other was changed, so that a search for the newest need not read what cannot
//! be among them.

use tantivy::DocId;
use tantivy::columnar::ColumnValues;

/// Documents that one value stands for.
const GROUP_DOCS: usize = 1024;

/// The largest value of every group of documents.
#[derive(Debug, Default)]
pub(super) struct Newest(Vec<u64>);

impl Newest {
    pub(super) fn new(values: &dyn ColumnValues<u64>) -> Self {
        let mut group = [0; GROUP_DOCS];
        let count = values.num_vals();
        let largest = (0..count).step_by(GROUP_DOCS).map(|start| {
            let length = GROUP_DOCS.min((count - start) as usize);
            let group = group.get_mut(..length).unwrap_or_default();
            values.get_range(start.into(), group);
            group.iter().copied().max().unwrap_or(u64::MAX)
        });
        Self(largest.collect())
    }

    /// Nothing among so many documents is larger.
    pub(super) fn of(&self, start: DocId, length: usize) -> u64 {
        let first = start as usize / GROUP_DOCS;
        let end = (start as usize + length).div_ceil(GROUP_DOCS);
        let groups = self.0.get(first..end).unwrap_or_default();
        groups.iter().copied().max().unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tantivy::columnar::column_values::VecColumn;

    #[test]
    fn nothing_is_larger_than_what_stands_for_it() {
        let all: Vec<u64> = (0..5000).map(|doc| doc * 7919 % 10_007).collect();
        let column: Arc<dyn ColumnValues<u64>> = Arc::new(VecColumn::from(all.clone()));
        let newest = Newest::new(column.as_ref());
        for (start, length) in [(0, 1024), (1024, 1024), (4096, 904), (1000, 100), (4999, 1)] {
            let largest = all[start..start + length].iter().copied().max().unwrap_or(0);
            assert!(newest.of(start as u32, length) >= largest, "{length} from {start}");
        }
        assert_eq!(newest.of(4096, 904), all[4096..].iter().copied().max().unwrap_or(0));
        assert_eq!(Newest::default().of(0, 10), u64::MAX);
    }
}
