//! restic's encryption: AES-256 in counter mode, authenticated by Poly1305-AES.
//!
//! Stored form: 16 bytes of nonce, the ciphertext, 16 bytes of tag over the ciphertext. Source: restic's design document,
//! "Keys, Encryption and MAC".

mod mac;
#[cfg(target_arch = "x86_64")]
mod wide;

use aes::cipher::{Array, BlockCipherEncrypt as _, Key, KeyInit as _};
use aes::{Aes256, Block};
use bygone_common::Secret;

use mac::MacKey;

/// Bytes of the nonce before a ciphertext.
pub const NONCE_BYTES: usize = 16;
/// Bytes of the tag after a ciphertext.
pub const TAG_BYTES: usize = 16;
/// Bytes that sealing adds to a plaintext.
pub const SEAL_BYTES: usize = NONCE_BYTES + TAG_BYTES;
/// Bytes of a master key: encryption key, then the two halves of the MAC key (`k`, `r`).
pub const KEY_BYTES: usize = 64;
/// Bytes of a block of AES and of Poly1305.
const BLOCK_BYTES: usize = 16;
/// Blocks of key stream made at once: enough for the widest vector units, and few enough to stay in the first cache.
const STREAM_BLOCKS: usize = 128;
/// Bytes that are authenticated and decrypted before the next are touched, while they are in the processor's caches.
const STRIDE_BYTES: usize = 32 << 10;

/// A key that opens sealed bytes: the repository's master key, or the one that scrypt makes of a password.
#[derive(Clone)]
pub struct MasterKey {
    bytes: Secret<[u8; KEY_BYTES]>,
    // The expanded keys: expanding them for every small blob would cost as much as opening it.
    encrypt: Aes256,
    mac: MacKey,
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

impl MasterKey {
    /// A key of its 64 bytes: 32 for encryption, 16 of MAC `k`, 16 of MAC `r`.
    pub fn new(bytes: Secret<[u8; KEY_BYTES]>) -> Self {
        let (mut encrypt, mut k, mut r) = (Key::<Aes256>::default(), [0; BLOCK_BYTES], [0; BLOCK_BYTES]);
        let (first, mac) = bytes.expose().split_at(32);
        encrypt.copy_from_slice(first);
        k.copy_from_slice(mac.split_at(BLOCK_BYTES).0);
        r.copy_from_slice(mac.split_at(BLOCK_BYTES).1);
        Self { encrypt: Aes256::new(&encrypt), mac: MacKey::new(&k, &r), bytes }
    }

    /// The 64 bytes, for those who keep keys.
    pub fn bytes(&self) -> &Secret<[u8; KEY_BYTES]> {
        &self.bytes
    }

    /// Checks the tag and decrypts in place: the returned slice is the plaintext inside `sealed`.
    ///
    /// `None` when the tag does not fit: wrong key, or bytes that changed. `sealed` is then as it was.
    pub fn open<'a>(&self, sealed: &'a mut [u8]) -> Option<&'a mut [u8]> {
        self.open_and_see(sealed, |_| ())
    }

    /// The same, for one who wants to see what was decrypted while it is at hand: all of it so far, each time some comes. What was
    /// seen is of no use when the tag does not fit.
    pub(crate) fn open_and_see<'a>(&self, sealed: &'a mut [u8], mut see: impl FnMut(&[u8])) -> Option<&'a mut [u8]> {
        let (nonce, rest) = sealed.split_first_chunk_mut::<NONCE_BYTES>()?;
        let (text, tag) = rest.split_last_chunk_mut::<TAG_BYTES>()?;
        let (mut mac, mut stream) = (self.mac.begin(nonce), self.stream(nonce));
        let mut opened = 0;
        while opened < text.len() {
            let end = text.len().min(opened + STRIDE_BYTES);
            let stride = text.get_mut(opened..end)?;
            mac.update(stride);
            stream.apply(stride);
            opened = end;
            see(text.get(..opened)?);
        }
        if equal_in_constant_time(&mac.tag(), tag) {
            return Some(text);
        }
        self.stream(nonce).apply(text);
        None
    }

    /// The same into `plain`, which is as long as the plaintext, and holds nothing of use when the tag does not fit.
    pub(crate) fn open_to(&self, sealed: &[u8], plain: &mut [u8]) -> Option<()> {
        let (nonce, text, tag) = parts(sealed)?;
        if text.len() != plain.len() {
            return None;
        }
        let (mut mac, mut stream) = (self.mac.begin(nonce), self.stream(nonce));
        for (from, to) in text.chunks(STRIDE_BYTES).zip(plain.chunks_mut(STRIDE_BYTES)) {
            mac.update(from);
            to.copy_from_slice(from);
            stream.apply(to);
        }
        equal_in_constant_time(&mac.tag(), tag).then_some(())
    }

    /// Whether the tag fits; if not, the key is another one, or bytes changed.
    pub(crate) fn is_of(&self, sealed: &[u8]) -> bool {
        parts(sealed).is_some_and(|(nonce, text, tag)| {
            let mut mac = self.mac.begin(nonce);
            mac.update(text);
            equal_in_constant_time(&mac.tag(), tag)
        })
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
        let (mut mac, mut stream) = (self.mac.begin(&nonce), self.stream(&nonce));
        for stride in text.chunks_mut(STRIDE_BYTES) {
            stream.apply(stride);
            mac.update(stride);
        }
        bytes.extend_from_slice(&mac.tag());
    }

    fn stream(&self, nonce: &[u8; NONCE_BYTES]) -> Stream<'_> {
        Stream { encrypt: &self.encrypt, counter: u128::from_be_bytes(*nonce) }
    }
}

/// Nonce, ciphertext and tag.
fn parts(sealed: &[u8]) -> Option<(&[u8; NONCE_BYTES], &[u8], &[u8; TAG_BYTES])> {
    let (nonce, rest) = sealed.split_first_chunk()?;
    let (text, tag) = rest.split_last_chunk()?;
    Some((nonce, text, tag))
}

/// The key stream of one nonce.
struct Stream<'a> {
    encrypt: &'a Aes256,
    counter: u128,
}

impl Stream<'_> {
    /// Encrypts or decrypts what comes next. All but the last are whole blocks.
    fn apply(&mut self, bytes: &mut [u8]) {
        let mut blocks = [Block::default(); STREAM_BLOCKS];
        for bytes in bytes.chunks_mut(STREAM_BLOCKS * BLOCK_BYTES) {
            let Some(blocks) = blocks.get_mut(..bytes.len().div_ceil(BLOCK_BYTES)) else { return };
            for block in &mut *blocks {
                *block = Array(self.counter.to_be_bytes());
                self.counter = self.counter.wrapping_add(1);
            }
            self.encrypt.encrypt_blocks(blocks);
            let stream = Array::slice_as_flattened(blocks);
            bytes.iter_mut().zip(stream).for_each(|(byte, stream)| *byte ^= stream);
        }
    }
}

fn equal_in_constant_time(left: &[u8; TAG_BYTES], right: &[u8; TAG_BYTES]) -> bool {
    left.iter().zip(right).fold(0, |seen, (a, b)| seen | (a ^ b)) == 0
}

const _: () =
    assert!(STRIDE_BYTES.is_multiple_of(STREAM_BLOCKS * BLOCK_BYTES) && STRIDE_BYTES.is_multiple_of(mac::GROUP_BYTES));

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
        for length in [0, 1, 15, 16, 17, 1000, STRIDE_BYTES, STRIDE_BYTES + 1, 3 * STRIDE_BYTES - 5] {
            let plain = vec![7; length];
            let mut sealed = key().seal([9; 16], &plain);
            let mut copy = vec![0; length];
            key().open_to(&sealed, &mut copy).unwrap();
            assert_eq!(copy, plain);
            assert!(key().is_of(&sealed) && key().open_to(&sealed, &mut vec![0; length + 1]).is_none());
            assert_eq!(key().open(&mut sealed).unwrap(), plain);
        }
    }

    /// NIST SP 800-38A, F.5.5, at the end of the counter's range too.
    #[test]
    fn the_key_stream_is_that_of_the_standard() {
        let unhex = |text: &str| hex::decode(text).unwrap();
        let encrypt =
            Aes256::new_from_slice(&unhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")).unwrap();
        let counter = 0xf0f1_f2f3_f4f5_f6f7_f8f9_fafb_fcfd_feff;
        let mut text = unhex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
        Stream { encrypt: &encrypt, counter }.apply(&mut text);
        assert_eq!(text, unhex("601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"));
        let (mut last, mut first) = ([0; 32], [0; 16]);
        Stream { encrypt: &encrypt, counter: u128::MAX }.apply(&mut last);
        Stream { encrypt: &encrypt, counter: 0 }.apply(&mut first);
        assert_eq!(last[16..], first);
    }

    #[test]
    fn a_flipped_bit_anywhere_is_refused() {
        let sealed = key().seal([9; 16], b"plaintext of a blob");
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            let before = damaged.clone();
            assert!(key().open(&mut damaged).is_none(), "byte {at}");
            assert!(!key().is_of(&damaged) && key().open_to(&damaged, &mut [0; 19]).is_none(), "byte {at}");
            assert_eq!(damaged, before, "what is not opened stays as it was");
        }
    }

    #[test]
    fn bytes_too_short_to_be_sealed_are_refused() {
        assert!(key().open(&mut [0; SEAL_BYTES - 1]).is_none());
    }
}
