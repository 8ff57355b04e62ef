//! The file-version document, and how tantivy keeps it: ten numbers, all of them columns, two of them also lists of
//! documents by value. Names and paths are numbers of their tables.

mod newest;
mod present;
mod stretches;

use std::collections::HashMap;
use std::sync::Arc;

use bygone_vault::{Node, NodeKind};
use sha2::{Digest, Sha256};
use tantivy::columnar::{Cardinality, ColumnValues};
use tantivy::index::{InvertedIndexReader, SegmentId};
use tantivy::query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::schema::{Field, NumericOptions, Schema, TantivyDocument};
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED, TantivyError};

use crate::error::{Error, Result};
use newest::Newest;
use present::Present;

/// A column of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Column {
    Name,
    Dir,
    Size,
    Mtime,
    From,
    Until,
    Kind,
    Extension,
    Owner,
    Content,
}

pub(crate) const COLUMNS: [(Column, &str); 10] = [
    (Column::Name, "name"),
    (Column::Dir, "dir"),
    (Column::Size, "size"),
    (Column::Mtime, "mtime"),
    (Column::From, "from"),
    (Column::Until, "until"),
    (Column::Kind, "kind"),
    (Column::Extension, "extension"),
    (Column::Owner, "owner"),
    (Column::Content, "content"),
];

/// Columns hold no negative numbers: the year 1970 lies here.
const MTIME_OFFSET: i64 = 1 << 40;
/// Bit of the kind: when the run ended, nothing took the version's place.
const GONE: u64 = 1 << 4;

/// One version of one path, in one run of snapshots. Two are the same version when all but the run is equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) name: u32,
    /// The directory it lies in.
    pub(crate) dir: u32,
    pub(crate) size: u64,
    /// Seconds since 1970.
    pub(crate) mtime: i64,
    pub(crate) kind: NodeKind,
    pub(crate) extension: u32,
    pub(crate) owner: u32,
    /// The first bytes of a hash of the blobs of a file, or of where a link points; 0 for what has no content.
    pub(crate) content: u64,
    /// The boundary from which on it is there.
    pub(crate) from: u32,
    /// The boundary from which on it is not.
    pub(crate) until: u32,
    /// Whether nothing lies at its path at that boundary.
    pub(crate) gone: bool,
}

impl Version {
    /// Whether two are the same but for their runs.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let run = Self { from: other.from, until: other.until, gone: other.gone, ..*self };
        run == *other
    }

    fn value(&self, column: Column) -> u64 {
        match column {
            Column::Name => self.name.into(),
            Column::Dir => self.dir.into(),
            Column::Size => self.size,
            Column::Mtime => mtime_value(self.mtime),
            Column::From => self.from.into(),
            Column::Until => self.until.into(),
            Column::Kind => kind_value(self.kind) | if self.gone { GONE } else { 0 },
            Column::Extension => self.extension.into(),
            Column::Owner => self.owner.into(),
            Column::Content => self.content,
        }
    }
}

pub(crate) fn mtime_value(seconds: i64) -> u64 {
    u64::try_from(seconds.saturating_add(MTIME_OFFSET)).unwrap_or(0)
}

pub(crate) fn mtime_of(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX).saturating_sub(MTIME_OFFSET)
}

pub(crate) fn kind_value(kind: NodeKind) -> u64 {
    match kind {
        NodeKind::File => 0,
        NodeKind::Dir => 1,
        NodeKind::Symlink => 2,
        NodeKind::BlockDevice => 3,
        NodeKind::CharDevice => 4,
        NodeKind::Fifo => 5,
        NodeKind::Socket => 6,
        NodeKind::Unknown => 7,
    }
}

pub(crate) fn kind_of(value: u64) -> NodeKind {
    match value & (GONE - 1) {
        0 => NodeKind::File,
        1 => NodeKind::Dir,
        2 => NodeKind::Symlink,
        3 => NodeKind::BlockDevice,
        4 => NodeKind::CharDevice,
        5 => NodeKind::Fifo,
        6 => NodeKind::Socket,
        _ => NodeKind::Unknown,
    }
}

pub(crate) fn is_gone(value: u64) -> bool {
    value & GONE != 0
}

/// What tells the content of a node from others.
pub(crate) fn content_of(node: Node<'_>) -> u64 {
    let mut hasher = Sha256::new();
    match node.kind() {
        NodeKind::File if node.content().is_empty() => return 0,
        NodeKind::File => node.content().iter().for_each(|blob| hasher.update(blob.as_bytes())),
        NodeKind::Symlink => hasher.update(node.link_target()),
        NodeKind::BlockDevice | NodeKind::CharDevice => hasher.update(node.device().to_le_bytes()),
        NodeKind::Dir | NodeKind::Fifo | NodeKind::Socket | NodeKind::Unknown => return 0,
    }
    // 0 is no content.
    hasher.finalize().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes)).max(1)
}

/// The document's fields in tantivy.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    pub(crate) schema: Schema,
    fields: Vec<(Column, Field)>,
    pub(crate) name: Field,
    pub(crate) dir: Field,
}

impl Fields {
    pub(crate) fn new() -> Self {
        let mut builder = Schema::builder();
        let mut fields = Vec::new();
        let (mut by_name, mut by_dir) = (Field::from_field_id(0), Field::from_field_id(0));
        for (column, name) in COLUMNS {
            let options = NumericOptions::default().set_fast();
            let field = match column {
                Column::Name => {
                    by_name = builder.add_u64_field(name, options.set_indexed());
                    by_name
                }
                Column::Dir => {
                    by_dir = builder.add_u64_field(name, options.set_indexed());
                    by_dir
                }
                _ => builder.add_u64_field(name, options),
            };
            fields.push((column, field));
        }
        Self { schema: builder.build(), fields, name: by_name, dir: by_dir }
    }

    pub(crate) fn document(&self, version: &Version) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        for (column, field) in &self.fields {
            document.add_u64(*field, version.value(*column));
        }
        document
    }
}

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

/// Documents by segment, to be deleted. A query, as tantivy deletes what queries find.
#[derive(Debug, Clone, Default)]
pub(crate) struct Doomed(Arc<HashMap<SegmentId, Vec<DocId>>>);

impl Doomed {
    pub(crate) fn new(mut docs: HashMap<SegmentId, Vec<DocId>>) -> Self {
        docs.values_mut().for_each(|docs| docs.sort_unstable());
        Self(Arc::new(docs))
    }
}

impl Query for Doomed {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for Doomed {
    fn scorer(&self, reader: &SegmentReader, _: f32) -> tantivy::Result<Box<dyn Scorer>> {
        Ok(match self.0.get(&reader.segment_id()) {
            Some(docs) if !docs.is_empty() => Box::new(List { docs: docs.clone(), at: 0 }),
            Some(_) | None => Box::new(EmptyScorer),
        })
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Err(TantivyError::InvalidArgument("documents to be deleted have no score".to_owned()))
    }
}

/// A sorted list of documents.
struct List {
    docs: Vec<DocId>,
    at: usize,
}

impl DocSet for List {
    fn advance(&mut self) -> DocId {
        self.at += 1;
        self.doc()
    }

    fn doc(&self) -> DocId {
        self.docs.get(self.at).copied().unwrap_or(TERMINATED)
    }

    fn size_hint(&self) -> u32 {
        u32::try_from(self.docs.len()).unwrap_or(u32::MAX)
    }
}

impl Scorer for List {
    fn score(&mut self) -> f32 {
        1.0
    }
}
