//! What is to be written into a file: pieces that are shared and cut, but never copied together.

use bygone_common::plan::StorageClass;
use bytes::Bytes;
use sha2::{Digest, Sha256};

/// The content of a file, in pieces of any size. A clone shares the bytes.
#[derive(Debug, Clone, Default)]
pub struct Content {
    pieces: Vec<Bytes>,
    len: u64,
    class: StorageClass,
}

impl Content {
    /// The same, to be kept in a class of storage or in a colder one.
    #[must_use]
    pub fn in_class(self, class: StorageClass) -> Self {
        Self { class, ..self }
    }

    /// The class of storage that it is to be kept in, unless the storage is told a colder one.
    pub fn class(&self) -> StorageClass {
        self.class
    }

    /// Bytes of all pieces together.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there is no byte at all.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The pieces in order; some may be empty.
    pub fn pieces(&self) -> &[Bytes] {
        &self.pieces
    }

    /// The SHA-256 of all pieces together: the name of every file but the config.
    pub fn sha256(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for piece in &self.pieces {
            hash.update(piece);
        }
        hash.finalize().into()
    }

    /// All of it in one buffer: a copy.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut whole = Vec::with_capacity(usize::try_from(self.len).unwrap_or(0));
        for piece in &self.pieces {
            whole.extend_from_slice(piece);
        }
        whole
    }

    /// The `len` bytes from `offset` on, or fewer where the content ends. Shares the bytes.
    pub fn part(&self, offset: u64, len: u64) -> Self {
        let (mut skip, mut left) = (offset, len);
        let mut pieces = Vec::new();
        for piece in &self.pieces {
            let size = piece.len() as u64;
            if skip >= size {
                skip -= size;
                continue;
            }
            let take = left.min(size - skip);
            if take == 0 {
                break;
            }
            // Both are at most the length of a piece in memory.
            let (start, end) = (skip as usize, (skip + take) as usize);
            pieces.push(piece.slice(start..end));
            skip = 0;
            left -= take;
        }
        Self::from_iter(pieces)
    }
}

impl FromIterator<Bytes> for Content {
    fn from_iter<I: IntoIterator<Item = Bytes>>(pieces: I) -> Self {
        let pieces: Vec<Bytes> = pieces.into_iter().collect();
        let len = pieces.iter().map(|piece| piece.len() as u64).sum();
        Self { pieces, len, class: StorageClass::default() }
    }
}

impl From<Bytes> for Content {
    fn from(piece: Bytes) -> Self {
        Self::from_iter([piece])
    }
}

impl From<Vec<u8>> for Content {
    fn from(piece: Vec<u8>) -> Self {
        Self::from(Bytes::from(piece))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces() -> Content {
        [b"01".as_slice(), b"", b"2345", b"6"].map(Bytes::from_static).into_iter().collect()
    }

    #[test]
    fn a_part_is_the_slice_of_the_whole() {
        let content = pieces();
        let whole = content.to_vec();
        assert_eq!((content.len(), whole.as_slice()), (7, b"0123456".as_slice()));
        for start in 0..=8 {
            for len in 0..=8 {
                let end = (start + len).min(whole.len());
                let expected = whole.get(start.min(end)..end).unwrap_or_default();
                assert_eq!(content.part(start as u64, len as u64).to_vec(), expected, "{start}+{len}");
            }
        }
    }

    #[test]
    fn the_hash_does_not_depend_on_the_pieces() {
        let content = pieces();
        assert_eq!(content.sha256(), Content::from(content.to_vec()).sha256());
        assert_ne!(content.sha256(), content.part(1, 6).sha256());
    }
}
