//! One line of the blob map: 48 bytes, ordered by blob id.

use bygone_common::{BlobId, Id, PackId};
use serde::{Deserialize, Serialize};

use crate::crypto::SEAL_BYTES;

/// Bytes of a record: id 32, pack 4, offset 4, length 4, uncompressed length 4; numbers little-endian.
pub(super) const RECORD_BYTES: usize = 48;
/// The pack's number carries two flags, so that a record fits its 48 bytes.
const TREE_FLAG: u32 = 1 << 31;
const MARKED_FLAG: u32 = 1 << 30;
/// Packs that one table can number.
pub(super) const PACKS_MAX: u32 = MARKED_FLAG - 1;

/// What a blob holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BlobKind {
    /// A piece of a file.
    Data,
    /// A directory.
    Tree,
}

/// Where a blob lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlobLocation {
    /// The pack that holds it.
    pub pack: PackId,
    /// What it holds.
    pub kind: BlobKind,
    /// Bytes before it in the pack.
    pub offset: u32,
    /// Bytes it takes in the pack, sealed and perhaps compressed.
    pub length: u32,
    /// Bytes of its plaintext when it is compressed, otherwise 0.
    pub uncompressed: u32,
}

impl BlobLocation {
    /// Bytes of its plaintext.
    pub fn plain_bytes(&self) -> u32 {
        match self.uncompressed {
            0 => self.length.saturating_sub(SEAL_BYTES as u32),
            bytes => bytes,
        }
    }

    /// The offset after its last byte in the pack.
    pub fn end(&self) -> u64 {
        u64::from(self.offset) + u64::from(self.length)
    }
}

/// A record in memory, its pack a number in a table of packs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Record {
    pub(super) id: BlobId,
    /// Invariant: at most [`PACKS_MAX`], with the flags above it. A marked pack's record sorts after an unmarked one's.
    pack_and_flags: u32,
    pub(super) offset: u32,
    pub(super) length: u32,
    pub(super) uncompressed: u32,
}

impl Record {
    pub(super) fn new(id: BlobId, pack_number: u32, location: &BlobLocation, marked: bool) -> Self {
        let tree = if location.kind == BlobKind::Tree { TREE_FLAG } else { 0 };
        let marked = if marked { MARKED_FLAG } else { 0 };
        let BlobLocation { offset, length, uncompressed, .. } = *location;
        Self { id, pack_and_flags: pack_number | tree | marked, offset, length, uncompressed }
    }

    pub(super) fn pack_number(&self) -> u32 {
        self.pack_and_flags & PACKS_MAX
    }

    /// The same record with its pack numbered otherwise.
    pub(super) fn renumbered(self, pack_number: u32) -> Self {
        Self { pack_and_flags: pack_number | (self.pack_and_flags & !PACKS_MAX), ..self }
    }

    pub(super) fn kind(&self) -> BlobKind {
        if self.pack_and_flags & TREE_FLAG == 0 { BlobKind::Data } else { BlobKind::Tree }
    }

    pub(super) fn is_marked(&self) -> bool {
        self.pack_and_flags & MARKED_FLAG != 0
    }

    pub(super) fn location(&self, pack: PackId) -> BlobLocation {
        let Self { offset, length, uncompressed, .. } = *self;
        BlobLocation { pack, kind: self.kind(), offset, length, uncompressed }
    }

    pub(super) fn to_bytes(self) -> [u8; RECORD_BYTES] {
        let mut bytes = [0; RECORD_BYTES];
        let (id, numbers) = bytes.split_at_mut(32);
        id.copy_from_slice(self.id.as_bytes());
        let fields = [self.pack_and_flags, self.offset, self.length, self.uncompressed];
        for (slot, field) in numbers.chunks_exact_mut(4).zip(fields) {
            slot.copy_from_slice(&field.to_le_bytes());
        }
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8; RECORD_BYTES]) -> Self {
        let mut id = [0; 32];
        let (id_bytes, numbers) = bytes.split_at(32);
        id.copy_from_slice(id_bytes);
        let mut fields = [0_u32; 4];
        for (field, slot) in fields.iter_mut().zip(numbers.as_chunks::<4>().0) {
            *field = u32::from_le_bytes(*slot);
        }
        let [pack_and_flags, offset, length, uncompressed] = fields;
        Self { id: BlobId(Id::new(id)), pack_and_flags, offset, length, uncompressed }
    }
}
