//! Index files being written: which blobs lie where in which packs, as restic's JSON.

use bygone_common::{BlobId, IndexId, PackId};
use jiff::Timestamp;
use serde::Serialize;

use super::pack::PackedBlob;
use crate::blob_map::BlobKind;

/// An index file's content.
#[derive(Debug, Default, Serialize)]
pub(crate) struct IndexFile {
    /// Index files that this one replaces. Nobody needs it any more; restic wrote it until 0.17.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) supersedes: Vec<IndexId>,
    /// Packs in use.
    pub(crate) packs: Vec<IndexPack>,
    /// Packs that a prune has marked: to be deleted once nobody can be reading them any more. rustic's addition to the
    /// format; restic passes it over.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) packs_to_delete: Vec<IndexPack>,
}

/// A pack and its blobs.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct IndexPack {
    /// Which pack.
    pub(crate) id: PackId,
    /// What it holds.
    pub(crate) blobs: Vec<IndexBlob>,
    /// When it was marked for deletion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) time: Option<Timestamp>,
    /// Its bytes, said of marked packs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) size: Option<u32>,
}

/// A blob's line.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct IndexBlob {
    id: BlobId,
    #[serde(rename = "type")]
    kind: &'static str,
    offset: u32,
    length: u32,
    #[serde(skip_serializing_if = "is_zero")]
    uncompressed_length: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(value: &u32) -> bool {
    *value == 0
}

impl IndexPack {
    /// A pack in use.
    pub(crate) fn new(id: PackId, blobs: &[PackedBlob]) -> Self {
        Self { id, blobs: blobs.iter().map(IndexBlob::from).collect(), time: None, size: None }
    }
}

impl From<&PackedBlob> for IndexBlob {
    fn from(blob: &PackedBlob) -> Self {
        let kind = match blob.kind {
            BlobKind::Data => "data",
            BlobKind::Tree => "tree",
        };
        let PackedBlob { id, offset, length, uncompressed, .. } = *blob;
        Self { id, kind, offset, length, uncompressed_length: uncompressed }
    }
}
