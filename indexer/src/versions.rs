//! The file-version document, and how tantivy keeps it: ten numbers, all of them columns, two of them also lists of
//! documents by value. Names and paths are numbers of their tables.

mod newest;
mod present;
mod segment;
mod stretches;

use std::collections::HashMap;
use std::sync::Arc;

use bygone_vault::{Node, NodeKind};
use sha2::{Digest, Sha256};
use tantivy::index::SegmentId;
use tantivy::query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::schema::{Field, NumericOptions, Schema, TantivyDocument};
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED, TantivyError};

pub(crate) use segment::Segment;

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
