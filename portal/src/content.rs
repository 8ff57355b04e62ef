//! What a file holds, as one short name: the same for the same content in any snapshot of a repository.

use bygone_common::BlobId;
use bygone_vault::{Node, NodeKind};
use sha2::{Digest, Sha256};

/// Bytes of a content's name: enough that no two contents share one.
const NAME_BYTES: usize = 16;

/// The name of the content that these blobs make up.
pub fn of_blobs(blobs: &[BlobId]) -> String {
    let mut hasher = Sha256::new();
    for blob in blobs {
        hasher.update(blob.as_bytes());
    }
    hex::encode(hasher.finalize().get(..NAME_BYTES).unwrap_or_default())
}

/// The name of a file's content; none of what has none.
pub fn of(node: Node<'_>) -> Option<String> {
    (node.kind() == NodeKind::File).then(|| of_blobs(node.content()))
}
