//! What is kept in memory of a segment's names and directories. Above all which there are: most of what is looked for is in one
//! segment of many.

use tantivy::DocId;
use tantivy::columnar::ColumnValues;

use super::stretches::Stretches;
use crate::marks::Marks;

/// The summary. Dead documents count.
#[derive(Debug)]
pub(super) struct Present {
    names: Marks,
    /// The column of names as it is, four bytes a document: a broad question asks for all of it.
    by_doc: Vec<u32>,
    dirs: Marks,
    /// Documents are in the order of their paths, so that those of one directory follow each other.
    dir_runs: Stretches,
}

impl Present {
    pub(super) fn new(names: &dyn ColumnValues<u64>, dirs: &dyn ColumnValues<u64>) -> Self {
        let mut present = Self {
            names: Marks::new(usize::try_from(names.max_value()).map_or(0, |max| max + 1)),
            by_doc: Vec::with_capacity(names.num_vals() as usize),
            dirs: Marks::new(usize::try_from(dirs.max_value()).map_or(0, |max| max + 1)),
            dir_runs: Stretches::new(dirs.num_vals()),
        };
        each_value(names, |_, name| {
            present.names.add(name);
            present.by_doc.push(name);
        });
        each_value(dirs, |doc, dir| {
            present.dirs.add(dir);
            present.dir_runs.push(doc, dir);
        });
        present
    }

    pub(super) fn has_name(&self, name: u32) -> bool {
        self.names.has(name)
    }

    pub(super) fn has_dir(&self, dir: u32) -> bool {
        self.dirs.has(dir)
    }

    /// The name of a document.
    #[inline]
    pub(super) fn name(&self, doc: DocId) -> u32 {
        self.by_doc.get(doc as usize).copied().unwrap_or_default()
    }

    /// The names of documents that follow each other.
    pub(super) fn names(&self, start: DocId, docs: usize) -> Option<&[u32]> {
        self.by_doc.get(start as usize..start as usize + docs)
    }

    /// The same; `false` when they are not here.
    pub(super) fn fill_names(&self, start: DocId, values: &mut [u64]) -> bool {
        let Some(names) = self.names(start, values.len()) else { return false };
        values.iter_mut().zip(names).for_each(|(value, name)| *value = u64::from(*name));
        true
    }

    /// The directories of documents that follow each other, each with how many do; none when they are not here.
    pub(super) fn dirs(&self, start: DocId, docs: usize) -> Option<impl Iterator<Item = (usize, u32)>> {
        self.dir_runs.each(start, docs)
    }

    /// Their directories.
    pub(super) fn fill_dirs(&self, start: DocId, values: &mut [u64]) -> bool {
        self.dir_runs.fill(start, values)
    }
}

fn each_value(values: &dyn ColumnValues<u64>, mut call: impl FnMut(DocId, u32)) {
    const BLOCK_DOCS: usize = 1024;
    let mut block = [0; BLOCK_DOCS];
    for start in (0..values.num_vals()).step_by(BLOCK_DOCS) {
        let length = BLOCK_DOCS.min((values.num_vals() - start) as usize);
        let Some(block) = block.get_mut(..length) else { continue };
        values.get_range(start.into(), block);
        for (doc, value) in (start..).zip(block) {
            call(doc, u32::try_from(*value).unwrap_or(u32::MAX));
        }
    }
}
