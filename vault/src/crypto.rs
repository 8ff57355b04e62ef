//! restic's encryption: AES-256 in counter mode, authenticated by Poly1305-AES.
//!
//! Stored form: 16 bytes of nonce, the ciphertext, 16 bytes of tag over the ciphertext. Source: restic's design document,
//! "Keys, Encryption and MAC".

use aes::cipher::generic_array::GenericArray;
use aes::cipher::{BlockEncrypt, InnerIvInit, KeyInit, StreamCipher, StreamCipherCoreWrapper};
use aes::{Aes128, Aes256};
use bygone_common::Secret;
use ctr::CtrCore;
use ctr::flavors::Ctr128BE;
use poly1305::Poly1305;
use poly1305::universal_hash::UniversalHash as _;

/// Bytes of the nonce before a ciphertext.
pub const NONCE_BYTES: usize = 16;
/// Bytes of the tag after a ciphertext.
pub const TAG_BYTES: usize = 16;
/// Bytes that sealing adds to a plaintext.
pub const SEAL_BYTES: usize = NONCE_BYTES + TAG_BYTES;
/// Bytes of a master key: encryption key, then the two halves of the MAC key (`k`, `r`).
pub const KEY_BYTES: usize = 64;

/// A key that opens sealed bytes: the repository's master key, or the one that scrypt makes of a password.
#[derive(Clone)]
pub struct MasterKey {
    bytes: Secret<[u8; KEY_BYTES]>,
    // The expanded keys: expanding them for every small blob would cost as much as opening it.
    encrypt: Aes256,
    mac_k: Aes128,
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

impl MasterKey {
    /// A key of its 64 bytes: 32 for encryption, 16 of MAC `k`, 16 of MAC `r`.
    pub fn new(bytes: Secret<[u8; KEY_BYTES]>) -> Self {
        let (encrypt, mac) = bytes.expose().split_at(32);
        let (mac_k, _) = mac.split_at(16);
        Self {
            encrypt: Aes256::new(GenericArray::from_slice(encrypt)),
            mac_k: Aes128::new(GenericArray::from_slice(mac_k)),
            bytes,
        }
    }

    /// The 64 bytes, for those who keep keys.
    pub fn bytes(&self) -> &Secret<[u8; KEY_BYTES]> {
        &self.bytes
    }

    /// Checks the tag, then decrypts in place: the returned slice is the plaintext inside `sealed`.
    ///
    /// `None` when the tag does not fit: wrong key, or bytes that changed. `sealed` is then as it was.
    pub fn open<'a>(&self, sealed: &'a mut [u8]) -> Option<&'a mut [u8]> {
        let nonce = *self.authenticate(sealed)?.nonce;
        let end = sealed.len().checked_sub(TAG_BYTES)?;
        let text = sealed.get_mut(NONCE_BYTES..end)?;
        self.keystream(&nonce).apply_keystream(text);
        Some(text)
    }

    /// Checks the tag. `None` when it does not fit: wrong key, or bytes that changed.
    pub(crate) fn authenticate<'a>(&'a self, sealed: &'a [u8]) -> Option<Authenticated<'a>> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let (text, tag) = rest.split_last_chunk::<TAG_BYTES>()?;
        equal_in_constant_time(&self.tag(nonce, text), tag).then_some(Authenticated { key: self, nonce, text })
    }

    /// Seals a plaintext under a nonce that must never be used twice with this key.
    pub fn seal(&self, nonce: [u8; NONCE_BYTES], plain: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(plain.len() + SEAL_BYTES);
        sealed.resize(NONCE_BYTES, 0);
        sealed.extend_from_slice(plain);
        self.seal_in_place(nonce, &mut sealed);
        sealed
    }

    /// The same for a plaintext that stands behind [`NONCE_BYTES`] of room already.
    pub(crate) fn seal_in_place(&self, nonce: [u8; NONCE_BYTES], bytes: &mut Vec<u8>) {
        let Some((room, text)) = bytes.split_at_mut_checked(NONCE_BYTES) else { return };
        room.copy_from_slice(&nonce);
        self.keystream(&nonce).apply_keystream(text);
        let tag = self.tag(&nonce, text);
        bytes.extend_from_slice(&tag);
    }

    fn keystream(&self, nonce: &[u8; NONCE_BYTES]) -> StreamCipherCoreWrapper<CtrCore<Aes256, Ctr128BE>> {
        StreamCipherCoreWrapper::from_core(CtrCore::inner_iv_init(
            self.encrypt.clone(),
            GenericArray::from_slice(nonce),
        ))
    }

    /// Poly1305 under the one-time key `r ‖ AES_k(nonce)`.
    fn tag(&self, nonce: &[u8; NONCE_BYTES], text: &[u8]) -> [u8; TAG_BYTES] {
        let mut one_time_key = [0; 32];
        let (r, s) = one_time_key.split_at_mut(16);
        r.copy_from_slice(self.bytes.expose().split_at(48).1);
        s.copy_from_slice(nonce);
        self.mac_k.encrypt_block(GenericArray::from_mut_slice(s));
        let mut mac = Poly1305::new(GenericArray::from_slice(&one_time_key));
        let (blocks, tail) = text.as_chunks::<{ poly1305::BLOCK_SIZE }>();
        // SAFETY: a `poly1305::Block` is 16 bytes without alignment or padding, as `[u8; 16]` is; count and lifetime
        // are those of `blocks`. Handed over together, blocks are processed four at a time.
        let blocks = unsafe { std::slice::from_raw_parts(blocks.as_ptr().cast::<poly1305::Block>(), blocks.len()) };
        mac.update(blocks);
        mac.compute_unpadded(tail).into()
    }
}

/// Sealed bytes whose tag was checked.
pub(crate) struct Authenticated<'a> {
    key: &'a MasterKey,
    nonce: &'a [u8; NONCE_BYTES],
    text: &'a [u8],
}

impl Authenticated<'_> {
    /// Decrypts into `plain`. `None` when that is not as long as the plaintext.
    pub(crate) fn decrypt_to(&self, plain: &mut [u8]) -> Option<()> {
        self.key.keystream(self.nonce).apply_keystream_b2b(self.text, plain).ok()
    }
}

fn equal_in_constant_time(left: &[u8; TAG_BYTES], right: &[u8; TAG_BYTES]) -> bool {
    left.iter().zip(right).fold(0, |seen, (a, b)| seen | (a ^ b)) == 0
}

const _: () =
    assert!(size_of::<poly1305::Block>() == poly1305::BLOCK_SIZE && align_of::<poly1305::Block>() == align_of::<u8>(),);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn key() -> MasterKey {
        let mut bytes = [0_u8; KEY_BYTES];
        bytes.iter_mut().zip(1..).for_each(|(byte, value)| *byte = value);
        MasterKey::new(Secret::new(bytes))
    }

    #[test]
    fn what_is_sealed_opens_again() {
        for length in [0, 1, 15, 16, 17, 1000] {
            let plain = vec![7; length];
            let mut sealed = key().seal([9; 16], &plain);
            let mut copy = vec![0; length];
            key().authenticate(&sealed).unwrap().decrypt_to(&mut copy).unwrap();
            assert_eq!(copy, plain);
            assert_eq!(key().open(&mut sealed).unwrap(), plain);
        }
    }

    #[test]
    fn a_flipped_bit_anywhere_is_refused() {
        let sealed = key().seal([9; 16], b"plaintext of a blob");
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert!(key().open(&mut damaged).is_none(), "byte {at}");
        }
    }

    #[test]
    fn bytes_too_short_to_be_sealed_are_refused() {
        assert!(key().open(&mut [0; SEAL_BYTES - 1]).is_none());
    }
}
