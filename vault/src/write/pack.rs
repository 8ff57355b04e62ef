//! A pack being filled, and its header. Source: restic's design document, "Pack Format".

use bygone_common::{BlobId, Id, PackId};
use sha2::{Digest, Sha256};

use super::seal::{Sealed, Sealer};
use crate::backend::Content;
use crate::blob_map::BlobKind;
use crate::crypto::MasterKey;
use crate::error::{Error, ErrorKind, Result};

/// Blobs that one pack may hold. The smallest blobs fill no pack otherwise, and its header would not fit memory well.
const PACK_BLOBS_MAX: usize = 10_000;

/// What a pack's header says of a blob.
pub(crate) const ENTRY_BYTES: usize = 37;
/// The same for a compressed one: four bytes of plain length more.
pub(crate) const COMPRESSED_ENTRY_BYTES: usize = 41;

/// Bytes of the number at the end of a pack, and of each length in its header.
pub(crate) const LENGTH_BYTES: usize = 4;

/// A pack that blobs are added to.
#[derive(Debug, Default)]
pub(crate) struct OpenPack {
    bytes: Vec<u8>,
    blobs: Vec<PackedBlob>,
}

/// A blob in a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PackedBlob {
    /// Which.
    pub(crate) id: BlobId,
    /// What it holds.
    pub(crate) kind: BlobKind,
    /// Bytes before it.
    pub(crate) offset: u32,
    /// Bytes it takes.
    pub(crate) length: u32,
    /// Bytes of its plaintext when it is compressed, otherwise 0.
    pub(crate) uncompressed: u32,
}

/// A pack ready to be stored.
#[derive(Debug)]
pub(crate) struct FullPack {
    /// Its name.
    pub(crate) id: PackId,
    /// Its bytes.
    pub(crate) content: Content,
    /// What it holds.
    pub(crate) blobs: Vec<PackedBlob>,
}

impl OpenPack {
    /// Appends a sealed blob.
    pub(crate) fn push(&mut self, kind: BlobKind, id: BlobId, sealed: &[u8], uncompressed: u32, pack_bytes: u32) {
        if self.bytes.capacity() == 0 {
            self.bytes.reserve_exact(pack_bytes as usize + pack_bytes as usize / 8);
        }
        // A pack is closed soon after its 128 MiB at the most, and a blob has at most 4 GiB by the type of its length.
        let offset = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        let length = u32::try_from(sealed.len()).unwrap_or(u32::MAX);
        self.bytes.extend_from_slice(sealed);
        self.blobs.push(PackedBlob { id, kind, offset, length, uncompressed });
    }

    /// Whether it should be stored now.
    pub(crate) fn is_full(&self, pack_bytes: u32) -> bool {
        self.bytes.len() >= pack_bytes as usize || self.blobs.len() >= PACK_BLOBS_MAX
    }

    /// Whether nothing was added.
    pub(crate) fn is_empty(&self) -> bool {
        self.blobs.is_empty()
    }

    /// Adds the header and names the pack.
    pub(crate) fn close(self, sealer: &Sealer) -> Result<FullPack> {
        let Self { mut bytes, blobs } = self;
        let sealed = sealer.seal_raw(&header(&blobs))?;
        bytes.extend_from_slice(&sealed);
        bytes.extend_from_slice(&u32::try_from(sealed.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.shrink_to_fit();
        let id = PackId(Id::new(Sha256::digest(&bytes).into()));
        Ok(FullPack { id, content: Content::from(bytes), blobs })
    }
}

/// A header's plaintext: type, length, plain length if compressed, and id of each blob, numbers little-endian.
fn header(blobs: &[PackedBlob]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(blobs.len() * COMPRESSED_ENTRY_BYTES);
    for blob in blobs {
        let compressed = blob.uncompressed > 0;
        plain.push(match (blob.kind, compressed) {
            (BlobKind::Data, false) => 0,
            (BlobKind::Tree, false) => 1,
            (BlobKind::Data, true) => 2,
            (BlobKind::Tree, true) => 3,
        });
        plain.extend_from_slice(&blob.length.to_le_bytes());
        if compressed {
            plain.extend_from_slice(&blob.uncompressed.to_le_bytes());
        }
        plain.extend_from_slice(blob.id.as_bytes());
    }
    plain
}

/// Opens the header at the end of a pack, given a part of the pack that ends with it; answers what it lists, in the order of
/// offsets, and the bytes it takes.
///
/// # Errors
/// `Damaged` when it is not a header, or does not fit into `tail`.
pub(crate) fn open_header(key: &MasterKey, tail: &[u8]) -> Result<(Vec<PackedBlob>, usize)> {
    let damaged = |what: &str| Error::new(ErrorKind::Damaged, what);
    let (rest, length) = tail.split_last_chunk::<LENGTH_BYTES>().ok_or_else(|| damaged("it has no header"))?;
    let length = u32::from_le_bytes(*length) as usize;
    let start = rest.len().checked_sub(length).ok_or_else(|| damaged("its header is longer than the pack"))?;
    let mut sealed = rest.get(start..).unwrap_or_default().to_vec();
    let plain = key.open(&mut sealed).ok_or_else(|| damaged("the authentication tag of its header is wrong"))?;
    let blobs = parse_header(plain).ok_or_else(|| damaged("its header is malformed"))?;
    Ok((blobs, length))
}

fn parse_header(mut plain: &[u8]) -> Option<Vec<PackedBlob>> {
    let mut blobs = Vec::with_capacity(plain.len() / ENTRY_BYTES);
    let mut offset = 0_u32;
    while let Some((form, rest)) = plain.split_first() {
        let (kind, compressed) = match form {
            0 => (BlobKind::Data, false),
            1 => (BlobKind::Tree, false),
            2 => (BlobKind::Data, true),
            3 => (BlobKind::Tree, true),
            _ => return None,
        };
        let (length, mut rest) = rest.split_first_chunk::<LENGTH_BYTES>()?;
        let mut uncompressed = 0;
        if compressed {
            let (bytes, behind) = rest.split_first_chunk::<LENGTH_BYTES>()?;
            uncompressed = u32::from_le_bytes(*bytes);
            rest = behind;
        }
        let (id, rest) = rest.split_first_chunk::<32>()?;
        let length = u32::from_le_bytes(*length);
        blobs.push(PackedBlob { id: BlobId(Id::new(*id)), kind, offset, length, uncompressed });
        offset = offset.checked_add(length)?;
        plain = rest;
    }
    Some(blobs)
}

impl Sealed {
    /// Bytes it takes in a pack, with its line of the header.
    pub(crate) fn stored_bytes(&self) -> u64 {
        let entry = if self.uncompressed > 0 { COMPRESSED_ENTRY_BYTES } else { ENTRY_BYTES };
        (self.bytes.len() + entry) as u64
    }
}
