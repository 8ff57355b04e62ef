//! Index files being written: which blobs lie where in which packs, as restic's JSON.

use bygone_common::{BlobId, IndexId, PackId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::pack::PackedBlob;
use crate::backend::{FileId, FileKind};
use crate::blob_map::BlobKind;
use crate::error::{Error, ErrorKind, Result};
use crate::repository::Repository;
use crate::sealed_file;

/// An index file's content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct IndexFile {
    /// Packs in use.
    #[serde(default)]
    pub(crate) packs: Vec<IndexPack>,
    /// Packs that a prune has marked: to be deleted once nobody can be reading them any more. rustic's addition to the
    /// format; restic passes it over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) packs_to_delete: Vec<IndexPack>,
}

/// A pack and its blobs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct IndexPack {
    /// Which pack.
    pub(crate) id: PackId,
    /// What it holds.
    pub(crate) blobs: Vec<IndexBlob>,
    /// When it was marked for deletion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) time: Option<Timestamp>,
    /// Its bytes, said of marked packs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) size: Option<u32>,
}

/// A blob's line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct IndexBlob {
    pub(crate) id: BlobId,
    #[serde(rename = "type")]
    pub(crate) kind: BlobKind,
    pub(crate) offset: u32,
    pub(crate) length: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) uncompressed_length: u32,
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
        let PackedBlob { id, kind, offset, length, uncompressed, .. } = *blob;
        Self { id, kind, offset, length, uncompressed_length: uncompressed }
    }
}

/// Reads an index file with everything in it.
///
/// # Errors
/// `Damaged`, `NotFound`, and what the storage answers.
pub(crate) fn index_file(repository: &Repository, id: IndexId) -> Result<IndexFile> {
    let file = FileId::new(FileKind::Index, id);
    let json = sealed_file::read(repository.backend().as_ref(), repository.master_key(), file)?;
    serde_json::from_slice(&json)
        .map_err(|error| Error::new(ErrorKind::Damaged, format!("{file} is malformed")).because(error))
}
