//! A segment of the index, opened.

use std::sync::Arc;

use tantivy::columnar::{Cardinality, ColumnValues};
use tantivy::index::InvertedIndexReader;
use tantivy::{DocId, SegmentReader};

use super::newest::Newest;
use super::present::Present;
use super::{COLUMNS, Column, Fields, Version, is_gone, kind_of, mtime_of};
use crate::error::{Error, Result};

/// One segment, opened.
pub(crate) struct Segment {
    pub(crate) reader: SegmentReader,
    columns: Vec<Arc<dyn ColumnValues<u64>>>,
    by_name: Arc<InvertedIndexReader>,
    by_dir: Arc<InvertedIndexReader>,
    present: Arc<Present>,
    newest: Arc<Newest>,
}

impl Segment {
    /// `before`: the same segment as an earlier commit had it, perhaps with fewer dead documents.
    pub(crate) fn open(reader: &SegmentReader, fields: &Fields, before: Option<&Self>) -> Result<Self> {
        let fault = |error| Error::tantivy("opening a segment of the index", error);
        let mut columns = Vec::with_capacity(COLUMNS.len());
        for (_, name) in COLUMNS {
            let column = reader.fast_fields().u64(name).map_err(fault)?;
            if column.get_cardinality() != Cardinality::Full && reader.max_doc() > 0 {
                return Err(Error::damaged(format!("a segment of the index lacks values of {name}")));
            }
            columns.push(column.values);
        }
        let [names, dirs, mtimes] =
            [Column::Name, Column::Dir, Column::Mtime].map(|column| columns.get(column as usize));
        let (present, newest) = match (before, names, dirs, mtimes) {
            (Some(before), ..) => (Arc::clone(&before.present), Arc::clone(&before.newest)),
            (None, Some(names), Some(dirs), Some(mtimes)) => {
                (Arc::new(Present::new(names.as_ref(), dirs.as_ref())), Arc::new(Newest::new(mtimes.as_ref())))
            }
            (None, ..) => return Err(Error::damaged("a segment of the index lacks columns")),
        };
        Ok(Self {
            reader: reader.clone(),
            present,
            newest,
            columns,
            by_name: reader.inverted_index(fields.name).map_err(fault)?,
            by_dir: reader.inverted_index(fields.dir).map_err(fault)?,
        })
    }

    pub(crate) fn column(&self, column: Column) -> Option<&Arc<dyn ColumnValues<u64>>> {
        self.columns.get(column as usize)
    }

    /// Values of documents that follow each other.
    pub(crate) fn fill(&self, column: Column, start: DocId, values: &mut [u64]) {
        match column {
            Column::Name if self.present.fill_names(start, values) => return,
            Column::Dir if self.present.fill_dirs(start, values) => return,
            _ => {}
        }
        if let Some(source) = self.column(column) {
            source.get_range(start.into(), values);
        }
    }

    /// Names of documents that follow each other.
    pub(crate) fn names(&self, start: DocId, docs: usize) -> Option<&[u32]> {
        self.present.names(start, docs)
    }

    /// Directories and names of documents that follow each other, directory by directory; none when that takes reading
    /// their columns.
    pub(crate) fn places(&self, start: DocId, docs: usize) -> Option<impl Iterator<Item = (u32, &[u32])>> {
        let mut names = self.present.names(start, docs)?;
        let dirs = self.present.dirs(start, docs)?;
        Some(dirs.map_while(move |(length, dir)| {
            let (now, later) = names.split_at_checked(length)?;
            names = later;
            Some((dir, now))
        }))
    }

    /// Values of some documents.
    pub(crate) fn pick(&self, column: Column, docs: &[DocId], values: &mut [u64]) {
        match (column, self.column(column)) {
            (Column::Name, _) => {
                values.iter_mut().zip(docs).for_each(|(value, doc)| *value = self.present.name(*doc).into());
            }
            (_, Some(source)) => source.get_vals(docs, values),
            (_, None) => {}
        }
    }

    /// None of so many documents was changed later.
    pub(crate) fn newest_of(&self, start: DocId, length: usize) -> u64 {
        self.newest.of(start, length)
    }

    #[inline]
    pub(crate) fn value(&self, column: Column, doc: DocId) -> u64 {
        match column {
            Column::Name => self.present.name(doc).into(),
            _ => self.column(column).map_or(0, |values| values.get_val(doc)),
        }
    }

    fn small(&self, column: Column, doc: DocId) -> u32 {
        u32::try_from(self.value(column, doc)).unwrap_or(u32::MAX)
    }

    /// The whole document.
    pub(crate) fn version(&self, doc: DocId) -> Version {
        let kind = self.value(Column::Kind, doc);
        Version {
            name: self.small(Column::Name, doc),
            dir: self.small(Column::Dir, doc),
            size: self.value(Column::Size, doc),
            mtime: mtime_of(self.value(Column::Mtime, doc)),
            kind: kind_of(kind),
            extension: self.small(Column::Extension, doc),
            owner: self.small(Column::Owner, doc),
            content: self.value(Column::Content, doc),
            from: self.small(Column::From, doc),
            until: self.small(Column::Until, doc),
            gone: is_gone(kind),
        }
    }

    /// Appends the documents that have a name, dead ones too.
    pub(crate) fn docs_of_name(&self, name: u32, docs: &mut Vec<DocId>) -> Result<()> {
        if self.present.has_name(name) { Self::docs_of(&self.by_name, name, docs) } else { Ok(()) }
    }

    /// Appends the documents that lie in a directory, dead ones too.
    pub(crate) fn docs_of_dir(&self, dir: u32, docs: &mut Vec<DocId>) -> Result<()> {
        if self.present.has_dir(dir) { Self::docs_of(&self.by_dir, dir, docs) } else { Ok(()) }
    }

    fn docs_of(list: &InvertedIndexReader, value: u32, docs: &mut Vec<DocId>) -> Result<()> {
        let fault = |error: std::io::Error| Error::io("reading a list of documents", error);
        let Some(info) = list.terms().get(u64::from(value).to_be_bytes()).map_err(fault)? else { return Ok(()) };
        let option = tantivy::schema::IndexRecordOption::Basic;
        let mut postings = list.read_block_postings_from_terminfo(&info, option).map_err(fault)?;
        while !postings.docs().is_empty() {
            docs.extend_from_slice(postings.docs());
            postings.advance();
        }
        Ok(())
    }

    /// How many documents have a name, and how many lie in a directory, dead ones too.
    pub(crate) fn counts_of(&self, name: u32, dir: u32) -> (u32, u32) {
        match self.present.has_name(name) && self.present.has_dir(dir) {
            true => (Self::count_of(&self.by_name, name), Self::count_of(&self.by_dir, dir)),
            false => (0, 0),
        }
    }

    fn count_of(list: &InvertedIndexReader, value: u32) -> u32 {
        list.terms().get(u64::from(value).to_be_bytes()).ok().flatten().map_or(0, |info| info.doc_freq)
    }
}
