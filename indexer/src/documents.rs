//! All documents as they are meant: with snapshots in place of numbers. For comparing indexes with each other.

use bygone_common::TreeId;
use bygone_common::uid::SourceUid;
use bygone_vault::NodeKind;
use jiff::Timestamp;

use crate::index::Index;
use crate::view::View;

/// One document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Whose it is.
    pub source: SourceUid,
    /// The path, beginning with a slash.
    pub path: Vec<u8>,
    /// What it is.
    pub kind: NodeKind,
    /// Bytes of a file.
    pub size: u64,
    /// Seconds since 1970.
    pub mtime: i64,
    /// Number and name of its owner.
    pub owner: (u32, String),
    /// The extension it counts under.
    pub extension: String,
    /// What its content is equal by.
    pub content: u64,
    /// The first snapshot of its run.
    pub first: (Timestamp, TreeId),
    /// The last snapshot of its run.
    pub last: (Timestamp, TreeId),
    /// Whether the newest snapshot has it.
    pub is_current: bool,
    /// Whether nothing lies at its path in the snapshot after the last.
    pub is_deleted: bool,
}

impl Index {
    /// Calls for every document, in no order.
    pub fn documents(&self, mut call: impl FnMut(Document)) {
        let view = self.view();
        for segment in &view.segments {
            for doc in segment.reader.doc_ids_alive() {
                if let Some(document) = document(&view, &segment.version(doc)) {
                    call(document);
                }
            }
        }
    }
}

fn document(view: &View, version: &crate::versions::Version) -> Option<Document> {
    let run = view.runs.run(version.from, version.until);
    let live = view.runs.live(view.runs.source(version.from));
    let snapshot = |position: u32| {
        let record = view.state.snapshots.get(*live.get(position as usize)? as usize - 1)?;
        Some((record.time, record.tree))
    };
    let owner = view.state.owners.get(version.owner as usize)?;
    Some(Document {
        source: view.source_uid(view.dirs.source(version.dir))?,
        path: view.path(version.dir, version.name),
        kind: version.kind,
        size: version.size,
        mtime: version.mtime,
        owner: (owner.uid, owner.name.clone()),
        extension: view.state.extensions.get(version.extension as usize)?.clone(),
        content: version.content,
        first: snapshot(run.from)?,
        last: snapshot(run.until.checked_sub(1)?)?,
        is_current: run.is_current(),
        is_deleted: version.gone,
    })
}
