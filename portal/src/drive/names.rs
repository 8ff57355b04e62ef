//! Names of trees and blobs that mean something only to the person they were made for: ids, enciphered. Whoever was shown a
//! name may come back with it; a name that was never shown deciphers to an id that nothing has.
//!
//! The key follows from the person, the source, the repository and every rule that holds for them there: when their rights
//! change, all names end. Nothing is stored, so that any replica knows them, and a restart forgets none.

use bygone_common::{BlobId, Id, RepositoryUid, Secret, TreeId};
use bygone_store::Actor;
use bygone_store::access::SourceAccess;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Bytes of the key that all names are made with.
pub const NAMING_KEY_BYTES: usize = 32;
/// Half an id.
const HALF_BYTES: usize = 16;
/// Four rounds make a cipher of a function that nobody can guess (Luby and Rackoff).
const ROUNDS: u8 = 4;

/// What something is named as. Names of one kind mean nothing as another.
#[derive(Debug, Clone, Copy)]
#[repr(u8)]
enum Kind {
    /// A tree, all below which may be seen and taken away.
    Tree = 1,
    /// A tree of which a part is shown: named by its place, and asked for by it.
    Part = 2,
    /// A blob that may be taken away.
    Blob = 3,
    /// A blob that may not: its name tells it from others, and gives it to nobody.
    Withheld = 4,
}

/// The names that one person has for what lies in one repository of a source.
pub(crate) struct Names(Hmac<Sha256>);

impl std::fmt::Debug for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Names(…)")
    }
}

impl Names {
    pub(crate) fn new(
        key: &Secret<[u8; NAMING_KEY_BYTES]>,
        actor: &Actor,
        source: &SourceAccess,
        repository: RepositoryUid,
    ) -> Self {
        let rules = source.access().rules();
        let whose = format!("{}\0{}\0{repository}\0{rules:?}", actor.who(), source.source().uid);
        let mut mac = keyed(key.expose());
        mac.update(whose.as_bytes());
        let key: [u8; NAMING_KEY_BYTES] = mac.finalize().into_bytes().into();
        Self(keyed(&key))
    }

    pub(crate) fn tree(&self, id: TreeId) -> TreeId {
        TreeId(self.encipher(Kind::Tree, id.0))
    }

    pub(crate) fn tree_of(&self, name: TreeId) -> TreeId {
        TreeId(self.decipher(Kind::Tree, name.0))
    }

    /// The name of what is shown of a tree at a place.
    pub(crate) fn part(&self, snapshot: &str, path: &[u8]) -> TreeId {
        let mut mac = self.0.clone();
        mac.update(&[Kind::Part as u8]);
        mac.update(snapshot.as_bytes());
        mac.update(&[0]);
        mac.update(path);
        TreeId(Id::new(mac.finalize().into_bytes().into()))
    }

    pub(crate) fn blob(&self, id: BlobId, may_be_taken: bool) -> BlobId {
        BlobId(self.encipher(if may_be_taken { Kind::Blob } else { Kind::Withheld }, id.0))
    }

    pub(crate) fn blob_of(&self, name: BlobId) -> BlobId {
        BlobId(self.decipher(Kind::Blob, name.0))
    }

    fn encipher(&self, kind: Kind, id: Id) -> Id {
        let (mut left, mut right) = halves(id);
        for round in 0..ROUNDS {
            let mixed = self.mix(kind, round, right);
            (left, right) = (right, xor(left, mixed));
        }
        whole(left, right)
    }

    fn decipher(&self, kind: Kind, name: Id) -> Id {
        let (mut left, mut right) = halves(name);
        for round in (0..ROUNDS).rev() {
            let mixed = self.mix(kind, round, left);
            (left, right) = (xor(right, mixed), left);
        }
        whole(left, right)
    }

    fn mix(&self, kind: Kind, round: u8, half: [u8; HALF_BYTES]) -> [u8; HALF_BYTES] {
        let mut mac = self.0.clone();
        mac.update(&[kind as u8, round]);
        mac.update(&half);
        let digest: [u8; 2 * HALF_BYTES] = mac.finalize().into_bytes().into();
        halves(Id::new(digest)).0
    }
}

fn keyed(key: &[u8; NAMING_KEY_BYTES]) -> Hmac<Sha256> {
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    // A block is longer than the key; the rest is zero, as HMAC pads.
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    Hmac::new(&block)
}

fn halves(id: Id) -> ([u8; HALF_BYTES], [u8; HALF_BYTES]) {
    let (mut left, mut right) = ([0; HALF_BYTES], [0; HALF_BYTES]);
    let (first, second) = id.as_bytes().split_at(HALF_BYTES);
    left.copy_from_slice(first);
    right.copy_from_slice(second);
    (left, right)
}

fn whole(left: [u8; HALF_BYTES], right: [u8; HALF_BYTES]) -> Id {
    let mut bytes = [0; 2 * HALF_BYTES];
    let (first, second) = bytes.split_at_mut(HALF_BYTES);
    first.copy_from_slice(&left);
    second.copy_from_slice(&right);
    Id::new(bytes)
}

fn xor(mut left: [u8; HALF_BYTES], right: [u8; HALF_BYTES]) -> [u8; HALF_BYTES] {
    for (to, with) in left.iter_mut().zip(right) {
        *to ^= with;
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(byte: u8) -> Names {
        Names(keyed(&[byte; NAMING_KEY_BYTES]))
    }

    #[test]
    fn names_lead_back_to_whoever_they_were_made_for_and_to_no_other() {
        for byte in 0..50 {
            let (id, mine, other) = (Id::new([byte; 32]), names(1), names(2));
            let name = mine.blob(BlobId(id), true);
            assert_ne!(name.0, id);
            assert_eq!(mine.blob_of(name), BlobId(id));
            assert_ne!(other.blob_of(name), BlobId(id));
            assert_ne!(mine.blob_of(mine.blob(BlobId(id), false)), BlobId(id), "withheld");
            assert_ne!(mine.tree_of(TreeId(name.0)), TreeId(id), "another kind");
            assert_eq!(mine.tree_of(mine.tree(TreeId(id))), TreeId(id));
        }
    }

    #[test]
    fn parts_are_named_by_their_place() {
        let names = names(1);
        assert_eq!(names.part("a", b"/b"), names.part("a", b"/b"));
        assert_ne!(names.part("a", b"/b"), names.part("a", b"/c"));
        assert_ne!(names.part("a", b"/b"), names.part("b", b"/b"));
    }
}
