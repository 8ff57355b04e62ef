//! Trees and blobs on the wire, one frame each, in any order. A frame is the position in the request (4 bytes), a kind (1), the
//! length of what follows (4), and that; numbers are little-endian.

use serde::{Deserialize, Serialize};

use crate::id::ID_BYTES;
use crate::{BlobId, Id, TreeId};

/// Bytes of a frame at most: the directory of millions of names.
pub const FRAME_BYTES_MAX: usize = 1 << 30;

const HEAD_BYTES: usize = 9;
const TREE: u8 = 1;
const BLOB: u8 = 2;
const FAULT: u8 = 3;

/// What is answered to one id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// A tree.
    Tree(ServedTree),
    /// A blob's plaintext.
    Blob(Vec<u8>),
    /// Neither.
    Fault(Fault),
}

/// A tree as it is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServedTree {
    /// As restic writes it, with the server's names.
    pub json: Vec<u8>,
    /// The lengths of the blobs of files that have more than one.
    pub lengths: Vec<(BlobId, u32)>,
    /// Directories in it of which only a part is shown: the name they go by in `json`, and their name in the tree.
    pub partial: Vec<(TreeId, Vec<u8>)>,
}

/// Why something is not given out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What kind of reason.
    pub kind: FaultKind,
    /// A sentence.
    pub detail: String,
}

/// What kind of reason there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// It may not be read; or not any more.
    Denied,
    /// Its bytes are not what they were.
    Damaged,
    /// The storage does not answer.
    Unavailable,
    /// Anything else.
    #[serde(other)]
    Failed,
}

/// What is no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

/// One frame.
pub fn frame(position: u32, frame: &Frame) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD_BYTES);
    bytes.extend(position.to_le_bytes());
    bytes.extend([0; HEAD_BYTES - 4]);
    let kind = match frame {
        Frame::Tree(tree) => {
            put_tree(&mut bytes, tree);
            TREE
        }
        Frame::Blob(plain) => {
            bytes.extend_from_slice(plain);
            BLOB
        }
        Frame::Fault(fault) => {
            // A kind and a sentence: it can always be written.
            bytes.extend(serde_json::to_vec(fault).unwrap_or_default());
            FAULT
        }
    };
    let length = u32::try_from(bytes.len() - HEAD_BYTES).unwrap_or(u32::MAX);
    if let Some(head) = bytes.get_mut(4..HEAD_BYTES) {
        let [a, b, c, d] = length.to_le_bytes();
        head.copy_from_slice(&[kind, a, b, c, d]);
    }
    bytes
}

fn put_tree(bytes: &mut Vec<u8>, tree: &ServedTree) {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
    bytes.extend(count(tree.lengths.len()));
    for (blob, length) in &tree.lengths {
        bytes.extend(blob.as_bytes());
        bytes.extend(length.to_le_bytes());
    }
    bytes.extend(count(tree.partial.len()));
    for (id, name) in &tree.partial {
        bytes.extend(id.as_bytes());
        bytes.extend(count(name.len()));
        bytes.extend(name);
    }
    bytes.extend_from_slice(&tree.json);
}

/// Puts frames together from the pieces in which they arrive.
#[derive(Debug, Default)]
pub struct Frames {
    bytes: Vec<u8>,
    /// How many of them are done with.
    used: usize,
}

impl Frames {
    /// Takes a piece.
    pub fn feed(&mut self, piece: &[u8]) {
        self.bytes.drain(..self.used);
        self.used = 0;
        self.bytes.extend_from_slice(piece);
    }

    /// The next frame and its position; none until more has arrived.
    ///
    /// # Errors
    /// What arrived is no frame.
    pub fn next_frame(&mut self) -> Result<Option<(u32, Frame)>, Malformed> {
        let mut reader = Reader(self.bytes.get(self.used..).unwrap_or_default());
        let (Some(position), Some(&[kind])) = (reader.number(), reader.take(1)) else { return Ok(None) };
        let Some(length) = reader.number() else { return Ok(None) };
        let length = usize::try_from(length).ok().filter(|length| *length <= FRAME_BYTES_MAX).ok_or(Malformed)?;
        let Some(payload) = reader.take(length) else { return Ok(None) };
        let frame = match kind {
            TREE => Frame::Tree(tree(payload).ok_or(Malformed)?),
            BLOB => Frame::Blob(payload.to_vec()),
            FAULT => Frame::Fault(serde_json::from_slice(payload).map_err(|_| Malformed)?),
            _ => return Err(Malformed),
        };
        self.used += HEAD_BYTES + length;
        Ok(Some((position, frame)))
    }

    /// Whether everything that arrived was used.
    pub fn is_empty(&self) -> bool {
        self.used == self.bytes.len()
    }
}

fn tree(payload: &[u8]) -> Option<ServedTree> {
    let mut reader = Reader(payload);
    let mut tree = ServedTree::default();
    for _ in 0..reader.number()? {
        tree.lengths.push((BlobId(reader.id()?), reader.number()?));
    }
    for _ in 0..reader.number()? {
        let id = TreeId(reader.id()?);
        let length = usize::try_from(reader.number()?).ok()?;
        tree.partial.push((id, reader.take(length)?.to_vec()));
    }
    tree.json = reader.0.to_vec();
    Some(tree)
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn id(&mut self) -> Option<Id> {
        Some(Id::new(self.take(ID_BYTES)?.try_into().ok()?))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn any_frame() -> impl Strategy<Value = Frame> {
        let id = any::<[u8; ID_BYTES]>().prop_map(Id::new);
        let bytes = proptest::collection::vec(any::<u8>(), 0..200);
        let lengths = proptest::collection::vec((id.clone().prop_map(BlobId), any::<u32>()), 0..4);
        let partial = proptest::collection::vec((id.prop_map(TreeId), bytes.clone()), 0..4);
        prop_oneof![
            (bytes.clone(), lengths, partial).prop_map(|(json, lengths, partial)| Frame::Tree(ServedTree {
                json,
                lengths,
                partial
            })),
            bytes.prop_map(Frame::Blob),
            ".*".prop_map(|detail| Frame::Fault(Fault { kind: FaultKind::Damaged, detail })),
        ]
    }

    proptest! {
        #[test]
        fn frames_arrive_as_they_were_sent_in_whatever_pieces(
            sent in proptest::collection::vec((any::<u32>(), any_frame()), 0..6), piece in 1_usize..50,
        ) {
            let bytes: Vec<u8> = sent.iter().flat_map(|(position, one)| frame(*position, one)).collect();
            let (mut frames, mut arrived) = (Frames::default(), Vec::new());
            for piece in bytes.chunks(piece) {
                frames.feed(piece);
                while let Some(one) = frames.next_frame().unwrap() {
                    arrived.push(one);
                }
            }
            prop_assert!(frames.is_empty());
            prop_assert_eq!(arrived, sent);
        }

        #[test]
        fn whatever_arrives_is_refused_or_waited_for(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut frames = Frames::default();
            frames.feed(&bytes);
            while let Ok(Some(_)) = frames.next_frame() {}
        }
    }

    #[test]
    fn what_is_no_frame_is_refused() {
        let mut frames = Frames::default();
        frames.feed(&[0, 0, 0, 0, 9, 0, 0, 0, 0]);
        assert_eq!(frames.next_frame(), Err(Malformed));
        let mut frames = Frames::default();
        frames.feed(&[0, 0, 0, 0, BLOB, 255, 255, 255, 255]);
        assert_eq!(frames.next_frame(), Err(Malformed), "it would be waited for for ever");
    }
}
